"""Another credential for the same token, and the end of the one that it replaced."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apitokens import services
from apitokens.exceptions import LifetimeRefused, TokenNotUsable
from apitokens.forms import RotateForm
from apitokens.views.token import TokenAction
from apitokens.views.tokens import ListPage


class RotatePage(ListPage):
    """When the old one should stop; the answer shows the new one, once."""

    reauthenticates = True

    def get(self, request, *args, **kwargs):
        if not self.token.is_usable:
            return self.refuse(_("<bdi>{name}</bdi> doesn’t work now, so it can’t be rotated."))
        return self.render_form(RotateForm(initial={"replaces": self.token.credential.pk}))

    def post(self, request, *args, **kwargs):
        form = RotateForm(request.POST)
        if not self.token.is_usable:
            return self.get(request)
        if not form.is_valid():
            return self.render_form(form, status=400)
        try:
            return self.render_reveal(*self.rotate(form))
        except LifetimeRefused:
            return self.refuse(_("So long a lifetime as that of <bdi>{name}</bdi> is not allowed."))
        except TokenNotUsable:
            return self.refuse(_("<bdi>{name}</bdi> has been rotated by now. Nothing was changed."))

    def rotate(self, form):
        return services.rotate_token(token=self.token, **form.cleaned_data, **self.acting)

    def refuse(self, text):
        self.tell(text, messages.ERROR)
        return redirect(self.back_url)

    def render_form(self, form, status=200):
        credential = self.token.credential
        return self.render(
            "apitokens/rotate.html",
            status,
            form=form,
            token=self.token,
            stops=form.stops(credential),
            lifetime=credential.expires_at and credential.expires_at - credential.issued_at,
        )


class CutAction(TokenAction):
    """The replaced credential ends now instead of later."""

    def act(self):
        count = services.cut_old_credentials(token=self.token, **self.acting)
        return ngettext(
            "The old token of <bdi>{name}</bdi> has ended.",
            "The old tokens of <bdi>{name}</bdi> have ended.",
            count,
        )
