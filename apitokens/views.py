"""The settings page: permission, form, service, render. Decisions live elsewhere."""

from datetime import timedelta
from functools import cached_property

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from apitokens import services
from apitokens.attribution import actor_of
from apitokens.conf import conf
from apitokens.exceptions import (
    LifetimeRefused,
    NameTaken,
    TokenDeleted,
    TokenLimitReached,
    TokenNotUsable,
)
from apitokens.forms import DeleteForm, FilterForm, GenerateForm, RenameForm
from apitokens.models import APIToken
from apitokens.policy import get_policy

RECENTLY = timedelta(days=7)
UNUSED_FOR = timedelta(days=90)
FILTERS_FROM = 6
"""Filters appear when there are more than five tokens."""


def wants_json(request):
    return (
        request.get_preferred_type(["text/html", "application/json"])
        == "application/json"
    )


class ManagePage(TemplateView):
    """A page for those who manage the owner's tokens; log-in for nobody, 403 for anybody else."""

    def dispatch(self, request, *args, **kwargs):
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if self.owner is None or not get_policy().can_manage(request.user, self.owner):
            raise PermissionDenied
        try:
            response = super().dispatch(request, *args, **kwargs)
        except TokenDeleted:
            response = self.already_deleted()
        add_never_cache_headers(response)
        response["Referrer-Policy"] = "no-referrer"
        return response

    @cached_property
    def owner(self):
        return get_policy().owner_for(self.request)

    @property
    def tokens(self):
        return APIToken.objects.for_owner(self.owner).existing().with_credentials()

    @cached_property
    def token(self):
        """The token that the URL names; 404 for another owner's just as for none."""
        token = self.tokens.filter(public_id=self.kwargs["public_id"]).first()
        if token is None:
            raise Http404
        return token

    @property
    def acting(self):
        """Keyword arguments of every service: who does it, and from where."""
        actor = actor_of(self.request)
        return {"actor": actor.user, "address": actor.address}

    def already_deleted(self):
        text = _("That token has just been deleted by someone else.")
        if wants_json(self.request):
            return JsonResponse({"errors": {"__all__": [text]}}, status=404)
        messages.warning(self.request, text)
        return redirect("apitokens:list")

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            owner=self.owner,
            purpose=get_policy().purpose(self.owner),
            docs_url=named_or_literal(conf.docs_url),
            heading=f"h{conf.heading_level}",
            subheading=f"h{conf.heading_level + 1}",
            **kwargs,
        )

    def render(self, template_name, status=200, **context):
        self.template_name = template_name
        return self.render_to_response(self.get_context_data(**context), status=status)


class ListPage(ManagePage):
    """The tokens, newest first; also the ground under the reveal and an open dialog."""

    def get(self, request, *args, **kwargs):
        return self.render_list()

    def render_list(
        self, *, form=None, status=200, template="apitokens/list.html", **context
    ):
        filters = FilterForm(self.request.GET)
        total = self.tokens.count()
        page = self.paginate(self.narrow(filters.narrowing))
        return self.render(
            template,
            status,
            form=form or GenerateForm(initial={"from_dialog": True}),
            dialog_open=form is not None,
            filters=filters,
            show_filters=total >= FILTERS_FROM,
            narrowed=bool(filters.narrowing),
            page=page,
            total=total,
            empty_text=get_policy().empty_text,
            query=self.query_without_page(),
            **context,
        )

    def narrow(self, conditions):
        """The queryset, or for "stopped" (which the policy alone knows) the list, that is asked."""
        tokens = self.tokens.order_by("-pk")
        if name := conditions.get("q"):
            tokens = tokens.filter(name__icontains=name)
        if conditions.get("unused"):
            tokens = tokens.unused_since(timezone.now() - UNUSED_FOR)
        match conditions.get("state"):
            case "never-ending":
                return tokens.filter(
                    credentials__ends_at=None, credentials__expires_at=None
                )
            case "short-lived":
                return tokens.ending_within(timedelta(days=1))
            case "ends-soon":
                return tokens.ending_within(timedelta(hours=1))
            case "expired":
                return tokens.expired()
            case "stopped":
                return [token for token in tokens if token.state == "stopped"]
        return tokens

    def paginate(self, tokens):
        return Paginator(tokens, conf.page_size).get_page(self.request.GET.get("page"))

    def query_without_page(self):
        query = QueryDict(mutable=True)
        query.update(
            {k: str(v) for k, v in FilterForm(self.request.GET).narrowing.items()}
        )
        return query.urlencode()

    def render_reveal(self, token, jwt):
        return self.render_list(
            template="apitokens/reveal.html",
            revealed=token,
            jwt=jwt,
            me_url=self.me_url(),
        )

    def me_url(self):
        """Absolute address of MeView for the examples, or "" where the host didn't mount it."""
        try:
            return self.request.build_absolute_uri(reverse(conf.me_url))
        except NoReverseMatch:
            return ""


