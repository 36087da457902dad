"""The rules of ``candidate/add``, field by field (product.md §5)."""

import json
from time import process_time

import pytest

from apitokens.attribution import Actor
from candidates.demo.states import bring_to
from candidates.models import Candidate, Case, CaseStatus
from tests.candidates.external import ADD, add, assert_nothing_written, assert_refused, body
from tests.factories import CategoryFactory, PackageFactory, SubtypeFactory, TagFactory

pytestmark = pytest.mark.django_db

TEXTS = ["name", "email", "alternate_email", "phone", "alternate_phone", "employee_id",
         "uan_number", "resume", "consent"]  # fmt: skip
NO_TEXT = [1, 1.5, True, None, [], {}, ["x"]]
NO_FLAG = ["true", "", 1, 0, None, [], {}]
NO_ID = ["1", "", 1.0, True, None, [], {}]
NO_OBJECT = ["{}", 1, True, None, [], [{}]]
LONG = 100_000


def test_every_field_is_stored(api, acme, subtype):
    category, tag = CategoryFactory(company=acme), TagFactory(company=acme)
    config = {"court": {"years": 7}}
    given = {
        "name": " Zoë D’Souza-Müller ",
        "email": "Zoe@Example.test",
        "alternate_email": "z@example.test",
        "phone": "6000000000",
        "alternate_phone": "7000000000",
        "employee_id": "E-7",
        "uan_number": "123456789012",
        "tags": [{"id": tag.pk}],
        "category_id": category.pk,
        "resume": "https://files.example.test/cv.pdf?a=b#c",
        "invite": True,
        "is_consent_undertaking_letter": True,
        "consent": "https://files.example.test/letter.pdf",
        "meta_data": {"a": 1},
    }
    package = {"package_id": subtype.package_id, "config": config}
    request = {**body(subtype, package, **given), "send_invite_email": True}
    assert api.post(ADD, request, format="json").status_code == 200
    candidate = Candidate.objects.get()
    stored = {name: getattr(candidate, name) for name in given.keys() & vars(candidate).keys()}
    assert stored == {n: given[n] for n in stored} | {"name": "Zoë D’Souza-Müller"}
    assert (candidate.resume_url, candidate.consent_url) == (given["resume"], given["consent"])
    assert list(candidate.tags.all()) == [tag]
    assert candidate.case.config == config


def test_only_name_phone_and_subtype_are_needed_when_the_company_says_so(api, acme, subtype):
    acme.email_required = False
    acme.save()
    assert add(api, subtype, email=...).status_code == 200


@pytest.mark.parametrize("name", ["Li", "राजेश कुमार", "மீனா", "محمد علي", "O'Neil", "Dr. A.P.J. Rao",
                                  "D’Souza", "क\u094d\u200dष", "Łukasz", "陈伟"])  # fmt: skip
