"""The tab "Retention": after how long candidates of finished cases are erased."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.security import services
from accounts.security.forms import RetentionForm
from accounts.security.views.base import SettingsPage
from candidates.services.retention import due

USUAL = 365
COUNT_CAP = 10_000
"""Counting stops here, so that the page opens at once."""


class RetentionTab(SettingsPage):
    template_name = "security_settings/retention.html"

    def get(self, request, *args, **kwargs):
        return self.show(self.form(), self.company.retention_days)

    def post(self, request, *args, **kwargs):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.render(400, form=form)
        if "preview" in request.POST:
            return self.show(form, form.value, previewed=True)
        services.set_retention(visit=self.visit, days=form.value)
        return self.saved(said(form.value))

    def form(self, data=None):
        days = self.company.retention_days
        return RetentionForm(data, initial={"on": days is not None, "number": days or USUAL})

    def show(self, form, days, **context):
        """With whom *days* meet; None: nobody."""
        if days is not None:
            context |= {"days": days, "cap": COUNT_CAP, "count": self.count(days)}
        return self.render(form=form, **context)

    def count(self, days):
        return due(self.company, days, timezone.now())[:COUNT_CAP].count()


def said(days):
    if days is None:
        return _("Candidates are erased by an Admin alone.")
    text = ngettext(
        "Candidates are erased %(days)s day after their case is finished.",
        "Candidates are erased %(days)s days after their case is finished.",
        days,
    )
    return text % {"days": days}
