"""Catalogue, candidates, their cases, and the log of what happened to them."""

from candidates.models.candidate import Candidate, CandidateQuerySet
from candidates.models.case import Case, CaseStatus
from candidates.models.catalogue import Category, Check, Package, Subtype, Tag
from candidates.models.log import LogEntry

__all__ = [
    "Candidate",
    "CandidateQuerySet",
    "Case",
    "CaseStatus",
    "Category",
    "Check",
    "LogEntry",
    "Package",
    "Subtype",
    "Tag",
]
