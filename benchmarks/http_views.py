"""One bare view, and the same view behind each way to authenticate, as URLs of a server."""

from django.urls import path
from knox.auth import TokenAuthentication as KnoxAuthentication
from rest_framework.authentication import TokenAuthentication

from apitokens.authentication import APITokenAuthentication
from benchmarks.contenders import behind, view

urlpatterns = [
    path("bare", view([], [])),
    path("apitokens", behind(APITokenAuthentication)),
    path("authtoken", behind(TokenAuthentication)),
    path("knox", behind(KnoxAuthentication)),
]
