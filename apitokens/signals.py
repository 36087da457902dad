"""Signals of a token's life, sent when the transaction has committed, never with a secret.

Every signal carries ``token`` (APIToken), ``actor`` (the user who did it, or None) and, as
``sender``, the APIToken class. ``token_renamed`` adds ``old_name``; ``token_limited`` adds
``before`` and ``after`` (``{"scope", "networks"}``); ``token_taken_over`` adds ``before`` (the
user whom it acted as, or None).
"""

from django.dispatch import Signal

token_issued = Signal()
token_renamed = Signal()
token_copied = Signal()
token_limited = Signal()
token_rotated = Signal()
token_cut = Signal()
token_suspended = Signal()
token_resumed = Signal()
token_taken_over = Signal()
token_deleted = Signal()
