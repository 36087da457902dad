"""What other apps let an Admin give to HR people: the portal's categories of candidates.

An app below none of these registers its own from ``AppConfig.ready``.
"""

from typing import Protocol


class Duties(Protocol):
    """One kind of thing that people can be responsible for."""

    label: str
    help_text: str

    def choices(self, company):
        """[(value, text)] of what *company* has, values as strings."""

    def of(self, people):
        """{primary key: [value, …]} for those of *people* that have any, in one query."""

    def assign(self, person, values):
        """*person* has exactly *values* from now on, all from ``choices`` of their company."""


_registered: list[Duties] = []


def register(duties):
    _registered.append(duties)


def registered():
    return tuple(_registered)


def texts_of(company, people):
    """{primary key: "Engineering, Sales"} of *people*."""
    found = {}
    for duties in registered():
        texts = dict(duties.choices(company))
        for key, values in duties.of(people).items():
            found.setdefault(key, []).extend(texts[value] for value in values if value in texts)
    return {key: ", ".join(texts) for key, texts in found.items()}
