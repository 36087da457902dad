"""A record becomes a candidate once, or waits with its reason: in one transaction.

A record is locked by its row, which is unique for the connection: nothing is added twice.
"""

from copy import deepcopy
from dataclasses import asdict
from typing import Any

import phonenumbers
from django import forms
from django.db import transaction
from django.utils.translation import gettext as _

from apitokens.attribution import Actor
from candidates.exceptions import DuplicateCandidate, NoCredits
from candidates.intake.mail import invite_on_commit
from candidates.models import Candidate, Category, FilledBy, Subtype
from candidates.pages.forms import DetailsForm
from candidates.services.add import add_candidate
from integrations.inbound.contract import Record
from integrations.inbound.mapping import choice_for, filled_by
from integrations.models import Connection, ImportedRecord

State, Reason = ImportedRecord.State, ImportedRecord.Reason
FIELDS = ("name", "phone", "email", "employee_id", "uan_number", "resume_url")
CONTROLLED = "".join(map(chr, range(32)))
LONGEST = 254


class NotYet(Exception):
    """Why a record can't become a candidate as it is."""

    def __init__(self, reason: str, detail: str = "", other: Candidate | None = None):
        super().__init__(reason)
        self.reason, self.detail, self.other = reason, detail, other


class RecordForm(forms.Form):
    """A person who came by a connection, held against the rules of a candidate typed by hand."""

    def __init__(self, data: Any = None, *, company: Any, **kwargs: Any):
        super().__init__(data, **kwargs)
        self.fields |= {name: deepcopy(DetailsForm.base_fields[name]) for name in FIELDS}
        email, resume = self.fields["email"], self.fields["resume_url"]
        email.required = company.email_required
        email.help_text = "" if company.email_required else _("Optional")
        resume.required = company.resume_required
        resume.label = _("Link to the résumé")
        resume.error_messages["required"] = _("Add a link to the résumé")


@transaction.atomic
def take(
    connection: Connection, record: Record, *, there_before: bool = False
) -> ImportedRecord | None:
    """Add whoever *record* is, or let it wait; None where there is nothing to do.

    With *there_before* it is only noted, and taken when it reaches another stage that is mapped.
    """
    choice = choice_for(connection.mapping, record)
    if choice is None:
        return None
    row, is_new = locked(connection, record.external_id)
    data = data_of(record)
    if not (is_new or is_news(row, choice.stage, data)):
        return None
    if there_before and (is_new or row.state == State.BEFORE):
        row.stage = choice.stage
        row.save()
        return row
    row.stage, row.data = choice.stage, data
    return try_to_add(row)


def locked(connection: Connection, external_id: str) -> tuple[ImportedRecord, bool]:
    """The record's row, this transaction's alone, and whether it is new."""
    _row, is_new = ImportedRecord.objects.get_or_create(
        connection=connection, external_id=external_id, defaults={"state": State.BEFORE}
    )
    rows = ImportedRecord.objects.select_for_update(of=("self",))
    rows = rows.select_related("connection__company", "connection__source")
    return rows.get(connection=connection, external_id=external_id), is_new


def is_news(row: ImportedRecord, stage: str, data: dict[str, Any]) -> bool:
    """Whether what was known of a record has changed so that it is worth a try."""
    if row.state == State.BEFORE:
        return row.stage != stage
    return row.waits and row.data != data


def data_of(record: Record) -> dict[str, Any]:
    """As JSON gives it back."""
    data = asdict(record)
    del data["external_id"]
    texts = {name: clipped(value) for name, value in data.items() if isinstance(value, str)}
    lists = {name: [clipped(item) for item in data[name]] for name in ("stages", "categories")}
    return {**texts, **lists}


def clipped(text: str) -> str:
    """What any database keeps; longer than any field takes, so that it is refused and not cut."""
    return "".join(c for c in text if c not in CONTROLLED and not "\ud800" <= c <= "\udfff")[:1000]


def record_of(row: ImportedRecord) -> Record:
    data: dict[str, Any] = {**row.data}
    data |= {name: tuple(data.get(name, ())) for name in ("stages", "categories")}
    return Record(external_id=row.external_id, **data)


