"""The portal and the legal team's pages in headless Chromium: accessible, by keyboard, and without any script."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from axe import violations
from browser import PASSWORD, needs_chromium, open_page
from served import served

PAGES = (
    "/authorities/",
    "/authorities/submit/tco-removal/",
    "/authorities/submit/epoc/",
    "/authorities/enrol/",
    "/authorities/follow/",
    "/fa/authorities/",
)
_HERE = Path(__file__).parent

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A desk with one request, in a process of its own."""
    with served(_HERE / "legal_desk.py", tmp_path_factory.mktemp("served")) as address:
        yield address


def _sign_in(page: Any, site: str) -> None:
    page.goto(f"{site}/staff/login/?next=/console/legal/")
    page.fill("[name=login]", "legal")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#list")


def _assess(page: Any) -> None:
    """Fill the form in as a person does."""
    page.fill("[name=targets]", "p77 | yes | yes | post | -\np78 | no | yes | post | ?")
    page.fill("[name=establishment]", "BE")
    page.select_option("[name=signature]", "valid")
    page.click("button:text-is('Assess')")
    page.wait_for_selector("#ruling")


@pytest.mark.parametrize("width", [1280, pytest.param(375, marks=pytest.mark.nightly)])
def test_pages_are_accessible(site: str, browser: Any, width: int) -> None:
    """Axe finds nothing against WCAG 2.2 AA; nothing complains, nothing scrolls sideways."""
    complaints: list[str] = []
    page = open_page(browser, complaints, viewport={"width": width, "height": 900})
    found: list[str] = []

    def look() -> None:
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
        found.extend(violations(page))

    for path in PAGES:
        page.goto(site + path)
        look()
    _sign_in(page, site)
    look()
    page.click("ol.acts a")
    page.wait_for_selector("#came")
    look()
    if page.locator("#ruling").count() == 0:
        _assess(page)
    look()
    assert found == []
    assert complaints == []


def test_the_work_needs_no_script(site: str, browser: Any) -> None:
    """With scripts off: from the queue to a draft that waits for its approval, with nothing but forms and links."""
    complaints: list[str] = []
    page = open_page(browser, complaints, java_script_enabled=False)
    _sign_in(page, site)
    page.click("ol.acts a")
    page.wait_for_selector("#came")
    if page.locator("#ruling").count():
        page.click("summary:text-is('Read it into the form and assess')")
    _assess(page)
    assert page.locator("#ruling").inner_text()
    page.click("button:text-is('Put down for approval')")
    page.wait_for_selector("#bytes")
    page.click("button:text-is('Approve these bytes')")
    page.wait_for_selector("text=Approved by: legal")
    assert complaints == []


def test_a_person_sends_a_form_in_a_browser(site: str, browser: Any, tmp_path: Path) -> None:
    """With a signed form, and without scripts; the receipt can be kept as a file."""
    signed = tmp_path / "order.pdf"
    signed.write_bytes(b"%PDF-1.7\nsigned")
    page = open_page(browser, [], java_script_enabled=False)
    page.goto(f"{site}/authorities/submit/tco-removal/")
    page.fill("[name=issuer_name]", "Bundeskriminalamt")
    page.fill("[name=issuer_country]", "DE")
    page.fill("[name=address]", "tco@bka.example")
    page.set_input_files("[name=file]", str(signed))
    page.click("button:text-is('Send')")
    page.wait_for_selector("#receipt")
    with page.expect_download() as download:
        page.click("text=Download the receipt")
    assert download.value.suggested_filename.endswith(".receipt")
