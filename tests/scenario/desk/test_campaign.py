"""10,000 coordinated reports on 100 innocent channels: nothing falls by count, and one person settles it in one go."""

import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from time import process_time

import pytest

from evenhand.flow.bulk import begin_bulk, propose_bulk
from evenhand.flow.cases import open_case
from evenhand.flow.deciding import close_proposals
from evenhand.flow.dossier import campaign_cases, campaigns_shown
from evenhand.flow.notices import receive_notice
from evenhand.flow.office import Office, load_case
from evenhand.flow.statement_made import read_wordings
from evenhand.flow.ticks import tick
from evenhand.store.committer import Committer
from evenhand.store.sqlite import SqliteStore
from evenhand.store.vault import Vault
from evenhand.views import desk
from evenhand.vocabulary.case import CaseState
from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.errors import Conflict
from evenhand.vocabulary.notice import Notice, NoticeState
from evenhand.vocabulary.places import notices_stream
from evenhand.vocabulary.post import ItemKind
from evenhand.vocabulary.reference import References
from scenario.desk.scene import CHIARA, FINE, NOON, chance, effects, later, notice, post

CHANNELS, REPORTS, SENDERS = 100, 10_000, 1_000
CPU_S_MAX = 60
TEXT = (
    "This channel spreads hatred against our people and must be removed at once because it calls for violence {} "
    "and every decent person who reads it is disgusted by what it says about us day after day"
)
OPENINGS = ("please", "urgent", "I demand this", "as a citizen", "for the third time")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A desk on SQLite behind the committer, as it is served."""
    data = tmp_path_factory.mktemp("campaign")
    with SqliteStore(Path(data) / "docket.sqlite3", Vault(bytes(32))) as store, Committer(store) as committer:
        yield Office(
            docket=committer,
            queries=store,
            references=References(bytes(16)),
            index_key=bytes(32),
            wordings=read_wordings(data),
        )


def report(number: int) -> Notice:
    """Return one of the reports: each sender reports ten channels in nearly the same words."""
    channel = number % CHANNELS
    sender = number // 10 % SENDERS
    item = post(
        f"channel-{channel}",
        kind=ItemKind.CHANNEL,
        text=f"Knitting patterns, part {channel}.",
        author=f"author-{channel}",
        channel=f"channel-{channel}",
    )
    return notice(
        f"n-{number}",
        item,
        reasons=TEXT.format(OPENINGS[number % len(OPENINGS)]),
        email=f"sender-{sender}@example.org",
        name=f"Sender {sender}",
    )


def test_a_campaign_of_ten_thousand(office: Office) -> None:
    """Nothing is taken down by count; one campaign, 100 cases, one bulk decision with a sample; all are answered."""
    began = process_time()
    with ThreadPoolExecutor(64) as pool:
        received = list(pool.map(lambda number: receive_notice(office, report(number)), range(REPORTS)))
    states = Counter(one.state for one in received)
    assert states == {NoticeState.OPENED: CHANNELS, NoticeState.JOINED: REPORTS - CHANNELS}
    tick(office, at=later(minutes=1), chance=chance)
    assert effects(office, "platform.") == []
    assert office.queries.decisions_on(NOON.date(), before=None, limit=1) == []
    assert desk.figures(office.queries)["case/open"] == CHANNELS

    shown = campaigns_shown(office, CHIARA, limit=9)
    assert [count for _id, count, _cases in shown] == [REPORTS]
    cases = campaign_cases(office, CHIARA, bytes.fromhex(shown[0][0]))
    assert len(cases) == CHANNELS

    bulk = begin_bulk(office, CHIARA, [one.line.case for one in cases], at=later(minutes=2), chance=os.urandom)
    unfounded = replace(FINE, unfounded=True)
    with pytest.raises(Conflict, match="sample first"):
        propose_bulk(office, CHIARA, bulk.id, unfounded, at=later(minutes=3))
    for case in bulk.sample:
        open_case(office, CHIARA, Stream(bytes.fromhex(case)), "the sample", at=later(minutes=3))
    outcome = propose_bulk(office, CHIARA, bulk.id, unfounded, at=later(minutes=4))
    assert (outcome.proposed, outcome.left) == (CHANNELS, {})
    assert close_proposals(office, at=later(minutes=5), chance=chance) == CHANNELS

    for case in cases:
        file = load_case(office, case.line.case)
        assert file.state is CaseState.DECIDED
        assert file.decision is not None
        assert file.decision.proposal.action is Action.NONE
    answered = sum(_answers(office, case.line.case) for case in cases)
    assert answered == REPORTS
    sent = _all_effects(office)
    assert not any(row.kind.startswith("platform.") for row in sent)
    warnings = [row for row in sent if row.kind == "tell.notifier" and b'"what":"warning"' in (row.body or b"")]
    assert len(warnings) == SENDERS  # Art. 23: because the decider said that they are manifestly unfounded
    late = replace(report(3), key="late", received_at=later(minutes=9))
    again = receive_notice(office, late)
    assert (again.state, again.warning) == (NoticeState.SILENCED, "warned")
    assert process_time() - began < CPU_S_MAX


def _all_effects(office: Office) -> list:  # type: ignore[type-arg] # rows of effects
    found, after = [], 0
    while rows := office.queries.effects(after=after, limit=1000):
        found += rows
        after = rows[-1].number
    return found


def _answers(office: Office, case: Stream) -> int:
    rows = office.queries.records(notices_stream(case), limit=1000)
    return sum(row.kind == "notice.answered" for row in rows)
