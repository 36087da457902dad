"""The settings page by HTTP: who may, what it answers, and that nothing leaks."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from apitokens import services
from apitokens.models import APIToken, APITokenEvent, Credential
from tests.apitokens.conftest import claims_in
from tests.conftest import bearer, signed_in
from tests.factories import UserFactory, make_token

pytestmark = pytest.mark.django_db

LIST = "/security-settings/api/"
GENERATE = "/security-settings/api/generate/"
JSON = {"headers": {"accept": "application/json"}}


def page_of(token, action):
    return f"/security-settings/api/{token.public_id}/{action}/"


def generate(client, **data):
    data = {"name": "Greenhouse sync", "kind": "never-ending", "request_id": uuid4(), **data}
    return client.post(GENERATE, data)


def pages(token):
    return [
        ("get", LIST), ("post", LIST), ("get", GENERATE), ("post", GENERATE),
        ("get", page_of(token, "edit")), ("post", page_of(token, "edit")),
        ("post", page_of(token, "copy")), ("get", page_of(token, "delete")),
        ("post", page_of(token, "delete")), ("get", page_of(token, "usage")),
        ("get", f"{LIST}{token.public_id}/"),
        ("get", page_of(token, "rotate")), ("post", page_of(token, "rotate")),
        ("get", page_of(token, "limits")), ("post", page_of(token, "limits")),
        *(("post", page_of(token, action)) for action in ("cut", "suspend", "resume", "take-over")),
    ]  # fmt: skip


def without_csrf(response):
    """The body less what differs between any two answers: the masked CSRF token."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", response.content.decode())


def test_only_admins_see_the_page_and_its_posts(token, hr_client, recruiter_client):
    for client in (hr_client, recruiter_client):
        assert client.get("/security-settings/").status_code == 403
        for method, path in pages(token):
            assert getattr(client, method)(path).status_code == 403, (method, path)
    assert not APIToken.objects.get().is_deleted


def test_nobody_signed_in_is_sent_to_log_in(token, client):
    for method, path in [("get", "/security-settings/"), *pages(token)]:
        response = getattr(client, method)(path)
        assert response.status_code == 302
        assert response["Location"].startswith("/login/?next=/security-settings/")


def test_staff_without_a_company_have_no_such_page(token, db):
    staff = signed_in(UserFactory(company=None, access_level="", is_staff=True, is_superuser=True))
    assert staff.get(LIST).status_code == 403


def test_an_admin_of_another_company_gets_the_404_of_an_unknown_token(token, other_admin_client):
    unknown = page_of(token, "edit").replace(token.public_id, "tok_000000000000")
    body = without_csrf(other_admin_client.get(unknown))
    for method, path in pages(token)[4:]:
        response = getattr(other_admin_client, method)(path)
        assert response.status_code == 404, (method, path)
        if method == "get":
            assert without_csrf(response) == body
    assert token.public_id not in other_admin_client.get(LIST).content.decode()
    assert APIToken.objects.get().name == "Greenhouse sync"


def test_every_unsafe_action_needs_a_csrf_token(token, admin):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    for method, path in pages(token):
        if method == "post" and path != LIST:
            assert client.post(path).status_code == 403, path
    assert APITokenEvent.objects.count() == 1


def test_no_get_changes_anything(token, admin_client):
    for method, path in pages(token):
        if method == "get":
            admin_client.get(path)
    assert admin_client.get(page_of(token, "copy")).status_code == 405
    assert APITokenEvent.objects.count() == 1


def test_generate_reveals_the_token_once_and_it_works(admin_client, acme, admin):
    response = generate(admin_client)
    assert response.status_code == 200
    jwt = response.context["jwt"]
    assert jwt in response.content.decode()
    assert bearer(jwt).get("/external/v1/me").json()["name"] == "Greenhouse sync"
    token = APIToken.objects.get()
    assert (token.owner, token.user) == (acme, admin)
    assert jwt not in admin_client.get(LIST).content.decode()


def test_a_page_that_shows_a_token_is_neither_stored_nor_referred_from(admin_client, token):
    for response in (generate(admin_client, name="x"), admin_client.post(page_of(token, "copy"))):
        assert "no-store" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("seconds", ["600", "86400"])
def test_a_short_lived_token_lives_as_long_as_was_asked(admin_client, seconds):
    jwt = generate(admin_client, kind="short-lived", lifetime=seconds).context["jwt"]
    claims = claims_in(jwt)
    assert claims["exp"] - claims["iat"] == int(seconds)


