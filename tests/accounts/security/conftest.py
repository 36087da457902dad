"""Companies with rules."""

import pytest

from accounts.security.models import SecurityPolicy


def set_policy(company, **values):
    """Give *company* these settings, past the services; what isn't named stays."""
    SecurityPolicy.objects.update_or_create(company=company, defaults=values)


def listed(*names):
    return [
        {"name": name, "added_at": "2026-11-01T00:00:00+00:00", "added_by": "X"} for name in names
    ]


@pytest.fixture
def rules(acme):
    """rules(**settings) of Acme."""
    return lambda **values: set_policy(acme, **values)
