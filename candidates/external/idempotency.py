"""The header ``Idempotency-Key``: a call that may be sent again, after a time-out for example."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from candidates.exceptions import CandidateError
from candidates.external.errors import (
    IDEMPOTENCY_KEY,
    INVALID,
    Fault,
    Problem,
    body,
    content,
    translated,
)
from candidates.models import Candidate
from candidates.services.idempotency import Answer, answer_once

LONGEST = 255
KEY = re.compile(f"[ -~]{{1,{LONGEST}}}")
REPLAYED = "Idempotent-Replayed"

Work = Callable[[], tuple[Candidate, dict[str, Any]]]


def answered(request: Any, work: Work, keys: tuple[str, str]) -> Response:
    """*work*'s answer or, to a repeat under the same key, that of the first call.

    Final are 200 and what the services refuse (409, 422). What may be otherwise in a moment, and
    what was never worked on because it is invalid (400), leaves the key free.
    """
    key = key_of(request)
    if key is None:
        return Response(work()[1])
    answer = answer_once(
        company=request.auth.owner,
        token_public_id=request.auth.public_id,
        key=key,
        fingerprint=fingerprint_of(request.data),
        work=lambda: final(work, keys),
    )
    headers = {REPLAYED: "true"} if answer.is_repeated else None
    return Response(json.loads(answer.body), status=answer.status, headers=headers)


def key_of(request: Any) -> str | None:
    key = request.headers.get(IDEMPOTENCY_KEY)
    if key is not None and not KEY.fullmatch(key):
        message = f"Send 1 to {LONGEST} printable ASCII characters."
        raise Problem(INVALID, Fault(IDEMPOTENCY_KEY, message))
    return key


def fingerprint_of(data: dict[str, Any]) -> str:
    """The same for bodies that say the same: order and white space don't count."""
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def final(work: Work, keys: tuple[str, str]) -> Answer:
    try:
        candidate, data = work()
    except CandidateError as error:
        refusal = translated(error)
        if not isinstance(refusal, Problem):
            raise
        return Answer(refusal.status_code, written(body(*content(refusal), keys)))
    return Answer(200, written(data), candidate)


def written(data: dict[str, Any]) -> str:
    return JSONRenderer().render(data).decode()
