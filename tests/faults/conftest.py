"""Databases of a test's own, for processes that are killed."""

import pytest

from tests.servers import PostgreSQL


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    """The address of one, which may be migrated already."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'db.sqlite3'}"
        return
    engine = PostgreSQL.migrated(tmp_path)
    yield engine.url
    engine.close()
