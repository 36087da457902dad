"""Who of a company somebody is to its identity provider: once known, the same person for ever.

An address that is given to somebody else there, or taken by them, moves nobody's account here.
"""

from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from accounts.models import SingleSignOn


class OtherIdentity(Exception):
    """The person is known to the provider as somebody else."""


def may_come(user, company_id):
    """Whether a company's provider may speak for *user*: of its people alone, and never for those
    who run the portal.
    """
    return user.company_id == company_id and not (user.is_staff or user.is_superuser)


@transaction.atomic
def know(user, account, app):
    """*account*, the provider's word just now, is *user* from now on. Raises OtherIdentity, also
    where the connection is no longer the one that *app* stands for.
    """
    connection = SingleSignOn.objects.select_for_update().filter(company_id=user.company_id).first()
    if connection is None or not connection.is_of(app.settings["server_url"], app.client_id):
        raise OtherIdentity
    known = SocialAccount.objects.filter(provider=account.provider)
    if known.filter(user=user).exclude(uid=account.uid).exists():
        raise OtherIdentity
    found, _made = known.get_or_create(
        uid=account.uid, defaults={"user": user, "provider": account.provider}
    )
    if found.user_id != user.pk:
        raise OtherIdentity
