"""The mail that an invitation is."""

import logging

from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User

logger = logging.getLogger("accounts.team")


def send_invitation(invitation, base_url):
    """Whether it went out: a mail server that fails leaves the invitation to be sent again.

    An address that has an account elsewhere is told so, and nobody else is.
    """
    context = {
        "invitation": invitation,
        "company": invitation.company,
        "url": f"{base_url}{reverse('team:join', args=[invitation.link_text])}",
        "has_account": User.objects.filter(email=invitation.email).exists(),
    }
    subject = _("%(company)s invites you to SV Portal") % {"company": one_line(invitation.company)}
    try:
        send_mail(
            subject, render_to_string("team/mail/invitation.txt", context), None, [invitation.email]
        )
    except OSError as error:
        logger.error("invitation %s was not sent: %s", invitation.pk, type(error).__name__)
        return False
    return True


def one_line(text):
    return " ".join(str(text).split())
