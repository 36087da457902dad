"""What Admins are told by mail: an endpoint fails, and later that it is switched off."""

import logging
from collections.abc import Iterable

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import AccessLevel
from accounts.models import User
from integrations.models import Endpoint
from integrations.outbound.health import Notice
from integrations.outbound.wording import failure_in_words

logger = logging.getLogger("integrations.outbound")


def tell(notices: Iterable[Notice]) -> None:
    """One mail an Admin. A warning counts from when a mail of it went out."""
    for notice in notices:
        sent = [mail(person, notice) for person in admins_of(notice.endpoint)]
        if any(sent) and not notice.is_off:
            endpoints = Endpoint.objects.filter(pk=notice.endpoint.pk)
            endpoints.exclude(failing_since=None).update(warned_at=timezone.now())


def admins_of(endpoint: Endpoint) -> list[User]:
    people = User.objects.filter(company=endpoint.company_id, access_level=AccessLevel.ADMIN)
    return list(people.filter(is_active=True))


def mail(person: User, notice: Notice) -> bool:
    """Whether it went out."""
    endpoint = notice.endpoint
    title = " ".join(endpoint.title.split())
    subject = (
        _("The webhook %(title)s is switched off") if notice.is_off
        else _("The webhook %(title)s fails")
    )  # fmt: skip
    context = {
        "endpoint": endpoint,
        "is_off": notice.is_off,
        "failure": failure_in_words(endpoint.last_failure),
        "page": page_of(endpoint),
    }
    text = render_to_string("integrations/webhooks/mail.txt", context)
    try:
        send_mail(subject % {"title": title}, text, None, [person.email])
    except OSError as error:
        logger.error("no mail on endpoint %s: %s", endpoint.pk, type(error).__name__)
        return False
    return True


def page_of(endpoint: Endpoint) -> str:
    base = (settings.APITOKENS_BASE_URL or "").rstrip("/")
    return base and f"{base}{reverse('webhooks:endpoint', args=[endpoint.pk])}"
