"""The company's pages: permission, form, service, render. Who sees what is visibility's."""

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from apitokens.attribution import actor_of
from candidates.exceptions import DuplicateCandidate, NoCredits
from candidates.models import Package
from candidates.pages.base import CompanyPage
from candidates.pages.counts import counts_by_state
from candidates.pages.filters import FilterForm
from candidates.pages.forms import AddForm
from candidates.pages.paging import PAGE_SIZE, ForgedCursor, read_cursor
from candidates.services.add import add_candidate
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


class CandidateList(CompanyPage, TemplateView):
    """The candidates that one may see, newest first, by key."""

    template_name = "candidates/list.html"

    def get(self, request, *args, **kwargs):
        try:
            self.cursor = read_cursor(request.GET)
        except ForgedCursor:
            return render(request, "400.html", status=400)
        return super().get(request, *args, **kwargs)

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


class CandidateAdd(CompanyPage, FormView):
    """Add a candidate by hand: every access level may."""

    template_name = "candidates/add.html"
    form_class = AddForm

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "company": self.request.user.company}

    def form_valid(self, form):
        candidate = self.add(form)
        if candidate is None:
            return self.form_invalid(form)
        messages.success(self.request, _("Added %s.") % candidate.name)
        return redirect("candidates:detail", pk=candidate.pk)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def add(self, form):
        """The new candidate, or None with the reason on the form."""
        data = form.cleaned_data
        try:
            return add_candidate(
                company=self.request.user.company,
                actor=actor_of(self.request),
                is_consent_undertaking_letter=bool(data["consent_url"]),
                **data,
            )
        except DuplicateCandidate as error:
            form.refuse_duplicate(error.fields)
        except NoCredits:
            form.add_error("subtype", _("This package has no credits left. Choose another"))
        return None


def list_url(parameters):
    """The list's address with these query parameters."""
    query = QueryDict(mutable=True)
    query.update(parameters)
    return reverse("candidates:list") + (f"?{query.urlencode()}" if query else "")
