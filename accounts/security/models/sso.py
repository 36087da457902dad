"""A company's connection to its own identity provider, by OpenID Connect."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import encryption
from accounts.signin.provider_ids import provider_of


class SingleSignOn(models.Model):
    """One a company. Issuer and client say which identities it speaks of: with another of either,
    it is another connection.
    """

    company = models.OneToOneField(
        "accounts.Company", models.CASCADE, primary_key=True, related_name="single_sign_on",
        verbose_name=_("company"),
    )  # fmt: skip
    issuer = models.CharField(_("issuer"), max_length=255)
    client_id = models.CharField(_("client ID"), max_length=191)
    encrypted_secret = models.TextField(editable=False)
    secret_set_at = models.DateTimeField(_("secret set"), default=timezone.now)
    connected_at = models.DateTimeField(_("connected"), default=timezone.now)
    connected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+",
        verbose_name=_("connected by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("single sign-on")
        verbose_name_plural = _("single sign-on")

    def __str__(self):
        return self.issuer

    @property
    def provider_id(self):
        """By which sessions and allauth's accounts know it."""
        return provider_of(self.company_id)

    @property
    def secret(self):
        """The client secret, to be sent to the provider alone. Raises encryption.Unreadable."""
        return encryption.decrypt(self.encrypted_secret, encryption.SINGLE_SIGN_ON)

    @secret.setter
    def secret(self, text):
        self.encrypted_secret = encryption.encrypt(text, encryption.SINGLE_SIGN_ON)
        self.secret_set_at = timezone.now()

    @property
    def has_readable_secret(self):
        try:
            return bool(self.secret)
        except encryption.Unreadable:
            return False

    def is_of(self, issuer, client_id):
        return (self.issuer, self.client_id) == (issuer, client_id)
