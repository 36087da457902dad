"""The names behind the keys of an export's rows: few, so each is looked up once."""

from typing import Any

from candidates.models import Candidate, CandidateTag, CaseStatus, Category, Subtype

Row = dict[str, Any]
ADDER = ("added_by_id", "added_through_id", "added_from_id")
"""Who added a row is known by these together."""


class Names:
    """Looked up by ``learn``, a fixed number of queries a piece at most; then read row by row."""

    KEYS = ("category_id", "case__subtype_id", "case__status", *ADDER)

    def __init__(self) -> None:
        self._states = {status.value: str(status.label) for status in CaseStatus}
        self._categories: dict[int, Category] = {}
        self._subtypes: dict[int, Subtype] = {}
        self._adders: dict[tuple[Any, ...], str] = {}
        self._tags: dict[int, str] = {}

    def learn(self, rows: list[Row]) -> None:
        """Whatever of *rows* is not known yet; their tags, and no others."""
        categories = {row["category_id"] for row in rows} - self._categories.keys() - {None}
        if categories:
            self._categories |= Category.objects.in_bulk(categories)
        subtypes = {row["case__subtype_id"] for row in rows} - self._subtypes.keys()
        if subtypes:
            self._subtypes |= Subtype.objects.select_related("package").in_bulk(subtypes)
        self._learn_adders(rows)
        self._learn_tags(rows)

    def _learn_adders(self, rows: list[Row]) -> None:
        """By one row of each: what a label is made of is its model's business."""
        one_of_each = {_adder(row): row["pk"] for row in rows if _adder(row) not in self._adders}
        if one_of_each:
            found = Candidate.objects.with_adder().in_bulk(one_of_each.values())
            self._adders |= {
                adder: found[key].added_by_label
                for adder, key in one_of_each.items()
                if key in found
            }

    def _learn_tags(self, rows: list[Row]) -> None:
        marks = CandidateTag.objects.filter(candidate__in=[row["pk"] for row in rows])
        names: dict[int, list[str]] = {}
        for key, name in marks.order_by("tag__name").values_list("candidate", "tag__name"):
            names.setdefault(key, []).append(name)
        self._tags = {key: ", ".join(of_one) for key, of_one in names.items()}

    def state(self, row: Row) -> str:
        return self._states[row["case__status"]]

    def category(self, row: Row) -> str:
        return _name(self._categories.get(row["category_id"]))

    def tags(self, row: Row) -> str:
        return self._tags.get(row["pk"], "")

    def subtype(self, row: Row) -> str:
        return _name(self._subtypes.get(row["case__subtype_id"]))

    def package(self, row: Row) -> str:
        subtype = self._subtypes.get(row["case__subtype_id"])
        return _name(subtype and subtype.package)

    def adder(self, row: Row) -> str:
        return self._adders.get(_adder(row), "")


def _adder(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in ADDER)


def _name(row: Any) -> str:
    return row.name if row else ""  # "": it went away while the file was made
