from django.core.management.base import BaseCommand, CommandError

from accounts.models import Company
from accounts.security.lifting import OFF, lift


class Command(BaseCommand):
    help = "Switch one security setting of a company off, when it keeps everybody out."

    def add_arguments(self, parser):
        parser.add_argument("--company", required=True, help="the company's slug")
        parser.add_argument("setting", choices=[kind.value for kind in OFF])

    def handle(self, *, company, setting, **options):
        try:
            found = Company.objects.get(slug=company)
        except Company.DoesNotExist as error:
            raise CommandError(f"There is no company {company!r}.") from error
        changed = lift(company=found, kind=setting)
        self.stdout.write(f"{setting} is off." if changed else f"{setting} was off already.")
