"""What a company can order: packages of subtypes, each a set of checks; its categories and tags."""

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class OfCompany(models.Model):
    """A named row of one company, its name unique there."""

    company = models.ForeignKey("accounts.Company", models.CASCADE, verbose_name=_("company"))
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        abstract = True
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "name"],
                name="%(app_label)s_%(class)s_name_unique_in_company",
            )
        ]

    def __str__(self):
        return self.name


class Category(OfCompany):
    """A part of the company (Engineering, Sales). HR people see the candidates of theirs."""

    people = models.ManyToManyField(
        "accounts.User", related_name="categories", blank=True, verbose_name=_("HR people")
    )

    class Meta(OfCompany.Meta):
        verbose_name = _("category")
        verbose_name_plural = _("categories")


class Tag(OfCompany):
    """A free mark on candidates."""

    class Meta(OfCompany.Meta):
        verbose_name = _("tag")
        verbose_name_plural = _("tags")


class Check(models.Model):
    """One kind of verification (identity, address, …), the same for every company."""

    code = models.SlugField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(
        _("description"), max_length=120, blank=True, help_text=_("Shown beside an add-on.")
    )
    icon = models.SlugField(_("icon"), max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("check")
        verbose_name_plural = _("checks")
        ordering = ["position", "name"]

    def __str__(self):
        return self.name


class Package(OfCompany):
    """A set of subtypes that share one balance of credits."""

    credits = models.PositiveIntegerField(
        _("credits left"),
        default=0,
        help_text=_("One is taken when a candidate is added."),
    )
    is_active = models.BooleanField(_("offered"), default=True)

    class Meta(OfCompany.Meta):
        verbose_name = _("package")
        verbose_name_plural = _("packages")


class Subtype(models.Model):
    """A set of checks within a package."""

    package = models.ForeignKey(
        Package, models.CASCADE, related_name="subtypes", verbose_name=_("package")
    )
    name = models.CharField(_("name"), max_length=80)
    friendly_name = models.CharField(_("name for people"), max_length=120)
    checks = models.ManyToManyField(Check, related_name="subtypes", verbose_name=_("checks"))

    class Meta:
        verbose_name = _("subtype")
        verbose_name_plural = _("subtypes")
        ordering = ["package", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["package", "name"],
                name="candidates_subtype_name_unique_in_package",
            )
        ]

    def __str__(self):
        return f"{self.package} · {self.name}"


class AddOn(models.Model):
    """A check that a company can order on top of any package, at its price."""

    company = models.ForeignKey("accounts.Company", models.CASCADE, verbose_name=_("company"))
    kind = models.ForeignKey(Check, models.CASCADE, verbose_name=_("check"))
    price = models.DecimalField(
        _("price in rupees"),
        max_digits=9,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0))],
    )
    is_active = models.BooleanField(_("offered"), default=True)

    class Meta:
        verbose_name = _("add-on")
        verbose_name_plural = _("add-ons")
        ordering = ["kind__position", "kind__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "kind"], name="candidates_add_on_once_in_company"
            ),
            models.CheckConstraint(
                condition=models.Q(price__gte=0), name="candidates_add_on_price_not_negative"
            ),
        ]

    def __str__(self):
        return str(self.kind)
