"""The public site: what anyone sees, and what nobody can make it do."""

import io
import json
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from evenhand.doors.web.wsgi import make_application
from evenhand.settings import Contact, Settings

PAGES = ("/", "/days/", "/days/2026-11-24/", "/data/", "/verify/", "/principles", "/held", "/contact")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class _Empty:
    """A site before its first day."""

    def days(self) -> dict[date, Any]:
        return {}

    def report(self, day: date, form: str) -> bytes:
        raise KeyError(day, form)

    def checkpoint(self) -> str:
        return ""

    def vkey(self) -> str:
        return "localhost:8000/log+00000000+AQ=="

    def year_to_date(self, today: date) -> list[Any]:  # noqa: ARG002
        return []


def _visitor(desk: Any) -> Any:
    from django.test import Client

    return Client(headers={"host": "localhost"}, **{"evenhand.desk": desk})


def _call(desk: Any, path: str, method: str = "GET", **environ: str) -> tuple[str, dict[str, str], bytes]:
    started: list[Any] = []
    values: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost:8000",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(),
        "wsgi.url_scheme": "http",
        **environ,
    }
    application = make_application(desk)
    body = b"".join(application(values, lambda status, headers: started.append((status, headers))))
    status, headers = started[0]
    return status, {name.lower(): value for name, value in headers}, body


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["", "/ar", "/de", "/fa", "/fr"])
def test_every_public_page_is_small_guarded_and_leads_to_contact(client: Any, path: str, language: str) -> None:
    """Each page in each language: under 150 KB, strict policy, no inline code or style, no cookie, foot links."""
    answer = client.get(language + path)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert len(answer.content) < 150_000
    assert answer["Content-Security-Policy"] == POLICY
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "public, max-age=60"
    assert not answer.cookies
    assert not re.search(r"""\sstyle=|<style|\son[a-z]+=|javascript:""", text)
    assert re.findall(r"<script(?![^>]*ld\+json)", text) == []
    foot = text[text.index("<footer") :]
    assert all(f'href="{language}/{place}"' in foot for place in ("contact", "verify/", "data/"))


def test_home_counts_this_year_only(client: Any, desk: Any) -> None:
    """The counters are the sums over this year's days; last year's days do not count."""
    taken_down = sum(
        number
        for day in desk.figures.year_to_date(desk.today())
        for key, number in day.decisions.items()
        if key.action in ("remove", "ban")
    )
    text = client.get("/").content.decode()
    assert f"<dd>{taken_down:,}</dd>" in text
    assert "2025-12-31" not in text


def test_the_bars_have_an_equivalent_table(client: Any) -> None:
    """Each published day of the year is a row of the table below the chart; an unpublished one is not."""
    text = client.get("/").content.decode()
    assert '<th scope="row">2026-01-01' in text
    assert '<th scope="row">2026-11-21' not in text
    assert text.count('<th scope="row">2026-') == 327


@pytest.mark.parametrize(
    "path",
    [
        "/days/2026-11-21/",
        "/days/2031-01-01/",
        "/days/2026-02-30/",
        "/days/0000-00-00/",
        "/days/x/",
        "/days/?year=1999",
        "/days/?year=²025",
        "/reports/daily/2026-11-21.txt",
        "/reports/daily/2026-11-24.exe",
        "/nothing",
        "/xx/days/",
        "/de",
    ],
)
def test_unknown_days_and_pages_are_not_found(client: Any, path: str) -> None:
    """What was not published is a page that says so (404), never a failure."""
    assert client.get(path).status_code == 404


def test_a_site_without_days_answers(desk: Any) -> None:
    """Before the first day every page but a day's own stands, with zeros."""
    visitor = _visitor(replace(desk, figures=_Empty(), pages=type(desk.pages)()))
    for path in ("/", "/days/", "/data/", "/verify/", "/contact", "/sitemap.xml", "/data/daily.csv"):
        assert visitor.get(path).status_code == 200, path
    assert "<dd>0</dd>" in visitor.get("/").content.decode()


@pytest.mark.parametrize(
    ("ending", "form", "kind"),
    [
        ("txt", "text", "text/plain; charset=utf-8"),
        ("json", "json", "application/json"),
        ("csv", "csv", "text/csv; charset=utf-8"),
        ("html", "html", "text/html; charset=utf-8"),
    ],
)
def test_reports_are_the_bytes_of_the_report(client: Any, desk: Any, ending: str, form: str, kind: str) -> None:
    """A download is what the figures' report returns, byte for byte, under the right type."""
    answer = client.get(f"/reports/daily/2026-11-24.{ending}")
    assert answer.content == desk.figures.report(date(2026, 11, 24), form)
    assert answer["Content-Type"] == kind


