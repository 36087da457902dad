"""Django admin: look, don't touch. Deleting makes a tombstone, like everywhere else."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apitokens.models import APIToken, APITokenEvent


class ReadOnlyAdmin(admin.ModelAdmin):
    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(APIToken)
class APITokenAdmin(ReadOnlyAdmin):
    list_display = [
        "name",
        "public_id",
        "owner",
        "user",
        "created_at",
        "last_used_at",
        "suspended_at",
        "deleted_at",
    ]
    list_filter = [("deleted_at", admin.EmptyFieldListFilter), "created_at"]
    list_select_related = ["owner", "user"]
    search_fields = ["name", "public_id"]
    exclude = ["live_name", "request_id", "stop_noticed_at"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("credentials", "legacy_credentials")

    def get_deleted_objects(self, objs, request):
        """Nothing goes with a token: its row stays, and so does what it added."""
        return [str(token) for token in objs], {_("API tokens"): len(objs)}, set(), []

    def delete_model(self, request, obj):
        obj.delete(actor=request.user)

    def delete_queryset(self, request, queryset):
        queryset.delete(actor=request.user)


@admin.register(APITokenEvent)
class APITokenEventAdmin(ReadOnlyAdmin):
    list_display = [
        "at",
        "token_name",
        "token_public_id",
        "kind",
        "actor_label",
        "address",
    ]
    list_filter = ["kind", "at"]
    search_fields = ["token_public_id", "token_name", "actor_label"]

    def has_delete_permission(self, request, obj=None):
        return False
