from django.conf import settings
from django.db import models
from rest_framework_api_key.models import AbstractAPIKey


class PartnerKey(AbstractAPIKey):
    partner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)

    class Meta:
        app_label = "keys"
