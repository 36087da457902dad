"""The form of a company's connection to its identity provider."""

from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.security.forms import Settings
from accounts.signin.discovery import WELL_KNOWN, is_https

PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class ConnectionForm(Settings):
    """``was`` is the connection that there is, or None. The secret is never filled in."""

    issuer = forms.CharField(
        label=_("Issuer"),
        max_length=255,
        help_text=_("We read /.well-known/openid-configuration from it"),
        error_messages={"required": _("Enter the issuer, such as https://id.acme.test")},
        widget=forms.TextInput(attrs={**PLAIN, "inputmode": "url", "class": "mono"}),
    )
    client_id = forms.CharField(
        label=_("Client ID"),
        max_length=191,
        error_messages={"required": _("Enter the client ID that your identity provider shows")},
        widget=forms.TextInput(attrs={**PLAIN, "class": "mono"}),
    )
    secret = forms.CharField(
        label=_("Client secret"),
        max_length=1024,
        required=False,
        widget=forms.PasswordInput(attrs={**PLAIN, "autocomplete": "new-password"}),
    )

    def __init__(self, *args, was=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.was = was

    def clean_issuer(self):
        """As the provider writes it; the address of its configuration is understood too."""
        issuer = self.cleaned_data["issuer"].removesuffix(WELL_KNOWN)
        if not is_https(issuer):
            raise ValidationError(_("Enter an address that begins with https://"), code="invalid")
        url = urlsplit(issuer)
        if "@" in url.netloc or url.query or url.fragment or not issuer.isprintable():
            text = _("Enter the issuer alone, without a password, ? or #")
            raise ValidationError(text, code="invalid")
        return issuer

    @property
    def is_another(self):
        """Whether the valid form asks for another connection than there is."""
        data = self.cleaned_data
        return self.was is None or not self.was.is_of(data["issuer"], data["client_id"])

    @property
    def chosen(self):
        """What was typed, as a query to be taken along to the password and back: no secret."""
        return {name: self.cleaned_data[name] for name in ("issuer", "client_id")}
