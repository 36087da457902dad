"""What the pages for a company's people have in common."""

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.shortcuts import render

from candidates.pages.paging import ForgedCursor, read_cursor
from candidates.visibility import sees_progress, visible_candidates


class CompanyPage(LoginRequiredMixin):
    """A page for a company's people; log-in for nobody, 403 for anybody else."""

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and request.user.company_id is None:
            return self.without_company()
        return super().dispatch(request, *args, **kwargs)

    def without_company(self):
        raise PermissionDenied

    def get_context_data(self, **kwargs):
        return super().get_context_data(sees_progress=sees_progress(self.request.user), **kwargs)

    @property
    def candidates(self):
        return visible_candidates(self.request.user)


class PagedByKey:
    """A page with ``self.cursor``, where its list begins; 400 for one that no page links to."""

    def get(self, request, *args, **kwargs):
        try:
            self.cursor = read_cursor(request.GET)
        except ForgedCursor:
            return render(request, "400.html", status=400)
        return super().get(request, *args, **kwargs)
