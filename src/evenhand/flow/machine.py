"""A machine's decision at the desk: a case that is decided as it opens, so that it can be told, answered and appealed.

The number by which it is told about is given by the docket. So what is known is kept with the decision, in one act,
together with a place that asks for the letter; it goes out in an act of its own right after (`flow.telling_machine`).
"""

from datetime import UTC

from evenhand.desk.routing import WIDE_REACH, Routed, route
from evenhand.desk.story import Move, record_of
from evenhand.flow.office import Office
from evenhand.vocabulary.case import MACHINE, Decided, Opened, Origin, Proposal, Seen
from evenhand.vocabulary.commit import Place, Record, Stream
from evenhand.vocabulary.decision import Decision
from evenhand.vocabulary.eu import Category, Keyword
from evenhand.vocabulary.notice import Snapshot
from evenhand.vocabulary.places import TELLING, by_instant

_Way = tuple[int, Category, Keyword | None, bool, bool]

Ways = dict[_Way, Routed]
"""Where cases go, remembered through one batch: a rule's cases nearly all go the same way."""


def machine_case(
    office: Office, case: Stream, item: Snapshot, decision: Decision, *, spam: bool, ways: Ways | None = None
) -> tuple[tuple[Record, ...], tuple[Place, ...]]:
    """Return what a machine's decision adds to its own act: its case's records, and the place that asks for the letter.

    Args:
        office: The desk.
        case: The case's stream: the act's own key, so that the same decision opens the same case.
        item: What the machine saw; sealed for whom it concerns.
        decision: What it decided. Its `facts` are the rule's sentence, which names nobody.
        spam: Deceptive commercial content in high volume: no letter (Art. 17(2)).
        ways: What the batch's cases before it found.
    """
    at = decision.decided_at.astimezone(UTC)
    proposal = Proposal(action=decision.action, policy=decision.policy, facts=decision.facts, spam=spam)
    decided = Decided(by=MACHINE, second="", proposal=proposal, informed_at=at, automation=decision.automation)
    moves = (
        Move("case.opened", _opened(office, item, decision, {} if ways is None else ways)),
        Move("snapshot", Seen(item=item, because=decision.because), decision.subject),
        Move("decision", decided),
    )
    records = tuple(record_of(case, at, move) for move in moves)
    return records, (Place(view=TELLING, sort=by_instant(at, case), stream=case),)


def _opened(office: Office, item: Snapshot, decision: Decision, ways: Ways) -> Opened:
    policy, digest = decision.policy, decision.content_sha256.hex()
    tables = office.tables(decision.decided_at)
    names = (item.author, item.channel, item.item_id)
    listed = not (office.listed.isdisjoint(names) and tables.listed.isdisjoint(names))
    way = (id(tables), policy.category, policy.keyword, item.reach is not None and item.reach >= WIDE_REACH, listed)
    routed = ways.get(way)
    if routed is None:
        routed = ways[way] = route(
            tables.queues,
            policy.category,
            policy.keyword,
            origin=Origin.SCREENING,
            reach=item.reach,
            urgent=False,
            listed=listed,
        )
    key = office.hashed("item", item.kind.value, item.item_id)
    author = item.author or item.channel
    return Opened(
        origin=Origin.SCREENING,
        kind=item.kind,
        item_key=key.hex(),
        author_key=office.hashed("author", author).hex() if author else "",
        content_key=office.hashed("content", key.hex(), digest).hex(),
        content_sha256=digest,
        category=policy.category,
        keyword=policy.keyword,
        language=item.language,
        region=item.region,
        reach=item.reach,
        queue=routed.queue,
        harm=routed.harm,
        four_eyes=routed.four_eyes,
        walled=routed.walled,
        due_at=decision.decided_at,
        source=decision.source,
        rule=decision.rule,
        edition=decision.edition,
    )
