"""security.md D: what happens to a row holds from the very next request on."""

from datetime import timedelta

import pytest
from django.contrib.admin.sites import site
from django.core.management import call_command
from django.db import connection
from django.db.models import RestrictedError

from accounts.models import AccessLevel
from apitokens import services
from apitokens.exceptions import TokenDeleted, TokenNotUsable
from apitokens.models import APIToken, APITokenEvent, Credential
from candidates.models import Candidate
from tests.apitokens.conftest import assert_bearer_failure
from tests.conftest import bearer, signed_in
from tests.factories import CompanyFactory, StaffFactory, UserFactory, make_token

pytestmark = pytest.mark.django_db


def by_instance(token):
    token.delete()


def by_queryset(token):
    APIToken.objects.filter(pk=token.pk).delete()


def by_related_manager(token):
    token.owner.api_tokens.all().delete()


def by_service(token):
    services.delete_token(token=token, actor=token.user)


def by_command(token):
    call_command("apitokens_delete", token.public_id)


def by_admin_button(token):
    signed_in(StaffFactory()).post(f"/admin/apitokens/apitoken/{token.pk}/delete/", {"post": "yes"})


def by_admin_action(token):
    signed_in(StaffFactory()).post(
        "/admin/apitokens/apitoken/",
        {"action": "delete_selected", "_selected_action": [token.pk], "post": "yes"},
    )


def by_cascade_from_the_owner(token):
    token.owner.delete()


def by_raw_sql_on_the_token(token):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE apitokens_apitoken SET deleted_at = CURRENT_TIMESTAMP")


def by_raw_sql_on_the_credential(token):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM apitokens_credential")


def by_raw_delete(token):
    Credential.objects.all()._raw_delete("default")


WAYS_TO_DELETE = [
    by_instance, by_queryset, by_related_manager, by_service, by_command, by_admin_button,
    by_admin_action, by_cascade_from_the_owner, by_raw_sql_on_the_token,
    by_raw_sql_on_the_credential, by_raw_delete,
]  # fmt: skip


@pytest.mark.parametrize("delete", WAYS_TO_DELETE)
@pytest.mark.parametrize("compiled", [True, False])
def test_every_way_to_delete_revokes_from_the_next_request_on(
    present, token, jwt, settings, delete, compiled
):
    settings.APITOKENS_COMPILED_QUERY = compiled
    assert present(jwt).status_code == 200
    delete(token)
    assert_bearer_failure(present(jwt))


KEEPING = [by_instance, by_queryset, by_service, by_command, by_admin_button, by_admin_action]


@pytest.mark.parametrize("delete", KEEPING)
def test_a_deleted_token_leaves_a_tombstone_its_name_free_and_one_event(token, acme, admin, delete):
    delete(token)
    token.refresh_from_db()
    assert token.is_deleted
    assert token.live_name is None
    assert (
        APITokenEvent.objects.filter(kind="deleted", token_public_id=token.public_id).count() == 1
    )
    assert make_token(owner=acme, user=admin, name=token.name)[0].pk != token.pk


def test_deleting_twice_makes_one_event_and_no_error(token):
    assert token.delete() == (1, {"apitokens.APIToken": 1})
    assert token.delete() == (0, {})
    assert services.delete_token(token=token, actor=None) is False
    assert APITokenEvent.objects.filter(kind="deleted").count() == 1


def test_nothing_undeletes(token, admin):
    token.delete()
    with pytest.raises(TokenDeleted):
        services.rename_token(token=token, name="Again", actor=admin)
    with pytest.raises(TokenDeleted):
        services.copy_token(token=token, actor=admin)
    token.refresh_from_db()
    assert token.is_deleted


def test_a_tombstone_in_use_stays_though_its_label_is_needed(api, token, subtype):
    added = api.post("/external/v1/candidate/add", body_for(subtype), format="json")
    assert added.status_code == 200, added.json()
    token.delete()
    assert Candidate.objects.get().added_by_label == "API(Greenhouse sync)"
    with pytest.raises(RestrictedError):
        raw_collector_delete(token)


def raw_collector_delete(token):
    """What a careless migration or another library might do: Django's own deletion."""
    from django.db.models.deletion import Collector

    collector = Collector(using="default")
    collector.collect([token])
    collector.delete()


def body_for(subtype):
    return {
        "candidate": {"name": "Ananya Krishnan", "email": "a@example.in", "phone": "9845012346"},
        "package": {"subtype_id": subtype.pk},
    }


def disable(user):
    user.is_active = False
    user.save()


def demote_to_hr(user):
    user.access_level = AccessLevel.HR
    user.save()


def demote_to_recruiter(user):
    user.access_level = AccessLevel.RECRUITER
    user.save()


def move(user):
    user.company = CompanyFactory()
    user.save()


def delete_user(user):
    user.delete()


def suspend_company(user):
    user.company.is_active = False
    user.company.save()


def delete_company(user):
    user.company.delete()


STOPPERS = [
    disable, demote_to_hr, demote_to_recruiter, move, delete_user, suspend_company, delete_company,
]  # fmt: skip


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("stop", STOPPERS)
def test_a_token_stops_with_the_person_it_acts_as(present, jwt, admin, settings, stop, compiled):
    settings.APITOKENS_COMPILED_QUERY = compiled
    assert present(jwt).status_code == 200
    stop(admin)
    assert_bearer_failure(present(jwt))


@pytest.mark.parametrize("stop", STOPPERS[:-1])
def test_a_stopped_token_says_why_and_is_not_copied(token, admin, stop):
    stop(admin)
    token = APIToken.objects.get(pk=token.pk)
    assert token.state == "stopped"
    assert token.stop_reason
    with pytest.raises(TokenNotUsable, match="stopped"):
        services.copy_token(token=token, actor=None)


