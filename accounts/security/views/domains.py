"""The tab "Domain whitelist": the switch, and a list that changes at once."""

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.security import services
from accounts.security.domains import domain_of, readable
from accounts.security.forms import DomainForm, OnlyDomainsForm
from accounts.security.people import people_by_domain
from accounts.security.views.base import SettingsPage


class DomainWhitelist(SettingsPage):
    template_name = "security_settings/domains.html"

    def get(self, request, *args, **kwargs):
        return self.show()

    def post(self, request, *args, **kwargs):
        try:
            if "add" in request.POST:
                return self.add()
            if "remove" in request.POST:
                return self.remove()
            return self.switch()
        except services.LocksYouOut:
            return self.show(400, locked_out=True)

    def add(self):
        form = DomainForm(self.request.POST)
        if form.is_valid():
            try:
                services.add_domain(visit=self.visit, domain=form.cleaned_data["domain"])
            except services.TooManyDomains:
                form.add_error("domain", _("The list is full: 100 domains at most"))
        if form.errors:
            return self.show(400, adding=form)
        return self.saved(_("%s is on the list.") % readable(form.cleaned_data["domain"]))

    def remove(self):
        name = self.request.POST["remove"]
        services.remove_domain(visit=self.visit, domain=name)
        return self.saved(_("%s is off the list.") % readable(name))

    def switch(self):
        form = self.form(self.request.POST)
        form.is_valid()
        services.set_only_domains(visit=self.visit, on=form.cleaned_data["on"])
        if form.cleaned_data["on"]:
            return self.saved(_("Only people of these domains may sign in."))
        return self.saved(_("People of any domain may sign in."))

    def form(self, data=None):
        return OnlyDomainsForm(data, initial={"on": self.policy.only_domains})

    def show(self, status=200, *, adding=None, locked_out=False):
        people = people_by_domain(self.company)
        names = self.policy.domain_names
        outside = sorted(
            mail for name, them in people.items() if name not in names for mail in them
        )
        own = domain_of(self.request.user.email)
        return self.render(
            status,
            form=self.form(self.request.POST if locked_out else None),
            adding=adding or DomainForm(),
            rows=[row(entry, people, own) for entry in self.policy.domains],
            outside=outside,
            own=readable(own) if own else "",
            own_is_listed=own in names,
            locked_out=locked_out,
        )


def row(entry, people, own):
    return {
        **entry,
        "readable": readable(entry["name"]),
        "added_at": parse_datetime(entry["added_at"]),
        "people": len(people.get(entry["name"], [])),
        "is_own": entry["name"] == own,
    }
