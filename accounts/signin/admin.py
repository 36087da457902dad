"""Of what allauth keeps, staff see second factors, to remove one that somebody has lost."""

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_removed
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin

KEPT_BY_ITSELF = [
    EmailAddress,
    EmailConfirmation,
    SocialAccount,
    SocialApp,
    SocialToken,
    UserSession,
]


def tidy():
    """In place of the pages that allauth registers: for most none, for one without secrets."""
    for model in [*KEPT_BY_ITSELF, Authenticator]:
        if admin.site.is_registered(model):
            admin.site.unregister(model)
    admin.site.register(Authenticator, AuthenticatorAdmin)


class AuthenticatorAdmin(admin.ModelAdmin):
    list_display = ["user", "type", "created_at", "last_used_at"]
    fields = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type"]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__name"]

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        self.tell(request, obj)

    def delete_queryset(self, request, queryset):
        gone = list(queryset.select_related("user"))
        super().delete_queryset(request, queryset)
        for factor in gone:
            self.tell(request, factor)

    def tell(self, request, factor):
        """As when people remove one themselves: it stands in their company's history."""
        authenticator_removed.send(
            Authenticator, request=request, user=request.user, authenticator=factor
        )

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
