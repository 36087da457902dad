"""The list, and what stands above it: the generate form, and the reveal of a token."""

from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.db.models.functions import Coalesce
from django.http import JsonResponse, QueryDict
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from apitokens import services
from apitokens.attribution import actor_of
from apitokens.conf import conf
from apitokens.exceptions import LifetimeRefused, NameTaken, TokenLimitReached, TokenNotUsable
from apitokens.forms import FilterForm, GenerateForm
from apitokens.models import Credential
from apitokens.policy import get_policy
from apitokens.views.base import ManagePage, wants_json

HOUR = timedelta(hours=1)
UNUSED_FOR = timedelta(days=90)
FILTERS_FROM = 6
"""Filters appear when there are more than five tokens."""
MANY = 1000
"""So many tokens are looked at for the line that says how many have stopped."""


class ListPage(ManagePage):
    """The tokens, newest first; also the ground under the reveal and an open dialog."""

    def get(self, request, *args, **kwargs):
        return self.render_list()

    @property
    def back_url(self):
        return super().back_url if "public_id" in self.kwargs else reverse("apitokens:list")

    def render_list(self, *, form=None, status=200, template="apitokens/list.html", **context):
        old_secrets = self.tokens.with_old_secrets().exists()
        filters = FilterForm(self.request.GET, old_secrets=old_secrets)
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
            stopped=len(self.stopped()),
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
                return tokens.filter(credentials__ends_at=None, credentials__expires_at=None)
            case "short-lived":
                return tokens.ending_within(timedelta(days=1))
            case "ends-soon":
                return tokens.filter(pk__in=self.ending_soon())
            case "suspended":
                return [token for token in tokens if token.state == "suspended"]
            case "stopped":
                return [token for token in tokens if token.state == "stopped"]
            case "expired":
                return tokens.expired()
            case "old-secret":
                return tokens.with_old_secrets()
        return tokens

    def ending_soon(self):
        """Ids of those of which a credential ends within an hour, overlaps too."""
        now = timezone.now()
        ends = Coalesce("ends_at", "expires_at")
        soon = Credential.objects.alias(ends=ends).filter(ends__gt=now, ends__lte=now + HOUR)
        return soon.values("token")

    def stopped(self):
        """The tokens that the policy stopped, of the newest MANY; it alone knows which."""
        newest = self.tokens.order_by("-pk")[:MANY]
        return [token for token in newest if token.state == "stopped"]

    def paginate(self, tokens):
        return Paginator(tokens, conf.page_size).get_page(self.request.GET.get("page"))

    def query_without_page(self):
        query = QueryDict(mutable=True)
        query.update({k: str(v) for k, v in FilterForm(self.request.GET).narrowing.items()})
        return query.urlencode()

    def render_reveal(self, token, jwt):
        return self.render_list(
            template="apitokens/reveal.html",
            revealed=self.again(token),
            jwt=jwt,
            me_url=self.me_url(),
        )

    def me_url(self):
        """Absolute address of MeView for the examples: where the host mounted it, or our own."""
        for name in (conf.me_url, "apitokens:me"):
            with suppress(NoReverseMatch):
                return self.request.build_absolute_uri(reverse(name))
        return ""


class GeneratePage(ListPage):
    """The form at its own address; a valid one answers with the token, once."""

    reauthenticates = True
    kept = ("name", "kind", "lifetime", "scopes", "networks")
    """What the form keeps while the password is asked for, in the address to go on at."""

    def get(self, request, *args, **kwargs):
        return self.render("apitokens/generate.html", form=GenerateForm(initial=self.prefill()))

    def prefill(self):
        known = {name: self.request.GET.getlist(name) for name in self.kept}
        return {
            name: values if name == "scopes" else values[-1]
            for name, values in known.items()
            if values
        }

    def address_afterwards(self):
        given = self.request.POST or self.request.GET
        query = urlencode({name: given.getlist(name) for name in self.kept}, doseq=True)
        return f"{reverse('apitokens:generate')}?{query}" if query else self.request.path

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
                **form.limits,
                request_id=data["request_id"],
                address=actor.address,
            )
        except NameTaken:
            form.add_error("name", _("There is a token with this name. Choose another"))
        except LifetimeRefused:
            form.add_error("lifetime", _("So long a lifetime is not allowed here"))
        except TokenLimitReached as error:
            form.add_error(None, _("%s tokens are allowed. Delete one first") % error)
        except IntegrityError:
            form.add_error(None, _("The data changed meanwhile. Please try again"))
        except TokenNotUsable:
            form.add_error(None, _("The token of this form no longer works. Generate a new one"))
        return None


class CopyAction(ListPage):
    """The JWT again: as JSON to a script, else revealed on the page."""

    http_method_names = ["post"]
    reauthenticates = True

    def post(self, request, *args, **kwargs):
        try:
            jwt = services.copy_token(token=self.token, **self.acting)
        except TokenNotUsable:
            return self.refuse(
                _("<bdi>{name}</bdi> doesn’t work now, so there is nothing to copy.")
            )
        if wants_json(request):
            return JsonResponse({"token": jwt})
        return self.render_reveal(self.token, jwt)

    def refuse(self, text):
        if wants_json(self.request):
            plain = strip_tags(text).format(name=self.token.name)
            return JsonResponse({"errors": {"__all__": [plain]}}, status=409)
        self.tell(text, messages.ERROR)
        return redirect(self.back_url)
