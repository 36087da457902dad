"""A person to be verified."""

from uuid import uuid4

from django.db import models
from django.db.models import F
from django.db.models.lookups import IsNull
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apitokens.attribution import AttributedQuerySet
from candidates.models.catalogue import Category, Tag
from candidates.models.source import Sourced


class CandidateQuerySet(AttributedQuerySet):
    def for_company(self, company):
        return self.filter(company=company)

    def added_from_sources(self):
        """Those that came through any connection to another system."""
        return self.filter(IsNull(F("added_from"), False))

    def for_list(self):
        """With all that a row of the list shows: one query for any number of rows."""
        return self.with_adder().select_related("case__subtype__package")


class Candidate(Sourced):
    """A candidate of one company. Its case (candidate.case) says how the verification stands.

    The ``live_…`` columns repeat e-mail, phone and employee id while the case is unfinished and
    are NULL afterwards, so that plain unique constraints keep duplicates out on every database.

    Once ``erased_at`` is set nothing here says who it was (services/erasure.py).
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    company = models.ForeignKey(
        "accounts.Company",
        models.CASCADE,
        related_name="candidates",
        verbose_name=_("company"),
        db_index=False,  # candidates_by_company begins with it
    )
    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"), blank=True)
    alternate_email = models.EmailField(_("other e-mail"), blank=True)
    phone = models.CharField(_("mobile"), max_length=10)
    alternate_phone = models.CharField(_("other mobile"), max_length=10, blank=True)
    employee_id = models.CharField(_("employee id"), max_length=64, blank=True)
    uan_number = models.CharField(_("UAN"), max_length=12, blank=True)
    category = models.ForeignKey(
        Category,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("category"),
        db_index=False,  # candidates_by_category begins with it
    )
    tags = models.ManyToManyField(Tag, through="CandidateTag", blank=True, verbose_name=_("tags"))
    resume_url = models.URLField(_("résumé"), max_length=2000, blank=True)
    consent_url = models.URLField(_("consent letter"), max_length=2000, blank=True)
    is_consent_undertaking_letter = models.BooleanField(default=False)
    invite = models.BooleanField(_("invited by e-mail"), default=False)
    meta_data = models.JSONField(_("meta data"), default=dict, blank=True)
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)
    erased_at = models.DateTimeField(_("erased"), null=True, editable=False)
    # Lower case can be twice as long, casefold three times.
    live_email = models.CharField(max_length=508, null=True, editable=False)
    live_phone = models.CharField(max_length=10, null=True, editable=False)
    live_employee_id = models.CharField(max_length=192, null=True, editable=False)

    objects = CandidateQuerySet.as_manager()

    class Meta:
        verbose_name = _("candidate")
        verbose_name_plural = _("candidates")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "live_email"],
                name="candidates_live_email_unique_in_company",
            ),
            models.UniqueConstraint(
                fields=["company", "live_phone"],
                name="candidates_live_phone_unique_in_company",
            ),
            models.UniqueConstraint(
                fields=["company", "live_employee_id"],
                name="candidates_live_employee_id_unique_in_company",
            ),
            models.CheckConstraint(
                condition=models.Q(erased_at=None)
                | models.Q(
                    email="",
                    alternate_email="",
                    phone="",
                    alternate_phone="",
                    employee_id="",
                    uan_number="",
                    resume_url="",
                    consent_url="",
                    live_email=None,
                    live_phone=None,
                    live_employee_id=None,
                ),
                name="candidates_erased_tells_nobody",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-id"], name="candidates_by_company"),
            models.Index(fields=["company", "-created_at", "-id"], name="candidates_by_day"),
            models.Index(fields=["company", "added_through", "-id"], name="candidates_by_token"),
            # Added by hand: what a token adds is the token's, though it acts as a person.
            models.Index(
                fields=["company", "added_by", "-id"],
                condition=models.Q(added_through=None),
                name="candidates_by_person",
            ),
            models.Index(
                fields=["company", "-id"],
                condition=models.Q(added_through=None, added_from=None),
                name="candidates_by_people",
            ),
            models.Index(
                fields=["company", "-id"],
                condition=models.Q(added_through__isnull=False),
                name="candidates_by_api",
            ),
            models.Index(
                fields=["company", "added_from", "-id"],
                condition=models.Q(added_from__isnull=False),
                name="candidates_by_source",
            ),
            models.Index(
                fields=["company", "-id"],
                condition=models.Q(added_from__isnull=False),
                name="candidates_by_sources",
            ),
            models.Index(fields=["company", "email"], name="candidates_by_email"),
            models.Index(fields=["category", "-id"], name="candidates_by_category"),
        ]

    def __str__(self):
        return self.name

    @property
    def is_erased(self):
        return self.erased_at is not None

    def claim_identity(self):
        """Fill the ``live_…`` columns: from now on nobody else of the company may be this one."""
        self.live_email = self.email.lower() or None
        self.live_phone = self.phone or None
        self.live_employee_id = self.employee_id.casefold() or None

    def release_identity(self):
        """Empty the ``live_…`` columns: the case is finished, the person may come again."""
        self.live_email = self.live_phone = self.live_employee_id = None


class CandidateTag(models.Model):
    """A tag on a candidate. The constraint is in the order in which the list of a tag is walked."""

    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="+")
    tag = models.ForeignKey(
        Tag,
        models.CASCADE,
        related_name="+",
        db_index=False,  # candidates_tag_once begins with it
    )

    class Meta:
        db_table = "candidates_candidate_tags"
        constraints = [
            models.UniqueConstraint(fields=["tag", "candidate"], name="candidates_tag_once")
        ]

    def __str__(self):
        return f"{self.candidate_id} {self.tag_id}"
