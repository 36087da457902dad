"""The tab "Login methods"."""

from datetime import timedelta
from urllib.parse import urlencode

from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.security import login_services, services
from accounts.security.forms import LoginMethodsForm
from accounts.security.methods import PASSKEY, PASSWORD, SSO, available_methods, method_name
from accounts.security.people import method_use, second_factors
from accounts.security.sessions import proven_methods
from accounts.security.views.base import SettingsPage

USUAL_GRACE = 7


class LoginMethods(SettingsPage):
    template_name = "security_settings/login_methods.html"

    def get(self, request, *args, **kwargs):
        """With what was chosen before the password was asked for, if anything."""
        return self.show(self.form(request.GET if "was_on" in request.GET else None))

    def post(self, request, *args, **kwargs):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form, 400)
        try:
            login_services.change_log_in(
                visit=self.visit,
                proven=proven_methods(request.session, timezone.now()),
                available=available_methods(self.policy),
                **form.changes,
            )
        except services.SettingRefused as error:
            return self.refused(form, error)
        return self.saved(_("Saved. It holds from the next request of everybody."))

    def refused(self, form, error):
        if isinstance(error, login_services.NotProven) and PASSWORD in error.staying:
            chosen = urlencode(form.chosen)
            query = urlencode({"next": f"{self.request.path}?{chosen}"})
            return redirect(f"{reverse('confirm-password')}?{query}")
        form.add_error(None, why(error))
        return self.show(form, 400)

    def form(self, data=None):
        policy = self.policy
        on = policy.second_factor_from is not None
        return LoginMethodsForm(
            data,
            available=available_methods(policy),
            off=policy.methods_off.split(),
            initial={"on": on, "number": policy.grace_days if on else USUAL_GRACE},
        )

    def show(self, form, status=200):
        use = method_use(self.company, timezone.now() - timedelta(days=30))
        with_one, without = second_factors(self.company)
        return self.render(
            status,
            form=form,
            rows=[row(form, name, use) for name in form.available],
            with_one=with_one,
            without=without,
            everybody=with_one + len(without),
        )


def row(form, name, use):
    users, alone = use.get(name, (0, []))
    return {"field": form[f"use_{name}"], "title": method_name(name), "icon": icon(name),
            "users": users, "alone": alone}  # fmt: skip


def icon(name):
    icons = {PASSWORD: "envelope", PASSKEY: "fingerprint", SSO: "building"}
    return icons.get(name, "box-arrow-in-right")


def why(error):
    """In words, why a change of login methods could not be."""
    if isinstance(error, login_services.NoMethodLeft):
        return _("Nothing is changed. At least one method has to stay on.")
    if isinstance(error, services.LocksYouOut):
        return _(
            "Nothing is changed. You signed in by a method that would be off: sign out, sign in by "
            "one that stays on, and try again."
        )
    names = ", ".join(str(method_name(name)) for name in error.staying)
    return _(
        "Nothing is changed. So that nobody is locked out, sign out, sign in by a method that "
        "stays on (%(names)s), and try again."
    ) % {"names": names}
