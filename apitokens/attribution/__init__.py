"""Who did it: a person, or a program with a token.

``Attributed``, or ``attribution_fields()`` where a model can't take it, gives a model its two
columns; ``actor_of(request)`` says whom to write into them, and ``adder_of(row)`` whom they name.
Nothing else in a project builds the text ``API(Token Name)``: ``label_with`` does, and the like
of it for a source of the host's own.
"""

from apitokens.attribution.actor import Actor, actor_of, label_of
from apitokens.attribution.querysets import AttributedQuerySet
from apitokens.attribution.rows import Attributed, adder_of, attributed_to, attribution_fields
from apitokens.attribution.serializers import AddedByField
from apitokens.models import label_with

__all__ = [
    "Actor",
    "AddedByField",
    "Attributed",
    "AttributedQuerySet",
    "actor_of",
    "adder_of",
    "attributed_to",
    "attribution_fields",
    "label_of",
    "label_with",
]
