"""Endpoints, and candidates whose cases change."""

import pytest

from integrations.models import Endpoint, EventType
from integrations.outbound.endpoints import give_secret
from tests.candidates.conftest import add, foreign, foreign_subtype, meera, private_folder
from tests.integrations.receiver import receiver

__all__ = ["add", "foreign", "foreign_subtype", "meera", "private_folder"]


def make_endpoint(company, *types, **fields):
    """An endpoint that wants *types*, or all, past the services."""
    events = " ".join(types or EventType.values)
    url = f"https://hooks.acme.test/{Endpoint.objects.count()}"
    fields = {"url": url, "events": events, **fields}
    return Endpoint.objects.create(company=company, **fields)


@pytest.fixture
def endpoint(acme):
    return make_endpoint(acme)


@pytest.fixture
def customer():
    """A system of Acme's that takes what comes."""
    with receiver() as server:
        yield server


@pytest.fixture
def hook(acme, customer):
    """An endpoint there, with ``secret``."""
    endpoint = make_endpoint(acme, url=f"{customer.url}/")
    endpoint.secret = give_secret(endpoint)
    return endpoint
