"""A test case and its real twin, in two worlds with one clock: everything that a moderator can see is the same."""

import os
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from evenhand.doors.web.accounts import create_staff
from evenhand.flow.action_reports import Report
from evenhand.flow.actions import read_actions
from evenhand.flow.office import case_of
from evenhand.flow.quality import plant_double, plant_known
from evenhand.flow.reviews import Review, open_reviews
from evenhand.flow.ticks import settle_reports, tick
from evenhand.store.memory import MemoryStore
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import Category
from evenhand.vocabulary.notice import Snapshot
from scenario.web.test_desk_life import PASSWORD, Desk, decide, form_token, notice

QUALITY = Actor(id="staff-quality", roles=frozenset({Role.QUALITY}))
EDITION = "9f1c2a3b4d5e6f70"
WORDS = "I know where you live and I will come tonight"
TWIN = Snapshot(
    item_id="chan-8/msg-99",
    posted_at=datetime(2026, 11, 24, 9, 4, tzinfo=UTC),
    author="author-99",
    channel="chan-8",
    text=WORDS,
    language="EN",
    content_sha256=sha256(WORDS.encode()).hexdigest(),
)


@dataclass
class World:
    """A desk, a moderator and a second pair of eyes in it."""

    desk: Desk
    anna: Any
    chiara: Any
    page: str = ""
    first: str = ""

    @property
    def link(self) -> str:
        """The affected person's link, as the letter in the preview shows it."""
        office = self.desk.office
        return office.references.format("affected", office.references.parse("case", self.page.split("/")[-2]))


def review(item: Snapshot, at: datetime) -> Review:
    """Return an item that a rule sends to a person."""
    return Review(
        item=item,
        at=at,
        category=Category.VIOLENCE,
        keyword=None,
        rule="threats",
        version="1",
        edition=EDITION,
        because="Two words of the list.",
    )


def signed_in(desk: Desk, name: str) -> Any:
    """Return a member of staff, the same in both worlds."""
    from django.contrib.auth.models import User

    client = desk.visitor()
    client.force_login(User.objects.get(username=name))
    return client


def world(data: Path) -> World:
    """Return a desk at which one case of the rule was decided before, and one more waits."""
    desk = Desk(data, MemoryStore())
    for name, role in (("anna", "moderator"), ("chiara", "senior")):
        with suppress(InputError):
            create_staff(desk.web.settings, name, role, PASSWORD)
    made = World(desk, signed_in(desk, "anna"), signed_in(desk, "chiara"))
    other = Snapshot(item_id="chan-1/msg-1", author="author-1", text="another text", language="EN")
    third = Snapshot(item_id="chan-2/msg-2", author="author-2", text="a third text", language="EN")
    open_reviews(desk.office, [review(other, desk.now)])
    decide(made.chiara, made.chiara.post("/console/next/")["Location"], "label")
    desk.close()
    carried_out(desk)
    open_reviews(desk.office, [review(third, desk.now + timedelta(seconds=1))])
    return made


def carried_out(desk: Desk) -> None:
    """Let the platform carry out what it was told, and the clock go on."""
    actions = read_actions(desk.office.docket, 0, 99)  # type: ignore[arg-type] # a store is both sides
    desk.now += timedelta(minutes=2)
    settle_reports(desk.office, [Report(id=one.id, status="done", at=desk.now) for one in actions], at=desk.now)
    tick(desk.office, at=desk.now, chance=bytes)


@pytest.fixture
def worlds(tmp_path: Path) -> tuple[World, World]:
    """The world of the real case, and that of the test case."""
    from django.core.cache import cache

    real, test = world(tmp_path), world(tmp_path)
    cache.clear()
    open_reviews(real.desk.office, [review(TWIN, real.desk.now)])
    plant_known(
        test.desk.office,
        QUALITY,
        TWIN,
        Action.REMOVE,
        category=Category.VIOLENCE,
        rule="threats",
        because="Two words of the list.",
        at=test.desk.now,
        chance=bytes,
    )
    return real, test


