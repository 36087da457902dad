"""The Django admin: tokens and their history, and a column and a filter for rows of the host."""

from apitokens.admin.attributed import AddedByFilter, AttributedAdmin
from apitokens.admin.tokens import APITokenAdmin, APITokenEventAdmin

__all__ = ["APITokenAdmin", "APITokenEventAdmin", "AddedByFilter", "AttributedAdmin"]
