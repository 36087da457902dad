"""Search: whose name, surname, e-mail or mobile begins with what was typed, ignoring case.

On PostgreSQL an index for each finds them (migration 0014), in the order of the texts and not of
the list. So all that match are fetched as keys and sorted, if they are FEW_FOUND at most; of more,
walking the list soon meets a page's.
"""

from django.db import connections
from django.db.models import CharField, F, Func, Q
from django.db.models.lookups import IStartsWith, StartsWith

FEW_FOUND = 12_000


class LastWord(Func):
    """The surname, as it is written in most places."""

    template = "SUBSTRING(%(expressions)s FROM '[^ ]+$')"
    output_field = CharField()


def typed(words):
    """Digits as a mobile is kept: without the groups in which people write them."""
    together = "".join(words.split())
    return together if together.isdigit() else words


def conditions(words, database):
    """Each way to match *words*. Names have neither digits nor an at sign."""
    words = typed(words)
    email = IStartsWith(F("email"), words)
    if "@" in words:
        return [email]
    if words.isdigit():
        return [StartsWith(F("phone"), words), email]
    return [IStartsWith(F("name"), words), of_last_word(words, database), email]


def of_last_word(words, database):
    """SQLite has no such function, and nothing to find it by: any later word."""
    if connections[database].vendor == "postgresql":
        return IStartsWith(LastWord("name"), words)
    return Q(name__icontains=f" {words}")


def matching(rows, words):
    """Those *rows* that match."""
    either = Q()
    for condition in conditions(words, rows.db):
        either |= Q(condition)
    return rows.filter(either)


def matching_keys(rows, words):
    """Their keys, or None: more than FEW_FOUND. One query for each way."""
    found = set()
    for condition in conditions(words, rows.db):
        some = rows.filter(condition).order_by().values_list("pk", flat=True)
        found.update(some[: FEW_FOUND + 1])
        if len(found) > FEW_FOUND:
            return None
    return found
