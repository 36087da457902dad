"""Which records start a check, and with which package: what an Admin chose for a connection.

``{"stages": {key: subtype or 0}, "categories": {key: subtype}, "default": subtype or 0,
"category": pk or 0, "filled_by": "candidate" | "hr"}``; 0 is: none of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from candidates.models import FilledBy
from integrations.inbound.contract import Record


@dataclass(frozen=True, slots=True)
class Choice:
    """A record that starts a check: by which *stage*, and with which *subtype*, if any is said."""

    stage: str
    subtype: int | None


def choice_for(mapping: Mapping[str, Any], record: Record) -> Choice | None:
    """None: in no stage that starts one. A category says more than a stage, that more than all."""
    stages = mapping.get("stages", {})
    stage = next((key for key in record.stages if key in stages), None)
    if stage is None:
        return None
    categories = mapping.get("categories", {})
    by_category = next((categories[key] for key in record.categories if key in categories), 0)
    return Choice(stage, by_category or stages[stage] or mapping.get("default") or None)


def filled_by(mapping: Mapping[str, Any]) -> FilledBy:
    return FilledBy(mapping.get("filled_by", FilledBy.CANDIDATE))


def reads_categories(mapping: Mapping[str, Any]) -> bool:
    return bool(mapping.get("categories"))
