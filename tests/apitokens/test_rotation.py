"""Rotation: a new JWT for the same token, and an old one that ends (decision 10)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apitokens import services
from apitokens.exceptions import (
    LifetimeRefused,
    OverlapRefused,
    TokenDeleted,
    TokenNotUsable,
)
from apitokens.models import APIToken, APITokenEvent, Credential
from apitokens.policy import TokenPolicy, get_policy
from apitokens.verification import verify
from tests.apitokens.conftest import assert_bearer_failure, claims_in
from tests.factories import UserFactory, make_token

pytestmark = pytest.mark.django_db

NOW = "2026-11-24T12:00:00Z"
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)


@pytest.fixture
def frozen(time_machine):
    time_machine.move_to(NOW, tick=False)
    return time_machine


def rotate(token, overlap=DAY, **kwargs):
    return services.rotate_token(token=token, overlap=overlap, actor=token.user, **kwargs)


def test_name_attribution_and_history_stay(frozen, present, token, jwt):
    before = APIToken.objects.get()
    rotated, new = rotate(token)
    assert rotated == before
    assert (rotated.public_id, rotated.name, rotated.user) == (
        before.public_id, before.name, before.user,
    )  # fmt: skip
    assert new != jwt
    assert present(new).json()["id"] == present(jwt).json()["id"] == token.public_id
    kinds = APITokenEvent.objects.about(token).order_by("pk").values_list("kind", flat=True)
    assert list(kinds)[:2] == ["created", "rotated"]


def test_now_means_the_very_next_request(frozen, present, token, jwt):
    _, new = rotate(token, timedelta(0))
    assert_bearer_failure(present(jwt))
    assert present(new).status_code == 200


@pytest.mark.parametrize("overlap", [HOUR, DAY, WEEK])
def test_both_work_until_the_old_one_ends(frozen, present, token, jwt, overlap):
    _, new = rotate(token, overlap)
    frozen.shift(overlap - timedelta(seconds=1))
    assert present(jwt).status_code == 200
    frozen.shift(1)
    assert_bearer_failure(present(jwt))
    assert present(new).status_code == 200


@pytest.mark.parametrize(
    "overlap", [timedelta(seconds=1), timedelta(hours=2), timedelta(days=8), -HOUR, timedelta.max]
)
def test_any_other_overlap_is_refused_and_nothing_changes(token, overlap):
    with pytest.raises(OverlapRefused):
        rotate(token, overlap)
    assert Credential.objects.count() == 1
    assert token.credential.ends_at is None


def test_an_admins_rotation_starts_the_same_lifetime_anew(frozen, acme, admin):
    token, _ = make_token(acme, admin, lifetime=HOUR)
    frozen.shift(1800)
    _, new = rotate(token, HOUR)
    claims = claims_in(new)
    assert claims["exp"] - claims["iat"] == 3600
    old, current = Credential.objects.order_by("pk")
    assert current.expires_at - old.expires_at == timedelta(minutes=30)


def test_an_overlap_never_outlives_the_old_end(frozen, present, acme, admin):
    token, jwt = make_token(acme, admin, lifetime=HOUR)
    rotate(token, WEEK)
    old = Credential.objects.order_by("pk").first()
    assert old.ends_at == old.expires_at
    frozen.shift(3600)
    assert_bearer_failure(present(jwt))


def test_the_database_too_refuses_an_overlap_beyond_the_lifetime(frozen, acme, admin):
    token, _ = make_token(acme, admin, lifetime=HOUR)
    rotate(token)
    with pytest.raises(IntegrityError), transaction.atomic():
        Credential.objects.filter(ends_at__isnull=False).update(ends_at="2030-01-01T00:00:00Z")


def test_the_database_too_refuses_a_second_current_credential(frozen, token):
    rotate(token)
    with pytest.raises(IntegrityError), transaction.atomic():
        Credential.objects.update(ends_at=None)


def test_a_second_rotation_ends_the_overlap_of_the_first(frozen, present, token, jwt):
    _, second = rotate(token, WEEK)
    _, third = rotate(token, HOUR)
    assert_bearer_failure(present(jwt))
    assert present(second).status_code == present(third).status_code == 200
    assert len(APIToken.objects.get().old_credentials) == 1


def test_old_credentials_can_be_cut_at_once(frozen, present, token, jwt, admin):
    _, new = rotate(token, WEEK)
    assert services.cut_old_credentials(token=token, actor=admin, address="203.0.113.7") == 1
    assert_bearer_failure(present(jwt))
    assert present(new).status_code == 200
    assert services.cut_old_credentials(token=token, actor=admin) == 0
    event = APITokenEvent.objects.get(kind="cut")
    assert (event.actor_label, event.address, event.data) == (
        "Asha Rao", "203.0.113.7", {"credentials": 1},
    )  # fmt: skip


def test_copying_gives_the_current_jwt(frozen, token, admin):
    _, new = rotate(token, WEEK)
    assert services.copy_token(token=token, actor=admin) == new


def test_what_does_not_work_is_not_rotated(frozen, acme, admin, token):
    short, _ = make_token(acme, admin, name="short", lifetime=HOUR)
    services.suspend_token(token=token, actor=admin)
    with pytest.raises(TokenNotUsable, match="suspended"):
        rotate(token)
    frozen.shift(3600)
    with pytest.raises(TokenNotUsable, match="expired"):
        rotate(short)
    short.delete()
    with pytest.raises(TokenDeleted):
        rotate(short)
    admin.is_active = False
    admin.save()
    services.resume_token(token=token, actor=admin)
    with pytest.raises(TokenNotUsable, match="stopped"):
        rotate(token)
    assert Credential.objects.filter(ends_at__isnull=False).count() == 0


class ShortLivedOnly(TokenPolicy):
    select_related = ()

    def stop_reason(self, token):
        return None

    def can_manage(self, user, owner):
        return True

    def max_lifetime(self, owner):
        return HOUR


def test_rotation_obeys_the_policy_of_today(frozen, token, settings):
    settings.APITOKENS_POLICY = f"{__name__}.ShortLivedOnly"
    assert isinstance(get_policy(), ShortLivedOnly)
    with pytest.raises(LifetimeRefused):
        rotate(token)


def test_the_policy_is_asked_about_the_owner_and_lets_pass_what_is_short_enough(
    frozen, acme, admin, monkeypatch
):
    token, _jwt = make_token(acme, admin, lifetime=HOUR)
    asked = []

    def longest(self, owner):
        asked.append(owner)
        return HOUR

    monkeypatch.setattr(type(get_policy()), "max_lifetime", longest)
    rotate(token)
    assert asked == [acme]


def test_a_token_of_24_hours_begins_its_24_hours_anew(frozen, acme, admin):
    token, _jwt = make_token(acme, admin, lifetime=timedelta(hours=24))
    frozen.shift(timedelta(hours=3))
    rotated, _jwt = rotate(token)
    assert rotated.credential.expires_at == timezone.now() + timedelta(hours=24)


# By the token itself ------------------------------------------------------------------------


def presented(jwt):
    return verify(jwt)


def test_a_token_that_rotates_itself_keeps_its_end(frozen, acme, admin):
    _token, jwt = make_token(acme, admin, lifetime=HOUR)
    frozen.shift(600)
    _, new = services.rotate_itself(token=presented(jwt), overlap=HOUR, address="203.0.113.7")
    assert claims_in(new)["exp"] == claims_in(jwt)["exp"]
    event = APITokenEvent.objects.get(kind="rotated")
    assert (event.actor_label, event.actor_id) == ("API(Greenhouse sync)", str(admin.pk))
    assert event.address == "203.0.113.7"


def test_an_old_credential_cannot_make_new_ones(frozen, token, jwt):
    rotate(token, WEEK)
    with pytest.raises(TokenNotUsable, match="superseded"):
        services.rotate_itself(token=presented(jwt), overlap=timedelta(0))
    assert Credential.objects.count() == 2


def test_what_another_rotation_replaced_is_told_so(frozen, token, jwt, admin):
    rotate(token, WEEK)
    for act in (
        lambda: services.rotate_itself(token=presented(jwt), overlap=timedelta(0)),
        lambda: services.rotate_itself(token=token, overlap=timedelta(0)),
        lambda: services.rotate_token(token=token, overlap=HOUR, actor=admin, replaces=0),
    ):
        with pytest.raises(TokenNotUsable) as caught:
            act()
        assert caught.value.reason == "superseded"


def test_the_same_wish_within_ten_minutes_is_a_reload_and_after_them_another(frozen, token, admin):
    wish = {"token": token, "overlap": HOUR, "actor": admin, "replaces": token.credential.pk}
    _, made = services.rotate_token(**wish)
    make_token(token.owner, admin, name="Made meanwhile")
    frozen.shift(599)
    assert services.rotate_token(**wish)[1] == made
    frozen.shift(1)
    with pytest.raises(TokenNotUsable, match="superseded"):
        services.rotate_token(**wish)


def test_a_reload_counts_though_another_token_was_made_between(frozen, token, admin):
    current = token.credential.pk
    make_token(token.owner, admin, name="Made meanwhile")
    wish = {"token": token, "overlap": HOUR, "actor": admin, "replaces": current}
    assert services.rotate_token(**wish)[1] == services.rotate_token(**wish)[1]


def test_an_expired_token_cannot_rotate_itself(frozen, acme, admin):
    _, jwt = make_token(acme, admin, lifetime=HOUR)
    in_hand = presented(jwt)
    frozen.shift(3600)
    with pytest.raises(TokenNotUsable, match="expired"):
        services.rotate_itself(token=in_hand, overlap=HOUR)


def test_a_token_without_a_presented_credential_cannot_rotate_itself(token):
    with pytest.raises(TokenNotUsable, match="superseded"):
        services.rotate_itself(token=token, overlap=HOUR)


# Take over, suspend, resume -----------------------------------------------------------------


def test_suspending_refuses_and_resuming_lets_work_again(present, token, jwt, admin):
    assert services.suspend_token(token=token, actor=admin) is True
    assert_bearer_failure(present(jwt))
    assert services.suspend_token(token=token, actor=admin) is False
    row = APIToken.objects.get()
    assert (row.state, row.suspended_by) == ("suspended", admin)
    assert services.resume_token(token=token, actor=admin) is True
    assert services.resume_token(token=token, actor=admin) is False
    assert present(jwt).status_code == 200
    kinds = APITokenEvent.objects.filter(kind__in=["suspended", "resumed"])
    assert [event.kind for event in kinds.order_by("pk")] == ["suspended", "resumed"]


def test_a_suspended_token_is_not_copied(token, admin):
    services.suspend_token(token=token, actor=admin)
    with pytest.raises(TokenNotUsable, match="suspended"):
        services.copy_token(token=token, actor=admin)


def test_a_suspended_token_still_expires(frozen, acme, admin, present):
    token, jwt = make_token(acme, admin, lifetime=HOUR)
    services.suspend_token(token=token, actor=admin)
    frozen.shift(3600)
    services.resume_token(token=token, actor=admin)
    assert_bearer_failure(present(jwt))


def test_a_stopped_token_works_again_as_whoever_takes_it_over(present, token, jwt, admin, acme):
    admin.is_active = False
    admin.save()
    assert_bearer_failure(present(jwt))
    other = UserFactory(company=acme, name="Vikram Shah")
    assert services.take_over_token(token=token, actor=other, address="203.0.113.7") is True
    assert present(jwt).status_code == 200
    assert services.take_over_token(token=token, actor=other) is False
    event = APITokenEvent.objects.get(kind="taken-over")
    assert event.actor_label == "Vikram Shah"
    assert event.data == {
        "before": str(admin.pk), "before_label": "Asha Rao",
        "after": str(other.pk), "after_label": "Vikram Shah",
    }  # fmt: skip


def test_a_token_whose_person_was_deleted_is_taken_over(present, token, jwt, admin, acme):
    admin.delete()
    assert_bearer_failure(present(jwt))
    services.take_over_token(token=token, actor=UserFactory(company=acme))
    assert present(jwt).status_code == 200


@pytest.mark.parametrize("who", ["hr", "other_admin"])
def test_only_those_who_may_manage_take_over(request, token, admin, who):
    from apitokens.exceptions import NotAllowed

    with pytest.raises(NotAllowed):
        services.take_over_token(token=token, actor=request.getfixturevalue(who))
    assert APIToken.objects.get().user == admin
    assert not APITokenEvent.objects.filter(kind="taken-over").exists()


def test_a_stale_instance_saved_whole_sets_nothing_back(token, admin, hr):
    stale = APIToken.objects.get()
    services.suspend_token(token=token, actor=admin)
    services.limit_token(token=token, scopes=[], networks=["203.0.113.0/24"], actor=admin)
    stale.save()
    row = APIToken.objects.get()
    assert row.is_suspended
    assert row.allowed_networks == "203.0.113.0/24"
