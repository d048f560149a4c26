"""What screening leaves to a person becomes a case, one for each content, whoever else has reported it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from evenhand.desk.rules import PENDING
from evenhand.flow.office import TRIES, Office
from evenhand.flow.opening import Subject, open_case_for, subject_after, subjects_of
from evenhand.flow.outlook import Outlook, through
from evenhand.flow.restored import Restored
from evenhand.vocabulary.case import Origin
from evenhand.vocabulary.commit import Commit, Done, FactVersion, Stale, Stream, commit_key
from evenhand.vocabulary.eu import Category, Keyword, Source
from evenhand.vocabulary.notice import Snapshot
from evenhand.vocabulary.places import CONTENT, content_fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """An item that a rule sends to a person.

    Attributes:
        at: When it was posted: its time to wait runs from then.
        version: The rule's own version; another one is another matter.
        because: The rule's sentence.
        restored: A restoration on appeal that the rule would undo: a case of its own, though the content was found
            fine, once a rule's version.
    """

    item: Snapshot
    at: datetime
    category: Category
    keyword: Keyword | None
    rule: str
    version: str
    edition: str
    because: str
    restored: Restored | None = None


def open_reviews(office: Office, reviews: Sequence[Review]) -> int:
    """Open a case for each content that has none and was not found fine; return how many were opened."""
    opened = 0
    waiting = list(reviews)
    for _ in range(TRIES):
        commits = _commits(office, waiting)
        if not commits:
            break
        outcomes = office.docket.commit([commit for _, commit in commits])
        opened += sum(isinstance(outcome, Done) for outcome in outcomes)
        pairs = zip(commits, outcomes, strict=True)
        waiting = [review for (review, _), outcome in pairs if isinstance(outcome, Stale)]
    return opened


def review_commit(office: Office, review: Review) -> Commit | None:
    """Return the act that opens an item's case; None where its content has one or was found fine."""
    commits = _commits(office, [review])
    return commits[0][1] if commits else None


def _commits(office: Office, reviews: Sequence[Review]) -> list[tuple[Review, Commit]]:
    """Return what opens a case for each review that needs one, each after those before it."""
    outlook = Outlook(office.queries)
    seeing = through(office, outlook)
    commits = []
    subjects = subjects_of(seeing, outlook, [review.item for review in reviews])
    for review, before in zip(reviews, subjects, strict=True):
        subject = subject_after(seeing, review.item, before)
        version = outlook.fact(content_fact(subject.content.hex()))
        there = outlook.there(CONTENT, subject.content)
        if there is None or (review.restored is not None and there.label != PENDING):
            commit = _commit(seeing, review, subject, version)
            outlook.move_on(commit)
            commits.append((review, commit))
    return commits


def _commit(office: Office, review: Review, subject: Subject, version: int) -> Commit:
    fact = content_fact(subject.content.hex())
    day = review.at.date()
    opening = open_case_for(
        office,
        Stream(commit_key(day, b"case", subject.content, version.to_bytes(8, "big"))),
        subject,
        review.item,
        at=review.at,
        origin=Origin.SCREENING,
        category=review.category,
        keyword=review.keyword,
        source=Source.VOLUNTARY,
        because=review.because,
        rule=review.rule,
        edition=review.edition,
    )
    new, moves = opening.commit_parts()
    names = (review.item.item_id.encode(), subject.content, review.rule.encode(), review.version.encode())
    key = commit_key(day, b"review", *names)
    if (restored := review.restored) is not None:
        key = commit_key(restored.on, b"restored-again", restored.case, review.rule.encode(), review.version.encode())
    return Commit(
        key=key,
        records=opening.records,
        places=opening.places,
        tallies=opening.tallies,
        relies_on=(new, FactVersion(name=fact, version=version)),
        advances=(moves, fact),
    )
