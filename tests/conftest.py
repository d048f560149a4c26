"""What tests of several rooms share."""

from collections.abc import Iterator

import pytest

from postgres import running_server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a running PostgreSQL, one for the whole session."""
    with running_server() as url:
        yield url