class GeneratePage(ListPage):
    """The form at its own address; a valid one answers with the token, once."""

    def get(self, request, *args, **kwargs):
        return self.render("apitokens/generate.html", form=GenerateForm())

    def post(self, request, *args, **kwargs):
        form = GenerateForm(request.POST)
        issued = self.issue(form) if form.is_valid() else None
        if issued is not None:
            return self.render_reveal(*issued)
        if form.data.get("from_dialog"):
            return self.render_list(form=form, status=400)
        return self.render("apitokens/generate.html", status=400, form=form)

    def issue(self, form):
        """(token, JWT), or None with the reason on the form."""
        data, actor = form.cleaned_data, actor_of(self.request)
        try:
            return services.issue_token(
                owner=self.owner,
                user=actor.user,
                name=data["name"],
                lifetime=data["lifetime"],
                request_id=data["request_id"],
                address=actor.address,
            )
        except NameTaken:
            form.add_error("name", _("There is a token with this name. Choose another"))
        except LifetimeRefused:
            form.add_error("lifetime", _("So long a lifetime is not allowed here"))
        except TokenLimitReached as error:
            form.add_error(None, _("%s tokens are allowed. Delete one first") % error)
        except TokenNotUsable:
            form.add_error(
                None, _("The token of this form no longer works. Generate a new one")
            )
        return None


class RenamePage(ManagePage):
    """Edit the name: in place by script, on a page of its own without."""

    def get(self, request, *args, **kwargs):
        form = RenameForm(initial={"name": self.token.name})
        return self.render("apitokens/rename.html", form=form, token=self.token)

    def post(self, request, *args, **kwargs):
        form = RenameForm(request.POST)
        token = self.rename(form) if form.is_valid() else None
        if wants_json(request):
            if token is None:
                return JsonResponse({"errors": form.errors}, status=400)
            return JsonResponse({"name": token.name})
        if token is None:
            return self.render(
                "apitokens/rename.html", status=400, form=form, token=self.token
            )
        messages.success(request, _("Renamed to %s.") % token.name)
        return redirect(f"{reverse('apitokens:list')}#{token.public_id}")

    def rename(self, form):
        try:
            return services.rename_token(
                token=self.token, name=form.cleaned_data["name"], **self.acting
            )
        except NameTaken:
            form.add_error("name", _("There is a token with this name. Choose another"))
        return None


class CopyAction(ListPage):
    """The JWT again: as JSON to a script, else revealed on the page."""

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        try:
            jwt = services.copy_token(token=self.token, **self.acting)
        except TokenNotUsable:
            return self.refuse(
                _("%s no longer works, so there is nothing to copy.") % self.token
            )
        if wants_json(request):
            return JsonResponse({"token": jwt})
        return self.render_reveal(self.token, jwt)

    def refuse(self, text):
        if wants_json(self.request):
            return JsonResponse({"errors": {"__all__": [text]}}, status=409)
        messages.error(self.request, text)
        return redirect("apitokens:list")


class DeletePage(ManagePage):
    """What the token is still used for, and the button that ends it."""

    def get(self, request, *args, **kwargs):
        return self.render_form(self.form())

    def post(self, request, *args, **kwargs):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.render_form(form, status=400)
        following = self.tokens.filter(pk__lt=self.token.pk).order_by("-pk").first()
        if not services.delete_token(token=self.token, **self.acting):
            return self.already_deleted()
        messages.success(
            request, _("Deleted %s. Programs using it now get 401.") % self.token.name
        )
        fragment = f"#{following.public_id}" if following else ""
        return redirect(reverse("apitokens:list") + fragment)

    def form(self, data=None):
        return DeleteForm(data, token=self.token, ask_for_name=self.used_recently)

    @property
    def used_recently(self):
        used = self.token.last_used_at
        return used is not None and used > timezone.now() - RECENTLY

    def render_form(self, form, status=200):
        usage = get_policy().usage(self.token)
        return self.render(
            "apitokens/delete.html",
            status,
            form=form,
            token=self.token,
            usage_text=get_policy().usage_text(self.token, usage[0]) if usage else "",
            usage_url=usage[1] if usage else "",
        )


class UsageView(ManagePage):
    """Last use as JSON, for the reveal that waits for the first call."""

    def get(self, request, *args, **kwargs):
        used = self.token.last_used_at
        return JsonResponse(
            {
                "last_used_at": used and used.isoformat(),
                "last_used_from": self.token.last_used_from,
                "seconds_ago": used
                and max(0, int((timezone.now() - used).total_seconds())),
            }
        )


def named_or_literal(url):
    """A URL name reversed, or the text itself where it is no name; None stays None."""
    if not url:
        return None
    try:
        return reverse(url)
    except NoReverseMatch:
        return url
