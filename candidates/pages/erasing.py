"""An Admin erases a candidate: what goes and what stays by GET, the act by POST."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from apitokens.attribution import actor_of
from candidates.pages.base import CompanyPage
from candidates.services.erasure import erase
from candidates.visibility import may_erase


class Erase(CompanyPage, TemplateView):
    """403 for anybody but an Admin; 404 for another company's as for none."""

    template_name = "candidates/erase.html"
    http_method_names = ["get", "post"]

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and not may_erase(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, pk):
        candidate = self.found(pk)
        if candidate.is_erased:
            return self.leave(pk)
        return self.render_to_response(
            self.get_context_data(candidate=candidate, files=candidate.documents.count())
        )

    def post(self, request, pk):
        if not erase(candidate=self.found(pk), actor=actor_of(request)):
            return self.leave(pk)
        messages.success(request, _("The personal data is erased."))
        return redirect("candidates:detail", pk=pk)

    def found(self, pk):
        return get_object_or_404(self.candidates.for_list(), pk=pk)

    def leave(self, pk):
        messages.info(self.request, _("The personal data was erased before."))
        return redirect("candidates:detail", pk=pk)
