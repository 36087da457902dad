"""What is told of a file, and the icon beside it."""

from django import template

from candidates.services.content_types import JPEG, PDF, PNG
from candidates.services.documents import facts_of

register = template.Library()

ICONS = {PDF: "file-earmark-pdf", JPEG: "file-earmark-image", PNG: "file-earmark-image"}


@register.filter
def file_facts(row):
    """As "PDF, 212 kB", of anything with a content type and a size."""
    return facts_of(row.content_type, row.size)


@register.filter
def file_icon(row):
    return ICONS.get(row.content_type, "file-earmark-text")
