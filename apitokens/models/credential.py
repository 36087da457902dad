"""Credential: one JWT of a token."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apitokens.models.constraints import KeptEverywhere
from apitokens.signing import Claims


class Credential(models.Model):
    """One JWT of a token. While it lives, its claims' columns never change.

    The one without ``ends_at`` is current; others were replaced and work until then.
    """

    token = models.ForeignKey("apitokens.APIToken", models.CASCADE, related_name="credentials")
    jti = models.UUIDField(unique=True, default=uuid4, editable=False)
    kid = models.CharField(max_length=64, editable=False)
    issued_at = models.DateTimeField(editable=False)
    expires_at = models.DateTimeField(null=True, editable=False)
    ends_at = models.DateTimeField(null=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    last_used_from = models.GenericIPAddressField(_("last used from"), null=True, editable=False)
    end_noticed_at = models.DateTimeField(null=True, editable=False)

    if TYPE_CHECKING:
        token_id: int

    class Meta:
        verbose_name = _("credential")
        verbose_name_plural = _("credentials")
        constraints = [
            KeptEverywhere(
                fields=["token"],
                condition=Q(ends_at=None),
                name="apitokens_one_current_credential",
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(expires_at=None) | Q(ends_at__lte=F("expires_at")),
                name="apitokens_overlap_within_lifetime",
            ),
        ]

    def __str__(self):
        return f"{self.token_id}/{self.pk}"  # never the jti: this text reaches logs

    @property
    def is_current(self) -> bool:
        """No rotation has replaced it."""
        return self.ends_at is None

    @property
    def is_expired(self) -> bool:
        """The instant of expiry itself is too late (RFC 7519 §4.1.4)."""
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def has_ended(self) -> bool:
        """Replaced by a rotation whose overlap is over."""
        return self.ends_at is not None and self.ends_at <= timezone.now()

    @property
    def is_living(self) -> bool:
        """By its own dates it works: what its token and the policy say comes on top."""
        return not (self.is_expired or self.has_ended)

    @property
    def works_until(self) -> datetime | None:
        """When it stops by itself, or None: never. A rotation's overlap never outlives it."""
        return self.ends_at or self.expires_at

    @property
    def claims(self) -> Claims:
        """What its JWT says: the frozen columns and nothing else."""
        return Claims(
            kid=self.kid,
            jti=self.jti if isinstance(self.jti, UUID) else UUID(self.jti),
            issued_at=int(self.issued_at.timestamp()),
            expires_at=_epoch(self.expires_at),
        )

    def says(self, claims: Claims) -> bool:
        """Whether *claims* are this row's. The same as ``self.claims == claims``, and quicker."""
        return (
            self.kid == claims.kid
            and self.jti == claims.jti
            and _epoch(self.issued_at) == claims.issued_at
            and _epoch(self.expires_at) == claims.expires_at
        )


def _epoch(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())
