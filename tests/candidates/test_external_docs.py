"""The OpenAPI schema and its page."""

import json

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import resolve

from apitokens.permissions import required_scopes
from candidates.external import doc_examples as examples
from candidates.external import doc_examples_v2 as examples_v2
from candidates.external import docs_v2
from candidates.external.errors import INVALID
from candidates.external.serializers import AddInput
from tests.candidates.external import ADD, DETAILS, ME, PACKAGES, ROTATE
from tests.candidates.test_external_shapes import shape
from tests.candidates.test_external_submit import SUBMIT
from tests.conftest import bearer
from tests.documented import PAGE, documented
from tests.factories import CategoryFactory, SubtypeFactory, TagFactory, make_token

SCHEMA, DOCS = "/api/schema/", "/api/docs/"


@pytest.fixture(scope="module")
def schema():
    return Client().get(SCHEMA, headers={"accept": "application/json"}).json()


def test_the_schema_is_valid_and_without_a_warning(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yml"))


REPORT = "/external/v1/candidate/report/pdf"


def test_the_seven_calls_and_nothing_else_are_described(schema):
    calls = {(path, method) for path, item in schema["paths"].items() for method in item}
    assert calls == {(PACKAGES, "get"), (ADD, "post"), (DETAILS, "get"), (ME, "get"),
                     (ROTATE, "post"), (SUBMIT, "post"), (REPORT, "get")}  # fmt: skip


def test_a_bearer_jwt_is_the_only_way_in(schema):
    (name, scheme), *others = schema["components"]["securitySchemes"].items()
    assert (scheme["type"], scheme["scheme"], scheme["bearerFormat"]) == ("http", "bearer", "JWT")
    assert not others
    for item in schema["paths"].values():
        assert [operation["security"] for operation in item.values()] == [[{name: []}]]


def test_the_scopes_described_are_those_that_the_views_ask_for(schema):
    asked = {}
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            scopes = required_scopes(resolve(path).func.view_class, method.upper())
            assert operation["x-required-scopes"] == scopes
            assert all(f"`{name}`" in operation["description"] for name in scopes)
            asked[path] = scopes
    assert asked[PACKAGES] == asked[DETAILS] == ["candidates:read"]
    assert (asked[ADD], asked[ROTATE]) == (["candidates:write"], ["tokens:rotate-self"])
    assert asked[ME] == []


@pytest.mark.parametrize(
    ("address", "method", "more"),
    [(PACKAGES, "get", set()), (ADD, "post", {"409", "413", "415", "422"}),
     (DETAILS, "get", {"404"}), (ME, "get", set()), (ROTATE, "post", {"409", "413", "415"}),
     (SUBMIT, "post", {"404", "409", "413", "415"})],
)  # fmt: skip
def test_every_status_is_described_with_an_example(schema, address, method, more):
    responses = schema["paths"][address][method]["responses"]
    assert responses.keys() == {"200", "400", "401", "403", "405", "429", "500", "503"} | more
    assert all(r["content"]["application/json"]["examples"] for r in responses.values())


def test_the_body_of_add_is_described_with_an_example(schema):
    content = schema["paths"][ADD]["post"]["requestBody"]["content"]
    assert content.keys() == {"application/json"}
    assert content["application/json"]["examples"]


def test_the_schema_says_what_a_body_may_hold(schema):
    shapes = schema["components"]["schemas"]
    candidate, address = (
        shapes[name]["properties"] for name in ("CandidateInput", "AddressAnswers")
    )
    assert candidate["tags"]["maxItems"] == 50
    assert address["documents"]["maxItems"] == 10
    assert candidate["uan_number"]["oneOf"][0]["pattern"] == "^[0-9]{12}$"
    assert address["pin_code"]["pattern"] == "^[0-9]{6}$"
    assert shapes["EmploymentAnswers"]["properties"]["start_date"]["format"] == "date"
    rotation = schema["paths"][ROTATE]["post"]["requestBody"]["content"]["application/json"]
    assert rotation["schema"]["additionalProperties"] is False


@pytest.mark.django_db
def test_the_example_of_add_is_valid_where_its_ids_exist(acme):
    CategoryFactory(company=acme, pk=examples.ADD["candidate"]["category_id"])
    TagFactory(company=acme, pk=examples.ADD["candidate"]["tags"][0]["id"])
    SubtypeFactory(package__company=acme, pk=examples.ADD["package"]["subtype_id"])
    given = AddInput(data=examples.ADD, context={"company": acme})
    assert given.is_valid(), given.errors


def test_page_and_schema_set_no_cookie_and_need_no_log_in(db):
    for address in (DOCS, SCHEMA):
        response = Client().get(address)
        assert response.status_code == 200
        assert not response.cookies


def test_the_page_has_nothing_inline(client, db):
    page = client.get(DOCS).content.decode()
    assert "<style" not in page
    assert "style=" not in page
    assert page.count("<script src=") == page.count("<script") == 2


# docs/api.md --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("heading", "example"),
    [("What can be ordered?", examples.PACKAGES), ("Add a candidate", examples.ADDED),
     ("Follow a case", examples.DETAILS), ("Which token is this?", examples.ME),
     ("Rotate the token", examples.ROTATED),
     ("Fill in the form yourself", [
         examples_v2.SUBMIT, examples_v2.SUBMITTED,
         {"message": INVALID, "errors": [dict(zip(docs_v2.KEYS, fault, strict=True))
                                         for fault in examples_v2.FAULTS]},
     ]),
     ("Errors", {"message": INVALID, "errors": [dict(zip(("path", "msg"), fault, strict=True))
                                                for fault in examples.FAULTS]})],
)  # fmt: skip
def test_the_page_shows_the_schemas_own_examples(heading, example):
    assert documented(heading) == (example if isinstance(example, list) else [example])


@pytest.mark.django_db
def test_me_and_rotate_answer_as_documented(acme, admin, time_machine):
    time_machine.move_to("2026-07-01T10:00:00+05:30", tick=False)
    _, jwt = make_token(owner=acme, user=admin, scopes=["tokens:rotate-self"])
    api = bearer(jwt)
    assert shape(api.get(ME).json() | {"scopes": 0}) == shape(examples.ME | {"scopes": 0})
    rotated = api.post(ROTATE).json()
    assert rotated == {**examples.ROTATED, "token": rotated["token"]}
    assert rotated["token"].startswith(examples.ROTATED["token"].rstrip("…"))


@pytest.mark.django_db
def test_refusals_are_written_as_they_are_served(acme, admin):
    """The two blocks of the page: status line, challenge and body."""
    _, jwt = make_token(owner=acme, user=admin, scopes=["candidates:read"])
    for response in (bearer("x").get(ME), bearer(jwt).post(ADD, {}, format="json")):
        lines = [
            f"HTTP/1.1 {response.status_code} {response.reason_phrase}",
            f"WWW-Authenticate: {response['WWW-Authenticate']}",
            "",
            json.dumps(response.json()),
        ]
        assert "\n".join(["```", *lines, "```"]) in PAGE.read_text(encoding="utf-8")


def test_the_page_names_the_scope_of_each_call(schema):
    page = PAGE.read_text(encoding="utf-8")
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            scopes = ", ".join(f"`{name}`" for name in operation["x-required-scopes"])
            assert f"| `{method.upper()} {path}` | {scopes or 'none'} |" in page
