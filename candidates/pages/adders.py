"""Who added: as the list is asked for it, as the menu offers it, and as a condition."""

import re

from django import forms
from django.db.models import F
from django.db.models.lookups import Exact
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from apitokens.models import PUBLIC_ID, APIToken
from candidates.models import Source

PEOPLE, API, SOURCES = "people", "api", "integrations"
ONE_PERSON = re.compile(r"user-([1-9][0-9]{0,17})", re.ASCII)
ONE_SOURCE = re.compile(r"source-([1-9][0-9]{0,17})", re.ASCII)
ONE_TOKEN = re.compile(PUBLIC_ID, re.ASCII)
TOKENS_OFFERED = 100
"""So many of the newest tokens stand in the menu; any other is reached by its link."""


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


class Adders:
    """Those of a company; *asked* is a value of the field."""

    def __init__(self, company, asked):
        self.company, self.asked = company, asked

    def narrow(self, candidates):
        """Those of *candidates* whom they added."""
        if not self.asked:
            return candidates
        if self.asked == API:
            return candidates.added_by_tokens()
        if self.asked == PEOPLE:
            return candidates.added_by_people()
        if self.asked == SOURCES:
            return candidates.added_from_sources()
        return self.narrow_to_one(candidates)

    def narrow_to_one(self, candidates):
        if source := ONE_SOURCE.fullmatch(self.asked):
            return candidates.filter(Exact(F("added_from"), int(source[1])))
        if person := ONE_PERSON.fullmatch(self.asked):
            return candidates.added_by_person(int(person[1]))
        return candidates.added_through(self.token) if self.token else candidates.none()

    @cached_property
    def token(self):
        """The token of the company that is asked for, deleted or not; None: there is none."""
        tokens = APIToken.objects.for_owner(self.company)
        return tokens.filter(public_id=self.asked).first()

    @cached_property
    def menu(self):
        """Everyone of the company, its newest tokens, and the one that is asked for.

        Kept, because a widget goes through its choices twice.
        """
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
