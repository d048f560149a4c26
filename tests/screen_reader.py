"""A page as somebody meets it who does not see it and has no mouse: the accessibility tree, the Tab key, announcements.

What is asked is the browser's own accessibility tree (DevTools, domain Accessibility), never a class or a selector.
"""

from dataclasses import dataclass
from typing import Any

_WITHOUT_NAME = frozenset({"generic", "none", "RootWebArea"})
_LISTEN = """
(() => {
  window.__announced = [];
  const region = node => (node.nodeType === 1 ? node : node.parentElement)
    ?.closest("[aria-live], [role=status], [role=alert], [role=log], [role=timer], output");
  const off = found => !found || found.getAttribute("aria-live") === "off" || found.getAttribute("role") === "timer";
  addEventListener("DOMContentLoaded", () => new MutationObserver(changes => {
    for (const change of changes) {
      const found = region(change.target);
      const text = found?.textContent.trim();
      if (!off(found) && text && window.__announced.at(-1) !== text) window.__announced.push(text);
    }
  }).observe(document.documentElement, {subtree: true, childList: true, characterData: true}));
})()
"""
"""What a screen reader says by itself: changes inside live regions, after the page was there."""
_SAID = """
[...window.__announced, document.activeElement === document.body ? "" : document.activeElement.innerText || ""]
"""
_STOP = """
() => {
  const one = document.activeElement;
  const box = one.getBoundingClientRect();
  const style = getComputedStyle(one);
  const at = [box.left + Math.min(box.width / 2, 40), box.top + Math.min(box.height / 2, 12)];
  const above = document.elementFromPoint(...at);
  const order = document.createTreeWalker(document.body, 1);
  let place = 0;
  while (order.nextNode() && order.currentNode !== one) place++;
  return {
    place,
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    inView: box.width > 0 && box.height > 0 && at[0] >= 0 && at[0] <= innerWidth && at[1] >= 0 && at[1] <= innerHeight,
    free: !!above && (one.contains(above) || above.contains(one) || [...(one.labels || [])].includes(above)),
    html: one.outerHTML.slice(0, 120),
  };
}
"""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a screen reader says of an element: its role, its name, and its states as the tree gives them."""

    role: str
    name: str
    states: dict[str, Any]


class Listener:
    """A page, listened to."""

    def __init__(self, page: Any) -> None:
        """Listen from the next page on."""
        self.page = page
        self._tools = page.context.new_cdp_session(page)
        page.add_init_script(_LISTEN)

    def focused(self) -> Heard:
        """Return what has the focus."""
        asked = {"expression": "document.activeElement"}
        found = self._tools.send("Runtime.evaluate", asked)["result"]["objectId"]
        asked = {"objectId": found, "fetchRelatives": False}
        return _heard(self._tools.send("Accessibility.getPartialAXTree", asked)["nodes"][0])

    def tree(self) -> list[Heard]:
        """Return the whole page in reading order, without what assistive technology is not told."""
        nodes = self._tools.send("Accessibility.getFullAXTree")["nodes"]
        by_id = {node["nodeId"]: node for node in nodes}
        told: list[Heard] = []

        def walk(node: dict[str, Any]) -> None:
            if not node["ignored"]:
                told.append(_heard(node))
            for child in node.get("childIds", ()):
                if child in by_id:
                    walk(by_id[child])

        walk(nodes[0])
        return told

    def names(self, role: str) -> list[str]:
        """Return the names of everything that has a role, in reading order."""
        return [one.name for one in self.tree() if one.role == role]

    def text(self) -> str:
        """Return everything that is read out, from top to bottom."""
        return "\n".join(one.name for one in self.tree() if one.role == "StaticText")

    def announced(self) -> str:
        """Return what was said without being asked for: changes in live regions, and where the focus was put."""
        self.page.wait_for_timeout(200)
        return "\n".join(self.page.evaluate(_SAID))

    def go(self, role: str, name: str = "", most: int = 90) -> Heard:
        """Press Tab until something with this role and a name that begins like this has the focus.

        Every stop on the way has a name, is seen to have the focus, lies in view and uncovered, and comes after the
        one before it.
        """
        before = -1
        for _turn in range(most):
            self.page.keyboard.press("Tab")
            here = self.focused()
            if here.role == "RootWebArea":  # past the last one, the browser's own controls begin
                before = -1
                continue
            stop = self.page.evaluate(_STOP)
            assert here.name or here.role in _WITHOUT_NAME, f"nothing says what this is: {stop['html']}"
            assert stop["outlined"], f"nothing shows that this has the focus: {stop['html']}"
            assert stop["inView"], f"the focus is out of view: {stop['html']}"
            assert stop["free"], f"something covers what has the focus: {stop['html']}"
            assert stop["place"] > before, f"the focus jumps back: {stop['html']}"
            before = stop["place"]
            if here.role == role and here.name.startswith(name):
                return here
        raise AssertionError(f"no Tab leads to {role} {name!r} on {self.page.url}")

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type a text where the focus is."""
        self.page.keyboard.type(text)


def _heard(node: dict[str, Any]) -> Heard:
    states = {one["name"]: one["value"].get("value") for one in node.get("properties", ())}
    value = {"value": node["value"].get("value")} if "value" in node else {}
    return Heard(_of(node, "role"), _of(node, "name"), states | value)


def _of(node: dict[str, Any], what: str) -> str:
    return str(node.get(what, {}).get("value", ""))
