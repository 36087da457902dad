"""Django's password validator of the portal's own."""

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.security.models import FormerPassword
from accounts.security.models.password import KEPT


class NotAFormerPassword:
    """Refuses the password in use and the four before it."""

    def validate(self, password, user=None):
        if user is None or user.pk is None:
            return
        former = FormerPassword.objects.newest_of(user.pk).values_list("encoded", flat=True)
        if any(check_password(password, encoded) for encoded in [user.password, *former]):
            raise ValidationError(self.get_help_text(), code="password_used_before")

    def get_help_text(self):
        return _("Your new password can’t be one of your last %(kept)s.") % {"kept": KEPT}
