"""Hostile texts in every field, then every page in Chromium on a phone: with the content policy, and without it."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest

from axe import violations
from browser import needs_chromium, open_page
from hostile_texts import LONG, PAYLOADS, RIGHT_TO_LEFT
from served import served

_HERE = Path(__file__).parent
PHONE = {"width": 360, "height": 740}
PAGE_BYTES_MAX = 100_000
RIGHT = ("visitor", "lena")
"""Who reads Arabic; the others read Persian."""
PLAIN = ["/days/", "/data/", "/verify/", "/principles", "/rules", "/held", "/follow/", "/staff/login/"]
PLAIN_AT_THE_DESK = ["/console/queues/speech/", "/console/keys/", "/console/rest/", "/staff/second-factor/"]
"""Pages on which nothing of anybody's stands."""
_IN_THE_LAWS_WORDS = ("/authorities/", "/console/legal/", "/console/approvals/")
_ENGLISH = re.compile(r"[A-Za-z]{2,}[ ,]+[A-Za-z]{2,}")
_LOOKED_OVER = ("boris", "ada")
"""Whose mirrored pages axe looks at: an appeal's case, and deliveries."""
_MIRRORED = re.compile(r"^https?://[^/]+(/(?:ar|fa))/")
_REFUSED = (
    "the server responded with a status of 400 (Bad Request)",
    "of 422 (Unprocessable Entity)",
    "of 404 (Not Found)",
)
_LOOK = """
mark => {
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const own = new Set(["TEXTAREA", "OPTION", "TITLE"]);  // a control's text stands by itself
  const loose = [];
  while (words.nextNode()) {
    const text = words.currentNode.textContent;
    if (!text.includes(mark)) continue;
    let one = words.currentNode.parentElement;
    if (own.has(one.tagName)) continue;
    const style = () => getComputedStyle(one);
    while (style().display === "inline" && style().unicodeBidi === "normal") one = one.parentElement;
    const alone = one.textContent.trim() === text.trim() && style().display !== "inline";
    if (!alone && style().unicodeBidi === "normal" && !one.dir) loose.push(one.outerHTML.slice(0, 160));
  }
  const wide = document.documentElement.scrollWidth > innerWidth
    ? [...document.querySelectorAll("main *")].filter(one => one.getBoundingClientRect().right > innerWidth + 1
        && !one.closest(".scroll, pre, dialog, .unseen")).slice(0, 3).map(one => one.outerHTML.slice(0, 200)) : [];
  return {
    ran: [window.__pwned, document.querySelector("base, iframe, math, meta[http-equiv], body link")?.outerHTML]
      .filter(one => one !== undefined),
    loose,
    wide: document.documentElement.scrollWidth > innerWidth ? [document.documentElement.scrollWidth, ...wide] : [],
    bytes: performance.getEntriesByType("navigation")[0].decodedBodySize,
    counted: document.body.innerText.includes("1337"),
    text: document.body.innerText,
    rtl: getComputedStyle(document.body).direction === "rtl" && document.documentElement.dir === "rtl",
    held: document.querySelector("main").innerHTML.includes(mark),
  };
}
"""

_SEND = """
([where, fields, text, button]) => {
  const form = document.querySelector(where);
  for (const one of form.querySelectorAll(fields)) one.value = one.matches("textarea") ? text : text.split("\\n")[1];
  for (const one of form.querySelectorAll("[type=radio]")) one.checked = true;
  form.noValidate = true;
  form.requestSubmit(form.querySelector(button));
}
"""
_EVERY = "textarea, input:not([type=hidden], [type=radio], [type=checkbox], [type=file], [type=date])"
_FORMS = {
    "visitor": (
        ("/report", "main form", _EVERY, "button"),
        ("/follow/", "main form", _EVERY, "button"),
        ("/authorities/enrol/", "main form", _EVERY, "button"),
        ("/authorities/submit/tco-removal/", "main form", _EVERY, "button"),
        ("/staff/login/", "main form", _EVERY, "button"),
    ),
    "boris": (
        ("", "[data-decide]", _EVERY, "[name=preview]"),
        ("", "[data-decide]", "textarea", "[name=preview]"),
        ("/console/search/", "main form", _EVERY, "button"),
    ),
}
"""Whose form, on which page (none: their first one), what is filled in, which button: refused ones are shown again."""

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, Any]]]:
    """A desk full of hostile texts: where it is served, its pages by who looks at them, and their cookies."""
    data = tmp_path_factory.mktemp("hostile")
    with served(_HERE / "hostile_desk.py", data) as address:
        yield address, json.loads((data / "pages.json").read_text("utf-8"))


def _looked_at(page: Any, wrong: list[str]) -> str:
    """Add what is wrong with an open page; return its text if something hostile stands in it."""
    seen = page.evaluate(_LOOK, RIGHT_TO_LEFT)
    wrong += [f"{page.url} {what}: {one}" for what in ("ran", "loose", "wide") for one in seen[what]]
    wrong += [f"{page.url}: not mirrored"] if seen["rtl"] != bool(_MIRRORED.search(page.url)) else []
    wrong += [f"{page.url}: a template was computed"] if seen["counted"] else []
    if "/console/" in page.url and seen["bytes"] > PAGE_BYTES_MAX:
        wrong.append(f"{page.url}: {seen['bytes']} bytes")
    return str(seen["text"]) if seen["held"] else ""


