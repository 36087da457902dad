"""Bulk add, the third step: every row that isn't right, with what is wrong in its place."""

import re

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from candidates.models import BulkRow
from candidates.pages.bulk import BulkStep, counts_of, csv_response
from candidates.pages.bulk_rows import (
    check_rows,
    count_prefixes,
    drop_prefixes,
    edit,
    fields_in_words,
)
from candidates.pages.paging import PAGE_SIZE
from candidates.services.bulk import changing
from candidates.tables.matching import FIELDS

State = BulkRow.State
TABS = {
    "errors": State.ERROR,
    "duplicates": State.DUPLICATE,
    "ready": State.READY,
    "left-out": State.LEFT_OUT,
    "all": None,
}
WIDE = {"email", "alternate_email", "resume_url"}
NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


class Review(BulkStep):
    """A page of rows as one form. Saving it checks the whole file again."""

    step = "review"

    def get(self, request, **kwargs):
        after = request.GET.get("after", "0")
        if not NUMBER.fullmatch(after):
            return render(request, "400.html", status=400)
        counts = counts_of(self.bulk)
        show = self.tab(counts)
        rows = self.bulk.rows.filter(number__gt=int(after))
        if TABS[show]:
            rows = rows.filter(state=TABS[show])
        found = list(rows.order_by("number")[: PAGE_SIZE + 1])
        shown, more = found[:PAGE_SIZE], found[PAGE_SIZE:]
        return self.show(
            "review", counts=counts, current=show, tabs=self.tabs(counts, show), page=int(after),
            names=self.names, rows=[self.shown(row) for row in shown],
            ready_words=ready_words(counts), prefixes=count_prefixes(self.wrong_rows(counts)),
            next_url=self.url(show, shown[-1].number) if more else "",
            first_url=self.url(show) if int(after) else "",
        )  # fmt: skip

    def post(self, request, **kwargs):
        data = request.POST
        with changing(self.bulk) as (bulk, rows):
            for row in rows:
                self.apply(row, data)
            if "drop_prefixes" in data:
                drop_prefixes(rows)
            bulk.problem = ""
            check_rows(bulk, rows)
        self.tell(rows)
        show = data.get("show")
        return redirect(self.url(show if show in TABS else "", self.after(data)))

    def apply(self, row, data):
        """What the page says of *row*: new values, and whether it is left out."""
        typed = {name: data.get(f"r{row.number}-{name}") for name, _label in self.names}
        edit(row, {name: text for name, text in typed.items() if text is not None})
        if data.get("leave_out") == str(row.number):
            row.left_out = True
        if "leave_out_errors" in data and row.state == State.ERROR:
            row.left_out = True
        if data.get("take_back") == str(row.number):
            row.left_out = False

    def after(self, data):
        given = data.get("after", "0")
        return int(given) if NUMBER.fullmatch(given) else 0

    def tell(self, rows):
        wrong = sum(row.state == State.ERROR for row in rows)
        if wrong:
            text = ngettext(
                "%d row still has to be fixed.", "%d rows still have to be fixed.", wrong
            )
            messages.info(self.request, text % wrong)
        else:
            messages.success(self.request, _("Every row is right. Nothing has been added yet."))

    def tab(self, counts):
        """The tab that is asked for; else the errors, where there are any."""
        asked = self.request.GET.get("show")
        if asked in TABS:
            return asked
        return "errors" if counts["error"] else "all"

    def tabs(self, counts, current):
        labels = {"errors": _("Errors"), "duplicates": _("Duplicates"), "ready": _("Ready"),
                  "left-out": _("Left out"), "all": _("All")}  # fmt: skip
        found = {name: counts[state.name.lower() if state else "all"]
                 for name, state in TABS.items()}  # fmt: skip
        return [
            {"label": labels[name], "count": found[name], "url": self.url(name),
             "current": name == current}
            for name in TABS if name != "left-out" or found[name] or name == current
        ]  # fmt: skip

    @property
    def names(self):
        """The fields of the file, with their labels."""
        labels = fields_in_words(self.bulk.company)
        return [(name, labels[name]) for name in FIELDS if name in self.bulk.columns]

    def wrong_rows(self, counts):
        return self.bulk.rows.filter(state=State.ERROR) if counts["error"] else []

    def shown(self, row):
        cells = [
            {"id": f"r{row.number}-{name}", "label": label, "value": row.values.get(name, ""),
             "errors": row.errors.get(name, []), "wide": name in WIDE}
            for name, label in self.names
        ]  # fmt: skip
        labels = dict(self.names)
        others = [
            text for name, texts in row.errors.items() if name not in labels for text in texts
        ]
        return {"row": row, "cells": cells, "others": others}

    def url(self, show="", after=0):
        query = {name: value for name, value in {"show": show, "after": after}.items() if value}
        return reverse("candidates:bulk-review", args=[self.bulk.pk], query=query or None)


class Errors(Review):
    """The rows that aren't right as CSV, with what is wrong."""

    http_method_names = ["get"]

    def get(self, request, **kwargs):
        rows = self.bulk.rows.filter(state__in=[State.ERROR, State.DUPLICATE]).order_by("number")
        names = self.names
        lines = [[_("Row"), *(label for _name, label in names), _("What is wrong")]]
        lines += (
            [row.number, *(row.values.get(name, "") for name, _label in names), problems(row)]
            for row in rows
        )
        return csv_response(lines, "rows-to-fix.csv")


def problems(row):
    return "; ".join(text for texts in row.errors.values() for text in texts)


def ready_words(counts):
    """As "233 ready, 2 duplicates left out"."""
    words = [ngettext("%d ready", "%d ready", counts["ready"]) % counts["ready"]]
    if counts["duplicate"]:
        text = ngettext("%d duplicate left out", "%d duplicates left out", counts["duplicate"])
        words.append(text % counts["duplicate"])
    if counts["left_out"]:
        text = ngettext("%d left out by you", "%d left out by you", counts["left_out"])
        words.append(text % counts["left_out"])
    return ", ".join(words)
