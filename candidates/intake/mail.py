"""The mail that brings the candidate their link: the link, the company, the name, no more."""

import logging

from allauth.core.internal import ratelimit
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from apitokens.attribution import Actor
from candidates.intake.links import LIFETIME, bgv_url
from candidates.models import Candidate, LogEntry
from candidates.services.log import record

logger = logging.getLogger("candidates.intake")


def invite_on_commit(candidate: Candidate, actor: Actor, base_url: str) -> None:
    """Send the link once the candidate is really there; whatever becomes of it, they stay added."""
    transaction.on_commit(lambda: send_invitation(candidate, actor, base_url), robust=True)


def send_invitation(candidate: Candidate, actor: Actor, base_url: str) -> bool:
    """Whether it went out; the log says so. *base_url* has no slash at its end."""
    context = {
        "name": candidate.name,
        "company": candidate.company.name,
        "url": f"{base_url}{bgv_url(candidate)}",
        "days": LIFETIME.days,
    }
    subject = _("%(company)s asks for your details") % {"company": one_line(candidate.company)}
    body = render_to_string("intake/mail/invitation.txt", context)
    try:
        send_mail(subject, body, None, [candidate.email])
    except OSError as error:
        logger.error("link of candidate %s not sent: %s", candidate.pk, type(error).__name__)
        return False
    record(candidate, LogEntry.Kind.INVITED, actor)
    return True


def may_send_again(request, candidate: Candidate) -> bool:
    """A candidate gets three mails an hour at most, whoever presses the button."""
    return bool(
        ratelimit.consume(
            request, app="allauth.account", action="intake_mail", key=str(candidate.pk)
        )
    )


def base_url_of(request) -> str:
    return request.build_absolute_uri("/").rstrip("/")


def one_line(text: object) -> str:
    return " ".join(str(text).split())
