"""The tab "Auto-logout"."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.security import services
from accounts.security.forms import AutoLogoutForm
from accounts.security.views.base import SettingsPage

USUAL = 30


class AutoLogout(SettingsPage):
    template_name = "security_settings/auto_logout.html"

    def get(self, request, *args, **kwargs):
        return self.render(form=self.form())

    def post(self, request, *args, **kwargs):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.render(400, form=form)
        services.set_auto_logout(visit=self.visit, minutes=form.value)
        return self.saved(said(form.value))

    def form(self, data=None):
        minutes = self.policy.idle_minutes
        return AutoLogoutForm(data, initial={"on": minutes is not None, "number": minutes or USUAL})


def said(minutes):
    if minutes is None:
        return _("Nobody is signed out for want of activity.")
    text = ngettext(
        "People are signed out after %(minutes)s minute without activity.",
        "People are signed out after %(minutes)s minutes without activity.",
        minutes,
    )
    return text % {"minutes": minutes}
