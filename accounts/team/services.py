"""The only writers of a company's team: lock the company, look again, write, record."""

from django.db import IntegrityError, transaction

from accounts.models import AccessLevel, Company, Invitation, User, normalise_email
from accounts.security.audit import record
from accounts.security.models import SecurityEvent
from accounts.security.services import email_allowed
from accounts.team import closing
from accounts.team.duties import texts_of
from accounts.team.exceptions import (
    AlreadyThere,
    DomainNotAllowed,
    InvitationOver,
    LastAdmin,
    NotAnAdmin,
    TokensChanged,
    Yourself,
)
from apitokens.services import take_over_all, tokens_of

Kind = SecurityEvent.Kind


def lock_company(company_id):
    """All that changes who may do what in a company goes one after the other."""
    return Company.objects.select_for_update().get(pk=company_id)


def lock_for(actor):
    """The company of *actor*, who is still one of its Admins. Raises NotAnAdmin."""
    company = lock_company(actor.company_id)
    if not admins(company).filter(pk=actor.pk).exists():
        raise NotAnAdmin
    return company


def admins(company):
    """Those who can act as Admins now."""
    return User.objects.filter(company=company, access_level=AccessLevel.ADMIN, is_active=True)


# --- invitations ----------------------------------------------------------------------------
@transaction.atomic
def invite(*, actor, address=None, email, name, access_level, phone=""):
    """An Invitation, still to be mailed. Raises AlreadyThere, DomainNotAllowed, NotAnAdmin.

    An address of somebody of another company is invited like any other: that it is, is none of
    this company's business.
    """
    company = lock_for(actor)
    return new_invitation(
        company, actor, address, email=email, name=name, access_level=access_level, phone=phone
    )


def new_invitation(company, actor, address, *, email, name, access_level, phone=""):
    email = normalise_email(email)
    if User.objects.filter(company=company, email=email).exists():
        raise AlreadyThere
    if company.invitations.filter(email=email).exists():
        raise AlreadyThere
    if not email_allowed(company, email):
        raise DomainNotAllowed
    invitation = company.invitations.create(
        email=email, name=name, phone=phone, access_level=access_level, invited_by=actor
    )
    record(
        company.pk, Kind.INVITED, actor=actor, about=invitation.email, address=address,
        access_level=access_level,
    )  # fmt: skip
    return invitation


@transaction.atomic
def send_again(*, actor, invitation_id, address=None):
    """The Invitation with a new link and a new week; the old link works no more.

    Raises NotAnAdmin, InvitationOver, DomainNotAllowed.
    """
    company = lock_for(actor)
    invitation = pending(company, invitation_id)
    if not email_allowed(company, invitation.email):
        raise DomainNotAllowed
    invitation.renew()
    invitation.invited_by = actor
    invitation.save()
    record(
        company.pk, Kind.INVITED, actor=actor, about=invitation.email, address=address,
        access_level=invitation.access_level, again=True,
    )  # fmt: skip
    return invitation


@transaction.atomic
def withdraw(*, actor, invitation_id, address=None):
    """The invitation is gone. Raises NotAnAdmin, InvitationOver."""
    company = lock_for(actor)
    invitation = pending(company, invitation_id)
    record(company.pk, Kind.WITHDRAWN, actor=actor, about=invitation.email, address=address)
    invitation.delete()
    return invitation


def pending(company, invitation_id):
    invitation = company.invitations.filter(pk=invitation_id).first()
    if invitation is None:
        raise InvitationOver
    return invitation


def accept(*, link_text, name, password, address=None):
    """The new User. Raises InvitationOver."""
    try:
        with transaction.atomic():
            return _accept(link_text, name, password, address)
    except IntegrityError as error:  # the address became somebody's meanwhile
        raise InvitationOver from error


def _accept(link_text, name, password, address):
    found = Invitation.objects.of_link(link_text)
    company = None if found is None else lock_company(found.company_id)
    invitation = Invitation.objects.of_link(link_text)
    if company is None or invitation is None or not can_be_answered(invitation, company):
        raise InvitationOver
    user = User.objects.create_user(
        invitation.email, password, name=name, phone=invitation.phone, company=company,
        access_level=invitation.access_level,
    )  # fmt: skip
    record(
        company.pk, Kind.JOINED, actor=user, subject=user, address=address,
        access_level=user.access_level,
    )  # fmt: skip
    invitation.delete()
    return user


