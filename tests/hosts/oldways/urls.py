import os

from django.contrib import admin
from django.urls import include, path
from oldways.shop import api

urlpatterns = [
    path("admin/", admin.site.urls),
    path("settings/api-tokens/", include("apitokens.urls")),
    path("api/orders", api.Orders.as_view(), name="orders"),
]
if not os.environ.get("MOVED"):
    urlpatterns += [path("old/orders", api.old_view().as_view(), name="old-orders")]
