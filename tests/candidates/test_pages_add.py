"""Add candidate, by hand: what is refused, and that what is accepted says who did it."""

import pytest
from django.test import Client
from django.urls import reverse

from apitokens.attribution import Actor
from candidates.demo.states import bring_to
from candidates.exceptions import NoCredits
from candidates.models import Candidate, CaseStatus, Package
from candidates.pages import adding
from candidates.pages.forms import DetailsForm
from tests.candidates.conftest import add
from tests.conftest import signed_in
from tests.factories import CategoryFactory, StaffFactory, SubtypeFactory, TagFactory

ADD = reverse("candidates:add")


def values(subtype, /, **changes):
    given = {
        "name": "Ananya Krishnan",
        "phone": "9845012346",
        "email": "ananya.k@example.in",
        "consent": "email",
        "filled_by": "candidate",
        "subtype": subtype.pk,
        **changes,
    }
    return {name: value for name, value in given.items() if value is not None}


ORDER = {"subtype", "add_ons"}


def walk(client, data, **options):
    """What the last step answers, or the first that refuses what it was sent."""
    details = {name: value for name, value in data.items() if name not in ORDER}
    order = {name: value for name, value in data.items() if name in ORDER}
    response = client.post(ADD, details)
    if response.status_code == 302 and "/package/" in response["Location"]:
        package = response["Location"]
        response = client.post(package, order)
        if response.status_code == 302:
            response = client.post(response["Location"], **options)
    return response


def package_page(client):
    details = {name: value for name, value in values(Package(pk=0)).items() if name not in ORDER}
    return client.post(ADD, details, follow=True).content.decode()


def errors(client, data):
    """The form's errors; nothing is added and no credit taken."""
    before = list(Package.objects.order_by("pk").values_list("credits", flat=True))
    rows = Candidate.objects.count()
    response = walk(client, data)
    assert response.status_code == 400
    assert Candidate.objects.count() == rows
    assert list(Package.objects.order_by("pk").values_list("credits", flat=True)) == before
    return (response.context.get("form") or response.context["order"]).errors


def test_nobody_signed_in_is_sent_to_the_log_in_and_adds_nothing(client, subtype):
    for response in (client.get(ADD), walk(client, values(subtype))):
        assert response["Location"] == f"{reverse('login')}?next={ADD}"
    assert not Candidate.objects.exists()


@pytest.mark.parametrize("page", ["add", "export", "bulk", "bulk-template"])
def test_staff_have_no_company_to_add_to_or_to_export(db, page):
    staff = signed_in(StaffFactory())
    address = reverse(f"candidates:{page}")
    assert {staff.get(address).status_code, staff.post(address).status_code} <= {403, 405}


@pytest.mark.parametrize("who", ["admin", "hr", "recruiter"])
def test_every_access_level_adds_and_the_row_says_who(request, who, acme, subtype):
    person = request.getfixturevalue(who)
    client = request.getfixturevalue(f"{who}_client")
    response = walk(client, values(subtype), follow=True)
    candidate = Candidate.objects.get()
    assert response.redirect_chain[-1][0] == reverse("candidates:detail", args=[candidate.pk])
    assert "Added Ananya Krishnan." in response.content.decode()
    assert (candidate.company, candidate.added_by, candidate.added_through) == (acme, person, None)
    assert candidate.added_by_label == person.name
    assert candidate.case.status == CaseStatus.AWAITING_INPUT


def test_everything_typed_is_kept(admin_client, acme, subtype):
    category = CategoryFactory(company=acme)
    tags = [TagFactory(company=acme), TagFactory(company=acme)]
    walk(
        admin_client,
        values(
            subtype, phone=" 98450 12346 ", employee_id="AC-2304", uan_number="1009 0423 1187",
            category=category.pk, tags=[tag.pk for tag in tags],
            resume_url="https://files.example.in/cv.pdf",
            consent="letter", consent_url="https://files.example.in/consent.pdf",
        ),
    )  # fmt: skip
    candidate = Candidate.objects.get()
    assert candidate.phone == "9845012346"
    assert candidate.uan_number == "100904231187"
    assert candidate.employee_id == "AC-2304"
    assert candidate.category == category
    assert set(candidate.tags.all()) == set(tags)
    assert candidate.resume_url == "https://files.example.in/cv.pdf"
    assert candidate.consent_url == "https://files.example.in/consent.pdf"
    assert candidate.is_consent_undertaking_letter
    assert candidate.case.subtype == subtype


