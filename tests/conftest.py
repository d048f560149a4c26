"""What tests of several rooms share. Property tests have no deadline: a busy machine is no fault of ours."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from postgres import running_server

settings.register_profile("evenhand", deadline=None)
settings.load_profile("evenhand")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a running PostgreSQL, one for the whole session."""
    with running_server() as url:
        yield url
