"""What no other test would miss: each test here fails when one protection is taken away."""

import json
import re

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from apitokens.attribution import Actor
from candidates.intake.links import bgv_url
from candidates.models import Candidate
from tests.candidates import external
from tests.candidates.conftest import add
from tests.candidates.external import (
    ADD,
    DETAILS,
    assert_nothing_written,
    assert_refused,
    body,
)
from tests.factories import CategoryFactory, CheckFactory, TagFactory, make_token

pytestmark = pytest.mark.django_db

LIST = reverse("candidates:list")


@pytest.fixture
def send(jwt):
    """POST raw bytes to ``candidate/add``."""
    client = Client(headers={"authorization": f"Bearer {jwt}"})
    return lambda content: client.generic("POST", ADD, content, "application/json")


# Tenants -------------------------------------------------------------------------------------
@pytest.mark.parametrize("shared", ["phone", "employee_id"])
def test_a_refused_duplicate_names_nobody_of_another_company(
    api, subtype, other_admin, foreign_subtype, shared
):
    """The e-mail is taken here, the other value at Globex: only the first may be told."""
    values = {"email": "meera@example.test", "phone": "9845099999", "employee_id": "E-77"}
    add(other_admin, foreign_subtype, **{shared: values[shared]})
    mine = external.add(api, subtype, phone="9845011111").json()["data"]["candidate_id"]
    response = external.add(api, subtype, **values)
    assert_refused(response, 409, "candidate.email")
    assert response.json()["errors"][0]["candidate_id"] == mine


def test_a_package_id_that_nobody_has_is_unknown(api, subtype):
    response = external.add(api, subtype, {"package_id": 999_999})
    assert response.json()["errors"] == [{"path": "package.package_id", "msg": "Unknown id."}]


@pytest.mark.parametrize("who", ["user-1٣", "user-१", "user-1 2", "tok_00000000000٣"])
def test_a_filter_in_other_digits_narrows_nothing(admin_client, meera, who):
    response = admin_client.get(LIST, {"added_by": who})
    assert [candidate.name for candidate in response.context["rows"]] == ["Meera Iyer"]


@pytest.mark.parametrize("side", ["after", "before"])
def test_a_cursor_in_other_digits_is_400(admin_client, meera, side):
    assert admin_client.get(LIST, {side: "1٣"}).status_code == 400


@pytest.mark.parametrize("pk", [2**63, 10**19 - 1])
def test_an_id_that_no_row_can_have_is_refused_by_name(api, pk):
    assert_refused(api.get(DETAILS, {"candidate_id": pk}), 400, "candidate_id")


# Bodies --------------------------------------------------------------------------------------
@pytest.mark.parametrize("escape", ["\\uD800", "\\uDBFF", "\\uDC00", "\\uDfFf", "\\uD83D\\uD83D"])
def test_a_lone_surrogate_is_refused_however_it_is_escaped(send, subtype, escape):
    content = json.dumps(body(subtype, meta_data={"note": "HERE"})).replace("HERE", escape)
    assert_refused(send(content.encode()), 400, "candidate.meta_data.note")
    assert_nothing_written()


def test_a_row_that_goes_while_a_candidate_is_added_is_409_and_nothing_is_kept(api, subtype):
    def meet(execute, sql, params, many, context):
        if sql.startswith('INSERT INTO "candidates_case"'):
            raise IntegrityError("FOREIGN KEY constraint failed: secret detail")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(meet):
        response = external.add(api, subtype)
    assert_refused(response, 409)
    assert b"secret" not in response.content
    assert_nothing_written()
    assert external.add(api, subtype).status_code == 200
    assert Candidate.objects.count() == 1


# Pages ---------------------------------------------------------------------------------------
MARKUP = "\"'><script>alert(1)</script>"


@pytest.fixture
def hostile(acme, admin, hr, subtype):
    """One company in which everything that has a name is called MARKUP."""
    check = CheckFactory(code="court", name=MARKUP)
    subtype.checks.add(check)
    tag, category = (
        TagFactory(company=acme, name=MARKUP),
        CategoryFactory(company=acme, name=MARKUP),
    )
    for row in (acme, admin, hr, subtype.package, subtype):
        row.name = MARKUP
        row.save()
    living, _ = make_token(owner=acme, user=admin, name=MARKUP)
    deleted, _ = make_token(owner=acme, user=admin, name=f"{MARKUP} 2")
    fields = {
        "name": MARKUP,
        "email": '"<script>alert(1)</script>"@example.in',
        "employee_id": MARKUP,
        "category": category,
        "tags": [tag],
        "resume_url": f"https://files.example.in/{MARKUP}",
        "consent_url": f"https://files.example.in/{MARKUP}",
    }
    actors = [Actor(admin, living), Actor(admin, deleted), Actor(admin), Actor(hr)]
    rows = [
        add(
            actor,
            subtype,
            **{**fields, "email": f"{fields['email']}{n}", "employee_id": f"{n}{MARKUP}"},
        )
        for n, actor in enumerate(actors)
    ]
    deleted.delete()
    return rows


def test_markup_is_escaped_in_all_that_the_pages_show(client, admin_client, hr_client, hostile):
    detail = [reverse("candidates:detail", args=[row.pk]) for row in hostile]
    asked = [
        *((admin_client, path) for path in ["/", LIST, reverse("candidates:add"), *detail]),
        *((hr_client, path) for path in ["/", LIST, detail[-1]]),
        (client, bgv_url(hostile[0])),
    ]
    for who, path in asked:
        page = who.get(path).content.decode()
        assert "<script>alert" not in page, path
        assert "\"'>" not in page, path
        assert escape(MARKUP) in page, path


def test_an_e_mail_can_hold_markup_and_is_shown_as_text(admin_client, api, subtype):
    """RFC 5321 lets a quoted local part hold nearly everything."""
    email = '"<script>alert(1)</script>"@example.in'
    pk = external.add(api, subtype, email=email).json()["data"]["candidate_id"]
    for path in (LIST, reverse("candidates:detail", args=[pk])):
        page = admin_client.get(path).content.decode()
        assert "<script>alert" not in page
        assert escape(email) in page


def test_a_name_stands_apart_from_the_text_around_it_wherever_it_is_shown(
    client, admin_client, meera
):
    detail = reverse("candidates:detail", args=[meera.pk])
    for who, path, times in (
        (admin_client, "/", 1),
        (admin_client, LIST, 1),
        (admin_client, detail, 2),
        (client, bgv_url(meera), 1),
    ):
        page = who.get(path).content.decode().partition("</head>")[2]
        assert page.count("<bdi>Meera Iyer</bdi>") == page.count("Meera Iyer") == times, path


def test_every_link_that_a_client_gave_hides_where_it_was_clicked(admin_client, admin, subtype):
    urls = {f"{kind}_url": f"https://files.example.in/{kind}" for kind in ("resume", "consent")}
    detail = reverse("candidates:detail", args=[add(admin, subtype, **urls).pk])
    page = admin_client.get(detail).content.decode()
    for url in urls.values():
        (link,) = re.findall(rf'<a [^>]*href="{url}"[^>]*>', page)
        assert 'rel="noreferrer noopener"' in link


def test_a_mobile_in_other_digits_is_refused(api, subtype):
    given = external.body(subtype, phone="9٨٤٥٠١٢٣٤٦")
    assert api.post(external.ADD, given, format="json").status_code == 400