def test_a_lifetime_typed_beside_never_ending_does_not_count(admin_client):
    assert "exp" not in claims_in(generate(admin_client, lifetime="5").context["jwt"])


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"name": "x" * 100_000}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"kind": ""}, "kind"),
        ({"kind": "forever"}, "kind"),
        ({"kind": "short-lived", "lifetime": "599"}, "lifetime"),
        ({"kind": "short-lived", "lifetime": "86401"}, "lifetime"),
        ({"kind": "short-lived", "lifetime": "600.5"}, "lifetime"),
        ({"kind": "short-lived", "lifetime": "600 "}, "lifetime"),
        ({"kind": "short-lived", "lifetime": "9" * 5000}, "lifetime"),
        ({"kind": "short-lived", "lifetime": "6\x0000"}, "lifetime"),
        ({"request_id": "x"}, "request_id"),
        ({"request_id": ""}, "request_id"),
    ],
    ids=str,
)
@pytest.mark.parametrize("from_dialog", ["", "True"])
def test_bad_input_is_a_400_that_names_the_field_and_makes_nothing(
    admin_client, data, field, from_dialog
):
    response = generate(admin_client, from_dialog=from_dialog, **data)
    assert response.status_code == 400
    assert list(response.context["form"].errors) == [field]
    assert not APIToken.objects.exists()


def test_a_taken_name_is_refused_on_the_field_and_the_input_kept(admin_client, token):
    response = generate(admin_client, name="GREENHOUSE SYNC", from_dialog="True")
    assert response.status_code == 400
    assert "name" in response.context["form"].errors
    assert "GREENHOUSE SYNC" in response.content.decode()
    assert response.context["dialog_open"]


def test_a_double_submit_makes_one_token_and_the_same_reveal(admin_client):
    request_id = uuid4()
    first = generate(admin_client, request_id=request_id)
    second = generate(admin_client, request_id=request_id)
    assert first.context["jwt"] == second.context["jwt"]
    assert APIToken.objects.count() == 1


def test_a_reload_after_the_token_was_deleted_does_not_show_it(admin_client):
    request_id = uuid4()
    jwt = generate(admin_client, request_id=request_id).context["jwt"]
    APIToken.objects.all().delete()
    again = generate(admin_client, request_id=request_id)
    assert again.status_code in (302, 400)
    assert jwt not in again.content.decode()


def test_each_form_carries_a_request_id_of_its_own(admin_client):
    ids = {str(admin_client.get(GENERATE).context["form"]["request_id"].value()) for _ in range(3)}
    assert len(ids) == 3


def test_copy_answers_json_to_a_script_with_the_very_same_bytes(admin_client, token, jwt):
    response = admin_client.post(page_of(token, "copy"), **JSON)
    assert response.json() == {"token": jwt}
    assert APITokenEvent.objects.filter(kind="copied").count() == 1


def test_copy_reveals_the_token_on_the_page_without_a_script(admin_client, token, jwt):
    response = admin_client.post(page_of(token, "copy"))
    assert response.context["jwt"] == jwt
    assert jwt in response.content.decode()


def test_copy_is_refused_for_an_expired_token(admin_client, acme, admin, time_machine):
    time_machine.move_to("2026-11-24T12:00:00Z")
    token, _ = make_token(owner=acme, user=admin, name="S", lifetime=timedelta(seconds=600))
    time_machine.shift(601)
    as_json = admin_client.post(page_of(token, "copy"), **JSON)
    assert as_json.status_code == 409
    assert "token" not in as_json.json()
    assert admin_client.post(page_of(token, "copy")).status_code == 302
    page = admin_client.get(LIST).content.decode()
    assert "Expired" in page
    assert page_of(token, "copy") not in page


def test_rename_by_form_and_by_script(admin_client, token, jwt):
    assert admin_client.post(page_of(token, "edit"), {"name": "Lever"}).status_code == 302
    response = admin_client.post(page_of(token, "edit"), {"name": "Workable"}, **JSON)
    assert response.json() == {"name": "Workable"}
    assert bearer(jwt).get("/external/v1/me").json()["name"] == "Workable"


