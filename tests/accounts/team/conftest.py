"""A team: Asha is an Admin, Vikram another, Joseph HR."""

import pytest

from accounts.models import AccessLevel
from tests.factories import UserFactory


@pytest.fixture
def other(acme):
    """A second Admin of Acme's."""
    return UserFactory(email="vikram@acme.test", name="Vikram Shah", company=acme)


@pytest.fixture
def kavya(acme):
    return UserFactory(
        email="kavya@acme.test", name="Kavya", company=acme, access_level=AccessLevel.RECRUITER
    )
