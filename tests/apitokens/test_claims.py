"""security.md B: claims that are wrong under the right key, and lifetimes out of bounds."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apitokens.exceptions import LifetimeRefused
from apitokens.forms import GenerateForm
from apitokens.models import APIToken, Credential
from apitokens.services import issue_token
from tests.apitokens.conftest import assert_bearer_failure, claims_in, forge
from tests.factories import make_token

pytestmark = pytest.mark.django_db

NOW = "2026-11-24T12:00:00Z"


@pytest.fixture
def short_lived(acme, admin, time_machine):
    """The JWT of a token that expires 600 seconds after NOW."""
    time_machine.move_to(NOW, tick=False)
    return make_token(owner=acme, user=admin, name="Short", lifetime=timedelta(seconds=600))[1]


EXPIRIES = [
    0,
    -1,
    1.5,
    "1795000000",
    True,
    False,
    None,
    [],
    [1795000000],
    {},
    2**63,
    2**70,
    10**400,
]


@pytest.mark.parametrize("expiry", EXPIRIES, ids=lambda e: repr(e)[:12])
def test_an_exp_of_odd_type_or_value_is_refused(present, short_lived, expiry):
    assert_bearer_failure(present(forge(payload={**claims_in(short_lived), "exp": expiry})))


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e400", "1795521600.0"])
def test_an_exp_that_is_no_integer_literal_is_refused(present, short_lived, literal):
    claims = claims_in(short_lived)
    text = (
        f'{{"iss":"{claims["iss"]}","aud":"{claims["aud"]}","jti":"{claims["jti"]}",'
        f'"iat":{claims["iat"]},"exp":{literal}}}'
    )
    assert_bearer_failure(present(forge(payload=text.encode())))


def test_the_rows_expiry_wins_over_a_stretched_or_removed_exp(present, short_lived):
    claims = claims_in(short_lived)
    stretched = {**claims, "exp": claims["exp"] + 86400}
    removed = {name: value for name, value in claims.items() if name != "exp"}
    for payload in (stretched, removed):
        assert_bearer_failure(present(forge(payload=payload)))


def test_an_exp_cannot_be_added_to_a_never_ending_token(present, claims):
    assert_bearer_failure(present(forge(payload={**claims, "exp": claims["iat"] + 600})))


def test_an_iat_that_is_not_the_rows_is_refused(present, claims):
    for issued_at in (0, claims["iat"] - 1, claims["iat"] + 1, str(claims["iat"]), True, 2**63):
        assert_bearer_failure(present(forge(payload={**claims, "iat": issued_at})))


@pytest.mark.parametrize("name", ["iss", "aud"])
@pytest.mark.parametrize("value", [..., None, "", "sv", "svportal-api,x", ["svportal-api"], 7, {}])
def test_an_issuer_or_audience_other_than_ours_is_refused(present, claims, name, value):
    payload = {**claims, name: value}
    if value is ...:
        del payload[name]
    assert_bearer_failure(present(forge(payload=payload)))


def test_a_part_of_our_issuer_is_not_our_issuer(present, claims, settings):
    for part in (settings.APITOKENS_ISSUER[:-1], settings.APITOKENS_ISSUER + "x"):
        assert_bearer_failure(present(forge(payload={**claims, "iss": part})))


JTIS = [
    ..., None, 7, 2**70, 1.5, True, [], {}, "", "a\u0000b", "\ud800", "' OR 1=1 --", "A" * 22,
    "A" * 23, "A" * 21, "=" * 22, "é" * 22,
]  # fmt: skip


@pytest.mark.parametrize("jti", JTIS, ids=lambda j: ascii(j)[:12])
def test_a_jti_of_odd_form_or_unknown_is_refused(present, claims, jti):
    payload = {**claims, "jti": jti}
    if jti is ...:
        del payload["jti"]
    assert_bearer_failure(present(forge(payload=payload)))


def test_a_jti_in_another_spelling_is_refused(present, claims):
    jti = claims["jti"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spare = jti[:-1] + alphabet[alphabet.index(jti[-1]) | 1]
    hexadecimal = Credential.objects.get().jti.hex
    for spelling in (jti.swapcase(), spare, jti + "==", f" {jti}", hexadecimal):
        assert_bearer_failure(present(forge(payload={**claims, "jti": spelling})))


def test_a_log_in_jwt_is_no_api_token(present, admin):
    from rest_framework_simplejwt.tokens import AccessToken

    assert_bearer_failure(present(str(AccessToken.for_user(admin))))


def test_a_short_lived_token_works_until_the_second_of_its_expiry(
    present, short_lived, time_machine
):
    time_machine.shift(599)
    assert present(short_lived).status_code == 200
    time_machine.shift(1)
    assert_bearer_failure(present(short_lived))


def test_the_expiry_is_judged_though_the_signature_is_remembered(
    present, short_lived, time_machine
):
    assert present(short_lived).status_code == 200
    time_machine.shift(600)
    assert_bearer_failure(present(short_lived))


def test_the_rows_own_expiry_can_be_shortened(present, acme, admin):
    token, jwt = make_token(owner=acme, user=admin, name="Cut", lifetime=timedelta(seconds=600))
    token.credentials.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert_bearer_failure(present(jwt))


REFUSED = [
    "599",
    "86401",
    "-1",
    "1e9",
    "1000000000",
    "600.5",
    "600 ",
    " 600",
    "+600",
    "null",
    "0x258",
    "٦٠٠",
]


@pytest.mark.parametrize("seconds", REFUSED)
def test_the_form_refuses_a_lifetime_outside_600_to_86400_whole_seconds(seconds):
    form = GenerateForm(
        {"name": "x", "kind": "short-lived", "lifetime": seconds, "request_id": "0" * 32}
    )
    assert not form.is_valid()
    assert form.errors["lifetime"] == ["Enter 600 to 86400 seconds (10 minutes to 24 hours)"]


def test_the_form_refuses_a_short_lived_token_without_a_lifetime():
    form = GenerateForm({"name": "x", "kind": "short-lived", "request_id": "0" * 32})
    assert "lifetime" in form.errors


@pytest.mark.parametrize("seconds", REFUSED)
def test_the_command_refuses_a_lifetime_outside_600_to_86400_whole_seconds(admin, seconds):
    with pytest.raises(CommandError, match="--lifetime"):
        call_command("apitokens_create", f"--lifetime={seconds}", user=admin.email, name="x")
    assert not APIToken.objects.exists()


@pytest.mark.parametrize(
    "lifetime",
    [
        timedelta(seconds=599),
        timedelta(seconds=86401),
        timedelta(seconds=-1),
        timedelta(seconds=600, microseconds=500_000),
        timedelta(days=10_000),
        timedelta(0),
        600,
        "600 ",
    ],
    ids=repr,
)
def test_the_service_refuses_a_lifetime_outside_600_to_86400_whole_seconds(acme, admin, lifetime):
    with pytest.raises(LifetimeRefused):
        issue_token(owner=acme, user=admin, name="x", lifetime=lifetime)
    assert not APIToken.objects.exists()


@pytest.mark.parametrize("seconds", [600, 86400])
def test_the_bounds_themselves_work_on_every_path(acme, admin, present, capsys, seconds):
    _, jwt = make_token(owner=acme, user=admin, name="s", lifetime=timedelta(seconds=seconds))
    call_command("apitokens_create", user=admin.email, name="c", lifetime=str(seconds))
    form = GenerateForm(
        {"name": "f", "kind": "short-lived", "lifetime": str(seconds), "request_id": "0" * 32}
    )
    assert form.is_valid()
    assert form.cleaned_data["lifetime"] == timedelta(seconds=seconds)
    for token in (jwt, capsys.readouterr().out.strip()):
        assert present(token).status_code == 200
        claims = claims_in(token)
        assert claims["exp"] - claims["iat"] == seconds
