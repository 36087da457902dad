"""An account is closed: its row stays, for what it added, and tells nobody who it was."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import AccessLevel, FormerPassword

DOMAIN = "closed.invalid"
"""RFC 6761 §6.4: never anybody's."""


def anonymise(person):
    """Nothing personal on the row, no way in, and nobody's colleague any more."""
    person.email = f"person-{person.pk}@{DOMAIN}"
    person.name, person.phone = _("Former colleague"), ""
    person.access_level, person.is_active = AccessLevel.RECRUITER, False
    person.closed_at = timezone.now()
    person.password = ""
    person.set_unusable_password()
    person._password = None  # no password was chosen: none to remember
    person.save()
    for model in (EmailAddress, Authenticator, SocialAccount, UserSession, FormerPassword):
        model.objects.filter(user=person).delete()
