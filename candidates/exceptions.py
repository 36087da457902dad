"""What can go wrong with candidates; no HTTP."""

from django.utils.translation import gettext_lazy as _


class CandidateError(Exception):
    """Base of the errors below."""


class DuplicateCandidate(CandidateError):
    """Unfinished cases of the company have the same e-mail, phone or employee id.

    ``others`` says who has which of ``email``, ``phone``, ``employee_id``; ``fields`` are its
    keys and ``candidate`` is the first of them.
    """

    def __init__(self, others):
        super().__init__(", ".join(others))
        self.others = others
        self.fields = list(others)
        self.candidate = next(iter(others.values()))


TAKEN = {
    "email": _("An unfinished case already has this e-mail"),
    "phone": _("An unfinished case already has this mobile number"),
    "employee_id": _("An unfinished case already has this employee id"),
}
"""What is said at each field of a DuplicateCandidate."""


class NoCredits(CandidateError):
    """The package has no credits left."""


class NoFunds(CandidateError):
    """The wallet holds less than the add-ons cost."""


class AddOnsIncomplete(CandidateError):
    """Add-ons need checks that are not ordered: ``missing`` maps each one's code to the other's."""

    def __init__(self, missing):
        super().__init__(", ".join(f"{code} needs {other}" for code, other in missing.items()))
        self.missing = missing


class NotAllowedNow(CandidateError):
    """The case or the check is in a state in which this can't be done."""


class FormIncomplete(CandidateError):
    """The verification form lacks ``steps``."""

    def __init__(self, steps):
        super().__init__(", ".join(step.name for step in steps))
        self.steps = steps


class NothingBrought(CandidateError):
    """A check lacks documents, and none came since that was said."""


class FileRefused(CandidateError):
    """A file is empty, too large or of a kind that isn't taken: ``message`` says which."""

    def __init__(self, message):
        super().__init__(str(message))
        self.message = message


class KeyReused(Exception):
    """An Idempotency-Key came again with another body."""


class KeyInUse(Exception):
    """The first call with the same Idempotency-Key is still worked on."""
