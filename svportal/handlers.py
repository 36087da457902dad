"""Requests whose Content-Type can't break them before any handler sees them.

Django looks the charset up among all codecs, text or not, and decodes the query string with it:
``charset=rot13`` or a broken RFC 2231 parameter raises out of the request's constructor, where no
middleware and no error handler is yet. Here such a charset counts as not sent; whoever reads the
body judges the header itself.
"""

from django.core.exceptions import BadRequest
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest


class AnyContentType:
    def _set_content_type_params(self, meta):
        try:
            super()._set_content_type_params(meta)
        except (BadRequest, LookupError, ValueError):
            self.content_type, self.content_params = "", {}
            self._encoding = None


class PortalWSGIRequest(AnyContentType, WSGIRequest):
    pass


class PortalASGIRequest(AnyContentType, ASGIRequest):
    pass


class PortalWSGIHandler(WSGIHandler):
    request_class = PortalWSGIRequest


class PortalASGIHandler(ASGIHandler):
    request_class = PortalASGIRequest
