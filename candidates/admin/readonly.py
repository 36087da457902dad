"""What every page of the admin is about rows that services write."""

from django.contrib import admin


class ReadOnlyAdmin(admin.ModelAdmin):
    """Look, don't touch."""

    show_full_result_count = False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


class GoesWithItsCandidate(admin.ModelAdmin):
    """Deleted with the candidate or the company, never from a page of its own."""

    def has_delete_permission(self, request, obj=None):
        own = f"{self.opts.app_label}_{self.opts.model_name}_"
        page = request.resolver_match.url_name or ""
        return not page.startswith(own) and super().has_delete_permission(request, obj)
