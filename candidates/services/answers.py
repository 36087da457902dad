"""What the verification form asks, and what is a good answer: one set of rules (product.md §6).

The pages and ``submit-bgv`` build their fields from STEPS and both ask ``clean``.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from candidates.models import Document
from candidates.validators import (
    validate_mobile,
    validate_person_name,
    validate_plain_text,
)

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
PAN = re.compile(r"[A-Z]{5}[0-9]{4}[A-Z]", re.ASCII)
YOUNGEST, EARLIEST = 14, date(1900, 1, 1)


class Gender(models.IntegerChoices):
    MALE = 1, _("Male")
    FEMALE = 2, _("Female")
    OTHER = 3, _("Other")


class IdType(models.TextChoices):
    PAN = "PAN", _("PAN card")
    DL = "DL", _("Driving licence")
    PASSPORT = "PASSPORT", _("Passport")
    VOTER_ID = "VOTER_ID", _("Voter ID")


class CourseType(models.TextChoices):
    TENTH = "10", _("10th standard")
    TWELFTH = "12", _("12th standard")
    DIPLOMA = "DIPLOMA", _("Diploma")
    UNDERGRAD = "UNDERGRAD", _("Bachelor’s degree")
    POSTGRAD = "POSTGRAD", _("Master’s degree")
    PHD = "PHD", _("Doctorate")
    OTHER = "OTHER", _("Other")


def as_date(value: str) -> date:
    if not DATE.fullmatch(value):
        raise ValidationError(_("Enter a date as YYYY-MM-DD"))
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise ValidationError(_("Enter a date that exists")) from error
    if day < EARLIEST:
        raise ValidationError(_("Enter a date after 1900"))
    return day


def validate_past(value: str) -> None:
    if as_date(value) > timezone.localdate():
        raise ValidationError(_("Enter a date that is not in the future"))


def validate_date_of_birth(value: str) -> None:
    """A day at least 14 years ago; whoever was born on 29 February is 14 on 1 March."""
    validate_past(value)
    day, today = as_date(value), timezone.localdate()
    if (day.year + YOUNGEST, day.month, day.day) > (today.year, today.month, today.day):
        raise ValidationError(_("Enter a date at least 14 years ago"))


# Of Django's own class, so that the API's schema says the same.
validate_pin_code = RegexValidator(r"\A[0-9]{6}\Z", _("Enter 6 digits"))
validate_id_number = RegexValidator(
    r"\A[A-Za-z0-9][A-Za-z0-9 /-]{2,30}[A-Za-z0-9]\Z",
    _("Enter 4 to 32 letters and digits, as on the document"),
)


@dataclass(frozen=True)
class Question:
    """One field: a text unless it has *choices*; *check* raises ValidationError."""

    name: str
    label: Any
    longest: int = 120
    check: Callable[[str], object] | None = None
    choices: type[models.Choices] | None = None
    is_required: bool = True
    is_date: bool = False
    hint: Any = ""
    autocomplete: str = ""


@dataclass(frozen=True)
class Step:
    """One page of the form; ``kind`` is what its files are, ``checks`` who asks for it."""

    name: str
    title: Any
    about: Any
    questions: tuple[Question, ...]
    kind: Document.Kind | None = None
    checks: frozenset[str] = frozenset()


Q = Question
STEPS = {
    step.name: step
    for step in (
        Step("basic_details", _("Your details"), _("As on your identity document"), (
            Q("full_name", _("Full name"), 120, validate_person_name, autocomplete="name"),
            Q("dob", _("Date of birth"), 10, validate_date_of_birth, is_date=True,
              autocomplete="bday"),
            Q("gender", _("Gender"), choices=Gender),
            Q("email", _("E-mail"), 254, EmailValidator(_("Enter a valid e-mail address")),
              autocomplete="email"),
            Q("mobile_number", _("Mobile"), 10, validate_mobile, hint=_("Ten digits, without +91"),
              autocomplete="tel-national"),
        )),
        Step("address", _("Address"), _("Where you live now"), (
            Q("address_line_1", _("House, street and area"), 300, autocomplete="street-address"),
            Q("city", _("City"), 100, autocomplete="address-level2"),
            Q("state", _("State"), 100, autocomplete="address-level1"),
            Q("pin_code", _("PIN code"), 6, validate_pin_code, hint=_("6 digits"),
              autocomplete="postal-code"),
            Q("country", _("Country"), 100, autocomplete="country-name"),
        ), Document.Kind.ADDRESS, frozenset({"address", "court-record"})),
        Step("identity", _("Identity"),
             _("One document of yours that shows your name and its number"), (
            Q("id_type", _("Document"), choices=IdType),
            Q("id_number", _("Number"), 32, validate_id_number),
            Q("name_on_document", _("Name on the document"), 120, validate_person_name),
        ), Document.Kind.IDENTITY, frozenset({"identity"})),
        Step("education", _("Education"), _("Your highest course"), (
            Q("course_type", _("Course"), choices=CourseType),
        ), Document.Kind.EDUCATION, frozenset({"education"})),
        Step("employment", _("Employment"), _("Your latest employer"), (
            Q("company_name", _("Company"), 160, autocomplete="organization"),
            Q("designation", _("Designation"), 120, autocomplete="organization-title"),
            Q("start_date", _("First day"), 10, validate_past, is_date=True),
            Q("end_date", _("Last day"), 10, as_date, is_required=False, is_date=True,
              hint=_("Empty if you still work there")),
        ), Document.Kind.EMPLOYMENT, frozenset({"employment"})),
    )
}  # fmt: skip
"""In the order in which they are asked."""


def steps_for(codes: Iterable[str]) -> list[Step]:
    """The steps that checks with these codes need; the details of the person always."""
    wanted = set(codes)
    return [step for step in STEPS.values() if not step.checks or step.checks & wanted]


def clean(step: Step, answers: Mapping[str, Any]) -> dict[str, str]:
    """*answers* to *step*, tidied, empty ones left out. Raises ValidationError by field."""
    found: dict[str, str] = {}
    faults: dict[str, Any] = {}
    for question in step.questions:
        try:
            value = cleaned(question, answers.get(question.name, ""))
        except ValidationError as error:
            faults[question.name] = error.messages
        else:
            found |= {question.name: value} if value else {}
    faults |= {} if faults else faults_between(found)
    if faults:
        raise ValidationError(faults)
    return found


def cleaned(question: Question, value: Any) -> str:
    value = str(value).strip()
    if not value:
        if question.is_required:
            raise ValidationError(_("This field is required"))
        return ""
    if question.choices is not None:
        if value not in map(str, question.choices.values):
            raise ValidationError(_("Choose one of the list"))
        return value
    if len(value) > question.longest:
        raise ValidationError(_("Enter at most %d characters") % question.longest)
    validate_plain_text(value)
    if question.check is not None:
        question.check(value)
    return value.upper() if question.name == "id_number" else value


def faults_between(answers: Mapping[str, str]) -> dict[str, Any]:
    """What is wrong with fields that are good by themselves."""
    if answers.get("id_type") == IdType.PAN and not PAN.fullmatch(answers["id_number"]):
        return {"id_number": [_("Enter a PAN: five letters, four digits, one letter")]}
    if answers.get("end_date", "9999") < answers.get("start_date", ""):
        return {"end_date": [_("Enter a day after the first one")]}
    return {}


def is_complete(step: Step, answers: Mapping[str, Any]) -> bool:
    try:
        clean(step, answers)
    except ValidationError:
        return False
    return True


def in_words(question: Question, value: str) -> str:
    """An answer as people read it."""
    if question.choices is None:
        return value
    labels = {str(choice.value): str(choice.label) for choice in question.choices}
    return labels.get(value, value)
