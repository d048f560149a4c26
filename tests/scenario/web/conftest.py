"""A desk for the web doors' tests: figures and decisions from values, accounts in a real file.

Run as a program (`python conftest.py DATA PORT`) it serves that desk for the browser.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evenhand.doors.http.tokens import Tokens
from evenhand.doors.web.accounts import create_staff
from evenhand.doors.web.desk import WebDesk
from evenhand.doors.web.wsgi import make_application
from evenhand.flow.calls import call
from evenhand.flow.office import Office
from evenhand.flow.outbox import MAIL, due_now, given_up, sort_effects
from evenhand.flow.receipts import open_pen
from evenhand.flow.reviews import Review, open_reviews
from evenhand.rulebook.load import load_law
from evenhand.settings import Settings
from evenhand.store.memory import MemoryStore
from evenhand.views.decisions import DecisionRow
from evenhand.vocabulary.commit import Commit, Effect, commit_key
from evenhand.vocabulary.eu import Category, Keyword
from evenhand.vocabulary.figures import DayFigures, FigureKey
from evenhand.vocabulary.notice import Snapshot
from evenhand.vocabulary.reference import References

TODAY = date(2026, 11, 24)
PASSWORD = "correct horse battery staple"
HOSTILE = "<script>alert(1)</script>\"'&{{7*7}}\u202egnp.exe\u202c \x00\x1b[31m \ud800 ﷽ " + "Z̷̢̧" * 50 + "A" * 3000
CHECKPOINT = (
    "localhost:8000/log\n48213\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— localhost:8000/log 4NLJaw==\n"
)
VKEY = "localhost:8000/log+e0d2c96b+AZgDQKS2O+gWyNRDYMwzMVNXKKmUgs/ZyjdjZRLBTo+o"

_KINDS = (
    ("post", "remove", "SCAMS_AND_FRAUD", "KEYWORD_PHISHING", "scam-links", "", 31),
    ("post", "remove", "ILLEGAL_OR_HARMFUL_SPEECH", "KEYWORD_HATE_SPEECH", "slurs", "de", 7),
    ("post", "label", "SELF_HARM", "", "self-harm-words", "en", 2),
    ("channel", "ban", "PROTECTION_OF_MINORS", "KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL", "known-hashes", "", 4),
    ("channel", "ban", "RISK_FOR_PUBLIC_SECURITY", "KEYWORD_TERRORIST_CONTENT", "listed-groups", "ar", 2),
    ("account", "ban", "OTHER_VIOLATION_TC", "", "mass-accounts", "fa", 11),
)


def figures_of(day: date) -> DayFigures:
    """Return a day's figures, larger on some weekdays, the same on every run."""
    size = 3 + (day.toordinal() * 7919) % 23
    decisions = {
        FigureKey(
            item=item,
            action=action,
            ground="DECISION_GROUND_INCOMPATIBLE_CONTENT",
            category=f"STATEMENT_CATEGORY_{category}",
            keyword=keyword,
            source="SOURCE_VOLUNTARY",
            automated_detection="Yes",
            automation="AUTOMATED_DECISION_FULLY",
            rule=rule,
            language=language,
            replayed=False,
        ): number * size
        for item, action, category, keyword, rule, language, number in _KINDS
    }
    posts = 4_000 * size
    return DayFigures(
        day=day,
        decisions=decisions,
        posts=posts,
        by_kind={"post": posts - 20, "channel": 15, "account": 5},
        by_language={"en": posts // 2, "fa": posts // 4, "und": posts // 4},
        by_verdict={"allow": posts - 60 * size, "remove": 40 * size, "review": 20 * size},
    )


class PublishedDays:
    """Site figures of given days; reports are made of them on the spot."""

    def __init__(self, days: Sequence[DayFigures]) -> None:
        self._days = {figures.day: figures for figures in days}

    def days(self) -> Mapping[date, DayFigures]:
        """Return the days."""
        return self._days

    def report(self, day: date, form: str) -> bytes:
        """Return bytes that name day and form; HTML with a style sheet of its own and a hostile word."""
        total = sum(self._days[day].decisions.values())
        if form == "html":
            return f"<!doctype html><title>r</title><style>p{{color:red}}</style><p>{day}: {total}".encode()
        if form == "json":
            return json.dumps({"day": day.isoformat(), "total": total}).encode()
        return f"{total} items banned on {day:%B}, {day.day}.\nTotal this month: {total}\n".encode()

    def checkpoint(self) -> str:
        """Return a checkpoint."""
        return CHECKPOINT

    def vkey(self) -> str:
        """Return a verifier key."""
        return VKEY

    def year_to_date(self, today: date) -> Sequence[DayFigures]:
        """Return the days of today's year."""
        return [figures for day, figures in self._days.items() if day.year == today.year and day <= today]


class Docket:
    """Decision queries over lists of rows."""

    def __init__(self, rows: Sequence[DecisionRow]) -> None:
        self._rows = {row.number: row for row in rows}

    def decisions_on(self, day: date, *, before: int | None, limit: int) -> list[DecisionRow]:
        """Return the day's decisions, newest first."""
        rows = [r for r in self._rows.values() if r.decided_at.date() == day and (before is None or r.number < before)]
        return sorted(rows, key=lambda r: -r.number)[:limit]

    def decision(self, number: int) -> DecisionRow | None:
        """Return one decision."""
        return self._rows.get(number)

    def counts_on(self, day: date) -> Mapping[tuple[str, str], int]:
        """Return the day's counts."""
        return Counter((r.category, r.action) for r in self._rows.values() if r.decided_at.date() == day)

    def days(self) -> list[date]:
        """Return the days with decisions."""
        return sorted({r.decided_at.date() for r in self._rows.values()}, reverse=True)


_EXAMPLES = (
    (
        "remove",
        "SCAMS_AND_FRAUD",
        "KEYWORD_PHISHING",
        "scam-links",
        "The link leads to a list of known phishing pages.",
    ),
    ("ban", "RISK_FOR_PUBLIC_SECURITY", "KEYWORD_TERRORIST_CONTENT", "listed-groups", "Names a group on the EU list."),
    ("label", "SELF_HARM", "", "self-harm-words", "Three phrases from the self-harm list in one post."),
)


def decision_row(number: int) -> DecisionRow:
    """Return a decision row that varies with its number."""
    action, category, keyword, rule, because = _EXAMPLES[number % len(_EXAMPLES)]
    return DecisionRow(
        number=number,
        act=number,
        decided_at=datetime(2026, 11, 24, 6, 0, tzinfo=UTC) + timedelta(seconds=37 * number),
        item="post",
        item_id=f"chan-{number % 7}/msg-{number}",
        action=action,
        ground="DECISION_GROUND_INCOMPATIBLE_CONTENT",
        category=f"STATEMENT_CATEGORY_{category}",
        keyword=keyword,
        policy_reference="Terms, section 4",
        source="SOURCE_VOLUNTARY",
        automation="AUTOMATED_DECISION_FULLY",
        language="en",
        rule=rule,
        edition="9f1c2a3b4d5e6f70",
        because=because,
        facts="The post asked readers to type their code into a page that imitates the service.",
        entry=number - 1,
        replayed=False,
        erased=False,
    )


def docket() -> Docket:
    """Return 120 decisions, three of them hostile, erased or behind the wall."""
    rows = [decision_row(number) for number in range(1, 121)]
    rows[118] = replace(rows[118], because=HOSTILE, facts=HOSTILE, item_id=HOSTILE, rule="a<b>", entry=None)
    rows[115] = replace(
        rows[115],
        keyword="KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL",
        category="STATEMENT_CATEGORY_PROTECTION_OF_MINORS",
        because="Names a child.",
    )
    rows[117] = replace(rows[117], because="", facts="", item_id="", erased=True)
    return Docket(rows)


def office() -> Office:
    """Return a desk with 60 cases that screening left to people, and one behind the wall."""
    store = MemoryStore()
    made = Office(
        docket=store,
        queries=store,
        references=References(b"0123456789abcdef"),
        index_key=bytes(32),
    )
    reviews = [
        Review(
            item=Snapshot(item_id=f"case-item-{number}", text=HOSTILE, language="FA"),
            at=datetime(2026, 11, 24, 7, tzinfo=UTC),
            category=Category.VIOLENCE,
            keyword=None,
            rule="threats",
            version="1",
            edition="9f1c2a3b4d5e6f70",
            because="Two words from the list of threats, and an address.",
        )
        for number in range(1, 61)
    ]
    child = replace(
        reviews[0],
        item=Snapshot(item_id="child-item", text="Names a child."),
        category=Category.PROTECTION_OF_MINORS,
        keyword=Keyword.CHILD_SEXUAL_ABUSE_MATERIAL,
        rule="known-hashes",
        because="Names a child.",
    )
    assert open_reviews(made, [*reviews, child]) == 61
    return made


def web_desk(settings: Settings) -> WebDesk:
    """Return a desk with a year and more of figures."""
    days = [figures_of(TODAY - timedelta(days=ago)) for ago in range(400, -1, -1) if ago != 3]
    at_work = office()
    return WebDesk(
        settings=settings,
        figures=PublishedDays(days),
        decisions=docket(),
        references=References(b"0123456789abcdef"),
        today=lambda: TODAY,
        now=lambda: datetime(2026, 11, 24, 12, tzinfo=UTC),
        tokens=Tokens(settings.data),
        docket=at_work.docket,  # type: ignore[arg-type] # a store is both sides
        office=at_work,
        pen=open_pen(settings),
        law=load_law,
    )


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> WebDesk:
    """A desk with its accounts file."""
    data = tmp_path_factory.mktemp("data")
    (data / "log" / "tile" / "0").mkdir(parents=True)
    (data / "log" / "checkpoint").write_text(CHECKPOINT, "utf-8")
    (data / "log" / "tile" / "0" / "000").write_bytes(bytes(32 * 256))
    (data / "log" / "private.txt").write_text("not for the outside", "utf-8")
    made = web_desk(Settings(data=data))
    make_application(made)
    return made


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium."""
    from browser import running_chromium

    with running_chromium() as chromium:
        yield chromium


@pytest.fixture
def client(desk: WebDesk) -> object:
    """A visitor without cookies; each starts with no failed attempts against its address."""
    from django.core.cache import cache
    from django.test import Client

    cache.clear()
    return Client(headers={"host": "localhost"}, **{"evenhand.desk": desk})


def _call_somebody(made: WebDesk) -> None:
    """Leave a call open and a letter given up, as the page of deliveries shows them."""
    assert made.docket is not None
    key = commit_key(TODAY, b"letter")
    letter = Effect(kind="tell.notifier", key=key, body=b'{"what":"answer"}', subject=None)
    calls = [call(made.now(), why, b"1") for why in ("overdue", "runaway")]
    made.docket.commit([Commit(key=key, effects=(letter, *calls))])
    sort_effects(made.docket, made.now())
    made.docket.commit([given_up(one, made.now(), "550") for one in due_now(made.docket, MAIL, made.now(), 9)])


def main() -> None:
    """Serve the desk with one member of staff of each role."""
    from evenhand.doors.web.serve import serve

    settings = Settings(data=Path(sys.argv[1]), listen=f"127.0.0.1:{sys.argv[2]}")
    for role in ("moderator", "senior", "analyst", "admin"):
        create_staff(settings, role, role, PASSWORD)
    made = web_desk(settings)
    _call_somebody(made)
    serve(made)


if __name__ == "__main__":
    main()