def test_names_of_every_script_are_taken(api, subtype, name):
    assert add(api, subtype, name=name).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("name", v) for v in ["", " ", "x", "..", "R2D2", "a_b", "<b>Bob</b>", "A\tB", "Asha\n",
                                "Asha\x07", "a" * 121, "a" * LONG, " " * LONG, "=cmd()", "x@y.z",
                                "Asha\u202eRao"]],
        *[("email", v) for v in ["", "x", "x@", "@x.test", "a b@x.test", "a@b@c.test", "a@x.test ",
                                 "a@x.test\n", "a" * 250 + "@x.test", "a@" * (LONG // 2)]],
        *[("alternate_email", v) for v in ["x", "a@x.test\x00"[:-1] + "\x1b"]],
        *[("phone", v) for v in ["", "987654321", "98765432100", "5876543210", "+919876543210",
                                 "09876543210", "98765 43210", "9876543210\n", " 9876543210",
                                 "९८७६५४३२१०", "９８７６５４３２１０", "9" * LONG]],
        *[("alternate_phone", v) for v in ["1", "1876543210"]],
        *[("uan_number", v) for v in ["1", "12345678901", "1234567890123", "12345678901x",
                                      "१" * 12]],
        *[("employee_id", v) for v in ["a" * 65, "a\x1b[31m", "a\nb", "a" * LONG]],
        *[(f, v) for f in ("resume", "consent") for v in [
            "http://x.test/a", "ftp://x.test", "javascript:alert(1)", "//x.test", "https://",
            "https:///x", "https://x.test/a b", "https://x.test/\n", "data:text/html,x", "file:///etc",
            "https://x.test/" + "a" * 2000, "https://x.test/" + "a" * LONG]],
    ],
)  # fmt: skip
def test_a_bad_text_is_refused_by_its_path(api, subtype, field, value):
    assert_refused(add(api, subtype, **{field: value}), 400, f"candidate.{field}")
    assert_nothing_written()


@pytest.mark.parametrize("value", NO_TEXT)
@pytest.mark.parametrize("field", TEXTS)
def test_what_is_no_string_is_refused(api, subtype, field, value):
    assert_refused(add(api, subtype, **{field: value}), 400, f"candidate.{field}")


@pytest.mark.parametrize("value", NO_FLAG)
@pytest.mark.parametrize("field", ["invite", "is_consent_undertaking_letter"])
def test_what_is_neither_true_nor_false_is_refused(api, subtype, field, value):
    assert_refused(add(api, subtype, **{field: value}), 400, f"candidate.{field}")


@pytest.mark.parametrize("value", NO_FLAG)
def test_send_invite_email_is_a_flag_too(api, subtype, value):
    request = {**body(subtype), "send_invite_email": value}
    assert_refused(api.post(ADD, request, format="json"), 400, "send_invite_email")


@pytest.mark.parametrize("value", [*NO_ID, 0, -1, 2**31, 2**63, 10**30])
def test_what_is_no_id_of_ours_is_refused(api, subtype, value):
    assert_refused(add(api, subtype, category_id=value), 400, "candidate.category_id")
    assert_refused(add(api, subtype, tags=[{"id": value}]), 400, "candidate.tags[0].id")
    assert_refused(add(api, subtype, {"package_id": value}), 400, "package.package_id")
    assert_refused(add(api, subtype, {"subtype_id": value}), 400, "package.subtype_id")
    assert_nothing_written()


@pytest.mark.parametrize("value", ["x", 1, None, {}, {"id": 1}])
def test_tags_are_a_list(api, subtype, value):
    assert_refused(add(api, subtype, tags=value), 400, "candidate.tags")


@pytest.mark.parametrize(("value", "path"), [(1, "[0]"), ("1", "[0]"), ({}, "[0].id"), ([], "[0]")])
def test_a_tag_is_an_object_with_an_id(api, subtype, value, path):
    assert_refused(add(api, subtype, tags=[value]), 400, f"candidate.tags{path}")


def test_each_unknown_tag_is_named(api, acme, subtype):
    tag = TagFactory(company=acme)
    tags = [{"id": 999_999}, {"id": tag.pk}, {"id": 999_998}]
    response = add(api, subtype, tags=tags)
    assert_refused(response, 400, "candidate.tags[0].id", "candidate.tags[2].id")


def test_a_tag_named_twice_is_set_once(api, acme, subtype):
    tag = TagFactory(company=acme)
    assert add(api, subtype, tags=[{"id": tag.pk}, {"id": tag.pk}]).status_code == 200
    assert list(Candidate.objects.get().tags.all()) == [tag]


def test_more_than_fifty_tags_are_refused_unread(api, subtype):
    assert_refused(add(api, subtype, tags=[{"id": "x"}] * 51), 400, "candidate.tags")


@pytest.mark.parametrize("value", NO_OBJECT)
def test_meta_data_and_config_are_objects(api, subtype, value):
    assert_refused(add(api, subtype, meta_data=value), 400, "candidate.meta_data")
    assert_refused(add(api, subtype, {"config": value}), 400, "package.config")


@pytest.mark.parametrize(("character", "bytes_each"), [("x", 1), ("ü", 2), ("😀", 4)])
def test_meta_data_and_config_may_have_4096_bytes_and_no_more(api, subtype, character, bytes_each):
    room = (4096 - len('{"k":""}')) // bytes_each
    for extra, status in [(0, 200), (1, 400)]:
        value = {"k": character * (room + extra)}
        Candidate.objects.all().delete()
        assert add(api, subtype, meta_data=value).status_code == status
        Candidate.objects.all().delete()
        assert add(api, subtype, {"config": value}).status_code == status


@pytest.mark.parametrize("field", ["name", "phone", "email"])
def test_a_missing_field_is_named(api, subtype, field):
    assert_refused(add(api, subtype, **{field: ...}), 400, f"candidate.{field}")


@pytest.mark.parametrize("value", [None, [], "x", 1, [{}]])
@pytest.mark.parametrize("part", ["candidate", "package"])
def test_each_part_is_an_object(api, subtype, part, value):
    response = api.post(ADD, {**body(subtype), part: value}, format="json")
    assert_refused(response, 400, part)


def test_an_empty_body_object_names_both_parts(api, subtype):
    assert_refused(api.post(ADD, {}, format="json"), 400, "candidate", "package")


def test_all_faults_are_listed_at_once(api, subtype):
    request = {
        "candidate": {"name": "1", "phone": 9, "tags": [{"id": 7}], "invite": "yes",
                      "meta_data": [], "category_id": 5},
        "package": {"subtype_id": "1", "package_id": 8, "config": 2},
        "send_invite_email": 1,
    }  # fmt: skip
    assert_refused(
        api.post(ADD, request, format="json"), 400,
        "candidate.name", "candidate.email", "candidate.phone", "candidate.tags[0].id",
        "candidate.category_id", "candidate.invite", "candidate.meta_data",
        "package.package_id", "package.subtype_id", "package.config", "send_invite_email",
    )  # fmt: skip


@pytest.mark.parametrize(("company", "invite", "status"),
                         [(True, False, 400), (False, True, 400), (True, True, 400),
                          (False, False, 200)])  # fmt: skip
@pytest.mark.parametrize("email", [..., ""])
def test_the_email_is_needed_by_company_or_invitation(
    api, acme, subtype, company, invite, status, email
):
    acme.email_required = company
    acme.save()
    response = add(api, subtype, email=email, invite=invite)
    assert response.status_code == status
    if status == 400:
        assert_refused(response, 400, "candidate.email")


@pytest.mark.parametrize("resume", [..., ""])
def test_the_resume_is_needed_when_the_company_says_so(api, acme, subtype, resume):
    acme.resume_required = True
    acme.save()
    assert_refused(add(api, subtype, resume=resume), 400, "candidate.resume")
    assert add(api, subtype, resume="https://x.test/cv").status_code == 200


def test_a_package_must_own_the_subtype(api, acme, subtype):
    other = PackageFactory(company=acme)
    response = add(api, subtype, {"package_id": other.pk})
    assert_refused(response, 400, "package.package_id")
    assert add(api, subtype, {"package_id": subtype.package_id}).status_code == 200


def test_a_package_that_is_not_offered_is_refused(api, acme):
    hidden = SubtypeFactory(package__company=acme, package__is_active=False)
    assert_refused(add(api, hidden), 400, "package.subtype_id")
    assert_nothing_written()


@pytest.mark.parametrize(("field", "first", "again"),
                         [("email", "m@x.test", "M@X.test"), ("phone", "9000000000", "9000000000"),
                          ("employee_id", "E-1", "e-1")])  # fmt: skip
def test_the_same_person_twice_is_409_naming_field_and_candidate(api, subtype, field, first, again):
    one = {"email": "a@x.test", "phone": "9000000001", "employee_id": "A", field: first}
    two = {"email": "b@x.test", "phone": "9000000002", "employee_id": "B", field: again}
    made = add(api, subtype, **one).json()["data"]["candidate_id"]
    response = add(api, subtype, **two)
    assert_refused(response, 409, f"candidate.{field}")
    assert response.json()["errors"][0]["candidate_id"] == made
    subtype.package.refresh_from_db()
    assert (Candidate.objects.count(), subtype.package.credits) == (1, 999)


def test_two_others_are_both_named_with_409(api, subtype):
    first = add(api, subtype, email="a@x.test", phone="9000000001").json()["data"]
    second = add(api, subtype, email="b@x.test", phone="9000000002").json()["data"]
    response = add(api, subtype, email="b@x.test", phone="9000000001")
    assert_refused(response, 409, "candidate.email", "candidate.phone")
    who = [error["candidate_id"] for error in response.json()["errors"]]
    assert who == [second["candidate_id"], first["candidate_id"]]


def test_a_finished_case_lets_the_person_come_again(api, subtype):
    add(api, subtype)
    bring_to(case=Case.objects.get(), status=CaseStatus.COMPLETED, actor=Actor(user=None))
    assert add(api, subtype).status_code == 200


def test_no_credits_is_422_and_writes_nothing(api, subtype):
    subtype.package.credits = 0
    subtype.package.save()
    assert_refused(add(api, subtype), 422, "package.subtype_id")
    assert_nothing_written(credits=0)


@pytest.mark.parametrize("name", ["added_by", "added_through", "company", "company_id", "status",
                                  "id", "pk", "uuid", "created_at", "live_email"])  # fmt: skip
@pytest.mark.parametrize("value", [1, "x", None])
def test_fields_that_the_server_owns_are_ignored(api, acme, token, admin, subtype, name, value):
    request = body(subtype, {name: value}, **{name: value}) | {name: value}
    assert api.post(ADD, request, format="json").status_code == 200
    candidate = Candidate.objects.get()
    assert (candidate.company, candidate.added_by, candidate.added_through) == (acme, admin, token)
    assert candidate.case.status == CaseStatus.AWAITING_INPUT
    assert candidate.live_email == "meera@example.test"


def test_links_are_never_fetched(api, subtype, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("the network was touched")

    monkeypatch.setattr("socket.getaddrinfo", refuse)
    monkeypatch.setattr("socket.create_connection", refuse)
    links = {"resume": "https://169.254.169.254/latest", "consent": "https://localhost:1/"}
    assert add(api, subtype, **links).status_code == 200


@pytest.mark.parametrize("value", ["a", "a@", "a.", "@", " ", "9", "https://", "é", "\u0301", "<"])
@pytest.mark.parametrize("field", TEXTS)
def test_checks_stay_quick_on_100_kb(subtype, acme, field, value):
    from candidates.external.serializers import AddInput

    given = body(subtype, **{field: (value * LONG)[:LONG]})
    quickest = min(seconds(AddInput(data=given, context={"company": acme})) for _ in range(3))
    assert quickest < 0.05 + 0.02  # queries for the rest of the body


def seconds(given):
    """How long it takes to refuse. The least of some: a busy machine only ever adds."""
    started = process_time()
    assert not given.is_valid()
    return process_time() - started


def test_a_large_tag_list_and_100_000_fields_are_quick(api, subtype):
    started = process_time()
    assert add(api, subtype, tags=[{"id": 1}] * 50_000).status_code == 400
    given = body(subtype) | {f"f{n}": 0 for n in range(60_000)}
    assert len(json.dumps(given)) < 1024 * 1024
    assert api.post(ADD, given, format="json").status_code == 200
    assert process_time() - started < 3


def test_adding_costs_the_same_for_many_tags(api, acme, subtype, django_assert_max_num_queries):
    tags = TagFactory.create_batch(20, company=acme)
    add(api, subtype)
    with django_assert_max_num_queries(30) as one:
        add(api, subtype, email="a@x.test", phone="9000000001", tags=[{"id": tags[0].pk}])
    with django_assert_max_num_queries(30) as many:
        add(api, subtype, email="b@x.test", phone="9000000002", tags=[{"id": t.pk} for t in tags])
    assert len(one) == len(many)
