"""The two columns in any model: beside the mixin, under another name, in bulk, filtered."""

import pytest
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor
from django.test.utils import CaptureQueriesContext, isolate_apps

from apitokens.attribution import (
    Actor,
    Attributed,
    adder_of,
    attributed_to,
    attribution_fields,
)
from apitokens.attribution.rows import has_source
from apitokens.models import APIToken
from apitokens.services import rename_token
from tests.apitokens.ledger.models import Contract, Invoice, Receipt
from tests.factories import make_token

pytestmark = pytest.mark.django_db


def invoice(actor, number="A1"):
    return Invoice.objects.create(number=number, **attributed_to(actor))


def test_a_model_without_the_mixin_says_the_same(admin, token):
    assert adder_of(invoice(Actor(admin))).label == "Asha Rao"
    assert adder_of(invoice(Actor(admin, token))).label == "API(Greenhouse sync)"


def test_its_label_follows_a_rename_and_outlives_the_token(admin, token):
    row = invoice(Actor(admin, token))
    rename_token(token=token, name="Lever", actor=admin)
    token.delete()
    assert adder_of(Invoice.objects.get(pk=row.pk)).label == "API(Lever)"


def test_two_children_of_an_abstract_model_don_t_clash(admin, token):
    actor = Actor(admin, token)
    contract = Contract.objects.create(title="Rent", **attributed_to(actor, "signed"))
    receipt = Receipt.objects.create(number="R1", **attributed_to(Actor(admin), "signed"))
    assert adder_of(contract, "signed").label == "API(Greenhouse sync)"
    assert adder_of(receipt, "signed").label == "Asha Rao"
    assert list(Contract.objects.with_adder("signed").added_through(token, "signed")) == [contract]
    assert not Receipt.objects.added_through(token, "signed").exists()


@isolate_apps("tests.apitokens.ledger")
def test_the_mixin_and_the_pair_are_the_same_columns():
    class ByMixin(Attributed):
        class Meta:
            app_label = "ledger"

    class ByPair(models.Model):
        added_by, added_through = attribution_fields()

        class Meta:
            app_label = "ledger"

        def __str__(self):
            return "a row"

    for name in ("added_by", "added_through"):
        mixed, paired = ByMixin._meta.get_field(name), ByPair._meta.get_field(name)
        assert mixed.deconstruct()[1:] == paired.deconstruct()[1:]
        assert paired.deconstruct()[1] == "django.db.models.ForeignKey"


@pytest.mark.parametrize("model", [Invoice, Contract, Receipt])
def test_models_with_one_pair_or_two_pass_the_checks(model):
    assert model.check() == []


def test_each_act_of_a_row_names_its_own_actor(admin, hr, token):
    row = Contract.objects.create(
        title="Rent", **attributed_to(Actor(hr)), **attributed_to(Actor(admin, token), "signed")
    )
    assert adder_of(row).user == hr
    assert adder_of(row, "signed").label == "API(Greenhouse sync)"
    assert str(Contract._meta.get_field("signed_by").verbose_name) == "signed by"


def test_a_row_goes_on_when_its_person_goes_and_holds_its_token(admin, token):
    row = invoice(Actor(admin, token))
    admin.delete()
    row.refresh_from_db()
    assert (row.added_by, row.added_through) == (None, token)
    with pytest.raises(models.RestrictedError):
        models.QuerySet(APIToken).filter(pk=token.pk).delete()


def test_rows_added_in_bulk_are_attributed_in_one_insert(admin, token, django_assert_num_queries):
    actor = Actor(admin, token)
    rows = [Invoice(number=str(n), **attributed_to(actor)) for n in range(20)]
    with django_assert_num_queries(1):
        Invoice.objects.bulk_create(rows)
    assert Invoice.objects.added_through(token).count() == 20


@pytest.fixture
def rows(acme, admin, hr, token):
    """One of each adder: by name."""
    other, _jwt = make_token(owner=acme, user=admin, name="Campus day")
    adders = {
        "admin": Actor(admin), "hr": Actor(hr), "hr's token": Actor(hr, token),
        "other": Actor(admin, other), "nobody": Actor(),
    }  # fmt: skip
    return {name: invoice(actor, name[:20]) for name, actor in adders.items()}


def names(queryset):
    return {row.number for row in queryset}


def test_each_filter_is_what_its_name_says(rows, hr, token):
    objects = Invoice.objects
    assert names(objects.added_through(token)) == {"hr's token"}
    assert names(objects.added_by_tokens()) == {"hr's token", "other"}
    assert names(objects.added_by_people()) == {"admin", "hr", "nobody"}
    assert names(objects.added_by_person(hr)) == names(objects.added_by_person(hr.pk)) == {"hr"}


def test_a_filter_of_a_joined_list_keeps_its_joins(rows, hr, token):
    joined = Invoice.objects.with_adder()
    for narrowed in (joined.added_through(token), joined.added_by_person(hr)):
        assert str(narrowed.query).count("LEFT OUTER JOIN") == 2


def test_a_list_of_any_length_is_one_query(rows, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert len([adder_of(row).label for row in Invoice.objects.with_adder()]) == 5


@pytest.mark.django_db(transaction=True)
def test_rows_that_were_there_before_are_nobodys_and_the_columns_go_away_again():
    executor = MigrationExecutor(connection)
    try:
        executor.migrate([("ledger", "0001_initial")])
        old = executor.loader.project_state([("ledger", "0001_initial")]).apps
        old.get_model("ledger", "Invoice").objects.create(number="old")
    finally:
        MigrationExecutor(connection).migrate([("ledger", "0002_attribution")])
    assert adder_of(Invoice.objects.get()) == Actor()


def test_a_write_is_no_more_queries_than_without_attribution(admin, token):
    with CaptureQueriesContext(connection) as captured:
        invoice(Actor(admin, token))
    assert len(captured) == 1


def test_the_columns_of_a_model_are_looked_through_once_and_not_for_every_row():
    walks = []

    class Meta:
        @property
        def fields(self):
            walks.append(self)
            return []

    model = type("Row", (), {"_meta": Meta()})
    assert [has_source(model) for _row in range(3)] == [False] * 3
    assert len(walks) == 1
