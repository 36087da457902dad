"""The external API as OpenAPI: one decorator for each call, used by views.py."""

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    PolymorphicProxySerializer,
)
from rest_framework import serializers

from apitokens.conf import ROTATE_SELF
from candidates.external import doc_examples as examples
from candidates.external.doc_parts import (
    answer,
    answer_header,
    call,
    error,
    errors,
    parameter,
    whole_number,
)
from candidates.external.errors import IDEMPOTENCY_KEY, INVALID, NOT_FOUND, Code, Fault
from candidates.external.idempotency import LONGEST, REPLAYED
from candidates.external.paging import CURSOR, LAST_OFFSET, LONGEST_CURSOR, LONGEST_PAGE, PAGE
from candidates.external.query import MAXIMUM_EMAIL, MAXIMUM_ID
from candidates.external.scopes import READ, REPORTS, WRITE
from candidates.external.serializers import AddInput
from candidates.external.shapes import AddedShape, CandidateShape, CatalogueShape, MeShape

packages = call(
    "What you can order",
    answer("CatalogueAnswer", data=CatalogueShape()),
    examples.PACKAGES,
    {400: error("A malformed query string", INVALID, Fault("x", "Use UTF-8 without NUL."))},
    operation_id="packages",
    scopes=[READ],
)

