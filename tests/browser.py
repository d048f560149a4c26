"""Headless Chromium for tests of pages, one for the whole session; each test has a context of its own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
PASSWORD = "correct horse battery staple"
_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

needs_chromium = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}")


@contextmanager
def running_chromium() -> Iterator[Any]:
    """Run Chromium until the block ends.

    Playwright keeps an event loop in this thread all the while, by which Django would take every test that follows for
    a coroutine; none is one.
    """
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(_ARGS))
        yield chromium
        chromium.close()


def open_page(browser: Any, complaints: list[str], **how: Any) -> Any:
    """Return a page in a context of its own; whatever it complains about is added to `complaints`.

    Args:
        browser: From `running_chromium`.
        complaints: What the console warns of, errors of scripts, dialogs, and requests that fail.
        how: Options of the context, e.g. viewport.
    """
    page = browser.new_context(**how).new_page()
    page.on("console", lambda m: complaints.append(f"{page.url}: {m.text}") if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
    page.on("requestfailed", lambda request: complaints.extend(_failure(request)))
    return page


def _failure(request: Any) -> list[str]:
    """What failed, unless the browser itself gave up because the page was left."""
    return [] if request.failure == "net::ERR_ABORTED" else [f"{request.url}: {request.failure}"]
