"""Documents that a check lacks, sent after the form: by the candidate's link, or by HR."""

from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from candidates.exceptions import FileRefused, NotAllowedNow, NothingBrought
from candidates.intake.steps import MOST_FILES
from candidates.models import Document
from candidates.services import documents
from candidates.services.answers import STEPS
from candidates.services.checks import answer_check, asked_of, brought_for

KINDS = {code: step.kind for step in STEPS.values() for code in step.checks if step.kind}
"""What the files for a check are, by its code; else OTHER."""


class MorePages:
    """One form for each check that lacks something.

    Whoever inherits sets ``candidate``, ``actor`` and ``address``, names ``template`` and says
    ``leave``, the answer when nothing is asked (any more).
    """

    @cached_property
    def asked(self):
        return asked_of(self.candidate.case)

    def get(self, request, **kwargs):
        return self.show_more() if self.asked else self.leave()

    def post(self, request, **kwargs):
        key = request.POST.get("check")
        check = next((check for check in self.asked if str(check.pk) == key), None)
        if check is None:
            return self.leave()
        try:
            faults = self.take_all(check)
            if not faults:
                answer_check(check=check, actor=self.actor, address=self.address)
        except NothingBrought:
            faults = [("", _("Choose a file first"))]
        except NotAllowedNow:
            return self.leave()
        return self.show_more(check, faults) if faults else redirect(request.path)

    def take_all(self, check):
        """Keep what was chosen; names and reasons of what wasn't taken."""
        faults = []
        room = MOST_FILES - len(check.documents.all())
        for number, file in enumerate(self.request.FILES.getlist("files"), 1):
            try:
                if number > room:
                    raise FileRefused(_("At most %d files for one check") % MOST_FILES)
                documents.attach(
                    candidate=self.candidate, kind=kind_for(check), file=file, for_check=check,
                    actor=self.actor, address=self.address,
                )  # fmt: skip
            except FileRefused as error:
                faults.append((documents.clean_name(file.name), error.message))
        return faults

    def show_more(self, wrong=None, faults=()):
        self.__dict__.pop("asked", None)  # with what has come just now
        parts = [
            {
                "check": check,
                "files": brought_for(check),
                "faults": faults if check == wrong else (),
                "kinds": documents.accepted_in_words(kind_for(check)),
            }
            for check in self.asked
        ]
        context = {"parts": parts, "largest": documents.largest_in_words(), **self.more_context()}
        return render(self.request, self.template, context, status=400 if faults else 200)

    def more_context(self):
        return {"candidate": self.candidate}


def kind_for(check):
    return KINDS.get(check.kind.code, Document.Kind.OTHER)
