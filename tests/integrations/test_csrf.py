"""Of all pages about integrations the one that other systems call takes a foreign POST alone."""

import pytest
from django.test import Client
from django.urls import resolve

from tests.accounts.security.test_walk import ALL

pytestmark = pytest.mark.django_db
OURS = [address for address in ALL if address.startswith("/integrations/")]


def test_the_walk_reaches_them():
    assert len(OURS) > 25


@pytest.mark.parametrize("address", OURS)
def test_a_post_from_elsewhere_is_refused_but_where_messages_come_in(address, admin):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin)
    is_for_messages = resolve(address).view_name == "connections:receive"
    assert strict.post(address).status_code == (401 if is_for_messages else 403)
