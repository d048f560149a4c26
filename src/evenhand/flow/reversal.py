"""An appeal is decided: the first decision stays, or a new one takes its place and undoes what it did."""

from dataclasses import replace
from datetime import datetime

from msgspec.structs import replace as with_fields

from evenhand.desk.story import Move
from evenhand.flow.appeals import appeal_sort, decision_number
from evenhand.flow.authors import Consequences, ban_changes, consequences, lifted
from evenhand.flow.decision import (
    Chance,
    action_places,
    decision_tallies,
    platform_effects,
    reversal_key,
    walled_places,
)
from evenhand.flow.decision_made import decision_of
from evenhand.flow.letters import database_effects, prepared_for
from evenhand.flow.office import TRIES, Deed, Office, act, is_test, load_case
from evenhand.flow.restored import kept_by_reversal
from evenhand.flow.telling import answering_place, statement_move, tell_affected
from evenhand.flow.undoing import telling_places
from evenhand.release.rules import SALT_BYTES, decision_entry
from evenhand.vocabulary.case import Act, AppealOutcome, CaseFile, CaseState, Decided, Proposal, Words
from evenhand.vocabulary.commit import Commit, Done, Place, Stale, Stream, Tally
from evenhand.vocabulary.decision import RESTRICTIVE, Decision
from evenhand.vocabulary.errors import Conflict
from evenhand.vocabulary.notice import Snapshot
from evenhand.vocabulary.places import APPEAL_OF, REVERSED, case_fact, content_fact


def close_appeal(office: Office, case: Stream, *, at: datetime, chance: Chance) -> bool:
    """Decide an appeal whose proposal's window has closed; tell whether it was done now.

    The appeal's own case and the case that it is about move in one act: nobody ever sees one without the other.
    """
    for _ in range(TRIES):
        version = office.queries.fact(case_fact(case))
        appeal = load_case(office, case)
        if appeal.state is not CaseState.PROPOSED or appeal.proposed is None or appeal.proposed.closes_at > at:
            raise Conflict("nothing is to be closed")
        first = Stream(bytes.fromhex(appeal.opened.about))
        first_version = office.queries.fact(case_fact(first))
        commit = _commit(office, appeal, version, load_case(office, first), first_version, at, chance)
        [outcome] = office.docket.commit([commit])
        if not isinstance(outcome, Stale):
            return isinstance(outcome, Done)
    raise Conflict("the case keeps changing; the next tick tries again")


def _commit(
    office: Office,
    appeal: CaseFile,
    version: int,
    first: CaseFile,
    first_version: int,
    at: datetime,
    chance: Chance,
) -> Commit:
    assert appeal.proposed is not None  # noqa: S101 - the caller has looked
    proposal = appeal.proposed.proposal
    outcome = proposal.outcome or AppealOutcome.UPHELD
    key = reversal_key(appeal.stream, at)
    made = None if outcome is AppealOutcome.UPHELD else _decision(office, appeal, first, at, chance(SALT_BYTES))
    number = made.reverses if made else None
    decided = Decided(
        by=appeal.proposed.by, second=appeal.seconded_by, proposal=proposal, informed_at=at, reverses=number
    )
    prepared = prepared_for(office, first, made, proposal) if made and made.action in RESTRICTIVE else None
    told = tell_affected(office, first, made, proposal, prepared, at=at, key=key) if made else None
    on_appeal = Deed(
        moves=(Move("decision", decided), *((statement_move(told),) if told else ())),
        places=(
            *(() if made else (answering_place(appeal.stream, at),)),
            Place(view=APPEAL_OF, sort=_sort(appeal, first), stream=appeal.stream, label=b"decided"),
        ),
        tallies=(*decision_tallies(appeal, proposal), *_outcome_tallies(first, outcome)),
    )
    on_first = Deed(moves=(Move("appeal.decided", Act(by=appeal.proposed.by, text=outcome.value)),))
    if made is not None:
        effects = platform_effects(appeal, made, proposal, key, at)
        more = _on_author(office, first, made, proposal, at, chance(SALT_BYTES))
        known = kept_by_reversal(office, appeal, first, made)
        on_appeal = replace(
            on_appeal,
            decisions=(made, *more.decisions),
            entries=(decision_entry(made, _entry_of(office, made)), *more.entries),
            effects=(*effects, *((told.effect,) if told else ()), *database_effects(prepared, made), *more.effects),
            records=more.records,
            drops=(*more.drops, *known.drops),
            places=(
                *on_appeal.places,
                *telling_places(appeal.stream, first.stream, effects, at),
                *action_places(appeal.stream, effects),
                *walled_places(office, first if first.walled else appeal, made, *more.decisions),
                *more.places,
                *known.places,
            ),
            tallies=(*on_appeal.tallies, *more.tallies, *ban_changes(more.places, more.drops), *known.tallies),
            also=more.also,
            advances=more.advances,
        )
        on_first = replace(
            on_first,
            moves=(*on_first.moves, Move("reversal", decided)),
            places=(Place(view=REVERSED, sort=(number or 0).to_bytes(8, "big"), stream=appeal.stream),),
            advances=(content_fact(first.opened.content_key),),
        )
    _, one = act(office, appeal, on_appeal, at, version, key)
    _, two = act(office, first, on_first, at, first_version, key)
    return joined(one, two)


def _sort(appeal: CaseFile, first: CaseFile) -> bytes:
    return appeal_sort(first.stream, appeal.opened.appellant or "affected")


def joined(one: Commit, two: Commit) -> Commit:
    """Return two acts as one, under the first one's key."""
    return with_fields(
        one,
        records=one.records + two.records,
        drops=one.drops + two.drops,
        places=one.places + two.places,
        tallies=one.tallies + two.tallies,
        effects=one.effects + two.effects,
        relies_on=one.relies_on + two.relies_on,
        advances=one.advances + two.advances,
    )


def _decision(office: Office, appeal: CaseFile, first: CaseFile, at: datetime, salt: bytes) -> Decision:
    assert appeal.proposed is not None  # noqa: S101 - the caller has looked
    proposal, words = appeal.proposed.proposal, appeal.words or Words(facts="")
    item = first.snapshot or Snapshot(kind=first.opened.kind)
    made = decision_of(first, proposal, words, item, at, salt)
    return made if is_test(office, first) else replace(made, reverses=decision_number(office, first))


def _on_author(
    office: Office, first: CaseFile, made: Decision, proposal: Proposal, at: datetime, salt: bytes
) -> Consequences:
    """Return what the new decision means for the author: what the old one brought is lifted, what it brings comes."""
    if made.action in RESTRICTIVE and (first.decision is None or first.decision.proposal.action not in RESTRICTIVE):
        return consequences(office, first, proposal, made, at=at, salt=salt)
    return lifted(office, first, made, at=at, salt=salt)


def _entry_of(office: Office, made: Decision) -> int | None:
    row = office.queries.decision(made.reverses) if made.reverses is not None else None
    return row.entry if row else None


def _outcome_tallies(first: CaseFile, outcome: AppealOutcome) -> tuple[Tally, ...]:
    """Return what an appeal's outcome counts for: in all, by rule, by the first decider."""
    rule = first.opened.rule or first.opened.origin.value
    return (
        Tally(f"appeal/outcome/{outcome.value}", 1),
        Tally(f"appeal/rule/{rule}/{outcome.value}", 1),
        Tally(f"appeal/by/{first.decider}/{outcome.value}", 1),
    )
