"""security.md E on MariaDB: a server that dies or refuses to write. Part of the matrix."""

import pytest

from tests.faults.test_faults import count, new_token
from tests.servers import MariaDB, me, portal, prepared, wait_for

pytestmark = pytest.mark.mariadb

USED = "SELECT count(*) FROM apitokens_credential WHERE last_used_at IS NOT NULL"


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory):
    engine = MariaDB(tmp_path_factory.mktemp("mariadb"))
    yield engine
    engine.stop()


@pytest.fixture(scope="module")
def on_mariadb(mariadb, tmp_path_factory):
    return prepared(mariadb.url, tmp_path_factory.mktemp("portal"))


def test_a_database_that_is_down_is_503_and_back_again_200(mariadb, on_mariadb):
    jwt = new_token(on_mariadb, "down")
    with portal(on_mariadb, workers=1) as port:
        assert me(port, jwt)[0] == 200
        mariadb.stop()
        try:
            status, headers, body = me(port, jwt)
            assert (status, headers["Retry-After"]) == (503, "2")
            assert b"Traceback" not in body
            assert me(port, jwt[:-4] + "AAAA")[0] == 401
        finally:
            mariadb.start()
        wait_for(lambda: me(port, jwt)[0] == 200, seconds=15)


def test_on_a_read_only_database_tokens_work_and_last_use_is_dropped(mariadb, on_mariadb):
    jwt = new_token(on_mariadb, "read only")
    with portal(on_mariadb, workers=1) as port:
        before = count(on_mariadb, USED)
        mariadb.read_only(True)
        try:
            assert me(port, jwt)[0] == 200
            assert count(on_mariadb, USED) == before
        finally:
            mariadb.read_only(False)
        assert me(port, jwt)[0] == 200
        assert count(on_mariadb, USED) == before + 1
