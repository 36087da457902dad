"""Who would be added with a mapping, and who not and why: nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apitokens.attribution import Actor
from candidates.exceptions import DuplicateCandidate
from candidates.models import Candidate, Subtype
from candidates.services.add import as_candidate, who_has
from integrations.inbound.contract import Record
from integrations.inbound.importing import (
    NotYet,
    data_of,
    duplicate_in_words,
    fields_of,
    no_credits,
    offered,
    subtype_asked,
)
from integrations.inbound.mapping import choice_for
from integrations.models import Connection, ImportedRecord

State = ImportedRecord.State
READY, WAITS, NOT = "ready", "waits", "not"


@dataclass(frozen=True, slots=True)
class Line:
    """What would become of a record, and in words by what, or why not."""

    record: Record
    state: str
    words: str

    @property
    def name(self) -> str:
        return self.record.name or self.record.external_id


def previewed(connection: Connection, records: Sequence[Record]) -> list[Line]:
    """Those who would be added first. As many queries for one record as for fifty."""
    company = connection.company
    subtypes = Subtype.objects.filter(package__company=company).select_related("package")
    judge = Judge(connection, {subtype.pk: subtype for subtype in subtypes}, states_of(
        connection, [record.external_id for record in records]
    ))  # fmt: skip
    lines = [judge.line(record) for record in records]
    order = (READY, WAITS, NOT)
    return sorted(with_duplicates(company, judge, lines), key=lambda line: order.index(line.state))


def states_of(connection: Connection, keys: Sequence[str]) -> dict[str, str]:
    rows = ImportedRecord.objects.filter(connection=connection, external_id__in=keys)
    return dict(rows.values_list("external_id", "state"))


class Judge:
    """Holds records against the rules that adding them would."""

    def __init__(
        self, connection: Connection, subtypes: dict[int, Subtype], states: dict[str, str]
    ):
        self.connection, self.subtypes, self.states = connection, subtypes, states
        self.candidates: dict[str, Candidate] = {}

    def line(self, record: Record) -> Line:
        if choice_for(self.connection.mapping, record) is None:
            return Line(record, NOT, _("%s: does nothing") % (record.stage_name or _("No stage")))
        if why := self.known(record):
            return Line(record, NOT, why)
        try:
            return Line(record, READY, f"{record.stage_name} → {self.chosen(record)}")
        except NotYet as error:
            return Line(record, WAITS, error.detail)

    def known(self, record: Record) -> str:
        return {
            State.ADDED: _("Is added already"),
            State.DISMISSED: _("Was dismissed"),
            State.BEFORE: _("Was there before the start"),
        }.get(State(self.states.get(record.external_id, State.ATTENTION)), "")

    def chosen(self, record: Record) -> str:
        """The package. Raises NotYet."""
        row = ImportedRecord(
            connection=self.connection, external_id=record.external_id, data=data_of(record)
        )
        subtype = offered(self.subtypes.get(subtype_asked(row)))
        fields = fields_of(row)
        if subtype.package.credits <= 0:
            raise no_credits(subtype.package)
        actor = Actor(source=self.connection.source)
        self.candidates[record.external_id] = as_candidate(self.connection.company, actor, fields)
        return f"{subtype.package.name}, {subtype.name}"


def with_duplicates(company, judge: Judge, lines: Sequence[Line]) -> list[Line]:
    others = dict(
        zip(judge.candidates, who_has(company, list(judge.candidates.values())), strict=True)
    )
    return [
        Line(line.record, WAITS, duplicate_in_words(DuplicateCandidate(found)))
        if (found := others.get(line.record.external_id)) else line
        for line in lines
    ]  # fmt: skip
