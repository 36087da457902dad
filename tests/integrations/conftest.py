"""Endpoints, and candidates whose cases change."""

import pytest

from integrations.models import Endpoint, EventType
from tests.candidates.conftest import add, foreign, foreign_subtype, meera, private_folder

__all__ = ["add", "foreign", "foreign_subtype", "meera", "private_folder"]


def make_endpoint(company, *types, **fields):
    """An endpoint that wants *types*, or all, past the services."""
    events = " ".join(types or EventType.values)
    fields = {"url": "https://hooks.acme.test/bgv", "events": events, **fields}
    return Endpoint.objects.create(company=company, **fields)


@pytest.fixture
def endpoint(acme):
    return make_endpoint(acme)
