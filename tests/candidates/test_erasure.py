"""An Admin erases a candidate: nothing that says who it was is left, and the rest is."""

import json
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from threading import Event

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.files.storage import FileSystemStorage
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, connections, models, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import SecurityEvent
from apitokens.attribution import Actor
from candidates.demo.states import bring_to
from candidates.exceptions import NotAllowedNow
from candidates.intake.links import bgv_url
from candidates.models import (
    Candidate,
    CandidateDraft,
    CaseCheck,
    CaseStatus,
    CheckStatus,
    CreditEntry,
    Decision,
    Document,
    DraftFile,
    IdempotencyKey,
    LogEntry,
    Source,
    VerificationForm,
)
from candidates.services import documents
from candidates.services.bulk import start_bulk
from candidates.services.cases import decide
from candidates.services.checks import resume_check, set_check
from candidates.services.documents import attach, inspect
from candidates.services.drafts import keep_files, start_draft
from candidates.services.erasure import erase
from candidates.services.verification import save_step, sign_consent
from candidates.visibility import visible_candidates
from integrations.models import Attempt, Connection, Delivery, ImportedRecord, WebhookEvent
from tests.apitokens.test_leaks import cells
from tests.candidates import external
from tests.candidates.answers import GOOD, STEPS
from tests.candidates.conftest import add
from tests.candidates.files import JPEG, PDF, upload
from tests.candidates.test_documents import stored
from tests.candidates.test_external_submit import SUBMIT, body
from tests.conftest import bearer, signed_in
from tests.factories import StaffFactory, TagFactory, make_token
from tests.integrations.conftest import make_endpoint

ADDRESS = "198.51.100.77"
PERSON = {
    "name": "Zephyrine Quillfeather", "email": "zephyrine@quill.example", "phone": "9811122233",
    "alternate_email": "zq@elsewhere.example", "alternate_phone": "9811122244",
    "employee_id": "QF-7731", "uan_number": "100200300400",
    "resume": "https://files.example/quillfeather-cv", "meta_data": {"who": "Quillfeather"},
}  # fmt: skip
ANSWERS = {
    "basic_details": {**GOOD["basic_details"], "full_name": "Zephyrine Quillfeather",
                      "email": "zephyrine@quill.example", "mobile_number": "9811122233",
                      "dob": "1971-03-05"},
    "address": {**GOOD["address"], "address_line_1": "77 Zephyr Lane", "city": "Quilltown"},
    "identity": {**GOOD["identity"], "id_number": "QZFPQ7731Z",
                 "name_on_document": "Zephyrine Quillfeather"},
}  # fmt: skip
TOLD = ["zephyr", "quill", "98111222", "QF-7731", "100200300400", "1971-03-05", "QZFPQ", ADDRESS]
"""Each word of PERSON, ANSWERS and what was found; no other row has any of it."""


def page_of(candidate, name="erase"):
    return reverse(f"candidates:{name}", args=[candidate.pk])


def now_of(candidate):
    return Candidate.objects.select_related("case").get(pk=candidate.pk)


def kept(folder, caplog):
    """(where, text) of everything that is left, on disk too."""
    sessions = (("session", str(row.get_decoded())) for row in Session.objects.all())
    cached = (("cache", f"{key} {value}") for key, value in cache._cache.items())
    paths = [path for path in folder.rglob("*") if path.is_file()]
    files = ((f"file {path.name}", path.read_bytes().decode("latin-1")) for path in paths)
    return chain(cells(), sessions, cached, files, [("log", caplog.text)])


def leaks(folder, caplog):
    return sorted(
        {
            where
            for where, text in kept(folder, caplog)
            if any(part.lower() in text.lower() for part in TOLD)
        }
    )


