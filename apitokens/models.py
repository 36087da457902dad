"""The three tables: a token, its credentials, its history.

The row is the authority and the JWT its envelope: every request looks the ``jti`` up, so what
happens to a row holds from the next request on, in every process.
"""

import secrets
import unicodedata
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apitokens import signals
from apitokens.conf import conf
from apitokens.policy import get_policy
from apitokens.signing import Claims, get_signer

PUBLIC_ID_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32 in lower case: nothing to confuse, and no database folds its case."""


def new_public_id() -> str:
    """``tok_`` and 12 characters (60 bits): shown, logged and in URLs, worthless as a secret."""
    return "tok_" + "".join(secrets.choice(PUBLIC_ID_ALPHABET) for _ in range(12))


def canonical_name(name: str) -> str:
    """The form in which names are compared: NFKC, then casefold, white space squeezed."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def validate_token_name(name: str) -> None:
    """Refuse what can't be seen or forges other text. Raises ValidationError."""
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in name):
        raise ValidationError(
            _("Use visible characters only, without control or direction marks"),
            code="invisible",
        )
    if not canonical_name(name):
        raise ValidationError(_("Enter a name"), code="required")


class APITokenQuerySet(models.QuerySet["APIToken"]):
    """Reads by adjective; ``delete`` makes tombstones."""

    def for_owner(self, owner: Any) -> "APITokenQuerySet":
        return self.filter(owner=owner)

    def existing(self) -> "APITokenQuerySet":
        """Without tombstones."""
        return self.filter(deleted_at=None)

    def with_credentials(self) -> "APITokenQuerySet":
        """With people and credentials loaded: two queries for any number of tokens."""
        joined = ("user", "created_by", "owner", *get_policy().select_related)
        return self.select_related(*joined).prefetch_related("credentials")

    def expired(self) -> "APITokenQuerySet":
        return self.filter(credentials__ends_at=None, credentials__expires_at__lte=timezone.now())

    def unexpired(self) -> "APITokenQuerySet":
        """Whose current credential has not expired."""
        return self.filter(credentials__ends_at=None).exclude(
            credentials__ends_at=None, credentials__expires_at__lte=timezone.now()
        )

    def ending_within(self, span: timedelta) -> "APITokenQuerySet":
        """Short-lived ones that work now and expire before *span* has passed."""
        now = timezone.now()
        return self.filter(
            credentials__ends_at=None,
            credentials__expires_at__gt=now,
            credentials__expires_at__lte=now + span,
        )

    def unused_since(self, moment: datetime) -> "APITokenQuerySet":
        """Made before *moment* and not used after it."""
        unused = models.Q(last_used_at=None) | models.Q(last_used_at__lt=moment)
        return self.filter(unused, created_at__lt=moment)

    @transaction.atomic
    def delete(self, *, actor: Any = None, address: str | None = None):
        """Turn rows into tombstones: they stay, named, and never work again.

        Returns what ``QuerySet.delete`` returns: how many, and how many of which model. A token
        that is one already is left alone, so two people at once make one event.
        """
        count = 0
        for token in self.existing().select_related(None).select_for_update().order_by("pk"):
            count += token._bury(actor=actor, address=address)
        return count, ({APIToken._meta.label: count} if count else {})

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class APIToken(models.Model):
    """A named token of an owner: who it acts for, as whom, and whether it still exists."""

    public_id = models.CharField(
        _("public id"),
        max_length=16,
        unique=True,
        default=new_public_id,
        editable=False,
    )
    name = models.CharField(_("name"), max_length=64, validators=[validate_token_name])
    live_name = models.CharField(max_length=255, null=True, editable=False)
    owner = models.ForeignKey(
        conf.owner_model,
        models.CASCADE,
        related_name="api_tokens",
        verbose_name=_("owner"),
    )
    user = models.ForeignKey(
        conf.user_model, models.SET_NULL, null=True, related_name="acting_api_tokens",
        verbose_name=_("acts as"),
    )  # fmt: skip
    created_by = models.ForeignKey(
        conf.user_model, models.SET_NULL, null=True, related_name="+",
        verbose_name=_("created by"),
    )  # fmt: skip
    request_id = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    last_used_from = models.GenericIPAddressField(_("last used from"), null=True, editable=False)

    objects = APITokenQuerySet.as_manager()

    if TYPE_CHECKING:
        owner_id: Any
        user_id: Any

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "live_name"],
                name="apitokens_live_name_unique_for_owner",
            ),
            models.UniqueConstraint(
                fields=["owner", "request_id"],
                name="apitokens_request_id_unique_for_owner",
            ),
        ]

    def __str__(self):
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Nothing un-deletes: saving a stale instance whole leaves the row's end as it is."""
        if not self._state.adding and kwargs.get("update_fields") is None:
            kwargs["update_fields"] = [
                field.name
                for field in self._meta.concrete_fields
                if not field.primary_key and field.name not in {"deleted_at", "live_name"}
            ]
        super().save(*args, **kwargs)

    @property
    def label(self) -> str:
        """``API(Token Name)``: how the token is named wherever it acted (product.md §1)."""
        return f"API({self.name})"

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None

    @property
    def credential(self) -> "Credential | None":
        """The current one, or the newest; None when somebody removed the row.

        Uses the prefetched credentials where there are any.
        """
        newest = sorted(self.credentials.all(), key=lambda c: (c.ends_at is None, c.pk))
        return newest[-1] if newest else None

    @property
    def stop_reason(self) -> str | None:
        """Why it doesn't work though it neither expired nor was deleted, in words, or None."""
        credential = self.credential
        if credential is None:
            return gettext("Its credential was removed")
        if credential.kid not in get_signer().by_kid:
            return gettext("Its signing key is retired")
        return get_policy().stop_reason(self)

    @property
    def state(self) -> str:
        """One of ``deleted``, ``expired``, ``stopped``, ``ending``, ``unending``."""
        if self.is_deleted:
            return "deleted"
        credential = self.credential
        if credential is not None and credential.is_expired:
            return "expired"
        if credential is None or self.stop_reason:
            return "stopped"
        return "unending" if credential.expires_at is None else "ending"

    @property
    def is_usable(self) -> bool:
        """Whether a request with it is accepted now."""
        return self.state in {"ending", "unending"}

    def delete(self, *args, actor: Any = None, address: str | None = None, **kwargs):
        """Make a tombstone of it; see APITokenQuerySet.delete."""
        return type(self).objects.filter(pk=self.pk).delete(actor=actor, address=address)

    def _bury(self, *, actor: Any, address: str | None) -> int:
        now = timezone.now()
        rows = type(self)._base_manager.filter(pk=self.pk, deleted_at=None)
        buried = rows.update(deleted_at=now, live_name=None)
        if buried:
            self.deleted_at, self.live_name = now, None
            APITokenEvent.objects.append(self, "deleted", actor=actor, address=address)
            announce(signals.token_deleted, token=self, actor=actor)
        return buried


