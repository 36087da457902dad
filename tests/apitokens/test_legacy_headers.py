"""Deprecation (RFC 9745) and Sunset (RFC 8594) on every answer to an old secret."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
import time_machine
from django.http import Http404
from django.urls import path
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.permissions import IsAdminUser
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from apitokens.authentication import APITokenAuthentication, LegacyTokenAuthentication
from apitokens.models import LegacyCredential
from tests.apitokens.old import SCHEMES, imported

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class Plain(APIView):
    authentication_classes = [APITokenAuthentication, LegacyTokenAuthentication]

    def get(self, request):
        return Response({"ok": True})

    def post(self, request):
        return Response(request.data)


class Refused(Plain):
    permission_classes = [IsAdminUser]


class Missing(Plain):
    def get(self, request):
        raise Http404


class Never(SimpleRateThrottle):
    rate = "1/day"

    def allow_request(self, request, view):
        return False

    def wait(self):
        return 1


class Throttled(Plain):
    throttle_classes = [Never]


class Linked(Plain):
    def get(self, request):
        end = "Wed, 11 Nov 2026 11:11:11 GMT"
        link = '<https://api.test/?page=2>; rel="next"'
        return Response(headers={"Link": link, "Sunset": end, "Vary": "Cookie"})


class Own(Plain):
    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        response["X-Own"] = "kept"
        return response


views = {
    "plain": Plain, "refused": Refused, "missing": Missing, "throttled": Throttled,
    "linked": Linked, "own": Own,
}  # fmt: skip
urlpatterns = [path(name, view.as_view()) for name, view in views.items()]


@pytest.fixture
def ask(client, admin, settings):
    """ask(path) → the answer to an old secret imported on 25 Nov 2026 that ends a month later."""
    settings.APITOKENS_DOCS_URL = None
    with time_machine.travel(datetime(2026, 11, 25, 10, tzinfo=UTC), tick=False):
        token, secret = imported("knox", admin, ends_in=timedelta(days=30))
        header = f"{SCHEMES['knox']} {secret}"

        def ask(name, method="get", **extra):
            return getattr(client, method)(f"/{name}", HTTP_AUTHORIZATION=header, **extra)

        ask.token = token
        yield ask


@pytest.mark.parametrize(
    ("name", "status"),
    [("plain", 200), ("refused", 403), ("missing", 404), ("throttled", 429), ("own", 200)],
)
def test_every_answer_says_since_when_and_until_when(ask, name, status):
    answer = ask(name)
    assert answer.status_code == status
    assert answer["Deprecation"] == "@1795600800"
    assert answer["Sunset"] == "Fri, 25 Dec 2026 10:00:00 GMT"
    assert "Link" not in answer


def test_they_are_the_moments_of_the_row(ask):
    row, answer = LegacyCredential.objects.get(), ask("plain")
    assert parsedate_to_datetime(answer["Sunset"]) == row.ends_at
    assert datetime.fromtimestamp(int(answer["Deprecation"][1:]), UTC) == row.imported_at


@pytest.mark.parametrize("method", ["post", "put", "options", "head"])
def test_whatever_the_method(ask, method):
    body = {"content_type": "application/json", "data": "{"} if method in {"post", "put"} else {}
    answer = ask("plain", method, **body)
    assert answer.status_code in {200, 400, 405}
    assert {"Deprecation", "Sunset"} <= set(answer.headers)


def test_the_documentation_is_linked_where_there_is_one(ask, settings):
    settings.APITOKENS_DOCS_URL = "https://docs.test/move"
    assert ask("plain")["Link"] == '<https://docs.test/move>; rel="deprecation"'


def test_what_the_view_says_itself_stays(ask, settings):
    settings.APITOKENS_DOCS_URL = "https://docs.test/é"
    answer = ask("linked")
    assert answer["Link"] == (
        '<https://api.test/?page=2>; rel="next", <https://docs.test/%C3%A9>; rel="deprecation"'
    )
    assert answer["Sunset"] == "Wed, 11 Nov 2026 11:11:11 GMT"
    assert answer["Vary"] == "Cookie"
    assert ask("own")["X-Own"] == "kept"


def test_the_next_request_of_somebody_else_is_told_nothing(ask, client):
    assert "Sunset" in ask("plain")
    assert not {"Deprecation", "Sunset"} & set(client.get("/plain").headers)


def test_a_refused_secret_is_told_nothing(ask, admin):
    ask.token.delete()
    answer = ask("plain")
    assert answer.status_code == 401
    assert not {"Deprecation", "Sunset"} & set(answer.headers)


def test_a_schema_names_the_header():
    found = OpenApiAuthenticationExtension.get_match(LegacyTokenAuthentication)
    scheme = found.get_security_definition(None)
    assert (found.name, scheme["type"]) == ("LegacyToken", "apiKey")
    assert (scheme["in"], scheme["name"]) == ("header", "Authorization")
