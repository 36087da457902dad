"""Bulk add: upload, match columns, review and fix, confirm. Every access level may.

A file is its person's alone. Nothing is added before the last step, and then by a worker.
"""

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import View

from apitokens.attribution import actor_of
from apitokens.spreadsheets import csv_lines
from candidates.exceptions import NotAllowedNow
from candidates.intake.mail import base_url_of
from candidates.models import BulkImport, BulkRow, Tag
from candidates.pages.base import CompanyPage
from candidates.pages.bulk_forms import ColumnsForm, UploadForm, matched_by
from candidates.pages.bulk_rows import check_rows, fields_in_words, fill_from_cells
from candidates.pages.package_form import offered_subtypes
from candidates.services.bulk import changing, confirm, discard, start_bulk
from candidates.tables import limits
from candidates.tables.matching import match
from candidates.tasks import wake

SHOWN_VALUES = 2
EXAMPLE = {
    "name": "Ananya Krishnan", "phone": "9845012346", "email": "ananya.k@example.in",
    "employee_id": "AC-2304", "uan_number": "100904231187",
}  # fmt: skip


class BulkStep(CompanyPage, View):
    """What the steps share: the file of the address, and the way to where it is by now."""

    http_method_names = ["get", "post"]
    step = ""

    @cached_property
    def bulk(self):
        """The file; 404 for anybody else's, and for one that was left too long."""
        rows = BulkImport.objects.open_to(self.request.user)
        rows = rows.select_related("company", "category", "subtype__package")
        bulk = rows.filter(pk=self.kwargs["bulk"]).first()
        if bulk is None:
            raise Http404
        return bulk

    def dispatch(self, request, *args, **kwargs):
        signed_in = request.user.is_authenticated and request.user.company_id
        if signed_in and (elsewhere := self.elsewhere()):
            return self.go(elsewhere)
        try:
            return super().dispatch(request, *args, **kwargs)
        except NotAllowedNow:  # confirmed in another window, in the same moment
            return self.go("progress")

    def elsewhere(self):
        """The step to go to instead, or "": a confirmed file can only be watched."""
        if not self.bulk.is_open:
            return "progress"
        return "columns" if self.bulk.state == BulkImport.State.COLUMNS else ""

    def go(self, step):
        return redirect(f"candidates:bulk-{step}", bulk=self.bulk.pk)

    def show(self, template, *, status=200, **context):
        context = {"step": self.step, "bulk": self.bulk, **context}
        return render(self.request, f"candidates/bulk/{template}.html", context, status=status)

    def earlier(self):
        """The same rows, confirmed before by somebody of the company; None when there are none."""
        same = BulkImport.objects.filter(company=self.bulk.company).same_file(self.bulk.fingerprint)
        return same.exclude(pk=self.bulk.pk).order_by("-confirmed_at").first()


class Upload(CompanyPage, View):
    """A file begins here; below stand those that the person has begun."""

    http_method_names = ["get", "post"]

    def get(self, request):
        return self.show(UploadForm())

    def post(self, request):
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form, status=400)
        name, table = form.cleaned_data["file"]
        company = request.user.company
        tags = Tag.objects.filter(company=company).values_list("name", flat=True)
        cells = [cells for _number, cells in table.rows]
        bulk = start_bulk(
            user=request.user, company=company, rows=table.rows, file_name=name,
            sheet=table.sheet, note=table.note, fingerprint=table.fingerprint,
            headings=table.headings, total=len(table.rows),
            columns=match(table.headings, cells, {tag.casefold() for tag in tags}),
        )  # fmt: skip
        return redirect("candidates:bulk-columns", bulk=bulk.pk)

    def show(self, form, status=200):
        own = BulkImport.objects.open_to(self.request.user).order_by("-updated_at")[:5]
        labels = fields_in_words(self.request.user.company)
        context = {"form": form, "step": "upload", "begun": own, "labels": labels.values(),
                   "most": limits.ROWS}  # fmt: skip
        return render(self.request, "candidates/bulk/upload.html", context, status=status)


