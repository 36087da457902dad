"""The life of a token: issue, import, rename, copy, limit, rotate, suspend, resume, take over,
delete.

The only writers. Each act and its line of history commit together; signals follow the commit. A
JWT is returned once and kept nowhere: copying signs it again. *actor* is the person who acts (a
user, or None for a command), *address* where the request came from.
"""

from apitokens.services.importing import OldSecret, check_import, import_secret
from apitokens.services.issuing import check_lifetime, issue_token
from apitokens.services.leaving import take_over_all, tokens_of
from apitokens.services.limits import (
    clean_networks,
    clean_scopes,
    default_scopes,
    is_widening,
    limit_token,
)
from apitokens.services.living import (
    copy_token,
    delete_token,
    rename_token,
    resume_token,
    suspend_token,
    take_over_token,
)
from apitokens.services.pruning import erase_history, prune
from apitokens.services.rotation import OVERLAPS, cut_old_credentials, rotate_itself, rotate_token
from apitokens.services.rows import clean_name

__all__ = [
    "OVERLAPS",
    "OldSecret",
    "check_import",
    "check_lifetime",
    "clean_name",
    "clean_networks",
    "clean_scopes",
    "copy_token",
    "cut_old_credentials",
    "default_scopes",
    "delete_token",
    "erase_history",
    "import_secret",
    "is_widening",
    "issue_token",
    "limit_token",
    "prune",
    "rename_token",
    "resume_token",
    "rotate_itself",
    "rotate_token",
    "suspend_token",
    "take_over_all",
    "take_over_token",
    "tokens_of",
]