add = call(
    "Add a candidate",
    answer("AddAnswer", message=serializers.CharField(), data=AddedShape()),
    examples.ADDED,
    {
        400: error("Invalid; every fault is listed", INVALID,
                   *(Fault(*fault) for fault in examples.FAULTS)),
        409: errors(
            "An unfinished case is the same person, or the call can't be worked on just now",
            ("The same person", "The candidate was added before.",
             [Fault("candidate.email", "An unfinished case has the same.",
                    {"candidate_id": 4711, "code": Code.DUPLICATE_CANDIDATE})]),
            ("The key is in use", "The first call with this key is still being worked on.",
             [Fault(IDEMPOTENCY_KEY, "Send the same call again a little later.",
                    {"code": Code.KEY_IN_USE})]),
            ("Two calls met", "The data changed meanwhile. Please try again.", []),
        ),
        413: error("More than 1 MiB", "The body is larger than 1 MiB."),
        415: error("Not JSON", "Send the body as application/json."),
        422: errors(
            "No credits, or a key that came before with another body",
            ("No credits", "No credits left.",
             [Fault("package.subtype_id", "Its package has no credits left.",
                    {"code": Code.INSUFFICIENT_CREDITS})]),
            ("Another body", "The key was sent before with another body.",
             [Fault(IDEMPOTENCY_KEY, "Send a new key with another body.",
                    {"code": Code.KEY_REUSED})]),
        ),
    },
    operation_id="add",
    scopes=[WRITE],
    request=AddInput,
    examples=[OpenApiExample("Add", examples.ADD, request_only=True)],
    parameters=[
        parameter(
            IDEMPOTENCY_KEY,
            {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[ -~]+$"},
            "Your name for this call, a UUID for example. The same key and body within 24 hours "
            "get the same answer and make nothing twice.",
            location=OpenApiParameter.HEADER,
            examples=[OpenApiExample("A UUID", "8e03978e-40d5-43dd-bc93-6894a57f9324")],
        ),
        answer_header(REPLAYED, {"type": "string", "enum": ["true"]},
                      "The answer is that of an earlier call.", [200, 409, 422]),
    ],
    waits=[409, 429, 503],
    description="Takes one credit. The case starts in state 3, Awaiting input. Links are stored "
    "and never opened by us. Send no field rather than null.",
)  # fmt: skip

details = call(
    "One candidate, or a page of them",
    PolymorphicProxySerializer(
        component_name="DetailsAnswer",
        serializers=[
            answer("OneAnswer", success=serializers.BooleanField(), data=CandidateShape()),
            answer(
                "PageAnswer",
                success=serializers.BooleanField(),
                data=CandidateShape(many=True),
                next_cursor=serializers.CharField(
                    required=False,
                    allow_null=True,
                    help_text="For the next page; null: there is none. Not there with `offset`.",
                ),
            ),
        ],
        resource_type_field_name=None,
    ),
    [OpenApiExample("One", examples.DETAILS), OpenApiExample("A page", examples.PAGE)],
    {
        400: errors(
            "An invalid parameter",
            ("A number", INVALID,
             [Fault("limit", "Send a whole number from 1 to 9223372036854775807.")]),
            ("A cursor", INVALID,
             [Fault("cursor", "Send next_cursor of the page before, unchanged.")]),
        ),
        404: error("No such candidate of your company", NOT_FOUND),
    },
    operation_id="details",
    scopes=[READ],
    parameters=[
        parameter("candidate_id", whole_number(0, MAXIMUM_ID), "One candidate by id."),
        parameter("email", {"type": "string", "minLength": 1, "maxLength": MAXIMUM_EMAIL},
                  "The newest candidate with this address."),
        parameter("limit", whole_number(1, MAXIMUM_ID),
                  f"Page length: {PAGE} unless told, at most {LONGEST_PAGE}."),
        parameter("cursor", {"type": "string", "pattern": CURSOR, "maxLength": LONGEST_CURSOR},
                  "`next_cursor` of the page before, unchanged. Not together with `offset`."),
        parameter("offset", whole_number(0, LAST_OFFSET),
                  "Rows to skip. A cursor is quicker, and misses nobody who is added meanwhile."),
    ],
    description="With `candidate_id` or `email`, `data` is one candidate; else a list, newest "
    "first. Of one whose personal data was erased the number, the state and the dates are left: "
    "`erased_at` says when, `name` is a word of ours, `email` and `phone_number` are empty, and "
    "no `email` finds it.",
)  # fmt: skip

report_pdf = call(
    "The report as a PDF",
    answer("ReportAnswer", report=serializers.CharField(help_text="The PDF in base64.")),
    examples.REPORT,
    {
        400: error("Another report type, or no candidate", INVALID,
                   Fault("report_type", "Send base_64.")),
        404: error("No such candidate, or no report yet", NOT_FOUND),
    },
    operation_id="report_pdf",
    scopes=[REPORTS],
    parameters=[
        parameter("candidate_id", whole_number(0, MAXIMUM_ID), "The candidate's id.",
                  required=True),
        parameter("report_type", {"type": "string", "enum": ["base_64"]}, "How the PDF is sent.",
                  required=True),
    ],
    description="There is a report from when the case is finished (codes 1, 6, 8, 10) until the "
    "candidate is erased.",
)  # fmt: skip

me = call(
    "Which token is this?",
    MeShape,
    examples.ME,
    {400: error("A malformed query string", INVALID, Fault("x", "Use UTF-8 without NUL."))},
    operation_id="me",
)

ROTATION = {
    "type": "object",
    "properties": {
        "overlap": {"type": "integer", "enum": [0, 3600, 86400, 604800], "default": 86400}
    },
    "additionalProperties": False,
}
"""Alone of all bodies it may hold nothing else."""

rotate_me = call(
    "A new token in place of this one",
    answer(
        "RotatedAnswer",
        token=serializers.CharField(help_text="The new JWT: shown once."),
        expires_at=serializers.DateTimeField(allow_null=True),
        old_ends_at=serializers.DateTimeField(),
    ),
    examples.ROTATED,
    {
        400: error("Another overlap", INVALID,
                   Fault("overlap", "Choose 0, 3600, 86400 or 604800 seconds")),
        409: error("The token was replaced before", "The token doesn’t work now: superseded."),
        413: error("More than 1 MiB", "The body is larger than 1 MiB."),
        415: error("Not JSON", "Send the body as application/json."),
    },
    operation_id="rotate_me",
    scopes=[ROTATE_SELF],
    request={"application/json": ROTATION},
    examples=[OpenApiExample("An hour for both", {"overlap": 3600}, request_only=True)],
    description="The old one works on for `overlap` seconds. Name, scopes and the end stay.",
)  # fmt: skip
