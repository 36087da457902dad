"""What the answer to an old secret says of its end: Deprecation (RFC 9745), Sunset (RFC 8594)."""

from typing import Any

from django.utils.encoding import iri_to_uri
from django.utils.http import http_date

from apitokens.conf import conf
from apitokens.links import named_or_literal
from apitokens.models import LegacyCredential


def announce_end(request: Any, credential: LegacyCredential) -> None:
    """Let the answer to DRF's *request*, whatever it becomes, say that *credential* will end.

    DRF gives every answer of a view, refusals by permission or throttle too, to the view's
    ``finalize_response``. The view lives for one request, so what is put on it here ends with it;
    and no middleware is needed, which a host would have to order and could forget.
    """
    view = (getattr(request, "parser_context", None) or {}).get("view")
    if view is None:
        return
    finalize = view.finalize_response

    def finalize_and_tell(*args: Any, **kwargs: Any) -> Any:
        response = finalize(*args, **kwargs)
        _tell(response, credential)
        return response

    view.finalize_response = finalize_and_tell


def _tell(response: Any, credential: LegacyCredential) -> None:
    """What the host itself said of this address stands: its end may come first."""
    response.headers.setdefault("Deprecation", f"@{int(credential.imported_at.timestamp())}")
    response.headers.setdefault("Sunset", http_date(credential.ends_at.timestamp()))
    if url := named_or_literal(conf.docs_url):
        link = f'<{iri_to_uri(url)}>; rel="deprecation"'
        known = response.headers.get("Link")
        response.headers["Link"] = f"{known}, {link}" if known else link