def test_renaming_token_user_or_company_stops_nothing(present, token, jwt, admin, acme):
    services.rename_token(token=token, name="Lever", actor=admin)
    admin.name = admin.email = "new@acme.test"
    admin.save()
    acme.name = acme.slug = "acme-two"
    acme.save()
    admin.set_password("another password 123")
    admin.save()
    assert present(jwt).status_code == 200


def test_a_token_of_one_company_reaches_nothing_of_another(jwt, other_admin, globex):
    _, others = make_token(owner=globex, user=other_admin, name="Greenhouse sync")
    assert bearer(jwt).get("/external/v1/me").json()["company"]["name"] == "Acme Corp"
    assert bearer(others).get("/external/v1/me").json()["company"]["name"] == "Globex"


def test_a_company_is_deleted_whole(api, acme, token, subtype):
    api.post("/external/v1/candidate/add", body_for(subtype), format="json")
    acme.delete()
    assert not APIToken.objects.exists()
    assert not Credential.objects.exists()
    assert not Candidate.objects.exists()


def test_a_company_is_deleted_whole_in_the_django_admin(api, acme, token, subtype):
    api.post("/external/v1/candidate/add", body_for(subtype), format="json")
    response = signed_in(StaffFactory()).post(
        f"/admin/accounts/company/{acme.pk}/delete/", {"post": "yes"}
    )
    assert response.status_code == 302
    assert not APIToken.objects.exists()


def test_the_history_outlives_token_and_person(token, admin):
    token.delete()
    admin.delete()
    event = APITokenEvent.objects.get(kind="created")
    assert (event.token_name, event.actor_label) == ("Greenhouse sync", "Asha Rao")


def test_the_django_admin_neither_adds_nor_changes_tokens(token, admin_client):
    staff = signed_in(StaffFactory())
    assert APIToken in site._registry
    assert staff.get("/admin/apitokens/apitoken/").status_code == 200
    assert staff.get("/admin/apitokens/apitoken/add/").status_code == 403
    page = f"/admin/apitokens/apitoken/{token.pk}/change/"
    assert staff.get(page).status_code == 200
    assert staff.post(page, {"name": "x"}).status_code == 403
    event = APITokenEvent.objects.get()
    assert staff.get(f"/admin/apitokens/apitokenevent/{event.pk}/change/").status_code == 200
    assert staff.post("/admin/apitokens/apitokenevent/add/").status_code == 403


def test_the_django_admin_shows_no_jti(token):
    page = signed_in(StaffFactory()).get(f"/admin/apitokens/apitoken/{token.pk}/change/")
    assert token.credential.jti.hex not in page.content.decode().replace("-", "")


def test_a_key_is_replaced_and_old_tokens_work_while_it_verifies(
    present, acme, admin, jwt, settings
):
    old = settings.APITOKENS_KEYS[0]
    new = {**old, "kid": "new", "secret": "n" * 40}
    settings.APITOKENS_KEYS = [{**old, "state": "verify"}, new]
    token, new_jwt = make_token(owner=acme, user=admin, name="Under the new key")
    assert token.credential.kid == "new"
    assert present(jwt).status_code == present(new_jwt).status_code == 200
    assert (
        services.copy_token(token=APIToken.objects.get(name="Greenhouse sync"), actor=admin) == jwt
    )
    settings.APITOKENS_KEYS = [{**old, "state": "retired"}, new]
    assert_bearer_failure(present(jwt))
    assert present(new_jwt).status_code == 200


def test_an_expired_token_is_not_copied(acme, admin, time_machine):
    time_machine.move_to("2026-11-24T12:00:00Z", tick=False)
    token, _ = make_token(owner=acme, user=admin, name="S", lifetime=timedelta(seconds=600))
    time_machine.shift(600)
    assert APIToken.objects.get().state == "expired"
    with pytest.raises(TokenNotUsable, match="expired"):
        services.copy_token(token=token, actor=admin)


def test_disabled_people_leave_other_peoples_tokens_alone(present, acme, admin, jwt):
    colleague = UserFactory(company=acme)
    _, colleagues = make_token(owner=acme, user=colleague, name="Colleague’s")
    disable(colleague)
    assert present(jwt).status_code == 200
    assert_bearer_failure(present(colleagues))


def test_saving_a_stale_instance_does_not_undelete(present, token, jwt):
    stale = APIToken.objects.get(pk=token.pk)
    token.delete()
    stale.name = "Risen"
    stale.save()
    assert_bearer_failure(present(jwt))
    stale.refresh_from_db()
    assert stale.is_deleted
    assert stale.live_name is None


def test_a_token_whose_key_is_retired_is_stopped_and_not_copied(admin_client, token, settings):
    old = settings.APITOKENS_KEYS[0]
    new = {**old, "kid": "new", "secret": "n" * 40}
    settings.APITOKENS_KEYS = [{**old, "state": "retired"}, new]
    page = admin_client.get("/security-settings/api/").content.decode()
    assert "Its signing key is retired" in page
    copy = f"/security-settings/api/{token.public_id}/copy/"
    assert admin_client.post(copy, headers={"accept": "application/json"}).status_code == 409


def test_the_page_survives_a_credential_that_was_removed_by_hand(admin_client, token):
    Credential.objects.all()._raw_delete("default")
    page = admin_client.get("/security-settings/api/")
    assert page.status_code == 200
    assert "Its credential was removed" in page.content.decode()
    delete = f"/security-settings/api/{token.public_id}/delete/"
    assert admin_client.post(delete).status_code == 302


def test_messages_need_no_cookie_of_their_own(admin_client, token):
    admin_client.post(f"/security-settings/api/{token.public_id}/delete/")
    assert "messages" not in admin_client.cookies