def test_a_report_in_html_may_show_its_own_style_and_nothing_else(client: Any) -> None:
    """Its policy allows the style sheet inside by its hash, and no script at all."""
    policy = client.get("/reports/daily/2026-11-24.html")["Content-Security-Policy"]
    assert "'sha256-" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy


def test_head_and_conditional_requests(client: Any) -> None:
    """HEAD has no body; a known ETag is answered 304; a POST is refused."""
    first = client.get("/contact")
    assert client.head("/contact").content == b""
    again = client.get("/contact", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Content-Security-Policy"] == POLICY
    assert client.post("/contact").status_code == 405


def test_languages_follow_path_then_browser(client: Any) -> None:
    """/ar/ is Arabic and right to left, links stay in it; without it the browser's wish counts, then English."""
    arabic = client.get("/ar/").content.decode()
    assert '<html lang="ar" dir="rtl">' in arabic
    assert 'href="/ar/days/2026-11-24/"' in arabic
    wished = client.get("/", headers={"accept-language": "xx, fr-CH;q=0.9, en;q=0.5"})
    assert wished["Content-Language"] == "fr"
    assert "Accept-Language" in wished["Vary"]
    assert 'lang="en" dir="ltr"' in client.get("/").content.decode()
    moved = client.get("/days/?year=2025&lang=fa")
    assert moved["Location"] == "/fa/days/?year=2025"
    assert client.get("//elsewhere.example/?lang=de")["Location"].startswith("/de/")


def test_contact_names_everything_the_law_asks_for(client: Any) -> None:
    """Page and JSON name both points of contact and the representative with name, address, e-mail and telephone."""
    settings = Settings()
    text = client.get("/contact").content.decode()
    data = json.loads(client.get("/contact.json").content)
    assert data["@type"] == "Organization"
    points = {point["contactType"]: point for point in data["contactPoint"]}
    assert all(point["@type"] == "ContactPoint" for point in points.values())
    for entry in settings.contacts:
        assert entry.email in text
        assert points[entry.purpose]["email"] == entry.email
        assert points[entry.purpose]["availableLanguage"] == list(entry.languages)
    representative = settings.representative
    for value in (representative.name, representative.email, representative.telephone):
        assert value in text
        assert value in json.dumps(points["legal representative"])
    assert "1000 Brussels" in text
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    assert block
    assert json.loads(block[1]) == data


def test_hostile_settings_cannot_leave_the_data_block(desk: Any) -> None:
    """A name with markup ends neither the JSON-LD element nor an attribute."""
    bad = "</script><script>alert(1)</script>"
    settings = replace(
        desk.settings,
        platform=bad,
        contacts=(Contact(purpose=bad, email=f'"{bad}', url="javascript:alert(1)", answer_within="PT9999999H"),),
    )
    visitor = _visitor(replace(desk, settings=settings, pages=type(desk.pages)()))
    text = visitor.get("/contact").content.decode()
    assert "<script>alert" not in text
    assert 'href="javascript' not in text


def test_small_files_for_robots(client: Any) -> None:
    """Site map, robots.txt and security.txt stand, and the site map leads to contact and to every day."""
    sitemap = client.get("/sitemap.xml").content.decode()
    assert "<loc>http://localhost:8000/contact</loc>" in sitemap
    assert sitemap.count("/days/20") == 400
    assert "Sitemap: http://localhost:8000/sitemap.xml" in client.get("/robots.txt").content.decode()
    assert "Expires: 2027-05-03T00:00:00Z" in client.get("/.well-known/security.txt").content.decode()


def test_the_series_has_a_line_a_day(client: Any) -> None:
    """daily.csv and daily.json list every published day."""
    lines = client.get("/data/daily.csv").content.decode().splitlines()
    assert lines[0] == "date,removed,child_abuse,terrorist,posts,decisions,replayed"
    assert len(lines) == 401
    assert len(json.loads(client.get("/data/daily.json").content)["days"]) == 400


def test_other_hosts_are_refused(client: Any) -> None:
    """A Host header that is not ours gets 400 and is not repeated."""
    answer = client.get("/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert b"evil" not in answer.content


def test_a_failure_is_a_plain_page(desk: Any) -> None:
    """When the figures fail the visitor sees that it is our fault, with the policy, and nothing of the failure."""
    broken = _Empty()
    broken.days = None  # type: ignore[assignment,method-assign]
    visitor = _visitor(replace(desk, figures=broken, pages=type(desk.pages)()))
    visitor.raise_request_exception = False
    answer = visitor.get("/")
    assert answer.status_code == 500
    assert b"Something failed on our side" in answer.content
    assert answer["Content-Security-Policy"] == POLICY


def test_the_log_is_served_as_the_format_says(desk: Any) -> None:
    """Checkpoint: text, seconds; tiles: bytes, for ever; both readable from anyone's page."""
    status, headers, body = _call(desk, "/log/checkpoint")
    assert (status, headers["content-type"]) == ("200 OK", "text/plain; charset=utf-8")
    assert headers["cache-control"] == "public, max-age=2"
    assert body.decode().startswith("localhost:8000/log\n")
    status, headers, body = _call(desk, "/log/tile/0/000")
    assert (status, headers["content-type"], len(body)) == ("200 OK", "application/octet-stream", 8192)
    assert headers["cache-control"].endswith("immutable")
    assert headers["access-control-allow-origin"] == "*"
    assert _call(desk, "/log/checkpoint", "HEAD")[2] == b""


@pytest.mark.parametrize(
    "path",
    [
        "../accounts.sqlite3",
        "private.txt",
        "tile/../../keys/django.key",
        "tile/0/../0/000",
        "tile/00/000",
        "tile/64/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/x000",
        "tile/0/0000",
        "tile/0/000/",
        "tile/0/000\n",
        "tile/0/٠٠٠",
        "tile/0",
        "checkpoint/",
        "/checkpoint",
        "tile/0/001",
        "",
    ],
)
def test_nothing_but_the_log_leaves_the_log_directory(desk: Any, path: str) -> None:
    """Paths outside the format, and files that are not there, are not found."""
    status, headers, _body = _call(desk, f"/log/{path}")
    assert status == "404 Not Found"
    assert headers["content-security-policy"] == POLICY


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, "411"),
        ({"CONTENT_LENGTH": "65537"}, "413"),
        ({"CONTENT_LENGTH": "9" * 5000}, "413"),
        ({"CONTENT_LENGTH": "-1"}, "400"),
        ({"CONTENT_LENGTH": "²"}, "400"),
    ],
)
def test_bodies_without_a_sensible_length_are_refused(desk: Any, environ: dict[str, str], status: str) -> None:
    """Chunked bodies get 411 (the server may hand them over empty), long ones 413."""
    assert _call(desk, "/staff/login/", "POST", **environ)[0].startswith(status)


