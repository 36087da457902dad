"""Scopes and allowed networks: what is stored, what is refused, what counts as wider."""

import pytest

from apitokens import services
from apitokens.exceptions import NetworkInvalid, NotAllowed, ScopeUnknown
from apitokens.models import APIToken, APITokenEvent
from tests.factories import make_token

pytestmark = pytest.mark.django_db

READ, WRITE, ROTATE = "candidates:read", "candidates:write", "tokens:rotate-self"


@pytest.fixture(autouse=True)
def scopes(settings):
    settings.APITOKENS_SCOPES = {READ: "Read candidates", WRITE: "Add candidates"}
    return settings


def limit(token, scopes=(READ,), networks=()):
    return services.limit_token(token=token, scopes=scopes, networks=networks, actor=token.user)


def test_a_token_gets_every_declared_scope_unasked_but_never_to_rotate_itself(acme, admin):
    token, _ = make_token(acme, admin)
    assert token.scopes == (READ, WRITE)
    assert not token.has_scope(ROTATE)


def test_scopes_are_stored_once_each_in_the_order_of_their_declaration(acme, admin):
    token, _ = make_token(acme, admin, scopes=[ROTATE, WRITE, READ, WRITE])
    assert token.scope == f"{READ} {WRITE} {ROTATE}"


def test_no_scope_at_all_may_be_chosen(acme, admin):
    token, _ = make_token(acme, admin, scopes=[])
    assert token.scopes == ()
    assert not token.has_scope(READ)


def test_where_none_are_declared_a_token_isnt_limited_by_scopes(scopes, acme, admin):
    scopes.APITOKENS_SCOPES = {}
    token, _ = make_token(acme, admin)
    assert token.scopes is None
    assert token.has_scope(READ)
    assert not token.has_scope(ROTATE)


def test_scopes_declared_later_leave_older_tokens_as_they_were(scopes, acme, admin):
    _token, _ = make_token(acme, admin)
    scopes.APITOKENS_SCOPES = {**scopes.APITOKENS_SCOPES, "reports:read": "Read reports"}
    assert not APIToken.objects.get().has_scope("reports:read")


def test_where_scopes_are_declared_no_more_a_change_of_networks_widens_nothing(scopes, acme, admin):
    token, _ = make_token(acme, admin, scopes=[READ])
    declared, scopes.APITOKENS_SCOPES = scopes.APITOKENS_SCOPES, {}
    limit(token, [], ["203.0.113.0/24"])
    scopes.APITOKENS_SCOPES = declared
    assert APIToken.objects.get().scopes == (READ,)


@pytest.mark.parametrize(
    "scope", ["candidates", "candidates:read ", "", "CANDIDATES:READ", None, 5]
)
def test_an_undeclared_scope_is_refused_and_nothing_is_written(acme, admin, scope):
    with pytest.raises(ScopeUnknown):
        make_token(acme, admin, scopes=[READ, scope])
    assert not APIToken.objects.exists()


@pytest.mark.parametrize(
    "network",
    ["", "203.0.113", "203.0.113.7/33", "203.0.113.7/24", "::1/129", "a.example", "1.2.3.4 ,", None,
     5, "0x7f.1", "203.0.113.07", "fe80::1%eth0/64", "\u0661.2.3.4"],
)  # fmt: skip
def test_what_is_no_network_is_refused_and_nothing_is_written(acme, admin, network):
    with pytest.raises(NetworkInvalid):
        make_token(acme, admin, networks=[network])
    assert not APIToken.objects.exists()


def test_networks_are_stored_in_canonical_form(acme, admin):
    token, _ = make_token(
        acme, admin, networks=["203.0.113.7", " 2001:DB8:0::/32", "203.0.113.7/32"]
    )
    assert token.allowed_networks == "203.0.113.7/32 2001:db8::/32"


def test_more_than_64_networks_are_refused(acme, admin):
    with pytest.raises(NetworkInvalid):
        make_token(acme, admin, networks=[f"203.0.113.{n}" for n in range(65)])


@pytest.mark.parametrize(
    ("networks", "address", "allowed"),
    [
        ([], "203.0.113.7", True),
        ([], None, True),
        (["203.0.113.0/24"], "203.0.113.7", True),
        (["203.0.113.0/24"], "203.0.114.7", False),
        (["203.0.113.0/24"], "2001:db8::1", False),
        (["203.0.113.0/24"], None, False),
        (["2001:db8::/32"], "2001:db8:5::1", True),
        (["2001:db8::/32"], "2001:db9::1", False),
        (["0.0.0.0/0"], "198.51.100.1", True),
        (["203.0.113.7", "198.51.100.0/28"], "198.51.100.15", True),
    ],
)
def test_a_token_may_be_used_from_its_networks(acme, admin, networks, address, allowed):
    token, _ = make_token(acme, admin, networks=networks)
    assert token.allows(address) is allowed


def test_changing_limits_tells_before_and_after(token, admin):
    limit(token, [READ], ["203.0.113.0/24"])
    event = APITokenEvent.objects.get(kind="limited")
    assert event.actor_label == "Asha Rao"
    assert event.data == {
        "before": {"scope": f"{READ} {WRITE}", "networks": ""},
        "after": {"scope": READ, "networks": "203.0.113.0/24"},
    }


def test_the_same_limits_again_are_no_event(token):
    limit(token, [READ, WRITE])
    assert not APITokenEvent.objects.filter(kind="limited").exists()


@pytest.mark.parametrize(
    ("old", "new", "wider"),
    [
        (([READ], []), ([READ], []), False),
        (([READ, WRITE], []), ([READ], []), False),
        (([READ], []), ([READ, WRITE], []), True),
        (([READ, WRITE], []), ([READ, WRITE, ROTATE], []), True),
        (([READ], []), ([READ], ["203.0.113.0/24"]), False),
        (([READ], ["203.0.113.0/24"]), ([READ], []), True),
        (([READ], ["203.0.113.0/24"]), ([READ], ["203.0.113.0/25"]), False),
        (([READ], ["203.0.113.0/25"]), ([READ], ["203.0.113.0/24"]), True),
        (([READ], ["203.0.113.0/24"]), ([READ], ["203.0.113.0/24", "::/0"]), True),
        (([READ], ["203.0.113.0/24", "::/0"]), ([READ], ["2001:db8::1"]), False),
        (([READ], ["203.0.113.0/25", "203.0.113.128/25"]), ([READ], ["203.0.113.7"]), False),
    ],
)
def test_what_lets_a_token_do_more_is_widening(acme, admin, old, new, wider):
    token, _ = make_token(acme, admin, scopes=old[0], networks=old[1])
    assert services.is_widening(token, *new) is wider


def test_naming_all_scopes_widens_nothing_for_a_token_from_before_scopes(scopes, acme, admin):
    declared, scopes.APITOKENS_SCOPES = scopes.APITOKENS_SCOPES, {}
    token, _ = make_token(acme, admin)
    scopes.APITOKENS_SCOPES = declared
    assert services.is_widening(token, [READ, WRITE], []) is False
    assert services.is_widening(token, [READ, WRITE, ROTATE], []) is True


@pytest.mark.parametrize("who", ["hr", "recruiter", "other_admin"])
def test_nobody_but_an_admin_of_the_owner_gets_a_token_issued(request, acme, who):
    with pytest.raises(NotAllowed):
        make_token(acme, request.getfixturevalue(who))
    assert not APIToken.objects.exists()
