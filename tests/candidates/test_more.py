"""After an insufficiency the candidate, or HR, sends what a check lacks."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from apitokens.attribution import Actor
from candidates.demo.states import bring_to
from candidates.exceptions import NotAllowedNow, NothingBrought
from candidates.intake.links import LIFETIME, bgv_url
from candidates.models import CaseStatus, CheckStatus, Decision, Document, Reason
from candidates.services.cases import decide
from candidates.services.checks import answer_check, asked_of, hold_check, set_check
from tests.candidates.conftest import add
from tests.candidates.files import HTML, JPEG, PDF, upload
from tests.conftest import signed_in
from tests.factories import CheckFactory, StaffFactory

pytestmark = pytest.mark.django_db(transaction=True)
LACKS = "The back of the card <b>is</b> missing"


@pytest.fixture
def staff(db):
    return Actor(StaffFactory(name="Ops"))


@pytest.fixture
def check(meera, staff):
    """Meera's identity check lacks something; her address is being worked."""
    bring_to(case=meera.case, status=CaseStatus.IN_PROGRESS, actor=staff)
    row = meera.case.checks.get(kind__code="identity")
    return set_check(check=row, status=CheckStatus.INSUFFICIENCY, found=LACKS, actor=staff)


def link(candidate):
    return f"{bgv_url(candidate)}more/"


def hrs(candidate):
    return reverse("candidates:more", args=[candidate.pk])


def photo(name="back.jpg"):
    return upload(JPEG, name, "image/jpeg")


def send(client, url, check, *files, **more):
    return client.post(url, {"check": check.pk, "files": files}, **more)


def now_of(row):
    row.refresh_from_db()
    return row.get_status_display()


def assert_still_asked(check):
    assert now_of(check) == "Insufficiency"
    assert check.found == LACKS


# --- the way ----------------------------------------------------------------------------------
def test_the_link_opens_again_and_what_comes_lands_on_the_check(client, meera, check):
    assert now_of(meera.case) == "Awaiting input"
    url = bgv_url(meera)
    response = client.get(url, follow=True)
    page = response.content.decode()
    assert response.redirect_chain == [(f"{url}more/", 302)]
    assert "The back of the card &lt;b&gt;is&lt;/b&gt; missing" in page
    assert "Send for Identity" in page
    assert "Send for Address" not in page
    response = send(client, link(meera), check, photo(), photo("2.jpg"), REMOTE_ADDR="203.0.113.7")
    assert response.status_code == 302
    assert {(d.for_check, d.kind, d.added_by) for d in Document.objects.all()} == {
        (check, "identity", None)
    }
    assert (now_of(check), check.found) == ("In progress", "")
    assert now_of(meera.case) == "In progress"
    answered = meera.log.filter(data__act="answer").get()
    assert f"{answered.who} {answered.text}" == "Meera Iyer sent what was missing for Identity"
    assert answered.address == "203.0.113.7"
    assert "Thank you" in client.get(bgv_url(meera)).content.decode()


def test_hr_sends_it_in_their_place(admin_client, meera, check):
    detail = reverse("candidates:detail", args=[meera.pk])
    assert f'href="{hrs(meera)}"' in admin_client.get(detail).content.decode()
    assert send(admin_client, hrs(meera), check, photo()).status_code == 302
    assert Document.objects.get().added_by.name == "Asha Rao"
    assert now_of(check) == "In progress"
    assert meera.log.filter(data__act="answer").get().who == "Asha Rao"
    assert hrs(meera) not in admin_client.get(detail).content.decode()
    page = admin_client.get(hrs(meera), follow=True).content.decode()
    assert "Nothing is missing any more" in page


def test_each_check_that_lacks_something_is_asked_for_and_answered_by_itself(
    client, meera, check, staff
):
    other = meera.case.checks.create(kind=CheckFactory(code="reference", name="Reference"))
    set_check(check=other, status=CheckStatus.INSUFFICIENCY, found="Two names", actor=staff)
    send(client, link(meera), other, upload())
    assert Document.objects.get().kind == "other"
    assert_still_asked(check)
    assert now_of(meera.case) == "Awaiting input"
    page = client.get(link(meera)).content.decode()
    assert "Send for Reference" not in page


def test_asked_once_more_old_documents_are_no_answer(client, meera, check, staff):
    send(client, link(meera), check, photo())
    set_check(check=check, status=CheckStatus.INSUFFICIENCY, found=LACKS, actor=staff)
    assert send(client, link(meera), check).status_code == 400
    assert_still_asked(check)


