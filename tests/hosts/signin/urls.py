from django.urls import include, path
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView, TokenVerifyView

from apitokens.permissions import IsAPIToken


class WhoAmI(APIView):
    def get(self, request):
        return Response({"name": request.user.username, "by": type(request.auth).__name__})


class Programs(WhoAmI):
    permission_classes = [IsAPIToken]


class People(WhoAmI):
    authentication_classes = [JWTAuthentication]


urlpatterns = [
    path("settings/api-tokens/", include("apitokens.urls")),
    path("who", WhoAmI.as_view(), name="who"),
    path("programs", Programs.as_view(), name="programs"),
    path("people", People.as_view(), name="people"),
    path("log-in", TokenObtainPairView.as_view(authentication_classes=[]), name="log-in"),
    path("verify", TokenVerifyView.as_view(authentication_classes=[]), name="verify"),
    path("refresh", TokenRefreshView.as_view(authentication_classes=[]), name="refresh"),
]
