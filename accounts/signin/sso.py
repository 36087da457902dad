"""Signing in by a company's own identity provider.

``find`` asks for the work e-mail or the company's sign-in name; a company's own address can be kept
as a bookmark. Unknown names and companies without single sign-on are answered alike.
"""

from allauth.account.utils import get_next_redirect_url
from allauth.core import ratelimit
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.signin.connections import connection_to_begin, connection_to_end
from accounts.signin.forms import CompanyForm
from accounts.signin.hops import calmly, hop, not_signed_in
from accounts.signin.oidc import company_provider

NONE_THERE = _("There is no single sign-on under this name. Sign in another way, or ask an admin")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def find(request):
    if request.method != "POST":
        return shown(request, CompanyForm())
    form = CompanyForm(request.POST)
    return begin(request, form) if form.is_valid() else shown(request, form, 400)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def start(request, company):
    """A company's own address: to keep, and to begin from with one click."""
    form = CompanyForm({"name": company})
    if request.method == "POST" and form.is_valid():
        return begin(request, form)
    if form.is_valid() and connection_to_begin(company):
        context = {"company": company, "next": get_next_redirect_url(request)}
        return render(request, "socialaccount/sso_start.html", context)
    return none_there(request, form)


def begin(request, form):
    """On to the provider of the company that the valid *form* names."""
    if refused := ratelimit.consume_or_429(request, action="sso"):
        return refused
    connection = connection_to_begin(form.cleaned_data["name"])
    return ask(request, connection=connection) if connection else none_there(request, form)


@calmly
def ask(request, connection):
    provider = company_provider(request, connection)
    response = provider.redirect(
        request, process=AuthProcess.LOGIN, next_url=get_next_redirect_url(request)
    )
    return hop(request, provider, response)


@require_GET
@never_cache
@calmly
def come_back(request, company):
    """Back from there, with a code for who it is."""
    connection = connection_to_end(company)
    if connection is None:
        return not_signed_in(request)
    adapter = company_provider(request, connection).get_oauth2_adapter(request)
    return OAuth2CallbackView.adapter_view(adapter)(request)


def none_there(request, form):
    form.add_error("name", NONE_THERE)
    return shown(request, form, 404)


def shown(request, form, status=200):
    context = {"form": form, "next": get_next_redirect_url(request)}
    return render(request, "socialaccount/sso_find.html", context, status=status)
