"""What the system checks say of old secrets."""

import pytest

from tests.apitokens.test_checks import LEGACY, OURS, ids

DOOR = "rest_framework.authentication.TokenAuthentication"


@pytest.fixture
def change(settings):
    """change(NAME=value, …) sets settings."""
    return lambda **values: [setattr(settings, name, value) for name, value in values.items()]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEGACY_SCHEMES", ["Token"]),
        ("LEGACY_SCHEMES", "Token"),
        ("LEGACY_SCHEMES", {"simplejwt": "Token"}),
        ("LEGACY_SCHEMES", {"knox": ""}),
        ("LEGACY_SCHEMES", {"knox": "Two words"}),
        ("LEGACY_SCHEMES", {"knox": 1}),
        ("LEGACY_SCHEMES", {"authtoken": "Bearer"}),
        ("LEGACY_SCHEMES", {"authtoken": "bEARER"}),
        ("LEGACY_HEADER", "X-Api-Key"),
        ("LEGACY_HEADER", "HTTP_AUTHORIZATION"),
        ("LEGACY_HEADER", "HTTP_COOKIE"),
        ("LEGACY_HEADER", "REMOTE_USER"),
        ("LEGACY_HEADER", 1),
    ],
)
def test_a_header_by_which_no_old_secret_can_come_is_E008(change, name, value):
    change(**{f"APITOKENS_{name}": value})
    assert ids() == ["apitokens.E008"]


def test_a_header_by_which_old_secrets_can_come_is_fine(change):
    change(APITOKENS_LEGACY_SCHEMES={"knox": "JWT", "authtoken": None})
    change(APITOKENS_LEGACY_HEADER="HTTP_X_API_KEY")
    assert ids() == []
    change(APITOKENS_LEGACY_SCHEMES={"authtoken": "Bearer"}, APITOKENS_SHARE_BEARER=True)
    assert ids() == []


@pytest.mark.parametrize(
    ("classes", "found"),
    [
        ([OURS, LEGACY, DOOR], ["apitokens.W006"]),
        ([OURS, LEGACY, "knox.auth.TokenAuthentication"], ["apitokens.W006"]),
        ([DOOR, OURS, LEGACY], ["apitokens.W001", "apitokens.W006"]),
        ([OURS, DOOR], []),
        ([OURS, LEGACY], []),
    ],
)
def test_another_door_for_old_secrets_is_W006(change, classes, found):
    change(REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": classes})
    assert ids() == found
