import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from django.core.management.base import BaseCommand, CommandError

from apitokens.exceptions import InvalidToken
from apitokens.models import APIToken
from apitokens.signing import MAXIMUM_LENGTH, PREFIX
from apitokens.verification import verify

PART = rb"[A-Za-z0-9_-]"
TOKEN = re.compile(
    rb"(?<![A-Za-z0-9_-])" + PREFIX.encode() + PART + rb"+\." + PART + rb"+\." + PART + rb"+"
)
CHUNK = 1024 * 1024


class Command(BaseCommand):
    help = "Find API tokens in files or on standard input (-). Exit 1 if one of them works."

    def add_arguments(self, parser):
        parser.add_argument("path", nargs="+", help="files and folders; -: standard input")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *, path, json, **options):
        living = False
        for name, file in opened(path):
            for line, raw in tokens_in(file):
                facts = {"path": name, "line": line, **about(raw)}
                living = living or facts["living"]
                self.stdout.write(as_json(facts) if json else as_line(facts))
        if living:
            sys.exit(1)


def opened(paths: list[str]) -> Iterator[tuple[str, BinaryIO]]:
    """(name, open file) of everything that *paths* name; links are not followed into folders."""
    for path in paths:
        if path == "-":
            yield "-", sys.stdin.buffer
            continue
        if not Path(path).exists():
            raise CommandError(f"there is no {path}")
        for file in files_below(Path(path)):
            try:
                with file.open("rb") as stream:
                    yield str(file), stream
            except OSError as error:
                sys.stderr.write(f"{file}: {error.strerror}\n")


def files_below(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    yield from (p for p in sorted(path.rglob("*")) if p.is_file() and not p.is_symlink())


def tokens_in(file: BinaryIO) -> Iterator[tuple[int, str]]:
    """(line, token) of each token in *file*, which is read piece by piece.

    What begins near the end of a piece waits for the next, so that nothing is cut.
    """
    text, done, line = b"", 0, 1
    while True:
        piece = file.read(CHUNK)
        text = text[max(0, done - 1) :] + piece  # one byte before: a token must not follow letters
        at = done = min(done, 1)
        done = max(done, len(text) - MAXIMUM_LENGTH) if piece else len(text)
        for found in TOKEN.finditer(text, at):
            if found.start() >= done:
                break
            line, at = line + text.count(b"\n", at, found.start()), found.start()
            yield line, found.group().decode("ascii")
        if not piece:
            return
        line += text.count(b"\n", at, done)


def about(raw: str) -> dict[str, object]:
    """What is known about a token, and never the token itself."""
    token: APIToken | None
    try:
        token, state = verify(raw), "living"
    except InvalidToken as error:
        known = APIToken.objects.filter(public_id=error.public_id).select_related("owner").first()
        # Where it may be used from is no comfort: the finder may stand there.
        token, state = known, "living" if error.reason == "address" else error.reason
    return {
        "token": token and token.public_id,
        "name": token and token.name,
        "owner": token and str(token.owner),
        "state": state,
        "living": state == "living",
    }


def as_line(facts):
    whose = f"{facts['token']} {facts['name']} ({facts['owner']})" if facts["token"] else "unknown"
    return f"{facts['path']}:{facts['line']}: {whose}: {facts['state']}"


def as_json(facts):
    return json.dumps(facts)
