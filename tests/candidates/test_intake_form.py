"""The candidate's form behind the link, page by page."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from apitokens.attribution import Actor
from candidates.intake.links import LIFETIME, bgv_url
from candidates.models import CaseStatus, Decision, Document, FilledBy, Reason, VerificationForm
from candidates.services.cases import consent, decide
from candidates.services.verification import submit
from tests.candidates.answers import GOOD, fill, good
from tests.candidates.conftest import add
from tests.candidates.files import HTML, JPEG, PDF, upload

REFUSED = "This link does not work"
SIGNED = {"agrees": "on", "is_true": "on", "name": "Meera Iyer"}


def page_of(candidate, step):
    return f"{bgv_url(candidate)}{step}/"


def text(response):
    return response.content.decode()


def answers(candidate):
    row = VerificationForm.objects.filter(pk=candidate.pk).first()
    return row.answers if row else {}


def test_a_candidate_walks_through_the_form_and_sends_it(client, meera):
    url = bgv_url(meera)
    assert f'href="{url}basic_details/"' in text(client.get(url))
    for step, following in [("basic_details", "address"), ("address", "identity"),
                            ("identity", "consent")]:  # fmt: skip
        response = client.post(f"{url}{step}/", GOOD[step])
        assert (response.status_code, response.url) == (302, f"{url}{following}/")
    response = client.post(f"{url}consent/", SIGNED, REMOTE_ADDR="203.0.113.7")
    assert (response.status_code, response.url) == (302, url)
    meera.case.refresh_from_db()
    assert meera.case.status == CaseStatus.PROCESSING
    form = VerificationForm.objects.get(pk=meera.pk)
    assert (form.consent_name, form.consent_address) == ("Meera Iyer", "203.0.113.7")
    done = text(client.get(url))
    assert "Thank you" in done
    assert "ABCPK1234M" in done


def test_whoever_comes_back_with_another_browser_goes_on_where_they_stopped(client, meera):
    fill(meera, "basic_details")
    url = bgv_url(meera)
    assert f'href="{url}address/"' in text(client.get(url))
    page = text(client.get(f"{url}basic_details/"))
    assert 'value="1994-02-28"' in page
    assert "Saved a moment ago" in page


def test_the_first_page_knows_what_the_company_knows(client, meera):
    page = text(client.get(page_of(meera, "basic_details")))
    assert meera.email in page
    assert meera.phone in page


@pytest.mark.parametrize("step", ["education", "nonsense", "ADDRESS"])
def test_a_step_that_is_not_asked_is_404(client, meera, step):
    assert client.get(page_of(meera, step)).status_code == 404
    assert client.post(page_of(meera, step), {}).status_code == 404


def test_bad_answers_are_named_and_the_good_ones_kept(client, meera):
    given = good("address", pin_code="x", city="<script>alert(1)</script>")
    response = client.post(page_of(meera, "address"), given)
    assert response.status_code == 400
    assert "Enter 6 digits" in text(response)
    assert "<script>alert" not in text(response)
    assert answers(meera)["address"].keys() == given.keys() - {"pin_code"}


def test_nothing_incomplete_is_sent_and_the_steps_are_named(client, meera):
    fill(meera, "basic_details", "identity")
    response = client.post(page_of(meera, "consent"), SIGNED)
    assert response.status_code == 400
    assert "Still missing:" in text(response)
    meera.case.refresh_from_db()
    assert meera.case.submitted_at is meera.case.consented_at is None


@pytest.mark.parametrize("left", ["agrees", "is_true", "name"])
def test_nothing_is_signed_by_halves(client, meera, left):
    fill(meera)
    response = client.post(page_of(meera, "consent"), {**SIGNED, left: ""})
    assert response.status_code == 400
    meera.case.refresh_from_db()
    assert meera.case.submitted_at is meera.case.consented_at is None


@pytest.mark.parametrize("name", ["\x00Meera", "<b>Meera</b>", "x" * 121, "42"])
def test_a_signature_that_is_no_name_is_refused(client, meera, name):
    fill(meera)
    response = client.post(page_of(meera, "consent"), {**SIGNED, "name": name})
    assert response.status_code == 400
    assert "<b>Meera" not in text(response)


# Files --------------------------------------------------------------------------------------
def test_a_photo_is_kept_with_what_was_typed_so_far(client, meera):
    url = page_of(meera, "identity")
    given = {"id_type": "PAN", "upload": "1", "files": [upload(JPEG, "front.jpg"), upload(PDF)]}
    response = client.post(url, given)
    assert (response.status_code, response.url) == (302, url)
    assert list(meera.documents.values_list("kind", "added_by", "added_through")) == [
        ("identity", None, None)] * 2  # fmt: skip
    assert answers(meera)["identity"] == {"id_type": "PAN"}
    assert "front.jpg" in text(client.get(url))


def test_a_file_that_lies_is_named_and_the_others_are_kept(client, meera):
    files = [upload(HTML, "scan.pdf"), upload(JPEG, "front.jpg")]
    response = client.post(page_of(meera, "identity"), {**GOOD["identity"], "files": files})
    assert response.status_code == 400
    assert "Choose a file that is a PDF, JPEG or PNG" in text(response)
    assert meera.documents.get().name == "front.jpg"


def test_ten_files_are_enough(client, meera):
    url = page_of(meera, "identity")

    def send_eight():
        files = [upload(JPEG, f"{n}.jpg") for n in range(8)]
        return client.post(url, {"upload": "1", "files": files})

    assert send_eight().status_code == 302
    response = send_eight()
    assert response.status_code == 400
    assert meera.documents.count() == 10


def test_a_candidate_removes_own_files_of_the_step_and_no_others(client, admin, meera, subtype):
    url = page_of(meera, "identity")
    client.post(url, {"upload": "1", "files": [upload(JPEG)]})
    own = meera.documents.get()
    other = add(admin, subtype)
    client.post(page_of(other, "identity"), {"upload": "1", "files": [upload(JPEG)]})
    client.post(page_of(meera, "address"), {"upload": "1", "files": [upload(JPEG)]})
    by_hr = Document.objects.create(
        candidate=meera, kind="identity", url="https://x.in/a", **Document.by(Actor(admin))
    )
    for key in [*Document.objects.exclude(pk=own.pk).values_list("pk", flat=True),
                "x", "", "9" * 30, "٣", -1]:  # fmt: skip
        assert client.post(url, {"remove": str(key)}).status_code == 302
    assert Document.objects.count() == 4
    client.post(url, {"remove": str(own.pk)})
    assert not Document.objects.filter(pk=own.pk).exists()
    assert Document.objects.filter(pk=by_hr.pk).exists()


# Who may, and when --------------------------------------------------------------------------
def test_after_it_was_sent_nothing_changes_any_more(client, meera):
    fill(meera)
    url = bgv_url(meera)
    client.post(f"{url}consent/", SIGNED)
    before = answers(meera)
    for step in ("identity", "consent"):
        assert client.get(f"{url}{step}/").url == url
        given = {**good("identity", id_number="ABCPK9999M"), **SIGNED, "files": [upload(JPEG)]}
        assert client.post(f"{url}{step}/", given).url == url
    assert answers(meera) == before
    assert not meera.documents.exists()


@pytest.mark.parametrize("why", ["closed", "cancelled", "suspended", "old", "forged"])
def test_a_link_that_is_over_opens_nothing_and_takes_nothing(client, admin, acme, meera, why):
    url, moment = bgv_url(meera), timezone.now()
    if why in Decision.values:
        decide(case=meera.case, decision=Decision(why), actor=Actor(admin), reason=Reason.MISTAKE)
    if why == "suspended":
        acme.is_active = False
        acme.save()
    if why == "old":
        moment += LIFETIME + timedelta(minutes=1)
    if why == "forged":
        url = url[:-3] + "xx/"
    with time_machine.travel(moment):
        for path in (url, f"{url}identity/", f"{url}consent/"):
            assert REFUSED in text(client.get(path))
        for path in (f"{url}identity/", f"{url}consent/"):
            response = client.post(path, {**GOOD["identity"], **SIGNED})
            assert response.status_code == 404
            assert response["Referrer-Policy"] == "no-referrer"
    assert answers(meera) == {}


def test_pages_keep_no_session_and_set_no_cookie_but_csrf(client, meera):
    for step in ("basic_details", "identity", "consent"):
        response = client.get(page_of(meera, step))
        assert set(response.cookies) == {"csrftoken"}
        assert "no-store" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "no-referrer"
    assert client.post(page_of(meera, "identity"), GOOD["identity"]).cookies.keys() <= {"csrftoken"}


def test_a_form_without_the_token_is_refused(meera):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    assert client.post(page_of(meera, "identity"), GOOD["identity"]).status_code == 403
    assert answers(meera) == {}


def test_forged_links_are_counted_by_address_and_good_ones_go_on(client, meera, settings):
    settings.ACCOUNT_RATE_LIMITS = {"intake_link": "3/m/ip"}
    cache.clear()
    codes = [client.get(f"/bgv/{n}/").status_code for n in range(5)]
    assert codes == [404, 404, 404, 429, 429]
    assert client.get(bgv_url(meera)).status_code == 200
    assert client.get("/bgv/x/", REMOTE_ADDR="203.0.113.9").status_code == 404


def test_where_a_letter_is_there_the_form_is_sent_without_a_signature(client, admin, meera):
    consent(case=meera.case, actor=Actor(admin))
    fill(meera)
    url = page_of(meera, "consent")
    assert "signature" not in text(client.get(url))
    assert client.post(url, {"is_true": "on"}).status_code == 302
    meera.case.refresh_from_db()
    assert meera.case.status == CaseStatus.PROCESSING


@pytest.fixture
def by_hr(admin, subtype):
    return add(admin, subtype, filled_by=FilledBy.HR)


def test_where_hr_fills_in_the_form_the_candidate_only_signs(client, by_hr):
    url = bgv_url(by_hr)
    assert "Only your consent is needed" in text(client.get(url))
    assert client.get(f"{url}identity/").url == url
    assert client.post(f"{url}identity/", GOOD["identity"]).url == url
    assert answers(by_hr) == {}
    response = client.post(f"{url}consent/", {"agrees": "on", "name": "Meera Iyer"})
    assert response.url == url
    by_hr.case.refresh_from_db()
    assert (by_hr.case.consented_at is None, by_hr.case.submitted_at) == (False, None)
    assert "Thank you" in text(client.get(url))


def test_a_form_sent_without_consent_waits_for_the_signature(client, admin, meera):
    fill(meera)
    submit(candidate=meera, actor=Actor(admin))
    url = bgv_url(meera)
    assert client.post(f"{url}consent/", {"agrees": "on", "name": "Meera"}).status_code == 302
    meera.case.refresh_from_db()
    assert meera.case.status == CaseStatus.PROCESSING


def test_the_link_shows_nobody_elses_data(client, admin, meera, subtype):
    other = add(admin, subtype, name="Rohan Gupta")
    fill(other)
    url = bgv_url(meera)
    for path in (url, f"{url}identity/", f"{url}consent/"):
        assert "Rohan" not in text(client.get(path))
        assert "ABCPK1234M" not in text(client.get(path))
    assert reverse("intake:start", args=["x"]) == "/bgv/x/"
