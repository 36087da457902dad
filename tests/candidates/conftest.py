"""Candidates, added as people and programs add them."""

from itertools import count

import pytest

from apitokens.attribution import Actor
from candidates.services.add import add_candidate
from tests.candidates.bulk import PEOPLE, added, reviewed
from tests.factories import SubtypeFactory


@pytest.fixture(autouse=True)
def private_folder(settings, tmp_path):
    """Files of a test are its own."""
    settings.PRIVATE_MEDIA_ROOT = tmp_path / "private"
    settings.PRIVATE_MEDIA_ROOT.mkdir()
    return settings.PRIVATE_MEDIA_ROOT


numbers = count(9_000_000_000)


def add(actor, subtype, **fields):
    """A candidate of the subtype's company, unlike any other unless told."""
    if not isinstance(actor, Actor):
        actor = Actor(actor)
    phone = str(next(numbers))
    values = {"name": "Meera Iyer", "email": f"c{phone}@example.in", "phone": phone, **fields}
    return add_candidate(company=subtype.package.company, actor=actor, subtype=subtype, **values)


@pytest.fixture
def meera(admin, subtype):
    """Added by hand by Asha Rao."""
    return add(admin, subtype, email="meera.iyer@example.in")


@pytest.fixture
def through_token(token, admin, subtype):
    """Added by a program with "Greenhouse sync"."""
    return add(Actor(admin, token), subtype, name="Rohan Gupta")


@pytest.fixture
def foreign(other_admin, foreign_subtype):
    """Globex's own candidate."""
    return add(other_admin, foreign_subtype, name="Foreign Person")


@pytest.fixture
def foreign_subtype(globex):
    return SubtypeFactory(package__company=globex, package__name="Globex only")


@pytest.fixture
def asleep(monkeypatch):
    """No worker is there: a confirmed file waits."""
    monkeypatch.setattr("candidates.pages.bulk.wake", lambda bulk: None)


@pytest.fixture
def queued(asleep, admin_client, subtype):
    """A confirmed file of 25 people."""
    bulk = reviewed(admin_client, subtype, PEOPLE)
    added(admin_client, bulk)
    assert (bulk.state, bulk.total) == ("queued", 25)
    return bulk
