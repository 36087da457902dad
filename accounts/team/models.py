"""Invitations: a person becomes one of the company's by the link that was mailed to them."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db import models
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from accounts.access import AccessLevel

LIFETIME = timedelta(days=7)
_signer = signing.Signer(salt="accounts.team.invitation")
NONCE = 32


def new_nonce():
    return get_random_string(NONCE)


def in_a_week():
    return timezone.now() + LIFETIME


class InvitationQuerySet(models.QuerySet):
    def of_link(self, text):
        """The living invitation that the link's *text* was signed for, or None.

        A link that was sent before the latest one is as good as none.
        """
        try:
            key, nonce = _signer.unsign_object(text)
        except (signing.BadSignature, ValueError, TypeError):
            return None
        return self.filter(pk=key, nonce=nonce, expires_at__gt=timezone.now()).first()


class Invitation(models.Model):
    """One for an address and a company. It goes when it is answered or withdrawn."""

    company = models.ForeignKey("accounts.Company", models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail"))
    name = models.CharField(_("name"), max_length=120)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    access_level = models.CharField(_("access level"), max_length=16, choices=AccessLevel)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    sent_at = models.DateTimeField(_("sent"), default=timezone.now)
    expires_at = models.DateTimeField(_("works until"), default=in_a_week)
    nonce = models.CharField(max_length=NONCE, default=new_nonce, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "email"], name="accounts_invitation_once_for_an_address"
            )
        ]

    def __str__(self):
        return self.email

    @property
    def key(self):
        """For ids in the page."""
        return str(self.pk)

    @property
    def is_expired(self):
        return self.expires_at <= timezone.now()

    @property
    def days_left(self):
        """Whole days and the one that has begun."""
        return -((timezone.now() - self.expires_at) // timedelta(days=1))

    @property
    def link_text(self):
        """What the link says: who is meant and which mail it was, signed."""
        return _signer.sign_object([self.pk, self.nonce])

    def renew(self):
        """Another mail, another link; the one before works no more."""
        self.nonce, self.sent_at, self.expires_at = new_nonce(), timezone.now(), in_a_week()
