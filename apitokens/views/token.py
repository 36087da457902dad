"""What is done to one token: its name, its rests, its end; and its last use."""

from datetime import timedelta

from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from apitokens import services
from apitokens.exceptions import NameTaken
from apitokens.forms import DeleteForm, RenameForm
from apitokens.policy import get_policy
from apitokens.views.base import ManagePage, wants_json

RECENTLY = timedelta(days=7)


class RenamePage(ManagePage):
    """Edit the name: in place by script, on a page of its own without."""

    def get(self, request, *args, **kwargs):
        form = RenameForm(initial={"name": self.token.name})
        return self.render("apitokens/rename.html", form=form, token=self.token)

    def post(self, request, *args, **kwargs):
        form = RenameForm(request.POST)
        token = self.rename(form) if form.is_valid() else None
        if wants_json(request):
            if token is None:
                return JsonResponse({"errors": form.errors}, status=400)
            return JsonResponse({"name": token.name})
        if token is None:
            return self.render("apitokens/rename.html", status=400, form=form, token=self.token)
        self.token.name = token.name
        self.tell(_("Renamed to <bdi>{name}</bdi>."))
        return redirect(self.back_url)

    def rename(self, form):
        try:
            return services.rename_token(
                token=self.token, name=form.cleaned_data["name"], **self.acting
            )
        except NameTaken:
            form.add_error("name", _("There is a token with this name. Choose another"))
        return None


class DeletePage(ManagePage):
    """What the token is still used for, and the button that ends it."""

    def get(self, request, *args, **kwargs):
        return self.render_form(self.form())

    def post(self, request, *args, **kwargs):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.render_form(form, status=400)
        following = self.tokens.filter(pk__lt=self.token.pk).order_by("-pk").first()
        if not services.delete_token(token=self.token, **self.acting):
            return self.already_deleted()
        self.tell(_("Deleted <bdi>{name}</bdi>. Programs using it now get 401."))
        fragment = f"#{following.public_id}" if following else ""
        return redirect(reverse("apitokens:list") + fragment)

    def form(self, data=None):
        return DeleteForm(data, token=self.token, ask_for_name=self.used_recently)

    @property
    def used_recently(self):
        used = self.token.last_used_at
        return used is not None and used > timezone.now() - RECENTLY

    def render_form(self, form, status=200):
        usage = get_policy().usage(self.token)
        return self.render(
            "apitokens/delete.html",
            status,
            form=form,
            token=self.token,
            usage_text=get_policy().usage_text(self.token, usage[0]) if usage else "",
            usage_url=usage[1] if usage else "",
        )


class TokenAction(ManagePage):
    """One button: ``act`` calls the service, and what it says follows on the page it led from."""

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        self.tell(self.act())
        return redirect(self.back_url)


class SuspendAction(TokenAction):
    def act(self):
        services.suspend_token(token=self.token, **self.acting)
        return _("Suspended <bdi>{name}</bdi>. Programs using it get 401 until it is resumed.")


class ResumeAction(TokenAction):
    reauthenticates = True

    def act(self):
        services.resume_token(token=self.token, **self.acting)
        return _("Resumed <bdi>{name}</bdi>.")


class TakeOverAction(TokenAction):
    reauthenticates = True

    def act(self):
        services.take_over_token(token=self.token, **self.acting)
        return _("<bdi>{name}</bdi> works as you from now on.")


class UsageView(ManagePage):
    """Last use of the current credential as JSON, for the reveal that waits for the first call."""

    def get(self, request, *args, **kwargs):
        credential = self.token.credential
        used = credential and credential.last_used_at
        return JsonResponse(
            {
                "last_used_at": used and used.isoformat(),
                "last_used_from": credential and credential.last_used_from,
                "seconds_ago": used and max(0, int((timezone.now() - used).total_seconds())),
            }
        )
