"""Log-in by e-mail."""

from django.contrib.auth.forms import AuthenticationForm, UsernameField
from django.forms import EmailInput
from django.utils.translation import gettext_lazy as _


class LogInForm(AuthenticationForm):
    """Any text is looked up: what is no address is simply nobody's."""

    username = UsernameField(
        label=_("E-mail"),
        max_length=254,
        widget=EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )
