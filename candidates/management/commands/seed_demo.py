import logging
import os
import secrets
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from candidates.demo.people import TWO_STEPS
from candidates.demo.seed import seed

CURL = """\
curl -sS {base_url}/external/v1/candidate/add \
-H "Authorization: Bearer ${{TOKEN:-{jwt}}}" -H "Content-Type: application/json" \
-d "{{\\"candidate\\":{{\\"name\\":\\"Ananya Krishnan\\",\
\\"email\\":\\"ananya.$(date +%s)@example.in\\",\\"phone\\":\\"9$(date +%s | cut -c2-)\\"}},\
\\"package\\":{{\\"subtype_id\\":{subtype_id}}}}}\""""
"""Pasted into sh, bash or zsh it adds a candidate, each time another one."""

APP = """\
{email} is asked for a code too. Key for an authenticator app: {secret}
(or otpauth://totp/{email}?secret={secret}&issuer=SV%20Portal)"""


@contextmanager
def no_log_lines():
    """The output is for people, and what happened to the tokens stands in their history."""
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


class Command(BaseCommand):
    help = "Make the demo companies, people, tokens and candidates; a second run changes nothing."

    def add_arguments(self, parser):
        parser.add_argument(
            "--base-url",
            default="http://127.0.0.1:8000",
            help="address of the portal in the printed line",
        )
        parser.add_argument(
            "--force", action="store_true", help="even where DEBUG is off: the log-ins are known"
        )

        parser.add_argument(
            "--migrate", action="store_true", help="migrate first, in the same process"
        )

    def handle(self, *, base_url, force, migrate, **options):
        if not settings.DEBUG and not force:
            raise CommandError("DEBUG is off: give --force to make well-known log-ins here.")
        if migrate:
            call_command("migrate", verbosity=0)
        password = os.environ.get("DEMO_PASSWORD") or secrets.token_urlsafe(9)
        with no_log_lines():
            demo = seed(password)
        self.print_people(demo.people, password)
        self.stdout.write(APP.format(email=TWO_STEPS, secret=demo.app_secret))
        self.print_curl(demo, base_url.rstrip("/"))

    def print_people(self, people, password):
        self.stdout.write("Sign in with one of:")
        for person in people:
            company = person.company.name if person.company else "staff"
            level = person.get_access_level_display() or "Django admin"
            self.stdout.write(f"  {person.email:<22} {person.name}, {level}, {company}")
        self.stdout.write(f"Password of all: {password}")

    def print_curl(self, demo, base_url):
        self.stdout.write("\nAdd a candidate through the API:")
        self.stdout.write(CURL.format(base_url=base_url, jwt=demo.jwt, subtype_id=demo.subtype.pk))
        self.stdout.write("To use another token, run this first: TOKEN=<the token>")