def test_https_sites_ask_browsers_to_stay_with_https(desk: Any) -> None:
    """Under an https address every answer carries HSTS; under http none does."""
    settings = replace(desk.settings, public_url="https://desk.example")
    secure = replace(desk, settings=settings, pages=type(desk.pages)())
    assert "strict-transport-security" in _call(secure, "/healthz")[1]
    assert "Strict-Transport-Security" in _visitor(secure).get("/contact")
    assert "strict-transport-security" not in _call(desk, "/healthz")[1]


def test_static_files_are_named_by_their_hash(client: Any, desk: Any) -> None:
    """The style sheet a page names is served for ever, packed when asked; its plain name is not found."""
    found = re.search(r'href="(/static/site\.[0-9a-f]{12}\.css)"', client.get("/").content.decode())
    assert found
    status, headers, packed = _call(desk, found[1], HTTP_ACCEPT_ENCODING="gzip, br")
    assert (status, headers["content-encoding"]) == ("200 OK", "gzip")
    assert "immutable" in headers["cache-control"]
    assert packed[:2] == b"\x1f\x8b"
    assert _call(desk, "/static/site.css")[0].startswith("404")
    assert _call(desk, "/static/../config.py")[0].startswith("404")


def test_principles_and_catalogue_are_public(desk: Any) -> None:
    """Every principle, safeguard and entry of the catalogue that holds today is on its page."""
    from evenhand.rulebook.load import load_law

    book = load_law()
    shown = replace(desk, law=lambda: book, pages=type(desk.pages)())
    for path, rows in (("/principles", (*book.principles, *book.safeguards)), ("/held", book.held)):
        page = _visitor(shown).get(path).content.decode()
        held = [row for row in rows if row.holds(shown.today())]
        assert [row.id for row in held if f"<code>{row.id}</code>" not in page] == []
