"""People of a team: changed, disabled, enabled, closed."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.models import AccessLevel, FormerPassword, Invitation, SecurityEvent, User
from apitokens.models import APIToken
from tests.conftest import bearer, signed_in
from tests.factories import PASSWORD, CategoryFactory, UserFactory, make_token

ME = "/external/v1/me"


def post(client, person, act, **data):
    path = f"/team/{person.pk}/{act}/" if act else f"/team/{person.pk}/"
    return client.post(path, data)


def fields(person, **changed):
    return {
        "name": person.name, "phone": person.phone, "access_level": person.access_level, **changed
    }  # fmt: skip


def without_csrf(answer):
    return re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", answer.content)


def kinds():
    events = SecurityEvent.objects.exclude(kind="signed-in").order_by("pk")
    return list(events.values_list("kind", flat=True))


def test_the_list_shows_the_team_its_tokens_and_second_factors(admin_client, acme, other, hr):
    make_token(owner=acme, user=other)
    Authenticator.objects.create(user=other, type=Authenticator.Type.TOTP, data={"secret": "x"})
    page = admin_client.get("/team/").content.decode()
    assert "3 people of Acme Corp" in page
    assert "1 live token" in page
    assert "App" in page
    assert "hr@acme.test" in page


def test_the_list_asks_the_same_number_of_questions_for_three_people_and_for_thirty(
    admin_client, acme, other, hr, django_assert_max_num_queries
):
    with django_assert_max_num_queries(16) as few:
        admin_client.get("/team/")
    for number in range(20):
        user = UserFactory(company=acme, name=f"Z {number}")
        make_token(owner=acme, user=user, name=f"Token {number}")
    with django_assert_max_num_queries(len(few)):
        admin_client.get("/team/")


def test_the_forms_below_the_team_say_where_they_are_and_lead_back(admin_client, hr):
    for path, here in (("/team/invite/", "Add person"), (f"/team/{hr.pk}/", hr.name)):
        crumbs = admin_client.get(path).content.decode().split('<nav class="crumbs"')[1]
        crumbs = crumbs.split("</nav>")[0]
        assert '<a href="/team/">Team</a>' in crumbs
        assert re.search(rf'aria-current="page">(<bdi>)?{here}<', crumbs)


def test_search_and_access_level_narrow_the_list(admin_client, other, hr):
    page = admin_client.get("/team/", {"q": "SHAH"}).content.decode()
    assert "vikram@acme.test" in page
    assert "hr@acme.test" not in page
    page = admin_client.get("/team/", {"level": "hr"}).content.decode()
    assert "vikram@acme.test" not in page
    assert "Nobody matches" in admin_client.get("/team/", {"q": "zzz"}).content.decode()
    assert admin_client.get("/team/", {"q": "a\x00", "level": "x", "page": "0x"}).status_code == 200


@pytest.mark.parametrize("path", ["", "invite/", "{}/", "{}/disable/", "{}/delete/"])
def test_only_admins_open_the_pages(path, hr_client, recruiter_client, other):
    path = "/team/" + path.format(other.pk)
    assert hr_client.get(path).status_code == recruiter_client.get(path).status_code == 403
    assert Client().get(path).url == f"/login/?next={path}"


@pytest.mark.parametrize("act", ["", "disable", "enable", "delete"])
def test_only_admins_do_anything(act, hr_client, other):
    assert post(hr_client, other, act, **fields(other)).status_code == 403
    other.refresh_from_db()
    assert other.is_active
    assert not other.is_closed


@pytest.mark.parametrize("act", ["", "disable", "enable", "delete"])
def test_people_of_another_company_are_404_like_nobody(act, admin_client, other_admin):
    path = f"/team/{other_admin.pk}/{act}{'/' if act else ''}"
    nobody = f"/team/999999/{act}{'/' if act else ''}"
    answers = [admin_client.post(one, fields(other_admin)) for one in (path, nobody)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert without_csrf(answers[0]) == without_csrf(answers[1])
    other_admin.refresh_from_db()
    assert other_admin.is_active


def test_name_phone_and_level_are_changed_and_the_history_says_so(admin_client, hr):
    changed = fields(hr, name="Joseph D", phone="+91 98765", access_level="recruiter")
    assert post(admin_client, hr, "", **changed).url == "/team/"
    hr.refresh_from_db()
    assert (hr.name, hr.phone, hr.access_level) == ("Joseph D", "+91 98765", "recruiter")
    event = SecurityEvent.objects.get(kind="access-level")
    assert event.data == {"before": "hr", "after": "recruiter"}
    assert (event.actor_label, event.subject_label) == ("Asha Rao", "hr@acme.test")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "a" * 121), ("name", "a\x00b"), ("name", "a\u202eb"),
        ("phone", "call me"), ("phone", "1" * 21), ("access_level", "owner"), ("access_level", ""),
    ],
)  # fmt: skip
def test_bad_input_is_refused_by_its_field_and_nothing_is_written(admin_client, hr, field, value):
    answer = post(admin_client, hr, "", **fields(hr, **{field: value}))
    assert answer.status_code == 400
    assert field in answer.context["form"].errors
    assert User.objects.get(pk=hr.pk).name == hr.name


def test_hr_people_see_the_candidates_of_categories_assigned_to_them(admin_client, acme, hr):
    sales, engineering = (CategoryFactory(company=acme, name=n) for n in ("Sales", "Engineering"))
    foreign = CategoryFactory()
    changed = fields(hr, **{"duties-0": [sales.pk, engineering.pk]})
    assert post(admin_client, hr, "", **changed).status_code == 302
    assert set(hr.categories.all()) == {sales, engineering}
    assert "Engineering, Sales" in admin_client.get("/team/").content.decode()
    refused = post(admin_client, hr, "", **fields(hr, **{"duties-0": [foreign.pk]}))
    assert refused.status_code == 400
    post(admin_client, hr, "", **fields(hr, access_level="recruiter", **{"duties-0": [sales.pk]}))
    assert not hr.categories.exists()
    events = SecurityEvent.objects.filter(kind="duties", subject_id=hr.pk).order_by("pk")
    both = "Engineering, Sales"
    told = [{"before": "", "after": both}, {"before": both, "after": ""}]
    assert [event.data for event in events] == told


def test_who_is_disabled_is_out_at_once_and_stays_out_when_enabled(admin_client, hr, hr_client):
    assert post(admin_client, hr, "disable").url == "/team/"
    assert hr_client.get("/candidates/").status_code == 302
    assert "By <bdi>Asha Rao</bdi>" in admin_client.get("/team/").content.decode()
    assert post(admin_client, hr, "enable").url == "/team/"
    assert hr_client.get("/candidates/").status_code == 302
    assert signed_in(User.objects.get(pk=hr.pk)).get("/candidates/").status_code == 200
    assert kinds() == ["disabled", "enabled"]


def test_twice_the_same_is_one_event(admin_client, hr):
    for act in ("disable", "disable", "enable", "enable"):
        assert post(admin_client, hr, act).status_code == 302
    assert kinds() == ["disabled", "enabled"]


@pytest.mark.parametrize("act", ["disable", "delete"])
def test_live_tokens_are_shown_first_and_taken_over_or_stop(admin_client, admin, acme, other, act):
    kept, kept_jwt = make_token(owner=acme, user=other, name="HRMS")
    dropped, dropped_jwt = make_token(owner=acme, user=other, name="Payroll")
    page = admin_client.get(f"/team/{other.pk}/{act}/").content.decode()
    assert "HRMS" in page
    assert "Payroll" in page
    assert page.count("checked") == 2
    answer = post(
        admin_client, other, act,
        shown=[kept.public_id, dropped.public_id], take_over=[kept.public_id],
    )  # fmt: skip
    assert answer.url == "/team/"
    assert APIToken.objects.get(pk=kept.pk).user == admin
    assert bearer(kept_jwt).get(ME).status_code == 200
    assert bearer(dropped_jwt).get(ME).status_code == 401


@pytest.mark.parametrize("act", ["disable", "delete"])
def test_a_token_that_was_not_shown_is_asked_about_first(admin_client, acme, other, act):
    _token, jwt = make_token(owner=acme, user=other, name="Just made")
    answer = post(admin_client, other, act)
    assert answer.status_code == 400
    assert "Just made" in answer.content.decode()
    assert User.objects.get(pk=other.pk).is_active
    assert bearer(jwt).get(ME).status_code == 200


def test_an_admin_with_tokens_who_becomes_hr_is_asked_about_first(admin_client, admin, acme, other):
    token, jwt = make_token(owner=acme, user=other, name="HRMS")
    answer = post(admin_client, other, "", **fields(other, access_level="hr"))
    assert answer.status_code == 400
    assert "HRMS" in answer.content.decode()
    assert User.objects.get(pk=other.pk).access_level == AccessLevel.ADMIN
    chosen = {"shown": [token.public_id], "take_over": [token.public_id]}
    assert post(admin_client, other, "", **fields(other, access_level="hr", **chosen)).url
    assert bearer(jwt).get(ME).status_code == 200
    assert APIToken.objects.get().user == admin


def test_a_foreign_token_in_the_form_is_not_taken_over(admin_client, other, other_admin, globex):
    foreign, _ = make_token(owner=globex, user=other_admin)
    post(admin_client, other, "disable", shown=[foreign.public_id], take_over=[foreign.public_id])
    assert APIToken.objects.get(pk=foreign.pk).user == other_admin


@pytest.mark.parametrize("act", ["disable", "delete"])
def test_nobody_leaves_by_their_own_hand(admin_client, admin, other, act):
    assert post(admin_client, admin, act).url == "/team/"
    assert User.objects.get(pk=admin.pk).is_active
    assert "Only another Admin" in admin_client.get("/team/").content.decode()


def test_ones_own_level_is_not_on_the_form_and_not_taken(admin_client, admin, other):
    assert b"access_level" not in admin_client.get(f"/team/{admin.pk}/").content
    assert post(admin_client, admin, "", **fields(admin, access_level="hr")).status_code == 302
    assert User.objects.get(pk=admin.pk).access_level == AccessLevel.ADMIN


def test_a_closed_account_tells_nobody_who_it_was(admin_client, acme, hr, hr_client):
    FormerPassword.objects.keep(hr.pk, "md5$a$b")
    Authenticator.objects.create(user=hr, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert post(admin_client, hr, "delete").url == "/team/"
    hr.refresh_from_db()
    assert (hr.name, hr.email, hr.phone) == (
        "Former colleague", f"person-{hr.pk}@closed.invalid", ""
    )  # fmt: skip
    assert not hr.is_active
    assert not hr.has_usable_password()
    for model in (EmailAddress, Authenticator, FormerPassword):
        assert not model.objects.filter(user=hr).exists()
    assert hr_client.get("/candidates/").status_code == 302
    assert "Former colleague" not in admin_client.get("/team/").content.decode()
    assert not Client().login(email="hr@acme.test", password=PASSWORD)


@pytest.mark.parametrize("act", ["", "disable", "enable", "delete"])
def test_a_closed_account_is_no_longer_there(admin_client, hr, act):
    post(admin_client, hr, "delete")
    assert post(admin_client, hr, act, **fields(hr)).status_code == 404


def test_the_address_of_a_closed_account_can_be_invited_again(admin_client, hr):
    post(admin_client, hr, "delete")
    form = {"name": "Joseph", "email": "hr@acme.test", "access_level": "hr"}
    assert admin_client.post("/team/invite/", form).status_code == 302


def test_no_state_changes_by_get(admin_client, hr):
    assert admin_client.get(f"/team/{hr.pk}/enable/").status_code == 405
    admin_client.get(f"/team/{hr.pk}/disable/")
    admin_client.get(f"/team/{hr.pk}/delete/")
    assert User.objects.get(pk=hr.pk).is_active


def test_names_are_escaped(admin_client, hr):
    User.objects.filter(pk=hr.pk).update(name="<script>alert(1)</script>")
    for path in ("/team/", f"/team/{hr.pk}/", f"/team/{hr.pk}/disable/", f"/team/{hr.pk}/delete/"):
        assert b"<script>alert" not in admin_client.get(path).content


def test_every_act_is_a_line_of_the_security_history(admin_client, hr, other):
    form = {"name": "New", "email": "new@acme.test", "access_level": "hr"}
    admin_client.post("/team/invite/", form)
    invitation = Invitation.objects.get()
    admin_client.post(f"/team/invitations/{invitation.pk}/again/")
    admin_client.post(f"/team/invitations/{invitation.pk}/withdraw/")
    post(admin_client, hr, "", **fields(hr, access_level="recruiter"))
    for act in ("disable", "enable", "delete"):
        post(admin_client, hr, act)
    page = admin_client.get("/security-settings/history/").content.decode()
    for line in (
        "Invitation", "new@acme.test", "Invitation withdrawn", "Access level", "Recruiter",
        "Person disabled", "Person enabled", "Account closed",
    ):  # fmt: skip
        assert line in page
