"""Heads of tables, for all pages of the portal."""

from django import template

register = template.Library()


@register.inclusion_tag("_columns.html")
def columns(*headings, actions=False):
    """A table's head; with *actions* a last column of buttons, whose heading stands above them."""
    return {"headings": headings, "actions": actions}
