"""Commits for `evenhand bench docket`: what judging a stream of posts would commit, without the posts."""

import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import msgspec

from evenhand.release.rules import SALT_BYTES, decision_entry
from evenhand.vocabulary.commit import Commit, Effect, commit_key
from evenhand.vocabulary.decision import Action, Decision, Policy
from evenhand.vocabulary.eu import Automation, Category, Ground, Keyword, Source
from evenhand.vocabulary.post import ItemKind

_SUBJECTS = 100_000
_FIRST = datetime(2026, 11, 23, tzinfo=UTC)
_A_SECOND = 12
_EDITION = "0123456789abcdef"
_LANGUAGES = ("AR", "DE", "EN", "ES", "FA", "FR", "RU", None)
_ENCODE = msgspec.json.Encoder().encode


def _policy(category: Category, keyword: Keyword | None, reference: str) -> Policy:
    return Policy(ground=Ground.INCOMPATIBLE_CONTENT, category=category, keyword=keyword, reference=reference)


_RULES = (
    ("known-scam-domain", _policy(Category.SCAMS_AND_FRAUD, Keyword.PHISHING, "Terms, 4.2"), Action.REMOVE),
    (
        "terrorist-list",
        _policy(Category.RISK_FOR_PUBLIC_SECURITY, Keyword.TERRORIST_CONTENT, "Terms, 1.1"),
        Action.REMOVE,
    ),
    ("threat", _policy(Category.VIOLENCE, None, "Terms, 3.4"), Action.LABEL),
)


def made_commits(start: int, count: int) -> list[Commit]:
    """Return the commits of decisions number `start` to `start + count`, in the order of their time.

    Each holds one decision about a post of one of 100,000 authors, its public entry and one effect.
    The same numbers give the same keys; salts are random.
    """
    salts = os.urandom(SALT_BYTES * count)
    return [
        _made(number, salts[at : at + SALT_BYTES])
        for number, at in zip(range(start, start + count), range(0, SALT_BYTES * count, SALT_BYTES), strict=True)
    ]


def _made(number: int, salt: bytes) -> Commit:
    rule, policy, action = _RULES[number % len(_RULES)]
    at = _FIRST + timedelta(microseconds=number * 1_000_000 // _A_SECOND)
    post = f"post-{number}"
    # A multiplier without a common factor: neighbours in time are different authors, as on a real day.
    subject = f"author-{number * 7_919 % _SUBJECTS}"
    content = sha256(post.encode()).digest()
    day = at.date()
    key = commit_key(day, b"bench", post.encode(), content, rule.encode(), _EDITION.encode())
    decision = Decision(
        item=ItemKind.POST,
        item_id=post,
        subject=subject,
        content_sha256=content,
        decided_at=at,
        action=action,
        policy=policy,
        source=Source.VOLUNTARY,
        automated_detection=True,
        automation=Automation.FULLY,
        language=_LANGUAGES[number % len(_LANGUAGES)],
        territory=(),
        rule=rule,
        edition=_EDITION,
        because=f"The text leads to a domain on a list ({rule}), in a post of a channel made two days ago.",
        facts="The post leads to a page that asks for bank details under another company's name.",
        salt=salt,
    )
    body = _ENCODE({"action": action, "id": post, "kind": ItemKind.POST, "rule": rule})
    effect = Effect(kind=f"platform.{action}", key=commit_key(day, b"effect", key), body=body, subject=subject)
    return Commit(key=key, decisions=(decision,), entries=(decision_entry(decision),), effects=(effect,))
