"""Rotating on the page: one rotation however often it is sent, and never beyond the old end."""

from datetime import timedelta

import pytest

from apitokens import services
from apitokens.exceptions import TokenNotUsable
from apitokens.models import APITokenEvent, Credential
from tests.apitokens.conftest import claims_in
from tests.conftest import bearer, signed_in
from tests.factories import UserFactory, make_token

pytestmark = pytest.mark.django_db

LIST = "/security-settings/api/"
ME = "/external/v1/me"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def page_of(token, action="rotate"):
    return f"{LIST}{token.public_id}/{action}/"


def rotate(client, token, overlap="86400", replaces=None):
    current = Credential.objects.get(token=token, ends_at=None)
    data = {"overlap": overlap, "replaces": replaces or current.pk}
    return client.post(page_of(token), data)


def rotations():
    return APITokenEvent.objects.filter(kind="rotated").count()


@pytest.fixture
def short(acme, admin, time_machine):
    """A token that ends at 13:00; it is noon."""
    time_machine.move_to("2026-11-24T12:00:00Z", tick=False)
    return make_token(owner=acme, user=admin, name="Interview day", lifetime=HOUR)[0]


def test_rotating_reveals_a_new_token_and_the_old_one_goes_on(admin_client, token, jwt):
    response = rotate(admin_client, token)
    new = response.context["jwt"]
    assert new != jwt
    assert new in response.content.decode()
    assert "Token ready" in response.content.decode()
    assert bearer(new).get(ME).status_code == 200
    assert bearer(jwt).get(ME).status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(("overlap", "hours"), [("3600", 1), ("86400", 24), ("604800", 168)])
def test_the_old_one_stops_when_it_was_chosen_to(admin, token, jwt, overlap, hours, time_machine):
    time_machine.move_to("2027-01-05T12:00:00Z", tick=False)
    rotate(signed_in(admin), token, overlap)
    time_machine.shift(hours * 3600 - 1)
    assert bearer(jwt).get(ME).status_code == 200
    time_machine.shift(1)
    assert bearer(jwt).get(ME).status_code == 401


def test_now_is_now(admin_client, token, jwt):
    rotate(admin_client, token, "0")
    assert bearer(jwt).get(ME).status_code == 401


def test_the_reveal_waits_for_the_first_call_of_the_new_one(admin_client, token, jwt):
    bearer(jwt).get(ME)
    response = rotate(admin_client, token)
    assert "data-at-usage=" in response.content.decode()
    assert admin_client.get(page_of(token, "usage")).json()["last_used_at"] is None
    bearer(jwt).get(ME)
    assert admin_client.get(page_of(token, "usage")).json()["last_used_at"] is None
    bearer(response.context["jwt"]).get(ME)
    assert admin_client.get(page_of(token, "usage")).json()["last_used_at"]


def test_a_double_click_makes_one_rotation_and_shows_the_same_token(admin_client, token):
    current = token.credential.pk
    first, second = (rotate(admin_client, token, replaces=current) for _ in range(2))
    assert first.context["jwt"] == second.context["jwt"]
    assert rotations() == 1
    assert Credential.objects.filter(token=token).count() == 2


def stale_after(client, token, person, overlap):
    """The form of somebody whose colleague was quicker."""
    current = token.credential.pk
    services.rotate_token(token=token, overlap=overlap, actor=person)
    return rotate(client, token, replaces=current)


def test_a_form_overtaken_by_a_colleague_shows_no_token(admin_client, token, acme):
    response = stale_after(admin_client, token, UserFactory(company=acme), DAY)
    assert response.status_code == 302
    assert rotations() == 1
    assert "has been rotated by now" in admin_client.get(response["Location"]).content.decode()


def test_a_form_with_another_choice_is_another_wish(admin_client, token, admin):
    assert stale_after(admin_client, token, admin, HOUR).status_code == 302
    assert rotations() == 1


