"""The pages of the team: Admins only, but for the one that an invitation leads to."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import TemplateView

from accounts.models import AccessLevel, Invitation
from accounts.team import exceptions, services
from accounts.team.forms import InviteForm, JoinForm, PersonForm
from accounts.team.mail import send_invitation
from accounts.team.people import people_of, rows_of
from accounts.views import CompanyAdminRequired
from apitokens.addresses import client_address
from apitokens.services import tokens_of

PAGE_SIZE = 25
LONGEST_SEARCH = 120

WORDS = {
    exceptions.Yourself: gettext_lazy("Only another Admin can do this to you."),
    exceptions.LastAdmin: gettext_lazy("They are the last Admin. Make somebody else one first."),
    exceptions.AlreadyThere: gettext_lazy("This address is in the team or invited already"),
    exceptions.DomainNotAllowed: gettext_lazy("The domain whitelist does not let this address in"),
    exceptions.InvitationOver: gettext_lazy("This invitation is no longer there."),
    exceptions.TokensChanged: gettext_lazy(
        "Choose what becomes of the tokens that work as this person."
    ),
}


@method_decorator(never_cache, "dispatch")
class TeamPage(CompanyAdminRequired, TemplateView):
    """Log-in for nobody, 403 for anybody but an Admin, 404 for whoever is of another company."""

    @property
    def company(self):
        return self.request.user.company

    @property
    def acting(self):
        return {"actor": self.request.user, "address": client_address(self.request)}

    def dispatch(self, request, *args, **kwargs):
        try:
            return super().dispatch(request, *args, **kwargs)
        except exceptions.NotAnAdmin as error:
            raise PermissionDenied from error

    def render(self, status=200, **context):
        context = self.get_context_data(company=self.company, **context)
        return self.render_to_response(context, status=status)

    def done(self, text):
        messages.success(self.request, text)
        return redirect("team:list")

    def failed(self, error):
        messages.error(self.request, WORDS[type(error)])
        return redirect("team:list")

    def mail(self, invitation, text):
        """Send it; back to the list, which says how it went."""
        if send_invitation(invitation, self.request.build_absolute_uri("/").rstrip("/")):
            return self.done(text % {"email": invitation.email})
        messages.error(
            self.request,
            _("The mail to %(email)s could not be sent. Send it again later.")
            % {"email": invitation.email},
        )
        return redirect("team:list")


class TeamList(TeamPage):
    template_name = "team/list.html"

    def get_context_data(self, **kwargs):
        query = {
            "q": self.request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH],
            "level": self.request.GET.get("level", ""),
        }
        level = query["level"] if query["level"] in AccessLevel.values else ""
        people = people_of(self.company, text=query["q"], access_level=level)
        page = Paginator(people, PAGE_SIZE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            company=self.company,
            query=query,
            levels=AccessLevel.choices,
            page=page,
            page_size=PAGE_SIZE,
            rows=rows_of(self.company, page.object_list),
            total=people_of(self.company).count(),
            invitations=self.company.invitations.select_related("invited_by"),
            previous_url=page.has_previous() and address(query, page.previous_page_number()),
            next_url=page.has_next() and address(query, page.next_page_number()),
            **kwargs,
        )


def address(query, number):
    parameters = QueryDict(mutable=True)
    parameters.update({name: value for name, value in query.items() if value} | {"page": number})
    return f"?{parameters.urlencode()}"


class Invite(TeamPage):
    template_name = "team/invite.html"

    def get(self, request):
        return self.render(form=InviteForm())

    def post(self, request):
        form = InviteForm(request.POST)
        if form.is_valid():
            try:
                invitation = services.invite(**self.acting, **form.cleaned_data)
            except (exceptions.AlreadyThere, exceptions.DomainNotAllowed) as error:
                form.add_error("email", WORDS[type(error)])
            else:
                return self.mail(invitation, _("%(email)s is invited."))
        return self.render(400, form=form)


class InvitationAct(TeamPage):
    """A button beside an invitation."""

    http_method_names = ["post", "options"]

    def post(self, request, pk):
        get_object_or_404(self.company.invitations, pk=pk)
        try:
            return self.act(pk)
        except (exceptions.InvitationOver, exceptions.DomainNotAllowed) as error:
            return self.failed(error)


class SendAgain(InvitationAct):
    def act(self, pk):
        invitation = services.send_again(**self.acting, invitation_id=pk)
        return self.mail(invitation, _("%(email)s is invited again. The earlier link is void."))


class Withdraw(InvitationAct):
    def act(self, pk):
        gone = services.withdraw(**self.acting, invitation_id=pk)
        return self.done(_("The invitation of %s is withdrawn.") % gone.email)


class PersonPage(TeamPage):
    """A page about one person of the team."""

    @property
    def person(self):
        people = people_of(self.company).select_related("company")
        return get_object_or_404(people, pk=self.kwargs["pk"])

    @property
    def chosen_tokens(self):
        """Public id of each token that was shown → whether it is taken over."""
        taken = self.request.POST.getlist("take_over")
        return {public_id: public_id in taken for public_id in self.request.POST.getlist("shown")}


class EditPerson(PersonPage):
    template_name = "team/edit.html"

    def form(self, person, data=None):
        is_self = person == self.request.user
        initial = {name: getattr(person, name) for name in ("name", "phone", "access_level")}
        return PersonForm(data, person=person, is_self=is_self, initial=initial)

    def get(self, request, pk):
        person = self.person
        return self.render(person=person, form=self.form(person))

    def post(self, request, pk):
        person = self.person
        form = self.form(person, request.POST)
        if not form.is_valid():
            return self.render(400, person=person, form=form)
        try:
            changed = services.change_person(
                **self.acting, person=person, tokens=self.chosen_tokens,
                name=form.cleaned_data["name"], phone=form.cleaned_data["phone"],
                access_level=form.chosen_level or person.access_level,
                assign=form.assign_duties,
            )  # fmt: skip
        except exceptions.TokensChanged as error:
            form.add_error(None, WORDS[type(error)])
            return self.render(400, person=person, form=form, tokens=tokens_of(person))
        except (exceptions.LastAdmin, exceptions.Yourself) as error:
            form.add_error("access_level", WORDS[type(error)])
            return self.render(400, person=person, form=form)
        return self.done(_("%s is saved.") % changed.name)


class Leave(PersonPage):
    """The question before somebody is disabled or closed, with their live tokens; and the act."""

    template_name = "team/leave.html"
    act: Callable[..., object]
    said: Any
    closes = False

    def get(self, request, pk):
        person = self.person
        return self.render(person=person, tokens=tokens_of(person), closes=self.closes)

    def post(self, request, pk):
        person = self.person
        name = person.name
        try:
            self.act(**self.acting, person=person, tokens=self.chosen_tokens)
        except exceptions.TokensChanged as error:
            return self.render(
                400, person=person, tokens=tokens_of(person), closes=self.closes,
                error=WORDS[type(error)],
            )  # fmt: skip
        except (exceptions.LastAdmin, exceptions.Yourself) as error:
            return self.failed(error)
        return self.done(self.said % name)


class Disable(Leave):
    act = staticmethod(services.disable)
    said = gettext_lazy("%s is disabled and signed out.")


class Close(Leave):
    act = staticmethod(services.close)
    said = gettext_lazy("The account of %s is closed.")
    closes = True


class Enable(PersonPage):
    http_method_names = ["post", "options"]

    def post(self, request, pk):
        try:
            person = services.enable(**self.acting, person=self.person)
        except exceptions.Yourself as error:
            return self.failed(error)
        return self.done(_("%s can sign in again.") % person.name)


@method_decorator(
    [never_cache, sensitive_post_parameters("new_password1", "new_password2")], "dispatch"
)
class Join(TemplateView):
    """Where the link of an invitation leads: a name, a password, and the account is there."""

    template_name = "team/join.html"

    def get(self, request, text):
        return self.show(self.invitation)

    def post(self, request, text):
        invitation = self.invitation
        if invitation is None:
            return self.show(None)
        form = JoinForm(request.POST, invitation=invitation)
        if not form.is_valid():
            return self.show(invitation, form, 400)
        try:
            services.accept(
                link_text=text, name=form.cleaned_data["name"],
                password=form.cleaned_data["new_password1"], address=client_address(request),
            )  # fmt: skip
        except exceptions.InvitationOver:
            return self.show(None)
        messages.success(request, _("Your account is ready. Sign in with it."))
        return redirect("login")

    @property
    def invitation(self):
        found = Invitation.objects.select_related("company").of_link(self.kwargs["text"])
        return found if found and services.can_be_answered(found, found.company) else None

    def show(self, invitation, form=None, status=200):
        if invitation is not None and form is None:
            form = JoinForm(invitation=invitation)
        context = self.get_context_data(invitation=invitation, form=form)
        return self.render_to_response(context, status=status if invitation else 410)
