from datetime import timedelta
from typing import Any

from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import ListCreateAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, ModelSerializer
from rest_framework.views import APIView
from typed.models import Order

from apitokens.api.views import MeView, RotateMeView
from apitokens.attribution import Actor, AddedByField, actor_of, label_of
from apitokens.authentication import APITokenAuthentication, LegacyTokenAuthentication
from apitokens.exceptions import APITokenError, InvalidToken, TokenNotUsable
from apitokens.models import APIToken
from apitokens.permissions import HasScope, InsufficientScope, IsAPIToken, required_scopes
from apitokens.services import rename_token, rotate_itself
from apitokens.throttling import TokenRateThrottle


class Authentication(APITokenAuthentication):
    www_authenticate_realm = "orders"

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        return super().authenticate(request)


class WorkingHours(TokenRateThrottle):
    scope = "orders"


class OrderSerializer(ModelSerializer[Order]):
    added_by = AddedByField()

    class Meta:
        model = Order
        fields = ["id", "title", "added_by"]


class Orders(ListCreateAPIView[Order]):
    authentication_classes = [Authentication, LegacyTokenAuthentication]
    permission_classes = [IsAPIToken, HasScope]
    throttle_classes = [WorkingHours]
    required_scopes = {"GET": ["orders:read"], "POST": ["orders:write"]}
    serializer_class = OrderSerializer
    queryset = Order.objects.with_adder()

    def perform_create(self, serializer: BaseSerializer[Order]) -> None:
        actor: Actor = actor_of(self.request)
        serializer.save(**Order.by(actor))


class Mine(APIView):
    def get(self, request: Request) -> Response:
        token = request.auth
        if not isinstance(token, APIToken):
            raise InsufficientScope(required_scopes(self, "GET"))
        orders = Order.objects.with_adder().added_through(token)
        return Response({"token": token.label, "orders": orders.count()})

    def post(self, request: Request) -> Response:
        try:
            token, jwt = rotate_itself(token=actor_token(request), overlap=timedelta(hours=1))
        except TokenNotUsable as error:
            raise PermissionDenied(error.reason) from error
        return Response({"token": jwt, "name": token.name})


def actor_token(request: Request) -> APIToken:
    actor = actor_of(request)
    if actor.token is None:
        raise PermissionDenied(label_of(actor.user, None))
    return actor.token


def rename(token: APIToken, name: str, request: Request) -> str:
    try:
        return rename_token(token=token, name=name, actor=request.user).name
    except InvalidToken as error:
        return error.reason
    except APITokenError as error:
        return str(error)


class Me(MeView):
    throttle_classes = [TokenRateThrottle]


class RotateMe(RotateMeView):
    pass
