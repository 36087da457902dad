"""How long a session has left: asked by its pages, and by "Stay signed in"."""

from functools import partial

from django.http import JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from accounts.security.rules import MESSAGES
from accounts.security.second_factor import has_second_factor
from accounts.security.sessions import note_now, seen_at
from apitokens.views.base import wants_json


def seconds_left(request):
    """Whole seconds until the session ends without activity, or None: it doesn't."""
    user = request.user
    policy = user.company.security if user.is_authenticated and user.company_id else None
    if policy is None or policy.idle_minutes is None:
        return None
    ends_at = max(seen_at(request.session), policy.idle_from) + policy.idle_span
    return max(0, int((ends_at - timezone.now()).total_seconds()))


@method_decorator(never_cache, "dispatch")
class SessionStatus(View):
    """GET asks and is no activity; POST is: somebody pressed a key, or "Stay signed in".

    401 without a session: the page goes to the log-in by itself, which then says why.
    """

    def dispatch(self, request, *args, **kwargs):
        if not request.user.is_authenticated:
            return JsonResponse({"seconds_left": 0, "code": "idle"}, status=401)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request):
        return JsonResponse({"seconds_left": seconds_left(request)})

    def post(self, request):
        note_now(request.session)
        return self.get(request) if wants_json(request) else redirect("dashboard")


def session_notes(request):
    """Context processor: what every page says of the session, without a query."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        # Called by the page that shows it: an error's page may have a query that was the error.
        return {"ended": partial(why_ended, request)}
    return {} if user.company_id is None else {**auto_logout(request), **second_factor_due(user)}


def why_ended(request):
    """What the log-in page says of a session that is over."""
    return MESSAGES.get(request.GET.get("ended"))


def auto_logout(request):
    """What the script needs on the pages of people who can be idle."""
    left = seconds_left(request)
    if left is None:
        return {}
    return {"auto_logout": {"left": left, "minutes": request.user.company.security.idle_minutes}}


def second_factor_due(user):
    """Since or from when somebody without a second factor goes nowhere."""
    due = user.company.security.second_factor_from
    return {"second_factor_due": due} if due and not has_second_factor(user) else {}