class Template(CompanyPage, View):
    """A CSV with the headings that are matched by themselves, and one row as an example."""

    http_method_names = ["get"]

    def get(self, request):
        labels = fields_in_words(request.user.company)
        rows = [[labels[name] for name in EXAMPLE], EXAMPLE.values()]
        return csv_response(rows, "candidates.csv")


class Columns(BulkStep):
    """Which column becomes what, and what is the same for every row."""

    step = "columns"

    def elsewhere(self):
        return "" if self.bulk.is_open else "progress"

    def get(self, request, **kwargs):
        return self.show_form(ColumnsForm(bulk=self.bulk))

    def post(self, request, **kwargs):
        form = ColumnsForm(request.POST, bulk=self.bulk)
        if not form.is_valid():
            return self.show_form(form, status=400)
        with changing(self.bulk) as (bulk, rows):
            begun = bulk.state == BulkImport.State.REVIEW and bulk.columns == form.columns
            bulk.columns, bulk.state = form.columns, BulkImport.State.REVIEW
            for name in ("category", "subtype", "filled_by"):
                setattr(bulk, name, form.cleaned_data[name])
            if not begun:  # what was fixed already stays
                fill_from_cells(bulk, rows)
            check_rows(bulk, rows)
        return self.go("review")

    def show_form(self, form, status=200):
        first = list(self.bulk.rows.values_list("cells", flat=True)[:20])
        samples = [
            [cells[at] for cells in first if cells[at]][:SHOWN_VALUES]
            for at in range(len(self.bulk.headings))
        ]
        return self.show(
            "columns", form=form, status=status, earlier=self.earlier(), most=limits.ROWS,
            columns=list(zip(form.column_fields, samples, strict=True)),
            matched=matched_by(self.bulk), packages=form.fields["subtype"].queryset,
        )  # fmt: skip


class Confirm(BulkStep):
    """Everything once more, in figures. Only here a worker is told to add them."""

    step = "confirm"

    def get(self, request, **kwargs):
        return self.show_summary()

    def post(self, request, **kwargs):
        with changing(self.bulk) as (bulk, rows):
            check_rows(bulk, rows)
            states = [row.state for row in rows]
            ready = states.count(BulkRow.State.READY)
            right = BulkRow.State.ERROR not in states and ready and self.missing(ready) == 0
            if right:
                confirm(bulk, total=ready, actor=actor_of(request), base_url=base_url_of(request))
        if not right:
            return self.show_summary(status=400)
        wake(bulk)
        return self.go("progress")

    def missing(self, wanted):
        """How many credits too few there are; None when the package isn't offered any more."""
        subtypes = offered_subtypes(self.bulk.company).filter(pk=self.bulk.subtype_id)
        credits = subtypes.values_list(F("package__credits"), flat=True).first()
        return None if credits is None else max(wanted - credits, 0)

    def show_summary(self, status=200):
        counts = counts_of(self.bulk)
        if counts["error"] or not counts["ready"]:
            return self.go("review")
        missing = self.missing(counts["ready"])
        return self.show(
            "confirm", status=status, counts=counts, missing=missing, earlier=self.earlier(),
            without_mail=self.bulk.rows.filter(state="ready", cleaned__email="").count(),
        )  # fmt: skip


class Discard(BulkStep):
    """The file and its rows go."""

    http_method_names = ["post"]

    def elsewhere(self):
        return "" if self.bulk.is_open else "progress"

    def post(self, request, **kwargs):
        discard(self.bulk)
        messages.success(request, _("Discarded %s.") % self.bulk.file_name)
        return redirect("candidates:bulk")


def counts_of(bulk):
    """How many rows of a file are in each state, and in all: one query."""
    states = list(bulk.rows.values_list("state", flat=True))
    names = {state.name.lower(): states.count(state) for state in BulkRow.State}
    return {**names, "all": len(states)}


def rows_in_words(count):
    return ngettext("%d row", "%d rows", count) % count


def csv_response(rows, name):
    """A file that spreadsheets open as UTF-8 and without formulas."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response.write("\ufeff")
    response.writelines(csv_lines(rows))
    return response
