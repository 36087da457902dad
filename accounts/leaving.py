"""Staff change or delete a person for whom tokens act: first they see which, and choose.

A mixin for the admin of people. Where the change would stop tokens and nothing was chosen yet,
the whole request is rolled back and answered with the question, which sends it once more.
"""

from dataclasses import dataclass

from django.contrib import admin
from django.db import router, transaction
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from accounts.models import AccessLevel, Company, User
from apitokens import services
from apitokens.attribution import actor_of
from apitokens.policy import get_policy


@dataclass(frozen=True, slots=True)
class Question:
    """Tokens of one company that would stop, and who else could have them."""

    company: Company
    tokens: list
    takers: list

    @property
    def field(self):
        return f"leaving-{self.company.pk}"


class AskFirst(Exception):
    """Nothing was chosen yet for these questions; ``refused`` where a choice was no good."""

    def __init__(self, questions, refused):
        super().__init__()
        self.questions, self.refused = questions, refused


def questions_about(tokens, leaving):
    """One Question a company; who leaves takes nothing over."""
    companies = {token.owner.pk: token.owner for token in tokens}
    return [
        Question(
            company,
            [token for token in tokens if token.owner_id == company.pk],
            list(takers_in(company, leaving)),
        )
        for company in companies.values()
    ]


def takers_in(company, leaving):
    return User.objects.filter(
        company=company, access_level=AccessLevel.ADMIN, is_active=True
    ).exclude(pk__in=[user.pk for user in leaving])


def settle(request, tokens, leaving):
    """Do what was chosen for *tokens*. Raises AskFirst while that is nothing, or no good."""
    questions = questions_about(tokens, leaving)
    choices = [(question, request.POST.get(question.field, "")) for question in questions]
    if any(choice != "stop" and not taker(question, choice) for question, choice in choices):
        raise AskFirst(questions, refused=any(choice for _question, choice in choices))
    actor = actor_of(request)
    for question, choice in choices:
        if choice != "stop":
            services.take_over_all(
                tokens=question.tokens, user=taker(question, choice),
                actor=actor.user, address=actor.address,
            )  # fmt: skip


def taker(question, choice):
    return next((user for user in question.takers if str(user.pk) == choice), None)


def stopped_by(changed):
    """The tokens that saving *changed*, a person, would stop."""
    old = User.objects.filter(pk=changed.pk).first()
    may = get_policy().can_manage
    return [t for t in (services.tokens_of(old) if old else []) if not may(changed, t.owner)]


class AsksFirst(admin.ModelAdmin):
    """ModelAdmin of people that asks what becomes of their tokens."""

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        def view():
            return super(AsksFirst, self).changeform_view(
                request, object_id, form_url, extra_context
            )

        return self.asking(request, view)

    def delete_view(self, request, object_id, extra_context=None):
        def view():
            return super(AsksFirst, self).delete_view(request, object_id, extra_context)

        return self.asking(request, view)

    def changelist_view(self, request, extra_context=None):
        def view():
            return super(AsksFirst, self).changelist_view(request, extra_context)

        return self.asking(request, view)

    def save_model(self, request, obj, form, change):
        if change:
            settle(request, stopped_by(obj), [obj])
        super().save_model(request, obj, form, change)

    def delete_model(self, request, obj):
        settle(request, services.tokens_of(obj), [obj])
        super().delete_model(request, obj)

    def delete_queryset(self, request, queryset):
        people = list(queryset)
        settle(request, [t for user in people for t in services.tokens_of(user)], people)
        super().delete_queryset(request, queryset)

    def asking(self, request, view):
        """The answer of *view*, all of whose writes happen or none; or the question."""
        if request.method != "POST":
            return view()
        try:
            with transaction.atomic(using=router.db_for_write(User)):
                return view()
        except AskFirst as first:
            return self.render_question(request, first)

    def render_question(self, request, first):
        asked = {question.field for question in first.questions}
        kept = [
            (name, value)
            for name, values in request.POST.lists()
            if name != "csrfmiddlewaretoken" and name not in asked
            for value in values
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Tokens that would stop"),
            "opts": self.opts,
            "questions": first.questions,
            "refused": first.refused,
            "kept": kept,
        }
        status = 400 if first.refused else 200
        return TemplateResponse(request, "accounts/leaving.html", context, status=status)
