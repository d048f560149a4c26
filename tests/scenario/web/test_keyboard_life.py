"""The whole life of a notice with a keyboard and the accessibility tree alone: no mouse, nothing that is only seen."""

import inspect
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from axe import violations
from browser import PASSWORD, needs_chromium, open_page
from screen_reader import Listener
from served import served

_HERE = Path(__file__).parent
UNDO_S = 120

pytestmark = needs_chromium


class Life:
    """A desk that begins empty, and the people who come to it, each with a browser of their own."""

    def __init__(self, address: str, data: Path, browser: Any) -> None:
        self.address = address
        self._data = data
        self._browser = browser
        self.complaints: list[str] = []
        self.found: list[str] = []

    def comes(self, path: str, **how: Any) -> Listener:
        """Somebody opens a page."""
        one = Listener(open_page(self._browser, self.complaints, **how))
        one.page.goto(self.address + path)
        return one

    def signs_in(self, name: str) -> Listener:
        """A member of staff signs in."""
        one = self.comes("/console/")
        one.go("textbox", "Username")
        one.type(name)
        one.press("Tab")
        assert one.focused().name == "Password"
        one.type(PASSWORD)
        one.press("Enter")
        one.page.wait_for_url(f"{self.address}/console/")
        return one

    def later(self, seconds: int) -> dict[str, list[dict[str, Any]]]:
        """Let time go by; return every letter sent until then."""
        (self._data / "later").write_text(str(seconds), "utf-8")
        for _turn in range(500):
            if not (self._data / "later").exists():
                return json.loads((self._data / "letters.json").read_text("utf-8"))  # type: ignore[no-any-return]
            time.sleep(0.02)
        raise AssertionError("the desk's clock stands still")

    def axe(self, one: Listener) -> None:
        """Look for what is against WCAG 2.2 AA."""
        self.found += violations(one.page)


