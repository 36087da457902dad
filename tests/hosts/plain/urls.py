from django.contrib import admin
from django.urls import include, path
from plain.shelf.api import Books

urlpatterns = [
    path("admin/", admin.site.urls),
    path("settings/api-tokens/", include("apitokens.urls")),
    path("api/books", Books.as_view(), name="books"),
]
