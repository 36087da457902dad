"""The company's pages: permission, form, service, render. Who sees what is visibility's."""

from django.http import QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic import TemplateView

from candidates.models import Package
from candidates.pages.base import CompanyPage, PagedByKey
from candidates.pages.counts import counts_by_state
from candidates.pages.filters import FilterForm
from candidates.pages.paging import PAGE_SIZE
from candidates.visibility import sees_progress, visible_cases

LATEST = 5


class Dashboard(CompanyPage, TemplateView):
    """How things stand, in real numbers."""

    template_name = "dashboard.html"

    def without_company(self):
        if self.request.user.is_staff:
            return redirect("admin:index")
        return super().without_company()

    def get_context_data(self, **kwargs):
        user = self.request.user
        return super().get_context_data(
            counts=counts_by_state(visible_cases(user)) if sees_progress(user) else [],
            latest=self.candidates.for_list().order_by("-pk")[:LATEST],
            packages=self.packages() if user.is_company_admin else [],
            **kwargs,
        )

    def packages(self):
        return Package.objects.filter(company=self.request.user.company, is_active=True)


class CandidateList(CompanyPage, PagedByKey, TemplateView):
    """The candidates that one may see, newest first, by key."""

    template_name = "candidates/list.html"

    def get_context_data(self, **kwargs):
        filters = FilterForm(self.request.GET, user=self.request.user)
        page = filters.page(self.candidates.for_list(), self.cursor)
        return super().get_context_data(
            filters=filters,
            narrowed=bool(filters.narrowing),
            beyond=self.cursor is not None and not page.rows,
            first_url=list_url(filters.query),
            rows=page.rows,
            previous_url=page.previous and list_url(filters.query | page.previous),
            next_url=page.next and list_url(filters.query | page.next),
            page_size=PAGE_SIZE,
            **kwargs,
        )


def list_url(parameters):
    """The list's address with these query parameters."""
    query = QueryDict(mutable=True)
    query.update(parameters)
    return reverse("candidates:list") + (f"?{query.urlencode()}" if query else "")
