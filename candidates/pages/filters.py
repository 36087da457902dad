"""What the list of candidates is narrowed to: by GET, from allow-lists, within the company."""

import re

from django import forms
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from apitokens.models import APIToken
from candidates.models import CaseStatus, Package
from candidates.validators import validate_plain_text
from candidates.visibility import sees_progress

PEOPLE, API = "people", "api"
ONE_PERSON = re.compile(r"user-([1-9][0-9]{0,17})", re.ASCII)
ONE_TOKEN = re.compile(r"tok_[0-9a-z]{12}", re.ASCII)
TOKENS_OFFERED = 100
"""So many of the newest tokens stand in the menu; any other is reached by its link."""


def select(label):
    return forms.Select(attrs={"class": "form-select", "aria-label": label})


class AddedByField(forms.CharField):
    """Anyone, people, API, ``user-<pk>`` or a token's public id; anything else is no filter."""

    widget = select(_("Added by"))

    def clean(self, value):
        value = super().clean(value)
        known = value in {"", PEOPLE, API} or ONE_PERSON.fullmatch(value)
        return value if known or ONE_TOKEN.fullmatch(value) else ""


class FilterForm(forms.Form):
    """Unknown values narrow nothing; ids of another company are like ids of nobody."""

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
    package = forms.ModelChoiceField(
        required=False,
        queryset=Package.objects.none(),
        empty_label=_("Any package"),
        widget=select(_("Package")),
    )
    added_by = AddedByField(required=False)

    def __init__(self, data, *, user):
        super().__init__(data)
        self.user, self.company = user, user.company
        self.fields["package"].queryset = Package.objects.filter(company=self.company)
        if not sees_progress(user):
            del self.fields["state"]  # filtering by it would tell it
        if user.is_company_admin:
            self.fields["added_by"].widget.choices = self.adders
        else:
            del self.fields["added_by"]  # they see their own alone

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
    def key(self):
        """The column by which the list is paged: that of the index which the filter walks."""
        return "case__candidate_id" if "state" in self.narrowing else "pk"

    def narrow(self, candidates):
        conditions = self.narrowing
        if words := conditions.get("q"):
            candidates = candidates.filter(
                Q(name__icontains=words) | Q(email__icontains=words) | Q(phone__icontains=words)
            )
        if (state := conditions.get("state")) is not None:
            candidates = candidates.filter(case__company=self.company, case__status=state)
        if package := conditions.get("package"):
            candidates = candidates.filter(case__subtype__package=package)
        return self.narrow_by_adder(candidates, conditions.get("added_by"))

    def narrow_by_adder(self, candidates, who):
        if not who:
            return candidates
        if who == API:
            return candidates.filter(added_through__isnull=False)
        if who == PEOPLE:
            return candidates.filter(added_through=None)
        if person := ONE_PERSON.fullmatch(who):
            return candidates.filter(added_by=int(person[1]), added_through=None)
        return candidates.filter(added_through=self.token) if self.token else candidates.none()

    @cached_property
    def token(self):
        """The token of the company that is asked for, deleted or not; None: there is none."""
        tokens = APIToken.objects.for_owner(self.company)
        return tokens.filter(public_id=self.narrowing.get("added_by", "")).first()

    def adders(self):
        """The menu: everyone of the company, its newest tokens, and the one that is asked for."""
        return [
            ("", gettext("Added by anyone")),
            (PEOPLE, gettext("Added by people")),
            (API, gettext("Added through the API")),
            (gettext("People"), self.people()),
            (gettext("Tokens"), self.tokens()),
        ]

    def people(self):
        people = User.objects.filter(company=self.company).only("pk", "name", "email")
        return [(f"user-{person.pk}", str(person)) for person in people]

    def tokens(self):
        tokens = APIToken.objects.for_owner(self.company).existing().order_by("-pk")
        offered = list(tokens.only("public_id", "name")[:TOKENS_OFFERED])
        if self.token and self.token not in offered:
            offered.append(self.token)
        return [(token.public_id, token.label) for token in offered]
