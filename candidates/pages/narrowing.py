"""How the list finds a page of what its filters leave: by an index, never through all rows."""

from functools import partial

from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, In
from django.utils.functional import cached_property
from django.utils.timezone import localdate

from candidates.exports.rows import added_between
from candidates.models import CandidateTag, Case
from candidates.pages.ordering import NEWEST, ByDay, ByKey, Cursor, is_backwards
from candidates.pages.paging import PAGE_SIZE, paginate
from candidates.pages.search import first_matching, has_indexes, matching

CASE_KEY = "case__candidate_id"
MARK_ORDER = ByKey(("candidate",))
FEW = 2000
"""Among so many rows at most each is looked up; of more, walking an index soon meets a page's."""
GLANCED = 2000
"""So many rows of the list are searched before the indexes of texts are asked."""
PIECES = (500, 20_000)
"""So many keys at a time have their other conditions looked up, before the list is walked."""
FULL = PAGE_SIZE + 1
"""What it takes to show a page and to know that there is another."""


def looked_up(column):
    """A column that no index serves: each row's is looked up, and nothing begins with it.

    For PostgreSQL it hides how many rows have a value, too.
    """
    return Coalesce(F(column), -1)


def few_of(keys):
    """All *keys*, if they are FEW at most; else None."""
    found = list(keys[: FEW + 1])
    return found if len(found) <= FEW else None


def keys_of(rows, column="pk"):
    return rows.order_by().values_list(column, flat=True)


