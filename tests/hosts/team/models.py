from uuid import uuid4

from django.conf import settings
from django.db import models


class Team(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4)
    name = models.CharField(max_length=80)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL)

    class Meta:
        app_label = "team"

    def __str__(self):
        return self.name
