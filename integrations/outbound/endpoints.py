"""The only writers of endpoints and their secrets. Each act is a line of the company's history."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Company, SecurityEvent, User
from integrations.models import TEST, Delivery, Endpoint, Off, SigningSecret, WebhookEvent
from integrations.outbound.payload import test_body
from integrations.outbound.signing import new_secret

MOST = 20
"""Endpoints of one company."""
LONGEST_OVERLAP = timedelta(days=7)


class TooMany(Exception):
    """The company has MOST endpoints already."""


class AddressTaken(Exception):
    """The company has an endpoint at this address already."""


class NoSecret(Exception):
    """The endpoint has no current secret."""


class RotatedMeanwhile(Exception):
    """The secret that was to be replaced is no longer the current one."""


@transaction.atomic
def add_endpoint(
    *,
    company: Company,
    actor: User,
    address: str | None,
    url: str,
    events: Iterable[str],
    is_thin: bool,
    description: str = "",
) -> tuple[Endpoint, str]:
    """A new endpoint, and its secret, to be shown. Raises TooMany, AddressTaken.

    *url* was checked (``addresses.check_address``); *address* is the actor's.
    """
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    if Endpoint.objects.for_company(company).count() >= MOST:
        raise TooMany
    check_free(company.pk, url)
    endpoint = Endpoint.objects.create(
        company=company, url=url, events=" ".join(events), is_thin=is_thin,
        description=description, created_by=actor,
    )  # fmt: skip
    note(endpoint, actor, address, "webhook-added", events=endpoint.types, thin=is_thin)
    return endpoint, give_secret(endpoint)


@transaction.atomic
def change_endpoint(
    *, endpoint: Endpoint, actor: User, address: str | None, **columns: Any
) -> None:
    """Set *columns*: ``url``, ``events``, ``is_thin``, ``description``. Unchanged is no line.

    Raises AddressTaken.
    """
    Company.objects.select_for_update(no_key=True).get(pk=endpoint.company_id)
    endpoint = locked(endpoint)
    if "events" in columns:
        columns["events"] = " ".join(columns["events"])
    changed = [name for name, value in columns.items() if getattr(endpoint, name) != value]
    if not changed:
        return
    if "url" in changed:
        check_free(endpoint.company_id, columns["url"])
    for name in changed:
        setattr(endpoint, name, columns[name])
    endpoint.save(update_fields=changed)
    note(endpoint, actor, address, "webhook-changed", changed=sorted(changed))


@transaction.atomic
def switch_off(*, endpoint: Endpoint, actor: User, address: str | None) -> None:
    """Send nothing more for now; what happens meanwhile is kept. Once more does nothing."""
    endpoint = locked(endpoint)
    if endpoint.is_on:
        endpoint.off_reason, endpoint.off_since = Off.BY_ADMIN, timezone.now()
        endpoint.save(update_fields=["off_reason", "off_since"])
        note(endpoint, actor, address, "webhook-off")


@transaction.atomic
def switch_on(*, endpoint: Endpoint, actor: User, address: str | None) -> None:
    """Send again, first what was kept; five days without success are counted anew."""
    endpoint = locked(endpoint)
    if endpoint.is_on:
        return
    endpoint.off_reason, endpoint.off_since = Off.NOT, None
    endpoint.failing_since = endpoint.warned_at = endpoint.throttled_until = None
    endpoint.last_failure = ""
    endpoint.save()
    waiting = endpoint.deliveries.filter(state=Delivery.State.PENDING, lease="")
    waiting.update(next_attempt_at=timezone.now(), failures=0)
    note(endpoint, actor, address, "webhook-on")


@transaction.atomic
def delete_endpoint(*, endpoint: Endpoint, actor: User, address: str | None) -> None:
    """With its secrets and all that is on its way."""
    endpoint = locked(endpoint)
    list(endpoint.deliveries.select_for_update().values_list("pk", flat=True))
    note(endpoint, actor, address, "webhook-deleted")
    endpoint.delete()


@transaction.atomic
def rotate(
    *,
    endpoint: Endpoint,
    actor: User,
    address: str | None,
    overlap: timedelta,
    replaces: int | None = None,
) -> str:
    """A new secret, to be shown. The one before signs too for *overlap*, up to LONGEST_OVERLAP; one
    that is older still ends now.

    Raises RotatedMeanwhile if *replaces* is not the key of the current one: it was sent twice.
    """
    endpoint = locked(endpoint)
    if replaces is not None and not endpoint.secrets.filter(pk=replaces, ends_at=None).exists():
        raise RotatedMeanwhile
    now = timezone.now()
    ends_at = now + min(max(overlap, timedelta(0)), LONGEST_OVERLAP)
    endpoint.secrets.filter(ends_at__isnull=False).delete()
    endpoint.secrets.filter(ends_at=None).update(ends_at=ends_at)
    endpoint.secrets.filter(ends_at__lte=now).delete()
    note(endpoint, actor, address, "webhook-rotated", hours=int(overlap.total_seconds() // 3600))
    return give_secret(endpoint)


@transaction.atomic
def show_secret(*, endpoint: Endpoint, actor: User, address: str | None) -> str:
    """The current secret again. Raises NoSecret, accounts.encryption.Unreadable."""
    current = endpoint.secrets.filter(ends_at=None).first()
    if current is None:
        raise NoSecret
    text: str = current.text
    note(endpoint, actor, address, "webhook-secret-shown")
    return text


@transaction.atomic
def end_old_secret(*, endpoint: Endpoint, actor: User, address: str | None) -> None:
    """Sign with the current secret alone, from now on. Without an old one it does nothing."""
    endpoint = locked(endpoint)
    if endpoint.secrets.filter(ends_at__isnull=False).delete()[0]:
        note(endpoint, actor, address, "webhook-secret-ended")


@transaction.atomic
def send_test(*, endpoint: Endpoint, actor: User, address: str | None) -> Delivery:
    """A ``webhook.test`` on its way to *endpoint* alone."""
    now = timezone.now()
    event = WebhookEvent.objects.create(
        company_id=endpoint.company_id, type=TEST, sequence=0, body=test_body(now), at=now
    )
    note(endpoint, actor, address, "webhook-tested")
    return Delivery.objects.create(event=event, endpoint=endpoint, next_attempt_at=now)


def check_free(company_id: int, url: str) -> None:
    """With the company's row locked. Raises AddressTaken."""
    if Endpoint.objects.filter(company_id=company_id, url=url).exists():
        raise AddressTaken


def give_secret(endpoint: Endpoint) -> str:
    """The text of the new current secret, inside the caller's transaction."""
    secret = SigningSecret(endpoint=endpoint)
    secret.text = text = new_secret()
    secret.save()
    return text


def locked(endpoint: Endpoint) -> Endpoint:
    """The endpoint as it is now; nobody else writes it until the transaction ends."""
    return Endpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)


def note(endpoint: Endpoint, actor: User, address: str | None, act: str, **data: Any) -> None:
    SecurityEvent.objects.append(
        endpoint.company_id, SecurityEvent.Kind.INTEGRATION, actor=actor, address=address,
        act=act, name=endpoint.title, place=endpoint.url.partition("?")[0], **data,
    )  # fmt: skip
