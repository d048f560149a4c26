"""Serves a desk into every field of which something hostile was sent: `python hostile_desk.py DATA PORT`.

DATA/pages.json holds the addresses that then show it, by who looks at them, and the cookies of those signed in.
"""

import base64
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from evenhand.doors.web.accounts import create_staff
from evenhand.doors.web.serve import serve
from evenhand.doors.web.wsgi import make_application
from evenhand.flow.deciding import close_proposals
from evenhand.flow.telling_machine import tell_machine_decisions
from evenhand.rulebook.load import load_law
from evenhand.store.sqlite import SqliteStore
from evenhand.store.vault import Vault
from hostile_texts import FILE_NAMES, LINE, LONG, SVG, UNPAIRED, WORD
from legal_pages import KNOWN, form_of
from scenario.desk.scene import effects
from scenario.http.conftest import Door
from scenario.web.conftest import TODAY, PublishedDays, figures_of
from scenario.web.test_desk_life import PASSWORD, decide, form_token, reference_in

AUTHORITY = {"id": "evil", "name": LINE, "state": "DE", "kind": "police", "competence": ["terror"]}
SOURCE = {"source": LINE, "date": "2026-01-02"}
SHADY = "Send 1 BTC to double your money guaranteed, claim your prize now http://free-crypto-prize.example "


class Seeded:
    """A desk, and everything that can be sent to it."""

    def __init__(self, data: Path, store: SqliteStore, listen: str) -> None:
        domains = [{"domain": "evil.example", **SOURCE}]
        call_back = [{"number": "+49 611 550 00", **SOURCE}]
        registry = {"authorities": [AUTHORITY | SOURCE | {"domains": domains, "call_back": call_back}]}
        (data / "registry.json").write_text(json.dumps(registry), "utf-8")
        self.door = door = Door(data, store)
        settings = replace(door.desk.settings, platform=LINE, listen=listen)
        figures = PublishedDays([figures_of(TODAY - timedelta(days=ago)) for ago in range(3)])
        self.desk = door.desk = replace(door.desk, settings=settings, figures=figures, law=load_law)
        door.application = make_application(door.desk, on_fatal=lambda: None)
        _hash_quickly()
        self.sessions: dict[str, dict[str, str]] = {}

    def visitor(self) -> Any:
        """Return somebody without an account."""
        from django.test import Client

        return Client(headers={"host": "localhost"}, **{"evenhand.desk": self.desk})

    def person(self, name: str, role: str) -> Any:
        """Return a member of staff."""
        from django.contrib.auth.models import User

        create_staff(self.desk.settings, name, role, PASSWORD)
        client = self.visitor()
        client.force_login(User.objects.get(username=name))
        self.sessions[name] = {one.key: one.value for one in client.cookies.values()}
        return client

    def api(self, path: str, body: dict[str, Any]) -> Any:
        """Send a body, first with what no text can carry; a refusal is told, nothing breaks."""
        broken = json.loads(json.dumps(body).replace(json.dumps(LINE)[1:-1], json.dumps(LINE + UNPAIRED)[1:-1]))
        for one in (broken, body):
            status, answer = self.door.json("POST", f"/api/v1/{path}", one)
            assert status < 500, answer
        assert status in (200, 201), answer
        return answer


