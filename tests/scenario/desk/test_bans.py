"""A ban in screening: the banned thing again is removed, what may be evasion goes to a person, the rest passes."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from evenhand.flow.appeals import receive_appeal
from evenhand.flow.ban_watch import BanWatch
from evenhand.flow.bans import EVASION
from evenhand.flow.cases import next_case
from evenhand.flow.content import content_sha256
from evenhand.flow.deciding import close_proposals, propose_decision
from evenhand.flow.items import item_event
from evenhand.flow.judge import BatchOutcome, settle_batch
from evenhand.flow.notices import receive_notice
from evenhand.flow.office import Office, load_case
from evenhand.flow.telling_machine import tell_machine_decisions
from evenhand.screening.banned import BannedBeside
from evenhand.screening.counts import Window
from evenhand.views import desk
from evenhand.vocabulary.appeal import Appeal
from evenhand.vocabulary.case import AppealOutcome, CaseFile
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.notice import ItemChange, ItemEvent
from evenhand.vocabulary.post import POST_SCHEMA, ItemKind
from scenario.desk.machine_scene import posted, screener
from scenario.desk.scene import ANNA, BORIS, REMOVE, chance, effects, later, notice, post

NAME = "Cheap pills for everybody, day and night, sent home"
DIGEST = "ab" * 32
CHANNEL = posted(
    "banned",
    NAME,
    kind="channel",
    author_id="owner",
    channel_id="banned",
    media=[{"sha256": DIGEST, "md5": None, "pdq": None, "type": None}],
)


def ban(office: Office) -> CaseFile:
    """Ban the channel, by a person."""
    digest = content_sha256(CHANNEL).hex()
    item = post("banned", text=NAME, kind=ItemKind.CHANNEL, author="owner", channel="banned", media_sha256=(DIGEST,))
    receive_notice(office, notice("n-ban", replace(item, content_sha256=digest)))
    file = next_case(office, ANNA, at=later(minutes=1))
    assert file is not None
    propose_decision(office, ANNA, file.stream, replace(REMOVE, action=Action.BAN), at=later(minutes=1))
    close_proposals(office, at=later(minutes=2), chance=chance)
    return load_case(office, file.stream)


def lift(office: Office, first: CaseFile) -> None:
    """Reverse the ban, by another person, after an appeal."""
    link = office.references.format("affected", first.number)
    receive_appeal(office, Appeal(key="a", received_at=later(hours=3), reference=link, text="No.", raw=b"No."))
    file = next_case(office, BORIS, at=later(hours=4))
    assert file is not None
    restore = replace(REMOVE, action=Action.RESTORE, outcome=AppealOutcome.REVERSED)
    propose_decision(office, BORIS, file.stream, restore, at=later(hours=4))
    close_proposals(office, at=later(hours=5), chance=chance)


def settled(office: Office, watch: BanWatch, folder: Path, *posts: dict[str, Any]) -> tuple[list[str], BatchOutcome]:
    """Screen posts, with the bans, and return verdicts and what became of them."""
    judge = screener(folder / "rules")
    batch = pa.RecordBatch.from_pylist(list(posts), schema=POST_SCHEMA)
    verdicts, outcome = settle_batch(judge, batch, judge.screen(batch, Window()), office, None, watch)
    said = zip(verdicts.column("verdict").to_pylist(), verdicts.column("rule").to_pylist(), strict=True)
    return [f"{verdict} {rule}" if rule else verdict for verdict, rule in said], outcome


def again(name: str, text: str | None = "nothing of the kind", **more: Any) -> dict[str, Any]:
    """Return an item of somebody else, after the ban."""
    return posted(name, text, **{"author_id": "other", "channel_id": "elsewhere", "posted_at": later(hours=1), **more})


@pytest.mark.parametrize(
    ("item", "verdict"),
    [
        (again("banned", "new name", kind="channel"), "remove ban-reupload"),
        (again("p1", channel_id="banned"), "remove ban-reupload"),
        (again("c2", NAME, kind="channel", media=CHANNEL["media"]), "remove ban-reupload"),
        (again("c3", NAME, kind="channel"), "review ban-evasion"),
        (again("c4", NAME.replace("p", "р").upper(), kind="channel"), "review ban-evasion"),  # a Cyrillic р
        (again("p2", NAME + " 24/7!!"), "review ban-evasion"),
        (again("p3", media=CHANNEL["media"]), "review ban-evasion"),
        (again("c5", "Garden club", kind="channel", author_id="owner"), "review ban-evasion"),
        (again("p4", author_id="owner"), "allow"),
        (again("c6", "Garden club", kind="channel"), "allow"),
        (again("p5", None), "allow"),
        (again("p6", channel_id="banned", posted_at=later()), "allow"),
    ],
)
def test_what_a_ban_covers(office: Office, tmp_path: Path, item: dict[str, Any], verdict: str) -> None:
    """A machine removes what it is sure of; a person sees the rest; innocents and what was before the ban pass."""
    watch = BanWatch(office)
    assert settled(office, watch, tmp_path, item)[0] == ["allow"]
    ban(office)
    said, outcome = settled(office, watch, tmp_path, again("innocent"), item)
    assert said == ["allow", verdict]
    assert (outcome.decided, outcome.opened) == (verdict.startswith("remove"), verdict.startswith("review"))


def test_whoever_meets_a_ban_is_told_and_its_reversal_ends_it(office: Office, tmp_path: Path) -> None:
    """The letter names the ban's own ground; once the ban is reversed, nothing meets it."""
    watch, first = BanWatch(office), ban(office)
    settled(office, watch, tmp_path, again("p1", channel_id="banned"))
    tell_machine_decisions(office, at=later(hours=2))
    told = [body for body in effects(office, "tell.affected") if body["what"] == "decision" and body["item"] == "p1"]
    assert [body["policy"] for body in told] == [REMOVE.policy.reference]
    lift(office, first)
    assert not desk.open_cases(office.queries)
    assert settled(office, watch, tmp_path, again("p9", channel_id="banned"))[0] == ["allow"]


