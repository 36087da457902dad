"""The history: written once, never changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from django.db import connections, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from apitokens.models.token import APIToken

_unlocked: ContextVar[bool] = ContextVar("apitokens_events_unlocked", default=False)


class EventsAreKept(TypeError):
    """History is append-only: events are neither changed nor deleted."""

    def __init__(self) -> None:
        super().__init__("API token events are append-only")


@contextmanager
def unlocked_events(using: str) -> Iterator[None]:
    """Let the block change events: for prune and the erasure of an owner, and for nobody else.

    PostgreSQL's trigger looks at a setting that ends with the transaction.
    """
    with transaction.atomic(using=using):
        if connections[using].vendor == "postgresql":
            with connections[using].cursor() as cursor:
                cursor.execute("SELECT set_config('apitokens.unlocked', 'on', true)")
        reset = _unlocked.set(True)
        try:
            yield
        finally:
            _unlocked.reset(reset)
            if connections[using].vendor == "postgresql" and not connections[using].needs_rollback:
                with connections[using].cursor() as cursor:
                    cursor.execute("SELECT set_config('apitokens.unlocked', 'off', true)")


class APITokenEventQuerySet(models.QuerySet["APITokenEvent"]):
    """Reads and appends. Raises EventsAreKept on the rest."""

    def append(
        self,
        token: "APIToken",
        kind: str,
        *,
        actor: Any,
        address: str | None,
        label: str | None = None,
        **data: Any,
    ) -> "APITokenEvent":
        """Write one line of history about *token*, by *actor* (a user or None).

        *label* says who it was where that isn't the actor's own name: a token that rotates
        itself, a command.
        """
        who = "" if actor is None else str(actor)
        return self.create(
            token_public_id=token.public_id,
            token_name=token.name,
            owner_id=str(token.owner_id),
            kind=kind,
            actor_id="" if actor is None else str(actor.pk),
            actor_label=(label or who)[:254],
            address=address,
            data=data,
        )

    def for_owner(self, owner: Any) -> "APITokenEventQuerySet":
        return self.filter(owner_id=str(owner.pk))

    def by(self, who: str) -> "APITokenEventQuerySet":
        """Those of the person with the id *who*, or of whatever that label names."""
        return self.filter(Q(actor_id=who) | Q(actor_id="", actor_label=who))

    def about(self, token: "APIToken") -> "APITokenEventQuerySet":
        return self.filter(token_public_id=token.public_id)

    def update(self, **kwargs: Any) -> int:
        _check_unlocked()
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        _check_unlocked()
        return super().delete()

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        _check_unlocked()
        return super().bulk_update(*args, **kwargs)

    delete.alters_data = True  # type: ignore[attr-defined]  # Django's own mark for templates
    delete.queryset_only = True  # type: ignore[attr-defined]  # and for managers


def _check_unlocked() -> None:
    if not _unlocked.get():
        raise EventsAreKept


class APITokenEvent(models.Model):
    """One line of history. No foreign keys: it outlives the token, the person and the owner."""

    class Kind(models.TextChoices):
        CREATED = "created", pgettext_lazy("API tokens", "created")
        IMPORTED = "imported", _("imported")
        RENAMED = "renamed", _("renamed")
        COPIED = "copied", _("copied")
        LIMITED = "limited", _("limits changed")
        ROTATED = "rotated", _("rotated")
        CUT = "cut", _("old credential cut")
        SUSPENDED = "suspended", _("suspended")
        RESUMED = "resumed", _("resumed")
        TAKEN_OVER = "taken-over", _("taken over")
        NEW_ADDRESS = "new-address", _("first use from a new address")
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
        base_manager_name = "objects"
        indexes = [models.Index(fields=["owner_id", "-id"], name="apitokens_event_by_owner")]

    def __str__(self):
        return gettext("%(name)s %(kind)s") % {
            "name": self.token_name, "kind": self.get_kind_display(),
        }  # fmt: skip

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            _check_unlocked()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Raises EventsAreKept, but for the services that prune and erase."""
        _check_unlocked()
        return super().delete(*args, **kwargs)
