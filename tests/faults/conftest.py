"""Databases of one's own: of a test, for processes that are killed, or of a file of tests."""

import pytest

from tests.servers import PostgreSQL, prepared


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    """The address of one, which may be migrated already."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'db.sqlite3'}"
        return
    engine = PostgreSQL.migrated(tmp_path)
    yield engine.url
    engine.close()


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory):
    engine = PostgreSQL.migrated(tmp_path_factory.mktemp("postgresql"))
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def on_postgresql(postgresql, tmp_path_factory):
    return prepared(postgresql.url, tmp_path_factory.mktemp("portal"))
