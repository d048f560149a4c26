"""An author's record: strikes that a decision brings or a reversal lifts, and the sanctions that follow."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from evenhand.desk.strikes import AuthorFile, Imposed, Lifted, Strike, author_file, lapsed, sanction_for, strike_for
from evenhand.flow.office import Office, story_of
from evenhand.release.rules import decision_entry
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.case import CaseFile, Proposal
from evenhand.vocabulary.commit import Effect, FactVersion, Place, Record, Tally, commit_key
from evenhand.vocabulary.decision import Action, Decision
from evenhand.vocabulary.places import BANNED, Hash16, author_stream
from evenhand.vocabulary.post import ItemKind

_ENCODE = encode
_BODIES: dict[str, msgspec.json.Decoder[Any]] = {
    "strike": msgspec.json.Decoder(Strike),
    "strike.lifted": msgspec.json.Decoder(Lifted),
    "sanction": msgspec.json.Decoder(Imposed),
    "sanction.lifted": msgspec.json.Decoder(Imposed),
}
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
        return Consequences(places=_banned(office, file, decision))
    fact = f"author/{file.opened.author_key}"
    version = office.queries.fact(fact)
    strike = strike_for(
        office.tables(at).weights,
        file.stream.hex(),
        decision.action,
        file.opened.harm,
        manifest=proposal.manifest,
        at=at,
    )
    if strike is None:
        return Consequences(places=_banned(office, file, decision))
    before = load_author(office, file.opened.author_key)
    after = replace(before, strikes=(*before.strikes, strike))
    made = Consequences(
        records=(_record(file, "strike", strike, at, decision.subject),),
        places=_banned(office, file, decision),
        tallies=(Tally("strike/given", 1),),
        also=(FactVersion(name=fact, version=version),),
        advances=(fact,),
    )
    row = sanction_for(office.tables(at).sanctions, after, at)
    if row is None:
        return made
    action = Action(row.sanction) if row.sanction else None
    imposed = Imposed(
        id=row.id, case=file.stream.hex(), action=action, at=at, until=at + row.lasts if row.lasts else None
    )
    return _with_sanction(made, file, decision, imposed, at, salt)


def _strike(office: Office, file: CaseFile, action: Action, at: datetime, *, manifest: bool) -> Strike | None:
    rows = office.tables(at).weights
    return strike_for(rows, file.stream.hex(), action, file.opened.harm, manifest=manifest, at=at)


def sanction_ahead(office: Office, file: CaseFile, proposal: Proposal, *, at: datetime) -> str:
    """Return the id of the sanction that a proposal would lead to, "" for none."""
    if not file.opened.author_key:
        return ""
    strike = strike_for(
        office.tables(at).weights,
        file.stream.hex(),
        proposal.action,
        file.opened.harm,
        manifest=proposal.manifest,
        at=at,
    )
    if strike is None:
        return ""
    before = load_author(office, file.opened.author_key)
    row = sanction_for(office.tables(at).sanctions, replace(before, strikes=(*before.strikes, strike)), at)
    return row.id if row else ""


def _with_sanction(
    made: Consequences, file: CaseFile, decision: Decision, imposed: Imposed, at: datetime, salt: bytes
) -> Consequences:
    records = (*made.records, _record(file, "sanction", imposed, at, decision.subject))
    tallies = (*made.tallies, Tally(f"sanction/{imposed.id}", 1))
    author = file.snapshot.author or file.snapshot.channel if file.snapshot else ""
    said = {
        "case": file.stream.hex(),
        "language": file.opened.language or "EN",
        "step": imposed.id,
        "to": author,
        "until": imposed.until.isoformat() if imposed.until else None,
        "what": "sanction" if imposed.action else "warning",
    }
    told = _effect("tell.affected", file, imposed.id, said, at, decision.subject)
    if imposed.action is None:
        return replace(made, records=records, tallies=tallies, effects=(told,))
    against = sanction_decision(decision, author, imposed.action, salt)
    body = {
        "action": imposed.action.value,
        "case": file.stream.hex(),
        "id": author,
        "kind": against.item.value,
        "rule": against.rule,
        "until": said["until"],
    }
    platform = _effect(f"platform.{imposed.action.value}", file, imposed.id, body, at, decision.subject)
    return replace(
        made,
        records=records,
        tallies=tallies,
        effects=(platform, told),
        decisions=(against,),
        entries=(decision_entry(against),),
    )


def sanction_decision(decision: Decision, author: str, action: Action, salt: bytes) -> Decision:
    """Return the decision against an account that follows from one about an item."""
    return replace(decision, item=ItemKind.ACCOUNT, item_id=author, action=action, salt=salt, territory=())


def lifted(office: Office, file: CaseFile, restored: Decision, *, at: datetime, salt: bytes) -> Consequences:
    """Return what a reversal takes back: the strike, and sanctions that it no longer carries."""
    drops = tuple((BANNED, sort) for sort in _banned_keys(office, file))
    if not file.opened.author_key:
        return Consequences(drops=drops)
    fact = f"author/{file.opened.author_key}"
    version = office.queries.fact(fact)
    before = load_author(office, file.opened.author_key)
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
        effects.append(_effect("platform.restore", file, f"lift-{one.id}", body, at, restored.subject))
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


def _banned(office: Office, file: CaseFile, decision: Decision) -> tuple[Place, ...]:
    """Return the places by which re-uploads and evasion of a ban are met."""
    if decision.action not in _BANS:
        return ()
    return tuple(Place(view=BANNED, sort=sort, stream=file.stream) for sort in _banned_keys(office, file))


def _banned_keys(office: Office, file: CaseFile) -> tuple[Hash16, ...]:
    item = file.snapshot
    keys = [office.hashed("ban", "content", file.opened.content_sha256)] if file.opened.content_sha256 else []
    if item is not None:
        keys += [office.hashed("ban", "person", one) for one in (item.author, item.channel) if one]
    return tuple(keys)


def _record(file: CaseFile, kind: str, body: object, at: datetime, subject: str | None) -> Record:
    stream = author_stream(Hash16(bytes.fromhex(file.opened.author_key)))
    return Record(kind=kind, stream=stream, at=at, subject=subject, body=_ENCODE(body))


def _effect(kind: str, file: CaseFile, name: str, body: dict[str, Any], at: datetime, subject: str | None) -> Effect:
    key = commit_key(at.date(), b"sanction", file.stream, name.encode(), kind.encode())
    return Effect(kind=kind, key=key, body=_ENCODE(body), subject=subject)
