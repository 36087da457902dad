"""People, programs and what they hold, for every test."""

import os

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from hypothesis import settings as hypothesis_settings
from rest_framework.test import APIClient

from accounts.models import AccessLevel
from tests.databases import end_other_sessions, quick_to_empty
from tests.factories import CompanyFactory, SubtypeFactory, UserFactory, make_token

# The same examples in every run, and no deadline: the machine may be busy.
hypothesis_settings.register_profile("suite", deadline=None, max_examples=60, derandomize=True)
hypothesis_settings.load_profile("suite")


ONLY = {"postgresql": "postgresql", "mariadb": "mysql"}
"""Marker → the vendor that alone has what the test tries."""


def pytest_collection_modifyitems(config, items):
    """What only one database has is asked of that one alone."""
    others = [marker for marker, vendor in ONLY.items() if vendor != connection.vendor]
    left_out = [item for item in items if any(map(item.get_closest_marker, others))]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    """With CI set, a skipped test is a failed run: nothing hides behind a missing browser."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    with pytest.MonkeyPatch.context() as monkeypatch:
        with django_db_blocker.unblock():
            quick_to_empty(monkeypatch)
        yield
        with django_db_blocker.unblock():
            end_other_sessions()


@pytest.fixture(autouse=True)
def empty_cache():
    """Nothing that another test counted; keys of rows come again."""
    cache.clear()


@pytest.fixture
def acme(db):
    return CompanyFactory(name="Acme Corp", slug="acme")


@pytest.fixture
def globex(db):
    return CompanyFactory(name="Globex", slug="globex")


@pytest.fixture
def admin(acme):
    return UserFactory(email="admin@acme.test", name="Asha Rao", company=acme)


@pytest.fixture
def other_admin(globex):
    return UserFactory(email="admin@globex.test", name="Gita Globex", company=globex)


@pytest.fixture
def hr(acme):
    return UserFactory(
        email="hr@acme.test", name="Joseph D’Souza", company=acme, access_level=AccessLevel.HR
    )


@pytest.fixture
def recruiter(acme):
    return UserFactory(
        email="recruiter@acme.test", name="Kavya", company=acme, access_level=AccessLevel.RECRUITER
    )


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def admin_client(admin):
    return signed_in(admin)


@pytest.fixture
def other_admin_client(other_admin):
    return signed_in(other_admin)


@pytest.fixture
def hr_client(hr):
    return signed_in(hr)


@pytest.fixture
def recruiter_client(recruiter):
    return signed_in(recruiter)


def bearer(jwt):
    """An API client that sends *jwt*."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {jwt}")
    return client


@pytest.fixture
def token_and_jwt(acme, admin):
    return make_token(owner=acme, user=admin, name="Greenhouse sync")


@pytest.fixture
def token(token_and_jwt):
    return token_and_jwt[0]


@pytest.fixture
def jwt(token_and_jwt):
    return token_and_jwt[1]


@pytest.fixture
def api(jwt):
    """A program of Acme's with the token "Greenhouse sync"."""
    return bearer(jwt)


@pytest.fixture
def subtype(acme):
    return SubtypeFactory(package__company=acme)
