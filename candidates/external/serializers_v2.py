"""What ``submit-bgv`` takes in (product.md §6): the fields come from services/answers.py."""

from typing import Any

from django.core.validators import RegexValidator
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from candidates.external.fields import MAXIMUM_ID, Flag, Link, ShortList, TrimmedText
from candidates.services.answers import STEPS, Gender, Question
from candidates.services.verification import LinkedDocument

MAXIMUM_DOCUMENTS = 10
OPTIONAL = {"required": False, "allow_blank": True}
validate_seen = RegexValidator(
    r"\A[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*\Z",
    _("This field is required"),
)
"""Texts without a rule of their own hold something that is seen; so the schema says too."""
PLACES = {
    "basic_details": ("basic_details",),
    "identity": ("identity", "identity_1"),
    "employment": ("employment", "employment_1"),
    "education": ("education", "education_1"),
    "address": ("address", "current"),
}
"""Where each step of the form stands in the body."""


class WholeChoice(serializers.ChoiceField):
    """A number of a list, never a string of it or true."""

    def to_internal_value(self, data):
        if type(data) is not int:
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


class TextChoice(serializers.ChoiceField):
    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


@extend_schema_field({"type": "string", "format": "date"})
class DateText(TrimmedText):
    """A day as YYYY-MM-DD."""


class DocumentInput(serializers.Serializer):
    url = Link()
    tag = TrimmedText(max_length=64, **OPTIONAL)


class DocumentsInput(serializers.Serializer):
    documents = ShortList(child=DocumentInput(), most=MAXIMUM_DOCUMENTS, required=False)


class CombinedInput(DocumentsInput):
    combined_document = Flag(
        required=False, help_text="Whether front and back are in one file; for people to read."
    )


class ConsentInput(serializers.Serializer):
    doc_url = Link(**OPTIONAL)


def field_of(question: Question) -> serializers.Field:
    """Types and lengths; whether the answer is good is asked of the services afterwards."""
    if question.choices is Gender:
        return WholeChoice(choices=Gender.choices)
    if question.choices is not None:
        return TextChoice(choices=question.choices.choices)
    blank = {} if question.is_required else OPTIONAL
    validators = [question.check or validate_seen]
    kind = DateText if question.is_date else TrimmedText
    return kind(max_length=question.longest, validators=validators, **blank)


def serializer_of(name: str, *bases: type) -> Any:
    """The serializer of one step."""
    fields = {question.name: field_of(question) for question in STEPS[name].questions}
    title = "".join(part.capitalize() for part in name.split("_"))
    return type(f"{title}Answers", bases, fields)


BasicDetails = serializer_of("basic_details", serializers.Serializer)
Identity = serializer_of("identity", CombinedInput)
Employment = serializer_of("employment", DocumentsInput)
Education = serializer_of("education", DocumentsInput)
Address = serializer_of("address", DocumentsInput)


class IdentityInput(serializers.Serializer):
    identity_1 = Identity()


class EmploymentInput(serializers.Serializer):
    employment_1 = Employment()


class EducationInput(serializers.Serializer):
    education_1 = Education()


class AddressInput(serializers.Serializer):
    current = Address()


class SubmitInput(serializers.Serializer):
    """The body of ``submit-bgv``. What the case's checks need of it, the service knows."""

    candidate_id = serializers.IntegerField(min_value=1, max_value=MAXIMUM_ID)
    basic_details = BasicDetails()
    consent = ConsentInput(required=False)
    identity = IdentityInput(required=False)
    employment = EmploymentInput(required=False)
    education = EducationInput(required=False)
    address = AddressInput(required=False)

    def given(self) -> dict[str, dict[str, Any]]:
        """What is there of each step."""
        found = {}
        for name, place in PLACES.items():
            value: Any = self.validated_data
            for key in place:
                value = None if value is None else value.get(key)
            if value is not None:
                found[name] = value
        return found

    def answers(self) -> dict[str, dict[str, Any]]:
        return {
            name: {q.name: value[q.name] for q in STEPS[name].questions if q.name in value}
            for name, value in self.given().items()
        }

    def documents(self) -> list[LinkedDocument]:
        found = []
        for name, value in self.given().items():
            kind = STEPS[name].kind
            for row in value.get("documents", []):
                if kind is not None:
                    found.append(LinkedDocument(kind, row["url"], row.get("tag", "")))
        return found

    @property
    def consent_url(self) -> str:
        return self.validated_data.get("consent", {}).get("doc_url", "")


def id_of(data: Any) -> int:
    """The candidate's id, asked before all else. One that no row can have is unknown: 404."""
    pk = data.get("candidate_id")
    if type(pk) is not int:
        message = "This field is required." if pk is None else "Must be a whole number."
        raise serializers.ValidationError({"candidate_id": [message]})
    if not 0 < pk <= MAXIMUM_ID:
        raise Http404
    return pk
