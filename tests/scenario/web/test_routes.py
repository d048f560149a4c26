"""Every route of the public site is linked from it or listed in the sitemap; every link leads somewhere."""

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

PRIVATE = ("console", "account_", "mfa_", "openid_connect_")
BY_CONVENTION = {"security_txt", "sitemap", "robots", "matter", "matter_file", "matter_link", None}
"""Asked for by programs at fixed addresses, or with a reference that only its holder has: they are not linked.

Those without a name are the icon and redirects.
"""
NEED_A_REFERENCE = {"authority_follow", "authority_receipt", "authority_vouch"}


class Links(HTMLParser):
    """Addresses that a page leads to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """Collect href and src."""
        self.found += [value for name, value in attrs if name in ("href", "src") and value]


def reached(client: Any) -> dict[str, int]:
    """Follow every link of the site in English; return the status of each address."""
    statuses: dict[str, int] = {}
    sitemap = client.get("/sitemap.xml").content.decode()
    waiting = ["/", *(urlsplit(url).path for url in re.findall(r"<loc>(.*?)</loc>", sitemap))]
    while waiting:
        path = waiting.pop()
        if path in statuses or re.match(r"/(log|static|console|staff)/|/[a-z]{2}(-[a-z]+)?/", path):
            continue
        answer = client.get(path)
        statuses[path] = answer.status_code
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html") and not answer.streaming:
            links = Links()
            links.feed(answer.content.decode())
            inside = (urlsplit(urljoin(f"http://localhost{path}", link)) for link in links.found)
            waiting += [found.path for found in inside if found.netloc == "localhost" and found.scheme == "http"]
    return statuses


def test_every_public_route_is_found_and_no_link_is_dead(client: Any) -> None:
    """From the first page and the sitemap on."""
    from django.urls import URLPattern, get_resolver, resolve

    statuses = reached(client)
    assert {path: status for path, status in statuses.items() if status >= 400} == {}
    found = {resolve(path).url_name for path in statuses}
    public = {
        pattern.name
        for pattern in get_resolver("evenhand.doors.web.urls").url_patterns
        if isinstance(pattern, URLPattern) and not str(pattern.name).startswith(PRIVATE)
    }
    assert public - found - BY_CONVENTION - NEED_A_REFERENCE == set()


def test_methods_that_no_page_takes(client: Any) -> None:
    """PUT, PATCH, DELETE and TRACE are answered 405 with what is taken, at pages, contract and sign-in alike."""
    for path in ("/", "/contact", "/report", "/follow/", "/follow/x/", "/openapi.json", "/favicon.ico", "/robots.txt"):
        for method in ("PUT", "PATCH", "DELETE", "TRACE"):
            answer = client.generic(method, path)
            assert answer.status_code == 405, (method, path)
            assert "GET" in answer["Allow"]
    for path in ("/staff/login/", "/console/", "/console/rest/", "/authorities/", "/authorities/enrol/"):
        assert client.generic("PUT", path).status_code == 405, path
    assert "POST" not in client.generic("PUT", "/")["Allow"]
    assert "POST" in client.generic("PUT", "/report")["Allow"]
