"""REST management of an owner's tokens, for people who are signed in: the page's own services."""

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from apitokens import services
from apitokens.api.base import BoundedMixin
from apitokens.api.bodies import OptionalJSONParser
from apitokens.api.errors import Refusal, handle
from apitokens.api.inputs import ChangeInput, CreateInput, NoInput, RotateInput
from apitokens.api.paging import page_of_events, page_of_tokens
from apitokens.api.permissions import ManagesTokens, SessionOnly
from apitokens.api.serializers import EventSerializer, ManagedTokenSerializer
from apitokens.attribution import actor_of
from apitokens.conf import WIDENING_AGE, conf
from apitokens.exceptions import LifetimeRefused, TokenDeleted
from apitokens.models import APIToken, APITokenEvent, atomic
from apitokens.ownership import OwnersTokens
from apitokens.reauthentication import must_reauthenticate


class ManageView(OwnersTokens, BoundedMixin, APIView):
    """Who may, whose tokens, and one shape of errors."""

    authentication_classes = [SessionOnly]
    permission_classes = [IsAuthenticated, ManagesTokens]
    parser_classes = [OptionalJSONParser]
    renderer_classes = [JSONRenderer]
    schema = None  # the host's own API is what its schema describes

    def get_exception_handler(self):
        return handle

    def given(self, serializer_class):
        serializer = serializer_class(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def ask_for_password(self, age):
        """Refuse with the page that asks, where the sign-in is older than *age*."""
        url = must_reauthenticate(self.request._request, age, then=page_of_ours())
        if url is not None:
            text = _("Confirm your password first.")
            raise Refusal(text, "reauthentication_required", 403, url=url)

    def shown(self, token, status_code=200, /, **more):
        return Response({**ManagedTokenSerializer(self.again(token)).data, **more}, status_code)

    def page(self, page, serializer_class):
        return Response(
            {"results": serializer_class(page.rows, many=True).data, "next": self.link(page.next)}
        )

    def link(self, parameters):
        if parameters is None:
            return None
        query = self.request.GET.copy()
        for name, value in parameters.items():
            query[name] = value
        return self.request.build_absolute_uri(f"{self.request.path}?{query.urlencode()}")


def page_of_ours():
    """Where the password page leads on to: a call can't be repeated by a link."""
    try:
        return reverse("apitokens:list")
    except NoReverseMatch:
        return "/"


class Tokens(ManageView):
    """The list, and a new token."""

    def get(self, request):
        page = page_of_tokens(self.tokens, self.owner, request.GET)
        return self.page(page, ManagedTokenSerializer)

    def post(self, request):
        given = self.given(CreateInput)
        self.ask_for_password(conf.reauth_age)
        actor = actor_of(request)
        try:
            token, jwt = services.issue_token(
                owner=self.owner, user=actor.user, address=actor.address, **given
            )
        except TokenDeleted as error:
            raise Refusal(_("This request made a token that is deleted."), "deleted") from error
        return self.shown(token, status.HTTP_201_CREATED, token=jwt)


class Token(ManageView):
    """One token: read, change, delete."""

    def get(self, request, public_id):
        return Response(ManagedTokenSerializer(self.token).data)

    def patch(self, request, public_id):
        given = self.given(ChangeInput)
        self.change(self.token, given)
        return self.shown(self.token)

    @atomic()
    def change(self, token, given):
        """All of it or nothing. Held still, so that what is widened is what was asked about."""
        APIToken.objects.select_for_update().filter(pk=token.pk).first()
        if given.keys() & {"scopes", "networks"}:
            self.limit(self.again(token), given)
        if "name" in given:
            services.rename_token(token=token, name=given["name"], **self.acting)

    def limit(self, token, given):
        limits = {
            "scopes": given.get("scopes", services.default_scopes()),
            "networks": given.get("networks", token.allowed_networks.split()),
        }
        if "scopes" not in given and token.scopes is not None:
            limits["scopes"] = [name for name in token.scopes if name in conf.scopes]
        if services.is_widening(token, **limits):
            self.ask_for_password(WIDENING_AGE)
        services.limit_token(token=token, **limits, **self.acting)

    def delete(self, request, public_id):
        if not services.delete_token(token=self.token, **self.acting):
            raise TokenDeleted
        return Response(status=status.HTTP_204_NO_CONTENT)


class Copy(ManageView):
    """The JWT again."""

    def post(self, request, public_id):
        self.given(NoInput)
        self.ask_for_password(conf.reauth_age)
        return Response({"token": services.copy_token(token=self.token, **self.acting)})


class Rotate(ManageView):
    """A new JWT; the old one ends after the overlap."""

    def post(self, request, public_id):
        given = self.given(RotateInput)
        self.ask_for_password(conf.reauth_age)
        try:
            token, jwt = services.rotate_token(token=self.token, **given, **self.acting)
        except LifetimeRefused as error:
            text = _("Its lifetime is no longer allowed here.")
            raise Refusal(text, "lifetime_refused") from error
        return self.shown(token, token=jwt)


class Act(ManageView):
    """A call that does one thing, and the same again does nothing."""

    service = None
    revives = False

    def post(self, request, public_id):
        self.given(NoInput)
        if self.revives:
            self.ask_for_password(conf.reauth_age)
        self.service(token=self.token, **self.acting)
        return self.shown(self.token)


class Events(ManageView):
    """The token's history, newest first."""

    def get(self, request, public_id):
        events = APITokenEvent.objects.for_owner(self.owner).about(self.token)
        return self.page(page_of_events(events, request.GET), EventSerializer)
