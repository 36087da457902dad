"""The portal's API in one file: copy it into your program. Standard library only.

    BASE=https://portal.example.com TOKEN=… python3 client.py "Meera Krishnan" 9876543210 m@x.in

Each call is repeated after time-outs, 429, 5xx and whatever else has Retry-After: never does that
add anybody twice, for ``add`` sends an Idempotency-Key.
"""

import json
import os
import random
import sys
import time
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from uuid import uuid4

LONGEST = 300
"""Seconds that are waited at most, whatever Retry-After says."""


class Refused(Exception):
    """An answer that repeating doesn't change: ``status``, ``message``, ``errors``."""

    def __init__(self, status, body):
        super().__init__(f"{status} {body.get('message')}")
        self.status, self.message, self.errors = status, body.get("message"), body.get("errors", [])

    @property
    def codes(self):
        return {error["code"] for error in self.errors if "code" in error}


class Client:
    def __init__(self, base, token, timeout=30, tries=6):
        self.base, self.token = base.rstrip("/"), token
        self.timeout, self.tries = timeout, tries

    def packages(self):
        """What can be ordered: categories, tags, packages with their subtypes."""
        return self.call("packages")["data"]

    def add(self, candidate, package, key=None):
        """Add a candidate. Keep *key* and send it again if your program may die meanwhile."""
        body = {"candidate": candidate, "package": package}
        return self.call("add", body=body, key=key or str(uuid4()))["data"]

    def details(self, **one):
        """One candidate, by ``candidate_id`` or ``email``."""
        return self.call("details", one)["data"]

    def candidates(self, limit=100):
        """Every candidate, newest first, page by page."""
        query = {"limit": limit}
        while True:
            page = self.call("details", query)
            yield from page["data"]
            if not page["next_cursor"]:
                return
            query["cursor"] = page["next_cursor"]

    def call(self, name, query=(), body=None, key=None):
        # The address is BASE, which you set: nobody else says where this goes (S310).
        url = f"{self.base}/external/v1/candidate/{name}?{urlencode(query)}"
        request = Request(url)  # noqa: S310 - BASE
        request.add_header("Authorization", f"Bearer {self.token}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        if key is not None:
            request.add_header("Idempotency-Key", key)
        for attempt in range(self.tries):
            is_last = attempt == self.tries - 1
            try:
                with urlopen(request, timeout=self.timeout) as response:  # noqa: S310 - BASE
                    return json.load(response)
            except HTTPError as error:
                wait = error.headers.get("Retry-After")
                if is_last or not (wait or error.code == 429 or error.code >= 500):
                    raise Refused(error.code, body_of(error)) from error
            except (OSError, HTTPException):  # no connection, or no answer in time
                wait = None
                if is_last:
                    raise
            # Longer each time, and by chance, so that many clients don't come back at once (S311).
            by_chance = 2**attempt * random.uniform(0.25, 0.5)  # noqa: S311 - no secret
            time.sleep(by_chance if wait is None else min(seconds_of(wait, by_chance), LONGEST))


def seconds_of(wait, otherwise):
    """Retry-After, which is seconds or, from a proxy between us, a date (RFC 9110 §10.2.3)."""
    if wait.isascii() and wait.isdecimal():
        return int(wait)
    try:
        then = parsedate_to_datetime(wait)
    except ValueError:  # neither
        return otherwise
    return max(0, then.timestamp() - time.time())


def body_of(error):
    try:
        body = json.load(error)
    except ValueError:  # from something between us and the portal
        body = None
    return body if isinstance(body, dict) else {"message": error.reason}


if __name__ == "__main__":
    client = Client(os.environ["BASE"], os.environ["TOKEN"])
    name, phone, email = sys.argv[1:]
    subtype = client.packages()["packages"][0]["subtype_id"]
    added = client.add({"name": name, "phone": phone, "email": email}, {"subtype_id": subtype})
    print(json.dumps(client.details(candidate_id=added["candidate_id"])))
    for candidate in client.candidates(limit=2):
        print(candidate["candidate_id"], candidate["overall_status"])
