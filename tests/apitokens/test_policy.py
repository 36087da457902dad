"""What a host gets that overrides nothing: every user, for themselves."""

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import override_settings

from apitokens.policy import TokenPolicy, get_policy
from svportal.token_policy import PortalTokenPolicy
from tests.factories import UserFactory, make_token

pytestmark = pytest.mark.django_db

POLICY = TokenPolicy()


def request_of(user):
    return SimpleNamespace(user=user)


def token_of(user, owner=...):
    return SimpleNamespace(user=user, owner=user if owner is ... else owner)


def test_everybody_who_is_signed_in_sees_their_own_tokens_and_nobody_else_any(admin):
    assert POLICY.owner_for(request_of(admin)) == admin
    assert POLICY.owner_for(request_of(AnonymousUser())) is None


def test_one_manages_what_one_owns_while_one_is_active(admin, hr):
    assert POLICY.can_manage(admin, admin) is True
    assert POLICY.can_manage(hr, admin) is False
    admin.is_active = False
    assert POLICY.can_manage(admin, admin) is False
    assert POLICY.admins(admin) == [admin]


def test_a_token_of_ones_own_works(admin):
    assert POLICY.stop_reason(token_of(admin)) is None


@pytest.mark.parametrize(
    ("user", "owner", "words"),
    [("nobody", "own", "The person it acted as is gone"),
     ("disabled", "own", "Asha Rao is disabled"),
     ("admin", "other", "Asha Rao may no longer manage these tokens")],
)  # fmt: skip
def test_why_a_token_stopped_is_said_in_words(admin, hr, user, owner, words):
    admin.is_active = user != "disabled"
    token = token_of(None if user == "nobody" else admin, hr if owner == "other" else admin)
    assert POLICY.stop_reason(token) == words


def test_what_the_pages_say_unless_told_otherwise(admin):
    assert POLICY.purpose(admin) == "A token lets another program act as Asha Rao."
    assert POLICY.usage(token_of(admin)) is None
    assert [POLICY.usage_text(token_of(admin), count) for count in (1, 37)] == [
        "1 row was made through it.", "37 rows were made through it.",
    ]  # fmt: skip
    assert [POLICY.usage_label(count) for count in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]
    assert POLICY.role(admin) == ""
    assert POLICY.nobody == "Deleted user"
    assert POLICY.empty_text == (
        "Generate a token to call the API from your own program. "
        "You choose how long it works, and you can delete it at any time."
    )


def test_nothing_is_limited_and_no_password_asked_unless_told_otherwise(admin):
    assert POLICY.max_tokens(admin) is None
    assert POLICY.max_lifetime(admin) is None
    assert POLICY.reauthenticate_url(request_of(admin)) is None
    assert (POLICY.select_related, POLICY.defer) == ((), ())


@pytest.mark.parametrize(
    ("person", "label"),
    [(SimpleNamespace(get_full_name=lambda: "Asha Rao"), "Asha Rao"),
     (SimpleNamespace(get_full_name=str), "namespace("), ("asha", "asha")],
    ids=["full name", "empty full name", "no such method"],
)  # fmt: skip
def test_a_person_is_called_by_their_full_name_or_else_by_what_they_are(person, label):
    assert POLICY.person_label(person).startswith(label)


def test_the_label_leads_to_the_tokens_page_where_there_is_one(token):
    assert POLICY.added_url(token) == f"/security-settings/api/{token.public_id}/"
    with override_settings(ROOT_URLCONF="candidates.external.urls"):
        assert POLICY.added_url(token) is None


def test_the_policy_is_the_one_that_the_setting_names_and_is_made_once(settings):
    assert type(get_policy()) is PortalTokenPolicy
    assert get_policy() is get_policy()
    settings.APITOKENS_POLICY = "apitokens.policy.TokenPolicy"
    assert type(get_policy()) is TokenPolicy
    del settings.APITOKENS_POLICY
    assert type(get_policy()) is TokenPolicy


def test_a_token_of_another_is_stopped_by_the_default_policy_on_a_request(acme, settings, present):
    user = UserFactory(company=acme)
    _, jwt = make_token(owner=acme, user=user)
    assert present(jwt).status_code == 200
    settings.APITOKENS_POLICY = "apitokens.policy.TokenPolicy"
    assert present(jwt).status_code == 401
