"""Where candidates' files are kept, and how large they and other bodies may be."""

from typing import Any


def file_settings(env: Any, *, var_dir: Any) -> dict[str, Any]:
    return {
        # Outside of everything that a web server hands out, see docs/operate.md.
        "PRIVATE_MEDIA_ROOT": env.path("PRIVATE_MEDIA_ROOT", default=str(var_dir / "private")),
        # The external API has a limit of its own, the same one (candidates/external/parsers.py).
        "DATA_UPLOAD_MAX_MEMORY_SIZE": 1024 * 1024,
        "DATA_UPLOAD_MAX_NUMBER_FIELDS": 1000,
        "DATA_UPLOAD_MAX_NUMBER_FILES": 10,
        "FILE_UPLOAD_HANDLERS": [
            "svportal.uploads.BoundedUploadHandler",
            "django.core.files.uploadhandler.MemoryFileUploadHandler",
            "django.core.files.uploadhandler.TemporaryFileUploadHandler",
        ],
    }
