"""The security history's entrance: what signals of Django and allauth tell is written down here."""

from allauth.core import context
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db import router
from django.db.models.signals import post_delete
from django.utils import timezone

from accounts.security.models import SecurityEvent, unlocked_events
from accounts.security.sessions import note_activity
from accounts.signin.methods import method_of, second_step_of, steps_of
from apitokens.addresses import client_address
from apitokens.services import erase_history

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
    steps = [] if session is None else steps_of(session)
    second = second_step_of(steps)
    record(
        user.company_id, Kind.SIGNED_IN, actor=user, subject=user, address=address_of(request),
        method=method_of(steps), **({"second": second} if second else {}),
    )  # fmt: skip


def failed(credentials=None, request=None, **kwargs):
    """Receiver: a wrong password, or anybody's who is disabled. An unknown address belongs to no
    company and is not kept, but the line is written all the same, so that both take equal time.
    """
    person = person_with(credentials or {})
    reason = "password" if person is None or person.may_sign_in else "inactive"
    refuse(request, person, reason)


def wrong_code(request=None, user=None, authenticator=None, **kwargs):
    """Receiver: the second step, or a passkey, that was wrong. Whose a passkey alone claims to be
    is not believed: it is nobody's.
    """
    refuse(request, user, "passkey" if authenticator is None else "code")


def refuse(request, person, reason):
    record(
        person.company_id if person else None, Kind.REFUSED,
        subject=person, address=address_of(request), reason=reason,
    )  # fmt: skip


def person_with(credentials):
    email = credentials.get("email") or credentials.get("username") or ""
    if not isinstance(email, str) or len(email) > LONGEST or "\x00" in email:
        email = ""
    people = get_user_model().objects.select_related("company")
    return people.filter(email=email.strip().lower()).first()


def password_set(person):
    """*person* has a new password. Who came by a mailed link is not signed in, and is *person*; a
    command on the server is nobody.
    """
    request = context.request
    signed_in = request is not None and request.user.is_authenticated
    actor = request.user if signed_in else request and person
    record(
        person.company_id, Kind.PASSWORD,
        actor=actor or None, subject=person, address=address_of(request),
    )  # fmt: skip


def factor_added(request=None, user=None, authenticator=None, **kwargs):
    """Receiver: an app, a passkey, or the recovery codes that come with the first of them."""
    note_factor(Kind.FACTOR_ADDED, authenticator, user, request)


def factor_removed(request=None, user=None, authenticator=None, **kwargs):
    """Receiver: by *user*, who may be one of the staff."""
    note_factor(Kind.FACTOR_REMOVED, authenticator, user, request)


def codes_renewed(request=None, user=None, authenticator=None, **kwargs):
    """Receiver: new recovery codes, and the old ones void."""
    note_factor(Kind.NEW_CODES, authenticator, user, request)


def note_factor(kind, authenticator, actor, request):
    person = authenticator.user
    record(
        person.company_id, kind, actor=actor, subject=person, address=address_of(request),
        factor=authenticator.type, name=authenticator.data.get("name", ""),
    )  # fmt: skip


def refused(visit, refusal):
    """A person whose log-in was right but against a rule of the company's."""
    record(
        visit.user.company_id, Kind.REFUSED,
        subject=visit.user, address=visit.address, reason=refusal.reason,
    )  # fmt: skip


def refused_identity(request, company_id, reason, *, person=None, email=""):
    """Somebody whom the company's identity provider vouched for, and who may not come in so."""
    record(
        company_id, Kind.REFUSED,
        subject=person, about=email[:LONGEST], address=address_of(request), reason=reason,
    )  # fmt: skip


def ended(visit, refusal):
    """A session that a rule of the company's ended."""
    record(
        visit.user.company_id, Kind.ENDED,
        subject=visit.user, address=visit.address, reason=refusal.reason,
    )  # fmt: skip


def forget_company(instance, using=None, **kwargs):
    """Receiver: a company is deleted, and its history with it, that of its tokens too."""
    alias = using or router.db_for_write(SecurityEvent)
    with unlocked_events(alias):
        SecurityEvent.objects.using(alias).for_company(instance).delete()
    erase_history(owner=instance)


def connect():
    from allauth.mfa import signals

    from accounts.models import Company

    for signal, receiver in {
        signals.authenticator_added: factor_added,
        signals.authenticator_removed: factor_removed,
        signals.authenticator_reset: codes_renewed,
        signals.authentication_failed: wrong_code,
    }.items():
        signal.connect(receiver, dispatch_uid=f"accounts.security.{receiver.__name__}")
    user_logged_in.connect(signed_in, dispatch_uid="accounts.security.signed_in")
    user_login_failed.connect(failed, dispatch_uid="accounts.security.failed")
    post_delete.connect(forget_company, sender=Company, dispatch_uid="accounts.security.forget")
