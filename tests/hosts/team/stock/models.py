from uuid import uuid4

from django.db import models
from team.people.models import Team

from apitokens.attribution import Attributed


class Item(Attributed):
    id = models.UUIDField(primary_key=True, default=uuid4)
    team = models.ForeignKey(Team, models.CASCADE)
    name = models.CharField(max_length=80)

    def __str__(self):
        return self.name
