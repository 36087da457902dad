"""Whatever is sent, each call keeps to the OpenAPI schema: schemathesis against the application.

A few examples of each call here; ``make test-schema`` sends 200, valid and invalid ones.
"""

import os
from collections import defaultdict
from itertools import count

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from apitokens.attribution import Actor
from apitokens.conf import conf
from candidates.demo.states import bring_to
from candidates.external.doc_examples_v2 import SUBMIT
from candidates.external.paging import cursor_after
from candidates.models import CaseStatus, Package
from tests.candidates.conftest import add
from tests.factories import CategoryFactory, StaffFactory, TagFactory, make_token

EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "5"))
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.positive_data_acceptance,
    checks.missing_required_header,
    checks.unsupported_method,
    checks.allow_header_conformance,
    checks.use_after_free,
    checks.ensure_resource_availability,
    checks.object_level_authorization,
    checks.ignored_auth,
]
names = (f"Token {n}" for n in count())
schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", get_wsgi_application())


@pytest.fixture(scope="module")
def statuses():
    """Call → every status that it answered: each call must have been answered with 200."""
    seen = defaultdict(set)
    yield seen
    assert {label for label, found in seen.items() if 200 not in found} == set()


@pytest.fixture
def connection_kept(db):
    """As Django's own test client does it: the test's transaction outlives each request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def ids(acme, admin, subtype):
    """Rows of the company that valid examples name."""
    Package.objects.update(credits=10**6)
    rows = [add(admin, subtype, email=f"p{n}@x.test") for n in range(3)]
    bring_to(case=rows[0].case, status=CaseStatus.COMPLETED, actor=Actor(StaffFactory()))
    return {
        "subtype_id": subtype.pk,
        "package_id": subtype.package_id,
        "category_id": CategoryFactory(company=acme).pk,
        "tags": [{"id": TagFactory(company=acme).pk}],
        "candidate_id": rows[0].pk,  # finished: it has a report
        "unfinished": rows[1].pk,
        "email": rows[1].email,
        "cursor": cursor_after(rows[2].pk, acme),
        "phone": map(str, count(6_000_000_000)),
    }


def name_what_exists(case, ids):
    """Valid examples name rows that are there, and each another person.

    Of e-mails and days a schema can't say all that is asked.
    """
    if isinstance(case.query, dict):
        if "cursor" in case.query:  # either, which OpenAPI can't say
            case.query.pop("offset", None)
        case.query |= {name: ids[name] for name in case.query.keys() & ids.keys()}
    if isinstance(case.body, dict) and "candidate" in case.body:
        candidate, package = case.body["candidate"], case.body["package"]
        for part in (candidate, package):
            part |= {name: ids[name] for name in part.keys() & ids.keys() - {"email", "phone"}}
        phone = next(ids["phone"])
        candidate |= {"name": "Meera", "phone": phone, "email": f"{phone}@x.test"}
        candidate.pop("employee_id", None)
        candidate |= {"alternate_email": "m@x.test"} if "alternate_email" in candidate else {}
    if isinstance(case.body, dict) and "basic_details" in case.body:
        case.body |= {**SUBMIT, "candidate_id": ids["unfinished"]}
        job = case.body.get("employment", {}).get("employment_1", {})
        job |= dict.fromkeys(job.keys() & {"start_date", "end_date"}, "2019-06-01")
    if isinstance(case.body, dict):
        case.body = storable(case.body)


def storable(value):
    """*value* without NUL, which a schema can't forbid in members that it doesn't name."""
    match value:
        case str():
            return value.replace("\0", "")
        case list():
            return [storable(item) for item in value]
        case dict():
            return {storable(name): storable(item) for name, item in value.items()}
    return value


def is_without_token(case):
    """Whether what is wrong with the call is its Authorization: then it is sent as it is."""
    mutations = case.meta.phase.data.mutations
    return any("Authorization" in (m.parameter, m.original_value) for m in mutations)


@schema.parametrize()
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
def test_every_call_keeps_to_its_schema(case, acme, admin, ids, statuses, connection_kept):
    if case.meta.generation.mode.is_positive:
        name_what_exists(case, ids)
    # Of its own for each: one that rotated itself can't do so again.
    _, jwt = make_token(owner=acme, user=admin, name=next(names), scopes=list(conf.scopes))
    headers = {} if is_without_token(case) else {"Authorization": f"Bearer {jwt}"}
    response = case.call_and_validate(headers=headers, checks=CHECKS)
    statuses[case.operation.label].add(response.status_code)


def test_no_call_is_left_out():
    described = {operation.ok().label for operation in schema.get_all_operations()}
    assert described == {
        "GET /external/v1/candidate/packages", "POST /external/v1/candidate/add",
        "GET /external/v1/candidate/details", "GET /external/v1/me", "POST /external/v1/me/rotate",
        "POST /external/v2/candidate/submit-bgv",
        "GET /external/v1/candidate/report/pdf",
    }  # fmt: skip
