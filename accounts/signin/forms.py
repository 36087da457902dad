"""The forms of the log-in pages: allauth's and Django's, with the portal's words."""

from contextlib import contextmanager

from allauth.account import forms as account
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa import signals
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext_lazy as _

from accounts.signin.second_factor import use_code

PASSWORD_LENGTH = 4096
"""Characters beyond which nobody's password is hashed."""


def email_field():
    """Any text is looked up: what is no address is simply nobody's."""
    return forms.CharField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )


def password_field():
    return forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=PASSWORD_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class LogInForm(account.LoginForm):
    """``login`` is called ``username`` in the page, as in Django's own form."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields = {"login": email_field(), "password": password_field()}

    def add_prefix(self, field_name):
        return super().add_prefix("username" if field_name == "login" else field_name)


class CompanyForm(forms.Form):
    """Whose single sign-on: any text is looked up."""

    name = forms.CharField(
        label=_("Work e-mail, or your company’s sign-in name"),
        max_length=254,
        error_messages={"required": _("Enter your work e-mail or your company’s sign-in name")},
        widget=forms.TextInput(
            attrs={"autofocus": True, "autocomplete": "username", "autocapitalize": "none",
                   "spellcheck": "false"}
        ),
    )  # fmt: skip


class ConfirmPasswordForm(account.ReauthenticateForm):
    """The signed-in person's password."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password"] = password_field()
        self.fields["password"].widget.attrs["autofocus"] = True


class ChangePasswordForm(PasswordChangeForm):
    """Django's: validators, help and names of the fields; allauth calls save() alone."""

    def __init__(self, *args, user, **kwargs):
        super().__init__(user, *args, **kwargs)


class ForgottenPasswordForm(account.ResetPasswordForm):
    """The answer is the same for every address: sent, if it is somebody's."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"] = forms.EmailField(
            label=_("E-mail"),
            max_length=254,
            widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
        )


class NewPasswordForm(SetPasswordForm):
    """The new password of somebody who followed the link in the mail."""

    def __init__(self, *args, user=None, temp_key=None, **kwargs):
        super().__init__(user, *args, **kwargs)


def code_field(**kwargs):
    """Digits of an app, or a recovery code."""
    return forms.CharField(
        label=_("Code"),
        max_length=32,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autofocus": True,
                "inputmode": "numeric",
                "class": "code-input",
                "spellcheck": "false",
            }
        ),
        **kwargs,
    )


class UsedOnce:
    """A code of the app is taken once, cache or no cache."""

    def clean_code(self):
        code = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP and not use_code(self.user, code):
            self._emit_authentication_failed(self.authenticator)
            raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(UsedOnce, mfa.AuthenticateForm):
    code = code_field()


class ConfirmCodeForm(UsedOnce, mfa.ReauthenticateForm):
    code = code_field()


class AddAppForm(ActivateTOTPForm):
    code = code_field(help_text=_("6 digits, a new one every 30 seconds"))


def passkey_name(help_text=""):
    return forms.CharField(label=_("Name"), max_length=64, help_text=help_text)


class CredentialField(forms.JSONField):
    """What a browser made of a challenge. Deeper than Python reads is as broken as any other."""

    widget = forms.HiddenInput

    def to_python(self, value):
        try:
            return super().to_python(value)
        except RecursionError as error:
            raise get_adapter().validation_error("incorrect_code") from error


@contextmanager
def only_refusals():
    """What a client claims to have signed fails inside fido2 in many ways: all are refusals. A
    database that doesn't answer is not one: that is 503.
    """
    try:
        yield
    except (ValidationError, ImmediateHttpResponse, OperationalError, InterfaceError):
        raise
    except Exception as error:  # fido2, cbor2 and cryptography have no base of errors in common
        raise get_adapter().validation_error("incorrect_code") from error


class PasskeyForm(webauthn.AuthenticateWebAuthnForm):
    credential = CredentialField()

    def clean_credential(self):
        try:
            with only_refusals():
                return super().clean_credential()
        except ValidationError:
            self.tell_refused()
            raise

    def tell_refused(self):
        """As allauth does for codes, and not for passkeys."""
        signals.authentication_failed.send(
            Authenticator, request=context.request, user=self.user, authenticator=None
        )


class PasskeyLogInForm(PasskeyForm, webauthn.LoginWebAuthnForm):
    pass


class ConfirmPasskeyForm(PasskeyForm, webauthn.ReauthenticateWebAuthnForm):
    pass


class AddPasskeyForm(webauthn.AddWebAuthnForm):
    """Every key signs in alone: it is kept on the device and asks for finger, face or PIN."""

    name = passkey_name(_("To tell your passkeys apart, for example: Work laptop"))
    passwordless = forms.BooleanField(
        initial=True, required=False, widget=forms.CheckboxInput(attrs={"hidden": True})
    )
    credential = CredentialField()

    def clean(self):
        with only_refusals():
            return super().clean()


class RenamePasskeyForm(webauthn.EditWebAuthnForm):
    name = passkey_name()
