"""Catalogue and credits, candidates, their cases and documents, and the log of what happened."""

from candidates.models.bulk import BulkImport, BulkRow
from candidates.models.candidate import Candidate, CandidateQuerySet, CandidateTag
from candidates.models.case import Case, CaseStatus, Decision, FilledBy, Reason
from candidates.models.catalogue import AddOn, Category, Check, Package, Subtype, Tag
from candidates.models.checks import CaseCheck, CheckStatus
from candidates.models.credits import CreditEntry, Wallet
from candidates.models.documents import Document, VerificationForm
from candidates.models.draft import CandidateDraft, DraftFile
from candidates.models.idempotency import IdempotencyKey
from candidates.models.log import LogEntry
from candidates.models.source import Source

__all__ = [
    "AddOn",
    "BulkImport",
    "BulkRow",
    "Candidate",
    "CandidateDraft",
    "CandidateQuerySet",
    "CandidateTag",
    "Case",
    "CaseCheck",
    "CaseStatus",
    "Category",
    "Check",
    "CheckStatus",
    "CreditEntry",
    "Decision",
    "Document",
    "DraftFile",
    "FilledBy",
    "IdempotencyKey",
    "LogEntry",
    "Package",
    "Reason",
    "Source",
    "Subtype",
    "Tag",
    "VerificationForm",
    "Wallet",
]
