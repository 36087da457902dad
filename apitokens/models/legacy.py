"""LegacyCredential: a secret of another package that goes on working for a while."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apitokens.old_secrets import API_KEY, AUTHTOKEN, KNOX


class LegacyCredential(models.Model):
    """What is kept of an imported secret: a digest, and until when it works.

    Never the secret, nor a part of it, but for the prefix of an API key inside the hash
    ``lookup``. It stays as long as its token's row, so that importing again revives nothing.
    """

    class Source(models.TextChoices):
        AUTHTOKEN = AUTHTOKEN, _("old authtoken secret")
        KNOX = KNOX, _("old knox secret")
        API_KEY = API_KEY, _("old API key")

    token = models.ForeignKey(
        "apitokens.APIToken", models.CASCADE, related_name="legacy_credentials"
    )
    source = models.CharField(_("source"), max_length=32, choices=Source, editable=False)
    lookup = models.CharField(max_length=64, editable=False)
    hashed = models.CharField(max_length=255, editable=False)
    issued_at = models.DateTimeField(_("issued"), editable=False)
    imported_at = models.DateTimeField(_("imported"), default=timezone.now, editable=False)
    ends_at = models.DateTimeField(_("works until"), editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    last_used_from = models.GenericIPAddressField(_("last used from"), null=True, editable=False)
    end_noticed_at = models.DateTimeField(null=True, editable=False)

    is_current = False
    """A JWT is its token's current credential, never an old secret."""

    faster: str | None = None
    """What is to be kept instead of ``hashed``, once the secret has been seen."""

    if TYPE_CHECKING:
        token_id: int

    class Meta:
        verbose_name = _("legacy credential")
        verbose_name_plural = _("legacy credentials")
        constraints = [
            models.UniqueConstraint(fields=["lookup"], name="apitokens_legacy_lookup_unique"),
        ]

    def __str__(self):
        return f"{self.token_id}/{self.source}"  # never the digest: this text reaches logs

    @property
    def has_ended(self) -> bool:
        """Its sunset, or its own end in the other package, has come."""
        return self.ends_at <= timezone.now()

    @property
    def is_living(self) -> bool:
        """By its own date it works: what its token and the policy say comes on top."""
        return not self.has_ended

    @property
    def works_until(self) -> datetime:
        """When it stops by itself: at the sunset, or at its own end in the other package."""
        return self.ends_at
