from plain.shelf.models import Book
from rest_framework.generics import ListCreateAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.serializers import ModelSerializer

from apitokens.attribution import AddedByField, actor_of


class BookSerializer(ModelSerializer):
    added_by = AddedByField()

    class Meta:
        model = Book
        fields = ["title", "added_by"]


class Books(ListCreateAPIView):
    permission_classes = [IsAuthenticated]
    serializer_class = BookSerializer
    queryset = Book.objects.select_related("added_by", "added_through").order_by("pk")

    def perform_create(self, serializer):
        serializer.save(**Book.by(actor_of(self.request)))
