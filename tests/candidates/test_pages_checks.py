"""The checks on a candidate's page: how each stands, for those who may know it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apitokens.attribution import Actor
from candidates.demo.states import bring_to
from candidates.models import AddOn, CaseStatus, CheckStatus, Reason
from candidates.services.checks import close_check, hold_check, set_check
from candidates.templatetags.candidates import CHECK_LOOKS
from tests.candidates.conftest import add
from tests.factories import CheckFactory, StaffFactory


@pytest.fixture
def staff(db):
    return Actor(StaffFactory(name="Operations"))


def panel(client, candidate):
    response = client.get(reverse("candidates:detail", args=[candidate.pk]))
    assert response.status_code == 200
    return response.content.decode().split('id="checks"')[1].split("</section>")[0]


@pytest.fixture
def worked(meera, staff):
    """Identity verified, address held."""
    bring_to(case=meera.case, status=CaseStatus.PROCESSING, actor=staff)
    checks = {check.kind.code: check for check in meera.case.checks.select_related("kind")}
    set_check(
        check=checks["identity"], status=CheckStatus.VERIFIED, actor=staff, found="The name agrees"
    )
    until = timezone.now() + timedelta(days=7)
    hold_check(check=checks["address"], reason=Reason.WAITING, until=until, actor=staff)
    return meera


def test_the_checks_ordered_are_listed_and_no_others(admin_client, admin, acme, subtype):
    subtype.checks.add(CheckFactory(code="court", name="Court record", icon="bank"))
    drug = AddOn.objects.create(
        company=acme, kind=CheckFactory(code="drug", name="Drug", icon="droplet"), price=0
    )
    candidate = add(admin, subtype, add_ons=[drug])
    subtype.checks.add(CheckFactory(code="later", name="Ordered by others later"))
    shown = panel(admin_client, candidate)
    for known in ("Court record", "icons.svg#bank", "Drug", "icons.svg#droplet"):
        assert known in shown
    assert shown.count("Add-on") == 1
    assert "later" not in shown


@pytest.mark.parametrize("who", ["admin_client", "hr_client"])
def test_each_check_shows_its_state_what_was_found_and_when(request, who, worked, hr):
    worked.added_by = hr
    worked.save()
    shown = panel(request.getfixturevalue(who), worked)
    assert "1 of 2 finished" in shown
    assert "Found: The name agrees" in shown
    for tone, word in (("green", "Verified"), ("black", "On hold")):
        assert f"tone-{tone}" in shown
        assert word in shown
    assert "Waiting for the candidate" in shown
    assert "Until " in shown
    assert shown.count("<time") == 2


def test_a_recruiter_sees_which_checks_there_are_and_nothing_of_how_they_stand(
    recruiter_client, recruiter, worked
):
    worked.added_by = recruiter
    worked.save()
    shown = panel(recruiter_client, worked)
    assert "Identity" in shown
    for hidden in (
        "badge", "Verified", "On hold", "finished", "Found", "agrees", "Waiting", "<time",
        "Until", str(timezone.now().year),
    ):  # fmt: skip
        assert hidden not in shown


def test_why_a_check_was_given_up_is_told(admin_client, worked, staff):
    address = worked.case.checks.get(kind__code="address")
    close_check(check=address, reason=Reason.NOT_NEEDED, actor=staff)
    shown = panel(admin_client, worked)
    assert "Not needed any more" in shown
    assert "2 of 2 finished" in shown


@pytest.mark.parametrize("status", CheckStatus)
def test_every_state_has_a_tone_and_an_icon(status):
    assert len(CHECK_LOOKS[status]) == 2


def test_what_was_found_is_shown_and_not_run(admin_client, worked, staff):
    identity = worked.case.checks.get(kind__code="identity")
    set_check(check=identity, status=CheckStatus.MAJOR, actor=staff, found="<img src=x onerror=y>")
    assert "Found: &lt;img src=x" in panel(admin_client, worked)


def test_many_checks_take_no_more_queries_than_few(
    admin_client, admin, subtype, django_assert_num_queries
):
    for number in (0, 9):
        subtype.checks.add(*(CheckFactory(code=f"more-{n}") for n in range(number)))
        candidate = add(admin, subtype)
        with django_assert_num_queries(8):
            panel(admin_client, candidate)
