"""What a company has paid for, and what became of it."""

from decimal import Decimal

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apitokens.attribution import AttributedQuerySet
from candidates.models.candidate import Candidate
from candidates.models.catalogue import Package
from candidates.models.source import Sourced


class Wallet(models.Model):
    """Rupees of a company, from which add-ons are paid. No row: nothing was ever paid in."""

    company = models.OneToOneField("accounts.Company", models.CASCADE, primary_key=True)
    balance = models.DecimalField(
        _("rupees left"), max_digits=12, decimal_places=2, default=Decimal(0)
    )

    class Meta:
        verbose_name = _("wallet")
        verbose_name_plural = _("wallets")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(balance__gte=0), name="candidates_wallet_never_below_zero"
            )
        ]

    def __str__(self):
        return f"{self.company} ₹{self.balance}"


class CreditEntry(Sourced):
    """One line of the ledger: credits of *package* or, without one, rupees of the wallet.

    ``added_by_label`` is who moved them. The balances in Package and Wallet are the sums of these.
    """

    class Reason(models.TextChoices):
        OPENING = "opening", _("Opening balance")
        BOUGHT = "bought", _("Bought")
        USED = "used", _("Candidate added")
        RETURNED = "returned", _("Returned")
        CORRECTED = "corrected", _("Corrected")

    company = models.ForeignKey("accounts.Company", models.CASCADE, related_name="+")
    package = models.ForeignKey(
        Package,
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="entries",
        verbose_name=_("package"),
    )
    change = models.DecimalField(_("change"), max_digits=12, decimal_places=2)
    balance = models.DecimalField(_("balance after it"), max_digits=12, decimal_places=2)
    reason = models.CharField(_("reason"), max_length=16, choices=Reason)
    note = models.CharField(_("note"), max_length=200, blank=True)
    candidate = models.ForeignKey(
        Candidate, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(_("when"), default=timezone.now)

    objects = AttributedQuerySet.as_manager()

    class Meta:
        verbose_name = _("credit entry")
        verbose_name_plural = _("credit entries")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["company", "-id"], name="candidates_credit_by_company"),
            models.Index(
                fields=["package", "change"],
                condition=models.Q(change__gt=0),
                name="candidates_credit_booked",
            ),
        ]

    def __str__(self):
        return f"{self.company_id} {self.change:+}"

    @property
    def is_by_staff(self):
        """Whether our staff booked it: a company is told so, not who of them."""
        return self.added_through is None and self.added_by is not None and self.added_by.is_staff
