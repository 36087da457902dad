"""Add a candidate by hand in three steps. Every access level may; a draft is its person's alone."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import View

from apitokens.attribution import actor_of
from candidates.exceptions import AddOnsIncomplete, DuplicateCandidate, NoCredits, NoFunds
from candidates.intake.mail import base_url_of, invite_on_commit
from candidates.models import CandidateDraft, Document, LogEntry
from candidates.pages.base import CompanyPage
from candidates.pages.forms import DetailsForm
from candidates.pages.package_form import PackageForm, packages_without_credits
from candidates.services.drafts import (
    drop_file,
    finish_draft,
    keep_files,
    save_draft,
    start_draft,
)
from candidates.validators import without_control_characters

START = {"consent": DetailsForm.BY_EMAIL, "filled_by": "candidate"}
LONGEST = 2100
"""So much of one value is kept of what was typed, right or wrong; the longest right one is 2000."""
MANY = {"tags", "add_ons"}


class Step(CompanyPage, View):
    """What the steps share: the draft, its forms, and how each is shown."""

    http_method_names = ["get", "post"]

    def dispatch(self, request, *args, **kwargs):
        signed_in = request.user.is_authenticated and request.user.company_id
        if signed_in and self.draft and self.draft.candidate_id:
            return redirect("candidates:detail", pk=self.draft.candidate_id)
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def draft(self):
        """The draft of the address, None on the very first step; 404 for anybody else's."""
        if "draft" not in self.kwargs:
            return None
        rows = CandidateDraft.objects.open_to(self.request.user)
        draft = rows.filter(pk=self.kwargs["draft"]).select_related("company").first()
        if draft is None:
            raise Http404
        return draft

    @property
    def company(self):
        return self.request.user.company

    @property
    def files(self):
        return {row.kind: row for row in self.draft.files.all()} if self.draft else {}

    def details_form(self):
        return DetailsForm(self.draft.details, company=self.company, files=self.files)

    def package_form(self):
        return PackageForm(self.draft.order, company=self.company)

    def show(self, name, *, status=200, **context):
        details = self.details_form() if self.draft and self.draft.details else None
        if details is not None:
            details.is_valid()
        context = {
            "draft": self.draft,
            "step": name,
            "summary": details and details.cleaned_data,
            "files": self.files,
            **context,
        }
        return render(self.request, f"candidates/add/{name}.html", context, status=status)

    def show_details(self, form, status=200):
        form.files_kept = {name: self.files.get(kind) for name, kind in form.KINDS.items()}
        return self.show("details", form=form, status=status)

    def show_package(self, form, status=200):
        return self.show(
            "package", form=form, status=status, without=packages_without_credits(self.company)
        )


class Details(Step):
    """Who it is. Files that are good are kept, whatever else is wrong."""

    def get(self, request, **kwargs):
        if self.draft is None:
            return self.show_details(DetailsForm(initial=START, company=self.company))
        return self.show_details(DetailsForm(initial=self.draft.details, company=self.company))

    def post(self, request, **kwargs):
        form = DetailsForm(
            request.POST, request.FILES, company=self.company, files=self.files
        )  # fmt: skip
        valid = form.is_valid()
        unwanted = request.POST.get("remove")
        if valid or form.uploads or self.draft:
            self.keep(form)
        if self.draft and unwanted in form.KINDS:
            drop_file(self.draft, form.KINDS[unwanted])
            return redirect("candidates:add-details", draft=self.draft.pk)
        if not valid:
            return self.show_details(form, status=400)
        return redirect("candidates:add-package", draft=self.draft.pk)

    def keep(self, form):
        """Keep what was typed, and the good files, in the draft, which is made if there is none."""
        if self.draft is None:
            self.draft = start_draft(self.request.user, self.company)
            self.kwargs["draft"] = self.draft.pk
        save_draft(self.draft, details=typed(form, self.request.POST))
        if form.uploads:
            keep_files(self.draft, form.uploads)


class PackageStep(Step):
    """What is verified, and what it costs."""

    def get(self, request, **kwargs):
        form = PackageForm(initial=self.draft.order, company=self.company)
        return self.show_package(form)

    def post(self, request, **kwargs):
        form = PackageForm(request.POST, company=self.company)
        save_draft(self.draft, order=typed(form, request.POST))
        if "back" in request.POST:
            return redirect("candidates:add-details", draft=self.draft.pk)
        if not form.is_valid():
            return self.show_package(form, status=400)
        return redirect("candidates:add-confirm", draft=self.draft.pk)


class Confirm(Step):
    """Everything once more. Only here somebody is added and something is paid."""

    def get(self, request, **kwargs):
        return self.unfinished(status=200) or self.show("confirm", order=self.order)

    def post(self, request, **kwargs):
        return self.unfinished(status=400) or self.finish()

    @cached_property
    def details(self):
        return self.details_form()

    @cached_property
    def order(self):
        return self.package_form()

    def unfinished(self, status):
        """The step that isn't right, or not any more, with the reasons; None when all is."""
        if not self.details.is_valid():
            return self.show_details(self.details, status=status)
        if not self.order.is_valid():
            return self.show_package(self.order, status=status)
        return None

    def finish(self):
        try:
            candidate = self.add()
        except DuplicateCandidate as error:
            self.details.refuse_duplicate(error.fields)
            return self.show_details(self.details, status=400)
        except (NoCredits, NoFunds, AddOnsIncomplete) as error:
            self.refuse(error)
            return self.show_package(self.order, status=400)
        self.invite(candidate)
        messages.success(self.request, _("Added %s.") % candidate.name)
        return redirect("candidates:detail", pk=candidate.pk)

    def add(self):
        self.drop_unwanted_letter()
        return finish_draft(
            draft=self.draft,
            actor=actor_of(self.request),
            **self.details.columns,
            **self.order.cleaned_data,
        )

    def invite(self, candidate):
        """Consent by e-mail: the candidate gets the link, once, also after a double submit."""
        is_sent = candidate.log.filter(kind=LogEntry.Kind.INVITED).exists()
        if candidate.email and not self.details.by_letter and not is_sent:
            invite_on_commit(candidate, actor_of(self.request), base_url_of(self.request))

    def drop_unwanted_letter(self):
        """A letter that was uploaded before consent by e-mail was chosen is not handed over."""
        if not self.details.by_letter:
            drop_file(self.draft, Document.Kind.CONSENT)

    def refuse(self, error):
        match error:
            case NoCredits():
                self.order.refuse_credits()
            case NoFunds():
                self.order.refuse_funds()
            case AddOnsIncomplete():
                self.order.refuse_incomplete(error.missing)


def typed(form, data):
    """What was typed for the fields of *form*, fit to be kept as JSON."""
    return {
        name: [kept(value) for value in data.getlist(name)[:100]]
        if name in MANY
        else kept(data.get(name, ""))
        for name in form.fields
        if name not in DetailsForm.KINDS
    }


def kept(value):
    return without_control_characters(value)[:LONGEST]