@pytest.fixture(scope="module")
def life(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """A served desk."""
    data = tmp_path_factory.mktemp("life")
    with served(_HERE / "life_desk.py", data) as address:
        yield Life(address, data, browser)


def enter(one: Listener, key: str = "Enter") -> None:
    """Press a key that leads to another page, and wait for it."""
    with one.page.expect_navigation(timeout=15_000):
        one.press(key)


def report(nora: Listener) -> str:
    """Fill the public form in, with one thing wrong at first; return the reference."""
    nora.go("combobox", "What is it about?")
    nora.type("Thr")
    assert nora.focused().states["value"] == "Threats and violence"
    nora.go("textbox", "Where is it?")
    nora.type("somewhere")
    nora.go("textbox", "Why is it illegal?")
    nora.type("It threatens a living person with death.")
    nora.go("textbox", "Your name")
    nora.type("Nora Notifier")
    nora.go("textbox", "Your e-mail address")
    nora.type("nora@example.org")
    nora.go("checkbox", "I believe in good faith")
    nora.press("Space")
    assert nora.focused().states["checked"] == "true"
    nora.go("button", "Send")
    enter(nora)
    assert "one exact address a line" in nora.announced(), "what is wrong is read out at once"
    nora.go("link", "Please give one exact address")
    nora.press("Enter")
    here = nora.focused()
    assert (here.role, here.states["invalid"]) == ("textbox", "true")
    nora.press("Control+a")
    nora.type("https://example.org/post/1")
    nora.go("button", "Send")
    enter(nora)
    assert nora.page.title().startswith("Received")
    assert nora.names("heading")[0] == "Your reference"
    nora.go("link", "Receipt")
    with nora.page.expect_download() as download:
        nora.press("Enter")
    assert download.value.suggested_filename == "receipt.txt"
    nora.go("link", "Follow it")
    [reference] = [line for line in nora.text().splitlines() if len(line) == 29 and line.count("-") == 3]
    return reference


def decide(one: Listener, key: str, facts: str, clause: str) -> None:
    """Choose what is to be done by its key, write facts and clause."""
    one.press(key)
    if one.focused().role == "radio":  # facts stand there already: the choice alone was asked for
        one.press("f")
    here = one.focused()
    assert here.role == "textbox", here
    assert here.name.startswith("The facts")
    one.press("Control+a")
    one.type(facts)
    one.press("Tab")
    assert one.focused().name == "Article or clause"
    one.press("Control+a")
    one.type(clause)


def test_the_whole_life_of_a_notice(life: Life) -> None:
    """Report, take, look, decide, take back, decide, appeal, refuse the first decider, reverse: everybody is told."""
    nora = life.comes("/report", viewport={"width": 375, "height": 800})
    life.axe(nora)
    reference = report(nora)
    life.axe(nora)
    enter(nora)
    assert nora.names("heading")[0] == "It waits to be looked at."

    anna = life.signs_in("anna")
    enter(anna, "n")
    case = anna.page.url
    assert "/console/case/" in case
    assert "It threatens a living person with death." in anna.text()
    assert "nora@example.org" not in anna.text()
    life.axe(anna)

    anna.press("?")
    assert anna.focused().name == "Keys on this page"
    assert {"r", "Remove", "Show what will be sent"} <= set(anna.text().splitlines())
    anna.press("Escape")

    anna.press("Control+k")
    assert anna.focused().role == "combobox"
    anna.type("internal")
    assert anna.names("option") == ["Internal note"]
    anna.press("Enter")
    assert anna.focused().name == "For colleagues; never sent"
    anna.type("Seen before under another name.")
    enter(anna, "Control+Enter")
    assert "The note is kept." in anna.announced()
    assert "Seen before under another name." in anna.text()

    decide(anna, "r", "The post threatens a named person with death.", "Terms, 4.2")
    anna.go("combobox", "Ground")
    anna.type("Against the law")
    anna.go("button", "Show what will be sent")
    enter(anna)
    assert "What will be sent to whom" in anna.announced(), "the focus is on what was asked for"
    assert "The post threatens a named person with death." in anna.text()
    life.axe(anna)
    enter(anna, "Control+Enter")
    assert anna.page.url == f"{life.address}/console/"
    said = anna.announced()
    assert "Proposed: Removed." in said
    anna.page.wait_for_timeout(1300)
    assert anna.announced() == said, "seconds run down in silence"
    enter(anna, "u")
    assert "The proposal is taken back." in anna.announced()
    assert anna.page.url == case
    anna.press("r", "f")
    anna.type(" Twice.")
    assert anna.focused().states["value"] == "The post threatens a named person with death. Twice."
    anna.press("Tab")
    anna.type("Terms, 4.2")
    anna.go("button", "Decide and stay")
    enter(anna)
    assert "Proposed" in anna.names("heading")

    letters = life.later(UNDO_S)
    [told] = [one for one in letters["tell.affected"] if one["what"] == "decision"]
    nora.page.reload()
    assert nora.names("heading")[0] == "It is decided."
    assert "anna" not in nora.text()

    author = life.comes(f"/matter/{told['redress']}")
    assert author.names("heading")[0] == "It is decided."
    assert "Nora" not in author.text()
    life.axe(author)
    author.go("textbox", "Why is the decision wrong?")
    author.type("I quoted what was sent to me.")
    author.press("Tab")
    assert author.focused().name == "Appeal"
    enter(author)
    assert "Your appeal is received." in author.announced()

    enter(anna, "n")
    assert "Nothing waits for you." in anna.announced(), "who decided first does not get the appeal"
    anna.go("link", "Appeals")
    enter(anna)
    anna.press("j")
    enter(anna, "o")
    enter(anna, "c")
    assert "I quoted what was sent to me." in anna.text()
    assert "Claim this case" not in anna.names("button")
    assert "you decided what is appealed: somebody else decides" in anna.text()

    boris = life.signs_in("boris")
    enter(boris, "n")
    assert "I quoted what was sent to me." in boris.text()
    boris.press("V")
    assert boris.focused().states["checked"] == "true"
    decide(boris, "e", "It is a quotation.", "Terms, 4.2")
    enter(boris, "Control+Enter")
    assert "Proposed: Restored." in boris.announced()
    life.later(UNDO_S)
    for one in (author, nora):
        one.page.goto(one.page.url)
        assert one.names("heading")[0] == "The decision was changed."
    assert reference in nora.text()
    assert life.found == []
    refused = f"{life.address}/report: Failed to load resource: the server responded with a status of 400 (Bad Request)"
    assert [one for one in life.complaints if one != refused] == [], "beside the notice that was refused at first"


def test_nothing_here_has_a_mouse() -> None:
    """The control on the tests themselves: not one call that a mouse or a script would stand behind."""
    written = inspect.getsource(sys.modules[__name__]).partition("def test_nothing_here_has_a_mouse")[0]
    written += inspect.getsource(Listener)
    for call in (".click(", ".mouse", ".fill(", ".check(", ".tap(", ".select_option(", ".focus(", ".hover("):
        assert call not in written, call