@pytest.mark.nightly
def test_nothing_runs_nothing_leaves_nothing_is_moved(desk: Any, browser: Any) -> None:
    """No script runs, no other host is asked, no page complains, scrolls sideways or reorders its own words.

    Every page without the policy, by which alone nothing is held back; with it, those on which the texts are, in
    Arabic and in Persian, from right to left.
    """
    pages: dict[str, list[str]] = desk[1]["pages"]
    wrong: list[str] = []
    without = _walk(browser, desk, pages, wrong, bypass_csp=True)
    mirrored = {name: [f"/{'ar' if name in RIGHT else 'fa'}{path}" for path in without[name]] for name in pages}
    _walk(browser, desk, mirrored, wrong, bypass_csp=False)
    assert [one for one in wrong if not one.endswith(_REFUSED)] == []
    assert sum(read for shown in without.values() for read in shown.values()) >= 8, "the texts are to be read as text"


def _walk(
    browser: Any, desk: Any, pages: dict[str, list[str]], wrong: list[str], *, bypass_csp: bool
) -> dict[str, dict[str, bool]]:
    """Open everybody's pages; return those with something hostile, and whether the first payload is read there."""
    address, held = desk[0], dict[str, dict[str, bool]]()
    for name, paths in pages.items():
        shown = held[name] = {}
        page = open_page(browser, wrong, bypass_csp=bypass_csp, viewport=PHONE)
        page.on("request", lambda one: None if one.url.startswith((address, "data:")) else wrong.append(one.url))
        cookies = desk[1]["sessions"].get(name, {})
        page.context.add_cookies([{"name": key, "value": value, "url": address} for key, value in cookies.items()])
        for path in paths:
            if (status := page.goto(address + path).status) != 200:
                wrong.append(f"{path}: {status}")
            if seen := _looked_at(page, wrong):
                shown[path] = PAYLOADS[0] in seen
            if _MIRRORED.match(address + path) and name in _LOOKED_OVER:
                wrong.extend(violations(page))
        forms = _FORMS.get(name, ()) if bypass_csp or name == "boris" else ()
        prefix = found[1] if paths and (found := _MIRRORED.match(address + paths[0])) else ""
        for path, *form in forms:
            page.goto(address + (f"{prefix}{path}" if path else paths[0]))
            with page.expect_navigation():
                page.evaluate(_SEND, [*form[:2], LONG, form[2]])
            _looked_at(page, wrong)
        page.context.close()
    return held


class _Ours(HTMLParser):
    """A page's own words: what is said by others, and what is a code or a name, stands in an element that says so."""

    _theirs = frozenset({"bdi", "blockquote", "code", "kbd", "pre", "script", "style", "textarea", "title"})
    _empty = frozenset({"br", "hr", "img", "input", "link", "meta"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self._open: list[tuple[str, bool]] = []
        self.words: list[str] = []
        self.direction: str | None = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Read what stands in attributes; remember whose text follows."""
        has = dict(attrs)
        self.words += [str(has[name]) for name in ("aria-label", "alt", "title", "placeholder") if has.get(name)]
        if tag == "html":
            self.direction = has.get("dir")
        elif tag not in self._empty:
            self._open.append((tag, tag in self._theirs or has.get("dir") == "ltr" or "lang" in has))

    def handle_endtag(self, tag: str) -> None:
        """Close an element, and those in it whose end is left out."""
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Keep a text of ours."""
        if data.strip() and not any(theirs for _tag, theirs in self._open):
            self.words.append(" ".join(data.split()))


@pytest.mark.parametrize("language", ["ar", "fa"])
def test_no_message_of_ours_is_left_in_english(desk: Any, language: str) -> None:
    """Every page is mirrored, light, and without two English words in a row; law's own words and codes are legal's."""
    address, found = desk
    wrong = []
    for name, paths in [*found["pages"].items(), ("nobody", PLAIN), ("chiara", PLAIN_AT_THE_DESK)]:
        cookies = "; ".join(f"{key}={value}" for key, value in found["sessions"].get(name, {}).items())
        for path in paths:
            if path.startswith(_IN_THE_LAWS_WORDS):
                continue
            asked = Request(f"{address}/{language}{quote(path, safe='/?&=%')}", headers={"Cookie": cookies})
            with urlopen(asked, timeout=60) as answer:
                body = answer.read()
            page = _Ours(body.decode())
            wrong += [f"{path}: {len(body)} bytes"] if len(body) > PAGE_BYTES_MAX else []
            wrong += [f"{path}: {page.direction}"] if page.direction != "rtl" else []
            wrong += [f"{path}: {one}" for one in page.words if _ENGLISH.search(one)]
    assert wrong == []


def test_a_payload_that_runs_is_caught(desk: Any, browser: Any) -> None:
    """The control: the same texts as markup run without the policy, and are found; with it they do nothing."""
    address = desk[0]
    ran = []
    for policy in (True, False):
        complaints: list[str] = []
        page = open_page(browser, complaints, bypass_csp=not policy)
        page.goto(address)
        page.evaluate("text => { document.body.innerHTML = text }", "\n".join(PAYLOADS[:4]))
        for _turn in range(100):
            page.wait_for_timeout(50)
            if complaints and (policy or page.evaluate("window.__pwned")):
                break
        ran.append(page.evaluate("window.__pwned"))
        assert complaints
        page.context.close()
    assert ran[0] is None
    assert ran[1] is not None
