"""Who added a row, shown: in the API, on pages of the host, and in the Django admin."""

import pytest
from django.db import connection
from django.template import engines
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import path, reverse
from rest_framework import serializers
from rest_framework.generics import ListCreateAPIView
from rest_framework.permissions import IsAuthenticated

from accounts.access import AccessLevel
from apitokens.attribution import Actor, AddedByField, actor_of, attributed_to
from apitokens.policy import TokenPolicy
from tests.apitokens.ledger.models import Contract, Invoice, Line
from tests.factories import StaffFactory, make_token

pytestmark = pytest.mark.django_db


# In the API -------------------------------------------------------------------------------------
class LineSerializer(serializers.ModelSerializer):
    added_by = AddedByField()

    class Meta:
        model = Line
        fields = ["text", "added_by"]


class InvoiceSerializer(serializers.ModelSerializer):
    added_by = AddedByField()
    lines = LineSerializer(many=True)

    class Meta:
        model = Invoice
        fields = ["number", "added_by", "lines"]

    def create(self, validated_data):
        by = attributed_to(actor_of(self.context["request"]))
        lines = validated_data.pop("lines")
        invoice = Invoice.objects.create(**validated_data, **by)
        Line.objects.bulk_create([Line(invoice=invoice, **line, **by) for line in lines])
        return self.context["view"].get_queryset().get(pk=invoice.pk)  # read with all joins


class Invoices(ListCreateAPIView):
    permission_classes = [IsAuthenticated]
    serializer_class = InvoiceSerializer

    def get_queryset(self):
        lines = "lines__added_by", "lines__added_through"
        return Invoice.objects.with_adder().prefetch_related(*lines).order_by("pk")


urlpatterns = [path("invoices/", Invoices.as_view())]
in_the_ledger = pytest.mark.urls(__name__)
SENT = {"number": "A1", "lines": [{"text": "Paper"}, {"text": "Ink"}]}


def labels(node):
    """Every ``added_by`` in an answer, however deep."""
    if isinstance(node, list):
        return [label for item in node for label in labels(item)]
    if not isinstance(node, dict):
        return []
    below = [label for value in node.values() for label in labels(value)]
    return [node["added_by"], *below] if "added_by" in node else below


@in_the_ledger
def test_a_nested_write_attributes_every_row_to_the_token(api, admin, token):
    response = api.post("/invoices/", SENT, format="json")
    assert response.status_code == 201, response.content
    assert labels(response.json()) == ["API(Greenhouse sync)"] * 3
    for row in (Invoice.objects.get(), *Line.objects.all()):
        assert (row.added_by, row.added_through) == (admin, token)


@in_the_ledger
def test_what_a_client_says_about_the_adder_is_ignored(api, hr, admin, token):
    lie = {"added_by": hr.pk, "added_through": None, "added_by_id": hr.pk, "added_by_label": "HR"}
    lines = [{**line, **lie} for line in SENT["lines"]]
    response = api.post("/invoices/", {**SENT, **lie, "lines": lines}, format="json")
    assert labels(response.json()) == ["API(Greenhouse sync)"] * 3
    for row in (Invoice.objects.get(), *Line.objects.all()):
        assert (row.added_by, row.added_through) == (admin, token)


def test_no_argument_makes_the_field_writable():
    for argument in ({"read_only": False}, {"source": "added_by"}):
        with pytest.raises(TypeError):
            AddedByField(**argument)
    assert AddedByField(help_text="Who").read_only


def test_all_fields_of_a_model_hold_the_columns_but_let_nobody_write_them():
    class Everything(serializers.ModelSerializer):
        class Meta:
            model = Invoice
            fields = "__all__"

    fields = Everything().fields
    assert fields["added_by"].read_only
    assert fields["added_through"].read_only


@in_the_ledger
def test_a_list_of_nested_rows_takes_the_same_queries_however_long(
    api, admin, token, django_assert_max_num_queries
):
    api.post("/invoices/", SENT, format="json")
    for n in range(9):
        row = Invoice.objects.create(number=str(n), **attributed_to(Actor(admin, token)))
        Line.objects.create(invoice=row, text="Paper", **attributed_to(Actor(admin)))
    with django_assert_max_num_queries(6):
        assert len(labels(api.get("/invoices/").json())) == 21


