"""What a company has paid for and what became of it: for its Admins."""

from django.urls import reverse
from django.utils.http import urlencode
from django.views.generic import TemplateView

from accounts.views import CompanyAdminRequired
from candidates.models import CreditEntry, Package
from candidates.pages.base import PagedByKey
from candidates.pages.paging import PAGE_SIZE, paginate
from candidates.services.credits import rupees_of


class Credits(CompanyAdminRequired, PagedByKey, TemplateView):
    """The balances, and the ledger behind them, newest first, by key."""

    template_name = "candidates/credits.html"
    http_method_names = ["get"]

    def get_context_data(self, **kwargs):
        company = self.request.user.company
        page = paginate(ledger_of(company), self.cursor)
        return super().get_context_data(
            packages=Package.objects.filter(company=company),
            wallet=rupees_of(company),
            entries=page.rows,
            previous_url=page.previous and credits_url(page.previous),
            next_url=page.next and credits_url(page.next),
            page_size=PAGE_SIZE,
            **kwargs,
        )


def ledger_of(company):
    """The entries of *company* with all that a row shows: one query for any number of rows."""
    rows = CreditEntry.objects.filter(company=company).with_adder()
    return rows.select_related("package", "candidate")


def credits_url(parameters):
    return f"{reverse('credits')}?{urlencode(parameters)}"
