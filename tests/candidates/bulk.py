"""Bulk add for tests: files, and the way through the pages."""

import csv
import io
from datetime import timedelta
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone

from candidates import tasks
from candidates.models import BulkImport
from tests.candidates.files import upload

START = reverse("candidates:bulk")
HEADINGS = ["Full name", "Mobile No.", "Personal mail", "Emp code", "UAN"]
ANANYA = ["Ananya Krishnan", "9845012346", "ananya.k@example.in", "AC-2304", "100904231187"]
ROHAN = ["Rohan Gupta", "9901122334", "rohan.g@example.in", "AC-2305", ""]


def csv_file(rows, *, headings=HEADINGS, separator=",", charset="utf-8"):
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows([headings, *rows])
    return text.getvalue().encode(charset)


def person(number):
    """Somebody unlike any other."""
    return [
        f"Person {'abcdefghij'[number % 10]}", str(6_000_000_000 + number),
        f"p{number}@example.in", f"E-{number}", f"{100_000_000_000 + number}",
    ]  # fmt: skip


PEOPLE = [person(number) for number in range(25)]


def url(step, bulk=None):
    bulk = bulk or BulkImport.objects.latest("created_at")
    return reverse(f"candidates:bulk-{step}", args=[bulk.pk])


def send(client, content, name="joiners.csv"):
    return client.post(START, {"file": upload(content, name, "text/csv")})


def columns_of(bulk, subtype, /, **changes):
    """What the page of columns sends when nothing is changed in it."""
    given = {f"column{at}": name for at, name in enumerate(bulk.columns)}
    return {**given, "subtype": subtype.pk, "category": "", "filled_by": "candidate", **changes}


def reviewed(client, subtype, rows=(ANANYA, ROHAN), /, name="joiners.csv", changes=None, **file):
    """The file in its third step."""
    content = rows if isinstance(rows, bytes) else csv_file(rows, **file)
    response = send(client, content, name)
    assert response.status_code == 302, response.context["form"].errors
    bulk = BulkImport.objects.latest("created_at")
    response = client.post(url("columns", bulk), columns_of(bulk, subtype, **(changes or {})))
    assert response.status_code == 302, response.context["form"].errors
    bulk.refresh_from_db()
    return bulk


def added(client, bulk):
    response = client.post(url("confirm", bulk))
    bulk.refresh_from_db()
    return response


class Line(NamedTuple):
    number: int
    state: str
    errors: dict


def lines(bulk):
    """Each row by its number in the file: its state and what is wrong with it."""
    return [Line(row.number, row.state, row.errors) for row in bulk.rows.order_by("number")]


def work(bulk):
    """What a worker does that is woken for *bulk*."""
    tasks.add_bulk.call(str(bulk.pk))
    bulk.refresh_from_db()


def later():
    """Every lease has ended."""
    BulkImport.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