def test_a_form_that_is_two_rotations_old_shows_no_token(admin_client, token, admin):
    current = token.credential.pk
    services.rotate_token(token=token, overlap=DAY, actor=admin)
    services.rotate_token(token=token, overlap=DAY, actor=admin)
    assert rotate(admin_client, token, replaces=current).status_code == 302
    assert rotations() == 2


@pytest.mark.parametrize(("minutes", "status"), [(9, 200), (11, 302)])
def test_a_reload_shows_the_token_for_ten_minutes(admin, token, time_machine, minutes, status):
    time_machine.move_to("2027-01-05T12:00:00Z", tick=False)
    client, current = signed_in(admin), token.credential.pk
    rotate(client, token, replaces=current)
    time_machine.shift(minutes * 60)
    assert rotate(client, token, replaces=current).status_code == status
    assert rotations() == 1


def test_the_service_refuses_to_replace_what_is_replaced(token, admin, acme):
    """A rotation that waits for the lock of another."""
    stale = token.credential.pk
    services.rotate_token(token=token, overlap=HOUR, actor=admin, replaces=stale)
    with pytest.raises(TokenNotUsable, match="superseded"):
        services.rotate_token(
            token=token, overlap=HOUR, actor=UserFactory(company=acme), replaces=stale
        )


@pytest.mark.parametrize(
    "data",
    [
        {"overlap": "", "replaces": "now"}, {"overlap": "60"}, {"overlap": "-1"},
        {"overlap": "3600.0"}, {"overlap": "9" * 50}, {"replaces": ""}, {"replaces": "x"},
        {"replaces": "9" * 30}, {"replaces": "-1"}, {"replaces": "1\x00"},
    ],
    ids=str,
)  # fmt: skip
def test_bad_input_is_a_400_and_rotates_nothing(admin_client, token, data):
    data = {"overlap": "3600", "replaces": token.credential.pk, **data}
    response = admin_client.post(page_of(token), data)
    assert response.status_code == 400
    assert rotations() == 0


def test_the_choices_say_when_the_old_one_stops(admin, token, time_machine):
    time_machine.move_to("2026-11-25T10:00:00Z", tick=False)
    page = signed_in(admin).get(page_of(token)).content.decode()
    for words in ("Today, 16:30", "Thu 26 Nov, 15:30", "Wed 2 Dec, 15:30", "never been used"):
        assert words in page
    assert 'value="86400" checked' in page


def test_choices_beyond_the_old_end_say_so(admin, short, time_machine):
    time_machine.shift(600)
    page = signed_in(admin).get(page_of(short))
    own = [(stop["value"], stop["is_own_end"]) for stop in page.context["stops"]]
    assert own == [("0", False), ("3600", True), ("86400", True), ("604800", True)]
    assert page.content.decode().count("Its own end: today, 18:30") == 3
    assert "The new one ends after 1 hour" in page.content.decode()


def test_no_overlap_outlives_the_old_end(admin, short, time_machine):
    end = short.credential.expires_at
    time_machine.shift(600)
    new = rotate(signed_in(admin), short, "604800").context["jwt"]
    old = Credential.objects.exclude(ends_at=None).get(token=short)
    assert old.ends_at == end
    claims = claims_in(new)
    assert claims["exp"] - claims["iat"] == 3600


@pytest.mark.parametrize("state", ["expired", "suspended", "stopped"])
def test_what_does_not_work_is_not_rotated(acme, admin, hr, time_machine, state):
    time_machine.move_to("2026-11-24T12:00:00Z", tick=False)
    user = UserFactory(company=acme)
    token, _ = make_token(owner=acme, user=user, name="T", lifetime=HOUR)
    if state == "expired":
        time_machine.shift(3600)
    elif state == "suspended":
        services.suspend_token(token=token, actor=admin)
    else:
        user.is_active = False
        user.save()
    client = signed_in(admin)
    for ask in (lambda: client.get(page_of(token)), lambda: rotate(client, token)):
        response = ask()
        assert response.status_code == 302
        assert "can’t be rotated" in client.get(response["Location"]).content.decode()
    assert rotations() == 0
