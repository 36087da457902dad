"""The README's pictures, taken anew by `make screenshots`; not part of the suite."""

from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models import User

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"


@pytest.mark.django_db(transaction=True)
def test_take_the_picture_of_the_api_tab(open_page):
    call_command("seed_demo", "--force")
    page = open_page(
        user=User.objects.get(email="admin@acme.test"), viewport={"width": 1280, "height": 680}
    )
    page.goto("/security-settings/api/")
    page.get_by_role("button", name="Copy token Interview day").hover()
    page.wait_for_timeout(300)
    IMAGES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=IMAGES / "api-tab.png")
