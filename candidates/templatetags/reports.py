"""Icons within a document that can't ask for a sheet of them."""

from functools import cache
from pathlib import Path
from xml.etree import ElementTree

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from candidates.models import CaseStatus, CheckStatus
from candidates.templatetags.candidates import CHECK_LOOKS, LOOKS

register = template.Library()
INK = {
    "sky": "#0a5582", "blue": "#ffffff", "green": "#12603a", "red": "#a11c1c", "pink": "#9a195b",
    "yellow": "#6b5000", "orange": "#8c3d08", "grey": "#4b5565", "black": "#ffffff",
}  # fmt: skip
"""Written into the drawing: currentColor is black to WeasyPrint."""
SVG = "{http://www.w3.org/2000/svg}"
SHEET = Path(settings.BASE_DIR) / "static" / "icons.svg"


@cache
def symbols():
    """{name: its drawing} of our own sheet."""
    ElementTree.register_namespace("", SVG[1:-1])
    root = ElementTree.fromstring(SHEET.read_text("utf-8"))  # noqa: S314 - nobody uploads it: static/icons.svg
    return {
        symbol.get("id"): "".join(ElementTree.tostring(part, "unicode") for part in symbol)
        for symbol in root.iter(f"{SVG}symbol")
    }


@register.simple_tag
def inline_icon(name, tone="black"):
    drawing = mark_safe(symbols()[name])  # noqa: S308 - nobody uploads it: static/icons.svg
    return format_html(
        '<svg class="report-icon" viewBox="0 0 16 16" fill="{}" aria-hidden="true">{}</svg>',
        INK[tone],
        drawing,
    )


@register.inclusion_tag("candidates/report/_badge.html")
def report_badge(row):
    """The badge of a case or of a check."""
    tone, icon = (
        CHECK_LOOKS[CheckStatus(row.status)]
        if hasattr(row, "kind")
        else LOOKS[CaseStatus(row.status)]
    )
    return {"tone": tone, "icon": icon, "word": row.get_status_display()}