@pytest.mark.parametrize("name", ["", "x" * 65, "a\x00b", "a\u200fb", "lever"])
def test_a_bad_name_is_refused_when_renaming(admin_client, token, acme, admin, name):
    make_token(owner=acme, user=admin, name="Lever")
    by_script = admin_client.post(page_of(token, "edit"), {"name": name}, **JSON)
    assert by_script.status_code == 400
    assert list(by_script.json()["errors"]) == ["name"]
    assert admin_client.post(page_of(token, "edit"), {"name": name}).status_code == 400
    token.refresh_from_db()
    assert token.name == "Greenhouse sync"


def test_delete_says_what_depends_on_it_and_then_ends_it(admin_client, token, jwt):
    assert bearer(jwt).get("/external/v1/me").status_code == 200
    page = admin_client.get(page_of(token, "delete"))
    assert "confirm_name" in page.context["form"].fields
    response = admin_client.post(page_of(token, "delete"), {"confirm_name": "greenhouse sync"})
    assert response.status_code == 302
    assert bearer(jwt).get("/external/v1/me").status_code == 401
    shown = admin_client.get(response["Location"]).content.decode()
    assert "Deleted <bdi>Greenhouse sync</bdi>. Programs using it now get 401." in shown


@pytest.mark.parametrize("typed", ["", "Greenhouse", "x"])
def test_a_token_in_use_is_deleted_only_when_its_name_is_typed(admin_client, token, jwt, typed):
    bearer(jwt).get("/external/v1/me")
    response = admin_client.post(page_of(token, "delete"), {"confirm_name": typed})
    assert response.status_code == 400
    assert not APIToken.objects.get().is_deleted


def test_a_token_unused_for_a_week_is_deleted_without_typing(admin_client, token):
    assert admin_client.post(page_of(token, "delete")).status_code == 302
    assert APIToken.objects.get().is_deleted


def test_after_a_deletion_the_page_leads_to_the_next_row(admin_client, acme, admin):
    tokens = [make_token(owner=acme, user=admin, name=f"t{n}")[0] for n in range(3)]
    response = admin_client.post(page_of(tokens[1], "delete"))
    assert response["Location"] == f"{LIST}#{tokens[0].public_id}"


def test_two_admins_at_once_on_one_token(admin_client, acme, token, monkeypatch):
    """The second acts on a page that the first's deletion has overtaken."""
    colleague = signed_in(UserFactory(company=acme))
    for action, service in [
        ("edit", "rename_token"),
        ("copy", "copy_token"),
        ("delete", "delete_token"),
    ]:
        victim, _ = make_token(owner=acme, user=token.user, name=f"for {action}")
        real = getattr(services, service)

        def overtaken(*, token, _real=real, **kwargs):
            APIToken.objects.filter(pk=token.pk).delete()
            return _real(token=token, **kwargs)

        monkeypatch.setattr(f"apitokens.services.{service}", overtaken)
        by_page = colleague.post(page_of(victim, action), {"name": "New"})
        assert by_page.status_code == 302, action
        shown = colleague.get(LIST).content.decode()
        assert "has just been deleted by someone else" in shown
        assert (
            admin_client.post(page_of(victim, action), {"name": "New"}, **JSON).status_code == 404
        )
        events = APITokenEvent.objects.filter(token_public_id=victim.public_id)
        assert [e.kind for e in events.order_by("pk")] == ["created", "deleted"]


def test_usage_tells_when_the_first_call_came(admin_client, token, jwt):
    assert admin_client.get(page_of(token, "usage")).json()["last_used_at"] is None
    bearer(jwt).get("/external/v1/me", REMOTE_ADDR="203.0.113.7")
    usage = admin_client.get(page_of(token, "usage")).json()
    assert usage["last_used_from"] == "203.0.113.7"
    assert 0 <= usage["seconds_ago"] < 60


