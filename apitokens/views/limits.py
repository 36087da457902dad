"""What a token may do and from where, changed later."""

from urllib.parse import urlencode

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from apitokens import services
from apitokens.conf import WIDENING_AGE, conf
from apitokens.forms import LimitsForm
from apitokens.views.base import ManagePage
from apitokens.views.detail import plain


class LimitsPage(ManagePage):
    """Scopes and allowed addresses. Wider ones ask for the password again."""

    def get(self, request, *args, **kwargs):
        return self.render_form(LimitsForm(initial=self.limits_kept() or self.limits_now()))

    def post(self, request, *args, **kwargs):
        form = LimitsForm(request.POST)
        if not form.is_valid():
            return self.render_form(form, status=400)
        if services.is_widening(self.token, **form.limits) and (url := self.confirm(WIDENING_AGE)):
            return redirect(url)
        services.limit_token(token=self.token, **form.limits, **self.acting)
        self.tell(_("Changed what <bdi>{name}</bdi> can do."))
        return redirect(self.back_url)

    @property
    def back_url(self):
        return reverse("apitokens:detail", args=[self.token.public_id])

    def address_afterwards(self):
        """Here, with what was typed, so that only Save is left to press."""
        given = self.request.POST
        query = {"scopes": given.getlist("scopes"), "networks": given.get("networks", "")}
        return f"{self.request.path}?{urlencode(query, doseq=True)}"

    def limits_kept(self):
        """What was typed before the password was asked for, or nothing."""
        given = self.request.GET
        if "networks" not in given:
            return {}
        return {"scopes": given.getlist("scopes"), "networks": given["networks"]}

    def limits_now(self):
        return {
            "scopes": [name for name in conf.scopes if self.token.has_scope(name)],
            "networks": "\n".join(str(plain(network)) for network in self.token.networks),
        }

    def render_form(self, form, status=200):
        return self.render("apitokens/limits.html", status, form=form, token=self.token)
