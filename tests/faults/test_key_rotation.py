"""A signing key is replaced under load and no request is refused (design.md, decision 3)."""

import json
import time
from threading import Thread

import pytest

from tests.faults.test_faults import new_token
from tests.servers import manage, me, portal, prepared, run

CLIENTS = 3


class Traffic:
    """Threads that use every token in ``jwts`` in turn, until the block ends."""

    def __init__(self, port):
        self.port, self.jwts, self.statuses, self.stop = port, [], [], False
        self.threads = [Thread(target=self.send) for _ in range(CLIENTS)]

    def send(self):
        while not self.stop:
            for jwt in list(self.jwts):
                self.statuses.append(me(self.port, jwt)[0])

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self.stop = True
        for thread in self.threads:
            thread.join()


@pytest.mark.parametrize("algorithm", ["HS256", "EdDSA"])
def test_a_key_is_rotated_under_load_and_no_request_is_refused(tmp_path, algorithm):
    keys = tmp_path / "keys.json"
    first = {"kid": "first", "alg": "HS256", "state": "active", "secret": "a" * 64}
    keys.write_text(json.dumps([first]))
    keys.chmod(0o600)
    variables = prepared(
        f"sqlite:///{tmp_path / 'db.sqlite3'}", tmp_path,
        APITOKENS_KEYS="", APITOKENS_KEYS_FILE=str(keys), APITOKENS_KEY_PROPAGATION="1",
    )  # fmt: skip
    old = new_token(variables, "old")
    with portal(variables, workers=2) as port, Traffic(port) as traffic:
        traffic.jwts.append(old)
        manage(variables, "apitokens_keys", "new", "--alg", algorithm, "--kid", "second")
        time.sleep(1.5)  # longer than APITOKENS_KEY_PROPAGATION
        manage(variables, "apitokens_keys", "promote", "second")
        new = new_token(variables, "new")
        assert new.split(".")[0] != old.split(".")[0]
        traffic.jwts.append(new)
        time.sleep(0.5)  # traffic in this state
        public_id = run(variables, PUBLIC_ID).splitlines()[-1]
        rotated = manage(variables, "apitokens_rotate", public_id, "--overlap", "3600")
        traffic.jwts[:] = [new, rotated]  # the program has taken the new one
        time.sleep(0.5)  # traffic in this state
        run(variables, CUT)
        manage(variables, "apitokens_keys", "retire", "first")
        time.sleep(1)  # traffic after the key is gone
        assert me(port, old)[0] == 401
    assert len(traffic.statuses) > 100
    assert set(traffic.statuses) == {200}


PUBLIC_ID = """
from apitokens.models import APIToken
print(APIToken.objects.get(name="old").public_id)
"""

CUT = """
from apitokens.models import APIToken
from apitokens.services import cut_old_credentials
cut_old_credentials(token=APIToken.objects.get(name="old"), actor=None)
"""
