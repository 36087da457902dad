"""The report as a PDF on A4, by WeasyPrint; nothing is ever fetched for it."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from candidates.reports.content import Report

SHEET = Path(settings.BASE_DIR) / "static" / "report.css"


def refuse(url: str, *args: Any, **kwargs: Any) -> Any:
    """Style and icons stand in the document itself: whatever else it names is not ours."""
    raise ValueError("a report fetches nothing")


def pdf_of(report: Report) -> bytes:
    # Here, so that the portal starts where Pango is missing and only this needs it.
    from weasyprint import CSS, HTML

    text = render_to_string("candidates/report/print.html", {"report": report})
    sheet = CSS(string=SHEET.read_text("utf-8"), url_fetcher=refuse)
    return HTML(string=text, url_fetcher=refuse).write_pdf(stylesheets=[sheet])