def test_the_field_of_another_act_reads_its_columns(admin, token):
    row = Contract.objects.create(title="Rent", **attributed_to(Actor(admin, token), "signed"))
    assert AddedByField("signed").to_representation(row) == "API(Greenhouse sync)"
    assert AddedByField().to_representation(row) == "Deleted user"


# On pages of the host -----------------------------------------------------------------------------
class NeverAskedTwice(TokenPolicy):
    """Every user of a company manages its tokens; counts how often that is asked."""

    asked = 0

    def owner_for(self, request):
        return request.user.company if request.user.is_authenticated else None

    def can_manage(self, user, owner):
        type(self).asked += 1
        return user.company_id == owner.pk


class AdminsManage(NeverAskedTwice):
    """Of a company's users only its Admins manage its tokens."""

    def can_manage(self, user, owner):
        return super().can_manage(user, owner) and user.access_level == AccessLevel.ADMIN


@pytest.fixture
def stock(settings):
    """The app's own templates and policy of a host that overrides no template."""
    settings.APITOKENS_POLICY = f"{__name__}.NeverAskedTwice"
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": []}]


def shown(rf, row, user=None, tag="added_by row"):
    template = engines["django"].from_string("{% load apitokens %}{% " + tag + " %}")
    request = rf.get("/") if user else None
    if request:
        request.user = user
    return template.render({"row": row}, request).strip()


def test_whoever_manages_the_token_gets_a_link_to_it(stock, rf, admin, token):
    row = Invoice(**attributed_to(Actor(admin, token)))
    url = reverse("apitokens:detail", args=[token.public_id])
    assert shown(rf, row, admin) == f'<a href="{url}"><bdi>API(Greenhouse sync)</bdi></a>'


def test_others_get_the_label_alone(stock, rf, admin, token, other_admin):
    row = Invoice(**attributed_to(Actor(admin, token)))
    for viewer in (other_admin, None):
        assert shown(rf, row, viewer) == "<bdi>API(Greenhouse sync)</bdi>"
    assert shown(rf, Invoice(**attributed_to(Actor(admin))), admin) == "<bdi>Asha Rao</bdi>"


def test_a_colleague_who_may_not_manage_tokens_gets_the_label_alone(
    stock, settings, rf, admin, hr, token
):
    settings.APITOKENS_POLICY = f"{__name__}.AdminsManage"
    row = Invoice(**attributed_to(Actor(admin, token)))
    assert shown(rf, row, hr) == "<bdi>API(Greenhouse sync)</bdi>"
    assert "<a href" in shown(rf, row, admin)


def test_a_deleted_token_is_said_to_be_and_leads_nowhere(stock, rf, admin, token):
    token.delete()
    token.refresh_from_db()
    row = Invoice(**attributed_to(Actor(admin, token)))
    gone = '<bdi>API(Greenhouse sync)</bdi> <small class="at-muted">(deleted)</small>'
    assert shown(rf, row, admin) == gone


def test_a_name_is_escaped_wherever_it_stands(stock, rf, acme, admin):
    token, _jwt = make_token(owner=acme, user=admin, name="<script>alert(1)</script>")
    admin.name = "<b>Asha</b>"
    for actor in (Actor(admin, token), Actor(admin)):
        html = shown(rf, Invoice(**attributed_to(actor)), admin)
        assert "<script>" not in html
        assert "<b>" not in html


def test_a_host_without_the_pages_gets_no_link(stock, settings, rf, admin, token):
    settings.ROOT_URLCONF = __name__
    row = Invoice(**attributed_to(Actor(admin, token)))
    assert shown(rf, row, admin) == "<bdi>API(Greenhouse sync)</bdi>"


def listing(rf, viewer):
    """The page of a host that lists all invoices, and how many queries it took."""
    template = "{% load apitokens %}{% for row in rows %}{% added_by row %}{% endfor %}"
    request = rf.get("/")
    request.user = type(viewer).objects.get(pk=viewer.pk)
    with CaptureQueriesContext(connection) as captured:
        rows = Invoice.objects.with_adder()
        html = engines["django"].from_string(template).render({"rows": rows}, request)
    return html, len(captured)


def test_a_list_of_any_length_takes_the_same_queries_and_asks_the_policy_once(
    stock, rf, admin, token
):
    by = attributed_to(Actor(admin, token))
    Invoice.objects.create(number="A0", **by)
    _one, queries = listing(rf, admin)
    Invoice.objects.bulk_create([Invoice(number=f"A{n}", **by) for n in range(1, 5)])
    NeverAskedTwice.asked = 0
    html, same = listing(rf, admin)
    assert same == queries
    assert html.count("<a href") == 5
    assert NeverAskedTwice.asked == 1