@pytest.fixture
def whole(api, acme, admin, subtype, client):
    """Somebody about whom everything is there that can be: by the doors that people use."""
    make_endpoint(acme)
    tag = TagFactory(company=acme, name="Bengaluru")
    call = external.body(
        subtype, {"config": {"note": "Quillfeather"}}, **PERSON, tags=[{"id": tag.pk}]
    )
    headers = {"Idempotency-Key": "key-of-quillfeather"}
    response = api.post(external.ADD, call, format="json", headers=headers)
    candidate = Candidate.objects.get(pk=response.json()["data"]["candidate_id"])
    for name, answers in ANSWERS.items():
        path = f"{bgv_url(candidate)}{name}/"
        files = (
            {"files": upload(JPEG + b"Quillfeather", "Quillfeather-pan.jpg")}
            if name == "identity"
            else {}
        )
        assert client.post(path, {**answers, **files}, REMOTE_ADDR=ADDRESS).status_code == 302
    Document.objects.create(
        candidate=candidate, kind="address", tag="quill", url="https://files.example/quill-address"
    )
    signed = {"agrees": "on", "is_true": "on", "name": "Zephyrine Quillfeather"}
    client.post(f"{bgv_url(candidate)}consent/", signed, REMOTE_ADDR=ADDRESS)
    CaseCheck.objects.filter(case=candidate.pk).update(
        stated="77 Zephyr Lane", found="Not Quillfeather", note="Zephyrine was not at home"
    )
    CreditEntry.objects.filter(candidate=candidate).update(note="for Quillfeather")
    draft = start_draft(admin, acme)
    keep_files(draft, {Document.Kind.RESUME: inspect("resume", upload(PDF + b"Quillfeather"))})
    CandidateDraft.objects.filter(pk=draft.pk).update(
        details={"name": "Z. Quillfeather", "phone": PERSON["phone"]}
    )
    CandidateDraft.objects.create(company=acme, user=admin, candidate=candidate)
    bulk = start_bulk(
        user=admin, company=acme, file_name="a.csv",
        rows=[
            (2, ["Z. Quillfeather"]), (3, ["Zephyrine"]), (4, ["Somebody else"]),
            (5, ["Zephyrine Q."]), (6, ["Quillfeather Z."]),
        ],
    )  # fmt: skip
    for number, values in (
        (2, {"phone": PERSON["phone"]}),
        (3, {"email": "ZEPHYRINE@quill.example"}),
        (5, {"phone": f"+91 {PERSON['phone'][:5]}-{PERSON['phone'][5:]}"}),
        (6, {"phone": f"{PERSON['phone'][:5]} {PERSON['phone'][5:]}"}),
    ):
        bulk.rows.filter(number=number).update(values=values)
    start_bulk(  # nobody has looked at its columns yet
        user=admin, company=acme, file_name="b.csv", columns=["name", "", "email"],
        rows=[(2, ["Z. Quillfeather", "QF-7731", "Zephyrine@quill.example"])],
    )  # fmt: skip
    Attempt.objects.create(
        delivery=Delivery.objects.first(), at=timezone.now(), milliseconds=1, answer="Hi Zephyrine"
    )
    record_of(acme, candidate=candidate)
    record_of(acme, other=candidate, state="attention", reason="duplicate")
    return now_of(candidate)


def record_of(company, state="added", **columns):
    """Somebody who came by a connection."""
    source = Source.objects.create(company=company, word="Lever", name=f"Lever {state}")
    connection = Connection.objects.create(
        company=company, source=source, kind="generic", base_url="https://portal.test"
    )
    return ImportedRecord.objects.create(
        connection=connection, external_id="77", state=state, detail="Quillfeather is there",
        data={"name": "Zephyrine"}, **columns,
    )  # fmt: skip


# --- what goes --------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_nothing_that_is_left_says_who_it_was(
    whole, admin_client, meera, private_folder, caplog, monkeypatch
):
    caplog.set_level("DEBUG")
    caplog.clear()
    attach(candidate=meera, kind="resume", file=upload(), actor=None)
    found = leaks(private_folder, caplog)
    for table in ("Candidate.name", "Candidate.meta_data", "Case.config", "CaseCheck.note",
                  "CandidateDraft.details", "CreditEntry.note", "Document.url", "LogEntry.address",
                  "IdempotencyKey.body", "WebhookEvent.body", "Attempt.answer",
                  "ImportedRecord.data",
                  "VerificationForm.answers"):  # fmt: skip
        assert table in found
    assert len(stored()) == 3
    assert admin_client.post(page_of(whole)).status_code == 302
    assert leaks(private_folder, caplog) == []
    assert stored() == [meera.documents.get().file.name]
    assert now_of(meera).name == "Meera Iyer"
    assert f"candidate {whole.pk} erased" in caplog.text


