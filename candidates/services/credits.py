"""Credits: what a company has paid for, taken one by one."""

from django.db.models import F

from candidates.exceptions import NoCredits
from candidates.models import Package


def take_credit(package: Package) -> None:
    """Take one credit of *package*, inside the caller's transaction; never below zero.

    Raises NoCredits.
    """
    taken = Package.objects.filter(pk=package.pk, credits__gt=0).update(credits=F("credits") - 1)
    if not taken:
        raise NoCredits(package.name)
