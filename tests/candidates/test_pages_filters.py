"""Every combination of filters shows what a plain loop over the same rows would."""

from itertools import product

import pytest
from django.urls import reverse

from candidates.models import Candidate, Case, CaseStatus
from candidates.pages import filters
from tests.candidates.conftest import numbers
from tests.factories import PackageFactory, SubtypeFactory, UserFactory, make_token

LIST = reverse("candidates:list")

WORDS = {"": lambda row: True, "odd": lambda row: "odd" in row.name.lower()}
STATES = {
    "": lambda row: True,
    "0": lambda row: row.case.status == CaseStatus.IN_PROGRESS,
    "1": lambda row: row.case.status == CaseStatus.COMPLETED,
}


@pytest.fixture
def rows(acme, admin, hr, token, subtype, foreign):
    """One of each adder, subtype and state; and in another company one more."""
    other, _jwt = make_token(owner=acme, user=admin, name="Campus day")
    subtypes = [
        subtype,
        SubtypeFactory(package=subtype.package),
        SubtypeFactory(package=PackageFactory(company=acme)),
    ]
    adders = [(admin, None), (hr, None), (hr, token), (admin, token), (admin, other)]
    states = [CaseStatus.IN_PROGRESS, CaseStatus.COMPLETED, CaseStatus.ON_HOLD]
    made = [case_of(acme, n, *each) for n, each in enumerate(product(adders, subtypes, states))]
    return sorted(made, key=lambda row: row.pk, reverse=True)


def case_of(company, n, adder, subtype, status):
    user, token = adder
    candidate = Candidate.objects.create(
        company=company,
        name="Odd" if n % 2 else "Even",
        phone=next(numbers),
        added_by=user,
        added_through=token,
    )
    Case.objects.create(candidate=candidate, company=company, subtype=subtype, status=status)
    return candidate


@pytest.fixture
def adders(acme, admin, hr, token):
    """Values of the filter, and which rows each means."""
    return {
        "": lambda row: True,
        "people": lambda row: row.added_through is None,
        "api": lambda row: row.added_through is not None,
        f"user-{hr.pk}": lambda row: row.added_by == hr and row.added_through is None,
        f"user-{UserFactory(company=acme).pk}": lambda row: False,
        token.public_id: lambda row: row.added_through == token,
        "tok_000000000000": lambda row: False,
    }


@pytest.fixture
def packages(acme, subtype):
    package, empty = subtype.package, PackageFactory(company=acme)
    return {
        "": lambda row: True,
        package.pk: lambda row: row.case.subtype.package == package,
        empty.pk: lambda row: False,
    }


def listed(client, query):
    """The keys of all pages, in their order."""
    url, keys = f"{LIST}?{'&'.join(f'{name}={value}' for name, value in query.items())}", []
    while url:
        context = client.get(url).context
        keys += [row.pk for row in context["rows"]]
        url = context["next_url"]
    return keys


def check(client, rows, names, *choices):
    for chosen in product(*(choice.items() for choice in choices)):
        query = dict(zip(names, (value for value, _means in chosen), strict=True))
        expected = [row.pk for row in rows if all(means(row) for _value, means in chosen)]
        assert listed(client, query) == expected, query


@pytest.mark.parametrize("few", [0, 10, 2000])
def test_an_admin_is_shown_what_a_loop_over_the_companys_rows_leaves(
    admin_client, rows, adders, packages, few, monkeypatch
):
    monkeypatch.setattr(filters, "FEW", few)
    names = ["q", "state", "added_by", "package"]
    check(admin_client, rows, names, WORDS, STATES, adders, packages)


@pytest.mark.parametrize("few", [0, 2000])
def test_hr_is_shown_what_a_loop_over_their_own_rows_leaves(
    hr_client, hr, rows, packages, few, monkeypatch
):
    monkeypatch.setattr(filters, "FEW", few)
    own = [row for row in rows if row.added_by == hr and row.added_through is None]
    check(hr_client, own, ["q", "state", "package"], WORDS, STATES, packages)
