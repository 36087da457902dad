"""The tokens asked for by adjective, and made tombstones of."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils import timezone

from apitokens.models.credential import Credential
from apitokens.models.legacy import LegacyCredential
from apitokens.policy import get_policy

if TYPE_CHECKING:
    from apitokens.models.token import APIToken  # noqa: F401 - for the annotations


class APITokenQuerySet(models.QuerySet["APIToken"]):
    """Reads by adjective; ``delete`` makes tombstones."""

    def for_owner(self, owner: Any) -> "APITokenQuerySet":
        return self.filter(owner=owner)

    def existing(self) -> "APITokenQuerySet":
        """Without tombstones."""
        return self.filter(deleted_at=None)

    def with_credentials(self) -> "APITokenQuerySet":
        """With people and credentials loaded: three queries for any number of tokens."""
        joined = ("user", "created_by", "suspended_by", "owner", *get_policy().select_related)
        return self.select_related(*joined).prefetch_related(
            models.Prefetch("credentials", Credential.objects.using(self.db)),
            models.Prefetch("legacy_credentials", LegacyCredential.objects.using(self.db)),
        )

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
        return (
            self.filter(created_at__lt=moment)
            .exclude(credentials__last_used_at__gte=moment)
            .exclude(legacy_credentials__last_used_at__gte=moment)
        )

    def with_old_secrets(self) -> "APITokenQuerySet":
        """Those of which another package's secret still works."""
        living = LegacyCredential.objects.filter(ends_at__gt=timezone.now())
        return self.filter(pk__in=living.values("token"))

    def acting_as(self, user: Any) -> "APITokenQuerySet":
        """Those that stop when *user* may no longer manage their owner's tokens."""
        return self.existing().filter(user=user)

    def delete(self, *, actor: Any = None, address: str | None = None):
        """Turn rows into tombstones: they stay, named, and never work again.

        Returns what ``QuerySet.delete`` returns: how many, and how many of which model. A token
        that is one already is left alone, so two people at once make one event.
        """
        rows = self.existing().select_related(None).select_for_update().order_by("pk")
        with transaction.atomic(using=rows.db):
            count = sum(token._bury(actor=actor, address=address) for token in rows)
        return count, ({self.model._meta.label: count} if count else {})

    delete.alters_data = True  # type: ignore[attr-defined]  # Django's own mark for templates
    delete.queryset_only = True  # type: ignore[attr-defined]  # and for managers
