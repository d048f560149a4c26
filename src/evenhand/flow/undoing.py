"""A reversal is carried out before it is told: the platform says first that it has undone what was decided.

Until then the case shows as in review to those concerned, and nobody is written to by mail. A platform that says
nothing is chased like for any action; after a day the outcome is told all the same: they have a right to it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from evenhand.flow.office import Office, load_case
from evenhand.flow.telling import answering_place
from evenhand.vocabulary.case import CaseFile
from evenhand.vocabulary.commit import Commit, Effect, FactVersion, Place, Stream, commit_key
from evenhand.vocabulary.places import UNDOING, UNDOING_OF, by_instant, case_fact, instant_key

TOLD_ANYWAY_AFTER = timedelta(hours=24)
_AT_ONCE = 100


def telling_places(appeal: Stream, first: Stream, effects: Sequence[Effect], at: datetime) -> tuple[Place, ...]:
    """Return the places by which the outcome of an appeal is told: at once where the platform has nothing to undo."""
    if not effects:
        return (answering_place(appeal, at), answering_place(first, at))
    return (
        Place(view=UNDOING, sort=by_instant(at + TOLD_ANYWAY_AFTER, appeal), stream=appeal),
        Place(view=UNDOING_OF, sort=first, stream=appeal),
    )


def undone(office: Office, appeal: CaseFile, at: datetime) -> tuple[tuple[tuple[str, bytes], ...], tuple[Place, ...]]:
    """Return the drops and the places by which an appeal is told that waited for the platform; none: it does not."""
    if not appeal.opened.about or appeal.decided_at is None:
        return (), ()
    first = Stream(bytes.fromhex(appeal.opened.about))
    waits = (UNDOING, by_instant(appeal.decided_at + TOLD_ANYWAY_AFTER, appeal.stream))
    if waits not in office.queries.at([waits]):
        return (), ()
    return (waits, (UNDOING_OF, first)), (answering_place(appeal.stream, at), answering_place(first, at))


def is_undoing(office: Office, case: Stream) -> bool:
    """Tell whether a case's reversal is still to be carried out."""
    return (UNDOING_OF, bytes(case)) in office.queries.at([(UNDOING_OF, case)])


def tell_anyway(office: Office, *, at: datetime) -> int:
    """Have those outcomes told of which the platform said nothing for a day; called by a clock. Return how many."""
    told = 0
    for line in office.queries.places(UNDOING, until=instant_key(at), limit=_AT_ONCE):
        fact = case_fact(line.stream)
        version = office.queries.fact(fact)
        drops, places = undone(office, load_case(office, line.stream), at)
        commit = Commit(
            key=commit_key(at.date(), b"told-anyway", line.stream),
            drops=drops,
            places=places,
            relies_on=(FactVersion(name=fact, version=version),),
            advances=(fact,),
        )
        office.docket.commit([commit])
        told += bool(places)
    return told