def test_the_mail_with_the_link_can_be_sent_again(admin_client, meera, check, mailoutbox):
    admin_client.post(reverse("candidates:invite", args=[meera.pk]))
    assert len(mailoutbox) == 1
    send(admin_client, hrs(meera), check, photo())
    admin_client.post(reverse("candidates:invite", args=[meera.pk]))
    assert len(mailoutbox) == 1


# --- bad input --------------------------------------------------------------------------------
def test_markup_in_names_of_files_and_checks_is_text(client, meera, check):
    markup = "\"'><script>alert(1)"
    type(check.kind).objects.filter(pk=check.kind_id).update(name=markup)
    page = send(client, link(meera), check, photo(f"{markup}.jpg"), upload(HTML, f"{markup}.pdf"))
    text = page.content.decode()
    assert "<script>alert" not in text
    for shown in (markup, f"{markup}.jpg", f"{markup}.pdf"):
        assert escape(shown) in text


@pytest.mark.parametrize(
    "content", [HTML, b"", b"MZ" + bytes(60)], ids=["HTML", "empty", "program"]
)
def test_a_file_of_another_kind_is_named_and_the_good_one_kept(client, meera, check, content):
    response = send(client, link(meera), check, photo(), upload(content, "bad.pdf"))
    assert response.status_code == 400
    page = response.content.decode()
    assert "bad.pdf" in page
    assert "back.jpg" in page
    assert Document.objects.get().name == "back.jpg"
    assert_still_asked(check)
    assert send(client, link(meera), check).status_code == 302
    assert now_of(check) == "In progress"


def test_no_file_more_than_ten_and_a_large_one_are_refused(client, meera, check, settings):
    response = send(client, link(meera), check)
    assert "Choose a file first" in response.content.decode()
    settings.DOCUMENT_MAX_SIZE = 100
    response = send(client, link(meera), check, upload(PDF + bytes(100), "large.pdf"))
    assert "Choose a file of up to" in response.content.decode()
    for number in range(10):
        Document.objects.create(candidate=meera, kind="identity", for_check=check,
                                url=f"https://a.example/{number}")  # fmt: skip
    response = send(client, link(meera), check, photo("eleventh.jpg"))
    assert "At most 10 files" in response.content.decode()
    assert not Document.objects.exclude(file="")
    assert_still_asked(check)


@pytest.mark.parametrize("key", ["", "x", "0", "\x00", "१", "9" * 30])
def test_another_check_is_not_answered(client, meera, check, foreign, key):
    strange = foreign.case.checks.first()
    for given in (key, strange.pk, meera.case.checks.get(kind__code="address").pk):
        response = client.post(link(meera), {"check": given, "files": [photo()]})
        assert response.status_code == 302
    assert not Document.objects.exists()
    assert_still_asked(check)


def test_what_somebody_elses_check_lacks_is_neither_shown_nor_taken(
    client, admin_client, admin, meera, check, subtype, staff
):
    other = add(admin, subtype)
    bring_to(case=other.case, status=CaseStatus.IN_PROGRESS, actor=staff)
    theirs = other.case.checks.get(kind__code="address")
    set_check(check=theirs, status=CheckStatus.INSUFFICIENCY, found="No postmark", actor=staff)
    for who, url in ((client, link(meera)), (admin_client, hrs(meera))):
        assert "No postmark" not in who.get(url).content.decode()
        assert send(who, url, theirs, photo()).status_code == 302
    assert not Document.objects.exists()
    assert now_of(theirs) == "Insufficiency"


# --- who, and when ----------------------------------------------------------------------------
def test_only_whoever_may_act_for_them(
    client, hr_client, recruiter_client, other_admin_client, hr, recruiter, admin, meera, check
):
    meera.added_by = recruiter
    meera.save()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin)
    for who, status in [(hr_client, 404), (recruiter_client, 403), (other_admin_client, 404),
                        (client, 302)]:  # fmt: skip
        assert who.get(hrs(meera)).status_code == status
        assert send(who, hrs(meera), check, photo()).status_code == status
    assert send(strict, hrs(meera), check, photo()).status_code == 403
    assert send(strict, link(meera), check, photo()).status_code == 403
    assert not Document.objects.exists()
    assert_still_asked(check)
    detail = reverse("candidates:detail", args=[meera.pk])
    assert hrs(meera) not in recruiter_client.get(detail).content.decode()
    meera.added_by = hr
    meera.save()
    assert send(hr_client, hrs(meera), check, photo()).status_code == 302


