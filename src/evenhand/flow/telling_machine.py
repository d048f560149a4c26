"""Whoever a machine's decision concerns is told, by the same letter as of a person's decision; strikes come with it.

Each decision waits at a place that its own act has put (`flow.machine`): after a crash it waits there still.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import TypeVar

import msgspec

from evenhand.desk.rules import label_of
from evenhand.desk.strikes import STRIKES
from evenhand.flow.authors import Struck, ban_changes, banned_places, strike_author
from evenhand.flow.letters import database_effects, prepared_for
from evenhand.flow.office import Deed, Office, act, load_case, stream_of
from evenhand.flow.outlook import Outlook, through
from evenhand.flow.reversal import joined
from evenhand.flow.reviews import Review, review_commit
from evenhand.flow.statement_made import Prepared
from evenhand.flow.telling import statement_move, tell_affected
from evenhand.views.records import PlaceRow
from evenhand.vocabulary.case import MACHINE, CaseFile, Proposal
from evenhand.vocabulary.commit import Commit, CommitKey, Done, Place, Tally, commit_key
from evenhand.vocabulary.decision import Decision
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.notice import Snapshot
from evenhand.vocabulary.places import (
    BY_AUTHOR,
    BY_ITEM,
    TELLING,
    TEST,
    Hash16,
    author_fact,
    author_stream,
    by_instant,
    case_fact,
)
from evenhand.vocabulary.post import ItemKind

_T = TypeVar("_T")
_EFFECTS_AT_ONCE = 1000
TOLD_AT_ONCE = 500
"""How many decisions are looked at in a group; those about one author become one act."""


@dataclass(slots=True)
class _OfAuthor:
    """What waits about one author; each line with its case."""

    lines: list[tuple[PlaceRow, CaseFile]] = field(default_factory=list)


def tell_machine_decisions(office: Office, *, at: datetime) -> int:
    """Tell whoever is concerned by machines' decisions that wait for it; return how many decisions were told."""
    told = 0
    while lines := office.queries.places(TELLING, limit=TOLD_AT_ONCE):
        looking, groups = _by_author(office, lines)
        outcomes = office.docket.commit([_commit(looking, group.lines, at) for group in groups])
        pairs = zip(groups, outcomes, strict=True)
        told += sum(len(group.lines) for group, outcome in pairs if isinstance(outcome, Done))
        if not any(isinstance(outcome, Done) for outcome in outcomes):
            break  # somebody else tells them at this moment
    return told


def letter_link(office: Office) -> str:
    """Return where the person follows whom the first letter about a machine's decision went to; "" for none."""
    after = 0
    while rows := office.queries.effects(after=after, limit=_EFFECTS_AT_ONCE):
        for row in rows:
            if (
                row.kind == "tell.affected"
                and row.body
                and (said := msgspec.json.decode(row.body))["what"] == "decision"
            ):
                stream = stream_of(office, office.references.parse("affected", said["redress"]), "case.opened")
                if load_case(office, stream).decider == MACHINE:
                    return office.link(said["redress"])
        after = rows[-1].number
    return ""


def _by_author(office: Office, lines: Sequence[PlaceRow]) -> tuple[Office, list[_OfAuthor]]:
    """Return what waits by author, and the desk that has read ahead what is asked about it."""
    ahead = Outlook(office.queries)
    cases = [line.stream for line in lines]
    ahead.facts([case_fact(case) for case in cases])
    ahead.read_stories(cases)
    ahead.read_places((TEST, case) for case in cases)
    looking = through(office, ahead)
    groups: dict[str, _OfAuthor] = {}
    for line in lines:
        file = load_case(looking, line.stream)
        groups.setdefault(file.opened.author_key or line.stream.hex(), _OfAuthor()).lines.append((line, file))
    files = [file for group in groups.values() for _, file in group.lines]
    authors = [file.opened.author_key for file in files if file.opened.author_key]
    ahead.facts([author_fact(author) for author in authors])
    ahead.read_stories(author_stream(Hash16(bytes.fromhex(author))) for author in authors)
    numbers = [file.number for file in files]
    return replace(looking, references=office.references.ready(("case", "affected"), numbers)), list(groups.values())


