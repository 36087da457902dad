"""What every page shares: who may see it, which token it is about, and its frame."""

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.generic import TemplateView

from apitokens.conf import conf
from apitokens.exceptions import TokenDeleted
from apitokens.links import named_or_literal
from apitokens.ownership import OwnersTokens, may_manage
from apitokens.policy import get_policy
from apitokens.reauthentication import must_reauthenticate


def wants_json(request):
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


class ManagePage(OwnersTokens, TemplateView):
    """A page for those who manage the owner's tokens; log-in for nobody, 403 for anybody else."""

    reauthenticates = False
    """Whether it reveals or revives a token: then an old sign-in confirms the password first."""

    @sensitive_variables()  # nor of what it calls: the report of an error shows no token
    def dispatch(self, request, *args, **kwargs):
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not may_manage(request.user, self.owner):
            raise PermissionDenied
        try:
            response = self.ask_again_if_old() or super().dispatch(request, *args, **kwargs)
        except TokenDeleted:
            response = self.already_deleted()
        add_never_cache_headers(response)
        response["Referrer-Policy"] = "no-referrer"
        return response

    @property
    def back_url(self):
        """Where to go on: the token's own page if the way led from there, else its row."""
        if "back" in self.request.GET:
            return reverse("apitokens:detail", args=[self.token.public_id])
        return f"{reverse('apitokens:list')}#{self.token.public_id}"

    def tell(self, text, level=messages.SUCCESS):
        """Say *text*, HTML that may hold ``{name}``, on the next page."""
        messages.add_message(self.request, level, format_html(text, name=self.token.name))

    def confirm(self, age):
        """Where to ask for the password first, when the sign-in is older than *age*, or None."""
        return must_reauthenticate(self.request, age, then=self.address_afterwards())

    def already_deleted(self):
        text = _("That token has just been deleted by someone else.")
        if wants_json(self.request):
            return JsonResponse({"errors": {"__all__": [text]}}, status=404)
        messages.warning(self.request, text)
        return redirect("apitokens:list")

    def ask_again_if_old(self):
        return self.ask_again(conf.reauth_age) if self.reauthenticates else None

    def ask_again(self, age):
        """The way to the password page when the sign-in is older than *age*, or None."""
        url = self.confirm(age)
        if url is None:
            return None
        if wants_json(self.request):
            text = _("Confirm your password, then try again.")
            answer = {"errors": {"__all__": [text]}, "reauthenticate": url}
            return JsonResponse(answer, status=403)
        return redirect(url)

    def address_afterwards(self):
        """Where the person goes on: here, or at the list when this is no page to look at."""
        if "get" in self.http_method_names:
            return self.request.get_full_path()
        return reverse("apitokens:list")

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
