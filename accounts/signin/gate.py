"""Who may sign in: asked for every method, before the first step and after the last.

A password, a passkey, Google: each of them ends here, and a company's policy is asked here.
"""

from allauth.account.internal.flows.login import get_authentication_records

from accounts.security.signing_in import refused_log_in


def reason_against(request, user):
    """Why *user*, who has just proven who they are, may not sign in now, in words, or None."""
    found = refused_log_in(request, user, get_authentication_records(request, user))
    return found.message if found else None
