"""The mail with the link: on adding by the API, and again from the candidate's page."""

import pytest
from django.core import mail
from django.core.cache import cache
from django.urls import reverse

from apitokens.attribution import Actor
from candidates.models import Candidate, Decision, Reason
from candidates.pages.forms import DetailsForm
from candidates.services.cases import decide
from tests.candidates import external
from tests.candidates.files import upload
from tests.candidates.test_pages_add import ADD
from tests.candidates.test_pages_add_steps import DETAILS, url


def invite(client, candidate):
    return client.post(reverse("candidates:invite", args=[candidate.pk]), follow=True)


def sent_lines(candidate):
    return candidate.log.filter(kind="invited")


@pytest.mark.parametrize("how", ["invite", "send_invite_email"])
def test_the_api_sends_the_link_once_the_candidate_is_there(
    api, token, subtype, django_capture_on_commit_callbacks, how
):
    body = external.body(subtype, **({"invite": True} if how == "invite" else {}))
    body |= {"send_invite_email": True} if how == "send_invite_email" else {}
    with django_capture_on_commit_callbacks() as callbacks:
        url = api.post(external.ADD, body, format="json").json()["data"]["bgv_url"]
        assert mail.outbox == []
    for callback in callbacks:
        callback()
    (message,) = mail.outbox
    assert message.to == ["meera@example.test"]
    assert message.body.count("http") == 1
    assert url.partition("/bgv/")[2][:32] in message.body
    assert "Acme Corp" in message.body
    assert "9876543210" not in message.body
    line = sent_lines(Candidate.objects.get()).get()
    assert f"{line.who} {line.text}" == "API(Greenhouse sync) sent the link to the form"


@pytest.mark.parametrize("asked", [{}, {"send_invite_email": False}])
def test_nobody_is_written_to_unasked(api, subtype, django_capture_on_commit_callbacks, asked):
    with django_capture_on_commit_callbacks(execute=True):
        api.post(external.ADD, external.body(subtype) | asked, format="json")
    assert mail.outbox == []


def test_a_mail_that_fails_leaves_the_candidate_added(
    api, subtype, settings, django_capture_on_commit_callbacks
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with django_capture_on_commit_callbacks(execute=True):
        response = external.add(api, subtype, invite=True)
    assert response.status_code == 200
    assert not sent_lines(Candidate.objects.get()).exists()


def test_a_replayed_call_sends_nothing_again(api, subtype, django_capture_on_commit_callbacks):
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            api.post(
                external.ADD, external.body(subtype, invite=True), format="json",
                HTTP_IDEMPOTENCY_KEY="once",
            )  # fmt: skip
    assert len(mail.outbox) == 1


def test_an_admin_sends_it_again_and_the_log_says_so(admin_client, admin, meera):
    page = invite(admin_client, meera).content.decode()
    assert "The form is sent to meera.iyer@example.in." in page
    assert mail.outbox[0].to == [meera.email]
    assert sent_lines(meera).get().added_by == admin


def test_three_mails_an_hour_are_enough(admin_client, hr_client, meera, settings):
    settings.ACCOUNT_RATE_LIMITS = {"intake_mail": "3/h/key"}
    cache.clear()
    for _ in range(4):
        page = invite(admin_client, meera).content.decode()
    assert "Try again later" in page
    assert len(mail.outbox) == 3


def test_only_who_may_sends_it_and_never_for_others(
    client, hr_client, recruiter_client, other_admin_client, meera
):
    url = reverse("candidates:invite", args=[meera.pk])
    codes = [c.post(url).status_code for c in (other_admin_client, hr_client, recruiter_client)]
    assert codes == [404, 404, 403]
    assert client.post(url).status_code == 302
    assert other_admin_client.get(url).status_code == 405
    assert mail.outbox == []


def test_there_is_no_button_where_nothing_is_left_to_do(admin_client, admin, meera):
    detail = reverse("candidates:detail", args=[meera.pk])
    assert "Send the form" in admin_client.get(detail).content.decode()
    decide(case=meera.case, decision=Decision.CLOSED, actor=Actor(admin), reason=Reason.MISTAKE)
    assert "Send the form" not in admin_client.get(detail).content.decode()
    invite(admin_client, meera)
    assert mail.outbox == []


def test_names_are_written_as_they_are_and_add_no_header(admin_client, acme, meera):
    acme.name = "Acme\r\nBcc: x@y.z"
    acme.save()
    meera.name = "D’Souza <b>"
    meera.save()
    invite(admin_client, meera)
    assert "\n" not in mail.outbox[0].subject
    assert "D’Souza <b>" in mail.outbox[0].body


@pytest.mark.parametrize(("consent", "count"), [("email", 1), ("letter", 0)])
def test_added_by_hand_with_consent_by_e_mail_the_link_goes_out(
    admin_client, subtype, django_capture_on_commit_callbacks, consent, count
):
    given = {**DETAILS, "consent": consent}
    given |= {name: upload() for name, kind in DetailsForm.KINDS.items() if kind == "consent"}
    admin_client.post(ADD, given)
    admin_client.post(url("package"), {"subtype": subtype.pk})
    confirm = url("confirm")
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            admin_client.post(confirm)
    assert Candidate.objects.get().email == DETAILS["email"]
    assert len(mail.outbox) == count
