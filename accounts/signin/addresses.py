"""Keeps allauth's e-mail addresses in step with ``User.email``: one row a person, the primary.

Who makes a person vouches for the address: staff, or an Admin by an invitation that is answered
from it. An address that is changed later counts once its owner has followed the link that is
mailed to it at the next log-in.
"""

from allauth.account.models import EmailAddress
from django.db.models.signals import post_save

from accounts.models import User


def connect():
    post_save.connect(keep_in_step, sender=User, dispatch_uid="accounts.signin.addresses")


def keep_in_step(sender, instance, created, raw=False, update_fields=None, using=None, **kwargs):
    """Receiver of ``post_save``. A save that didn't write the address asks the database nothing."""
    if raw or (update_fields is not None and "email" not in update_fields):
        return
    addresses = EmailAddress.objects.using(using).filter(user=instance)
    if not created:
        if addresses.filter(email=instance.email).exists():
            return
        addresses.delete()
    addresses.create(user=instance, email=instance.email, primary=True, verified=created)


def prove(user):
    """The address is the person's: they came by it."""
    EmailAddress.objects.filter(user=user, email=user.email).update(verified=True)
