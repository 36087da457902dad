"""Files of candidates up to their confirmation. Nothing here writes a candidate."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Company, User
from apitokens.attribution import Actor
from candidates.exceptions import TAKEN, NotAllowedNow
from candidates.models import BulkImport, BulkRow, Candidate
from candidates.services.add import UNIQUE_WHILE_UNFINISHED, as_candidate, identity, who_has

State = BulkImport.State
KEPT_OF_A_PERSON = 5
"""Files that are not confirmed yet: the oldest goes when somebody brings one more."""

CHECKED = ["values", "cleaned", "errors", "left_out", "state"]


@transaction.atomic
def start_bulk(
    *, user: User, company: Company, rows: Iterable[tuple[int, list[str]]], **columns: Any
) -> BulkImport:
    """Keep a file's numbered *rows*; *columns* are those of BulkImport."""
    own = BulkImport.objects.filter(user=user).unconfirmed()
    kept = own.order_by("-updated_at").values_list("pk", flat=True)[: KEPT_OF_A_PERSON - 1]
    own.exclude(pk__in=list(kept)).delete()
    bulk = BulkImport.objects.create(user=user, company=company, **columns)
    BulkRow.objects.bulk_create(
        BulkRow(bulk=bulk, number=number, cells=cells, values=values_of(bulk, cells))
        for number, cells in rows
    )
    return bulk


def values_of(bulk: BulkImport, cells: Sequence[str]) -> dict[str, str]:
    """What *cells* say of each field, by what the columns become as far as that is known."""
    return {
        name: cells[at]
        for at, name in enumerate(bulk.columns)
        if name not in ("", BulkImport.LEFT_OUT)
    }


@contextmanager
def changing(bulk: BulkImport) -> Iterator[tuple[BulkImport, list[BulkRow]]]:
    """The file and its rows, to be changed by nobody else meanwhile; saved at the end, or not.

    Raises NotAllowedNow once it is confirmed.
    """
    with transaction.atomic():
        held = BulkImport.objects.select_for_update().filter(pk=bulk.pk).first()
        if held is None or not held.is_open:
            raise NotAllowedNow(bulk.pk)
        rows = list(held.rows.order_by("number"))
        yield held, rows
        held.updated_at = timezone.now()
        held.save()
        save_rows(rows)


def save_rows(rows: Sequence[BulkRow]) -> None:
    """What was checked, of any number of rows, in a few statements."""
    BulkRow.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["bulk", "number"], update_fields=CHECKED
    )


def confirm(bulk: BulkImport, *, total: int, actor: Actor, base_url: str) -> None:
    """Let the work begin on a file that is ``changing``; the caller wakes a worker afterwards."""
    now = timezone.now()
    bulk.state, bulk.problem, bulk.confirmed_at = State.QUEUED, "", now
    bulk.lease_until = now + BulkImport.LEASE
    bulk.actor, bulk.base_url = actor.dump(), base_url
    bulk.done, bulk.total = 0, total


def discard(bulk: BulkImport) -> None:
    """Forget a file and its rows; one that is confirmed stays."""
    BulkImport.objects.filter(pk=bulk.pk).unconfirmed().delete()


def settle_rows(company: Company, rows: Sequence[BulkRow]) -> None:
    """Give each row its state, and the errors of whoever is somebody else already.

    ``cleaned`` and ``errors`` say what each row is by itself. A row is a duplicate when all that is
    wrong is that an unfinished case of *company* has the same e-mail, phone or employee id; another
    row of the file with the same is an error, told at the second.
    """
    wanted = [row for row in rows if not row.left_out]
    people = [as_candidate(company, Actor(), identity_of(row)) for row in wanted]
    firsts: dict[tuple[str, str], int] = {}
    for row, person, others in zip(wanted, people, who_has(company, people), strict=True):
        row.state = BulkRow.State.ERROR if row.errors else BulkRow.State.READY
        _note_taken(row, others)
        _note_repeats(row, person, firsts)
    for row in rows:
        if row.left_out:
            row.state, row.errors = BulkRow.State.LEFT_OUT, {}


def identity_of(row: BulkRow) -> dict[str, Any]:
    return {name: row.cleaned[name] for name in UNIQUE_WHILE_UNFINISHED if name in row.cleaned}


def _note_taken(row: BulkRow, others: Iterable[str]) -> None:
    for name in others:
        row.errors = {**row.errors, name: [str(TAKEN[name])]}
        if row.state == BulkRow.State.READY:
            row.state = BulkRow.State.DUPLICATE


def _note_repeats(row: BulkRow, person: Candidate, firsts: dict[tuple[str, str], int]) -> None:
    for name in UNIQUE_WHILE_UNFINISHED:
        value = identity(person, name)
        if value is None:
            continue
        first = firsts.setdefault((name, value), row.number)
        if first != row.number:
            text = _("Also in row %d") % first
            row.errors = {**row.errors, name: [*row.errors.get(name, []), text]}
            row.state = BulkRow.State.ERROR
