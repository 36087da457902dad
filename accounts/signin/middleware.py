"""When and from where each session was last used, for the page of one's sessions."""

import logging
import time
from collections import OrderedDict

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.db import DatabaseError
from django.utils import timezone

from accounts.signin.adapter import UNKNOWN_ADDRESS
from apitokens.addresses import client_address

logger = logging.getLogger("accounts.signin")

INTERVAL = 60
"""Seconds in which one process notes a session's use once."""

MEMORY = 10_000
_noted: OrderedDict[str, float] = OrderedDict()
"""Session keys and when this process noted them."""


class LastSeenMiddleware:
    """At most one UPDATE a minute for a session, after the answer; it fails no request."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        session = getattr(request, "session", None)
        if session is not None and session.accessed and is_signed_in(session):
            note_use(request)
        return response


def is_signed_in(session):
    """By the log-in page, which made the row that is updated here."""
    return SESSION_KEY in session and AUTHENTICATION_METHODS_SESSION_KEY in session


def note_use(request):
    key = request.session.session_key
    if not key or not _is_due(key):
        return
    try:
        UserSession.objects.filter(session_key=key).update(
            last_seen_at=timezone.now(), ip=client_address(request) or UNKNOWN_ADDRESS
        )
    except DatabaseError as error:
        logger.debug("last use of a session not written: %s", type(error).__name__)


def _is_due(key):
    now = time.monotonic()
    if now - _noted.get(key, float("-inf")) < INTERVAL:
        return False
    _noted[key] = now
    _noted.move_to_end(key)
    if len(_noted) > MEMORY:
        _noted.popitem(last=False)
    return True
