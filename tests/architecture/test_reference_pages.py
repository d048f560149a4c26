"""Pages that are printed from tables say what the tables say."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def _printer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("print_reference", ROOT / "scripts" / "print_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", sorted(_printer().PAGES))
def test_page_is_as_printed(name: str) -> None:
    """What is committed equals what `make docs` would write."""
    assert (ROOT / "docs" / "reference" / name).read_text("utf-8") == _printer().PAGES[name]()


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/**/*.md")) + sorted(ROOT.glob("*.md")), ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page leads to a file that is there."""
    import re

    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"
