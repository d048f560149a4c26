"""Commits for the contract suite."""

from datetime import UTC, date, datetime
from hashlib import sha256

from evenhand.vocabulary.commit import Commit, Effect, FactVersion, Place, Record, Stream, Tally, commit_key
from evenhand.vocabulary.decision import Action, Decision, Policy
from evenhand.vocabulary.eu import Automation, Category, Ground, Keyword, Source
from evenhand.vocabulary.post import ItemKind

DAY = date(2026, 11, 23)
POLICY = Policy(
    ground=Ground.INCOMPATIBLE_CONTENT,
    category=Category.SCAMS_AND_FRAUD,
    keyword=Keyword.PHISHING,
    reference="Terms, 4.2",
)


def decision(name: str, subject: str | None = "author-1") -> Decision:
    """Return a decision about a post."""
    return Decision(
        item=ItemKind.POST,
        item_id=f"post-{name}",
        subject=subject,
        content_sha256=sha256(name.encode()).digest(),
        decided_at=datetime(2026, 11, 23, 12, 30, 15, 123456, UTC),
        action=Action.REMOVE,
        policy=POLICY,
        source=Source.VOLUNTARY,
        automated_detection=True,
        automation=Automation.FULLY,
        language="DE",
        territory=(),
        rule="phishing",
        edition="0123456789abcdef",
        because=f"because {name}",
        facts="It leads to a known phishing domain.",
        salt=sha256(name.encode()).digest()[:16],
    )


def commit(
    name: str,
    *,
    decisions: int = 1,
    entries: int = 1,
    relies_on: tuple[FactVersion, ...] = (),
    advances: tuple[str, ...] = (),
    subject: str | None = "author-1",
    effect: str | None = None,
) -> Commit:
    """Return an act with that many parts."""
    return Commit(
        key=commit_key(DAY, name.encode()),
        decisions=tuple(decision(f"{name}-{n}", subject) for n in range(decisions)),
        entries=tuple(b'{"name":"%s","n":%d}' % (name.encode(), n) for n in range(entries)),
        effects=(
            Effect(
                kind="platform.remove",
                key=commit_key(DAY, b"effect", (effect or name).encode()),
                body=b'{"id":"%s"}' % name.encode(),
                subject=subject,
            ),
        ),
        relies_on=relies_on,
        advances=advances,
    )


STREAM = Stream(commit_key(DAY, b"a case"))


def record(name: str, *, stream: Stream = STREAM, subject: str | None = "author-1") -> Record:
    """Return something that was said."""
    return Record(
        kind="message",
        stream=stream,
        at=datetime(2026, 11, 23, 14, 0, tzinfo=UTC),
        subject=subject,
        body=name.encode() + b"\x00\xff",
    )


def act(
    name: str,
    *,
    records: tuple[Record, ...] = (),
    drops: tuple[tuple[str, bytes], ...] = (),
    places: tuple[tuple[str, bytes], ...] = (),
    tallies: tuple[tuple[str, int], ...] = (),
) -> Commit:
    """Return an act at the desk."""
    return Commit(
        key=commit_key(DAY, b"act", name.encode()),
        records=records,
        drops=drops,
        places=tuple(Place(view=view, sort=sort, stream=STREAM, label=name.encode()) for view, sort in places),
        tallies=tuple(Tally(*one) for one in tallies),
    )
