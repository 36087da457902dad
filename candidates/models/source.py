"""What adds candidates besides people and programs with tokens: a connection to another system."""

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apitokens.attribution import Attributed, label_with
from apitokens.models import canonical_name, validate_token_name


class Source(models.Model):
    """How such a connection is named, as ``TalentLyft(Berlin office)``, wherever it added somebody.

    Its row outlives the connection, as a token's does: what it added keeps its label.
    """

    company = models.ForeignKey(
        "accounts.Company", models.CASCADE, related_name="sources", verbose_name=_("company")
    )
    word = models.CharField(_("system"), max_length=32)
    name = models.CharField(_("name"), max_length=64, validators=[validate_token_name])
    live_name = models.CharField(max_length=192, null=True, editable=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(_("removed"), null=True, editable=False)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "live_name"], name="candidates_source_name_unique_in_company"
            )
        ]

    def __str__(self):
        return self.label

    def save(self, *args, **kwargs):
        self.live_name = None if self.is_deleted else canonical_name(self.name)
        super().save(*args, **kwargs)

    @property
    def label(self):
        """As with API(Token Name), and by the same function."""
        return label_with(self.word, self.name)

    @property
    def is_deleted(self):
        return self.deleted_at is not None

    def url_for(self, user):
        """Whom it added, for Admins of its company while it lives; as with a token."""
        theirs = getattr(user, "is_company_admin", False) and user.company_id == self.company_id
        if self.is_deleted or not theirs:
            return None
        return f"{reverse('candidates:list')}?added_by=source-{self.pk}"


class Sourced(Attributed):
    """A row that a person, a program with a token, or a source added."""

    added_from = models.ForeignKey(
        Source, models.RESTRICT, null=True, blank=True, editable=False, related_name="+",
        verbose_name=_("added from"),
    )  # fmt: skip

    class Meta:
        abstract = True
