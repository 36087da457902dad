"""What the list of candidates is narrowed to: by GET, from allow-lists, within the company."""

import re

from django import forms
from django.db.models import F
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, In
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from apitokens.models import PUBLIC_ID, APIToken
from candidates.models import Case, CaseStatus, Package, Source
from candidates.pages.paging import beyond, nearest, paginate
from candidates.pages.search import matching, matching_keys
from candidates.validators import validate_plain_text
from candidates.visibility import sees_progress

PEOPLE, API, SOURCES = "people", "api", "integrations"
ONE_PERSON = re.compile(r"user-([1-9][0-9]{0,17})", re.ASCII)
ONE_SOURCE = re.compile(r"source-([1-9][0-9]{0,17})", re.ASCII)
ONE_TOKEN = re.compile(PUBLIC_ID, re.ASCII)
CASE_KEY = "case__candidate_id"
FEW = 2000
"""Among so many rows at most each is looked up; of more, walking an index soon meets a page's."""
TOKENS_OFFERED = 100
"""So many of the newest tokens stand in the menu; any other is reached by its link."""


def looked_up(column):
    """A column that no index serves: each row's is looked up, and nothing begins with it."""
    return Coalesce(F(column), -1)


def are_few(keys):
    return not keys[FEW : FEW + 1].exists()


def select(label):
    return forms.Select(attrs={"class": "form-select", "aria-label": label})


class AddedByField(forms.CharField):
    """Anyone, people, API, integrations, ``user-<pk>``, ``source-<pk>`` or a token's public id;
    anything else is no filter.
    """

    widget = select(_("Added by"))

    def clean(self, value):
        value = super().clean(value)
        kinds = (ONE_PERSON, ONE_SOURCE, ONE_TOKEN)
        known = value in {"", PEOPLE, API, SOURCES} or any(kind.fullmatch(value) for kind in kinds)
        return value if known else ""


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

    def page(self, candidates, cursor):
        """The Page at *cursor* of those *candidates* that all conditions leave."""
        if "q" in self.narrowing:
            return self.page_of_found(candidates, cursor)
        few = self.few_keys(candidates)
        if few is None:
            return paginate(self.narrow(candidates), cursor, self.keys)
        among = candidates.filter(pk__in=beyond(few, cursor))
        return paginate(self.narrow(among, by_state=False), cursor)

    def page_of_found(self, candidates, cursor):
        words, rest = self.narrowing["q"], self.narrow(candidates, by_state=False)
        keys = matching_keys(rest, words)
        if keys is None:
            return paginate(matching(self.narrow(candidates), words), cursor, self.keys)
        return paginate(candidates.filter(pk__in=nearest(keys, cursor)), cursor)

    @property
    def keys(self):
        """The columns by which the list is paged, first that of the index to walk."""
        if "state" in self.narrowing:
            return (CASE_KEY, "pk")
        return ("pk", CASE_KEY) if "package" in self.narrowing else ("pk",)

    def few_keys(self, candidates):
        """The keys that one condition leaves, if they are FEW at most; else None.

        To look among them changes no answer. But a database may know how many candidates a token
        added on average, and not how many this one did.
        """
        return next((keys for keys in self.leaders(candidates) if are_few(keys)), None)

    def leaders(self, candidates):
        """What each condition leaves by itself that the page may be looked for among."""
        if "package" in self.narrowing:
            yield Case.objects.filter(subtype__in=self.subtypes).values("pk")
        by_some = "added_by" in self.narrowing or not self.user.is_company_admin
        if by_some and {"state", "package"} & self.narrowing.keys():
            yield self.narrow_by_adder(candidates).values("pk")

    def narrow(self, candidates, by_state=True):
        """Those that all conditions but the search leave.

        *by_state*: read by the index of states, if by any.
        """
        candidates = self.narrow_by_state(candidates, by_state)
        if "package" in self.narrowing:
            candidates = candidates.filter(In(looked_up("case__subtype"), self.subtypes))
        return self.narrow_by_adder(candidates)

    def narrow_by_state(self, candidates, by_index):
        if (state := self.narrowing.get("state")) is None:
            return candidates
        if not by_index:
            return candidates.filter(Exact(looked_up("case__status"), state))
        company = Exact(F("case__company"), self.company.pk)
        return candidates.filter(company, Exact(F("case__status"), state))

    def narrow_by_adder(self, candidates):
        who = self.narrowing.get("added_by")
        if not who:
            return candidates
        if who == API:
            return candidates.added_by_tokens()
        if who == PEOPLE:
            return candidates.added_by_people()
        if who == SOURCES:
            return candidates.added_from_sources()
        if source := ONE_SOURCE.fullmatch(who):
            return candidates.filter(Exact(F("added_from"), int(source[1])))
        if person := ONE_PERSON.fullmatch(who):
            return candidates.added_by_person(int(person[1]))
        if not self.token:
            return candidates.none()
        return candidates.added_through(self.token)

    @cached_property
    def subtypes(self):
        """The keys of the package's subtypes, so that the list need not be joined by them."""
        subtypes = self.narrowing["package"].subtypes.order_by()
        return list(subtypes.values_list("pk", flat=True))

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
            (SOURCES, gettext("Added through integrations")),
            (gettext("People"), self.people()),
            (gettext("Tokens"), self.tokens()),
            (gettext("Integrations"), self.sources()),
        ]

    def people(self):
        people = User.objects.filter(company=self.company).only("pk", "name", "email")
        return [(f"user-{person.pk}", str(person)) for person in people]

    def sources(self):
        """Those that ended stay: they are few, and their candidates are there."""
        sources = Source.objects.filter(company=self.company).order_by("word", "name", "pk")
        return [(f"source-{source.pk}", source.label) for source in sources[:TOKENS_OFFERED]]

    def tokens(self):
        tokens = APIToken.objects.for_owner(self.company).existing().order_by("-pk")
        offered = list(tokens.only("public_id", "name")[:TOKENS_OFFERED])
        if self.token and self.token not in offered:
            offered.append(self.token)
        return [(token.public_id, token.label) for token in offered]