def test_one_ban_of_two_is_reversed_and_the_other_holds(office: Office, tmp_path: Path) -> None:
    """Two channels of one person were banned: the reversal of the second ends only that one, at both doors."""
    watch, _first = BanWatch(office), ban(office)
    second = post("second", text="Garden gnomes", kind=ItemKind.CHANNEL, author="owner", channel="second")
    receive_notice(office, notice("n-second", second, email="b@example.org", received_at=later(minutes=5)))
    for actor, proposal, minutes in (
        (ANNA, replace(REMOVE, action=Action.BAN), 6),
        (BORIS, replace(REMOVE, action=Action.RESTORE, outcome=AppealOutcome.REVERSED), 20),
    ):
        file = next_case(office, actor, at=later(minutes=minutes))
        assert file is not None
        propose_decision(office, actor, file.stream, proposal, at=later(minutes=minutes))
        close_proposals(office, at=later(minutes=minutes + 1), chance=chance)
        if actor is ANNA:
            link = office.references.format("affected", file.number)
            sent = Appeal(key="a", received_at=later(minutes=15), reference=link, text="No.", raw=b"No.")
            receive_appeal(office, sent)
    said, _ = settled(office, watch, tmp_path, again("c7", "Bees", kind="channel", author_id="owner"))
    assert said == ["review ban-evasion"]
    third = post("third", text="Bees", kind=ItemKind.CHANNEL, author="owner", channel="third")
    item_event(office, ItemEvent(key="e", at=later(hours=2), change=ItemChange.EDITED, item=third), chance=chance)
    files = [load_case(office, line.case) for line in desk.open_cases(office.queries)]
    evading = {file.snapshot.item_id for file in files if file.snapshot and file.opened.rule == EVASION}
    assert evading == {"c7", "third"}


def test_a_batch_under_way_ends_with_the_bans_that_it_began_with(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Doors have many threads: while one looks a batch up, another may find that the ban was lifted."""
    watch, judge, first = BanWatch(office), screener(tmp_path / "rules"), ban(office)
    batch = pa.RecordBatch.from_pylist([again("p1", channel_id="banned")], schema=POST_SCHEMA)
    verdicts = judge.screen(batch, Window()).verdicts
    meet, after = BannedBeside.meet, []

    def met_slowly(banned: BannedBeside, posts: pl.DataFrame) -> pl.DataFrame:
        met = meet(banned, posts)
        if not after:
            after.append("once")
            lift(office, first)
            with ThreadPoolExecutor(1) as other:
                after.extend(other.submit(watch.cover, batch, verdicts, "e").result().verdicts["verdict"].to_pylist())
        return met

    monkeypatch.setattr(BannedBeside, "meet", met_slowly)
    assert watch.cover(batch, verdicts, "e").verdicts["verdict"].to_pylist() == ["remove"]
    assert after == ["once", "allow"]