THEIRS = {"LogEntry.address": {"by_candidate": True}}
"""Columns that say something about the candidate in some rows alone: the other addresses are those
of the company's people."""


STAYS = {ImportedRecord._meta.get_field("external_id")}
"""What must be known for ever: without it the other system's person would be added again."""


def about(model, rows):
    """(model, its rows) for whatever hangs on *rows*, to any depth."""
    yield model, rows
    for relation in model._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and not relation.many_to_many:
            other = relation.related_model
            below = other._base_manager.filter(**{f"{relation.field.name}__in": rows})
            yield from about(other, below)


def texts(model):
    """Columns into which something about a person can be written, whoever added them since."""
    for field in model._meta.concrete_fields:
        kinds = (models.CharField, models.TextField, models.JSONField, models.DateField,
                 models.GenericIPAddressField, models.BinaryField)  # fmt: skip
        other = (models.FileField, models.DateTimeField)
        if isinstance(field, kinds) and not isinstance(field, other) and not field.choices:
            yield field


def value_for(field, mark):
    match field:
        case models.JSONField():
            return {"anything": mark}
        case models.GenericIPAddressField():
            return ADDRESS
        case models.DateField():
            return "1971-03-05"
        case models.BinaryField():
            return mark.encode()
    return mark


def fill(rows, field, mark):
    """Write *mark* into the column; where a constraint refuses it, into what is filled already."""
    value = value_for(field, mark)
    if field.unique:
        rows = rows.filter(pk=rows.values_list("pk", flat=True).first())
    try:
        with transaction.atomic():
            return rows.update(**{field.name: value})
    except IntegrityError:
        return rows.exclude(**{field.name: ""}).update(**{field.name: value})


def test_no_column_of_theirs_is_forgotten_that_is_there_or_is_added_later(whole, admin):
    """Marks stand in every text of every row that hangs on a candidate; none stands afterwards."""
    marks, seen = {}, {}
    for model, rows in about(Candidate, Candidate.objects.filter(pk=whole.pk)):
        if model not in (DraftFile, Candidate.tags.through):
            seen[model] = seen.get(model, False) or rows.exists()
        for field in {*texts(model)} - STAYS:
            mark, name = f"~{len(marks):02}~", f"{model.__name__}.{field.name}"
            marks[mark] = name
            if rows.exists():
                assert fill(rows.filter(**THEIRS.get(name, {})), field, mark), name
    assert [model for model, there in seen.items() if not there] == []  # else make it a row
    assert {"Candidate.live_email", "CaseCheck.found", "IdempotencyKey.body"} <= {*marks.values()}
    assert erase(candidate=whole, actor=Actor(admin))
    sought = [*marks, ADDRESS, "1971-03-05"]
    assert sorted({w for w, text in cells() if any(mark in text for mark in sought)}) == []


def test_a_candidate_that_staff_delete_leaves_no_name_in_the_admins_own_log(db, meera):
    staff = signed_in(StaffFactory())
    staff.post(reverse("admin:candidates_candidate_delete", args=[meera.pk]), {"post": "yes"})
    assert not Candidate.objects.exists()
    assert [where for where, text in cells() if "Meera" in text] == []
    assert f"#{meera.pk}" in dict(cells())["LogEntry.object_repr"]


# --- what stays -------------------------------------------------------------------------------
def test_the_skeleton_the_credits_and_the_log_stay(whole, admin, subtype):
    before = now_of(whole)
    lines = list(whole.log.values_list("kind", "at", "added_through"))
    subtype.package.refresh_from_db()
    credits = subtype.package.credits
    erase(candidate=whole, actor=Actor(admin, address="203.0.113.9"))
    after = now_of(whole)
    assert (after.uuid, after.created_at) == (before.uuid, before.created_at)
    assert (after.case.subtype, after.case.consented_at) == (subtype, before.case.consented_at)
    assert after.added_by_label == "API(Greenhouse sync)"
    assert after.case.checks.count() == 2
    assert not after.tags.exists()
    subtype.package.refresh_from_db()
    assert subtype.package.credits == credits
    assert CreditEntry.objects.get(candidate=whole).change == -1
    assert list(after.log.values_list("kind", "at", "added_through"))[-len(lines) :] == lines
    erased, cancelled, decided = after.log.all()[:3]
    assert (erased.who, erased.text) == ("Asha Rao", "erased the personal data")
    assert erased.address == "203.0.113.9"
    assert decided.text == "cancelled the case: The personal data was erased"
    assert cancelled.text == "changed the state from Processing to Cancelled"
    assert after.case.status == CaseStatus.CANCELLED
    assert {line.who for line in after.log.filter(by_candidate=True)} == {"Erased candidate"}


