"""What tests of several rooms share. Property tests have no deadline: a busy machine is no fault of ours.

They try 40 examples each, and 200 by night (`make nightly`).
"""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from postgres import running_server

NIGHTLY = os.environ.get("EVENHAND_NIGHTLY") == "1"
settings.register_profile("evenhand", deadline=None, max_examples=200 if NIGHTLY else 40)
settings.load_profile("evenhand")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to the night what is marked so: long, and in its larger part covered by day by a test beside it."""
    for item in items:
        if not NIGHTLY and item.get_closest_marker("nightly"):
            item.add_marker(pytest.mark.skip(reason="by night (make nightly)"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a running PostgreSQL, one for the whole session."""
    with running_server() as url:
        yield url
