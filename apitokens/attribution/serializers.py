"""DRF: the label of a row, to be read and never written."""

from typing import Any

from rest_framework import serializers

from apitokens.attribution.rows import adder_of


class AddedByField(serializers.CharField):
    """Who added the row that is serialized. What a client sends under its name is ignored."""

    def __init__(self, act: str = "added", **kwargs: Any) -> None:
        self.act = act
        super().__init__(read_only=True, source="*", **kwargs)

    def to_representation(self, row: Any) -> str:
        return adder_of(row, self.act).label