@pytest.mark.parametrize("status", list(CaseStatus))
def test_a_case_in_any_state_ends_or_keeps_its_end(meera, admin, status):
    bring_to(case=meera.case, status=status, actor=Actor(StaffFactory()))
    erase(candidate=meera, actor=Actor(admin))
    case = now_of(meera).case
    assert case.status == (status if status.is_finished else CaseStatus.CANCELLED)
    assert (case.held_until, case.completed_at is None) == (None, False)


def test_whoever_is_told_of_the_end_is_told_no_name(whole, admin):
    before = set(WebhookEvent.objects.values_list("pk", flat=True))
    erase(candidate=whole, actor=Actor(admin))
    events = list(WebhookEvent.objects.order_by("pk"))
    assert [event.type for event in events] == ["case.status_changed", "case.completed"]
    assert not before & {event.pk for event in events}
    body = json.loads(events[0].body)
    assert (body["candidate_id"], body["overall_status_code"]) == (whole.pk, 10)
    assert (body["name"], body["email"], body["meta_data"]) == ("Erased candidate", "", {})
    assert Delivery.objects.count() == 2


def test_the_companys_history_says_it_without_a_name(meera, admin_client, admin):
    admin_client.post(page_of(meera))
    event = SecurityEvent.objects.for_company(admin.company).get(kind="erased")
    assert (event.actor_label, event.address, event.data) == (
        "Asha Rao", "127.0.0.1", {"candidate": meera.pk},
    )  # fmt: skip
    page = admin_client.get(reverse("security:history")).content.decode()
    assert f"Candidate <bdi>{meera.pk}</bdi>" in page
    assert "Meera" not in page


# --- twice, and together with others ----------------------------------------------------------
def test_once_more_does_nothing_and_says_so(meera, admin_client):
    admin_client.post(page_of(meera))
    entries = LogEntry.objects.count()
    for method in ("get", "post"):
        response = getattr(admin_client, method)(page_of(meera), follow=True)
        assert "was erased before" in response.content.decode()
    assert LogEntry.objects.count() == entries
    assert SecurityEvent.objects.filter(kind="erased").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_eight_at_once_erase_once(meera, admin):
    attach(candidate=meera, kind="resume", file=upload(), actor=None)

    def press(_):
        try:
            return signed_in(admin).post(page_of(meera)).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(press, range(8))) == {302}
    assert meera.log.filter(kind="erased").count() == 1
    assert SecurityEvent.objects.filter(kind="erased").count() == 1
    assert not stored()


@pytest.mark.django_db(transaction=True)
def test_an_erasure_that_is_rolled_back_loses_nothing(whole, admin, private_folder):
    before = dict(cells()), stored()
    with transaction.atomic():
        erase(candidate=whole, actor=Actor(admin))
        transaction.set_rollback(True)
    assert (dict(cells()), stored()) == before
    name = whole.documents.exclude(file="").get().file.name
    assert (private_folder / name).read_bytes() == JPEG + b"Quillfeather"


