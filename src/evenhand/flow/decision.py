"""What a person's decision is made of: its row, its public entry, what the platform must do, who is told."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from evenhand.desk.rules import NO_EFFECT
from evenhand.desk.story import Move
from evenhand.flow.authors import ban_changes, consequences
from evenhand.flow.decision_made import decision_of
from evenhand.flow.letters import database_effects, prepared_for
from evenhand.flow.office import Deed, Office
from evenhand.flow.restored import ended_by
from evenhand.flow.similar import similar_places
from evenhand.flow.telling import statement_move, tell_affected
from evenhand.release.rules import SALT_BYTES, decision_entry
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.case import CaseFile, Decided, Proposal, Words
from evenhand.vocabulary.commit import CommitKey, Effect, Place, Stream, Tally, commit_key
from evenhand.vocabulary.decision import Decision
from evenhand.vocabulary.notice import Snapshot
from evenhand.vocabulary.places import ANSWERING, CASE_OF_ACTION, WALLED, Hash16, by_instant, content_fact, microseconds

Chance = Callable[[int], bytes]
"""n → n random bytes, from the caller (os.urandom outside tests)."""

_ENCODE = encode


def decision_key(case: Stream, at: datetime) -> CommitKey:
    """Return what names a case's decision."""
    return commit_key(at.date(), b"decision", case)


def reversal_key(appeal: Stream, at: datetime) -> CommitKey:
    """Return what names the decision on an appeal."""
    return commit_key(at.date(), b"appeal-decision", appeal)


def effect_key(decision: CommitKey, at: datetime) -> CommitKey:
    """Return what names the action that a decision asks of the platform."""
    return commit_key(at.date(), b"effect", decision)


def decide(office: Office, file: CaseFile, *, at: datetime, chance: Chance) -> Deed:
    """Return the deed that makes a proposal a decision: row, public entry, effects, statement, who is answered."""
    assert file.proposed is not None  # noqa: S101 - the caller has looked
    proposal = file.proposed.proposal
    words = file.words or Words(facts="")
    proposal = replace(proposal, explanation=words.explanation)
    item = file.snapshot or Snapshot(kind=file.opened.kind)
    decision = decision_of(file, proposal, words, item, at, chance(SALT_BYTES))
    key = decision_key(file.stream, at)
    decided = Decided(by=file.proposed.by, second=file.seconded_by, proposal=file.proposed.proposal, informed_at=at)
    prepared = prepared_for(office, file, decision, proposal)
    more = consequences(office, file, proposal, decision, at=at, salt=chance(SALT_BYTES))
    statement = tell_affected(office, file, decision, proposal, prepared, at=at, key=key)
    effects = platform_effects(file, decision, proposal, key, at)
    ended = ended_by(office, file, proposal.action)
    return Deed(
        moves=(Move("decision", decided), *((statement_move(statement),) if statement else ())),
        decisions=(decision, *more.decisions),
        entries=(decision_entry(decision), *more.entries),
        records=more.records,
        effects=(
            *effects,
            *((statement.effect,) if statement else ()),
            *database_effects(prepared, decision),
            *more.effects,
        ),
        places=(
            Place(view=ANSWERING, sort=by_instant(at, file.stream), stream=file.stream),
            *action_places(file.stream, effects),
            *similar_places(office, file, at),
            *walled_places(office, file, decision, *more.decisions),
            *more.places,
        ),
        drops=ended.drops,
        tallies=(*decision_tallies(file, proposal), *more.tallies, *ban_changes(more.places), *ended.tallies),
        also=more.also,
        advances=(content_fact(file.opened.content_key), *more.advances),
    )


def walled_places(office: Office, file: CaseFile, *made: Decision) -> tuple[Place, ...]:
    """Return the places that keep the decisions of a walled case behind the wall, whatever they are about."""
    if not file.walled:
        return ()
    return tuple(
        Place(view=WALLED, sort=walled_hash(office, one.decided_at, one.item_id), stream=file.stream) for one in made
    )


def walled_hash(office: Office, decided_at: datetime, item_id: str) -> Hash16:
    """Return the keyed hash under which a decision is known as one from behind the wall."""
    return office.hashed("walled", str(microseconds(decided_at)), item_id)


def platform_effects(
    file: CaseFile, decision: Decision, proposal: Proposal, key: CommitKey, at: datetime
) -> tuple[Effect, ...]:
    """Return what the platform must do, named so that the same decision asks once."""
    if proposal.action in NO_EFFECT:
        return ()
    item = file.snapshot or Snapshot(kind=file.opened.kind)
    body = {
        "action": decision.action.value,
        "case": file.stream.hex(),
        "channel": item.channel,
        "id": item.item_id,
        "kind": decision.item.value,
        "rule": decision.rule,
        "territory": list(proposal.territory),
        "until": proposal.until.isoformat() if proposal.until else None,
        "url": item.url,
    }
    return (
        Effect(
            kind=f"platform.{decision.action.value}",
            key=effect_key(key, at),
            body=_ENCODE(body),
            subject=decision.subject,
        ),
    )


def action_places(case: Stream, effects: Sequence[Effect]) -> tuple[Place, ...]:
    """Return the places by which the platform's report about an action finds its case."""
    return tuple(
        Place(view=CASE_OF_ACTION, sort=effect.key, stream=case)
        for effect in effects
        if effect.kind.startswith("platform.")
    )


def content_effect(decision: Decision, key: CommitKey, at: datetime, *, channel: str, url: str) -> Effect:
    """Return what the platform must do about a decision that no case is behind."""
    body = {
        "action": decision.action.value,
        "channel": channel,
        "id": decision.item_id,
        "kind": decision.item.value,
        "rule": decision.rule,
        "url": url,
    }
    kind = f"platform.{decision.action.value}"
    return Effect(kind=kind, key=effect_key(key, at), body=_ENCODE(body), subject=decision.subject)


def decision_tallies(file: CaseFile, proposal: Proposal) -> tuple[Tally, ...]:
    """Return what a decision counts for beside the case itself: by rule, by moderator."""
    by = file.proposed.by if file.proposed else ""
    rule = file.opened.rule or file.opened.origin.value
    return (Tally(f"decided/rule/{rule}/{proposal.action.value}", 1), Tally(f"decided/by/{by}", 1))
