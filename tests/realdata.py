"""Real messages and word lists, where they lie beside the checkout: they belong to others and are never copied here."""

from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[1]


def real_data(name: str) -> Path:
    """Return the path of a file or directory of shared/data, or skip the test and say why."""
    for place in (_ROOT.parent, _ROOT.parent.parent):
        path = place / "shared" / "data" / name
        if path.exists():
            return path
    pytest.skip(f"needs shared/data/{name} beside the checkout")
