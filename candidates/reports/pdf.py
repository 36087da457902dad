"""The report as a PDF on A4, by WeasyPrint; nothing is ever fetched for it."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from candidates.reports.content import Report

SHEET = Path(settings.BASE_DIR) / "static" / "report.css"


def no_fetcher() -> Any:
    """One that knows no kind of address: style and icons stand in the document itself, whatever
    else it names is not ours and is left out.
    """
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols=())


def pdf_of(report: Report) -> bytes:
    # Here, so that the portal starts where Pango is missing and only this needs it.
    from weasyprint import CSS, HTML

    text = render_to_string("candidates/report/print.html", {"report": report})
    sheet = CSS(string=SHEET.read_text("utf-8"), url_fetcher=no_fetcher())
    return HTML(string=text, url_fetcher=no_fetcher()).write_pdf(stylesheets=[sheet])
