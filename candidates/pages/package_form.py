"""Add candidate, the second step: a subtype of a package that has credits, and add-ons."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _

from candidates.exceptions import AddOnsIncomplete
from candidates.models import AddOn, Check, Package, Subtype
from candidates.pages.forms import KeysField
from candidates.services.credits import rupees_of
from candidates.services.ordering import checks_to_order, price_of


class PackageForm(forms.Form):
    """What to verify, of what *company* can order now."""

    subtype = forms.ModelChoiceField(
        label=_("Package"),
        queryset=Subtype.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose a package"),
            "invalid_choice": _("Choose one of these packages"),
        },
    )
    add_ons = KeysField(
        label=_("Add-ons"),
        queryset=AddOn.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choose from the list")},
    )

    def __init__(self, data=None, *, company, **kwargs):
        super().__init__(data, **kwargs)
        self.company = company
        self.fields["subtype"].queryset = offered_subtypes(company)
        self.fields["add_ons"].queryset = AddOn.objects.filter(
            company=company, is_active=True
        ).select_related("kind")

    def clean(self):
        data = super().clean()
        if self.errors:
            return data
        try:
            self.included, self.extra = checks_to_order(data["subtype"], data["add_ons"])
        except AddOnsIncomplete as error:
            self.refuse_incomplete(error.missing)
            return data
        if self.price > self.wallet:
            self.refuse_funds()
        return data

    @cached_property
    def wallet(self):
        return rupees_of(self.company)

    @property
    def price(self):
        """Rupees for the add-ons of a valid form."""
        return price_of(self.extra)

    def refuse_incomplete(self, missing):
        """Say which check an add-on needs. *missing* is AddOnsIncomplete's."""
        names = dict(Check.objects.values_list("code", "name"))
        for code, other in missing.items():
            words = {"add_on": names.get(code, code), "other": names.get(other, other)}
            text = _gettext("%(add_on)s needs %(other)s: choose it too, or a package with it")
            self.add_error("add_ons", ValidationError(text % words, code="incomplete"))

    def refuse_funds(self):
        text = _gettext("The wallet holds less than these add-ons cost. Choose fewer")
        self.add_error("add_ons", ValidationError(text, code="funds"))

    def refuse_credits(self):
        text = _gettext("This package has no credits left. Choose another")
        self.add_error("subtype", ValidationError(text, code="credits"))

    @cached_property
    def chosen(self):
        """The subtype that is ticked, or None."""
        return next((option for _package, options in self.cards for option in options
                     if option["ticked"]), None)  # fmt: skip

    @cached_property
    def cards(self):
        """Each package with its subtypes: their radio, and the checks they hold."""
        cards = {}
        for option in self["subtype"]:
            subtype = option.data["value"].instance
            checks = list(subtype.checks.all())
            row = {
                "radio": option,
                "subtype": subtype,
                "checks": checks,
                "codes": " ".join(check.code for check in checks),
                "ticked": option.data["selected"],
            }
            cards.setdefault(subtype.package, []).append(row)
        return list(cards.items())

    @cached_property
    def add_on_rows(self):
        """Each add-on with its box; ``included``: the subtype that is ticked holds it already."""
        codes = self.chosen["codes"].split() if self.chosen else []
        return [
            {
                "box": option,
                "add_on": option.data["value"].instance,
                "included": option.data["value"].instance.kind.code in codes,
                "ticked": option.data["selected"],
            }
            for option in self["add_ons"]
        ]

    @property
    def total(self):
        """What is ticked: the add-ons to pay and their price, for the panel at the right."""
        extra = [row["add_on"] for row in self.add_on_rows if row["ticked"] and not row["included"]]
        return {"chosen": self.chosen, "extra": extra, "price": price_of(extra)}


def offered_subtypes(company):
    """What can be ordered now: subtypes of offered packages that have credits left."""
    return (
        Subtype.objects.filter(
            package__company=company, package__is_active=True, package__credits__gt=0
        )
        .select_related("package")
        .prefetch_related("checks")
        .order_by("package__name", "name")
    )


def packages_without_credits(company):
    return Package.objects.filter(company=company, is_active=True, credits=0)
