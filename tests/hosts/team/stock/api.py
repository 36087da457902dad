from rest_framework.generics import ListCreateAPIView
from rest_framework.serializers import ModelSerializer
from team.stock.models import Item

from apitokens.attribution import AddedByField, actor_of
from apitokens.permissions import HasScope, IsAPIToken


class ItemSerializer(ModelSerializer):
    added_by = AddedByField()

    class Meta:
        model = Item
        fields = ["name", "added_by"]


class Items(ListCreateAPIView):
    """The team's own, whatever the request says."""

    permission_classes = [IsAPIToken, HasScope]
    required_scopes = {"POST": ["stock:write"]}
    serializer_class = ItemSerializer

    def get_queryset(self):
        items = Item.objects.filter(team=self.request.auth.owner)
        return items.select_related("added_by", "added_through").order_by("name")

    def perform_create(self, serializer):
        serializer.save(team=self.request.auth.owner, **Item.by(actor_of(self.request)))
