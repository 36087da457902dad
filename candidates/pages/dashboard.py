"""The first page: how things stand, of what one may see."""

from django.db.models import Q, Sum
from django.shortcuts import redirect
from django.views.generic import TemplateView

from candidates.dashboard.attention import FEW_CREDITS, attention_of
from candidates.dashboard.chart import NARROW, WIDE, chart_of, weeks_from
from candidates.dashboard.counts import large_counts, small_counts
from candidates.dashboard.figures import figures_of
from candidates.models import Package
from candidates.pages.base import CompanyPage
from candidates.visibility import sees_progress

LATEST = 5


class Dashboard(CompanyPage, TemplateView):
    """Recruiters, who are told neither states nor dates, see whom they added last."""

    template_name = "dashboard.html"

    def without_company(self):
        if self.request.user.is_staff:
            return redirect("admin:index")
        return super().without_company()

    def get_context_data(self, **kwargs):
        user = self.request.user
        packages = list(packages_of(user.company)) if user.is_company_admin else []
        context = progress(user, packages) if sees_progress(user) else {}
        return super().get_context_data(
            latest=self.candidates.for_list().order_by("-pk")[:LATEST],
            packages=packages,
            few=FEW_CREDITS,
            **context,
            **kwargs,
        )


def progress(user, packages):
    """Whatever tells how cases stand, or when somebody was added."""
    figures = figures_of(user)
    weeks = weeks_from(figures["weeks"])
    return {
        "counts": large_counts(figures),
        "others": small_counts(figures),
        "weeks": weeks,
        "charts": [(name, chart_of(weeks, width)) for name, width in CHARTS.items()],
        "attention": attention_of(user, figures, packages),
    }


CHARTS = {"wide": WIDE, "narrow": NARROW}
"""Two drawings of the same: letters of one that is made smaller couldn't be read on a phone."""


def packages_of(company):
    """Those offered, with ``bought``: all credits that were ever booked for them."""
    bought = Sum("entries__change", filter=Q(entries__change__gt=0))
    return Package.objects.filter(company=company, is_active=True).annotate(bought=bought)
