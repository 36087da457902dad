"""Mails to an owner's admins: a token has stopped; a replaced credential, or an old secret of
another package, that is in use will end.

Each is told once. A marker says that it was, and it is set and committed before the mail goes out:
two runs at once tell it once, and no lock is held while a mail server is waited for. It is taken
back when the mail could not be sent.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.mail import EmailMultiAlternatives
from django.db.models import F, OuterRef, Subquery
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import ngettext

from apitokens.conf import conf
from apitokens.models import APIToken, Credential, LegacyCredential
from apitokens.policy import get_policy

logger = logging.getLogger("apitokens.notices")

BEFORE_END = timedelta(hours=24)
"""A credential's end is told so long before it, or at half of an overlap that is shorter."""

BEFORE_SUNSET = timedelta(days=14)
"""An old secret's end is told so long before it, if it was used within as long."""

CHUNK = 500


@dataclass(slots=True)
class Letter:
    """What one owner's admins are told in one mail."""

    owner: Any
    stopped: list[APIToken] = field(default_factory=list)
    ending: list[Credential | LegacyCredential] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.stopped) + len(self.ending)


@dataclass(slots=True)
class Told:
    """What a run did: mails sent and failed, and owners of whose admins none has an address."""

    sent: int = 0
    failed: int = 0
    without_address: int = 0


def notify() -> Told:
    """Send what is due, one mail for each owner. A mail that can't be sent keeps no other back."""
    told = Told()
    for letter in _letters():
        _tell(letter, told)
    return told


# What is due ----------------------------------------------------------------------------------


def _letters() -> Iterable[Letter]:
    letters: dict[Any, Letter] = {}
    for token in _newly_stopped():
        letters.setdefault(token.owner_id, Letter(token.owner)).stopped.append(token)
    for credential in _ending():
        token = credential.token
        letters.setdefault(token.owner_id, Letter(token.owner)).ending.append(credential)
    return letters.values()


def _newly_stopped() -> Iterator[APIToken]:
    """Those that their person or owner keeps from working, and nobody was told so. Of those that
    work again, the marker goes: they may stop another time.
    """
    tokens = APIToken.objects.existing().unexpired().filter(suspended_at=None)
    joined = tokens.select_related("user", "owner", *get_policy().select_related)
    for token in joined.order_by("pk").iterator(chunk_size=CHUNK):
        reason = get_policy().stop_reason(token)
        if reason is None and token.stop_noticed_at is not None:
            _mark(token, "stop_noticed_at", token.stop_noticed_at, None)
        elif reason is not None and token.stop_noticed_at is None:
            yield token


def _ending() -> Iterator[Credential | LegacyCredential]:
    yield from _ending_soon()
    yield from _old_secrets_ending()


def _ending_soon() -> Iterator[Credential]:
    """Those replaced, used since, and near their end, of tokens that work."""
    for credential in _replaced_and_used():
        overlap = credential.ends_at - credential.replaced_at
        due = credential.ends_at - timezone.now() <= min(BEFORE_END, overlap / 2)
        if due and get_policy().stop_reason(credential.token) is None:
            yield credential


def _old_secrets_ending() -> Iterator[LegacyCredential]:
    """Other packages' secrets, in use and near their end, of tokens that work."""
    now = timezone.now()
    joined = ("owner", "user", *get_policy().select_related)
    found = LegacyCredential.objects.filter(
        end_noticed_at=None, ends_at__gt=now, ends_at__lte=now + BEFORE_SUNSET,
        last_used_at__gte=now - BEFORE_SUNSET,
        token__deleted_at=None, token__suspended_at=None,
    ).select_related("token", *(f"token__{name}" for name in joined))  # fmt: skip
    for secret in found.order_by("pk"):
        if get_policy().stop_reason(secret.token) is None:
            yield secret


