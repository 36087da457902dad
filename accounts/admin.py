"""Operations staff create companies and people here."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.utils.translation import gettext_lazy as _

from accounts.leaving import AsksFirst
from accounts.models import Company, SecurityEvent, User
from accounts.signin.admin import tidy
from accounts.team import staff
from apitokens.attribution import actor_of

tidy()


@admin.register(Company)
class CompanyAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "is_active", "created_at"]
    list_filter = ["is_active"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}

    def save_model(self, request, obj, form, change):
        before = Company.objects.filter(pk=obj.pk).first()
        super().save_model(request, obj, form, change)
        staff.tell_retention(actor_of(request), before, obj)


@admin.register(SecurityEvent)
class SecurityEventAdmin(admin.ModelAdmin):
    """To be looked at: every company's lines, and those that belong to none."""

    list_display = ["at", "kind", "company_id", "actor_label", "subject_label", "address"]
    list_filter = ["kind"]
    search_fields = ["=company_id", "=subject_label", "=address"]
    date_hierarchy = "at"

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(User)
class UserAdmin(AsksFirst, DjangoUserAdmin):
    list_display = ["email", "name", "company", "access_level", "is_active", "is_staff"]
    list_filter = ["access_level", "is_active", "is_staff", "company"]
    list_select_related = ["company"]
    search_fields = ["email", "name"]
    ordering = ["email"]
    autocomplete_fields = ["company"]
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        (_("Person"), {"fields": ["name", "phone", "company", "access_level"]}),
        (_("Account"), {"fields": ["is_active", "is_staff", "is_superuser", "groups",
                                   "user_permissions", "last_login", "date_joined"]}),
    ]  # fmt: skip
    add_fieldsets = [
        (None, {"classes": ["wide"], "fields": ["email", "name", "company", "access_level",
                                                "usable_password", "password1", "password2"]}),
    ]  # fmt: skip

    def save_model(self, request, obj, form, change):
        before = User.objects.filter(pk=obj.pk).first()
        super().save_model(request, obj, form, change)
        staff.tell_change(actor_of(request), before, obj)

    def delete_model(self, request, obj):
        staff.tell_deletion(actor_of(request), obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request, queryset):
        for person in queryset:
            staff.tell_deletion(actor_of(request), person)
        super().delete_queryset(request, queryset)
