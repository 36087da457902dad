from django.urls import include, path

from apitokens.api.views import MeView

urlpatterns = [
    path("my/tokens/", include("apitokens.urls")),
    path("api/tokens/", include("apitokens.api.urls")),
    path("api/me", MeView.as_view(), name="apitokens-me"),
]
