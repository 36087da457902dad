"""The API as it is now, and the view that the old package let programs into."""

import os

from oldways.shop.models import Order
from rest_framework.generics import ListCreateAPIView
from rest_framework.response import Response
from rest_framework.serializers import ModelSerializer
from rest_framework.views import APIView

from apitokens.attribution import AddedByField, actor_of


class OrderSerializer(ModelSerializer):
    added_by = AddedByField()

    class Meta:
        model = Order
        fields = ["title", "added_by"]


class Orders(ListCreateAPIView):
    serializer_class = OrderSerializer
    queryset = Order.objects.select_related("added_by", "added_through").order_by("pk")

    def perform_create(self, serializer):
        serializer.save(**Order.by(actor_of(self.request)))


def old_view():
    """A view behind the package that OLD names."""
    classes = {"authentication_classes": [], "permission_classes": []}
    if os.environ["OLD"] == "authtoken":
        from rest_framework.authentication import TokenAuthentication
        from rest_framework.permissions import IsAuthenticated

        classes = {
            "authentication_classes": [TokenAuthentication],
            "permission_classes": [IsAuthenticated],
        }
    elif os.environ["OLD"] == "knox":
        from knox.auth import TokenAuthentication
        from rest_framework.permissions import IsAuthenticated

        classes = {
            "authentication_classes": [TokenAuthentication],
            "permission_classes": [IsAuthenticated],
        }
    else:
        from oldways.keys.models import PartnerKey
        from rest_framework_api_key.permissions import BaseHasAPIKey, HasAPIKey

        class HasPartnerKey(BaseHasAPIKey):
            model = PartnerKey

        classes["permission_classes"] = [HasAPIKey | HasPartnerKey]

    def get(self, request):
        return Response({"titles": list(Order.objects.values_list("title", flat=True))})

    return type("OldOrders", (APIView,), {**classes, "get": get})
