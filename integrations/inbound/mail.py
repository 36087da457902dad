"""The mail to Admins when a connection has failed for a day."""

import logging

from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import AccessLevel, User
from integrations.inbound.contract import Connector
from integrations.inbound.exceptions import words_of
from integrations.models import Connection

logger = logging.getLogger("integrations.inbound")


def warn_admins(connection: Connection, connector: type[Connector]) -> None:
    """To each apart, so that none is shown the others."""
    admins = User.objects.filter(
        company=connection.company, access_level=AccessLevel.ADMIN, is_active=True
    )
    body = render_to_string("integrations/inbound/mail/failing.txt", {
        "connection": connection,
        "system": connector.word,
        "error": words_of(connection.error_code),
        "url": connection.base_url + reverse("integrations"),
    })  # fmt: skip
    subject = _("%s has not worked for 24 hours") % " ".join(str(connection).split())
    for admin in admins:
        try:
            send_mail(subject, body, None, [admin.email])
        except OSError as error:
            logger.error("warning of %s not sent: %s", connection.public_id, type(error).__name__)