def _commit(office: Office, lines: Sequence[tuple[PlaceRow, CaseFile]], at: datetime) -> Commit:
    """Return the act that tells one author of what waits about them, with the strikes that it brings."""
    key = commit_key(at.date(), b"told", *(line.sort for line, _ in lines))
    parts = [_part(office, line, file, at) for line, file in lines]
    struck = strike_author(office, [file for _, file in lines], at=at)
    whole = Commit(
        key=key,
        records=(*_all(part.records for part in parts), *struck.records),
        drops=_all(part.drops for part in parts),
        places=_all(part.places for part in parts),
        tallies=(*_all(part.tallies for part in parts), *struck.tallies),
        effects=(*_all(part.effects for part in parts), *struck.effects),
        relies_on=(*_all(part.relies_on for part in parts), *struck.also),
        advances=(*_all(part.advances for part in parts), *struck.advances),
    )
    review = _review_of(office, struck, lines[-1][1], at)
    return joined(whole, review) if review is not None else whole


def _all(parts: Iterable[tuple[_T, ...]]) -> tuple[_T, ...]:
    return tuple(chain.from_iterable(parts))


def _part(office: Office, line: PlaceRow, file: CaseFile, at: datetime) -> Commit:
    """Return what is told of one decision."""
    assert file.decision is not None  # noqa: S101 - it was decided as it opened
    proposal = file.decision.proposal
    decision = decision_told(file)
    prepared = _prepared(office, file, decision, proposal, at)
    told = tell_affected(office, file, decision, proposal, prepared, at=at, key=_told_key(file))
    sound = prepared if prepared is not None and not prepared.errors else None
    label, opened = label_of(file), by_instant(file.opened_at, file.stream)
    places = [Place(view=BY_ITEM, sort=bytes.fromhex(file.opened.item_key) + opened, stream=file.stream, label=label)]
    if file.opened.author_key:
        sort = bytes.fromhex(file.opened.author_key) + opened
        places.append(Place(view=BY_AUTHOR, sort=sort, stream=file.stream, label=label))
    banned = banned_places(office, file, decision)
    deed = Deed(
        moves=(statement_move(told),) if told else (),
        effects=(*((told.effect,) if told else ()), *database_effects(sound, decision)),
        drops=((TELLING, line.sort),),
        places=(*places, *banned),
        tallies=(Tally(f"machine/told/{'letter' if told else 'exempt'}", 1), *ban_changes(banned)),
    )
    return act(office, file, deed, at, office.queries.fact(case_fact(file.stream)), _told_key(file))[1]


def _told_key(file: CaseFile) -> CommitKey:
    return commit_key(file.opened_at.date(), b"told", file.stream)


def _prepared(office: Office, file: CaseFile, decision: Decision, proposal: Proposal, at: datetime) -> Prepared | None:
    try:
        return prepared_for(office, file, decision, proposal, informed_at=at)
    except InputError:
        # A rule's sentence or a post's date that the EU database would not take: the person is told all the same.
        return None


def decision_told(file: CaseFile) -> Decision:
    """Return a machine's decision as its case tells it; the salt stays with the decision's own row."""
    assert file.decision is not None  # noqa: S101 - the caller has looked
    item, proposal, opened = file.snapshot or Snapshot(kind=file.opened.kind), file.decision.proposal, file.opened
    return Decision(
        item=opened.kind,
        item_id=item.item_id,
        subject=item.author or item.channel or None,
        content_sha256=bytes.fromhex(opened.content_sha256),
        decided_at=file.opened_at,
        action=proposal.action,
        policy=proposal.policy,
        source=opened.source,
        automated_detection=True,
        automation=file.decision.automation,
        language=opened.language,
        territory=(),
        rule=opened.rule,
        edition=opened.edition,
        because=file.because,
        facts=proposal.facts,
        salt=b"",
    )


def _review_of(office: Office, struck: Struck, file: CaseFile, at: datetime) -> Commit | None:
    """Return the case in which a person decides on the sanction that the table proposes; None: there is none to open.

    One case a step and run of strikes: further strikes join what the person looks at, the author's record.
    """
    if struck.proposes is None or file.snapshot is None:
        return None
    item = file.snapshot
    person = item.author or item.channel
    review = Review(
        item=Snapshot(
            kind=ItemKind.ACCOUNT if item.author else ItemKind.CHANNEL,
            item_id=person,
            author=item.author,
            channel="" if item.author else item.channel,
            language=item.language,
            region=item.region,
            content_sha256=struck.run,
        ),
        at=at,
        category=file.opened.category,
        keyword=file.opened.keyword,
        rule=STRIKES,
        version=struck.proposes.id,
        edition=file.opened.edition,
        because=f"Strikes that count weigh {struck.weight}: the table's step is “{struck.proposes.id}”.",
    )
    return review_commit(office, review)
