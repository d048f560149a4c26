"""The site in headless Chromium: nothing is blocked, nothing complains, keys work, a code signs in."""

import base64
import hmac
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from axe import violations
from browser import PASSWORD, needs_chromium, open_page
from served import served

PAGES = ("/", "/days/", "/days/2026-11-24/", "/data/", "/verify/", "/contact", "/ar/", "/fa/contact")
CONSOLE_PAGES = (
    "/console/",
    "/console/queues/violence/",
    "/console/campaigns/",
    "/console/search/?text=case-item-3",
    "/console/rest/",
    "/console/keys/",
    "/console/days/2026-11-24/",
    "/console/decisions/119/",
    "/staff/second-factor/",
    "/staff/password/",
)
_HERE = Path(__file__).parent

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The site, served in a process of its own; it must end by itself when asked to."""
    with served(_HERE / "conftest.py", tmp_path_factory.mktemp("served")) as address:
        yield address


def test_a_taken_port_is_said_at_once(site: str, tmp_path: Path) -> None:
    """A second server on the same port ends with the reason; two would share the visitors unnoticed."""
    port = site.rsplit(":", 1)[1]
    second = subprocess.run(
        [sys.executable, str(_HERE / "conftest.py"), str(tmp_path), port],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode != 0
    assert "already in use" in second.stderr


@pytest.mark.parametrize(
    "how",
    [
        {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
        {"color_scheme": "dark", "viewport": {"width": 375, "height": 800}},
    ],
    ids=["light-wide", "dark-phone"],
)
def test_public_pages_in_a_browser(site: str, browser: Any, tmp_path: Path, how: dict[str, Any]) -> None:
    """No page complains (the policy blocks nothing of ours), scrolls sideways or fetches from elsewhere."""
    complaints: list[str] = []
    page = open_page(browser, complaints, **how)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for number, path in enumerate(PAGES):
        page.goto(site + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgba(0, 0, 0, 0)"
        page.screenshot(path=str(tmp_path / f"{number}.png"), full_page=True)
    assert complaints == []
    assert {url for url in asked if not url.startswith(site)} == set()
    assert not any(url.endswith(".js") for url in asked)


@pytest.mark.parametrize(("scheme", "only"), [("light", None), ("dark", "color-contrast")])
def test_pages_are_accessible(site: str, browser: Any, scheme: str, only: str | None) -> None:
    """Axe finds nothing against WCAG 2.2 AA on any public page, on signing in, or in the console."""
    complaints: list[str] = []
    page = open_page(browser, complaints, color_scheme=scheme)
    found = []
    for path in (*PAGES, "/staff/login/"):
        page.goto(site + path)
        found += violations(page, only=only)
    _sign_in(page, site)
    for path in CONSOLE_PAGES:
        page.goto(site + path)
        found += violations(page, only=only)
    assert found == []
    assert complaints == []


def test_axe_finds_what_is_wrong(site: str, browser: Any) -> None:
    """The control: a picture without words and a grey on grey are found."""
    page = open_page(browser, [])
    page.goto(site)
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=/x.png><p id=faint>faint</p>');"
        "document.getElementById('faint').style.color = '#bbb'"
    )
    found = "\n".join(violations(page))
    assert "image-alt" in found
    assert "color-contrast" in found


def _sign_in(page: Any, site: str, name: str = "moderator") -> None:
    page.goto(f"{site}/console/")
    page.fill("[name=login]", name)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/console/")


def test_a_call_is_acknowledged_by_one_key(site: str, browser: Any) -> None:
    """The page of deliveries in both directions of writing has no violation; one key takes the oldest call off it."""
    complaints: list[str] = []
    page = open_page(browser, complaints)
    _sign_in(page, site, "admin")
    page.goto(f"{site}/ar/console/deliveries/")
    assert page.evaluate("document.dir") == "rtl"
    found = violations(page)
    page.goto(f"{site}/en/console/deliveries/")
    found += violations(page)
    assert found == []
    assert page.locator("text=Open cases have passed their deadline.").count() == 1
    page.keyboard.press("Shift+A")
    page.wait_for_selector("text=Open cases have passed their deadline.", state="detached")
    assert page.locator("text=A screening rule has reached its quota").count() == 1
    assert complaints == []


def test_a_moderator_works_by_keyboard(site: str, browser: Any, tmp_path: Path) -> None:
    """Sign in, move with j and k, open with o, switch single keys off; hostile texts run nothing."""
    complaints: list[str] = []
    page = open_page(browser, complaints)
    page.goto(f"{site}/console/")
    page.fill("[name=login]", "moderator")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/console/")
    page.screenshot(path=str(tmp_path / "console.png"))
    page.goto(f"{site}/console/days/2026-11-24/")
    for key in "jjjk":
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.getAttribute('href')") == "/console/decisions/119/"
    page.keyboard.press("o")
    page.wait_for_url("**/console/decisions/119/")
    assert "<script>alert(1)</script>" in page.inner_text("main")
    page.go_back()
    page.click("[data-keys-toggle]")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.hasAttribute('data-keys-toggle')")
    page.goto(f"{site}/console/queues/violence/")
    assert page.locator("[data-row]").count() >= 50
    assert complaints == []


def test_a_second_factor_in_a_browser(site: str, browser: Any) -> None:
    """Enrol from the page's secret, sign out, and sign in again with password and code."""
    complaints: list[str] = []
    page = open_page(browser, complaints)
    page.goto(f"{site}/staff/login/")
    page.fill("[name=login]", "analyst")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/**")
    page.goto(f"{site}/staff/second-factor/")
    page.click("text=Enrol an authenticator app")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#secret")
    secret = page.inner_text("#secret")
    assert page.evaluate("document.querySelector('.qr').naturalWidth > 0")
    page.fill("[name=code]", _code(secret, 0))
    page.keyboard.press("Enter")
    page.wait_for_url("**/recovery-codes/**")
    page.goto(f"{site}/console/")
    page.click("text=Sign out")
    page.goto(f"{site}/staff/login/")
    page.fill("[name=login]", "analyst")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/second-factor/code/")
    page.fill("[name=code]", _code(secret, 1))  # the first one is spent; the next is let in early
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/**")
    assert "shows counts" in page.inner_text("main")
    assert complaints == []


def _code(secret: str, later: int) -> str:
    """Return the six digits that an authenticator app shows `later` half minutes from now (RFC 6238)."""
    counter = (int(time.time()) // 30 + later).to_bytes(8, "big")
    digest = hmac.digest(base64.b32decode(secret), counter, "sha1")
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def test_a_passkey_in_a_browser(site: str, browser: Any) -> None:
    """Add a passkey with Chromium's own authenticator, sign out, and sign in with nothing else."""
    complaints: list[str] = []
    page = open_page(browser, complaints)
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto(f"{site}/console/")
    page.fill("[name=login]", "senior")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/console/")
    page.goto(f"{site}/staff/passkeys/add/")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/staff/passkeys/add/")
    page.check("[name=passwordless]")
    page.click("[data-passkey]")
    page.wait_for_url("**/recovery-codes/**")
    page.goto(f"{site}/console/")
    assert "no second factor" not in page.inner_text("main")
    page.click("text=Sign out")
    page.goto(f"{site}/staff/login/")
    page.click("[data-passkey]")
    page.wait_for_url(f"{site}/console/")
    assert "The desk" in page.inner_text("main")
    assert complaints == []
