"""Where somebody is signed in, and signing out elsewhere."""

from importlib import import_module

from allauth.account.signals import user_logged_in
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from allauth.usersessions.models import UserSession
from allauth.usersessions.signals import on_user_logged_in
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY, update_session_auth_hash
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.sessions.models import Session
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from accounts.models import User
from accounts.security.second_factor import TYPES
from accounts.signin.browsers import browser_of
from accounts.signin.methods import steps_of, words_for


def connect():
    """In place of allauth's receiver, which asks for every session of the person by itself."""
    user_logged_in.disconnect(on_user_logged_in)
    user_logged_in.connect(note_log_in, dispatch_uid="accounts.signin.sessions")
    authenticator_added.connect(end_others, dispatch_uid="accounts.signin.sessions")


def note_log_in(sender, request, user, **kwargs):
    """Receiver of allauth's ``user_logged_in``: a row for this session, none for ended ones."""
    living = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    UserSession.objects.filter(user=user).exclude(session_key__in=living).delete()
    UserSession.objects.create_from_request(request)


def end_others(request, user, authenticator, **kwargs):
    """Receiver: whoever sets up a first second factor signs in by it everywhere else. Sessions that
    began with a password alone are over; this one goes on under a new key, as after a new password.
    """
    others = Authenticator.objects.filter(user=user, type__in=TYPES, pk__lt=authenticator.pk)
    if authenticator.type not in TYPES or others.exists():
        return
    User.objects.filter(pk=user.pk).end_sessions()
    user.refresh_from_db(fields=["session_epoch"])
    key = request.session.session_key
    update_session_auth_hash(request, user)
    UserSession.objects.filter(session_key=key).update(session_key=request.session.session_key)


class LiveSession:
    """One session that still works: what the page says of it."""

    def __init__(self, row, data, current_key):
        self.pk = row.pk
        self.browser, self.system, self.is_mobile = browser_of(row.user_agent)
        self.signed_in_at, self.last_seen_at, self.address = (
            row.created_at,
            row.last_seen_at,
            row.ip,
        )
        self.method = words_for(steps_of(data))
        self.is_current = row.session_key == current_key


def live_sessions(user, current_key):
    """The person's sessions in two queries, this one first, then the latest used."""
    rows = {row.session_key: row for row in UserSession.objects.filter(user=user)}
    stored = Session.objects.filter(session_key__in=rows, expire_date__gt=timezone.now())
    data = {session.session_key: session.get_decoded() for session in stored}
    live = [
        LiveSession(rows[key], decoded, current_key)
        for key, decoded in data.items()
        if constant_time_compare(decoded.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    ]
    return sorted(live, key=lambda one: (not one.is_current, -one.last_seen_at.timestamp()))


@method_decorator(never_cache, "dispatch")
class Sessions(LoginRequiredMixin, TemplateView):
    template_name = "usersessions/usersession_list.html"

    def get_context_data(self, **kwargs):
        sessions = live_sessions(self.request.user, self.request.session.session_key)
        return super().get_context_data(sessions=sessions, **kwargs)

    def post(self, request):
        """Sign out the session that was named, or every other one."""
        rows = UserSession.objects.filter(user=request.user).exclude(
            session_key=request.session.session_key
        )
        if "session" in request.POST:
            rows = [get_object_or_404(rows, pk=whole_number(request.POST["session"]))]
        count = end(rows)
        messages.success(request, ended_text(count))
        return HttpResponseRedirect(reverse("usersessions_list"))


def whole_number(text):
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def end(rows):
    """End the sessions of *rows*, at once and for good; how many there were."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    rows = list(rows)
    for row in rows:
        store.delete(row.session_key)
        row.delete()
    return len(rows)


def ended_text(count):
    if not count:
        return _("You are signed in nowhere else.")
    text = ngettext("%(count)s session is signed out.", "%(count)s sessions are signed out.", count)
    return text % {"count": count}
