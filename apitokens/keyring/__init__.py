"""The signing keys: kid → key, algorithm, state.

A key is in one of four states: ``next`` verifies, ``active`` signs and verifies, ``verify``
verifies and re-signs copies, ``retired`` does nothing. Exactly one is active. They come from
``APITOKENS_KEYS`` or from ``APITOKENS_KEYS_FILE``, which alone is read anew when it changes.
"""

from apitokens.keyring.keys import ALGORITHMS, STATES, Key
from apitokens.keyring.ring import Keyring
from apitokens.keyring.source import get_keyring

__all__ = ["ALGORITHMS", "STATES", "Key", "Keyring", "get_keyring"]
