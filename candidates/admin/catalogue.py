"""What a company can order."""

from django.contrib import admin

from candidates.models import AddOn, Category, Check, Package, Subtype, Tag


@admin.register(Category, Tag)
class OfCompanyAdmin(admin.ModelAdmin):
    list_display = ["name", "company"]
    list_select_related = ["company"]
    list_filter = ["company"]
    search_fields = ["name", "company__name"]
    autocomplete_fields = ["company"]


class SubtypeInline(admin.TabularInline):
    model = Subtype
    extra = 0
    filter_horizontal = ["checks"]
    show_change_link = True


@admin.register(Package)
class PackageAdmin(OfCompanyAdmin):
    list_display = ["name", "company", "credits", "is_active"]
    list_filter = ["is_active", "company"]
    inlines = [SubtypeInline]
    readonly_fields = ["credits"]  # moved by entries of the ledger alone


@admin.register(Subtype)
class SubtypeAdmin(admin.ModelAdmin):
    list_display = ["name", "friendly_name", "package", "company"]
    list_select_related = ["package__company"]
    search_fields = ["name", "friendly_name", "package__name", "package__company__name"]
    autocomplete_fields = ["package"]
    filter_horizontal = ["checks"]

    @admin.display(ordering="package__company__name")
    def company(self, subtype):
        return subtype.package.company


@admin.register(AddOn)
class AddOnAdmin(admin.ModelAdmin):
    list_display = ["kind", "company", "price", "is_active"]
    list_select_related = ["kind", "company"]
    list_filter = ["is_active", "company"]
    search_fields = ["kind__name", "company__name"]
    autocomplete_fields = ["company", "kind"]


@admin.register(Check)
class CheckAdmin(admin.ModelAdmin):
    list_display = ["name", "code", "icon", "position"]
    search_fields = ["name", "code"]
