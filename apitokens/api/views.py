"""What a token may learn about itself."""

from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from apitokens.api.serializers import TokenSerializer
from apitokens.authentication import APITokenAuthentication


class MeView(APIView):
    """The token describes itself. Mount it under the name ``apitokens-me``."""

    authentication_classes = [APITokenAuthentication]
    permission_classes = [IsAuthenticated]
    serializer_class = TokenSerializer

    def get(self, request, *args, **kwargs):
        return Response(self.serializer_class(request.auth).data)
