"""The portal's TokenPolicy: a company owns tokens, its Admins manage them, candidates show them."""

from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import AccessLevel, User
from apitokens.policy import TokenPolicy
from candidates.models import Candidate

COUNT_CAP = 10_000
"""Counting stops here, so that the delete dialog opens at once whatever a token added."""


class PortalTokenPolicy(TokenPolicy):
    defer = (
        "user__password",
        "user__last_login",
        "user__date_joined",
        "user__password_changed_at",
        "user__phone",
        "user__session_epoch",
        "owner__created_at",
        "owner__retention_days",
    )
    empty_text = _(
        "Generate a token to add and read candidates from your own program. "
        "You choose how long it works, and you can delete it at any time."
    )

    def owner_for(self, request):
        return request.user.company if request.user.is_authenticated else None

    def can_manage(self, user, owner):
        return user.is_active and user.is_company_admin and user.company_id == owner.pk

    def stop_reason(self, token):
        if not token.owner.is_active:
            return gettext("%(company)s is suspended") % {"company": token.owner}
        if token.user is None:
            return gettext("The person it acted as is gone")
        if not token.user.is_active:
            return gettext("%(user)s is disabled") % {"user": token.user}
        if token.user.company_id != token.owner_id:
            return gettext("%(user)s has left %(company)s") % {
                "user": token.user, "company": token.owner,
            }  # fmt: skip
        if not token.user.is_company_admin:
            return gettext("%(user)s is no longer an Admin") % {"user": token.user}
        return None

    def reauthenticate_url(self, request):
        return reverse("confirm-password")

    def admins(self, owner):
        return User.objects.filter(company=owner, access_level=AccessLevel.ADMIN, is_active=True)

    def usage(self, token):
        count = Candidate.objects.added_through(token).order_by()[:COUNT_CAP].count()
        return (count, self.added_url(token)) if count else None

    def added_url(self, token):
        return f"{reverse('candidates:list')}?added_by={token.public_id}"

    def usage_label(self, count):
        more = "+" if count >= COUNT_CAP else ""
        text = ngettext("%(count)s candidate", "%(count)s candidates", count)
        return text % {"count": f"{count}{more}"}

    def role(self, user):
        return user.get_access_level_display()

    def usage_text(self, token, count):
        more = "+" if count >= COUNT_CAP else ""
        return ngettext(
            "%(count)s candidate was added through it. It stays, marked %(label)s.",
            "%(count)s candidates were added through it. They stay, marked %(label)s.",
            count,
        ) % {"count": f"{count}{more}", "label": token.label}

    def purpose(self, owner):
        return gettext("A token lets another program add and read candidates as %(owner)s.") % {
            "owner": owner
        }
