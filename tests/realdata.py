"""Where the real data lie beside the checkout; tests that need them say so when they do not find them."""

from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]


def shared(path: str) -> Path:
    """Return a file of the shared folder beside the checkout, or skip the test saying that it is not there."""
    for base in (_ROOT.parent, _ROOT.parent.parent):
        found = base / "shared" / path
        if found.exists():
            return found
    pytest.skip(f"shared/{path} does not lie beside the checkout")