def can_be_answered(invitation, company):
    return (
        company.is_active
        and email_allowed(company, invitation.email)
        and not User.objects.filter(email=invitation.email).exists()
    )


# --- people ---------------------------------------------------------------------------------
@transaction.atomic
def change_person(
    *, actor, person, name, phone, access_level, tokens=None, assign=None, address=None
):
    """Set these of *person*. *tokens* as for ``disable``, asked for where an Admin stops being one;
    ``assign(person)`` gives what they are responsible for, in the same transaction.

    Raises NotAnAdmin, Yourself (one's own access level), LastAdmin, TokensChanged.
    """
    company, person = locked(actor, person)
    if access_level != person.access_level:
        change_level(company, actor, person, access_level, tokens, address)
    person.name, person.phone = name, phone
    person.save(update_fields=["name", "phone", "access_level"])
    if assign is not None:
        give_duties(company, actor, person, assign, address)
    return person


def give_duties(company, actor, person, assign, address):
    before = texts_of(company, [person]).get(person.pk, "")
    assign(person)
    after = texts_of(company, [person]).get(person.pk, "")
    if before != after:
        record(
            company.pk, Kind.DUTIES, actor=actor, subject=person, address=address,
            before=before, after=after,
        )  # fmt: skip


def change_level(company, actor, person, access_level, tokens, address):
    check_other(actor, person)
    before, person.access_level = person.access_level, access_level
    if before == AccessLevel.ADMIN:
        check_not_last(company, person)
        settle_tokens(actor, person, tokens, address)
    record(
        company.pk, Kind.ACCESS_LEVEL, actor=actor, subject=person, address=address,
        before=before, after=access_level,
    )  # fmt: skip


@transaction.atomic
def disable(*, actor, person, tokens=None, address=None):
    """*person* is out at once and can't sign in until enabled again.

    *tokens* maps the public id of each live token that was shown to whether the actor takes it
    over; the others stop. Raises NotAnAdmin, Yourself, LastAdmin, TokensChanged.
    """
    company, person = locked(actor, person)
    check_other(actor, person)
    if not person.is_active:
        return person
    check_not_last(company, person)
    settle_tokens(actor, person, tokens, address)
    person.is_active = False
    person.save(update_fields=["is_active"])
    record(company.pk, Kind.DISABLED, actor=actor, subject=person, address=address)
    return person


@transaction.atomic
def enable(*, actor, person, address=None):
    """*person* may sign in again; tokens that stopped because of them work again.

    Raises NotAnAdmin, Yourself.
    """
    company, person = locked(actor, person)
    check_other(actor, person)
    if person.is_active:
        return person
    person.is_active = True
    person.save(update_fields=["is_active"])
    record(company.pk, Kind.ENABLED, actor=actor, subject=person, address=address)
    return person


@transaction.atomic
def close(*, actor, person, tokens=None, address=None):
    """Close *person*'s account for good: nothing that tells who they were stays on it, and what
    they added stays. *tokens* as for ``disable``, and the same errors.
    """
    company, person = locked(actor, person)
    check_other(actor, person)
    check_not_last(company, person)
    settle_tokens(actor, person, tokens, address)
    record(company.pk, Kind.CLOSED, actor=actor, subject=person, address=address)
    closing.anonymise(person)
    return person


def locked(actor, person):
    """(company, the person as they are now). Raises NotAnAdmin."""
    company = lock_for(actor)
    person = User.objects.select_for_update().filter(company=company, pk=person.pk).first()
    if person is None or person.is_closed:
        raise NotAnAdmin
    person.company = company
    return company, person


def check_other(actor, person):
    if person.pk == actor.pk:
        raise Yourself


def check_not_last(company, person):
    """Somebody else can act as Admin. Raises LastAdmin."""
    if not admins(company).exclude(pk=person.pk).exists():
        raise LastAdmin


def settle_tokens(actor, person, tokens, address):
    """Take over what was ticked. Raises TokensChanged if a live token was not shown."""
    live = tokens_of(person)
    chosen = tokens or {}
    if any(token.public_id not in chosen for token in live):
        raise TokensChanged
    take_over_all(
        tokens=[token for token in live if chosen[token.public_id]],
        user=actor, actor=actor, address=address,
    )  # fmt: skip
