"""The steps of adding by hand: files, add-ons, Back, and one candidate at the end."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from zeal import zeal_ignore

from apitokens.attribution import Actor
from candidates.exceptions import NoFunds
from candidates.intake.mail import send_invitation
from candidates.models import (
    Candidate,
    CandidateDraft,
    CreditEntry,
    Document,
    DraftFile,
    FilledBy,
    LogEntry,
    Package,
)
from candidates.pages import adding
from candidates.services.credits import change_rupees, rupees_of
from candidates.services.drafts import KEPT_OF_A_PERSON, finish_draft, save_draft, start_draft
from tests.candidates import files
from tests.candidates.conftest import add
from tests.candidates.files import upload
from tests.candidates.test_documents import content_of, stored
from tests.candidates.test_pages_add import ADD
from tests.conftest import signed_in
from tests.factories import AddOnFactory, CheckFactory, SubtypeFactory, UserFactory

DETAILS = {
    "name": "Ananya Krishnan",
    "phone": "9845012346",
    "email": "ananya.k@example.in",
    "consent": "email",
    "filled_by": "candidate",
}


def url(step, draft=None):
    return reverse(f"candidates:add-{step}", args=[(draft or CandidateDraft.objects.get()).pk])


@pytest.fixture
def drafted(admin_client):
    """The draft of the Admin, its details right."""
    assert admin_client.post(ADD, DETAILS).status_code == 302
    return CandidateDraft.objects.get()


@pytest.fixture
def ordered(admin_client, drafted, subtype):
    """The draft with a package chosen."""
    response = admin_client.post(url("package", drafted), {"subtype": subtype.pk})
    assert response["Location"] == url("confirm", drafted)
    return drafted


@pytest.fixture
def wallet(acme, admin):
    change_rupees(acme, 1000, reason=CreditEntry.Reason.BOUGHT, actor=Actor(admin))


def add_on(acme, name, price=250):
    code = name.lower().replace(" ", "-")
    return AddOnFactory(company=acme, kind=CheckFactory(code=code, name=name), price=price)


def nothing_happened(credits=1000):
    return (
        not Candidate.objects.exists()
        and not Document.objects.exists()
        and set(Package.objects.values_list("credits", flat=True)) == {credits}
        and not CreditEntry.objects.filter(reason=CreditEntry.Reason.USED).exists()
    )


def test_before_the_confirmation_nobody_is_added_and_nothing_is_paid(admin_client, ordered):
    page = admin_client.get(url("confirm", ordered)).content.decode()
    for shown in ("Ananya Krishnan", "9845012346", "ananya.k@example.in", "By e-mail", "Identity"):
        assert shown in page
    assert nothing_happened()


@pytest.mark.parametrize(("name", "content"), [("cv.pdf", files.PDF), ("cv.docx", files.DOCX)])
def test_resume_and_signed_letter_become_documents_and_the_consent_stands(
    admin_client, admin, subtype, name, content
):
    admin_client.post(ADD, DETAILS | {
        "resume": upload(content, name), "consent": "letter", "filled_by": "hr",
        "letter": upload(files.PNG, "letter.png"), "alternate_email": "ak@example.in",
        "alternate_phone": "9845012347",
    })  # fmt: skip
    admin_client.post(url("package"), {"subtype": subtype.pk})
    admin_client.post(url("confirm"))
    candidate = Candidate.objects.get()
    resume, letter = candidate.documents.all()
    assert (resume.kind, resume.name, content_of(resume)) == ("resume", name, content)
    assert (letter.kind, letter.content_type) == ("consent", "image/png")
    assert resume.added_by == letter.added_by == admin
    assert candidate.case.consented_at
    assert candidate.is_consent_undertaking_letter
    assert candidate.case.filled_by == FilledBy.HR
    assert (candidate.alternate_email, candidate.alternate_phone) == ("ak@example.in", "9845012347")
    kinds = set(candidate.log.values_list("kind", flat=True))
    assert kinds >= {LogEntry.Kind.DOCUMENT_ADDED, LogEntry.Kind.CONSENTED}
    assert not DraftFile.objects.exists()
    assert len(stored()) == 2


def test_a_letter_is_not_handed_over_when_the_consent_comes_by_email(admin_client, subtype):
    admin_client.post(ADD, DETAILS | {"consent": "letter", "letter": upload()})
    admin_client.post(url("details"), DETAILS)
    admin_client.post(url("package"), {"subtype": subtype.pk})
    admin_client.post(url("confirm"))
    candidate = Candidate.objects.get()
    assert not candidate.documents.exists()
    assert candidate.case.consented_at is None
    assert not candidate.is_consent_undertaking_letter


@pytest.mark.parametrize(
    ("field", "file", "words"),
    [
        ("resume", upload(files.HTML), "PDF, doc or docx"),
        ("resume", upload(files.BOMB, "cv.docx"), "PDF, doc or docx"),
        ("resume", upload(b""), "empty"),
        ("resume", upload(files.PDF + bytes(10 * 1024 * 1024)), "up to 10"),
        ("letter", upload(files.DOCX, "letter.pdf"), "PDF, JPEG or PNG"),
    ],
)
def test_a_file_that_is_refused_is_said_at_its_field_and_not_kept(admin_client, field, file, words):
    file.seek(0)
    response = admin_client.post(ADD, DETAILS | {"consent": "letter", field: file})
    assert response.status_code == 400
    assert words in str(response.context["form"].errors[field])
    assert not stored()


def test_a_good_file_is_kept_though_something_else_is_wrong(admin_client):
    response = admin_client.post(
        ADD, DETAILS | {"email": "ananya.k@example", "resume": upload(name="../<b>CV</b>.pdf")}
    )
    page = response.content.decode()
    assert list(response.context["form"].errors) == ["email"]
    assert "b&gt;.pdf" in page
    assert "checked" in page
    assert f'action="{url("details")}"' in page
    assert admin_client.post(url("details"), DETAILS).status_code == 302
    assert DraftFile.objects.get().kind == "resume"


def test_another_file_takes_its_place_and_remove_takes_it_away(
    admin_client, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(ADD, DETAILS | {"resume": upload(name="first.pdf")})
        admin_client.post(url("details"), DETAILS | {"resume": upload(name="second.pdf")})
    assert DraftFile.objects.get().name == "second.pdf"
    assert len(stored()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        response = admin_client.post(url("details"), DETAILS | {"name": "A", "remove": "resume"})
    assert response["Location"] == url("details")
    assert not stored()
    assert 'value="A"' in admin_client.get(url("details")).content.decode()


def test_a_signed_letter_must_be_there(admin_client):
    response = admin_client.post(ADD, DETAILS | {"consent": "letter"})
    assert list(response.context["form"].errors) == ["letter"]


def test_a_required_resume_may_be_a_file(admin_client, acme):
    acme.resume_required = True
    acme.save()
    assert list(admin_client.post(ADD, DETAILS).context["form"].errors) == ["resume"]
    assert admin_client.post(ADD, DETAILS | {"resume": upload()}).status_code == 302
    assert admin_client.post(url("details"), DETAILS).status_code == 302


def test_add_ons_are_ordered_at_their_price(admin_client, acme, drafted, subtype, wallet):
    world, identity = add_on(acme, "World check", 180), add_on(acme, "Identity", 500)
    order = {"subtype": subtype.pk, "add_ons": [world.pk, identity.pk]}
    admin_client.post(url("package"), order)
    page = admin_client.get(url("confirm")).content.decode()
    assert "1 credit + ₹180" in page
    admin_client.post(url("confirm"))
    checks = Candidate.objects.get().case.checks
    assert checks.get(kind__code="world-check").price == 180
    assert not checks.get(kind__code="identity").is_add_on
    assert rupees_of(acme) == 820


def test_the_package_step_shows_what_is_included_what_is_left_and_what_is_not_offered(
    admin_client, acme, drafted, subtype, wallet
):
    add_on(acme, "Identity")
    SubtypeFactory(package__company=acme, package__name="Executive Plus", package__credits=0)
    SubtypeFactory(package__company=acme, package__name="Freshers", package__credits=9)
    admin_client.post(url("package"), {"subtype": subtype.pk, "back": "1"})
    page = admin_client.get(url("package")).content.decode()
    assert "From the wallet: ₹1,000 left" in page
    assert "Included" in page
    assert "Executive Plus is not offered: it has no credits left" in page
    assert '<span class="second low">9 credits left' in page
    assert 'aria-label="Executive Plus"' not in page


@pytest.mark.parametrize(
    ("name", "needs"), [("Court record", "Address"), ("Education", "Employment")]
)
def test_an_add_on_without_what_it_needs_is_said(admin_client, acme, drafted, wallet, name, needs):
    CheckFactory(code=needs.lower(), name=needs)
    subtype = SubtypeFactory(package__company=acme, checks=[CheckFactory(code="identity")])
    order = {"subtype": subtype.pk, "add_ons": [add_on(acme, name).pk]}
    response = admin_client.post(url("package"), order)
    assert response.status_code == 400
    assert f"{name} needs {needs}" in str(response.context["form"].errors["add_ons"])


def test_more_than_the_wallet_holds_is_said(admin_client, acme, drafted, subtype):
    order = {"subtype": subtype.pk, "add_ons": [add_on(acme, "World check").pk]}
    response = admin_client.post(url("package"), order)
    assert "wallet holds less" in str(response.context["form"].errors["add_ons"])


def test_an_add_on_of_another_company_is_like_an_unknown_one(
    admin_client, globex, drafted, subtype
):
    foreign = AddOnFactory(company=globex)
    errors = [
        admin_client.post(url("package"), {"subtype": subtype.pk, "add_ons": [pk]})
        .context["form"].errors
        for pk in (foreign.pk, 987654)
    ]  # fmt: skip
    assert errors[0] == errors[1]
    assert list(errors[0]) == ["add_ons"]


def test_back_keeps_everything(admin_client, acme, drafted, subtype, wallet):
    world = add_on(acme, "World check")
    order = {"subtype": subtype.pk, "add_ons": [world.pk], "back": "1"}
    assert admin_client.post(url("package"), order)["Location"] == url("details")
    page = admin_client.get(url("details")).content.decode()
    assert 'value="Ananya Krishnan"' in page
    page = admin_client.get(url("package")).content.decode()
    assert page.count(" checked") == 2


def test_the_last_credit_gone_before_the_confirmation_leads_back_to_the_package(
    admin_client, ordered
):
    Package.objects.update(credits=0)
    for response in (admin_client.post(url("confirm")), admin_client.get(url("confirm"))):
        assert list(response.context["form"].errors) == ["subtype"]
    assert nothing_happened(credits=0)


def test_the_last_rupee_gone_in_the_same_moment_leads_back_to_the_add_ons(
    admin_client, ordered, monkeypatch
):
    def too_late(**fields):
        raise NoFunds("Acme Corp")

    monkeypatch.setattr(adding, "finish_draft", too_late)
    response = admin_client.post(url("confirm"))
    assert response.status_code == 400
    assert "wallet" in str(response.context["form"].errors["add_ons"])


def test_a_duplicate_leads_back_to_the_details_and_leaves_the_files(
    admin_client, admin, drafted, subtype
):
    admin_client.post(url("details"), DETAILS | {"resume": upload()})
    admin_client.post(url("package"), {"subtype": subtype.pk})
    add(admin, subtype, phone="9845012346")
    response = admin_client.post(url("confirm"))
    assert response.status_code == 400
    assert list(response.context["form"].errors) == ["phone"]
    assert Candidate.objects.count() == 1
    assert Package.objects.get().credits == 999
    assert DraftFile.objects.count() == len(stored()) == 1


def test_a_double_submit_and_a_reload_make_one_candidate(admin_client, ordered):
    first = admin_client.post(url("confirm", ordered))
    again = admin_client.post(url("confirm", ordered))
    candidate = Candidate.objects.get()
    assert first["Location"] == again["Location"]
    assert first["Location"] == reverse("candidates:detail", args=[candidate.pk])
    assert Package.objects.get().credits == 999
    for step in ("details", "package", "confirm"):
        assert admin_client.get(url(step, ordered))["Location"] == first["Location"]
    ordered.refresh_from_db()
    assert (ordered.details, ordered.order) == ({}, {})


def test_a_step_left_out_is_asked_for(admin_client, drafted):
    response = admin_client.get(url("confirm"))
    assert list(response.context["form"].errors) == ["subtype"]
    assert admin_client.post(url("confirm")).status_code == 400
    assert nothing_happened() or not Package.objects.exists()


def test_a_draft_is_its_persons_alone(admin_client, hr_client, other_admin_client, acme, ordered):
    colleague = signed_in(UserFactory(company=acme))
    for client in (hr_client, other_admin_client, colleague):
        for step in ("details", "package", "confirm"):
            assert client.get(url(step)).status_code == 404
            assert client.post(url(step), DETAILS).status_code == 404
    assert nothing_happened()


def test_a_draft_stays_with_the_company_that_its_person_has_left(
    admin_client, admin, globex, ordered
):
    admin.company = globex
    admin.save()
    for step in ("details", "package", "confirm"):
        assert admin_client.post(url(step, ordered), DETAILS).status_code == 404
    assert nothing_happened()


def test_what_is_asked_for_since_is_asked_for_at_the_confirmation(admin_client, acme, ordered):
    acme.resume_required = True
    acme.save()
    for response in (
        admin_client.get(url("confirm", ordered)),
        admin_client.post(url("confirm", ordered)),
    ):
        assert "resume" in response.context["form"].errors
    assert nothing_happened()


def test_what_another_window_types_is_not_kept_once_the_candidate_is_there(admin, ordered, subtype):
    stale = CandidateDraft.objects.get()
    person = {name: DETAILS[name] for name in ("name", "phone")}
    finish_draft(draft=ordered, actor=Actor(admin), subtype=subtype, **person)
    save_draft(stale, details=DETAILS)
    assert CandidateDraft.objects.get().details == {}


def test_confirmed_in_two_windows_the_link_is_mailed_once(
    admin_client, ordered, monkeypatch, mailoutbox, django_capture_on_commit_callbacks
):
    def in_both(*, draft, actor, **given):
        with zeal_ignore():  # two requests in one
            candidate = finish_draft(draft=draft, actor=actor, **given)
            send_invitation(candidate, actor, "http://testserver")
            return finish_draft(draft=draft, actor=actor, **given)

    monkeypatch.setattr(adding, "finish_draft", in_both)
    with django_capture_on_commit_callbacks(execute=True):
        assert admin_client.post(url("confirm", ordered)).status_code == 302
    assert len(mailoutbox) == 1


def test_a_draft_is_kept_for_a_week(admin_client, ordered):
    with time_machine.travel(timezone.now() + timedelta(days=6, hours=23)):
        assert CandidateDraft.objects.open_to(ordered.user).exists()
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        assert not CandidateDraft.objects.open_to(ordered.user).exists()
        assert CandidateDraft.objects.expired().exists()


def test_a_person_has_a_bounded_number_of_drafts(admin):
    drafts = [start_draft(admin, admin.company) for _ in range(KEPT_OF_A_PERSON + 2)]
    kept = set(CandidateDraft.objects.values_list("pk", flat=True))
    assert kept == {draft.pk for draft in drafts[2:]}


@pytest.mark.parametrize("bad", ["\x00", "x" * 50_000])
def test_wrong_text_in_a_draft_is_no_500(admin_client, drafted, bad):
    response = admin_client.post(url("details"), DETAILS | {"name": bad})
    assert response.status_code == 400
    assert admin_client.get(url("details")).status_code == 200
    drafted.refresh_from_db()
    assert len(drafted.details["name"]) < 3000


@pytest.mark.django_db(transaction=True)
def test_the_files_of_a_draft_go_with_it(admin_client):
    admin_client.post(ADD, DETAILS | {"resume": upload()})
    assert len(stored()) == 1
    CandidateDraft.objects.get().company.delete()
    assert not stored()


@pytest.mark.django_db(transaction=True)
def test_the_files_handed_over_outlive_the_draft(admin_client, subtype):
    admin_client.post(ADD, DETAILS | {"resume": upload()})
    admin_client.post(url("package"), {"subtype": subtype.pk})
    admin_client.post(url("confirm"))
    CandidateDraft.objects.all().delete()
    assert content_of(Document.objects.get()) == files.PDF
    Candidate.objects.get().delete()
    assert not stored()


def test_a_draft_finished_twice_gives_the_same_candidate(admin, ordered, subtype):
    fields = {"subtype": subtype, "name": "Ananya Krishnan", "phone": "9845012346"}
    first, again = (finish_draft(draft=ordered, actor=Actor(admin), **fields) for _ in range(2))
    assert first == again


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_confirmed_eight_times_at_once_there_is_one_candidate(admin, acme, subtype):
    signed_in(admin).post(ADD, DETAILS)
    signed_in(admin).post(url("package"), {"subtype": subtype.pk})
    confirm = url("confirm")
    clients = [signed_in(admin) for _ in range(8)]

    def submit(client):
        try:
            return client.post(confirm)["Location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        answers = set(threads.map(submit, clients))
    assert answers == {reverse("candidates:detail", args=[Candidate.objects.get().pk])}
    assert Package.objects.get().credits == 999
