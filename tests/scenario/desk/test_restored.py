"""What was restored on appeal is not taken down again by a machine: a person looks, and reads why it was restored."""

from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evenhand.flow import judge as journey
from evenhand.flow.appeals import receive_appeal
from evenhand.flow.ban_watch import Covered
from evenhand.flow.cases import next_case
from evenhand.flow.content import content_hashes
from evenhand.flow.deciding import close_proposals, propose_decision
from evenhand.flow.office import Office, load_case
from evenhand.flow.restored import spare
from evenhand.flow.statement_made import read_wordings
from evenhand.flow.telling_machine import tell_machine_decisions
from evenhand.screening.counts import Window
from evenhand.screening.released import ReleasedScreener
from evenhand.store.memory import MemoryStore
from evenhand.views import desk
from evenhand.vocabulary.appeal import Appeal
from evenhand.vocabulary.case import AppealOutcome, CaseFile, Proposal
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.post import POST_SCHEMA
from evenhand.vocabulary.reference import References
from scenario.desk.machine_scene import judged, posted, screener
from scenario.desk.scene import ANNA, BORIS, POLICY, chance, effects, later

WHY = "It warned of the fraud."
RESTORE = Proposal(action=Action.RESTORE, policy=POLICY, facts=WHY, outcome=AppealOutcome.REVERSED)


def restored(office: Office, judge: ReleasedScreener, name: str = "p1", text: str = "win at https://a.example") -> None:
    """Have a machine remove a post, and a person restore it on appeal."""
    judged(office, judge, posted(name, text))
    tell_machine_decisions(office, at=later(minutes=1))
    link = next(body["redress"] for body in effects(office, "tell.affected") if body["item"] == name)
    receive_appeal(
        office, Appeal(key=name, received_at=later(hours=1), reference=link, text="That is wrong.", raw=b"wrong")
    )
    decided(office, RESTORE, hours=2)


def decided(office: Office, proposal: Proposal, *, hours: float, by: object = ANNA) -> CaseFile:
    """Take what is most pressing and decide it."""
    file = next_case(office, by, at=later(hours=hours))  # type: ignore[arg-type] # an actor
    assert file is not None
    propose_decision(office, by, file.stream, proposal, at=later(hours=hours))  # type: ignore[arg-type] # as above
    close_proposals(office, at=later(hours=hours, minutes=5), chance=chance)
    return load_case(office, file.stream)


def removals(office: Office) -> list[str]:
    """Return the posts that the platform was told to remove."""
    return [body["id"] for body in effects(office, "platform.remove")]


def waiting(office: Office) -> list[CaseFile]:
    """Return the open cases."""
    return [load_case(office, line.case) for line in desk.open_cases(office.queries)]


def test_a_new_version_and_a_new_upload_go_to_a_person(office: Office, tmp_path: Path) -> None:
    """Once a version, under whatever id; the case says that it was restored, when and why; a person's word ends it."""
    first, second = screener(tmp_path / "one"), screener(tmp_path / "two", says="It is spam, surely.")
    restored(office, first)
    assert removals(office) == ["p1"]
    # The very same decision says nothing new.
    again = judged(office, first, posted("p1"))
    assert (again.verdicts, again.decided, again.opened) == ({"allow": 1}, 0, 0)
    # A new version, and the same bytes under another id, are a person's.
    outcome = judged(office, second, posted("p1"), posted("p2"), posted("p3"))
    assert (outcome.verdicts, outcome.decided, outcome.opened) == ({"review": 3}, 0, 1)
    assert removals(office) == ["p1"]
    [file] = waiting(office)
    assert "The classifier gives it" in file.because, "the rule's own sentence comes first"
    assert "Restored on appeal on 2026-11-2" in file.because
    assert WHY in file.because
    assert judged(office, second, posted("p4")).opened == 0, "one case a version, not one an upload"
    # Somebody else's, and other content of the same person, are other matters.
    assert judged(office, second, posted("p5", author_id="author-2")).decided == 1
    assert judged(office, second, posted("p1", "win at https://a.example now")).decided == 1
    assert removals(office) == ["p1", "p5", "p1"]
    # A person takes it down: from now on a machine may.
    closed = decided(
        office, Proposal(action=Action.REMOVE, policy=POLICY, facts="It is the fraud itself."), hours=3, by=BORIS
    )
    assert closed.decision is not None
    assert not office.queries.tallies("restored/")
    assert judged(office, second, posted("p6")).decided == 1


