"""Decided cases like the one on the screen, with their outcome: the same content, then near copies, then the rest.

Each decision leaves lines in one kept order: under its content, under each band of its text's fingerprint, and under
its rule (or category) with its language, the newest first. So the next case asks for the first lines of a few ranges,
and nothing is sorted or counted, however many decisions there are. Only keyed hashes stand in it.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from evenhand.access.rules import may_see
from evenhand.desk.rules import label_of
from evenhand.flow.office import Office, load_case
from evenhand.notices.campaign import bands, fingerprint
from evenhand.views.desk import line_of
from evenhand.vocabulary.actor import Actor
from evenhand.vocabulary.case import AppealOutcome, CaseFile
from evenhand.vocabulary.commit import Place, Stream
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.eu import Category
from evenhand.vocabulary.places import SIMILAR, Hash16, microseconds

SHOWN = 5
LOOKED_AT = 40
"""Lines of each range that are looked at: the newest ones."""
_LAST = 2**64 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """A decided case like this one, with its outcome.

    Attributes:
        why: "content" (the same), "near" (a near copy), "rule" or "category" (with the same language).
    """

    reference: str
    at: datetime
    action: Action
    category: Category
    reversed: bool
    why: str


def similar_places(office: Office, file: CaseFile, at: datetime) -> tuple[Place, ...]:
    """Return the lines by which a case that is decided at `at` is found by those like it."""
    when = (_LAST - microseconds(at)).to_bytes(8, "big") + file.stream
    label = label_of(file)
    return tuple(
        Place(view=SIMILAR, sort=mark + when, stream=file.stream, label=label)
        for _why, marks in _marks(office, file)
        for mark in marks
    )


def _marks(office: Office, file: CaseFile) -> Iterator[tuple[str, list[Hash16]]]:
    """Return what a case is found by, from the closest likeness to the loosest."""
    if file.opened.content_sha256:
        yield "content", [office.hashed("alike", "content", file.opened.content_sha256)]
    text = file.snapshot.text if file.snapshot else ""
    if text and (mark := fingerprint(text)):
        yield "near", [office.hashed("alike", "band", band.hex()) for band in bands(mark)]
    why, value = ("rule", file.opened.rule) if file.opened.rule else ("category", file.opened.category.value)
    yield why, [office.hashed("alike", why, value, file.opened.language or "")]


def similar_to(office: Office, actor: Actor, file: CaseFile) -> tuple[Similar, ...]:
    """Return decided cases like this one that the actor may see: the closest first, then the newest.

    What was decided by somebody who may not decide this case is left out: it is what is appealed.
    """
    found: list[Similar] = []
    seen = {file.stream, *([Stream(bytes.fromhex(file.opened.about))] if file.opened.about else [])}
    for why, marks in _marks(office, file):
        for stream in _ranked(office, marks, lambda line: may_see(actor, line)):
            if len(found) == SHOWN:
                return tuple(found)
            if stream in seen:
                continue
            seen.add(stream)
            one = load_case(office, stream)
            if one.decision is not None and one.decision.by not in file.opened.excluded:
                found.append(_shown(office, one, why))
    return tuple(found)


def _ranked(office: Office, marks: list[Hash16], visible: Callable[..., bool]) -> list[Stream]:
    """Return what stands under most of the marks, then the newest."""
    shared: Counter[Stream] = Counter()
    newest: dict[Stream, bytes] = {}
    for mark in marks:
        for row in office.queries.places(SIMILAR, after=mark, until=mark + b"\xff" * 28, limit=LOOKED_AT):
            if visible(line_of(row)):
                shared[row.stream] += 1
                newest[row.stream] = row.sort[len(mark) :]
    return sorted(shared, key=lambda stream: (-shared[stream], newest[stream]))


def _shown(office: Office, one: CaseFile, why: str) -> Similar:
    assert one.decision is not None  # noqa: S101 - the caller has looked
    proposal = one.decision.proposal
    return Similar(
        reference=office.references.format("case", one.number),
        at=one.decided_at or one.opened_at,
        action=proposal.action,
        category=one.opened.category,
        reversed=one.earlier is not None or proposal.outcome in (AppealOutcome.PARTLY, AppealOutcome.REVERSED),
        why=why,
    )