class Narrowed:
    """Those *candidates*, all that *user* may see, that the conditions *given* leave."""

    def __init__(self, candidates, given, adders, user):
        self.candidates, self.given, self.adders, self.user = candidates, given, adders, user
        self.days = given.get("since"), given.get("until")

    def page(self, cursor):
        cursor = self.order.placed(cursor)
        if self.is_by_day and cursor is not None:
            self.days = beside(cursor, *self.days)
        few = self.few_keys()
        if few is not None:
            among = self.narrow(self.candidates.filter(pk__in=few), by_index=False)
            return paginate(among, cursor, self.order)
        keys = self.sifted_keys(cursor)
        if keys is not None:
            return paginate(self.candidates.filter(pk__in=keys), cursor, self.order)
        return paginate(self.narrow(self.candidates), cursor, self.walked)

    # --- orders ---------------------------------------------------------------------------------
    @cached_property
    def is_by_day(self):
        """With days, the list is in their order, for their index is."""
        return not {"since", "until"}.isdisjoint(self.given)

    @cached_property
    def order(self):
        return ByDay(self.candidates) if self.is_by_day else NEWEST

    @property
    def walked(self):
        """The same order, by the index that the conditions make best to walk."""
        if self.is_by_day:
            return self.order
        if "state" in self.given:
            return ByKey((CASE_KEY, "pk"))
        return ByKey(("pk", CASE_KEY)) if "package" in self.given else NEWEST

    # --- conditions -----------------------------------------------------------------------------
    def narrow(self, rows, *, by_index=True):
        """Those that all conditions leave. *by_index*: the state is read by its index."""
        rows = self.narrow_by_tag(self.narrow_by_case(rows, by_index=by_index))
        rows = matching(rows, self.given["q"]) if "q" in self.given else rows
        return self.narrow_by_own(rows)

    def narrow_by_own(self, rows):
        """Those that the conditions on the candidate's own columns leave, but for the search."""
        if "category" in self.given:
            rows = rows.filter(Exact(F("category"), self.given["category"].pk))
        return self.adders.narrow(added_between(rows, *self.days))

    def narrow_by_case(self, rows, *, by_index):
        if "state" in self.given:
            rows = self.narrow_by_state(rows, by_index)
        if "package" in self.given:
            rows = rows.filter(In(self.of_case("subtype"), self.subtypes))
        return rows

    def of_case(self, column):
        """The case's column, where its index is not walked."""
        counts = self.is_by_day and has_indexes(self.candidates.db)
        return F(f"case__{column}") if counts else looked_up(f"case__{column}")

    def narrow_by_state(self, rows, by_index):
        if not by_index or self.is_by_day:
            return rows.filter(Exact(self.of_case("status"), self.given["state"]))
        company = Exact(F("case__company"), self.user.company_id)
        return rows.filter(company, Exact(F("case__status"), self.given["state"]))

    def narrow_by_tag(self, rows):
        if "tag" not in self.given:
            return rows
        return rows.filter(Exists(self.marks.filter(candidate=OuterRef("pk"))))

    @property
    def marks(self):
        return CandidateTag.objects.filter(tag=self.given["tag"])

    @cached_property
    def subtypes(self):
        """The keys of the package's subtypes, so that the list need not be joined by them."""
        subtypes = self.given["package"].subtypes.order_by()
        return list(subtypes.values_list("pk", flat=True))

    # --- few ------------------------------------------------------------------------------------
    def few_keys(self):
        """The keys that one condition leaves, if they are FEW at most; else None.

        To look among them changes no answer. But a database may know how many candidates a token
        added on average, and not how many this one did.
        """
        for leader in self.leaders():
            if (few := few_of(leader)) is not None:
                return few
        return None

    def leaders(self):
        """The keys that each condition leaves by itself, where an index has them."""
        if "package" in self.given:
            yield keys_of(Case.objects.filter(subtype__in=self.subtypes))
        if self.is_of_several:
            yield from self.leaders_of_several()

    @property
    def is_of_several(self):
        """Whether there is more than one condition, one's own sight among them."""
        conditions = {"since" if name == "until" else name for name in self.given}
        return len(conditions) + (not self.user.is_company_admin) > 1

    def leaders_of_several(self):
        seen, given = self.candidates, self.given
        if "state" in given:
            company = self.user.company_id
            yield keys_of(Case.objects.filter(company=company, status=given["state"]))
        if "added_by" in given or not self.user.is_company_admin:
            yield keys_of(self.adders.narrow(seen))
        if "category" in given:
            yield keys_of(seen.filter(Exact(F("category"), given["category"].pk)))
        if "tag" in given:
            yield keys_of(self.marks, "candidate")
        if self.is_by_day:
            yield keys_of(added_between(seen, *self.days))

    # --- keys first -----------------------------------------------------------------------------
    def sifted_keys(self, cursor):
        """The keys of the page at *cursor*, where an index has keys and not rows; None: walk."""
        if "q" in self.given and has_indexes(self.candidates.db):
            return self.found_keys(cursor)
        if "tag" in self.given and not self.is_by_day:
            return self.tagged_keys(cursor)
        return None

    def found_keys(self, cursor):
        keys, is_all = self.glance(cursor)
        if is_all or len(keys) == FULL:
            return keys
        own = self.narrow_by_own(self.candidates)
        take = partial(first_matching, own, self.given["q"], self.order)
        if {"state", "package", "tag"}.isdisjoint(self.given):
            return [values[-1] for values in take(cursor, FULL)]
        rest = self.narrow_by_tag(self.narrow_by_case(self.candidates, by_index=False))
        return self.sift(take, rest, cursor)

    def glance(self, cursor):
        """The keys found among the next GLANCED candidates, and whether there are no others."""
        columns, rows = self.order.columns, self.order.first(self.candidates, cursor)
        edge = rows.values_list(*columns)[GLANCED : GLANCED + 1].first()
        if edge is not None:
            opposite = "after" if is_backwards(cursor) else "before"
            rows = self.order.beyond(rows, place(opposite, edge))
        found = self.narrow(rows, by_index=False).values_list("pk", flat=True)[:FULL]
        return list(found), edge is None

    def tagged_keys(self, cursor):
        if len(self.given) == 1 and self.user.is_company_admin:
            return [values[-1] for values in self.take_marked(cursor, FULL)]
        rest = self.narrow_by_case(self.narrow_by_own(self.candidates), by_index=False)
        rest = matching(rest, self.given["q"]) if "q" in self.given else rest
        return self.sift(self.take_marked, rest, cursor)

    def take_marked(self, cursor, amount):
        marks = MARK_ORDER.first(self.marks, cursor)
        return list(marks.values_list("candidate")[:amount])

    def sift(self, take, rest, cursor):
        """Of the keys that ``take(cursor, amount)`` gives in the list's order, the first that are
        among *rest*; None: so few are that walking the list is better.
        """
        found, side = [], cursor.side if cursor else "after"
        for amount in PIECES:
            taken = take(cursor, amount)
            left = rest.filter(pk__in=[values[-1] for values in taken])
            left = self.order.first(left, cursor).values_list("pk", flat=True)
            found += left[: FULL - len(found)]
            if len(found) == FULL or len(taken) < amount:
                return found
            cursor = place(side, taken[-1])
        return None


def place(side, values):
    """The cursor at a row that is ordered by *values*, its key the last of them."""
    return Cursor(side, values[-1], *values[:-1])


def beside(cursor, since, until):
    """The days that must still be said, beside what the place of *cursor* says.

    Of two bounds on the same side SQLite takes the first to begin with, and reads from there.
    """
    day = localdate(cursor.instant)
    if cursor.side == "after":
        return since, None if until is None or day <= until else until
    return None if since is None or since <= day else since, until