@pytest.mark.django_db(transaction=True)
def test_a_file_that_can_not_be_deleted_is_told_and_found_later(
    meera, admin_client, monkeypatch, caplog, private_folder
):
    attach(candidate=meera, kind="resume", file=upload(), actor=None)

    def refuse(self, name):
        raise OSError("read-only")

    with monkeypatch.context() as broken:
        broken.setattr(FileSystemStorage, "delete", refuse)
        assert admin_client.post(page_of(meera)).status_code == 302
    assert now_of(meera).is_erased
    assert "read-only" in caplog.text
    assert len(stored()) == 1
    (path,) = [path for path in private_folder.rglob("*") if path.is_file()]
    os.utime(path, (0, 0))
    call_command("candidates_prune")
    assert not stored()


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_a_file_that_is_being_kept_meanwhile_goes_too(meera, admin, monkeypatch):
    """The erasure waits for the upload, or the upload is refused: never is a file left."""
    inside, go_on = Event(), Event()
    note = documents.note

    def slow(*args, **kwargs):
        inside.set()
        go_on.wait(10)
        return note(*args, **kwargs)

    monkeypatch.setattr(documents, "note", slow)

    def send():
        try:
            attach(candidate=meera, kind="resume", file=upload(), actor=None)
        finally:
            connections.close_all()

    def wipe():
        try:
            return erase(candidate=meera, actor=Actor(admin))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        sent = threads.submit(send)
        assert inside.wait(10)
        wiped = threads.submit(wipe)
        go_on.set()
        sent.result()
        assert wiped.result()
    assert not Document.objects.exists()
    assert not stored()


def test_what_another_company_knows_of_the_same_person_stays(
    whole, admin, globex, other_admin, foreign_subtype
):
    """Also what is not a candidate of theirs yet: a draft, a row of a file, somebody who waits."""
    shown = {"phone": whole.phone, "email": whole.email}
    draft = start_draft(other_admin, globex)
    CandidateDraft.objects.filter(pk=draft.pk).update(details=shown)
    bulk = start_bulk(user=other_admin, company=globex, file_name="a.csv", rows=[(2, ["Z"])])
    bulk.rows.update(values=shown)
    waiting = record_of(globex, "attention", reason="duplicate", edits=shown)
    Connection.objects.filter(pk=waiting.connection_id).update(encrypted_last_body="theirs")
    assert erase(candidate=whole, actor=Actor(admin))
    assert CandidateDraft.objects.get(company=globex).details == shown
    assert bulk.rows.get().values == shown
    waiting.refresh_from_db()
    assert (waiting.state, waiting.edits) == ("attention", shown)
    assert waiting.connection.encrypted_last_body == "theirs"


@pytest.mark.parametrize("where", ["data", "edits"])
@pytest.mark.parametrize("known", ["email", "phone"])
def test_whoever_waits_and_is_the_same_person_is_dismissed_by_what_they_gave(
    acme, admin, meera, where, known
):
    given = {"name": "M. Iyer", known: getattr(meera, known).upper()}
    record = record_of(acme, "attention", reason="invalid")
    ImportedRecord.objects.filter(pk=record.pk).update(**{where: given})
    Connection.objects.filter(pk=record.connection_id).update(encrypted_last_body="Meera")
    erase(candidate=meera, actor=Actor(admin))
    record.refresh_from_db()
    assert (record.state, record.data, record.edits) == ("dismissed", {}, {})
    assert record.connection.encrypted_last_body == ""


def test_a_draft_about_the_same_person_goes_by_their_e_mail_in_any_case(acme, admin, meera):
    draft = start_draft(admin, acme)
    CandidateDraft.objects.filter(pk=draft.pk).update(details={"email": meera.email.upper()})
    erase(candidate=meera, actor=Actor(admin))
    assert not CandidateDraft.objects.exists()


def test_whoever_has_neither_mobile_nor_e_mail_takes_nobody_along(acme, admin, subtype):
    """An empty word is no person: others' drafts and rows have empty fields too."""
    nobody = add(admin, subtype, email="")
    Candidate.objects.filter(pk=nobody.pk).update(phone="", live_phone=None)
    draft = start_draft(admin, acme)
    CandidateDraft.objects.filter(pk=draft.pk).update(details={"email": "", "phone": ""})
    bulk = start_bulk(user=admin, company=acme, file_name="a.csv", rows=[(2, ["Ananya"])])
    bulk.rows.update(values={"email": "", "phone": ""})
    record_of(acme, "attention", reason="invalid", edits={"email": "", "phone": ""})
    erase(candidate=now_of(nobody), actor=Actor(admin))
    assert CandidateDraft.objects.count() == 1
    assert bulk.rows.count() == 1
    assert ImportedRecord.objects.get().state == "attention"


