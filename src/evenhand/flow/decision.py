"""What a person's decision is made of: its row, its public entry, what the platform must do, who is told."""

from collections.abc import Callable
from datetime import datetime

from evenhand.desk.rules import NO_EFFECT
from evenhand.desk.story import Move
from evenhand.flow.authors import consequences
from evenhand.flow.cases import sealed_for
from evenhand.flow.office import Deed, Office
from evenhand.flow.telling import statement_move, tell_affected
from evenhand.release.rules import SALT_BYTES, decision_entry
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.case import CaseFile, Decided, Origin, Proposal, Words
from evenhand.vocabulary.commit import CommitKey, Effect, Place, Stream, Tally, commit_key
from evenhand.vocabulary.decision import Decision
from evenhand.vocabulary.eu import Automation
from evenhand.vocabulary.notice import Snapshot
from evenhand.vocabulary.places import ANSWERING, by_instant, content_fact

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
    item = file.snapshot or Snapshot(kind=file.opened.kind)
    decision = decision_of(file, proposal, words, item, at, chance(SALT_BYTES))
    key = decision_key(file.stream, at)
    decided = Decided(by=file.proposed.by, second=file.seconded_by, proposal=proposal, informed_at=at)
    more = consequences(office, file, proposal, decision, at=at, salt=chance(SALT_BYTES))
    statement = tell_affected(office, file, decision, proposal, at=at, key=key)
    return Deed(
        moves=(Move("decision", decided), *((statement_move(statement),) if statement else ())),
        decisions=(decision, *more.decisions),
        entries=(decision_entry(decision), *more.entries),
        records=more.records,
        effects=(
            *platform_effects(file, decision, proposal, key, at),
            *((statement.effect,) if statement else ()),
            *more.effects,
        ),
        places=(Place(view=ANSWERING, sort=by_instant(at, file.stream), stream=file.stream), *more.places),
        tallies=(*decision_tallies(file, proposal), *more.tallies),
        also=more.also,
        advances=(content_fact(file.opened.content_key), *more.advances),
    )


def decision_of(
    file: CaseFile, proposal: Proposal, words: Words, item: Snapshot, at: datetime, salt: bytes
) -> Decision:
    """Return a person's decision about a case's item."""
    return Decision(
        item=file.opened.kind,
        item_id=item.item_id or item.url,
        subject=sealed_for(file),
        content_sha256=bytes.fromhex(file.opened.content_sha256 or "0" * 64),
        decided_at=at,
        action=proposal.action,
        policy=proposal.policy,
        source=file.opened.source,
        automated_detection=file.opened.origin is Origin.SCREENING,
        automation=Automation.NOT_AUTOMATED,
        language=file.opened.language,
        territory=proposal.territory,
        rule="person",
        edition=file.opened.edition or "0" * 16,
        because=words.because,
        facts=words.facts,
        salt=salt,
    )


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


def decision_tallies(file: CaseFile, proposal: Proposal) -> tuple[Tally, ...]:
    """Return what a decision counts for beside the case itself: by rule, by moderator."""
    by = file.proposed.by if file.proposed else ""
    rule = file.opened.rule or file.opened.origin.value
    return (Tally(f"decided/rule/{rule}/{proposal.action.value}", 1), Tally(f"decided/by/{by}", 1))
