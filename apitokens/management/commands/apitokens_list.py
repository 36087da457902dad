from apitokens.management.base import ListingCommand, iso, owner_with_key, person, visible
from apitokens.models import APIToken

STATES = ["unending", "ending", "suspended", "stopped", "expired", "deleted"]
COLUMNS = {
    "id": "ID",
    "name": "NAME",
    "owner": "OWNER",
    "acts_as": "ACTS AS",
    "state": "STATE",
    "created_at": "CREATED",
    "expires_at": "EXPIRES",
    "last_used_at": "LAST USED",
    "last_used_from": "FROM",
    "scopes": "SCOPES",
    "networks": "NETWORKS",
    "kid": "KEY",
    "old_secrets": "OLD SECRETS",
}


def facts(token):
    """What may be told of a token; never its jti."""
    credential = token.credential
    return {
        "id": token.public_id,
        "name": token.name,
        "owner_id": str(token.owner_id),
        "owner": str(token.owner),
        "acts_as_id": token.user and str(token.user_id),
        "acts_as": token.user and str(token.user),
        "state": token.state,
        "created_at": iso(token.created_at),
        "expires_at": iso(credential and credential.expires_at),
        "last_used_at": iso(token.last_used_at),
        "last_used_from": token.last_used_from,
        "scopes": None if token.scopes is None else list(token.scopes),
        "networks": [str(network) for network in token.networks],
        "kid": credential and credential.kid,
        "old_secrets": [
            {
                "source": old.source,
                "ends_at": iso(old.ends_at),
                "last_used_at": iso(old.last_used_at),
                "last_used_from": old.last_used_from,
            }
            for old in token.old_secrets
        ],
    }


class Command(ListingCommand):
    help = "List API tokens; deleted ones only with --state deleted."

    def add_arguments(self, parser):
        whose = parser.add_mutually_exclusive_group()
        whose.add_argument("--owner", metavar="PK", help="tokens of this owner")
        whose.add_argument("--user", metavar="EMAIL", help="tokens that act as this person")
        parser.add_argument(
            "--state", action="append", choices=STATES, help="once for each wanted state"
        )
        super().add_arguments(parser)

    def handle(self, *, owner, user, state, json, **options):
        rows = (facts(token) for token in self.tokens(owner, user, state))
        rows = (row for row in rows if not state or row["state"] in state)
        if json:
            for row in rows:
                self.write_json(**row)
        else:
            self.write_table([[cell(row[name]) for name in COLUMNS] for row in rows])

    def tokens(self, owner, user, state):
        found = APIToken.objects.with_credentials().order_by("pk")
        if "deleted" not in (state or ()):
            found = found.existing()
        if user is not None:
            found = found.filter(user=person(user))
        if owner is not None:
            found = found.for_owner(owner_with_key(owner))
        return found.iterator(chunk_size=2000)

    def write_table(self, rows):
        rows = [list(COLUMNS.values()), *rows]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (text.ljust(width) for text, width in zip(row, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())


def cell(value):
    if isinstance(value, list):
        value = " ".join(item if isinstance(item, str) else until(item) for item in value)
    return visible(value or "-")


def until(old):
    """An old secret in a word or two."""
    return f"{old['source']} until {old['ends_at']}, used {old['last_used_at'] or 'never'}"
