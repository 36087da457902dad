"""What the list of candidates is narrowed to: by GET, from allow-lists, within the company."""

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from candidates.models import CaseStatus, Category, Package, Tag
from candidates.pages.adders import AddedByField, Adders, select
from candidates.pages.days import BEFORE_THE_FIRST, are_in_order, day_field
from candidates.pages.narrowing import Narrowed
from candidates.validators import validate_plain_text
from candidates.visibility import sees_progress

MORE = ("category", "tag", "since", "until")
"""These are folded while none of them is in force."""


def one_of(nothing, **kwargs):
    """A choice of rows, which ``FilterForm`` takes from the company."""
    widget = forms.Select(attrs={"class": "form-select", **kwargs.pop("attrs", {})})
    return forms.ModelChoiceField(
        required=False,
        queryset=Package.objects.none(),
        empty_label=nothing,
        widget=widget,
        **kwargs,
    )


class FilterForm(forms.Form):
    """Unknown values narrow nothing; ids of another company are like ids of nobody. A wrong day
    narrows nothing either, and is the one that is said: days are typed.
    """

    q = forms.CharField(
        required=False,
        max_length=120,
        validators=[validate_plain_text],
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "class": "form-control",
                "placeholder": _("Name, e-mail or phone"),
                "aria-label": _("Name, e-mail or phone"),
            }
        ),
    )
    state = forms.TypedChoiceField(
        required=False,
        coerce=lambda code: CaseStatus(int(code)),
        empty_value=None,
        choices=[("", _("Any state")), *CaseStatus.choices],
        widget=select(_("State")),
    )
    package = one_of(_("Any package"), attrs={"aria-label": _("Package")})
    added_by = AddedByField(required=False)
    category = one_of(_("Any category"), label=_("Category"))
    tag = one_of(_("Any tag"), label=_("Tag"))
    since = day_field(_("Added from"), required=False)
    until = day_field(_("To"), required=False)

    def __init__(self, data, *, user):
        super().__init__(data)
        self.user, self.company = user, user.company
        for name, model in (("package", Package), ("category", Category), ("tag", Tag)):
            self.fields[name].queryset = model.objects.filter(company=self.company)
        if not sees_progress(user):
            del self.fields["state"], self.fields["since"], self.fields["until"]  # would tell it
        if user.is_company_admin:
            self.fields["added_by"].widget.choices = lambda: self.adders.menu
        else:
            del self.fields["added_by"]  # they see their own alone

    def clean(self):
        data = super().clean()
        if not are_in_order(data.get("since"), data.get("until")):
            self.add_error("until", BEFORE_THE_FIRST)
            del data["since"]
        return data

    @cached_property
    def narrowing(self):
        """The valid and non-empty conditions."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}

    @property
    def query(self):
        """The conditions in force as query parameters, for links to other pages of the list."""
        return {name: self.data.get(name) for name in self.narrowing}

    @property
    def is_unfolded(self):
        """Whether the folded fields have something to show."""
        wrong = {"since", "until"} & self.errors.keys()
        return bool(wrong or self.narrowing.keys() & set(MORE))

    @property
    def more(self):
        """The folded fields that the user has."""
        return [self[name] for name in MORE if name in self.fields]

    @cached_property
    def adders(self):
        return Adders(self.company, self.narrowing.get("added_by", ""))

    def page(self, candidates, cursor):
        """The Page at *cursor* of those *candidates* that all conditions leave."""
        return Narrowed(candidates, self.narrowing, self.adders, self.user).page(cursor)