@pytest.mark.django_db(transaction=True)
def test_an_erasure_that_is_rolled_back_is_told_to_no_log(meera, admin, caplog):
    """After a restore the log says who must be erased again: it names nobody too many."""
    caplog.set_level(logging.INFO)
    with transaction.atomic():
        erase(candidate=meera, actor=Actor(admin))
        transaction.set_rollback(True)
    assert "erased" not in caplog.text


# --- afterwards -------------------------------------------------------------------------------
@pytest.fixture
def gone(whole, admin):
    erase(candidate=whole, actor=Actor(admin))
    return now_of(whole)


def test_nothing_personal_can_be_added_any_more(gone, admin):
    staff, check = Actor(StaffFactory()), gone.case.checks.first()
    acts = [
        lambda: set_check(check=check, status=CheckStatus.VERIFIED, found="x", actor=staff),
        lambda: resume_check(check=check, actor=staff),
        lambda: decide(case=gone.case, decision=Decision.NONE, actor=staff),
        lambda: save_step(
            candidate=gone, step=STEPS["address"], answers=GOOD["address"], actor=None
        ),
        lambda: sign_consent(candidate=gone, name="Meera Iyer", address=None),
    ]
    lines = LogEntry.objects.count()
    for act in acts:
        with pytest.raises(NotAllowedNow):
            act()
    assert LogEntry.objects.count() == lines
    assert not VerificationForm.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_no_file_is_kept_of_somebody_erased(gone):
    with pytest.raises(NotAllowedNow):
        attach(candidate=gone, kind="resume", file=upload(), actor=None)
    assert not stored()
    assert not Document.objects.exists()


def test_the_link_works_no_more_whatever_state_the_case_had(client, meera, admin):
    bring_to(case=meera.case, status=CaseStatus.COMPLETED, actor=Actor(StaffFactory()))
    assert client.get(bgv_url(meera)).status_code == 200
    erase(candidate=meera, actor=Actor(admin))
    for page in ("", "consent/", "basic_details/"):
        response = client.get(f"{bgv_url(meera)}{page}")
        assert response.status_code == 404
        assert "This link does not work" in response.content.decode()


def test_the_same_person_may_be_added_again(gone, api, subtype):
    response = external.add(api, subtype, **PERSON)
    assert response.status_code == 200
    assert response.json()["data"]["candidate_id"] != gone.pk


def test_the_pages_show_the_skeleton(gone, admin_client):
    page = admin_client.get(page_of(gone, "detail")).content.decode()
    assert "Erased on" in page
    assert "by <bdi>Asha Rao</bdi>" in page
    assert "Cancelled: The personal data was erased" in page
    for act in ("erase", "hold", "close", "report", "invite"):
        assert f"/{gone.pk}/{act}" not in page
    listed = admin_client.get(reverse("candidates:list"))
    assert [row.name for row in listed.context["rows"]] == ["Erased candidate"]
    for name in ("report", "report_pdf"):
        assert admin_client.get(page_of(gone, name)).status_code == 404


@pytest.mark.parametrize("words", ["Zephyrine", "quill.example", "98111222"])
def test_no_search_finds_them(gone, admin_client, words):
    assert not admin_client.get(reverse("candidates:list"), {"q": words}).context["rows"]


def test_the_api_answers_the_skeleton_by_number_and_nothing_by_e_mail(gone, api, acme, admin):
    one = api.get(external.DETAILS, {"candidate_id": gone.pk}).json()["data"]
    assert (one["name"], one["email"], one["phone_number"]) == ("Erased candidate", "", "")
    assert one["erased_at"]
    assert (one["overall_status_code"], one["report_url"]) == (10, None)
    assert api.get(external.DETAILS).json()["data"] == [one]
    for query in ({"email": PERSON["email"]}, {"candidate_id": gone.pk, "email": PERSON["email"]}):
        assert api.get(external.DETAILS, query).status_code == 404


def test_the_api_has_no_report_and_takes_no_form(gone, acme, admin):
    scopes = ["reports:read", "candidates:write"]
    caller = bearer(make_token(owner=acme, user=admin, name="All", scopes=scopes)[1])
    query = {"candidate_id": gone.pk, "report_type": "base_64"}
    assert caller.get(f"{external.V1}/candidate/report/pdf", query).status_code == 404
    response = caller.post(SUBMIT, body(gone), format="json")
    assert response.status_code == 409
    assert not Document.objects.exists()


