"""An author's record: strikes that a decision brings or a reversal lifts, and the sanctions that follow."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from evenhand.desk.strikes import (
    STRIKES,
    AuthorFile,
    Imposed,
    Lifted,
    Strike,
    author_file,
    lapsed,
    run_of,
    sanction_for,
    strike_for,
)
from evenhand.flow.letters import as_body, consequence_letter, sanction_statement
from evenhand.flow.office import Office, load_case, story_of
from evenhand.release.rules import decision_entry
from evenhand.rulebook.desk_tables import SanctionStep
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.case import CaseFile, Proposal
from evenhand.vocabulary.commit import Effect, FactVersion, Place, Record, Tally, commit_key
from evenhand.vocabulary.decision import RESTRICTIVE, Action, Decision
from evenhand.vocabulary.places import BANNED, BY_ITEM, Hash16, author_fact, author_stream
from evenhand.vocabulary.post import ItemKind

_ENCODE = encode
_BODIES: dict[str, msgspec.json.Decoder[Any]] = {
    "strike": msgspec.json.Decoder(Strike),
    "strike.lifted": msgspec.json.Decoder(Lifted),
    "sanction": msgspec.json.Decoder(Imposed),
    "sanction.lifted": msgspec.json.Decoder(Imposed),
}
_CASES_LOOKED_AT = 100
_BANS = frozenset({Action.BAN, Action.TERMINATE_ACCOUNT, Action.TERMINATE_SERVICE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequences:
    """What an author's record adds to an act; parts of a Deed."""

    decisions: tuple[Decision, ...] = ()
    entries: tuple[bytes, ...] = ()
    effects: tuple[Effect, ...] = ()
    records: tuple[Record, ...] = ()
    places: tuple[Place, ...] = ()
    drops: tuple[tuple[str, bytes], ...] = ()
    tallies: tuple[Tally, ...] = ()
    also: tuple[FactVersion, ...] = ()
    advances: tuple[str, ...] = ()


def load_author(office: Office, author: str) -> AuthorFile:
    """Return an author's record; `author` is a case's `opened.author_key`."""
    stream = author_stream(Hash16(bytes.fromhex(author)))
    rows = story_of(office, stream)
    return author_file((row.kind, _BODIES[row.kind].decode(row.body)) for row in rows if row.body is not None)


def consequences(
    office: Office, file: CaseFile, proposal: Proposal, decision: Decision, *, at: datetime, salt: bytes
) -> Consequences:
    """Return strike and sanction that a decision brings, as parts of the same act."""
    if not file.opened.author_key:
        return Consequences(places=banned_places(office, file, decision))
    if file.opened.rule == STRIKES:
        return _imposed(office, file, proposal, decision, at)
    fact = author_fact(file.opened.author_key)
    version = office.queries.fact(fact)
    strike = _strike(office, file, decision.action, at, manifest=proposal.manifest)
    if strike is None:
        return Consequences(places=banned_places(office, file, decision))
    before = load_author(office, file.opened.author_key)
    after = replace(before, strikes=(*before.strikes, strike))
    made = Consequences(
        records=(_record(file, "strike", strike, at, decision.subject),),
        places=banned_places(office, file, decision),
        tallies=(Tally("strike/given", 1),),
        also=(FactVersion(name=fact, version=version),),
        advances=(fact,),
    )
    row = sanction_for(office.tables(at).sanctions, after, at)
    if row is None:
        return made
    imposed = Imposed(
        id=row.id, case=file.stream.hex(), action=row.action, at=at, until=at + row.lasts if row.lasts else None
    )
    return _with_sanction(office, made, file, decision, imposed, at, salt, proposal)


