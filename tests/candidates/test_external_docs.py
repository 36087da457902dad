"""The OpenAPI schema and its page."""

import pytest
from django.core.management import call_command
from django.test import Client

from candidates.external import doc_examples as examples
from candidates.external.serializers import AddInput
from tests.candidates.external import ADD, DETAILS, ME, PACKAGES, ROTATE
from tests.factories import CategoryFactory, SubtypeFactory, TagFactory

SCHEMA, DOCS = "/api/schema/", "/api/docs/"


@pytest.fixture(scope="module")
def schema():
    return Client().get(SCHEMA, headers={"accept": "application/json"}).json()


def test_the_schema_is_valid_and_without_a_warning(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yml"))


def test_the_five_calls_and_nothing_else_are_described(schema):
    calls = {(path, method) for path, item in schema["paths"].items() for method in item}
    assert calls == {(PACKAGES, "get"), (ADD, "post"), (DETAILS, "get"), (ME, "get"),
                     (ROTATE, "post")}  # fmt: skip


def test_a_bearer_jwt_is_the_only_way_in(schema):
    (name, scheme), *others = schema["components"]["securitySchemes"].items()
    assert (scheme["type"], scheme["scheme"], scheme["bearerFormat"]) == ("http", "bearer", "JWT")
    assert not others
    for item in schema["paths"].values():
        assert [operation["security"] for operation in item.values()] == [[{name: []}]]


@pytest.mark.parametrize(
    ("address", "method", "more"),
    [(PACKAGES, "get", set()), (ADD, "post", {"409", "413", "415", "422"}),
     (DETAILS, "get", {"404"}), (ME, "get", set()), (ROTATE, "post", {"409", "413", "415"})],
)  # fmt: skip
def test_every_status_is_described_with_an_example(schema, address, method, more):
    responses = schema["paths"][address][method]["responses"]
    assert responses.keys() == {"200", "400", "401", "403", "405", "429", "500", "503"} | more
    assert all(r["content"]["application/json"]["examples"] for r in responses.values())


def test_the_body_of_add_is_described_with_an_example(schema):
    content = schema["paths"][ADD]["post"]["requestBody"]["content"]
    assert content.keys() == {"application/json"}
    assert content["application/json"]["examples"]


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
