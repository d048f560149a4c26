"""Entries for the reports' tests, as the desk writes them."""

from datetime import UTC, date, datetime, time
from hashlib import sha256

from evenhand.release.rules import decision_entry, screened_entry
from evenhand.vocabulary.decision import Action, Decision, Policy
from evenhand.vocabulary.eu import Automation, Category, Ground, Keyword, Source
from evenhand.vocabulary.post import ItemKind


def entry(
    day: date,
    n: int,
    item: ItemKind = ItemKind.CHANNEL,
    keyword: Keyword | None = Keyword.CHILD_SEXUAL_ABUSE_MATERIAL,
    action: Action = Action.BAN,
) -> bytes:
    """Return a decision's entry; `n` makes its commitment differ from others."""
    policy = Policy(
        ground=Ground.ILLEGAL_CONTENT, category=Category.PROTECTION_OF_MINORS, keyword=keyword, reference="Art. 1"
    )
    return decision_entry(
        Decision(
            item=item,
            item_id=f"item-{n}",
            subject=None,
            content_sha256=bytes(32),
            decided_at=datetime.combine(day, time(12), UTC),
            action=action,
            policy=policy,
            source=Source.VOLUNTARY,
            automated_detection=True,
            automation=Automation.FULLY,
            language="DE" if n % 2 else None,
            territory=(),
            rule="some-rule",
            edition="0" * 16,
            because="",
            facts="",
            salt=sha256(str(n).encode()).digest()[:16],
        )
    )


def screened(day: date, posts: int) -> bytes:
    """Return a batch's entry."""
    return screened_entry(day, "0" * 16, posts, {"post": posts}, {"de": 1, "und": posts - 1}, {"allow": posts})