@pytest.mark.parametrize("way", ["old", "forged", "suspended"])
def test_a_link_that_is_no_good_takes_nothing(client, meera, check, acme, way):
    url, then = link(meera), timezone.now()
    if way == "old":
        then += LIFETIME + timedelta(minutes=1)
    elif way == "forged":
        url = url.replace("/more/", "x/more/")
    else:
        acme.is_active = False
        acme.save()
    with time_machine.travel(then):
        assert client.get(url).status_code == 404
        assert send(client, url, check, photo()).status_code == 404
    assert not Document.objects.exists()


def test_before_the_form_is_sent_the_form_itself_is_asked_for(client, admin_client, meera, staff):
    """Whatever a check lacks is asked for afterwards; else nobody would ever come to the form."""
    check = meera.case.checks.get(kind__code="identity")
    set_check(check=check, status=CheckStatus.INSUFFICIENCY, found=LACKS, actor=staff)
    start = client.get(bgv_url(meera))
    assert start.status_code == 200
    assert "Begin" in start.content.decode()
    for who, url in ((client, link(meera)), (admin_client, hrs(meera))):
        assert who.get(url).status_code == 302
        assert send(who, url, check, photo()).status_code == 302
    assert not Document.objects.exists()
    assert_still_asked(check)


@pytest.mark.parametrize("decision", [Decision.HELD, Decision.CLOSED, Decision.CANCELLED])
def test_a_case_that_is_held_or_over_asks_for_nothing(client, meera, check, staff, decision):
    until = timezone.now() + timedelta(days=1) if decision == Decision.HELD else None
    decide(case=meera.case, decision=decision, reason=Reason.OTHER, until=until, actor=staff)
    meera.case.refresh_from_db()
    assert asked_of(meera.case) == []
    assert send(client, link(meera), check, photo()).status_code in (302, 404)
    assert not Document.objects.exists()
    Document.objects.create(
        candidate=meera, kind="identity", for_check=check, url="https://a.example/x"
    )
    with pytest.raises(NotAllowedNow):
        answer_check(check=check, actor=None)


def test_the_service_asks_again_behind_the_lock(meera, check, staff):
    with pytest.raises(NothingBrought):
        answer_check(check=check, actor=None)
    until = timezone.now() + timedelta(days=1)
    hold_check(check=check, reason=Reason.WAITING, until=until, actor=staff)
    with pytest.raises(NotAllowedNow):
        answer_check(check=check, actor=None)


# --- staff ------------------------------------------------------------------------------------
def test_staff_see_and_open_what_came_and_the_log_says_so(client, meera, check, foreign, subtype):
    send(client, link(meera), check, photo("<b>back.jpg"))
    document = Document.objects.get()
    ops = signed_in(StaffFactory(name="Somebody of ours"))
    page = ops.get(reverse("admin:candidates_casecheck_change", args=[check.pk])).content.decode()
    url = reverse("admin:candidates_casecheck_document", args=[check.pk, document.pk])
    assert f'href="{url}"' in page
    assert "for this check" in page
    assert "&lt;b&gt;back.jpg" in page
    response = ops.get(url)
    assert response.getvalue() == JPEG
    assert response["Content-Disposition"].startswith("attachment")
    assert (meera.log.first().who, meera.log.first().text) == (
        "Operations", "opened Identity document",
    )  # fmt: skip
    others = foreign.case.checks.first().pk
    wrong = reverse("admin:candidates_casecheck_document", args=[others, document.pk])
    assert ops.get(wrong).status_code == 404


@pytest.mark.parametrize("who", ["admin_client", "hr_client", "client"])
def test_nobody_else_opens_files_in_the_admin(request, who, client, meera, check):
    send(client, link(meera), check, photo())
    url = reverse("admin:candidates_casecheck_document", args=[check.pk, Document.objects.get().pk])
    assert request.getfixturevalue(who).get(url).status_code == 302
    powerless = signed_in(StaffFactory(is_superuser=False))
    assert powerless.get(url).status_code == 403
    assert not meera.log.filter(kind="document-opened").exists()


def test_a_candidate_who_has_nothing_to_send_is_not_asked(client, hr, subtype):
    person = add(hr, subtype)
    assert client.get(link(person)).status_code == 302
    assert client.get(bgv_url(person)).status_code == 200
