"""What a token may learn and do about itself."""

from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from apitokens import services
from apitokens.addresses import client_address
from apitokens.api.base import BoundedMixin
from apitokens.api.bodies import OptionalJSONParser
from apitokens.api.errors import handle, translated
from apitokens.api.inputs import RotateItselfInput
from apitokens.api.serializers import RotatedSerializer, TokenSerializer
from apitokens.authentication import APITokenAuthentication
from apitokens.conf import ROTATE_SELF
from apitokens.exceptions import APITokenError
from apitokens.permissions import HasScope, IsAPIToken


class MeView(APIView):
    """The token describes itself. Mount it under the name ``apitokens-me``."""

    authentication_classes = [APITokenAuthentication]
    permission_classes = [IsAuthenticated]
    serializer_class = TokenSerializer

    def get(self, request, *args, **kwargs):
        """The token's public facts."""
        return Response(self.serializer_class(request.auth).data)


class RotateMeView(BoundedMixin, APIView):
    """The token rotates itself, if its scope says so: the end stays (decision 10)."""

    authentication_classes = [APITokenAuthentication]
    permission_classes = [IsAPIToken, HasScope]
    parser_classes = [OptionalJSONParser]
    required_scopes = [ROTATE_SELF]

    def get_exception_handler(self):
        return handle

    def post(self, request, *args, **kwargs):
        """A new JWT, and when the old one ends."""
        given = RotateItselfInput(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            return self._rotated(given.validated_data["overlap"])
        except APITokenError as error:
            raise translated(error) from error

    def _rotated(self, overlap):
        token, jwt = services.rotate_itself(
            token=self.request.auth, overlap=overlap, address=client_address(self.request)
        )
        ends = {
            c.is_current: c.works_until
            for c in token.credentials.using(token._state.db).order_by("pk")
        }
        rotated = {"token": jwt, "expires_at": ends[True], "old_ends_at": ends[False]}
        return Response(RotatedSerializer(rotated).data)
