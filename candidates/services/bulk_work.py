"""The work behind a confirmed file: all of its candidates or none, then their links.

The file's row is the truth. A worker that is killed leaves a lease that ends; whoever comes then
finds either nothing written or everything, and goes on from there.
"""

from collections.abc import Sequence
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from apitokens.attribution import Actor
from candidates.exceptions import CandidateError, NoCredits
from candidates.models import (
    BulkImport,
    BulkRow,
    Candidate,
    FilledBy,
    LogEntry,
    Subtype,
    Tag,
)
from candidates.services.add import Person, add_candidates
from candidates.services.bulk import save_rows, settle_rows

State = BulkImport.State


class Lost(Exception):
    """Another worker has the file by now, or it is done."""


class GivenBack(CandidateError):
    """Nothing was added: somebody has to look at the file again. ``problem`` says why."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def take(key: str) -> BulkImport | None:
    """The file, for this worker alone until its lease ends; None when there is nothing to do."""
    now, attempt = timezone.now(), uuid4()
    free = Q(state=State.QUEUED) | Q(lease_until__lte=now)
    taken = BulkImport.objects.filter(free, pk=key, state__in=BulkImport.AT_WORK).update(
        attempt=attempt,
        lease_until=now + BulkImport.LEASE,
        updated_at=now,
        state=Case(When(state=State.QUEUED, then=Value(State.ADDING)), default=F("state")),
    )
    if not taken:
        return None
    return BulkImport.objects.select_related("company").get(pk=key, attempt=attempt)


def add_all(bulk: BulkImport) -> None:
    """Add everybody, or nobody and give the file back with what is wrong. Raises Lost."""
    try:
        _add_all(bulk)
    except GivenBack as error:
        _give_back(bulk, error.problem)
    except NoCredits:
        _give_back(bulk, _("The package has fewer credits by now"))
    except IntegrityError:  # somebody was added elsewhere in the same moment
        _give_back(bulk, _("Some were added elsewhere by now"))


@transaction.atomic
def _add_all(bulk: BulkImport) -> None:
    held = _held(bulk)
    actor, subtype = actor_of(held), held.subtype
    if subtype is None or not subtype.package.is_active:
        raise GivenBack(_("The package is not offered any more"))
    rows = list(held.rows.filter(state=BulkRow.State.READY).order_by("number"))
    settle_rows(held.company, rows)
    if any(row.state != BulkRow.State.READY for row in rows):
        raise GivenBack(_("Some were added elsewhere by now"))
    candidates = add_candidates(
        company=held.company, actor=actor, subtype=subtype,
        people=_people(held, rows), filled_by=FilledBy(held.filled_by),
    )  # fmt: skip
    held.rows.all().delete()
    held.state, held.added, held.done = State.INVITING, len(candidates), 0
    held.uninvited = [candidate.pk for candidate in candidates if candidate.email]
    held.total = len(held.uninvited)
    held.save()


def _held(bulk: BulkImport) -> BulkImport:
    rows = BulkImport.objects.select_for_update(of=("self",)).select_related("company")
    held = rows.filter(pk=bulk.pk, attempt=bulk.attempt, state=State.ADDING).first()
    if held is None:
        raise Lost
    if held.subtype_id:
        held.subtype = Subtype.objects.select_related("package").get(pk=held.subtype_id)
    return held


def actor_of(bulk: BulkImport) -> Actor:
    """Who confirmed it. Raises GivenBack when they may not add any more."""
    actor = Actor.load(bulk.actor)
    if actor.user is None or not actor.user.may_sign_in or actor.user.company_id != bulk.company_id:
        raise GivenBack(_("Who confirmed it can’t sign in any more"))
    return actor


def _people(bulk: BulkImport, rows: Sequence[BulkRow]) -> list[Person]:
    tags = Tag.objects.filter(company=bulk.company).in_bulk()
    people = []
    for row in rows:
        fields = {name: value for name, value in row.cleaned.items() if name != "tags"}
        own = [tags[key] for key in row.cleaned.get("tags", []) if key in tags]
        people.append(Person({**fields, "category_id": bulk.category_id}, own))
    return people


@transaction.atomic
def _give_back(bulk: BulkImport, problem: str) -> None:
    held = _held(bulk)
    rows = list(held.rows.order_by("number"))
    for row in rows:
        if row.state == BulkRow.State.READY:
            row.errors = {}
    settle_rows(held.company, [row for row in rows if row.state == BulkRow.State.READY])
    save_rows(rows)
    held.state, held.problem, held.attempt, held.confirmed_at = State.REVIEW, problem, None, None
    held.lease_until, held.updated_at = None, timezone.now()
    held.save()


def next_to_invite(bulk: BulkImport, most: int) -> list[Candidate]:
    """Whose link goes out next; those who have it already are not among them."""
    keys = bulk.uninvited[:most]
    sent = LogEntry.objects.filter(candidate__in=keys, kind=LogEntry.Kind.INVITED)
    rows = Candidate.objects.filter(pk__in=keys).exclude(pk__in=sent.values("candidate"))
    return list(rows.exclude(email="").select_related("company").order_by("pk"))


def note_invited(bulk: BulkImport, most: int, *, failed: int) -> None:
    """*most* more are dealt with; the lease begins anew. Raises Lost."""
    left = bulk.uninvited[most:]
    now = timezone.now()
    changes = {
        "uninvited": left, "done": bulk.total - len(left), "unsent": bulk.unsent + failed,
        "lease_until": now + BulkImport.LEASE, "updated_at": now,
    }  # fmt: skip
    if not left:
        changes |= {"state": State.DONE, "finished_at": now, "actor": {}, "lease_until": None}
    mine = BulkImport.objects.filter(pk=bulk.pk, attempt=bulk.attempt, state=State.INVITING)
    if not mine.update(**changes):
        raise Lost
    for name, value in changes.items():
        setattr(bulk, name, value)
