"""Bulk add, after the confirmation: how far the work is, whether anybody looks or not."""

from django.http import JsonResponse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from candidates.models import BulkImport
from candidates.pages.bulk import BulkStep
from candidates.tasks import wake

State = BulkImport.State


class Progress(BulkStep):
    """The page; it asks anew by itself, with a script or without."""

    step = "progress"

    def elsewhere(self):
        return "review" if self.bulk.is_open else ""

    def get(self, request, **kwargs):
        return self.show("progress", progress=progress_of(self.bulk))

    def post(self, request, **kwargs):
        """Begin again what nobody works on."""
        if self.bulk.is_stalled:
            wake(self.bulk)
        return self.go("progress")


class Status(Progress):
    """The same as JSON, for the script of the page. No activity: nobody did anything."""

    http_method_names = ["get"]

    def elsewhere(self):
        return ""

    def get(self, request, **kwargs):
        response = JsonResponse(progress_of(self.bulk))
        add_never_cache_headers(response)
        return response


def progress_of(bulk):
    """What page and script show; ``key`` changes when the page has to be made anew."""
    return {
        "key": f"{bulk.state}{'-stalled' if bulk.is_stalled else ''}",
        "busy": bulk.state in BulkImport.AT_WORK and not bulk.is_stalled,
        "done": bulk.done,
        "total": bulk.total,
        "known": bulk.state == State.INVITING,
        "title": title_of(bulk),
        "links": bulk.done - bulk.unsent,
        "unsent": bulk.unsent,
        "waiting": bulk.total - bulk.done,
    }


def title_of(bulk):
    if bulk.is_stalled:
        return _("The work has stopped")
    match bulk.state:
        case State.QUEUED:
            return _("Waiting for a worker")
        case State.ADDING:
            text = ngettext("Adding %d candidate", "Adding %d candidates", bulk.total)
            return text % bulk.total
        case State.INVITING:
            return _("Sending the links")
        case State.DONE:
            text = ngettext("Added %d candidate", "Added %d candidates", bulk.added)
            return text % bulk.added
    return _("Given back to you")  # a status that is asked for while it goes to the review
