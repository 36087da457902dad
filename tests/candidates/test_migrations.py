"""Cases from before there were checks keep their state, candidates their tags."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from candidates.models import Case, CaseStatus, CreditEntry
from candidates.services.status import status_of

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = [("candidates", "0003_people_of_categories")]


def migrate(targets):
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


@pytest.fixture
def before():
    yield migrate(BEFORE)
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def make_cases(apps):
    """One in each state, of a subtype with two checks, and a package without any credits."""
    model = apps.get_model
    company = model("accounts", "Company").objects.create(name="Old", slug="old")
    package = model("candidates", "Package").objects.create(company=company, name="P", credits=7)
    model("candidates", "Package").objects.create(company=company, name="Empty")
    subtype = model("candidates", "Subtype").objects.create(package=package, name="S")
    for position, code in enumerate(["identity", "address"]):
        subtype.checks.create(code=code, name=code, position=position)
    for status in CaseStatus:
        candidate = model("candidates", "Candidate").objects.create(
            company=company, name="Meera Iyer", phone=f"98450123{status:02}"
        )
        model("candidates", "Case").objects.create(
            candidate=candidate, company=company, subtype=subtype, status=status
        )


def test_every_state_follows_from_the_checks_that_a_case_is_given(before):
    make_cases(before)
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    cases = list(Case.objects.all())
    assert {case.status for case in cases} == set(CaseStatus)
    for case in cases:
        checks = [check.status for check in case.checks.all()]
        assert len(checks) == 2
        assert status_of(case, checks) == case.status
    entry = CreditEntry.objects.get()
    assert (entry.change, entry.balance, entry.reason) == (7, 7, "opening")


@pytest.fixture
def latest():
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_tags_stay_on_candidates_when_they_get_a_model_and_when_it_goes(latest):
    model = migrate([("candidates", "0014_search")]).get_model
    company = model("accounts", "Company").objects.create(name="Old", slug="old")
    candidate = model("candidates", "Candidate").objects.create(company=company, name="Meera Iyer")
    for name in ("Campus", "Urgent"):
        candidate.tags.add(model("candidates", "Tag").objects.create(company=company, name=name))
    for target in ("0015_list_filters", "0014_search"):
        model = migrate([("candidates", target)]).get_model
        kept = model("candidates", "Candidate").objects.get().tags.values_list("name", flat=True)
        assert sorted(kept) == ["Campus", "Urgent"]
