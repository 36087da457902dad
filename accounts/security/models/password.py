"""Passwords that people had: nobody takes one of the last five again."""

from django.conf import settings
from django.contrib.auth.hashers import is_password_usable
from django.db import models
from django.utils import timezone

KEPT = 5
"""So many passwords of a person can't be taken again: the one in use, and four before it."""


class FormerPasswordQuerySet(models.QuerySet["FormerPassword"]):
    def newest_of(self, user_id):
        """What is remembered of *user_id*, newest first."""
        return self.filter(user_id=user_id).order_by("-pk")[: KEPT - 1]

    def keep(self, user_id, encoded):
        """Remember a hash that *user_id* no longer uses; all but the newest four are forgotten."""
        if not is_password_usable(encoded):
            return
        self.create(user_id=user_id, encoded=encoded)
        kept = list(self.newest_of(user_id).values_list("pk", flat=True))
        self.filter(user_id=user_id).exclude(pk__in=kept).delete()


class FormerPassword(models.Model):
    """The hash of a password that was replaced."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="former_passwords"
    )
    encoded = models.CharField(max_length=128)
    replaced_at = models.DateTimeField(default=timezone.now)

    objects = FormerPasswordQuerySet.as_manager()

    def __str__(self):
        return str(self.replaced_at)
