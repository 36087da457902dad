import json
from datetime import datetime

from django.core.management.base import BaseCommand, CommandError

from apitokens.conf import conf
from apitokens.exceptions import KeyringError
from apitokens.key_use import Use, tokens_needing, use_by_kid
from apitokens.keyring import ALGORITHMS, Key, get_keyring
from apitokens.keyring.editing import KeyTooYoung, add, edited, find, new_entry, promote, retire

NO_FILE = (
    "The keys stand in APITOKENS_KEYS, which this command can't write. Change it there: {}. "
    "Or keep them in a file and set APITOKENS_KEYS_FILE instead."
)
WHAT_TO_CHANGE = {
    "new": "run `apitokens_keys new --print` and add what it prints",
    "promote": 'once every process knows the next key, make it "active" and the old one "verify"',
    "retire": 'set its state to "retired" when `apitokens_keys status` shows no living token',
}


class Command(BaseCommand):
    help = "Show the signing keys, make a new one, let it sign, retire an old one."
    requires_system_checks = []  # it must run to put right what they find

    def add_arguments(self, parser):
        acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
        status = acts.add_parser("status", help="keys with their living tokens and last use")
        status.add_argument("--json", action="store_true", help="one JSON object a line")
        new = acts.add_parser("new", help="add a key in state next")
        new.add_argument("--alg", choices=sorted(ALGORITHMS), default="HS256")
        new.add_argument("--kid", help="its id; without: today's date")
        new.add_argument("--print", action="store_true", help="print it with its secret, only")
        move = acts.add_parser("promote", help="next → active, active → verify")
        move.add_argument("kid", nargs="?", help="without: the only key in state next")
        move.add_argument("--force", action="store_true", help="don't wait for its propagation")
        end = acts.add_parser("retire", help="a key that signs no living token does nothing more")
        end.add_argument("kid")
        end.add_argument("--force", action="store_true", help="stop the tokens that need it")

    def handle(self, *, act, **options):
        try:
            getattr(self, act)(**options)
        except KeyTooYoung as error:
            raise CommandError(f"{error}; --force promotes it now") from error
        except KeyringError as error:
            raise CommandError(str(error)) from error

    def status(self, *, json, **options):
        uses, keys = use_by_kid(), get_keyring().by_kid
        for kid in [*keys, *sorted(uses.keys() - keys.keys())]:
            facts = facts_of(kid, keys.get(kid), uses.get(kid, Use()))
            self.stdout.write(as_json(facts) if json else as_line(facts))

    def new(self, *, alg, kid, **options):
        if options["print"]:
            self.stdout.write(as_json(self.loose_entry(alg, kid)))
            return
        with edited(self.file("new")) as entries:
            entry = new_entry(alg, kid, {entry["kid"] for entry in entries})
            add(entries, entry)
        self.stdout.write(f"{entry['kid']} {entry['state']}")

    def loose_entry(self, alg, kid):
        try:
            taken = set(get_keyring().by_kid)
        except KeyringError:
            taken = set()
        return new_entry(alg, kid, taken)

    def promote(self, *, kid, force, **options):
        with edited(self.file("promote")) as entries:
            entry = promote(entries, kid, at_once=force)
        self.stdout.write(f"{entry['kid']} active")

    def retire(self, *, kid, force, **options):
        with edited(self.file("retire")) as entries:
            find(entries, kid)
            needing = tokens_needing(kid)
            if needing and not force:
                raise CommandError(f"{len(needing)} tokens need {kid}:\n{named(needing)}\n"
                                   "Rotate or delete them first; --force stops them.")  # fmt: skip
            retire(entries, kid)
        self.stdout.write(f"{kid} retired")
        if needing:
            self.stdout.write(f"These tokens stop:\n{named(needing)}")

    def file(self, act):
        """The keys file. Raises CommandError where the keys stand elsewhere."""
        if conf.keys_file is None:
            raise CommandError(NO_FILE.format(WHAT_TO_CHANGE[act]))
        if conf.keys:
            raise CommandError("set APITOKENS_KEYS or APITOKENS_KEYS_FILE, not both")
        return conf.keys_file


def facts_of(kid: str, key: Key | None, use: Use) -> dict[str, object]:
    return {
        "kid": kid,
        "alg": key.algorithm if key else None,
        "state": key.state if key else "missing",
        "published_at": iso(key.published_at) if key else None,
        "living": use.living,
        "last_used_at": iso(use.last_used_at),
    }


def as_json(facts):
    return json.dumps(facts)


def as_line(facts):
    used = facts["last_used_at"] or "never"
    published = f", published {facts['published_at']}" if facts["published_at"] else ""
    return (
        f"{facts['kid']}  {facts['alg'] or '?'}  {facts['state']}  "
        f"{facts['living']} living, last used {used}{published}"
    )


def named(tokens):
    return "\n".join(f"  {token.public_id} {token.name}" for token in tokens)


def iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.replace(microsecond=0).isoformat()
