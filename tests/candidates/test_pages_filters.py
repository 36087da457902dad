"""Every combination of filters shows what a plain loop over the same rows would."""

from datetime import date, datetime, time, timedelta
from itertools import combinations, cycle, islice, product
from random import Random

import pytest
from django.urls import reverse
from django.utils.timezone import localtime, make_aware

from candidates.models import Candidate, Case, CaseStatus, Category, Tag
from candidates.pages import narrowing
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
    for n, row in enumerate(made):
        mark(row, n)
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


DAY = date(2026, 3, 10)
LAST = time(23, 59, 59, 999_999)


def mark(row, n):
    """By turns a category, tags and an instant: the first or last of a day, older ones between."""
    named = {"company": row.company, "name": "Engineering"}
    row.category = Category.objects.get_or_create(**named)[0] if n % 3 else None
    row.names = {name for name, every in (("Campus", 2), ("Urgent", 5)) if n % every == 0}
    for name in row.names:
        row.tags.add(Tag.objects.get_or_create(company=row.company, name=name)[0])
    day = DAY + timedelta(days=n * 7 % 5)
    row.created_at = make_aware(datetime.combine(day, LAST if n % 2 else time.min))
    row.save()


@pytest.fixture
def kinds(acme, rows):
    """Values of the filters by category and tag, and which rows each means."""
    names = {tag.name: tag.pk for tag in Tag.objects.filter(company=acme)}
    engineering = Category.objects.get(company=acme, name="Engineering")
    empty = Category.objects.create(company=acme, name="Nobody's").pk
    return {
        "category": {engineering.pk: lambda row: row.category is not None, empty: nobody},
        "tag": {
            names["Campus"]: lambda row: "Campus" in row.names,
            names["Urgent"]: lambda row: "Urgent" in row.names,
        },
    }


def nobody(row):
    return False


def between(first, last):
    return lambda row: first <= localtime(row.created_at).date() <= last


DAYS = {
    ("2026-03-11", "2026-03-12"): between(date(2026, 3, 11), date(2026, 3, 12)),
    ("2026-03-12", ""): between(date(2026, 3, 12), date.max),
    ("", "2026-03-10"): between(date.min, date(2026, 3, 10)),
    ("2000-01-01", "2999-12-31"): lambda row: True,
    ("2026-04-01", "2026-04-01"): nobody,
}
"""The third day is that of the middle: all rows are of five days."""


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


WAYS = {
    "few are looked up": {},
    "indexes are walked": {"FEW": 0},
    "keys come in small pieces": {"FEW": 0, "GLANCED": 2, "PIECES": (3, 7, 100)},
    "the pieces end and the list is walked": {"FEW": 0, "GLANCED": 1, "PIECES": (2,)},
}


@pytest.fixture(params=WAYS)
def way(request, monkeypatch):
    """Each way in which a page is found."""
    for name, value in WAYS[request.param].items():
        monkeypatch.setattr(narrowing, name, value)


def check_both_ways(client, rows, chosen):
    """*chosen*: of each filter its name, a value, and which rows it means."""
    query, wanted = {}, rows
    for name, value, means in chosen:
        query |= (
            dict(zip(("since", "until"), value, strict=True)) if name == "days" else {name: value}
        )
        wanted = [row for row in wanted if means(row)]
    if "since" in query:
        wanted = sorted(wanted, key=lambda row: (row.created_at, row.pk), reverse=True)
    expected = [row.pk for row in wanted]
    assert listed(client, query) == expected, query
    assert listed_backwards(client, query, expected) == expected[:-1], query


def listed_backwards(client, query, keys):
    """The keys of all pages before the last row, in the list's order."""
    if not keys:
        return []
    url, found = f"{LIST}?{'&'.join(f'{n}={v}' for n, v in query.items())}&before={keys[-1]}", []
    while url:
        context = client.get(url).context
        found = [row.pk for row in context["rows"]] + found
        url = context["previous_url"]
    return found


@pytest.fixture
def choices(kinds, adders, packages):
    """Of each filter the values that narrow, and which rows each means."""
    everyone = {"q": WORDS, "state": STATES, "added_by": adders, "package": packages, **kinds}
    narrowing_ones = {
        name: [(name, value, means) for value, means in values.items() if value != ""]
        for name, values in everyone.items()
    }
    return narrowing_ones | {"days": [("days", value, means) for value, means in DAYS.items()]}


def test_each_filter_alone_is_paged_both_ways_as_a_loop_would(admin_client, rows, choices, way):
    for values in choices.values():
        for one in values:
            check_both_ways(admin_client, rows, [one])


def test_each_two_filters_are_paged_both_ways_as_a_loop_would(admin_client, rows, choices, way):
    for pair in pairs(choices):
        check_both_ways(admin_client, rows, pair)


def pairs(choices):
    """Of each two filters pairs in which every value stands."""
    for two in combinations(choices.values(), 2):
        yield from islice(zip(*map(cycle, two), strict=True), max(map(len, two)))


@pytest.mark.parametrize("seed", range(2))
def test_filters_at_random_are_paged_both_ways_as_a_loop_would(
    admin_client, rows, choices, way, seed
):
    chance = Random(seed)
    for _ in range(8):
        names = chance.sample(sorted(choices), chance.randint(3, len(choices)))
        check_both_ways(admin_client, rows, [chance.choice(choices[name]) for name in names])


def test_hr_pages_each_two_filters_of_what_they_see(hr_client, hr, rows, choices, kinds, way):
    """Their own, and those of a category that is theirs."""
    chance = Random(len(rows))
    hr.categories.add(next(iter(kinds["category"])))
    own = [row for row in rows if row.category or (row.added_by == hr and not row.added_through)]
    assert 0 < len(own) < len(rows)
    del choices["added_by"]
    for pair in chance.sample(list(pairs(choices)), 16):
        check_both_ways(hr_client, own, pair)


def check(client, rows, names, *choices):
    for chosen in product(*(choice.items() for choice in choices)):
        query = dict(zip(names, (value for value, _means in chosen), strict=True))
        expected = [row.pk for row in rows if all(means(row) for _value, means in chosen)]
        assert listed(client, query) == expected, query


@pytest.mark.parametrize("few", [0, 10, 2000])
def test_an_admin_is_shown_what_a_loop_over_the_companys_rows_leaves(
    admin_client, rows, adders, packages, few, monkeypatch
):
    monkeypatch.setattr(narrowing, "FEW", few)
    names = ["q", "state", "added_by", "package"]
    check(admin_client, rows, names, WORDS, STATES, adders, packages)


@pytest.mark.parametrize("few", [0, 2000])
def test_hr_is_shown_what_a_loop_over_their_own_rows_leaves(
    hr_client, hr, rows, packages, few, monkeypatch
):
    monkeypatch.setattr(narrowing, "FEW", few)
    own = [row for row in rows if row.added_by == hr and row.added_through is None]
    check(hr_client, own, ["q", "state", "package"], WORDS, STATES, packages)
