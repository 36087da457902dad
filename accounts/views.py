"""Pages about a company's settings; those of the log-in are in accounts/signin/."""

from collections.abc import Sequence

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.views.generic import RedirectView

from apitokens.conf import conf
from apitokens.reauthentication import must_reauthenticate

TYPED = "accounts_typed"
LONGEST, MOST = 500, 20


class CompanyAdminRequired(LoginRequiredMixin):
    """Log-in for nobody, 403 for anybody but an Admin of a company."""

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and not request.user.is_company_admin:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class PasswordAgain:
    """A page that an old sign-in comes to by way of the password, as copying a token does.

    What was typed there waits in the session meanwhile: no address and no log tells it.
    """

    reauthenticates = False
    typed: Sequence[str] = ()
    typed_lists: Sequence[str] = ()
    """Names of fields that are worth keeping, and no secrets; and of those with several values."""

    def dispatch(self, request, *args, **kwargs):
        if self.reauthenticates and (page := self.confirmation()):
            self.keep_typed(request.POST)
            return redirect(page)
        return super().dispatch(request, *args, **kwargs)

    def confirmation(self):
        return must_reauthenticate(self.request, conf.reauth_age, then=self.address_afterwards())

    def address_afterwards(self):
        return self.request.get_full_path()

    def keep_typed(self, data):
        found = {name: data.get(name, "")[:LONGEST] for name in self.typed if name in data}
        found |= {name: [v[:LONGEST] for v in data.getlist(name)[:MOST]]
                  for name in self.typed_lists if name in data}  # fmt: skip
        if found:
            self.request.session[TYPED] = [self.request.path, found]

    def typed_before(self):
        """What waited here, this once."""
        path, found = self.request.session.get(TYPED, ("", {}))
        if path != self.request.path:
            return {}
        del self.request.session[TYPED]
        return found


class SecuritySettings(CompanyAdminRequired, RedirectView):
    """The settings open at their first tab."""

    pattern_name = "security:login-methods"
