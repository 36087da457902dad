"""The tab "Allowed networks"."""

from django.utils.translation import gettext as _

from accounts.security import services
from accounts.security.forms import NetworksForm
from accounts.security.views.base import SettingsPage


class AllowedNetworks(SettingsPage):
    template_name = "security_settings/networks.html"

    def get(self, request, *args, **kwargs):
        return self.show(self.form())

    def post(self, request, *args, **kwargs):
        form = self.form(request.POST)
        if form.is_valid() and self.save(form):
            return self.saved(said(form.cleaned_data["networks"]))
        return self.show(form, 400)

    def save(self, form):
        """Whether it could be done; if not, the form says why."""
        try:
            services.set_networks(visit=self.visit, networks=form.cleaned_data["networks"])
        except services.LocksYouOut:
            form.add_error("networks", outside(self.visit.address))
        return not form.errors

    def form(self, data=None):
        return NetworksForm(data, initial={"networks": "\n".join(self.policy.networks.split())})

    def show(self, form, status=200):
        return self.render(status, form=form, address=self.visit.address)


def outside(address):
    if address is None:
        return _("You would be outside: your own address is not known")
    return _("You would be outside: add your own address, %s") % address


def said(networks):
    if networks:
        return _("People sign in from these networks only.")
    return _("People sign in from anywhere.")
