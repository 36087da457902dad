"""A candidate's files, handed out to whoever may see the candidate."""

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.utils.cache import add_never_cache_headers
from django.views.generic import View

from apitokens.attribution import actor_of
from candidates.models import Document
from candidates.pages.base import CompanyPage
from candidates.services.content_types import KNOWN
from candidates.services.documents import record_opened

POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"


class DocumentDownload(CompanyPage, View):
    """One file, saved and never shown: nothing in it runs as a page of ours."""

    http_method_names = ["get"]

    def get(self, request, pk, document_pk):
        document = get_object_or_404(
            Document.objects.select_related("candidate").filter(candidate__in=self.candidates),
            candidate=pk,
            pk=document_pk,
            file__gt="",
        )
        response = handed_out(document)
        record_opened(document, actor_of(request))
        return response


def handed_out(document):
    """The file as an attachment under its given name, its type one of ours."""
    try:
        file = document.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    known = document.content_type in KNOWN
    response = FileResponse(
        file,
        as_attachment=True,
        filename=document.name,
        content_type=document.content_type if known else "application/octet-stream",
    )
    response["Content-Security-Policy"] = POLICY
    add_never_cache_headers(response)
    return response