def try_to_add(row: ImportedRecord) -> ImportedRecord:
    """Inside the caller's transaction, with the row locked."""
    row.tries += 1
    row.retry_at = None
    try:
        row.candidate = candidate_from(row)
    except NotYet as error:
        row.state, row.reason = State.ATTENTION, error.reason
        row.detail, row.other = error.detail[:300], error.other
    else:
        row.state, row.reason, row.detail, row.other = State.ADDED, "", "", None
        row.data, row.edits = {}, {}
    row.save()
    return row


def candidate_from(row: ImportedRecord) -> Candidate:
    """Raises NotYet."""
    connection = row.connection
    fields = fields_of(row)
    actor = Actor(source=connection.source)
    by = filled_by(connection.mapping)
    try:
        candidate = add_candidate(
            company=connection.company, actor=actor, subtype=subtype_of(row), filled_by=by,
            category=category_of(connection), **fields,
        )  # fmt: skip
    except NoCredits as error:
        raise no_credits(error) from error
    except DuplicateCandidate as error:
        raise NotYet(Reason.DUPLICATE, duplicate_in_words(error), error.candidate) from error
    if by == FilledBy.CANDIDATE and candidate.email:
        invite_on_commit(candidate, actor, connection.base_url)
    return candidate


def no_credits(package: Any) -> NotYet:
    return NotYet(Reason.CREDITS, _("%s has none") % package)


def fields_of(row: ImportedRecord) -> dict[str, Any]:
    """Columns of the candidate. Raises NotYet."""
    values = row.values
    given = {name: values.get(name, "") for name in FIELDS} | {"phone": ten_digits(row)}
    form = RecordForm(given, company=row.connection.company)
    if form.is_valid():
        return form.cleaned_data
    if set(form.errors) == {"phone"}:
        raise NotYet(Reason.PHONE, phone_in_words(values.get("phone", "")))
    wrong = [f"{form.fields[name].label}: {errors[0]}" for name, errors in form.errors.items()]
    raise NotYet(Reason.DETAILS, "; ".join(wrong))


def ten_digits(row: ImportedRecord) -> str:
    """The national number of an Indian one, however it is written; any other as it came."""
    text: str = row.values.get("phone", "")
    try:
        number = phonenumbers.parse(text, "IN")
    except phonenumbers.NumberParseException:
        return text
    return str(number.national_number) if number.country_code == 91 else text


def phone_in_words(text: str) -> str:
    if not text:
        return _("There is no mobile number")
    return _("“%s” is not a ten-digit mobile") % text[:40]


def subtype_of(row: ImportedRecord) -> Subtype:
    """The one that was chosen for them, or that their stage and categories lead to."""
    known = Subtype.objects.select_related("package")
    mine = known.filter(pk=subtype_asked(row), package__company=row.connection.company_id)
    return offered(mine.first())


def subtype_asked(row: ImportedRecord) -> int:
    """Raises NotYet."""
    choice = choice_for(row.connection.mapping, record_of(row))
    asked = row.edits.get("subtype") or (choice and choice.subtype)
    if not asked:
        raise NotYet(Reason.PACKAGE, unmapped_in_words(row))
    return int(asked)


def offered(found: Subtype | None) -> Subtype:
    """Raises NotYet."""
    if found is None or not found.package.is_active:
        raise NotYet(Reason.PACKAGE, _("The package is not offered any more"))
    return found


def has_credits(row: ImportedRecord) -> bool:
    try:
        return subtype_of(row).package.credits > 0
    except NotYet:
        return False


def unmapped_in_words(row: ImportedRecord) -> str:
    names = ", ".join(key.partition(":")[2] for key in row.data.get("categories", [])[:3])
    stage = row.data.get("stage_name", "")
    return _("No package for %s") % (f"{stage} ({names})" if names else stage)


def category_of(connection: Connection) -> Category | None:
    asked = connection.mapping.get("category")
    return Category.objects.filter(company=connection.company_id, pk=asked or 0).first()


def duplicate_in_words(error: DuplicateCandidate) -> str:
    what = {"email": _("e-mail"), "phone": _("mobile"), "employee_id": _("employee id")}
    return _("Same %(what)s as candidate %(number)s, whose case is not finished") % {
        "what": what[error.fields[0]],
        "number": error.candidate.pk,
    }
