"""Answers of the external API that a repeat of the same call gets again."""

from django.db import models
from django.utils import timezone

from candidates.models.candidate import Candidate


class IdempotencyKey(models.Model):
    """What a call with ``Idempotency-Key`` was answered. ``status`` is null while it is worked on.

    The token is named by its public id: so a key outlives a rotation, and never holds a token.
    The body repeats ``bgv_url`` and ``meta_data``: it goes after a day, and with the candidate,
    whose erasure deletes ``candidate.answers``.
    """

    company = models.ForeignKey("accounts.Company", models.CASCADE, related_name="+")
    token_public_id = models.CharField(max_length=16)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    candidate = models.ForeignKey(Candidate, models.CASCADE, null=True, related_name="answers")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["token_public_id", "key"],
                name="candidates_idempotency_key_unique_in_token",
            )
        ]

    def __str__(self):
        return f"{self.token_public_id} {self.pk}"
