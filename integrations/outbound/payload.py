"""What a message says: the flat keys of product.md §7, and those of Standard Webhooks."""

import json
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from candidates.models import Candidate
from candidates.reports.content import has_report
from integrations.models import TEST

API_VERSION = "1"

ABOUT_THE_PERSON = frozenset({"name", "email", "completed_date", "report_url", "meta_data"})
"""What a thin body leaves out: ids and the state remain."""


def body_of(event_type: str, candidate: Candidate, sequence: int, at: datetime) -> str:
    """The whole body of a message on *candidate*, loaded with its case."""
    case = candidate.case
    return _as_json(
        **_head(event_type, sequence, at),
        candidate_id=candidate.pk,
        overall_status_code=int(case.status),
        overall_status=str(case.get_status_display()),
        idempotency_key=f"{candidate.pk}:{int(case.status)}",
        name=candidate.name,
        email=candidate.email,
        completed_date=case.completed_at and in_utc(case.completed_at),
        report_url=report_url(candidate),
        meta_data=candidate.meta_data,
    )


def test_body(at: datetime) -> str:
    """The same keys, about nobody."""
    return _as_json(
        **_head(TEST, 0, at),
        candidate_id=0,
        overall_status_code=1,
        overall_status="Completed",
        idempotency_key="0:1",
        name="Test Candidate",
        email="test@example.com",
        completed_date=in_utc(at),
        report_url=None,
        meta_data={},
    )


test_body.__test__ = False  # type: ignore[attr-defined]  # pytest: no test


def thinned(body: str) -> str:
    """*body* with ids and the state alone."""
    kept = {name: value for name, value in json.loads(body).items() if name not in ABOUT_THE_PERSON}
    return _as_json(**kept)


def report_url(candidate: Candidate) -> str | None:
    """The report's page, for people who sign in."""
    if not has_report(candidate) or not settings.APITOKENS_BASE_URL:
        return None
    page = reverse("candidates:report", args=[candidate.pk])
    return f"{settings.APITOKENS_BASE_URL.rstrip('/')}{page}"


def in_utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _head(event_type: str, sequence: int, at: datetime) -> dict[str, Any]:
    return {
        "type": event_type,
        "event": event_type,
        "timestamp": in_utc(at),
        "sequence": sequence,
        "api_version": API_VERSION,
    }


def _as_json(**members: Any) -> str:
    return json.dumps(members, separators=(",", ":"))  # ASCII: the same bytes everywhere
