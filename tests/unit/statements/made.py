"""Decisions made up for the tests of statements."""

from datetime import UTC, date, datetime, time
from typing import Any

from hypothesis import strategies as st

from evenhand.statements.rules import Particulars
from evenhand.vocabulary.decision import RESTRICTIVE, Action, Decision, Policy
from evenhand.vocabulary.eu import (
    CONTENT_LANGUAGES,
    EEA_STATES,
    AccountType,
    Automation,
    Category,
    ContentType,
    Ground,
    Keyword,
    Source,
)
from evenhand.vocabulary.post import ItemKind

POLICY = Policy(
    ground=Ground.INCOMPATIBLE_CONTENT,
    category=Category.SCAMS_AND_FRAUD,
    keyword=Keyword.PHISHING,
    reference="Terms, 4.2",
)
DECISION: dict[str, Any] = {
    "item": ItemKind.POST,
    "item_id": "post-77120",
    "subject": "user-00042",
    "content_sha256": bytes(32),
    "decided_at": datetime(2026, 11, 24, 23, 30, tzinfo=UTC),
    "action": Action.REMOVE,
    "policy": POLICY,
    "source": Source.VOLUNTARY,
    "automated_detection": True,
    "automation": Automation.PARTIALLY,
    "language": "EN",
    "territory": (),
    "rule": "known-scam-domain",
    "edition": "0" * 16,
    "because": "for-moderators-only",
    "facts": "The post asks for a bank password.",
    "salt": bytes(16),
}
PARTICULARS: dict[str, Any] = {
    "reference": "7ZQ4K1M-9D0XWA-3RGH5TB-C6PVE2",
    "explanation": "Asking for passwords is fraud.",
    "content_date": date(2026, 11, 23),
}


def decision(**change: Any) -> Decision:
    """Return the decision with some fields replaced."""
    return Decision(**DECISION | change)


def particulars(**change: Any) -> Particulars:
    """Return the particulars with some fields replaced."""
    return Particulars(**PARTICULARS | change)


ENDLESS = (Action.TERMINATE_MONETISATION, Action.TERMINATE_SERVICE, Action.TERMINATE_ACCOUNT)
IDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", min_size=5, max_size=20).filter(lambda i: i.strip("-_0"))
LINKS = st.sampled_from(
    [
        "https://chat.example/c/9?x=1#y",
        "t.me/somebody",
        "www.shop.example",
        "HTTP://EXAMPLE.ORG",
        "somebody@mail.example",
        "@somebody",
        "+33 6 12 34 56 78",
        "0049 (170) 1234567",
        "192.168.17.4",
        "2001:db8:0:0:1::7",
        "1234567890123",
    ]
)
_WORDS = st.sampled_from(
    ["The channel", "posted", "four calls", "on 2026-11-23", "Art. 17(3)", "نشر", "投稿", "\n", "12"]
)


@st.composite
def texts(draw: st.DrawFn, *secrets: str) -> str:
    """Draw a text in which secrets stand between words, sometimes without a space."""
    parts = draw(st.lists(_WORDS | st.sampled_from(secrets), min_size=1, max_size=8))
    return "Facts " + "".join(part + draw(st.sampled_from([" ", ", ", "\n"])) for part in parts)


@st.composite
def told(draw: st.DrawFn) -> tuple[Decision, Particulars, list[str]]:
    """Draw a restrictive decision, its particulars, and what of them must not be told in public."""
    item_id, subject, name, link = draw(IDS), draw(IDS), draw(IDS), draw(LINKS)
    secrets = [item_id, subject, name, link]
    action = draw(st.sampled_from(sorted(RESTRICTIVE)))
    decided = draw(st.dates(date(2024, 2, 17), date(2037, 12, 31)))
    states = st.sampled_from([*EEA_STATES, "US", "IN", "GB"])
    made = decision(
        item=draw(st.sampled_from(ItemKind)),
        item_id=item_id,
        subject=draw(st.sampled_from([subject, None])),
        decided_at=datetime.combine(decided, time(12), UTC),
        action=action,
        policy=Policy(
            ground=draw(st.sampled_from(Ground)),
            category=draw(st.sampled_from(Category)),
            keyword=draw(st.none() | st.sampled_from(Keyword)),
            reference=draw(texts(item_id, name)) + "x" * draw(st.sampled_from([0, 700])),
        ),
        source=draw(st.sampled_from(Source)),
        automated_detection=draw(st.booleans()),
        automation=draw(st.sampled_from(Automation)),
        language=draw(st.none() | st.sampled_from([*CONTENT_LANGUAGES, "XX"])),
        territory=tuple(draw(st.lists(states, min_size=action is Action.GEO_RESTRICT, max_size=4))),
        facts=draw(texts(*secrets)) + "ж" * draw(st.sampled_from([0, 6000])),
    )
    until = None if action in ENDLESS else draw(st.none() | st.dates(decided, date(2045, 1, 1)))
    beside = particulars(
        explanation=draw(texts(*secrets)) + "é " * draw(st.sampled_from([0, 2000])),
        content_date=draw(st.dates(date(2000, 1, 1), date(2038, 1, 1))),
        content_types=tuple(draw(st.lists(st.sampled_from(ContentType), max_size=3))),
        until=until,
        also_illegal=draw(st.none() | st.booleans()),
        account_type=draw(st.none() | st.sampled_from(AccountType)),
        reference_url=draw(st.sampled_from(["", "https://desk.example/terms"])),
        names=(name, subject, ""),
    )
    return made, beside, secrets
