"""The settings page: permission, form, service, render. Decisions live elsewhere."""

from apitokens.views.token import DeletePage, RenamePage, UsageView
from apitokens.views.tokens import CopyAction, GeneratePage, ListPage

__all__ = ["CopyAction", "DeletePage", "GeneratePage", "ListPage", "RenamePage", "UsageView"]
