"""The steps of the form as pages, for the candidate's link and for HR alike."""

from typing import NamedTuple

from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from candidates.exceptions import FileRefused, NotAllowedNow
from candidates.intake.forms import StepForm
from candidates.models import VerificationForm
from candidates.services import documents
from candidates.services.answers import in_words, is_complete
from candidates.services.verification import save_draft, save_step, steps_of

MOST_FILES = 10
"""Of one step."""
KEY_DIGITS = 18


class Mark(NamedTuple):
    """One line of the stepper."""

    title: str
    url: str
    number: int
    is_current: bool
    is_done: bool


class FormPages:
    """What all pages of one candidate's form share.

    Whoever inherits sets ``candidate`` and says ``address_of`` a step, ``last_title`` and
    ``leave``, the answer when the form can't be changed any more.
    """

    layout = "intake/base.html"
    actor = None
    address = None
    last = "send"

    @property
    def case(self):
        return self.candidate.case

    @property
    def is_open(self):
        """Whether whoever looks at it may fill in the steps."""
        return self.case.submitted_at is None and not self.case.is_finished

    def load(self):
        """The steps and the answers so far."""
        self.form_row = VerificationForm.objects.filter(pk=self.candidate.pk).first()
        self.answers = self.form_row.answers if self.form_row else {}
        self.steps = steps_of(self.case) if self.is_open else []
        self.missing = [step for step in self.steps if not self.has(step)]

    def has(self, step):
        return is_complete(step, self.answers.get(step.name, {}))

    def go_on(self):
        """Where whoever comes back goes on."""
        return self.address_of(self.missing[0].name if self.missing else self.last)

    def marks(self, current):
        found = [
            Mark(step.title, self.address_of(step.name), number, step.name == current,
                 step not in self.missing)
            for number, step in enumerate(self.steps, 1)
        ]  # fmt: skip
        last = self.address_of(self.last)
        return [*found, Mark(self.last_title, last, len(found) + 1, current == self.last, False)]

    def page(self, template, current, *, status=200, **context):
        marks = self.marks(current)
        number = next(mark.number for mark in marks if mark.is_current)
        return render(
            self.request,
            template,
            {
                "layout": self.layout,
                "candidate": self.candidate,
                "marks": marks,
                "number": number,
                "saved": saved_in_words(self.form_row),
                "back": marks[number - 2].url if number > 1 else self.address_of(None),
                **context,
            },
            status=status,
        )

    def show_last(self, form, *, status=200, **context):
        """What was entered, and the button that hands it in."""
        return self.page(
            "intake/consent.html",
            self.last,
            status=400 if form.errors else status,
            form=form,
            missing=[(step.title, self.address_of(step.name)) for step in self.missing],
            summary=self.summary(self.steps),
            **context,
        )

    def summary(self, steps):
        """What was entered, in words: a title, an address and the lines of each step."""
        return [
            {
                "title": step.title,
                "url": self.address_of(step.name),
                "lines": [
                    (question.label, in_words(question, given[question.name]))
                    for question in step.questions
                    if question.name in given
                ],
            }
            for step in steps
            for given in [self.answers.get(step.name, {})]
        ]


class StepPages(FormPages):
    """Answers and files of one step."""

    def get(self, request, step, **kwargs):
        return self.show(self.named(step))

    def post(self, request, step, **kwargs):
        step = self.named(step)
        form = StepForm(request.POST, step=step)
        given = {question.name: request.POST.get(question.name, "") for question in step.questions}
        try:
            faults = self.take_files(step)
            if "upload" in request.POST or "remove" in request.POST:
                self.remove_file(step, request.POST.get("remove", ""))
                save_draft(candidate=self.candidate, step=step, answers=given)
                if not faults:
                    return redirect(request.path)
                return self.show(step, StepForm(step=step, initial=given), faults)
            if form.is_valid() and not faults:
                save_step(
                    candidate=self.candidate, step=step, answers=given,
                    actor=self.actor, address=self.address,
                )  # fmt: skip
                return redirect(self.after(step))
            save_draft(candidate=self.candidate, step=step, answers=given)
        except NotAllowedNow:
            return self.leave()
        return self.show(step, form, faults)

    def named(self, name):
        for step in self.steps:
            if step.name == name:
                return step
        raise Http404

    def after(self, step):
        names = [step.name for step in self.steps]
        return self.address_of([*names, self.last][names.index(step.name) + 1])

    def show(self, step, form=None, faults=()):
        form = form or StepForm(step=step, initial=self.initial(step))
        return self.page(
            "intake/step.html",
            step.name,
            status=400 if form.errors or faults else 200,
            step=step,
            form=form,
            faults=faults,
            files=self.files(step),
            kinds=documents.accepted_in_words(step.kind) if step.kind else "",
            largest=documents.largest_in_words(),
        )

    def initial(self, step):
        """What was saved; at first what the company knows of the person."""
        if step.name in self.answers:
            return self.answers[step.name]
        person = self.candidate
        known = {
            "basic_details": {"full_name": person.name, "email": person.email,
                              "mobile_number": person.phone},
            "address": {"country": "India"},
        }  # fmt: skip
        return known.get(step.name, {})

    # Files ---------------------------------------------------------------------------------
    def files(self, step):
        """Those of this step that whoever looks may take away again."""
        if step.kind is None:
            return []
        rows = self.candidate.documents.filter(kind=step.kind, file__gt="")
        return rows if self.actor else rows.filter(added_by=None, added_through=None)

    def take_files(self, step):
        """Keep what was chosen; names and reasons of what wasn't taken."""
        if step.kind is None:
            return []
        faults = []
        room = MOST_FILES - self.candidate.documents.filter(kind=step.kind).count()
        for file in self.request.FILES.getlist("files"):
            try:
                self.take(step, file, room)
            except FileRefused as error:
                faults.append((documents.clean_name(file.name), error.message))
            else:
                room -= 1
        return faults

    def take(self, step, file, room):
        if not self.is_open:
            raise NotAllowedNow(self.case.get_status_display())
        if room <= 0:
            raise FileRefused(_("At most %d files. Remove one first") % MOST_FILES)
        documents.attach(
            candidate=self.candidate, kind=step.kind, file=file,
            actor=self.actor, address=self.address,
        )  # fmt: skip

    def remove_file(self, step, key):
        if not (key.isascii() and key.isdecimal() and len(key) <= KEY_DIGITS):
            return
        row = step.kind and self.files(step).filter(pk=int(key)).first()
        if row:
            documents.remove(document=row, actor=self.actor, address=self.address)


def saved_in_words(form):
    if form is None:
        return ""
    if (timezone.now() - form.updated_at).total_seconds() < 60:
        return _("Saved a moment ago")
    return _("Saved %s ago") % timesince(form.updated_at, depth=1)
