from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.text import slugify

from accounts.models import AccessLevel, Company
from accounts.team.mail import send_invitation
from accounts.team.services import new_invitation


class Command(BaseCommand):
    help = "Create a company and invite its first Admin by mail."

    def add_arguments(self, parser):
        parser.add_argument("name", help="the company's name")
        parser.add_argument("--admin", required=True, metavar="EMAIL", help="its first Admin")
        parser.add_argument("--admin-name", required=True, metavar="NAME")
        parser.add_argument("--slug", help="short name in addresses; made of the name unless told")
        parser.add_argument(
            "--base-url", default=settings.APITOKENS_BASE_URL, metavar="URL",
            help="where people reach the portal; APITOKENS_BASE_URL unless told",
        )  # fmt: skip

    def handle(self, *, name, admin, admin_name, slug, base_url, **options):
        if not base_url:
            raise CommandError("Give --base-url or set APITOKENS_BASE_URL: the mail holds a link")
        company = Company(name=name, slug=slug or slugify(name))
        self.check(company, admin)
        with transaction.atomic():
            company.save()
            invitation = new_invitation(
                company, None, None,
                email=admin, name=admin_name, access_level=AccessLevel.ADMIN,
            )  # fmt: skip
        self.stdout.write(f"Created {company.name} ({company.slug})")
        if not send_invitation(invitation, base_url.rstrip("/")):
            raise CommandError(f"The mail to {invitation.email} could not be sent")
        self.stdout.write(f"Invited {invitation.email}; the link works for 7 days")

    def check(self, company, admin):
        try:
            company.full_clean()
            validate_email(admin)
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