def test_another_act_is_shown_by_its_name(stock, rf, admin, token):
    row = Contract(**attributed_to(Actor(admin, token), "signed"))
    assert "API(Greenhouse sync)" in shown(rf, row, admin, "added_by row 'signed'")


def test_what_nobody_is_called_and_where_a_label_leads_are_the_policys(settings, rf, admin, token):
    settings.APITOKENS_POLICY = f"{__name__}.Wording"
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": []}]
    assert shown(rf, Invoice(), admin) == "<bdi>Before our time</bdi>"
    assert shown(rf, Invoice(added_by=admin), admin) == "<bdi>admin@acme.test</bdi>"
    html = shown(rf, Invoice(**attributed_to(Actor(admin, token))), admin)
    assert html.startswith(f'<a href="/invoices/?by={token.public_id}">')


class Wording(NeverAskedTwice):
    nobody = "Before our time"

    def person_label(self, user):
        return user.email

    def added_url(self, token):
        return f"/invoices/?by={token.public_id}"


# In the Django admin ------------------------------------------------------------------------------
LISTED = "/admin/ledger/invoice/"


@pytest.fixture
def staff_client(db):
    client = Client()
    client.force_login(StaffFactory())
    return client


def test_the_column_names_the_adder_and_says_when_a_token_is_gone(staff_client, admin, token):
    Invoice.objects.create(number="A1", **attributed_to(Actor(admin)))
    Invoice.objects.create(number="A2", **attributed_to(Actor(admin, token)))
    token.delete()
    html = staff_client.get(LISTED).content.decode()
    assert "<bdi>Asha Rao</bdi>" in html
    assert "<bdi>API(Greenhouse sync)</bdi> (deleted)" in html


@pytest.fixture
def filtered(staff_client, acme, admin, token):
    """filtered(query) → the numbers of the invoices that the admin lists."""
    other, _jwt = make_token(owner=acme, user=admin, name="Campus day")
    for number, by in [("hand", None), ("sync", token), ("campus", other), ("sync 2", token)]:
        Invoice.objects.create(number=number, **attributed_to(Actor(admin, by)))

    def filtered(query, page=LISTED):
        response = staff_client.get(f"{page}?{query}")
        assert response.status_code == 200, response
        return sorted(str(row) for row in response.context["cl"].result_list)

    return filtered


def test_the_filter_tells_people_the_api_and_each_token_apart(filtered, token):
    assert filtered("") == ["campus", "hand", "sync", "sync 2"]
    assert filtered("added_by=people") == ["hand"]
    assert filtered("added_by=api") == ["campus", "sync", "sync 2"]
    assert filtered(f"added_by={token.public_id}") == ["sync", "sync 2"]


@pytest.mark.parametrize("value", ["tok_000000000000", "x", "", "1", "%00", "tok_%00", "'--"])
def test_a_filter_by_what_is_no_token_finds_nothing_and_no_500(filtered, value):
    assert filtered(f"added_by={value}") == []


def test_a_deleted_token_can_be_asked_for_by_its_link(filtered, staff_client, token):
    url = f"{LISTED}?added_by={token.public_id}"
    token.delete()
    assert filtered(f"added_by={token.public_id}") == ["sync", "sync 2"]
    assert f"added_by={token.public_id}" in staff_client.get(url).content.decode()
    assert f"added_by={token.public_id}" not in staff_client.get(LISTED).content.decode()


def test_another_act_has_its_own_column_and_filter(filtered, staff_client, admin, token):
    page = "/admin/ledger/contract/"
    for title, actor in [("by hand", Actor(admin)), ("by token", Actor(admin, token))]:
        Contract.objects.create(title=title, **attributed_to(actor, "signed"))
    assert filtered("signed_by=api", page) == ["by token"]
    assert "API(Greenhouse sync)" in staff_client.get(page).content.decode()


def test_the_admins_list_takes_the_same_queries_however_long(
    staff_client, admin, token, django_assert_max_num_queries
):
    for n in range(10):
        Invoice.objects.create(number=str(n), **attributed_to(Actor(admin, token)))
    with django_assert_max_num_queries(9):
        staff_client.get(LISTED)
