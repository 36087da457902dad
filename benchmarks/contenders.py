"""What is measured: one DRF view behind each way to authenticate, and credentials for each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from knox.auth import TokenAuthentication as KnoxAuthentication
from knox.models import AuthToken
from rest_framework.authentication import TokenAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_api_key.models import APIKey
from rest_framework_api_key.permissions import HasAPIKey
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.tokens import AccessToken

from accounts.models import AccessLevel, Company, User
from apitokens.authentication import APITokenAuthentication
from apitokens.models import Credential
from apitokens.services import issue_token
from apitokens.throttling import TokenRateThrottle

COMPANIES = 100
DAY = timedelta(days=1)
RATE = {"APITOKENS_TOKEN_RATE": "10000/s"}
"""Never reached: it counts each request, in the memory of the process, and refuses none."""


@dataclass
class Contender:
    """A view, the Authorization headers that it accepts, and settings to put over the portal's."""

    name: str
    view: Callable[..., Any]
    headers: list[str]
    settings: dict[str, Any] = field(default_factory=dict)


def view(
    authentication: list[Any], permission: list[Any], throttles: Sequence[Any] = ()
) -> Callable[..., Any]:
    class View(APIView):
        authentication_classes = authentication
        permission_classes = permission
        throttle_classes = list(throttles)

        def get(self, request):
            return Response({})

    return View.as_view()


def behind(authentication: Any, *throttles: Any) -> Callable[..., Any]:
    return view([authentication], [IsAuthenticated], throttles)


@transaction.atomic
def ours(people: list[Any]) -> list[str]:
    """A token for each, used just now."""
    jwts = [
        issue_token(owner=person.company, user=person, name=f"Token {person.pk}", lifetime=DAY)[1]
        for person in people
    ]
    Credential.objects.update(last_used_at=timezone.now(), last_used_from="127.0.0.1")
    return [f"Bearer {jwt}" for jwt in jwts]


@transaction.atomic
def keys_of_peers(people: list[Any]) -> dict[str, list[str]]:
    """Authorization headers by peer, one for each of *people*."""
    return {
        "authtoken": [f"Token {Token.objects.create(user=p).key}" for p in people],
        "knox": [f"Token {AuthToken.objects.create(user=p)[1]}" for p in people],
        "api_key": [f"Api-Key {APIKey.objects.create_key(name=str(p.pk))[1]}" for p in people],
        "simplejwt": [f"Bearer {AccessToken.for_user(p)}" for p in people],
    }


def people(count: int) -> list[Any]:
    """*count* Admins of COMPANIES companies, unable to log in by password."""
    companies = Company.objects.bulk_create(
        Company(name=f"Company {n}", slug=f"company-{n}") for n in range(COMPANIES)
    )
    User.objects.bulk_create(
        User(
            email=f"person{n}@example.test",
            name=f"Person {n}",
            company=companies[n % COMPANIES],
            access_level=AccessLevel.ADMIN,
            password="!",
        )
        for n in range(count)
    )
    return list(User.objects.select_related("company").order_by("pk"))


def contenders(count: int) -> list[Contender]:
    """All of them, each with *count* credentials in its table."""
    everybody = people(count)
    keys = keys_of_peers(everybody)
    jwts = ours(everybody)
    own = behind(APITokenAuthentication)
    return [
        Contender("bare", view([], []), jwts),
        Contender("apitokens", own, jwts),
        Contender("authtoken", behind(TokenAuthentication), keys["authtoken"]),
        Contender("knox", behind(KnoxAuthentication), keys["knox"]),
        Contender("api_key", view([], [HasAPIKey]), keys["api_key"]),
        Contender("simplejwt", behind(JWTAuthentication), keys["simplejwt"]),
        Contender(
            "apitokens_throttled", behind(APITokenAuthentication, TokenRateThrottle), jwts, RATE
        ),
        Contender("apitokens_plain_query", own, jwts, {"APITOKENS_COMPILED_QUERY": False}),
        Contender("apitokens_no_memory", own, jwts, {"APITOKENS_SIGNATURE_CACHE_SIZE": 0}),
    ]
