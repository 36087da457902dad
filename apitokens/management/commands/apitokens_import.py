from collections import defaultdict
from datetime import datetime, timedelta

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from apitokens import exceptions, services
from apitokens.management.base import ListingCommand, iso, owner_of, owner_with_key, person, visible
from apitokens.management.old_packages import READERS, warnings
from apitokens.old_secrets import API_KEY

SUNSET = timedelta(days=90)
"""How long old secrets work on, unless told otherwise."""

REFUSALS = {
    exceptions.NotAllowed: "this person may not manage API tokens of this owner",
    exceptions.TokenLimitReached: "the owner may not have so many tokens",
}


class Command(ListingCommand):
    help = (
        "Make a token for each secret of another package, which works on until a sunset. "
        "Run it again for what is new; what was imported stays as it is."
    )

    def add_arguments(self, parser):
        parser.add_argument("--from", required=True, choices=sorted(READERS), dest="source")
        parser.add_argument(
            "--check", "--dry-run", action="store_true", dest="dry_run",
            help="say what would happen, and exit with 1 where something can't be moved",
        )  # fmt: skip
        parser.add_argument("--user", help="whom API keys act as: log-in name")
        parser.add_argument("--owner", metavar="PK", help="whose tokens they become")
        parser.add_argument("--user-field", metavar="NAME", help="the field of --model with it")
        parser.add_argument("--owner-field", metavar="NAME", help="the field of --model with it")
        parser.add_argument("--model", metavar="APP.MODEL", help="a model of the project's own")
        parser.add_argument(
            "--sunset", metavar="DATE", help="when the old secrets end; without: in 90 days"
        )
        parser.add_argument(
            "--scope", action="append", dest="scopes", metavar="SCOPE",
            help="what they may do, once for each; without: all but to rotate themselves",
        )  # fmt: skip
        super().add_arguments(parser)

    def handle(self, *, source, dry_run, json, **options):
        self.prepare(source, **options)
        for warning in warnings(source):
            self.stderr.write(warning)
        counts = defaultdict(int)
        for found in READERS[source](options["model"]):
            facts = self.moved(found, dry_run)
            counts[facts["outcome"]] += 1
            self.say(source, facts, json)
        if not json:
            self.stdout.write(summary(counts))
        if counts["refused"]:
            raise CommandError(f"{counts['refused']} can't be moved")

    def prepare(self, source, *, user, owner, sunset, scopes, user_field, owner_field, **options):
        if source == API_KEY and not (user or user_field):
            raise CommandError("--user: API keys have no person; say whom they shall act as")
        if source != API_KEY and (user or user_field):
            raise CommandError(f"--user: secrets of {source} have a person of their own")
        self.user = person(user) if user else None
        self.owner = owner_with_key(owner) if owner else None
        self.user_field, self.owner_field = user_field, owner_field
        self.ends_at, self.scopes = moment(sunset), scopes
        self.planned = defaultdict(list)

    def moved(self, found, dry_run):
        """What became, or would become, of *found*."""
        facts = {"old": found.label, "outcome": "moved", "reason": None}
        try:
            return facts | (self.plan(found) if dry_run else self.move(found))
        except exceptions.AlreadyImported:
            return facts | {"outcome": "known"}
        except exceptions.SecretEnded as error:
            return facts | {"outcome": "ended", "reason": error.reason}
        except exceptions.ScopeUnknown as error:
            raise CommandError(f"--scope: {error.name!r} can't be given") from error
        except exceptions.KeyringError as error:
            raise CommandError(str(error)) from error
        except exceptions.APITokenError as error:
            reason = REFUSALS.get(type(error)) or str(error)
            return facts | {"outcome": "refused", "reason": reason}

    def plan(self, found):
        wish = self.wish(found)
        beside = self.planned[wish["owner"] and wish["owner"].pk]
        name = services.check_import(**wish, beside=beside)
        beside.append(name)
        return {"outcome": "would move", "id": None, "name": name}

    def move(self, found):
        token = services.import_secret(**self.wish(found))
        return {"id": token.public_id, "name": token.name}

    def wish(self, found):
        user = self.field(found, self.user_field) or found.user or self.user
        return {
            "old": found.old, "user": user, "owner": self.owner_for(found, user),
            "ends_at": self.ends_at, "scopes": self.scopes,
        }  # fmt: skip

    def owner_for(self, found, user):
        """None for what is refused anyway: the policy is asked about people who can sign in."""
        if owner := self.field(found, self.owner_field) or self.owner:
            return owner
        if user is None or not user.is_active:
            return None
        try:
            return owner_of(user)
        except exceptions.NotAllowed:
            return None

    def field(self, found, name):
        if not name:
            return None
        try:
            return getattr(found.row, name)
        except AttributeError as error:
            raise CommandError(f"the old model has no field {name}") from error

    def say(self, source, facts, json):
        if json:
            self.write_json(source=source, **facts, sunset=iso(self.ends_at))
            return
        parts = [facts.get("id"), facts.get("name"), facts["reason"]]
        told = visible("  ".join(part for part in [facts["old"], *parts] if part))
        self.stdout.write(f"{facts['outcome']:10}  {told}")


def moment(text):
    """*text* as an instant, a day as its first one. Raises CommandError unless it is to come."""
    if text is None:
        return timezone.now() + SUNSET
    try:
        found = parse_datetime(text) or datetime.combine(parse_date(text), datetime.min.time())
    except (TypeError, ValueError) as error:
        raise CommandError("--sunset: give a day, 2027-03-01, or an instant") from error
    if timezone.is_naive(found):
        found = timezone.make_aware(found)
    if found <= timezone.now():
        raise CommandError("--sunset: it is past")
    return found


def summary(counts):
    told = [f"{count} {outcome}" for outcome, count in sorted(counts.items())]
    return ", ".join(told) or "there is nothing to move"