def test_what_the_form_does_not_ask_is_ignored(admin_client, admin, globex, subtype, other_admin):
    extra = {"company": globex.pk, "added_by": other_admin.pk, "status": 1, "id": 4711,
             "created_at": "2020-01-01", "uuid": "0" * 32}  # fmt: skip
    walk(admin_client, values(subtype, **extra))
    candidate = Candidate.objects.get()
    assert candidate.company == admin.company
    assert candidate.added_by == admin
    assert candidate.pk != 4711
    assert candidate.created_at.year > 2020
    assert candidate.case.status == CaseStatus.AWAITING_INPUT


@pytest.mark.parametrize(
    "name",
    ["Joseph D’Souza", "Mary-Jane O'Neil", "अनन्या शर्मा", "A. P. J. Kalam", "Nguyễn Thị", "李 雷"],
)
def test_names_of_every_script_are_accepted(admin_client, subtype, name):
    assert walk(admin_client, values(subtype, name=name)).status_code == 302
    assert Candidate.objects.get().name == name


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", None),
        ("name", "  "),
        ("name", "A"),
        ("name", "..."),
        ("name", "<script>alert(1)</script>"),
        ("name", "R2D2"),
        ("name", "Ana\x00nya"),
        ("name", "Ana\u202enya"),
        ("name", "Ananya\nKrishnan"),
        ("name", "\x1b[31mAnanya"),
        ("name", "a" * 121),
        ("name", "a" * 100_000),
        ("phone", None),
        ("phone", "5845012346"),
        ("phone", "+919845012346"),
        ("phone", "984501234"),
        ("phone", "98450123466"),
        ("phone", "９８４５０１２３４６"),
        ("phone", "9845\x0012346"),
        ("phone", "9" * 100_000),
        ("email", None),
        ("email", "ananya.k@example"),
        ("email", "ananya\x00@example.in"),
        ("email", f"{'a' * 250}@example.in"),
        ("email", "a" * 100_000),
        ("employee_id", "x" * 65),
        ("employee_id", "AC\x0022"),
        ("employee_id", "AC\x0722"),
        ("uan_number", "12345678901"),
        ("uan_number", "1234567890123"),
        ("uan_number", "x" * 100_000),
        ("resume_url", "http://files.example.in/cv.pdf"),
        ("resume_url", "javascript:alert(1)"),
        ("resume_url", "https://"),
        ("resume_url", "https://files.example.in/a b"),
        ("resume_url", f"https://files.example.in/{'a' * 2000}"),
        ("consent_url", "data:text/html,x"),
        ("consent_url", "https://files.example.in/\x00"),
        ("subtype", None),
        ("subtype", "x"),
        ("subtype", "0"),
        ("subtype", str(10**30)),
        ("category", "x"),
        ("category", str(10**30)),
        ("tags", "x"),
        ("tags", str(10**30)),
        ("tags", "-" + str(10**30)),
        ("tags", "1\x00"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(admin_client, subtype, field, value):
    assert list(errors(admin_client, values(subtype, **{field: value}))) == [field]


@pytest.mark.parametrize("field", ["name", "email", "employee_id", "resume_url", "tags"])
def test_bytes_that_are_no_text_are_no_500(admin_client, subtype, field):
    lone_surrogate = b"%ED%A0%80"
    body = b"&".join(
        f"{name}={value}".encode() for name, value in values(subtype).items() if name != field
    )
    response = admin_client.post(
        ADD, body + b"&" + field.encode() + b"=" + lone_surrogate,
        content_type="application/x-www-form-urlencoded",
    )  # fmt: skip
    assert response.status_code in {302, 400}
    if field in {"name", "email", "resume_url", "tags"}:
        assert response.status_code == 400


@pytest.mark.parametrize("field", ["name", "email", "employee_id", "phone", "resume_url"])
def test_a_lone_surrogate_is_a_field_error(acme, subtype, field):
    form = DetailsForm(values(subtype, **{field: "https://a.in/\ud800@example.in"}), company=acme)
    assert list(form.errors) == [field]


def test_a_company_that_needs_no_email_takes_none(admin_client, acme, subtype):
    acme.email_required = False
    acme.save()
    assert walk(admin_client, values(subtype, email="")).status_code == 302


def test_a_company_that_needs_a_resume_asks_for_it(admin_client, acme, subtype):
    acme.resume_required = True
    acme.save()
    assert list(errors(admin_client, values(subtype))) == ["resume"]


def test_rows_of_another_company_are_refused_like_unknown_ones(
    admin_client, globex, subtype, foreign_subtype
):
    foreign = {
        "subtype": foreign_subtype.pk,
        "category": CategoryFactory(company=globex).pk,
        "tags": [TagFactory(company=globex).pk],
    }
    for field, value in foreign.items():
        found = errors(admin_client, values(subtype, **{field: value}))
        assert list(found) == [field]
        assert found == errors(admin_client, values(subtype, **{field: 987654}))


def test_the_form_offers_nothing_of_another_company(admin_client, globex, subtype, foreign_subtype):
    CategoryFactory(company=globex, name="Globex category")
    TagFactory(company=globex, name="Globex tag")
    page = admin_client.get(ADD).content.decode() + package_page(admin_client)
    assert subtype.package.name in page
    for name in ("Globex category", "Globex tag", "Globex only"):
        assert name not in page


@pytest.mark.parametrize("change", [{"credits": 0}, {"is_active": False}])
def test_packages_without_credits_or_no_longer_offered_cant_be_ordered(
    admin_client, acme, subtype, change
):
    closed = SubtypeFactory(package__company=acme, package__name="Executive Plus")
    Package.objects.filter(pk=closed.package_id).update(**change)
    assert 'aria-label="Executive Plus"' not in package_page(admin_client)
    assert list(errors(admin_client, values(closed))) == ["subtype"]


def test_the_last_credit_gone_meanwhile_is_a_form_error(admin_client, subtype, monkeypatch):
    def too_late(**fields):
        raise NoCredits("Standard")

    monkeypatch.setattr(adding, "finish_draft", too_late)
    found = errors(admin_client, values(subtype))
    assert "no credits left" in str(found["subtype"])


@pytest.mark.parametrize(
    ("field", "value"),
    [("email", "MEERA@example.in"), ("phone", "9845000000"), ("employee_id", "ac-1")],
)
def test_a_duplicate_is_said_at_its_field(admin_client, admin, subtype, field, value):
    add(admin, subtype, email="meera@example.in", phone="9845000000", employee_id="AC-1")
    found = errors(admin_client, values(subtype, **{field: value}))
    assert list(found) == [field]
    assert "unfinished case" in str(found[field])


def test_a_duplicate_of_another_company_is_none(
    admin_client, other_admin, subtype, foreign_subtype
):
    add(other_admin, foreign_subtype, email="ananya.k@example.in", phone="9845012346")
    assert walk(admin_client, values(subtype)).status_code == 302


def test_a_duplicate_of_a_colleagues_candidate_shows_nothing_of_it(
    recruiter_client, admin, subtype
):
    other = add(admin, subtype, name="Secret Person", phone="9845012346")
    page = walk(recruiter_client, values(subtype)).content.decode()
    assert "Secret Person" not in page
    assert other.email not in page


def test_a_second_submit_adds_no_second_candidate(admin_client, subtype):
    assert walk(admin_client, values(subtype)).status_code == 302
    assert set(errors(admin_client, values(subtype))) == {"email", "phone"}


def test_a_finished_case_lets_the_person_come_again(admin_client, admin, subtype):
    walk(admin_client, values(subtype))
    case = Candidate.objects.get().case
    bring_to(case=case, status=CaseStatus.CLOSED, actor=Actor(admin))
    assert walk(admin_client, values(subtype)).status_code == 302


@pytest.mark.parametrize("letter", ["ß", "ΐ", "ﬃ"])
def test_an_employee_id_that_grows_when_folded_still_fits(admin_client, subtype, letter):
    response = walk(admin_client, values(subtype, employee_id=letter * 64))
    assert response.status_code == 302
    assert Candidate.objects.get().employee_id == letter * 64


def test_an_error_keeps_what_was_typed(admin_client, acme, subtype):
    tag = TagFactory(company=acme)
    data = values(subtype, name="Ananya <b>", tags=[tag.pk], employee_id="AC-2304")
    page = admin_client.post(ADD, data).content.decode()
    assert 'value="Ananya &lt;b&gt;"' in page
    assert 'value="AC-2304"' in page
    assert page.count(" checked") == 3  # the tag, the consent and who fills in the form


def test_the_form_needs_a_csrf_token(admin, subtype):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    assert walk(client, values(subtype)).status_code == 403
    assert not Candidate.objects.exists()


def test_adding_by_get_is_impossible(admin_client, subtype):
    assert admin_client.get(ADD, values(subtype)).status_code == 200
    assert not Candidate.objects.exists()
