from django.contrib import admin
from plain.shelf.models import Book


@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    list_display = ["title", "added_by_label"]
    list_select_related = ["added_by", "added_through"]
