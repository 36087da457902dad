"""What every page shares: who may see it, which token it is about, and its frame."""

from functools import cached_property

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from apitokens.attribution import actor_of
from apitokens.conf import conf
from apitokens.exceptions import TokenDeleted
from apitokens.models import APIToken
from apitokens.policy import get_policy


def wants_json(request):
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def named_or_literal(url):
    """A URL name reversed, or the text itself where it is no name; None stays None."""
    if not url:
        return None
    try:
        return reverse(url)
    except NoReverseMatch:
        return url


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
