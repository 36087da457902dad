from django.contrib import admin
from team.stock.models import Item


@admin.register(Item)
class ItemAdmin(admin.ModelAdmin):
    list_display = ["name", "team", "added_by_label"]
    list_select_related = ["team", "added_by", "added_through"]
