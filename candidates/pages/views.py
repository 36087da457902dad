"""The company's pages: permission, form, service, render. Who sees what is visibility's."""

from django.http import QueryDict
from django.urls import reverse
from django.views.generic import TemplateView

from candidates.pages.base import CompanyPage, PagedByKey
from candidates.pages.filters import FilterForm
from candidates.pages.paging import PAGE_SIZE


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
