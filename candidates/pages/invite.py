"""The button that sends the candidate their link, once more or for the first time."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import View

from apitokens.attribution import actor_of
from candidates.intake.mail import base_url_of, may_send_again, send_invitation
from candidates.pages.base import CompanyPage
from candidates.services.checks import asked_of
from candidates.visibility import may_hold_and_close


def may_invite(user, candidate, asks):
    """Whether the button is there: for Admins and HR, while the candidate has something to do."""
    case = candidate.case
    if not (may_hold_and_close(user) and candidate.email) or case.is_finished:
        return False
    is_done = case.submitted_at is not None and case.consented_at is not None
    return not is_done or asks


class SendAgain(CompanyPage, View):
    http_method_names = ["post"]

    def post(self, request, pk):
        if not may_hold_and_close(request.user):
            raise PermissionDenied
        candidate = get_object_or_404(self.candidates.select_related("case", "company"), pk=pk)
        if not may_invite(request.user, candidate, asks=bool(asked_of(candidate.case))):
            messages.error(request, _("There is no e-mail, or nothing is left to do."))
        elif not may_send_again(request, candidate):
            messages.error(request, _("It was sent three times within the hour. Try again later."))
        elif send_invitation(candidate, actor_of(request), base_url_of(request)):
            messages.success(request, _("The form is sent to %s.") % candidate.email)
        else:
            messages.error(request, _("The mail could not be sent. Try again later."))
        return redirect("candidates:detail", pk=pk)
