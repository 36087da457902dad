"""The verification form's one writer: answers by step, the signature, the submission."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from apitokens.attribution import Actor
from candidates.exceptions import FormIncomplete, NotAllowedNow
from candidates.models import Candidate, Case, Document, LogEntry, VerificationForm
from candidates.services import cases
from candidates.services.answers import STEPS, Step, clean, cleaned, is_complete, steps_for
from candidates.services.log import record
from candidates.validators import validate_person_name

CONSENT_VERSION = "2026-11"
"""Of the text in templates/intake/_consent_text.html, kept with each signature."""


@dataclass(frozen=True, slots=True)
class LinkedDocument:
    """A document that the API names by link; it is never fetched."""

    kind: Document.Kind
    url: str
    tag: str = ""


def steps_of(case: Case) -> list[Step]:
    """The steps that *case* needs, by its checks."""
    return steps_for(case.checks.values_list("kind__code", flat=True))


def answers_of(candidate: Candidate) -> dict[str, Any]:
    form = VerificationForm.objects.filter(pk=candidate.pk).first()
    return {} if form is None else form.answers


def missing_steps(case: Case, answers: Mapping[str, Any]) -> list[Step]:
    return [step for step in steps_of(case) if not is_complete(step, answers.get(step.name, {}))]


@transaction.atomic
def save_step(
    *,
    candidate: Candidate,
    step: Step,
    answers: Mapping[str, Any],
    actor: Actor | None,
    address: str | None = None,
) -> None:
    """Keep the answers to one step. Raises ValidationError by field, NotAllowedNow."""
    found = clean(step, answers)
    _open_case(candidate)
    if _keep(candidate, {step.name: found}):
        record(candidate, LogEntry.Kind.FORM_SAVED, actor, address=address, step=str(step.title))


@transaction.atomic
def save_draft(*, candidate: Candidate, step: Step, answers: Mapping[str, Any]) -> None:
    """Keep what of an unfinished step is good so far. Raises NotAllowedNow."""
    found: dict[str, str] = {}
    for question in step.questions:
        try:
            value = cleaned(question, answers.get(question.name, ""))
        except ValidationError:
            continue
        found |= {question.name: value} if value else {}
    _open_case(candidate)
    _keep(candidate, {step.name: found})


@transaction.atomic
def submit(*, candidate: Candidate, actor: Actor | None, address: str | None = None) -> Case:
    """All steps are there: hand the form in. Raises FormIncomplete, NotAllowedNow."""
    return _submit(_open_case(candidate), candidate, actor, address)


@transaction.atomic
def sign_consent(*, candidate: Candidate, name: str, address: str | None) -> Case:
    """The candidate signs with their name; kept with moment, address and version of the text.

    Once more does nothing. Raises ValidationError, NotAllowedNow.
    """
    case = cases.locked_for_work(candidate.case)
    if case.consented_at is not None:
        return case
    if case.is_finished:
        raise NotAllowedNow(case.get_status_display())
    return _sign(case, candidate, name, address)


@transaction.atomic
def sign_and_submit(*, candidate: Candidate, name: str, address: str | None) -> Case:
    """Both in one act of the candidate, or neither."""
    case = _submit(_open_case(candidate), candidate, None, address)
    return case if case.consented_at else _sign(case, candidate, name, address)


def _submit(case: Case, candidate: Candidate, actor: Actor | None, address: str | None) -> Case:
    if missing := missing_steps(case, answers_of(candidate)):
        raise FormIncomplete(missing)
    return cases.mark_submitted(case, actor, address)


def _sign(case: Case, candidate: Candidate, name: str, address: str | None) -> Case:
    name = name.strip()
    validate_person_name(name)
    _keep(candidate, {"consent": {"version": CONSENT_VERSION}})
    VerificationForm.objects.filter(pk=candidate.pk).update(
        consent_name=name, consent_address=address
    )
    return cases.mark_consented(case, None, address)


@transaction.atomic
def submit_whole(
    *,
    candidate: Candidate,
    answers: Mapping[str, Mapping[str, Any]],
    documents: Iterable[LinkedDocument],
    consent_url: str,
    actor: Actor,
) -> Case:
    """A whole form at once, by the API: all of it or nothing.

    Steps that the case doesn't need are not kept. A consent letter is a consent. Raises
    ValidationError, FormIncomplete, NotAllowedNow.
    """
    case = _open_case(candidate)
    needed = {step.name: step for step in steps_of(case)}
    given = {name: clean(STEPS[name], given) for name, given in answers.items()}
    if missing := [step for name, step in needed.items() if name not in given]:
        raise FormIncomplete(missing)
    _keep(candidate, {name: found for name, found in given.items() if name in needed})
    kinds = {step.kind for step in needed.values()} | {Document.Kind.CONSENT}
    wanted = [document for document in documents if document.kind in kinds]
    if consent_url:
        wanted.append(LinkedDocument(Document.Kind.CONSENT, consent_url))
    for document in wanted:
        _link(candidate, document, actor)
    if consent_url:
        cases.mark_consented(case, actor)
    return cases.mark_submitted(case, actor)


def _link(candidate: Candidate, document: LinkedDocument, actor: Actor) -> None:
    Document.objects.create(
        candidate=candidate, kind=document.kind, url=document.url, tag=document.tag,
        **Document.by(actor),
    )  # fmt: skip
    record(candidate, LogEntry.Kind.DOCUMENT_ADDED, actor, document=str(document.kind))


def _open_case(candidate: Candidate) -> Case:
    """The case, locked, while its form may be changed. Raises NotAllowedNow."""
    case = cases.locked_for_work(candidate.case)
    if case.submitted_at is not None or case.is_finished:
        raise NotAllowedNow(case.get_status_display())
    return case


def _keep(candidate: Candidate, answers: Mapping[str, Any]) -> bool:
    """Whether anything changed; called with the case locked."""
    form, _made = VerificationForm.objects.get_or_create(candidate=candidate)
    merged = {**form.answers, **answers}
    if form.answers == merged:
        return False
    form.answers, form.updated_at = merged, timezone.now()
    form.save()
    return True
