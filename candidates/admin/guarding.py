"""What staff are told when somebody came between the page and its answer."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from candidates.exceptions import NotAllowedNow

TAKEN = _("Another unfinished case has this candidate’s e-mail, mobile or employee id by now")
MOVED = _("It has changed meanwhile, so nothing was done")


class Guarded:
    """Opening a finished case again may find its person's place taken, work may find it held.

    For pages and for actions on lists alike: all or nothing, and words instead of a 500.
    """

    def changeform_view(self, request, *args, **kwargs):
        return self.guarded(super().changeform_view, request, *args, **kwargs)

    def changelist_view(self, request, *args, **kwargs):
        return self.guarded(super().changelist_view, request, *args, **kwargs)

    def guarded(self, view, request, *args, **kwargs):
        try:
            with transaction.atomic():
                return view(request, *args, **kwargs)
        except IntegrityError:
            self.message_user(request, TAKEN, messages.ERROR)
        except NotAllowedNow:
            self.message_user(request, MOVED, messages.ERROR)
        return redirect(request.get_full_path())