def test_the_list_makes_as_many_queries_for_one_token_as_for_25(
    admin_client, acme, admin, token, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(
        connection,
    ) as few:
        admin_client.get(LIST)
    for n in range(24):
        person = UserFactory(company=acme)
        newer, _ = make_token(owner=acme, user=person, name=f"t{n}")
        services.rotate_token(token=newer, overlap=timedelta(hours=1), actor=person)
        if n % 3 == 0:
            services.suspend_token(token=newer, actor=person)
        if n % 3 == 1:
            person.access_level = "hr"
            person.save()
    with django_assert_num_queries(len(few)):
        admin_client.get(LIST)


def test_a_page_holds_25_tokens_newest_first(admin_client, acme, admin):
    for n in range(27):
        make_token(owner=acme, user=admin, name=f"token {n:02}")
    first = admin_client.get(LIST).context["page"]
    assert [t.name for t in first][:2] == ["token 26", "token 25"]
    assert len(first) == 25
    assert len(admin_client.get(LIST, {"page": "2"}).context["page"]) == 2
    for page in ("0", "-1", "x", "99", "9" * 400, "1\x00"):
        assert admin_client.get(LIST, {"page": page}).status_code == 200


@pytest.fixture
def zoo(acme, admin, time_machine):
    """One token in each state, by name."""
    time_machine.move_to("2026-11-24T12:00:00Z", tick=False)
    leaver = UserFactory(company=acme)
    make_token(owner=acme, user=admin, name="expired", lifetime=timedelta(seconds=600))
    time_machine.shift(700)
    make_token(owner=acme, user=admin, name="unending")
    make_token(owner=acme, user=admin, name="soon", lifetime=timedelta(seconds=600))
    make_token(owner=acme, user=admin, name="later", lifetime=timedelta(hours=8))
    make_token(owner=acme, user=leaver, name="stopped")
    services.suspend_token(
        token=make_token(owner=acme, user=admin, name="suspended")[0], actor=admin
    )
    make_token(owner=acme, user=admin, name="gone")[0].delete()
    leaver.access_level = "hr"
    leaver.save()
    return time_machine


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["expired", "unending", "soon", "later", "stopped", "suspended"]),
        ({"state": "never-ending"}, ["unending", "stopped", "suspended"]),
        ({"state": "suspended"}, ["suspended"]),
        ({"state": "short-lived"}, ["soon", "later"]),
        ({"state": "ends-soon"}, ["soon"]),
        ({"state": "expired"}, ["expired"]),
        ({"state": "stopped"}, ["stopped"]),
        ({"q": "EN"}, ["unending", "suspended"]),
        ({"q": "nothing"}, []),
        ({"unused": "on"}, []),
        ({"state": "made up"}, ["expired", "unending", "soon", "later", "stopped", "suspended"]),
        ({"q": "\x00"}, ["expired", "unending", "soon", "later", "stopped", "suspended"]),
        ({"q": "'; --"}, []),
    ],
    ids=str,
)
def test_filters_narrow_the_list(zoo, admin_client, query, names):
    assert {token.name for token in admin_client.get(LIST, query).context["page"]} == set(names)


def test_unused_for_90_days_finds_what_nobody_needs(zoo, admin):
    zoo.shift(91 * 86400)
    admin_client = signed_in(admin)
    Credential.objects.filter(token__name="unending").update(last_used_at="2027-02-20T00:00:00Z")
    found = {token.name for token in admin_client.get(LIST, {"unused": "on"}).context["page"]}
    assert found == {"expired", "soon", "later", "stopped", "suspended"}


def test_each_state_is_in_words(zoo, admin_client):
    page = admin_client.get(LIST).content.decode()
    for words in (
        "Never ends",
        "Ends in 10 min",
        "Ends in 8 h",
        "Expired",
        "Stopped",
        "is no longer an Admin",
        "Suspended",
        "By <bdi>Asha Rao</bdi>, 24 Nov",
    ):
        assert words in page


HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7|add:7 }}", "'&\""]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_escaped_wherever_it_stands(admin_client, acme, admin, name):
    token, _ = make_token(owner=acme, user=admin, name=name)
    responses = [
        admin_client.get(LIST),
        admin_client.get(page_of(token, "edit")),
        admin_client.get(page_of(token, "delete")),
        admin_client.post(page_of(token, "copy")),
        admin_client.post(page_of(token, "delete"), follow=True),
    ]
    for response in responses:
        assert response.status_code == 200
        text = response.content.decode()
        assert "<script>alert(1)" not in text
        assert "<img src=x" not in text
        assert 'value="\'&""' not in text


def test_each_icon_has_a_tooltip(admin_client, token):
    page = admin_client.get(LIST).content.decode()
    for action in ("Edit name", "Copy token", "Rotate", "Suspend", "Delete token"):
        assert re.search(rf'role="tooltip"[^>]*>\s*{action}\s*<', page)


def test_the_page_is_mounted_where_the_house_says():
    assert reverse("apitokens:list") == LIST


def test_the_content_security_policy_is_the_strict_one(admin_client, token):
    policy = admin_client.get(LIST)["Content-Security-Policy"]
    parts = {p.split()[0]: p.split()[1:] for p in policy.split(";") if p.strip()}
    assert parts == {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
