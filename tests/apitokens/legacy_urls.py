"""Views that let old secrets in beside JWTs, and what a refused one gets."""

from django.urls import path
from rest_framework.authentication import SessionAuthentication
from rest_framework.response import Response
from rest_framework.views import APIView

from apitokens.attribution import actor_of
from apitokens.authentication import APITokenAuthentication, LegacyTokenAuthentication
from apitokens.permissions import HasScope, IsAPIToken
from apitokens.throttling import TokenRateThrottle


class WhoAmI(APIView):
    authentication_classes = [
        APITokenAuthentication, LegacyTokenAuthentication, SessionAuthentication,
    ]  # fmt: skip
    permission_classes = [IsAPIToken, HasScope]
    required_scopes = {"POST": ["candidates:write"]}

    def get(self, request):
        actor = actor_of(request)
        return Response({"email": request.user.email, "by": actor.label, "id": actor.token.pk})

    post = get


class Throttled(WhoAmI):
    throttle_classes = [TokenRateThrottle]


class Reversed(WhoAmI):
    authentication_classes = [LegacyTokenAuthentication, APITokenAuthentication]


urlpatterns = [
    path("who", WhoAmI.as_view()),
    path("throttled", Throttled.as_view()),
    path("reversed", Reversed.as_view()),
]


def assert_refused(response):
    assert response.status_code == 401, response.content
    assert response["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'
    assert response.json() == {"detail": "A valid API token is needed."}
    assert not response.cookies
    assert not {"Deprecation", "Sunset", "Link"} & set(response.headers)
