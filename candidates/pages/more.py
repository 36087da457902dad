"""HR sends what a check lacks, in the candidate's place."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import View

from apitokens.attribution import actor_of
from candidates.intake.more import MorePages
from candidates.pages.base import CompanyPage
from candidates.visibility import may_hold_and_close


class MoreOfCandidate(CompanyPage, MorePages, View):
    """For Admins and HR, of those they see."""

    http_method_names = ["get", "post"]
    template = "candidates/more.html"
    address = None

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and not may_hold_and_close(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.actor = actor_of(request) if request.user.is_authenticated else None

    @property
    def candidate(self):
        if "found" not in self.__dict__:
            rows = self.candidates.select_related("case")
            self.found = get_object_or_404(rows, pk=self.kwargs["pk"])
        return self.found

    def leave(self):
        messages.info(self.request, _("Nothing is missing any more."))
        return redirect("candidates:detail", pk=self.candidate.pk)
