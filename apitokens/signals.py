"""Signals of a token's life, sent when the transaction has committed, never with a secret.

Every signal carries ``token`` (APIToken), ``actor`` (the user who did it, or None) and, as
``sender``, the APIToken class. ``token_renamed`` adds ``old_name``.
"""

from django.dispatch import Signal

token_issued = Signal()
token_renamed = Signal()
token_copied = Signal()
token_deleted = Signal()