def test_fine_once_more_is_not_asked_twice(office: Office, tmp_path: Path) -> None:
    """Found fine again under the new version, it is fine until the next one: nobody is asked the same in a circle."""
    restored(office, screener(tmp_path / "one"))
    second = screener(tmp_path / "two", says="It is spam, surely.")
    assert judged(office, second, posted("p2")).opened == 1
    decided(office, Proposal(action=Action.NONE, policy=POLICY, facts="Still a warning."), hours=3, by=BORIS)
    assert judged(office, second, posted("p3"), posted("p2")).opened == 0
    third = screener(tmp_path / "three", says="It is spam, we are sure.")
    assert judged(office, third, posted("p3")).opened == 1
    assert removals(office) == ["p1"]


def test_a_hunt_in_what_was_kept_asks_a_person_too(office: Office, tmp_path: Path) -> None:
    """Nothing but the hash of the content is left of the text; what has no hash at all is none of it."""
    restored(office, screener(tmp_path / "one"))
    second = screener(tmp_path / "two", says="It is spam, surely.")
    posts = [posted("p7"), posted("p8", author_id="author-2"), posted("p9")]
    batch = pa.RecordBatch.from_pylist(posts, schema=POST_SCHEMA)
    verdicts = second.screen(batch, Window()).verdicts
    frame = pl.DataFrame(pl.from_arrow(batch))
    hashes = [digest.hex() for digest in content_hashes(frame)]
    kept = frame.with_columns(
        text=pl.lit(None, pl.String),
        content_sha256=pl.Series([*hashes[:2], None], dtype=pl.String),
        decided_at=pl.lit(later(days=1)),
    )
    outcome = journey.judge_found(kept, verdicts, second, office)
    assert (outcome.verdicts, outcome.opened) == ({"review": 1, "remove": 2}, 1)
    assert removals(office) == ["p1", "p8", "p9"]


@pytest.fixture(scope="module")
def judges(tmp_path_factory: pytest.TempPathFactory) -> tuple[ReleasedScreener, ReleasedScreener]:
    """Two versions of one rule."""
    folder = tmp_path_factory.mktemp("rules")
    return screener(folder / "one"), screener(folder / "two", says="It is spam, surely.")


_POST = st.tuples(
    st.sampled_from(["p1", "p2", "p3"]),
    st.sampled_from(["win at https://a.example", "look at https://b.example", "hello"]),
    st.sampled_from(["author-1", "author-2"]),
)


def _screened(office: Office, judge: ReleasedScreener, rows: list[tuple[str, str, str]]) -> set[tuple[str, str]]:
    """Screen posts under other ids; return what was removed since, as (author, text)."""
    before = len(removals(office))
    posts = [posted(f"{n}-{name}", text, author_id=author) for n, (name, text, author) in enumerate(rows)]
    if posts:
        batch = pa.RecordBatch.from_pylist(posts, schema=POST_SCHEMA)
        journey.judge_batch(batch, judge.screen(batch, Window()).verdicts, judge, office)
    texts = {str(post["id"]): (str(post["author_id"]), str(post["text"])) for post in posts}
    return {texts[name] for name in removals(office)[before:]}


def _scene(folder: Path) -> Office:
    store = MemoryStore()
    return Office(
        docket=store,
        queries=store,
        references=References(bytes(16)),
        index_key=bytes(range(32)),
        wordings=read_wordings(folder),
    )


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(_POST, max_size=6), again=st.lists(_POST, max_size=6))
def test_no_machine_takes_down_what_was_restored(
    judges: tuple[ReleasedScreener, ReleasedScreener],
    tmp_path: Path,
    rows: list[tuple[str, str, str]],
    again: list[tuple[str, str, str]],
) -> None:
    """Whatever comes in whatever order and version: restored content of its author stays, all else goes as ever."""
    office = _scene(tmp_path)
    restored(office, judges[0])
    kept = ("author-1", "win at https://a.example")
    for judge, posts in ((judges[0], rows), (judges[1], again)):
        linked = {(author, text) for _, text, author in posts if "https" in text}
        assert _screened(office, judge, posts) == linked - {kept}


def test_the_control_is_caught(
    judges: tuple[ReleasedScreener, ReleasedScreener], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the look at what was restored, a machine does take it down again."""
    office = _scene(tmp_path)
    restored(office, judges[0])
    assert not _screened(office, judges[1], [("p2", "win at https://a.example", "author-1")])
    monkeypatch.setattr(journey, "_spared", lambda _office, _posts, covered, _book: Covered(covered.verdicts, {}))
    assert _screened(office, judges[1], [("p3", "win at https://a.example", "author-1")])
    assert spare is journey.spare
