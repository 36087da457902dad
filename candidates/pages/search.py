"""Search: whose name, surname, e-mail or mobile begins with what was typed, ignoring case.

On PostgreSQL an index for each finds them (migration 0014), in the order of the texts and not of
the list. So of all that match the database keeps the newest: as quick on any page, and slow only
with some hundred thousand that match. Those meet a page among the newest rows of the list, where
is looked first.
"""

from django.db import connections
from django.db.models import CharField, F, Func, Q
from django.db.models.lookups import IStartsWith, StartsWith

from candidates.pages.ordering import is_backwards


class LastWord(Func):
    """The surname, as it is written in most places."""

    template = "SUBSTRING(%(expressions)s FROM '[^ ]+$')"
    output_field = CharField()


def has_indexes(database):
    return connections[database].vendor == "postgresql"


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
    """Others have no such function, and nothing to find it by: any later word."""
    if has_indexes(database):
        return IStartsWith(LastWord("name"), words)
    return Q(name__icontains=f" {words}")


def matching(rows, words):
    """Those *rows* that match."""
    either = Q()
    for condition in conditions(words, rows.db):
        either |= Q(condition)
    return rows.filter(either)


def first_matching(rows, words, order, cursor, amount):
    """What the first *amount* of *rows* at *cursor* that match are ordered by, in their order.

    One query for each way, by the index of its texts.
    """
    found = set()
    for condition in conditions(words, rows.db):
        some = order.apart(rows.filter(condition), cursor)
        found.update(some.values_list(*order.columns)[:amount])
    return sorted(found, reverse=not is_backwards(cursor))[:amount]