def announce(signal: Any, *, token: APIToken, **details: Any) -> None:
    """Send *signal* once the transaction has committed; a receiver's error harms nobody."""
    transaction.on_commit(
        lambda: signal.send_robust(sender=APIToken, token=token, **details), robust=True
    )


class Credential(models.Model):
    """One JWT of a token. Its columns never change while it lives: they are the JWT's claims."""

    token = models.ForeignKey(APIToken, models.CASCADE, related_name="credentials")
    jti = models.UUIDField(unique=True, default=uuid4, editable=False)
    kid = models.CharField(max_length=64, editable=False)
    issued_at = models.DateTimeField(editable=False)
    expires_at = models.DateTimeField(null=True, editable=False)
    ends_at = models.DateTimeField(null=True, editable=False)

    if TYPE_CHECKING:
        token_id: int

    class Meta:
        verbose_name = _("credential")
        verbose_name_plural = _("credentials")

    def __str__(self):
        return f"{self.token_id}/{self.pk}"  # never the jti: this text reaches logs

    @property
    def is_expired(self) -> bool:
        """The instant of expiry itself is too late (RFC 7519 §4.1.4)."""
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def has_ended(self) -> bool:
        """Replaced by a rotation whose overlap is over."""
        return self.ends_at is not None and self.ends_at <= timezone.now()

    @property
    def claims(self) -> Claims:
        """What its JWT says: the frozen columns and nothing else."""
        return Claims(
            kid=self.kid,
            jti=self.jti if isinstance(self.jti, UUID) else UUID(self.jti),
            issued_at=int(self.issued_at.timestamp()),
            expires_at=None if self.expires_at is None else int(self.expires_at.timestamp()),
        )


class APITokenEventQuerySet(models.QuerySet["APITokenEvent"]):
    def append(
        self,
        token: APIToken,
        kind: str,
        *,
        actor: Any,
        address: str | None,
        **data: Any,
    ) -> "APITokenEvent":
        """Write one line of history about *token*, by *actor* (a user or None)."""
        return self.create(
            token_public_id=token.public_id,
            token_name=token.name,
            owner_id=str(token.owner_id),
            kind=kind,
            actor_id="" if actor is None else str(actor.pk),
            actor_label="" if actor is None else str(actor)[:254],
            address=address,
            data=data,
        )


class APITokenEvent(models.Model):
    """One line of history. No foreign keys: it outlives the token, the person and the owner."""

    class Kind(models.TextChoices):
        CREATED = "created", _("created")
        RENAMED = "renamed", _("renamed")
        COPIED = "copied", _("copied")
        DELETED = "deleted", _("deleted")

    token_public_id = models.CharField(_("public id"), max_length=16, db_index=True)
    token_name = models.CharField(_("name at that time"), max_length=64)
    owner_id = models.CharField(_("owner"), max_length=64)
    kind = models.CharField(_("what"), max_length=24, choices=Kind)
    actor_id = models.CharField(max_length=64, blank=True)
    actor_label = models.CharField(_("who"), max_length=254, blank=True)
    address = models.GenericIPAddressField(_("from"), null=True)
    at = models.DateTimeField(_("when"), default=timezone.now)
    data = models.JSONField(default=dict)

    objects = APITokenEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token event")
        verbose_name_plural = _("API token events")
        indexes = [models.Index(fields=["owner_id", "-id"], name="apitokens_event_by_owner")]

    def __str__(self):
        return gettext("%(name)s %(kind)s") % {
            "name": self.token_name, "kind": self.get_kind_display(),
        }  # fmt: skip