def _hash_quickly() -> None:
    """Nobody signs in with a password here: making one need not be slow."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def _item(number: int) -> dict[str, Any]:
    ids = {"id": f"{number}{LINE}", "author_id": LINE, "channel_id": LINE}
    return ids | {"url": f"https://example.org/{number}/{WORD}", "text": LONG, "lang": "fa"}


def send_notices(desk: Seeded) -> list[str]:
    """Send notices by form and API, refused ones too; return the addresses of what became of them."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    nora = desk.visitor()
    files = [SimpleUploadedFile(name, SVG, content_type="image/svg+xml") for name in FILE_NAMES if '"' not in name]
    values = {
        "form": form_token(nora.get("/report")),
        "subject": "violence",
        "kind": WORD,
        "locations": f"https://example.org/1/{WORD}",
        "reasons": LONG,
        "name": LINE,
        "email": f"{WORD}@example.org",
        "good_faith": "1",
        "files": files,
    }
    assert nora.post("/report", values).status_code == 400, "that is no address"
    values |= {"email": "x@evil.example", "files": files}
    for file in files:
        file.seek(0)
    references = [reference_in(nora.post("/report", values))]
    attached = [{"name": name, "content": base64.b64encode(SVG).decode()} for name in FILE_NAMES]
    for number, category in enumerate(("VIOLENCE", "ILLEGAL_OR_HARMFUL_SPEECH", "SELF_HARM"), 2):
        body = {"items": [_item(number)], "reasons": LONG, "name": LINE, "email": "x@evil.example"}
        body |= {"category": f"STATEMENT_CATEGORY_{category}", "good_faith": True, "attachments": attached}
        references.append(desk.api("notices", body)["reference"])
    incomplete = {"items": [_item(9)], "reasons": "", "name": LINE, "email": LINE}
    references.append(desk.api("notices", incomplete)["reference"])
    event = {"id": LINE, "change": "edited", "at": desk.desk.now().isoformat(), "item": _item(2) | {"text": LONG * 2}}
    desk.api("items/events", {"events": [event]})
    return [f"/follow/{one}/" for one in references]


def send_posts(desk: Seeded) -> list[str]:
    """Send posts that rules decide; return where their authors read of it."""
    posts = [
        {"id": f"p{n}{LINE}", "kind": "post", "author_id": LINE, "channel_id": LINE, "text": SHADY + LONG + str(n)}
        | {"posted_at": "2026-11-24T09:30:00Z"}
        for n in range(3)
    ]
    status, _headers, lines = desk.door.posts(b"".join(json.dumps(one).encode() + b"\n" for one in posts))
    assert status == 200
    assert {one["verdict"] for one in lines} != {"allow"}
    tell_machine_decisions(desk.door.office, at=desk.desk.now())
    letters = [body for body in effects(desk.door.office, "tell.affected") if body["what"] == "decision"]
    return [f"/follow/{one['redress']}/" for one in letters]


def work(desk: Seeded) -> Iterator[str]:
    """Work on every case with hostile words: notes, questions, facts, searches; give the pages."""
    chiara = desk.person("chiara", "senior")
    for number in range(4):
        page = chiara.post("/console/next/", {"anyway": "1"})["Location"]
        assert "/console/case/" in page, number
        text = chiara.get(page).content.decode()
        told = re.search(r'value="(notifier:\d+)"', text)
        chiara.post(f"{page}note/", {"text": LONG})
        for to in ("internal", "affected", *([told[1]] if told else [])):
            chiara.post(f"{page}write/", {"to": to, "text": LONG})
        if number == 0:
            yield page
            continue
        more = {"explanation": LONG[:2000], "because": LONG[:2000], "reference": LINE, "facts": LONG[:5000]}
        answer = decide(chiara, page, **more)
        assert answer.status_code == 302, re.findall(r'role="alert".*?</p>', answer.content.decode())
        yield page
    desk.door.now += timedelta(minutes=2)
    close_proposals(desk.door.office, at=desk.door.now, chance=bytes)
    chiara.post("/console/search/keep/", {"name": WORD, "query": "queue=violence"})
    chiara.get("/console/")  # what was said of all this is shown here, and no more
    yield "/console/"
    yield from ("/console/queues/violence/", "/console/queues/appeals/")
    yield from ("/console/campaigns/", "/console/approvals/")
    yield f"/console/days/{TODAY}/"
    rows = desk.door.docket.decisions_on(TODAY, before=None, limit=9)
    yield from [f"/console/decisions/{row.number}/" for row in rows if row.automation.endswith("_FULLY")][:1]
    yield f"/console/search/?text={WORD}&rule={WORD}&language=x%22&queue={WORD}"


