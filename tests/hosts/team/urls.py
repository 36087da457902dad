from django.contrib import admin
from django.urls import include, path
from team.stock.api import Items

urlpatterns = [
    path("verwaltung/", admin.site.urls),
    path("einstellungen/schlüssel/", include("apitokens.urls")),
    path("schnittstelle/artikel", Items.as_view(), name="items"),
]
