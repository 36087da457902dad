"""Log-in by e-mail, and the password once more."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm, UsernameField
from django.core.exceptions import ValidationError
from django.forms import EmailInput
from django.utils.translation import gettext_lazy as _

from accounts.security.rules import PASSWORD
from accounts.security.signing_in import refused_log_in


class LogInForm(AuthenticationForm):
    """Any text is looked up: what is no address is simply nobody's."""

    username = UsernameField(
        label=_("E-mail"),
        max_length=254,
        widget=EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )

    def confirm_login_allowed(self, user):
        """The password was right; whether the company lets them in now is told to nobody else."""
        super().confirm_login_allowed(user)
        if found := refused_log_in(self.request, user, PASSWORD):
            raise ValidationError(found.message, code=found.reason)


class ConfirmPasswordForm(forms.Form):
    """The signed-in person's password."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self):
        password = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise ValidationError(_("This is not your password. Try again"), code="wrong")
        return password
