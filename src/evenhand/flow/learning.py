"""Moderators' decisions out of the docket, with the texts that it holds sealed, for a classifier to learn from.

That somebody reads them, and what for, is a record of the docket before the first text is opened (`flow/reading.py`).
"""

from collections.abc import Iterator
from datetime import datetime

from evenhand.desk.story import tell
from evenhand.flow.office import PAGE, step_of
from evenhand.flow.train import Labelled
from evenhand.views.records import RecordQueries
from evenhand.vocabulary.case import CaseFile, Origin
from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.eu import Category
from evenhand.vocabulary.places import DECIDED, instant_key, keyed_hash
from evenhand.vocabulary.post import ItemKind

_FINE = (Action.NONE, Action.RESTORE)


def decided_messages(queries: RecordQueries, since: datetime, index_key: bytes) -> Iterator[Labelled]:
    """Yield what moderators decided since then as labelled messages, in the order of the decisions.

    Spam is what was acted on as such, or as scam and fraud; ham is what was found fine. What was acted on for another
    reason is neither, and left out; so are erased texts, appeals, and what stands behind the child-safety wall.

    Args:
        queries: The docket's read side.
        since: Aware UTC.
        index_key: Under which authors are told apart without being named.
    """
    after = instant_key(since)
    while lines := queries.places(DECIDED, after=after, limit=PAGE):
        for line in lines:
            labelled = _labelled(_case(queries, line.stream), index_key)
            if labelled is not None:
                yield labelled
        after = lines[-1].sort


def _case(queries: RecordQueries, stream: Stream) -> CaseFile:
    rows = page = queries.records(stream, limit=PAGE)
    while len(page) == PAGE:
        page = queries.records(stream, after=page[-1].number, limit=PAGE)
        rows = rows + page
    return tell(stream, map(step_of, rows))


def _labelled(file: CaseFile, index_key: bytes) -> Labelled | None:
    item = file.snapshot
    if file.decision is None or item is None or not item.text.strip() or item.kind is not ItemKind.POST:
        return None
    if file.walled or file.opened.origin is Origin.APPEAL:
        return None
    proposal = file.decision.proposal
    spam = proposal.spam or proposal.policy.category is Category.SCAMS_AND_FRAUD
    fine = proposal.action in _FINE
    if not fine and not spam:
        return None
    author = item.author or item.channel
    return Labelled(
        source="docket",
        spam=not fine,
        text=item.text,
        by=file.decision.by,
        subject=keyed_hash(index_key, "author", author).hex() if author else "",
    )
