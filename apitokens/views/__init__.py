"""The settings page: permission, form, service, render. Decisions live elsewhere."""

from apitokens.views.detail import DetailPage
from apitokens.views.limits import LimitsPage
from apitokens.views.rotation import CutAction, RotatePage
from apitokens.views.token import (
    DeletePage,
    RenamePage,
    ResumeAction,
    SuspendAction,
    TakeOverAction,
    UsageView,
)
from apitokens.views.tokens import CopyAction, GeneratePage, ListPage

__all__ = [
    "CopyAction",
    "CutAction",
    "DeletePage",
    "DetailPage",
    "GeneratePage",
    "LimitsPage",
    "ListPage",
    "RenamePage",
    "ResumeAction",
    "RotatePage",
    "SuspendAction",
    "TakeOverAction",
    "UsageView",
]
