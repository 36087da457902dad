"""What a company's people may do."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AccessLevel(models.TextChoices):
    """What a company's user may do (product.md §2)."""

    ADMIN = "admin", _("Admin")
    HR = "hr", _("HR")
    RECRUITER = "recruiter", _("Recruiter")
