"""That somebody read a report stands in the log."""

from apitokens.attribution import Actor
from candidates.models import Candidate, LogEntry
from candidates.services.log import record


def record_reported(candidate: Candidate, actor: Actor, *, pdf: bool = False) -> None:
    data = {"act": "download"} if pdf else {}
    record(candidate, LogEntry.Kind.REPORTED, actor, **data)
