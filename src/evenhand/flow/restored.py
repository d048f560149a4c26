"""Content that was restored on appeal is not taken down again by a machine: a person looks, and is told why (0118).

It is known by the hash of its content and a keyed hash of who posted it, so that it is known again under another id.
Another content, another person and another ground are another matter; a person who takes it down ends it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

import msgspec
import polars as pl
import pyarrow as pa

from evenhand.desk.rules import TAKEN_DOWN
from evenhand.flow.content import content_hashes
from evenhand.flow.office import Office, is_test, load_case
from evenhand.flow.outlook import in_looks
from evenhand.screening.spared import RESTORED_SCHEMA, acting, overturned
from evenhand.views.records import PlaceRow
from evenhand.vocabulary.case import CaseFile
from evenhand.vocabulary.commit import CommitKey, Place, Stream, Tally
from evenhand.vocabulary.decision import Action, Decision
from evenhand.vocabulary.places import RESTORED, RESTORED_CONTENT
from evenhand.vocabulary.post import VERDICT_SCHEMA, Verdict

THERE = "restored/there"
SAID = "It was restored on appeal before; a person looks at it again."
SETTLED = "It was restored on appeal; nothing has changed since."
KeyOf = Callable[[int, Mapping[str, Any], str], CommitKey]
"""(row, its post, the rule) → what names a machine's decision about it."""
_NEAR = pl.Schema(
    {"row": pl.UInt32, "rule": pl.String, "category": pl.String, "content": pl.Binary, "person": pl.Binary}
)
_NOTHING: Mapping[int, "Again"] = MappingProxyType({})


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on a place: which rule and category were overturned, and when; `first` is that case, in hex."""

    rule: str
    category: str
    on: date
    first: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A restoration that holds.

    Attributes:
        case: The appeal's, where the reasons stand.
        first: The case that was decided first.
        on: The day (UTC) of the restoration.
    """

    case: Stream
    first: Stream
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """A verdict that was overturned before.

    Attributes:
        because: The rule's sentence, this time.
    """

    restored: Restored
    because: str


@dataclass(frozen=True, slots=True)
class Spared:
    """A batch's verdicts, in which what was restored before goes to a person, and by row what stands behind those."""

    verdicts: pa.Table
    again: Mapping[int, Again] = field(default_factory=lambda: _NOTHING)


def spare(office: Office, posts: pl.DataFrame, verdicts: pa.Table, key_of: KeyOf) -> Spared:
    """Return the verdicts without those that would take down again what was restored on appeal.

    The very decision that was overturned (this item, this version of the rule) says nothing new: it is allowed. All
    else goes to a person.

    Args:
        office: The desk.
        posts: POST_SCHEMA's columns, and `content_sha256` (hex) where the text is no longer there.
        verdicts: VERDICT_SCHEMA, a row a post.
        key_of: What names a machine's decision about a row.
    """
    if not office.queries.tallies(THERE):
        return Spared(verdicts)
    rows = acting(verdicts)
    contents = dict(zip(rows, _hashes(posts, rows), strict=True)) if rows else {}
    known = _look(office, RESTORED_CONTENT, list(dict.fromkeys(contents.values())))
    near = {row: content for row, content in contents.items() if content in known}
    if not near:
        return Spared(verdicts)
    said = pl.DataFrame(pl.from_arrow(verdicts))
    met, kept = _met(office, posts, said, near)
    if not met.height:
        return Spared(verdicts)
    again: dict[int, Again] = {}
    settled: list[int] = []
    for row, place in met.rows():
        restored = kept[place]
        if key_of(row, posts.row(row, named=True), said["rule"][row]) == CommitKey(restored.first):
            settled.append(row)
        else:
            again[row] = Again(restored=restored, because=said["because"][row])
    return Spared(_changed(said, list(again), settled), again)


def _changed(said: pl.DataFrame, again: list[int], settled: list[int]) -> pa.Table:
    """Return verdicts of which some go to a person, and some are allowed."""
    row = pl.int_range(pl.len())
    here, allowed = row.is_in(again), row.is_in(settled)
    changed = said.with_columns(
        verdict=pl.when(here)
        .then(pl.lit(Verdict.REVIEW.value))
        .when(allowed)
        .then(pl.lit(Verdict.ALLOW.value))
        .otherwise("verdict"),
        because=pl.when(here).then(pl.lit(SAID)).when(allowed).then(pl.lit(SETTLED)).otherwise("because"),
        **{name: pl.when(allowed).then(None).otherwise(name) for name in ("rule", "category", "keyword")},
    )
    return changed.to_arrow().cast(VERDICT_SCHEMA)


