from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from typed.models import Order

from apitokens.admin import AddedByFilter, AttributedAdmin
from apitokens.reauthentication import must_reauthenticate, renew_sign_in


@admin.register(Order)
class OrderAdmin(AttributedAdmin):
    list_display = ["title", "adder"]
    list_filter = [AddedByFilter]


def reveal(request: HttpRequest) -> HttpResponse:
    if url := must_reauthenticate(request, None):
        return HttpResponseRedirect(url)
    renew_sign_in(request)
    return HttpResponse("fresh")
