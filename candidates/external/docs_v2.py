"""Version 2 of the external API as OpenAPI."""

from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import serializers

from candidates.external import doc_examples_v2 as examples
from candidates.external.doc_parts import FOR_ALL, answer, call
from candidates.external.errors import INVALID, NOT_FOUND, Fault, body
from candidates.external.scopes import WRITE
from candidates.external.serializers_v2 import SubmitInput

KEYS = ("field", "error")
NEEDED = "The case's checks need this."
SUBMITTED = "The form was submitted before, or the case is over."
DONE = "Form submitted successfully"


class FieldFault(serializers.Serializer):
    field = serializers.CharField(help_text="For example `identity.identity_1.id_number`.")
    error = serializers.CharField()


ERROR = answer("FieldError", message=serializers.CharField(), errors=FieldFault(many=True))


def error(description, message, *faults):
    shown = [OpenApiExample(description, body(message, faults, KEYS))]
    return OpenApiResponse(ERROR, description, shown)


def as_v2(response):
    """The same error in the shape of this version."""
    return OpenApiResponse(ERROR, response.description, response.examples)


submit_bgv = call(
    "Fill in and submit a candidate's form",
    answer(
        "SubmitAnswer",
        message=serializers.CharField(),
        data=answer(
            "Submitted",
            candidate_id=serializers.IntegerField(),
            overall_status=serializers.CharField(),
            overall_status_code=serializers.IntegerField(),
        ),
    ),
    examples.SUBMITTED,
    {
        **{status: as_v2(response) for status, response in FOR_ALL.items()},
        400: error("Invalid or incomplete; every fault is listed, nothing was changed", INVALID,
                   *(Fault(*fault) for fault in examples.FAULTS)),
        404: error("No such candidate of your company", NOT_FOUND),
        409: error("Submitted before, or the case is over", SUBMITTED),
        413: error("More than 1 MiB", "The body is larger than 1 MiB."),
        415: error("Not JSON", "Send the body as application/json."),
    },
    operation_id="submit_bgv",
    version="v2",
    scopes=[WRITE],
    request=SubmitInput,
    examples=[OpenApiExample("Submit", examples.SUBMIT, request_only=True)],
    description="Which of identity, employment, education and address are needed follows from the "
    "case's checks; others are checked and not kept. Links are stored and never opened. Without "
    "`consent.doc_url` the candidate signs by the link, and the case waits in state 11.",
)  # fmt: skip
