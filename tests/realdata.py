"""Real messages and word lists, where they lie beside the checkout: they belong to others and are never copied here."""

from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[1]


def real_data(name: str) -> Path:
    """Return the path of a file or directory of shared/data, or skip the test and say why."""
    return _shared("data", name)


def reference_table(name: str) -> Path:
    """Return the path of a table of shared/reference, or skip the test and say why."""
    return _shared("reference", name)


def _shared(kind: str, name: str) -> Path:
    for place in (_ROOT.parent, _ROOT.parent.parent):
        path = place / "shared" / kind / name
        if path.exists():
            return path
    pytest.skip(f"needs shared/{kind}/{name} beside the checkout")