def answer_and_appeal(desk: Seeded, pages: list[str]) -> list[str]:
    """Answer and appeal from every link; return the links of those affected."""
    told = [f"/follow/{body['redress']}/" for body in effects(desk.door.office, "tell.affected") if body.get("redress")]
    for page in [*pages[:2], *told[:3]]:
        nora = desk.visitor()
        shown = nora.get(page)
        for what in ("answer", "appeal"):
            if 'name="form"' in shown.content.decode():
                sent = nora.post(page, {"form": form_token(shown), "what": what, "text": LONG})
                assert sent.status_code < 500
    return told


def ask_as_authority(desk: Seeded) -> tuple[list[str], list[str]]:
    """Send requests by portal and API, wish to be enrolled, draft an answer; return pages of outside and inside."""
    form = {
        "issuer_name": LINE,
        "issuer_country": "DE",
        "issuer_kind": "police",
        "address": "x@evil.example",
        "ask": "remove",
        "targets": f"{LINE}\r\n{WORD}",
        "legal_basis": LONG,
        "reasons": LONG,
        "redress": LONG,
        "language": "<b>",
    }
    sent = desk.visitor().post("/authorities/submit/tco-removal/", form)
    assert sent.status_code == 201, re.findall(r'class="wrong"[^>]*>(.*?)<', sent.content.decode())
    references = re.findall(r"/authorities/follow/([0-9A-Z-]+)\"", sent.content.decode())[:1]
    issuer = {"name": LINE, "country": "DE", "kind": "police", "address": LINE}
    request = {
        "instrument": "tco-removal",
        "issuer": issuer,
        "asks": [{"id": "1", "kind": "remove", "targets": [LINE]}],
    }
    request |= {"legal_basis": LONG, "reasons": LONG, "redress": LONG}
    references.append(desk.api("requests", {"request": request, "text": LONG})["reference"])
    wish = {"agency": LINE, "state": "DE", "address": "x@evil.example", "administrator": "y@evil.example"}
    assert desk.visitor().post("/authorities/enrol/", wish | {"officer": LINE, "phone": WORD[:40]}).status_code == 201
    lena = desk.person("lena", "legal")
    inside = ["/console/legal/"]
    for reference in references:
        path = f"/console/legal/{reference}/"
        assess = form_of(lena.get(path).content.decode(), "assess") | KNOWN
        lena.post(path, assess | {"targets": f"{WORD} | yes | yes | post | -", "verified": "none"})
        page = lena.get(path).content.decode()
        if 'value="draft"' in page:
            lena.post(path, form_of(page, "draft") | {"text": LONG, "measures": WORD})
            lena.post(path, form_of(page, "draft") | {"text": LONG})
        inside.append(path)
    return [f"/authorities/follow/{one}" for one in references], inside


PUBLIC = ("/", f"/days/{TODAY}/", "/contact", "/report", "/authorities/", "/authorities/submit/tco-removal/")


def main() -> None:
    """Serve until told to stop."""
    data = Path(sys.argv[1])
    store = SqliteStore(data / "docket.sqlite3", Vault(bytes(range(32))))
    desk = Seeded(data, store, f"127.0.0.1:{sys.argv[2]}")
    followed = send_notices(desk) + send_posts(desk)
    staff = list(dict.fromkeys(work(desk)))
    followed += answer_and_appeal(desk, followed)
    portal, legal = ask_as_authority(desk)
    appealed = [desk.person("boris", "moderator").post("/console/next/")["Location"]]
    for name, role in (("ada", "admin"), ("quentin", "quality")):
        desk.person(name, role)
    followed = [followed[which] for which in (0, 1, 4, 5, -1)]  # by form, by API, incomplete, a machine's, a person's
    pages = {"visitor": [*PUBLIC, *followed, *portal], "chiara": staff, "boris": appealed, "lena": legal}
    pages |= {"ada": ["/console/deliveries/"], "quentin": ["/console/quality/"]}
    (data / "pages.json").write_text(json.dumps({"pages": pages, "sessions": desk.sessions}), "utf-8")
    serve(desk.desk)
    store.close()


if __name__ == "__main__":
    main()
