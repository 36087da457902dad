"""Static files in production: named by their content, compressed once when they are collected."""

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class GzippedManifestStorage(CompressedManifestStaticFilesStorage):
    """By gzip alone. WhiteNoise takes brotli as well once some package has brought it (WeasyPrint
    does), and then collecting takes ten times as long.
    """

    def create_compressor(self, **kwargs: Any) -> Any:
        return super().create_compressor(use_brotli=False, **kwargs)
