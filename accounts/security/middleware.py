"""The one place where a company's rules meet its people's sessions: before any view runs."""

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse

from accounts.security import audit
from accounts.security.rules import refusal
from accounts.security.sessions import note_activity, visit_of
from apitokens.views.base import wants_json

WITHOUT_SESSIONS = ("/external/", "/healthz", "/readyz", "/integrations/in/")
"""Below these no session opens anything: tokens, probes and signed messages are never asked."""

WAYS_OUT = {
    "password-expired": ("password_change", {"password_change", "logout", "session-status"}),
    "second-factor": ("mfa_index", {
        "mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_list_webauthn",
        "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes",
        "confirm-password", "mfa_reauthenticate", "mfa_reauthenticate_webauthn",
        "logout", "session-status",
    }),
}  # fmt: skip
"""Reason → the page that sets it right, and every page that stays open until then."""

BACKGROUND = {"apitokens:usage", "session-status", "candidates:bulk-status"}
"""Views that a browser asks by itself. They are no activity; session-status notes what is one."""


class SecurityPolicyMiddleware:
    """After authentication: refuses what ``rules`` refuses, on whatever address.

    The rules stand in the row that the session's user came with, so they cost no query and act on
    the next request of every open session.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if is_asked(request) and request.user.is_authenticated:
            answer = self.judge(request, visit_of(request))
            if answer is not None:
                return answer
        return self.get_response(request)

    def judge(self, request, visit):
        found = refusal(visit)
        if found is not None and found.ends:
            return end(request, visit, found)
        self.note_activity(request, visit)
        return confine(request, found) if found is not None else None

    def note_activity(self, request, visit):
        company = visit.user.company
        if company and company.security.idle_minutes and view_of(request) not in BACKGROUND:
            note_activity(request.session, visit.now)


def is_asked(request):
    """Whether the request could come with a signed-in session. Probes don't wait for that look."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and not request.path_info.startswith(
        WITHOUT_SESSIONS
    )


def view_of(request):
    """The name of the view that the address leads to, or None."""
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return None


def end(request, visit, found):
    """The session is over; the log-in page says why, and leads back to where the way was going.

    Why stands in its address: several tabs at once would take a message in the session from each
    other.
    """
    audit.ended(visit, found)
    logout(request)
    log_in = f"{reverse('login')}?ended={found.reason}"
    if is_program(request):
        return told(request, found, 401, log_in)
    if leads_back(request):
        return redirect_to_login(request.get_full_path(), log_in)
    return redirect(log_in)


def leads_back(request):
    return request.method == "GET" and request.path != reverse("login")


def confine(request, found):
    """To the page that sets it right; None where the person is on the way there already."""
    page, open_pages = WAYS_OUT[found.reason]
    if view_of(request) in open_pages:
        return None
    if is_program(request):
        return told(request, found, 403, reverse(page))
    return redirect(page)


def told(request, found, status, page):
    """JSON. The script of a page learns where to lead the person, a program why it is refused."""
    answer = {"detail": found.message, "code": found.reason}
    if not is_rest(request):
        answer["reauthenticate"] = page
    return JsonResponse(answer, status=status)


def is_program(request):
    return is_rest(request) or wants_json(request)


def is_rest(request):
    return request.path_info.startswith("/api/v1/")
