"""The tab "Password expiry"."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.security import services
from accounts.security.forms import PasswordExpiryForm
from accounts.security.people import SHOWN, met_by_expiry
from accounts.security.views.base import SettingsPage

USUAL = 90


class PasswordExpiry(SettingsPage):
    template_name = "security_settings/password_expiry.html"

    def get(self, request, *args, **kwargs):
        return self.render(form=self.form(), **self.people(self.policy.password_days))

    def post(self, request, *args, **kwargs):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.render(400, form=form)
        if "preview" in request.POST:
            return self.render(form=form, previewed=True, **self.people(form.value))
        services.set_password_expiry(visit=self.visit, days=form.value)
        return self.saved(said(form.value))

    def form(self, data=None):
        days = self.policy.password_days
        return PasswordExpiryForm(data, initial={"on": days is not None, "number": days or USUAL})

    def people(self, days):
        """Whom *days* meet: context of the page."""
        if days is None:
            return {}
        shown = None if "all" in self.request.GET else SHOWN
        met, later, without = met_by_expiry(
            services.preview(self.policy, password_days=days), shown
        )
        return {"days": days, "met": met, "later": later, "without": without}


def said(days):
    if days is None:
        return _("Passwords don’t expire.")
    text = ngettext(
        "Passwords expire after %(days)s day.", "Passwords expire after %(days)s days.", days
    )
    return text % {"days": days}
