"""APIToken: the identity that stays while its credentials come and go."""

from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from django.db import models, router, transaction
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from apitokens import signals
from apitokens.conf import ROTATE_SELF, conf
from apitokens.models.credential import Credential
from apitokens.models.event import APITokenEvent
from apitokens.models.legacy import LegacyCredential
from apitokens.models.naming import label_with, new_public_id, validate_token_name
from apitokens.models.querysets import APITokenQuerySet
from apitokens.policy import get_policy
from apitokens.signing import get_signer


class APIToken(models.Model):
    """A named token of an owner: who it acts for, as whom, and whether it still exists."""

    public_id = models.CharField(
        _("public id"), max_length=16, default=new_public_id, editable=False
    )
    name = models.CharField(_("name"), max_length=64, validators=[validate_token_name])
    live_name = models.CharField(max_length=255, null=True, editable=False)
    owner = models.ForeignKey(
        conf.owner_model, models.CASCADE, related_name="api_tokens", verbose_name=_("owner"),
        db_index=False,  # the constraints' indexes begin with it
    )  # fmt: skip
    user = models.ForeignKey(
        conf.user_model, models.SET_NULL, null=True, related_name="acting_api_tokens",
        verbose_name=_("acts as"),
    )  # fmt: skip
    created_by = models.ForeignKey(
        conf.user_model, models.SET_NULL, null=True, related_name="+",
        verbose_name=_("created by"), db_index=False,  # asked only when a person is deleted
    )  # fmt: skip
    suspended_by = models.ForeignKey(
        conf.user_model, models.SET_NULL, null=True, related_name="+", editable=False,
        verbose_name=_("suspended by"), db_index=False,
    )  # fmt: skip
    request_id = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(
        pgettext_lazy("API tokens", "created"), default=timezone.now, editable=False
    )
    suspended_at = models.DateTimeField(_("suspended"), null=True, editable=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, editable=False)
    stop_noticed_at = models.DateTimeField(null=True, editable=False)
    scope = models.TextField(_("scope"), null=True, editable=False)
    allowed_networks = models.TextField(_("allowed networks"), blank=True, editable=False)

    objects = APITokenQuerySet.as_manager()

    presented: Credential | LegacyCredential | None = None
    """The credential by which a request came in; only set on ``request.auth``."""

    if TYPE_CHECKING:
        owner_id: Any
        user_id: Any
        credentials: Any
        legacy_credentials: Any

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="apitokens_public_id_unique"),
            models.UniqueConstraint(
                fields=["owner", "live_name"], name="apitokens_live_name_unique_for_owner"
            ),
            models.UniqueConstraint(
                fields=["owner", "request_id"], name="apitokens_request_id_unique_for_owner"
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
                if not field.primary_key
                and field.name not in WRITTEN_BY_SERVICES
                and field.attname not in self.get_deferred_fields()
            ]
        super().save(*args, **kwargs)

    @property
    def label(self) -> str:
        """``API(Token Name)``: how the token is named wherever it acted (product.md §1)."""
        return label_with("API", self.name)

    # What it may do ---------------------------------------------------------------------------

    @property
    def scopes(self) -> tuple[str, ...] | None:
        """The scopes that were granted, or None: made where no scopes were declared."""
        return None if self.scope is None else tuple(self.scope.split())

    def has_scope(self, name: str) -> bool:
        """Whether it may do what *name* stands for. Rotating itself is never implied."""
        if self.scope is None:
            return name != ROTATE_SELF
        return name in self.scope.split()

    @property
    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Where it may be used from; empty: anywhere."""
        return tuple(ip_network(network) for network in self.allowed_networks.split())

    def allows(self, address: str | None) -> bool:
        """Whether a request may come from *address*."""
        if not self.allowed_networks:
            return True
        if address is None:
            return False
        client = ip_address(address)
        return any(client in network for network in self.networks)

    # How it is --------------------------------------------------------------------------------

    @property
    def is_deleted(self) -> bool:
        """Whether only its tombstone is left."""
        return self.deleted_at is not None

    @property
    def is_suspended(self) -> bool:
        """Whether somebody paused it."""
        return self.suspended_at is not None

    @property
    def credential(self) -> Credential | None:
        """The current one, or the newest; None when somebody removed the row.

        Uses the prefetched credentials where there are any.
        """
        newest = sorted(self._rows("credentials"), key=lambda c: (c.is_current, c.pk))
        return newest[-1] if newest else None

    @property
    def old_credentials(self) -> list[Credential]:
        """Those that were replaced and still work, newest first."""
        living = [c for c in self._rows("credentials") if not c.is_current and c.is_living]
        return sorted(living, key=lambda c: -c.pk)

    @property
    def old_secrets(self) -> list[LegacyCredential]:
        """Those of another package that still work, newest first."""
        living = [c for c in self._rows("legacy_credentials") if c.is_living]
        return sorted(living, key=lambda c: -c.pk)

    @property
    def last_use(self) -> Credential | LegacyCredential | None:
        """The credential that was used last, or None: never used."""
        known = [self.presented] if self.presented else self._every_credential()
        used = [c for c in known if c.last_used_at is not None]
        return max(used, key=lambda c: (c.last_used_at, c.pk), default=None)

    def _every_credential(self) -> list[Any]:
        return [*self._rows("credentials"), *self._rows("legacy_credentials")]

    def _rows(self, relation: str) -> Any:
        """Those that were loaded with it, or those of the database that it was read from."""
        rows = getattr(self, relation)
        if relation in getattr(self, "_prefetched_objects_cache", {}):
            return rows.all()
        return rows.using(self._state.db)

    @property
    def last_used_at(self) -> datetime | None:
        """When any of its credentials was used last; None: never."""
        return self.last_use.last_used_at if self.last_use else None

    @property
    def last_used_from(self) -> str | None:
        """The address of that use."""
        return self.last_use.last_used_from if self.last_use else None

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
        """One of ``deleted``, ``expired``, ``stopped``, ``suspended``, ``ending``, ``unending``."""
        if self.is_deleted:
            return "deleted"
        credential = self.credential
        if credential is not None and credential.is_expired:
            return "expired"
        if credential is None or self.stop_reason:
            return "stopped"
        if self.is_suspended:
            return "suspended"
        return "unending" if credential.expires_at is None else "ending"

    @property
    def is_usable(self) -> bool:
        """Whether a request with it is accepted now."""
        return self.state in {"ending", "unending"}

    def delete(
        self, using: str | None = None, *args, actor: Any = None, address: str | None = None, **kw
    ):
        """Make a tombstone of it; see APITokenQuerySet.delete."""
        alias = using or router.db_for_write(type(self), instance=self)
        rows = type(self).objects.using(alias).filter(pk=self.pk)
        return rows.delete(actor=actor, address=address)

    def _bury(self, *, actor: Any, address: str | None) -> int:
        now = timezone.now()
        alias = self._state.db
        rows = type(self)._base_manager.using(alias).filter(pk=self.pk, deleted_at=None)
        buried = rows.update(deleted_at=now, live_name=None)
        if buried:
            self.deleted_at, self.live_name = now, None
            events = APITokenEvent.objects.db_manager(alias)
            events.append(self, "deleted", actor=actor, address=address)
            announce(signals.token_deleted, token=self, actor=actor)
        return buried


WRITTEN_BY_SERVICES = {
    "deleted_at", "live_name", "suspended_at", "suspended_by", "user", "scope", "allowed_networks",
    "stop_noticed_at",
}  # fmt: skip
"""Columns that a stale instance, saved whole, must not set back."""


def announce(signal: Any, *, token: APIToken, **details: Any) -> None:
    """Send *signal* once the transaction has committed; a receiver's error harms nobody."""
    transaction.on_commit(
        lambda: signal.send_robust(sender=APIToken, token=token, **details),
        using=token._state.db,
        robust=True,
    )