def _imposed(office: Office, file: CaseFile, proposal: Proposal, decision: Decision, at: datetime) -> Consequences:
    """Return what a person's decision on a step of the table brings: the step runs; it is no strike of its own."""
    places = banned_places(office, file, decision)
    row = step_ahead(office, file, at) if proposal.action in RESTRICTIVE else None
    if row is None:
        return Consequences(places=places)
    fact = author_fact(file.opened.author_key)
    imposed = Imposed(id=row.id, case=file.stream.hex(), action=proposal.action, at=at, until=proposal.until)
    return Consequences(
        records=(_record(file, "sanction", imposed, at, decision.subject),),
        places=places,
        tallies=(Tally(f"sanction/{row.id}", 1),),
        also=(FactVersion(name=fact, version=office.queries.fact(fact)),),
        advances=(fact,),
    )


def step_ahead(office: Office, file: CaseFile, at: datetime) -> SanctionStep | None:
    """Return the step that the author's strikes lead to now; a case of strikes asks again before it is decided."""
    return sanction_for(office.tables(at).sanctions, load_author(office, file.opened.author_key), at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck:
    """What machines' decisions about one author bring; parts of a Commit.

    Attributes:
        proposes: The table's next step where a person decides on it; None: none, or a warning, which is given.
        run: 64 hex digits that name the step and the strikes that it rests on; "" without one.
        weight: What the author's strikes count for now.
    """

    records: tuple[Record, ...] = ()
    effects: tuple[Effect, ...] = ()
    tallies: tuple[Tally, ...] = ()
    also: tuple[FactVersion, ...] = ()
    advances: tuple[str, ...] = ()
    proposes: SanctionStep | None = None
    run: str = ""
    weight: int = 0


def strike_author(office: Office, files: Sequence[CaseFile], *, at: datetime) -> Struck:
    """Return the strikes that machines' decisions about one author bring, and what the table makes of them.

    A warning is given by the machine, as the table says; every other step is a proposal that a person decides on.
    """
    if not files[0].opened.author_key:
        return Struck()
    author, subject = files[0].opened.author_key, _person(files[0])
    fact = author_fact(author)
    version = office.queries.fact(fact)
    before = load_author(office, author)
    fresh = _fresh_strikes(office, files, before, at)
    if not fresh:
        return Struck()
    after = replace(before, strikes=(*before.strikes, *(strike for _, strike in fresh)))
    made = Struck(
        records=tuple(_record(file, "strike", strike, at, subject) for file, strike in fresh),
        tallies=(Tally("strike/given", len(fresh)),),
        also=(FactVersion(name=fact, version=version),),
        advances=(fact,),
        weight=after.weight(at),
    )
    row = sanction_for(office.tables(at).sanctions, after, at)
    if row is None:
        return made
    if not row.by_machine:
        return replace(made, proposes=row, run=run_of(after, row, at))
    file = fresh[-1][0]
    imposed = Imposed(id=row.id, case=file.stream.hex(), action=row.action, at=at, until=None)
    return replace(
        made,
        records=(*made.records, _record(file, "sanction", imposed, at, subject)),
        effects=(_sanction_told(office, file, imposed, version, at, subject),),
        tallies=(*made.tallies, Tally(f"sanction/{imposed.id}", 1)),
    )


def _fresh_strikes(
    office: Office, files: Sequence[CaseFile], before: AuthorFile, at: datetime
) -> list[tuple[CaseFile, Strike]]:
    """Return a strike a thing and content: a rule's next version may decide once more on what was decided before."""
    struck = {strike.case for strike in before.strikes}
    seen: set[str] = set()
    fresh = []
    for file in files:
        strike = _machine_strike(office, file, at)
        if strike is None or file.opened.content_key in seen or _struck_before(office, file, struck):
            continue
        seen.add(file.opened.content_key)
        fresh.append((file, strike))
    return fresh


def _struck_before(office: Office, file: CaseFile, struck: Collection[str]) -> bool:
    if not struck:
        return False
    item = bytes.fromhex(file.opened.item_key)
    rows = office.queries.places(BY_ITEM, after=item, until=item + b"\xff" * 29, limit=_CASES_LOOKED_AT)
    earlier = [row.stream for row in rows if row.stream.hex() in struck and row.stream != file.stream]
    return any(load_case(office, each).opened.content_key == file.opened.content_key for each in earlier)


def _machine_strike(office: Office, file: CaseFile, at: datetime) -> Strike | None:
    if not file.opened.author_key or file.decision is None:
        return None
    proposal = file.decision.proposal
    return _strike(office, file, proposal.action, at, manifest=proposal.manifest)


def _person(file: CaseFile) -> str:
    return file.snapshot.author or file.snapshot.channel if file.snapshot else ""


def _strike(office: Office, file: CaseFile, action: Action, at: datetime, *, manifest: bool) -> Strike | None:
    rows = office.tables(at).weights
    return strike_for(rows, file.stream.hex(), action, file.opened.harm, manifest=manifest, at=at)


def sanction_ahead(office: Office, file: CaseFile, proposal: Proposal, *, at: datetime) -> str:
    """Return the id of the sanction that a proposal would lead to, "" for none."""
    if not file.opened.author_key:
        return ""
    if file.opened.rule == STRIKES:
        return row.id if proposal.action in RESTRICTIVE and (row := step_ahead(office, file, at)) else ""
    strike = _strike(office, file, proposal.action, at, manifest=proposal.manifest)
    if strike is None:
        return ""
    before = load_author(office, file.opened.author_key)
    row = sanction_for(office.tables(at).sanctions, replace(before, strikes=(*before.strikes, strike)), at)
    return row.id if row else ""


def _with_sanction(
    office: Office,
    made: Consequences,
    file: CaseFile,
    decision: Decision,
    imposed: Imposed,
    at: datetime,
    salt: bytes,
    proposal: Proposal,
) -> Consequences:
    version = made.also[0].version
    records = (*made.records, _record(file, "sanction", imposed, at, decision.subject))
    tallies = (*made.tallies, Tally(f"sanction/{imposed.id}", 1))
    author = _person(file)
    against = sanction_decision(decision, author, imposed.action, salt) if imposed.action else None
    told = _sanction_told(office, file, imposed, version, at, decision.subject, against)
    if imposed.action is None or against is None:
        return replace(made, records=records, tallies=tallies, effects=(told,))
    body = {
        "action": imposed.action.value,
        "case": file.stream.hex(),
        "id": author,
        "kind": against.item.value,
        "rule": against.rule,
        "until": imposed.until.isoformat() if imposed.until else None,
    }
    platform = _effect(f"platform.{imposed.action.value}", file, imposed.id, version, body, at, decision.subject)
    statement = sanction_statement(office, file, against, proposal, f"{imposed.id}-{version}", imposed.until)
    return replace(
        made,
        records=records,
        tallies=tallies,
        effects=(platform, told, *statement),
        decisions=(against,),
        entries=(decision_entry(against),),
    )


def _sanction_told(
    office: Office,
    file: CaseFile,
    imposed: Imposed,
    version: int,
    at: datetime,
    subject: str | None,
    against: Decision | None = None,
) -> Effect:
    """Return what the author is told of a step; `against`: the decision that it is, None for a warning."""
    said: dict[str, Any] = {
        "case": file.stream.hex(),
        "language": file.opened.language or "EN",
        "letter": as_body(consequence_letter(office, file, against, imposed.until, at)),
        "step": imposed.id,
        "to": _person(file),
        "until": imposed.until.isoformat() if imposed.until else None,
        "what": "sanction" if imposed.action else "warning",
    }
    return _effect("tell.affected", file, imposed.id, version, said, at, subject)


def sanction_decision(decision: Decision, author: str, action: Action, salt: bytes) -> Decision:
    """Return the decision against an account that follows from one about an item."""
    return replace(decision, item=ItemKind.ACCOUNT, item_id=author, action=action, salt=salt, territory=())


def lifted(office: Office, file: CaseFile, restored: Decision, *, at: datetime, salt: bytes) -> Consequences:
    """Return what a reversal takes back: the strike, and sanctions that it no longer carries."""
    drops = tuple((BANNED, sort) for sort in _banned_keys(office, file))
    if not file.opened.author_key:
        return Consequences(drops=drops)
    fact = author_fact(file.opened.author_key)
    version = office.queries.fact(fact)
    before = load_author(office, file.opened.author_key)
    own = [one for one in before.sanctions if one.case == file.stream.hex() and file.opened.rule == STRIKES]
    if own:
        return Consequences(
            records=tuple(_record(file, "sanction.lifted", one, at, restored.subject) for one in own),
            drops=drops,
            tallies=tuple(Tally(f"sanction/{one.id}", -1) for one in own),
            also=(FactVersion(name=fact, version=version),),
            advances=(fact,),
        )
    if all(strike.case != file.stream.hex() for strike in before.strikes):
        return Consequences(drops=drops)
    strike = Lifted(case=file.stream.hex())
    after = replace(before, strikes=tuple(one for one in before.strikes if one.case != strike.case))
    records = [_record(file, "strike.lifted", strike, at, restored.subject)]
    decisions, effects, tallies = [], [], [Tally("strike/lifted", 1)]
    author = file.snapshot.author or file.snapshot.channel if file.snapshot else ""
    for one in lapsed(office.tables(at).sanctions, after, at):
        records.append(_record(file, "sanction.lifted", one, at, restored.subject))
        against = replace(sanction_decision(restored, author, Action.RESTORE, salt), reverses=None)
        decisions.append(against)
        body = {
            "action": Action.RESTORE.value,
            "case": file.stream.hex(),
            "id": author,
            "kind": against.item.value,
            "rule": against.rule,
            "undoes": one.action.value if one.action else "",
        }
        name = f"lift-{one.id}-{one.case}"
        effects.append(_effect("platform.restore", file, name, version, body, at, restored.subject))
        tallies.append(Tally(f"sanction/{one.id}", -1))
    return Consequences(
        decisions=tuple(decisions),
        entries=tuple(decision_entry(one) for one in decisions),
        effects=tuple(effects),
        records=tuple(records),
        drops=drops,
        tallies=tuple(tallies),
        also=(FactVersion(name=fact, version=version),),
        advances=(fact,),
    )


def banned_places(office: Office, file: CaseFile, decision: Decision) -> tuple[Place, ...]:
    """Return the places by which re-uploads and evasion of a ban are met."""
    if decision.action not in _BANS:
        return ()
    return tuple(Place(view=BANNED, sort=sort, stream=file.stream) for sort in _banned_keys(office, file))


def ban_changes(places: Sequence[Place], drops: Sequence[tuple[str, bytes]] = ()) -> tuple[Tally, ...]:
    """Return the count by which screening sees that bans have come or gone."""
    changed = any(place.view == BANNED for place in places) or any(view == BANNED for view, _ in drops)
    return (Tally("ban/changed", 1),) if changed else ()


def _banned_keys(office: Office, file: CaseFile) -> tuple[bytes, ...]:
    item = file.snapshot
    keys = [office.hashed("ban", "content", file.opened.content_sha256)] if file.opened.content_sha256 else []
    if item is not None:
        keys += [office.hashed("ban", "person", one) for one in (item.author, item.channel) if one]
    # With the case: two bans may rest on one person or one content, and one of them may be reversed.
    return tuple(key + file.stream for key in dict.fromkeys(keys))


def _record(file: CaseFile, kind: str, body: object, at: datetime, subject: str | None) -> Record:
    stream = author_stream(Hash16(bytes.fromhex(file.opened.author_key)))
    return Record(kind=kind, stream=stream, at=at, subject=subject, body=_ENCODE(body))


def _effect(
    kind: str, file: CaseFile, name: str, version: int, body: dict[str, Any], at: datetime, subject: str | None
) -> Effect:
    # The record's version: the same step can be taken, lifted and taken again within a day.
    parts = (file.stream, version.to_bytes(8, "big"), name.encode(), kind.encode())
    key = commit_key(at.date(), b"sanction", *parts)
    return Effect(kind=kind, key=key, body=_ENCODE(body), subject=subject)
