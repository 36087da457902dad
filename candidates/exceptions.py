"""What can go wrong with candidates; no HTTP."""


class CandidateError(Exception):
    """Base of the errors below."""


class DuplicateCandidate(CandidateError):
    """An unfinished case of the company has the same e-mail, phone or employee id.

    ``fields`` names which of ``email``, ``phone``, ``employee_id``; ``candidate`` is the other.
    """

    def __init__(self, fields, candidate):
        super().__init__(", ".join(fields))
        self.fields = fields
        self.candidate = candidate


class NoCredits(CandidateError):
    """The package has no credits left."""
