from django.contrib import admin

from apitokens.admin import AddedByFilter, AttributedAdmin
from tests.apitokens.ledger.models import Contract, Invoice


class SignedByFilter(AddedByFilter):
    act = "signed"
    title = "signed by"
    parameter_name = "signed_by"


@admin.register(Invoice)
class InvoiceAdmin(AttributedAdmin):
    list_display = ["number", "adder"]
    list_filter = [AddedByFilter]


@admin.register(Contract)
class ContractAdmin(AttributedAdmin):
    act = "signed"
    list_display = ["title", "adder"]
    list_filter = [SignedByFilter]