def _met(
    office: Office, posts: pl.DataFrame, said: pl.DataFrame, near: Mapping[int, bytes]
) -> tuple[pl.DataFrame, list[Restored]]:
    """Return which of a few rows meet which of the restorations that are returned with them.

    `near` has the content's hash of each row whose content was restored, whoever posted it.
    """
    authors, channels = posts["author_id"], posts["channel_id"]
    persons = {row: office.hashed("restored", authors[row] or channels[row] or "") for row in near}
    rows = pl.DataFrame(
        [(row, said["rule"][row], said["category"][row], near[row], persons[row]) for row in near],
        schema=_NEAR,
        orient="row",
    )
    sorts = list({near[row] + persons[row]: None for row in near})
    kept = list(_look(office, RESTORED, sorts).values())
    labels = [_LABEL.decode(row.label) for row in kept]
    restored = pl.DataFrame(
        [
            (row.sort[:32], row.sort[32:], label.rule, label.category, place)
            for place, (row, label) in enumerate(zip(kept, labels, strict=True))
        ],
        schema=RESTORED_SCHEMA,
        orient="row",
    )
    return overturned(rows, restored), [_restored(*pair) for pair in zip(kept, labels, strict=True)]


def _hashes(posts: pl.DataFrame, rows: list[int]) -> list[bytes]:
    """Return the hashes of the content of some rows."""
    if "content_sha256" in posts.columns:
        return [bytes.fromhex(digest or "") for digest in posts["content_sha256"][rows].to_list()]
    return content_hashes(posts.select("forwarded_from", "kind", "media", "text")[rows])


def _look(office: Office, view: str, sorts: list[bytes]) -> dict[bytes, PlaceRow]:
    found: dict[bytes, PlaceRow] = {}
    for part in in_looks(sorts):
        there = office.queries.at([(view, sort) for sort in part])
        found.update((sort, row) for (_, sort), row in there.items())
    return found


_LABEL = msgspec.json.Decoder(_Kept)


def _restored(row: PlaceRow, label: _Kept) -> Restored:
    return Restored(case=row.stream, first=Stream(bytes.fromhex(label.first)), on=label.on)


def restored_before(office: Office, person: str, content: bytes, rule: str, category: str) -> Restored | None:
    """Return the restoration of one item that a rule would take down again, or None."""
    if not office.queries.tallies(THERE):
        return None
    where = (RESTORED, content + office.hashed("restored", person))
    row = office.queries.at([where]).get(where)
    if row is None:
        return None
    label = _LABEL.decode(row.label)
    return _restored(row, label) if rule == label.rule or category == label.category else None


def why(office: Office, again: Again) -> str:
    """Return what the person who looks again reads: the rule's sentence, then that it was restored, when and why."""
    appeal = load_case(office, again.restored.case)
    reasons = appeal.words.facts if appeal.words is not None else ""
    reference = office.references.format("case", appeal.number)
    told = f"Restored on appeal on {again.restored.on.isoformat()} (case {reference})"
    return f"{again.because}\n{told}: {reasons}" if reasons else f"{again.because}\n{told}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a decision changes of what is known as restored."""

    drops: tuple[tuple[str, bytes], ...] = ()
    places: tuple[Place, ...] = ()
    tallies: tuple[Tally, ...] = ()


def kept_by_reversal(office: Office, appeal: CaseFile, first: CaseFile, made: Decision) -> Kept:
    """Return what a decision on appeal changes: no violation makes the content known, taking it down ends that."""
    if made.action not in (Action.RESTORE, Action.NONE):
        return ended_by(office, first, made.action)
    where = _where(office, first)
    if where is None:
        return Kept()
    label = _Kept(
        rule=first.opened.rule,
        category=first.opened.category.value,
        on=made.decided_at.date(),
        first=first.stream.hex(),
    )
    new = where not in office.queries.at([where])
    return Kept(
        places=(
            Place(view=where[0], sort=where[1], stream=appeal.stream, label=msgspec.json.encode(label)),
            Place(view=RESTORED_CONTENT, sort=where[1][:32], stream=appeal.stream),
        ),
        tallies=(Tally(THERE, 1),) if new else (),
    )


def ended_by(office: Office, file: CaseFile, action: Action) -> Kept:
    """Return what a person's decision ends: what they take down is restored content no longer."""
    where = _where(office, file) if action in TAKEN_DOWN else None
    if where is None or where not in office.queries.at([where]) or is_test(office, file):
        return Kept()
    return Kept(drops=(where,), tallies=(Tally(THERE, -1),))


def _where(office: Office, file: CaseFile) -> tuple[str, bytes] | None:
    person = (file.snapshot.author or file.snapshot.channel) if file.snapshot else ""
    digest = file.opened.content_sha256
    return (RESTORED, bytes.fromhex(digest) + office.hashed("restored", person)) if person and digest else None
