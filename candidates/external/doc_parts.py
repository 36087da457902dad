"""What the descriptions in docs.py are put together from."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers

from candidates.external.errors import KEYS, NEEDS_TOKEN, Code, body


class FaultShape(serializers.Serializer):
    path = serializers.CharField(
        help_text="For example `candidate.tags[0].id`, or a header; empty: the body."
    )
    msg = serializers.CharField()
    code = serializers.ChoiceField(
        list(Code), required=False, help_text="With 409 and 422 of `add`: why, for programs."
    )
    candidate_id = serializers.IntegerField(
        required=False, help_text="With 409: your candidate who has the same."
    )


def answer(name, **fields):
    return inline_serializer(name, fields)


ERROR = answer("Error", message=serializers.CharField(), errors=FaultShape(many=True))


def error(description, message, *faults):
    return errors(description, (description, message, faults))


def errors(description, *cases):
    """One status with several reasons: name, message and faults of each."""
    shown = [OpenApiExample(name, body(message, faults, KEYS)) for name, message, faults in cases]
    return OpenApiResponse(ERROR, description, shown)


def parameter(name, kind, description, **more):
    return OpenApiParameter(name, kind, description=description, **more)


def whole_number(least, most):
    return {"type": "integer", "format": "int64", "minimum": least, "maximum": most}


def answer_header(name, kind, description, statuses):
    return parameter(name, kind, description, location=OpenApiParameter.HEADER, response=statuses)


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
WAITS = [429, 503]


def call(
    summary,
    ok,
    example,
    errors=(),
    *,
    scopes=(),
    description="",
    parameters=(),
    waits=WAITS,
    version="v1",
    **more,
):
    """The decorator of one operation: its 200, its errors and those of every call.

    OpenAPI has no place for the scopes of a bearer token: they are told in words, and as
    ``x-required-scopes`` to programs.
    """
    shown = example if isinstance(example, list) else [OpenApiExample("Done", example)]
    good = OpenApiResponse(ok, "Done", shown)
    responses = {200: good, **FOR_ALL, **dict(errors)}
    headers = [
        answer_header("WWW-Authenticate", str, "`Bearer`, with what is wrong.", [401, 403]),
        answer_header("Retry-After", OpenApiTypes.INT64, "Seconds to wait.", waits),
    ]
    needed = ", ".join(f"`{name}`" for name in scopes)
    return extend_schema(
        tags=[version],
        summary=summary,
        responses=responses,
        parameters=[*parameters, *headers],
        description=" ".join(filter(None, [f"Scope: {needed or 'none'}.", description])),
        extensions={"x-required-scopes": list(scopes)},
        **more,
    )
