"""The external API as OpenAPI: one decorator for each call, used by views.py."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers

from apitokens.conf import ROTATE_SELF
from candidates.external import doc_examples as examples
from candidates.external.errors import INVALID, NEEDS_TOKEN, NOT_FOUND
from candidates.external.query import LAST_OFFSET, LONGEST_PAGE, PAGE
from candidates.external.scopes import READ, WRITE
from candidates.external.serializers import AddInput
from candidates.external.shapes import AddedShape, CandidateShape, CatalogueShape, MeShape


class FaultShape(serializers.Serializer):
    path = serializers.CharField(help_text="For example `candidate.tags[0].id`; empty: the body.")
    msg = serializers.CharField()
    candidate_id = serializers.IntegerField(
        required=False, help_text="With 409: your candidate who has the same."
    )


def answer(name, **fields):
    return inline_serializer(name, fields)


ERROR = answer("Error", message=serializers.CharField(), errors=FaultShape(many=True))


def error(description, message, *faults):
    errors = [dict(zip(("path", "msg", "candidate_id"), fault, strict=False)) for fault in faults]
    example = OpenApiExample(description, {"message": message, "errors": errors})
    return OpenApiResponse(ERROR, description, [example])


FOR_ALL = {
    401: error("The token is missing, unknown, expired, stopped or deleted", NEEDS_TOKEN),
    403: error("The token's scope is too small", "The token needs the scope candidates:write."),
    405: error("Another method", "This address does not know the method."),
    429: error(
        "Too many calls, or too many refused tokens; see Retry-After",
        "Request was throttled. Expected available in 42 seconds.",
    ),
    500: error("A fault of ours", "Server error."),
    503: error("Unavailable; see Retry-After", "Unavailable for a moment. Please try again."),
}


def call(summary, ok, example, errors=(), scopes=(), description="", **more):
    """The decorator of one operation: its 200, its errors and those of every call.

    OpenAPI has no place for the scopes of a bearer token: they are told in words, and as
    ``x-required-scopes`` to programs.
    """
    good = OpenApiResponse(ok, "Done", [OpenApiExample("Done", example)])
    responses = {200: good, **FOR_ALL, **dict(errors)}
    needed = ", ".join(f"`{name}`" for name in scopes)
    return extend_schema(
        tags=["v1"],
        summary=summary,
        responses=responses,
        description=" ".join(filter(None, [f"Scope: {needed or 'none'}.", description])),
        extensions={"x-required-scopes": list(scopes)},
        **more,
    )


def parameter(name, kind, description, **more):
    return OpenApiParameter(name, kind, description=description, **more)


packages = call(
    "What you can order",
    answer("CatalogueAnswer", data=CatalogueShape()),
    examples.PACKAGES,
    {400: error("A malformed query string", INVALID, ("x", "Use UTF-8 without NUL."))},
    operation_id="packages",
    scopes=[READ],
)

add = call(
    "Add a candidate",
    answer("AddAnswer", message=serializers.CharField(), data=AddedShape()),
    examples.ADDED,
    {
        400: error("Invalid; every fault is listed", INVALID, *examples.FAULTS),
        409: error("An unfinished case is the same person", "The candidate was added before.",
                   ("candidate.email", "An unfinished case has the same.", 4711)),
        413: error("More than 1 MiB", "The body is larger than 1 MiB."),
        415: error("Not JSON", "Send the body as application/json."),
        422: error("No credits", "No credits left.",
                   ("package.subtype_id", "Its package has no credits left.")),
    },
    operation_id="add",
    scopes=[WRITE],
    request=AddInput,
    examples=[OpenApiExample("Add", examples.ADD, request_only=True)],
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
                "PageAnswer", success=serializers.BooleanField(), data=CandidateShape(many=True)
            ),
        ],
        resource_type_field_name=None,
    ),
    examples.DETAILS,
    {
        400: error("An invalid parameter", INVALID,
                   ("limit", "Send a whole number from 1 to 9223372036854775807.")),
        404: error("No such candidate of your company", NOT_FOUND),
    },
    operation_id="details",
    scopes=[READ],
    parameters=[
        parameter("candidate_id", OpenApiTypes.INT64, "One candidate by id."),
        parameter("email", OpenApiTypes.STR, "The newest candidate with this address."),
        parameter("limit", OpenApiTypes.INT64,
                  f"Page length: {PAGE} unless told, at most {LONGEST_PAGE}."),
        parameter("offset", OpenApiTypes.INT64, f"Rows to skip, at most {LAST_OFFSET}."),
    ],
    description="With `candidate_id` or `email`, `data` is one candidate; else a list, newest "
    "first.",
)  # fmt: skip

me = call(
    "Which token is this?",
    MeShape,
    examples.ME,
    {400: error("A malformed query string", INVALID, ("x", "Use UTF-8 without NUL."))},
    operation_id="me",
)

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
                   ("overlap", "Choose 0, 3600, 86400 or 604800 seconds")),
        409: error("The token was replaced before", "The token doesn’t work now: superseded."),
        413: error("More than 1 MiB", "The body is larger than 1 MiB."),
        415: error("Not JSON", "Send the body as application/json."),
    },
    operation_id="rotate_me",
    scopes=[ROTATE_SELF],
    request=answer("RotateMe", overlap=serializers.ChoiceField([0, 3600, 86400, 604800],
                                                               default=86400)),
    examples=[OpenApiExample("An hour for both", {"overlap": 3600}, request_only=True)],
    description="The old one works on for `overlap` seconds. Name, scopes and the end stay.",
)  # fmt: skip