def test_a_call_that_is_repeated_after_the_erasure_is_a_new_one(gone):
    assert not IdempotencyKey.objects.exists()


def test_staff_change_nothing_about_somebody_erased(gone):
    staff = signed_in(StaffFactory())
    check = gone.case.checks.first()
    pages = [
        (reverse("admin:candidates_case_change", args=[gone.pk]), {"decision": ""}),
        (
            reverse("admin:candidates_casecheck_change", args=[check.pk]),
            {"status": check.status, "note": "Zephyrine", "found": "", "stated": ""},
        ),
    ]
    for page, form in pages:
        assert staff.get(page).status_code == 200
        assert staff.post(page, form).status_code == 403
    assert now_of(gone).case.status == CaseStatus.CANCELLED
    assert not CaseCheck.objects.exclude(note="").exists()
    listed = {"action": "resume", "_selected_action": check.pk}
    page = reverse("admin:candidates_casecheck_changelist")
    response = staff.post(page, listed, follow=True)
    assert response.status_code == 200


def test_the_reason_of_an_erasure_is_nobodys_to_choose(meera, admin_client):
    given = {"reason": "erased", "days": "7"}
    for act in ("hold", "close"):
        response = admin_client.post(page_of(meera, act), given)
        assert response.status_code == 400
        assert "Choose one of the list" in response.content.decode()
    staff = signed_in(StaffFactory())
    page = reverse("admin:candidates_case_change", args=[meera.pk])
    assert 'value="erased"' not in staff.get(page).content.decode()


@pytest.mark.parametrize("column", ["email", "phone", "uan_number", "live_phone", "resume_url"])
def test_the_database_holds_no_half_erased_row(gone, column):
    with pytest.raises(IntegrityError), transaction.atomic():
        Candidate.objects.filter(pk=gone.pk).update(**{column: "x"})


# --- who may ----------------------------------------------------------------------------------
def test_the_page_says_what_goes_and_what_stays_and_changes_nothing(whole, admin_client):
    page = " ".join(admin_client.get(page_of(whole)).content.decode().split())
    for words in ("Zephyrine Quillfeather", "2 documents go with it", "The case is cancelled",
                  "The credit is not given back", "Stays: the number"):  # fmt: skip
        assert words in page
    assert not now_of(whole).is_erased


@pytest.mark.parametrize("method", ["get", "post"])
def test_hr_and_recruiters_may_not_even_their_own(
    hr_client, recruiter_client, hr, recruiter, subtype, method
):
    for person, client in ((hr, hr_client), (recruiter, recruiter_client)):
        own = add(person, subtype)
        assert getattr(client, method)(page_of(own)).status_code == 403
        assert "/erase/" not in client.get(page_of(own, "detail")).content.decode()
        assert not now_of(own).is_erased


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_company_finds_nothing(other_admin_client, meera, method):
    assert getattr(other_admin_client, method)(page_of(meera)).status_code == 404
    assert not now_of(meera).is_erased


def test_strangers_sign_in_and_a_forged_form_is_refused(client, admin, meera):
    assert client.post(page_of(meera))["Location"].startswith(reverse("login"))
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin)
    assert strict.post(page_of(meera)).status_code == 403
    assert not now_of(meera).is_erased


def test_who_sees_them_is_who_saw_them(gone, admin, hr):
    assert gone in visible_candidates(admin)
    assert gone not in visible_candidates(hr)


# --- the operator -----------------------------------------------------------------------------
def test_the_operator_erases_by_number_after_a_restore(meera, gone, capsys):
    call_command("candidates_erase", str(meera.pk), str(gone.pk))
    assert capsys.readouterr().out == "Erased 1, 1 before.\n"
    assert now_of(meera).log.first().who == "Operations"
    with pytest.raises(CommandError, match="Unknown: 987654"):
        call_command("candidates_erase", "987654")


def test_the_number_stands_in_the_log_once_it_is_done(
    meera, admin, caplog, django_capture_on_commit_callbacks
):
    caplog.set_level(logging.INFO)
    with django_capture_on_commit_callbacks(execute=True):
        erase(candidate=meera, actor=Actor(admin))
    assert f"candidate {meera.pk} erased" in caplog.text
    assert connection.in_atomic_block
