"""security.md D under load: of REQUESTS requests that began after an act was answered, over 4
workers, none is accepted. `make load` (REQUESTS=10000).
"""

import os
import time
from http.client import HTTPConnection
from itertools import count
from threading import Thread

import pytest

from tests.faults.test_faults import Browser
from tests.servers import PostgreSQL, manage, me, portal, prepared, run

REQUESTS = int(os.environ.get("REQUESTS", "10000"))
WORKERS = CLIENTS = 4
TOKEN = """
from apitokens import services
from apitokens.models import APIToken
t = APIToken.objects.get(name={!r})
"""

ACTS = {
    "deleted by the service": "services.delete_token(token=t, actor=None)",
    "deleted by the instance": "t.delete()",
    "deleted by a queryset": "APIToken.objects.filter(pk=t.pk).delete()",
    "deleted by the owner's manager": "t.owner.api_tokens.filter(pk=t.pk).delete()",
    "deleted by raw SQL": """
from django.db import connection
connection.cursor().execute("DELETE FROM apitokens_credential WHERE token_id = %s", [t.pk])""",
    "deleted with its company": "t.owner.delete()",
    "suspended": "services.suspend_token(token=t, actor=None)",
    "rotated, the old one ends now": """
from datetime import timedelta
services.rotate_token(token=t, overlap=timedelta(0), actor=None)""",
    "its person disabled": "u = t.user; u.is_active = False; u.save()",
    "its person demoted": "u = t.user; u.access_level = 'hr'; u.save()",
    "its person deleted": "t.user.delete()",
    "its company suspended": "o = t.owner; o.is_active = False; o.save()",
}

OWN_PEOPLE = """
from accounts.models import Company, User
from apitokens.services import issue_token
company = Company.objects.create(name={0!r}, slug={1!r})
user = User.objects.create(
    email="{1}@example.test", name="Own", company=company, access_level="admin", password="!"
)
print(issue_token(owner=company, user=user, name={0!r}, lifetime=None)[1])
"""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(request, tmp_path_factory):
    """(variables, port) of a portal with 4 workers."""
    folder = tmp_path_factory.mktemp("house")
    engine = PostgreSQL.migrated(folder) if request.param == "postgresql" else None
    url = engine.url if engine else f"sqlite:///{folder / 'db.sqlite3'}"
    variables = prepared(url, folder)
    with portal(variables, workers=WORKERS) as port:
        yield variables, port
    if engine:
        engine.close()


class Load:
    """CLIENTS threads that send *jwt* until REQUESTS requests have begun after ``answered``."""

    def __init__(self, port, jwt):
        self.port, self.jwt = port, jwt
        self.answered = None
        self.seen = []
        self.after = count()
        self.threads = [Thread(target=self.send) for _ in range(CLIENTS)]

    def send(self):
        headers = {"Authorization": f"Bearer {self.jwt}"}
        enough = False
        while not enough:
            begun, late = time.monotonic(), self.answered is not None
            enough = late and next(self.after) >= REQUESTS
            connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                connection.request("GET", "/external/v1/me", headers=headers)
                status = connection.getresponse().status
            finally:
                connection.close()
            self.seen.append((late, status, begun))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        time.sleep(1)  # accepted requests before the act
        return self

    def __exit__(self, *error):
        self.answered = self.answered or time.monotonic()
        for thread in self.threads:
            thread.join()


def check(load):
    before = [status for late, status, _ in load.seen if not late]
    after = [status for late, status, _ in load.seen if late]
    assert before.count(200) > 50
    assert len(after) >= REQUESTS
    assert after.count(200) == 0
    assert after.count(401) == len(after)


@pytest.mark.parametrize("act", list(ACTS))
def test_no_request_that_began_after_the_act_is_accepted(house, act):
    variables, port = house
    slug = f"act-{list(ACTS).index(act)}"
    jwt = run(variables, OWN_PEOPLE.format(act, slug)).splitlines()[-1]
    bystander = run(variables, OWN_PEOPLE.format(f"not {act}", f"not-{slug}")).splitlines()[-1]
    with Load(port, jwt) as load:
        run(variables, TOKEN.format(act) + ACTS[act])
        load.answered = time.monotonic()
    check(load)
    assert me(port, bystander)[0] == 200


def test_no_request_that_began_after_the_page_answered_is_accepted(house):
    variables, port = house
    command = ["apitokens_create", "--user", "admin@acme.test", "--name", "By the page"]
    jwt = manage(variables, *command)
    browser = Browser(port)
    browser.sign_in()
    public_id = run(variables, TOKEN.format("By the page") + "print(t.public_id)").splitlines()[-1]
    with Load(port, jwt) as load:
        path = f"/security-settings/api/{public_id}/delete/"
        assert browser.request("POST", path, {"confirm_name": "By the page"})[0] == 302
        load.answered = time.monotonic()
    check(load)


def test_no_request_that_began_after_the_command_ended_is_accepted(house):
    variables, port = house
    command = ["apitokens_create", "--user", "admin@acme.test", "--name", "By command"]
    jwt = manage(variables, *command)
    public_id = run(variables, TOKEN.format("By command") + "print(t.public_id)").splitlines()[-1]
    with Load(port, jwt) as load:
        manage(variables, "apitokens_delete", public_id)
        load.answered = time.monotonic()
    check(load)
