"""Addresses that a host gives by name or as they are."""

from django.urls import NoReverseMatch, reverse


def named_or_literal(url: str | None) -> str | None:
    """A URL name reversed, or the text itself where it is no name; None stays None."""
    if not url:
        return None
    try:
        return reverse(url)
    except NoReverseMatch:
        return url