REFERENCE = re.compile(r"\b[0-9A-Z]{5,8}(?:-[0-9A-Z]{5,8}){1,3}(?:-\d+)?\b|\b[0-9A-Z]{7}\b…?")
CHANGING = re.compile(r'name="(?:csrfmiddlewaretoken|form)" value="[^"]*"|nonce="[^"]*"')


def text_of(answer: Any) -> str:
    """Return a page with its references named by their order: they are random in both worlds."""
    names: dict[str, str] = {}
    text = CHANGING.sub("", answer.content.decode())
    return f"{answer.status_code}\n" + REFERENCE.sub(
        lambda found: names.setdefault(found[0][:7], f"R{len(names)}"), text
    )


def same(worlds: tuple[World, World], step: str, see: Any) -> None:
    """Assert that a step looks the same in both worlds."""
    real, test = (text_of(see(one)) for one in worlds)
    assert test.splitlines() == real.splitlines(), step


def looks(worlds: tuple[World, World], step: str) -> None:
    """Assert that every page that a moderator can open looks the same in both worlds."""
    day = worlds[0].desk.now.date().isoformat()
    for path in (
        "/console/",
        "/console/queues/violence/",
        "/console/campaigns/",
        "/console/search/?text=chan-8/msg-99",
        "/console/search/?category=VIOLENCE",
        "/console/search/?rule=threats",
        "/console/search/?action=remove",
        f"/console/search/?first={day}&last={day}",
        f"/console/days/{day}/",
        f"/console/days/{day}/?action=remove",
        "/console/decisions/2/",
        "/console/decisions/3/",
        "/console/find/?reference=x",
    ):
        same(worlds, f"{step}: {path}", lambda one, path=path: one.anna.get(path))
        same(worlds, f"{step}: {path}, senior", lambda one, path=path: one.chiara.get(path))
    if worlds[0].page:
        same(worlds, f"{step}: the case", lambda one: one.anna.get(one.page))
        same(worlds, f"{step}: the link", lambda one: one.desk.visitor().get(f"/follow/{one.link}/"))


@pytest.mark.parametrize(
    "action", ["remove", *(pytest.param(one, marks=pytest.mark.nightly) for one in ("none", "geo-restrict"))]
)
def test_a_test_case_looks_like_its_real_twin_all_its_life(worlds: tuple[World, World], action: str) -> None:
    """Waiting, in hand, previewed, proposed, decided, carried out; only the real one reaches anybody."""
    looks(worlds, "waiting")
    for one in worlds:
        one.page = one.anna.post("/console/next/")["Location"]
    looks(worlds, "in hand")
    same(worlds, "note", lambda one: one.anna.post(f"{one.page}note/", {"text": "Hm."}, follow=True))
    asked = {"to": "affected", "text": "What did you mean?"}
    same(worlds, "asked", lambda one: one.anna.post(f"{one.page}write/", asked, follow=True))
    same(worlds, "alarm", lambda one: one.anna.post(f"{one.page}alarm/", {"why": "A threat."}, follow=True))
    more = {"territory": "MT"} if action == "geo-restrict" else {}
    same(worlds, "preview", lambda one: decide(one.anna, one.page, action, preview="1", **more))
    same(worlds, "proposed", lambda one: decide(one.anna, one.page, action, **more))
    looks(worlds, "proposed")
    for one in worlds:  # somebody else decides something at the same time, as they do all day
        decide(one.chiara, one.chiara.post("/console/next/")["Location"], "label")
        one.desk.close()
    looks(worlds, "decided")
    for one in worlds:
        carried_out(one.desk)
    looks(worlds, "carried out")
    if action != "none":
        same(worlds, "appeal", appealed)
        for one in worlds:
            one.page, one.first = one.chiara.post("/console/next/")["Location"], one.page
        same(worlds, "reversed", lambda one: decide(one.chiara, one.page, "restore", outcome="reversed"))
        for one in worlds:
            one.desk.close()
        same(worlds, "after it", lambda one: one.anna.get(one.first))
    kinds = [kinds_of(one.desk.office) for one in worlds]
    assert kinds[1] == OTHERS, "what the other cases caused, and calls to colleagues"
    assert kinds[0] - kinds[1]
    assert [one.desk.office.queries.entry_count() for one in worlds] == [3 + (action != "none"), 2]  # type: ignore[attr-defined] # a store is both sides
    figures = worlds[1].desk.office.queries.tallies("")
    assert figures["quality/known/VIOLENCE/" + ("right" if action == "remove" else "wrong")] == 1
    assert not [name for name in figures if name.startswith(("appeal/", "strike/")) or "/remove" in name]


