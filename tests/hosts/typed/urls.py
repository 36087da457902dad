from django.urls import include, path
from typed.api import Me, Mine, Orders, RotateMe

urlpatterns = [
    path("settings/api-tokens/", include("apitokens.urls")),
    path("api/tokens/", include("apitokens.api.urls")),
    path("api/orders", Orders.as_view()),
    path("api/mine", Mine.as_view()),
    path("api/me", Me.as_view(), name="apitokens-me"),
    path("api/me/rotate", RotateMe.as_view()),
]
