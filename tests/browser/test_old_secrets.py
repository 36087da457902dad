"""Old secrets of other packages on the pages, in a browser: who uses them, and cutting them off."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.apitokens.old import imported
from tests.browser.conftest import assert_accessible
from tests.browser.test_accessibility import VIEWS

LIST = "/security-settings/api/"


@pytest.fixture
def used(admin, token):
    """A token whose old knox secret is in use, and one whose old API key is not."""
    known = {"last_used_at": timezone.now() - timedelta(hours=3), "last_used_from": "203.0.113.7"}
    imported("rest_framework_api_key", admin, name="Partner portal")
    found, _secret = imported("knox", admin, name="Nightly export", ends_in=timedelta(days=96))
    found.legacy_credentials.update(**known)
    return found


@pytest.mark.parametrize("options", VIEWS)
def test_axe_finds_nothing_where_old_secrets_are_shown(open_page, admin, used, options):
    page = open_page(user=admin, **options)
    for number, path in enumerate(["", f"{used.public_id}/", f"{used.public_id}/rotate/"]):
        page.goto(LIST + path)
        assert_accessible(page, f"old-secrets-{number}")


def test_an_old_secret_is_cut_off_where_it_is_shown(page, used):
    page.goto(f"{LIST}{used.public_id}/")
    expect(page.get_by_text("Old knox secret", exact=True)).to_be_visible()
    page.get_by_role("button", name="Cut now: the old credential of Nightly export").click()
    expect(page.get_by_text("has ended")).to_be_visible()
    expect(page.get_by_text("Old knox secret", exact=True)).to_have_count(0)