def _replaced_and_used() -> Any:
    """With ``replaced_at``: when the next credential of the same token was made."""
    now = timezone.now()
    later = Credential.objects.filter(token=OuterRef("token"), pk__gt=OuterRef("pk"))
    joined = ("owner", "user", *get_policy().select_related)
    return (
        Credential.objects.filter(
            end_noticed_at=None, ends_at__gt=now, ends_at__lte=now + BEFORE_END,
            token__deleted_at=None, token__suspended_at=None,
        )
        .annotate(replaced_at=Subquery(later.order_by("pk").values("issued_at")[:1]))
        .filter(last_used_at__gte=F("replaced_at"))
        .select_related("token", *(f"token__{name}" for name in joined))
        .order_by("pk")
    )  # fmt: skip


# Telling it -----------------------------------------------------------------------------------


def _tell(letter: Letter, told: Told) -> None:
    addresses = _addresses(letter.owner)
    if not addresses:
        told.without_address += 1
        return
    now = timezone.now()
    claimed = _claim(letter, now)
    if not claimed:
        return
    try:
        _mail(claimed, addresses).send()
    except BaseException as error:
        _release(claimed, now)
        if not isinstance(error, Exception):
            raise
        told.failed += 1
        what = type(error).__name__  # its text may hold addresses
        logger.error("the notice to owner %s was not sent: %s", letter.owner.pk, what)
    else:
        told.sent += 1


def _addresses(owner: Any) -> list[str]:
    column = get_user_model().get_email_field_name()
    found = [getattr(admin, column, "") for admin in get_policy().admins(owner)]
    return list(dict.fromkeys(address for address in found if address))


def _claim(letter: Letter, now: datetime) -> Letter:
    """What of *letter* this run may tell: another may have been quicker."""
    return Letter(
        letter.owner,
        stopped=[token for token in letter.stopped if _mark(token, "stop_noticed_at", None, now)],
        ending=[c for c in letter.ending if _mark(c, "end_noticed_at", None, now)],
    )


def _release(letter: Letter, now: datetime) -> None:
    for token in letter.stopped:
        _mark(token, "stop_noticed_at", now, None)
    for credential in letter.ending:
        _mark(credential, "end_noticed_at", now, None)


def _mark(row: Any, marker: str, before: datetime | None, after: datetime | None) -> bool:
    """Set *marker* to *after* if it is still *before*, and what is to be told still holds."""
    same = (
        {"user": row.user_id, "deleted_at": None, "suspended_at": None}
        if isinstance(row, APIToken)
        else {"ends_at": row.ends_at}
    )
    rows = type(row)._base_manager.filter(pk=row.pk, **{marker: before}, **same)
    return bool(rows.update(**{marker: after}))


def _mail(letter: Letter, addresses: list[str]) -> EmailMultiAlternatives:
    context = _context(letter)
    mail = EmailMultiAlternatives(
        subject=_subject(len(letter)),
        body=render_to_string("apitokens/mail/notice.txt", context),
        to=addresses,
    )
    mail.attach_alternative(render_to_string("apitokens/mail/notice.html", context), "text/html")
    return mail


def _context(letter: Letter) -> dict[str, Any]:
    """On one line each: people's names may hold line breaks, token names can't."""
    policy = get_policy()
    reasons = [(token, _on_one_line(policy.stop_reason(token))) for token in letter.stopped]
    return {
        "owner": _on_one_line(letter.owner),
        "stopped": reasons,
        "ending": letter.ending,
        "url": _page_url(),
    }


def _on_one_line(text: Any) -> str:
    return " ".join(str(text).split())


def _subject(count: int) -> str:
    """Without names: subjects are read on locked screens."""
    return ngettext(
        "An API token needs attention", "%(count)s API tokens need attention", count
    ) % {"count": count}


def _page_url() -> str | None:
    """The settings page, where the host gave its address and mounted the page."""
    try:
        return conf.base_url and conf.base_url.rstrip("/") + reverse("apitokens:list")
    except NoReverseMatch:
        return None
