"""Accessibility of a page in the browser: axe-core's checks for WCAG 2.2, levels A and AA."""

from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_RUN = """
async options => {
  const found = await axe.run(document, options);
  const wrong = found.violations.flatMap(
    rule => rule.nodes.map(node => `${rule.id} (${rule.help}): ${node.html.slice(0, 200)}`)
  );
  return {checked: found.passes.length + found.violations.length, wrong};
}
"""
"""Only what is wrong is brought over: all that is right, with its elements, is megabytes of a long page."""


def violations(page: Any, *, only: str | None = None) -> list[str]:
    """Return what is wrong with an open page, a line for each element; an empty list: nothing was found.

    Args:
        page: Of playwright, loaded.
        only: One rule's name, e.g. "color-contrast" where nothing but the colours is new; None: all of RULES.

    axe is evaluated by the debugger, not by the page: a strict content policy stays in force.
    """
    page.evaluate(SOURCE.read_text("utf-8"))
    asked = {"type": "rule", "values": [only]} if only else {"type": "tag", "values": list(RULES)}
    found = page.evaluate(_RUN, {"runOnly": asked, "resultTypes": ["violations"]})
    assert found["checked"] >= (1 if only else 8), "axe checked nothing"
    return [f"{page.url}: {one}" for one in found["wrong"]]
