"""The security history's entrance: what Django's signals tell is written down here."""

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db import router
from django.db.models.signals import post_delete
from django.utils import timezone

from accounts.security.models import SecurityEvent, unlocked_events
from accounts.security.sessions import note_activity
from accounts.signin.methods import method_of, steps_of
from apitokens.addresses import client_address

LONGEST = 254
Kind = SecurityEvent.Kind


def record(company_id, kind, **details):
    """Append a line to the company's history in the caller's transaction."""
    return SecurityEvent.objects.append(company_id, kind, **details)


def address_of(request):
    return None if request is None else client_address(request)


def signed_in(request=None, user=None, **kwargs):
    """Receiver: a person signed in. Their activity counts from now."""
    session = getattr(request, "session", None)
    if session is not None:
        note_activity(session, timezone.now())
    method = None if session is None else method_of(steps_of(session))
    record(
        user.company_id, Kind.SIGNED_IN,
        actor=user, subject=user, address=address_of(request), method=method,
    )  # fmt: skip


def failed(credentials=None, request=None, **kwargs):
    """Receiver: a wrong password. An unknown address belongs to no company and is not kept, but
    the line is written all the same, so that both take equal time.
    """
    person = person_with(credentials or {})
    record(
        person.company_id if person else None, Kind.REFUSED,
        subject=person, address=address_of(request), reason="password",
    )  # fmt: skip


def person_with(credentials):
    email = credentials.get("email") or credentials.get("username") or ""
    if not isinstance(email, str) or len(email) > LONGEST or "\x00" in email:
        email = ""
    return get_user_model().objects.filter(email=email.strip().lower()).first()


def refused(visit, refusal):
    """A person whose log-in was right but against a rule of the company's."""
    record(
        visit.user.company_id, Kind.REFUSED,
        subject=visit.user, address=visit.address, reason=refusal.reason,
    )  # fmt: skip


def ended(visit, refusal):
    """A session that a rule of the company's ended."""
    record(
        visit.user.company_id, Kind.ENDED,
        subject=visit.user, address=visit.address, reason=refusal.reason,
    )  # fmt: skip


def forget_company(instance, using=None, **kwargs):
    """Receiver: a company is deleted, and its history with it."""
    alias = using or router.db_for_write(SecurityEvent)
    with unlocked_events(alias):
        SecurityEvent.objects.using(alias).for_company(instance).delete()


def connect():
    from accounts.models import Company

    user_logged_in.connect(signed_in, dispatch_uid="accounts.security.signed_in")
    user_login_failed.connect(failed, dispatch_uid="accounts.security.failed")
    post_delete.connect(forget_company, sender=Company, dispatch_uid="accounts.security.forget")