def appealed(one: World) -> Any:
    """Send an appeal from the affected person's link."""
    page = one.desk.visitor().get(f"/follow/{one.link}/")
    return one.desk.visitor().post(
        f"/follow/{one.link}/", {"form": form_token(page), "what": "appeal", "text": "I was joking."}
    )


OTHERS = Counter({"platform.label": 2, "tell.affected": 2, "eu-database.statement": 2, "page.person": 1})


def kinds_of(office: Any) -> Counter[str]:
    """Return how many effects of which kind there are."""
    return Counter(row.kind for row in office.queries.effects(after=0, limit=1000))


def test_a_double_review_comes_as_the_first_case_came(tmp_path: Path) -> None:
    """A reported case comes as reported, with its notices; their senders hear of the first decision and no more."""
    desk = Desk(tmp_path, MemoryStore())
    anna, boris, nora = desk.person("anna", "moderator"), desk.person("boris", "moderator"), desk.visitor()
    notice(nora, reasons="At https://example.org/post/1 somebody is threatened.")
    page = anna.post("/console/next/")["Location"]
    first = text_of(boris_sees(boris, page))
    decide(anna, page)
    desk.close()
    before = kinds_of(desk.office)
    plant_double(desk.office, QUALITY, case_of(desk.office, page.split("/")[-2]), at=desk.now, chance=os.urandom)
    again = boris.post("/console/next/")["Location"]
    shown = boris.get(again).content.decode()
    assert "post/1" not in shown
    assert "1 notice." in shown
    assert "somebody is threatened" in shown
    name = re.search(r"example\.org/(\w+/\d)", shown)
    assert name
    times = re.compile(r"\d\d\d\d-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?")
    record = re.compile(r"upheld \d, rejected")
    plain = [
        times.sub("", record.sub("", text)) for text in (first, text_of(boris.get(again)).replace(name[1], "post/1"))
    ]
    assert re.findall(r'<section aria-labelledby="(?:item|why)".*?</section>', plain[1], re.DOTALL) == re.findall(
        r'<section aria-labelledby="(?:item|why)".*?</section>', plain[0], re.DOTALL
    )
    number = re.search(r'value="notifier:(\d+)"', shown)
    assert number
    boris.post(f"{again}write/", {"to": f"notifier:{number[1]}", "text": "Who is threatened?"})
    assert "Who is threatened?" in boris.get(again).content.decode()
    decide(boris, again, "none")
    desk.close()
    assert kinds_of(desk.office) == before


def boris_sees(boris: Any, page: str) -> Any:
    """Open a case that a colleague has in hand, and return its page."""
    boris.post(f"{page}open/", {"purpose": "to see it"})
    return boris.get(page)


def test_a_days_cases_are_cut_in_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What people decided is paged, the oldest first, each case once; the last page leads nowhere."""
    desk = Desk(tmp_path, MemoryStore())
    monkeypatch.setattr("evenhand.doors.web.console.ROWS", 2)
    anna = desk.person("anna", "moderator")
    for number in range(3):
        item = Snapshot(item_id=f"m-{number}", author=f"a-{number}", text=f"text {number}", language="EN")
        open_reviews(desk.office, [review(item, desk.now)])
        decide(anna, anna.post("/console/next/")["Location"], "label")
        desk.close()
    day, seen, more = f"/console/days/{desk.now.date().isoformat()}/", [], ""
    for _turn in range(3):
        text = anna.get(day + more).content.decode()
        seen += re.findall(r'href="/console/case/([^/]+)/"', text)
        if (found := re.search(r'rel="next" href="([^"]*after=[^"]*)"', text)) is None:
            break
        more = found[1].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 3
    assert anna.get(day + "?after=x").status_code == 404
