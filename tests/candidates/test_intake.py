"""The page behind bgv_url: for whoever has the link, while it is good."""

from datetime import timedelta

import pytest
import time_machine
from django.core.signing import TimestampSigner
from django.utils import timezone

from candidates.intake.links import LIFETIME, bgv_url
from tests.factories import CheckFactory


def test_the_page_says_who_asks_about_whom_and_what(client, meera):
    court = CheckFactory(code="court-record", name="Court record", icon="bank")
    meera.case.checks.create(kind=court)
    response = client.get(bgv_url(meera))
    page = response.content.decode()
    assert response.status_code == 200
    for words in ("Acme Corp", "Meera Iyer", "Court record", "Begin"):
        assert words in page
    assert meera.email not in page
    assert meera.phone not in page


@pytest.mark.parametrize("good", [True, False])
def test_the_link_is_told_to_nobody_and_kept_nowhere(client, meera, good):
    response = client.get(bgv_url(meera) if good else "/bgv/forged/")
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


def test_the_link_works_for_30_days(client, meera):
    url, now = bgv_url(meera), timezone.now()
    with time_machine.travel(now + LIFETIME - timedelta(minutes=1)):
        assert client.get(url).status_code == 200
    with time_machine.travel(now + LIFETIME + timedelta(minutes=1)):
        response = client.get(url)
    assert response.status_code == 404
    assert "This link does not work" in response.content.decode()


def forged(candidate):
    good = bgv_url(candidate).split("/")[2]
    value, stamp, signature = good.split(":")
    other_salt = TimestampSigner(salt="something.else").sign(candidate.uuid.hex)
    no_salt = TimestampSigner().sign(candidate.uuid.hex)
    return [
        candidate.uuid.hex, str(candidate.pk), "x", "::", value, f"{value}:{stamp}",
        f"{value}:{stamp}:{signature[:-2]}", f"{'0' * 32}:{stamp}:{signature}",
        f"{value}:zzzzzz:{signature}", good + "x", other_salt, no_salt, "%00", "%ed%a0%80",
        "x" * 5000,
    ]  # fmt: skip


@pytest.mark.parametrize("number", range(15))
def test_a_forged_link_is_404_in_clear_words(client, meera, number):
    response = client.get(f"/bgv/{forged(meera)[number]}/")
    assert response.status_code == 404
    assert "This link does not work" in response.content.decode()
    assert "Meera" not in response.content.decode()


def test_the_link_of_a_candidate_who_is_gone_is_404(client, meera):
    url = bgv_url(meera)
    meera.delete()
    assert client.get(url).status_code == 404


def test_the_link_of_a_suspended_company_is_404(client, acme, meera):
    acme.is_active = False
    acme.save()
    assert client.get(bgv_url(meera)).status_code == 404


def test_markup_in_names_is_shown_and_not_run(client, acme, meera):
    acme.name = "<script>a</script>"
    acme.save()
    assert "<script>a" not in client.get(bgv_url(meera)).content.decode()
