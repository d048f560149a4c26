"""New entries against what was kept: decisions by the list's policy, once, within a limit, whatever crashes between."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from tests.unit.screening.test_rulefiles import RULE, write
from tests.unit.screening.test_signals import POST, model

from evenhand.flow.addresses import Addresses
from evenhand.flow.ban_watch import BanWatch
from evenhand.flow.hunt_book import HuntBook, entry_keys
from evenhand.flow.hunting import SAMPLES, STAYS_OPEN, Hunting, hunt_by_hand
from evenhand.flow.judge import settle_batch
from evenhand.flow.kept_texts import KeptTexts
from evenhand.flow.office import Office
from evenhand.screening.archive import SignalArchive
from evenhand.screening.counts import Window
from evenhand.screening.lists import load_lists
from evenhand.screening.pseudonyms import Pseudonyms
from evenhand.screening.released import ReleasedScreener
from evenhand.screening.rulefiles import load_rules
from evenhand.screening.signals import signal_table
from evenhand.store.memory import MemoryStore
from evenhand.vocabulary.commit import Commit, Outcome
from evenhand.vocabulary.errors import Fatal, InputError
from evenhand.vocabulary.post import POST_SCHEMA
from evenhand.vocabulary.reference import References

POSTED = datetime(2026, 11, 23, 18, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
BAD = "ab" * 32
OTHER = "The committee meets every second Thursday in the small hall behind the library."
LISTED = "Send your savings to our agent today and receive three times as much back within one week, guaranteed."
COPY = "Send your savings to our agent today!!! and recieve 3 times as much back within ONE week 💰 guaranteed, friends"
NEAR = f"{0b101:064x}"


class Scene:
    """A data directory with lists and one rule a list, an archive and a docket."""

    def __init__(
        self, directory: Path, kind: str = "hashes", verdict: str = "remove", texts_hunted: str = "no"
    ) -> None:
        self.lists, self.rules = directory / "lists", directory / "rules"
        self.lists.mkdir()
        self.rules.mkdir()
        self.kind = kind
        rule = RULE.replace("\nspam_score >= 0.9\nAND link_count > 0\n", "partner > 0")
        write(self.rules, rule.replace('verdict = "remove"', f'verdict = "{verdict}"'), "spam-sure")
        self.put()
        self.docket = MemoryStore()
        self.office = Office(
            docket=self.docket, queries=self.docket, references=References(bytes(16)), index_key=bytes(32)
        )
        self.addresses = Addresses(bytes(32))
        self.signals = directory / "signals"
        self.keep(texts_hunted)
        self.book = HuntBook(directory / "hunts")
        self.window = Window()
        self.watch = BanWatch(self.office)

    def keep(self, texts_hunted: str) -> None:
        """Open the archive under a setting."""
        self.archive = SignalArchive(
            self.signals,
            Pseudonyms(b"k" * 32),
            30,
            POSTED.date,
            self.addresses,
            copies=texts_hunted == "copies",
            texts=KeptTexts(bytes(32)) if texts_hunted == "all" else None,
        )

    def put(self, *entries: str) -> None:
        """Write the list."""
        filler = {"hashes": "00" * 32, "pdq": "f" * 64, "domains": "nothing.example", "texts": OTHER}.get(
            self.kind, "nothing"
        )
        text = "\n".join([f"# kind: {self.kind}", filler, *entries])
        (self.lists / "partner.txt").write_text(text, "utf-8")

    @property
    def screener(self) -> ReleasedScreener:
        """What the files say now."""
        lists = load_lists(self.lists)
        return ReleasedScreener(lists, model(), load_rules([self.rules], signal_table(lists)))

    def screen(self, rows: Iterable[dict[str, Any]]) -> pa.RecordBatch:
        """Screen posts of yesterday, and write their signals."""
        made = [{**POST, "id": f"p{n}", "author_id": f"a{n}", "posted_at": POSTED, **row} for n, row in enumerate(rows)]
        batch = pa.RecordBatch.from_pylist(made, schema=POST_SCHEMA)
        screener = self.screener
        settle_batch(screener, batch, screener.screen(batch, self.window), self.office, self.archive, self.watch)
        self.archive.flush()
        return batch

    def hunting(self, limit: int = 1000, office: Office | None = None) -> Hunting:
        """Return the hunts of the directory, as a process that has just started sees them."""
        return Hunting(lambda: self.screener, office or self.office, self.archive, self.addresses, self.book, limit)

    def decided(self) -> list[tuple[str, str, datetime]]:
        """Return what was decided."""
        days = self.docket.days()
        rows = [row for day in days for row in self.docket.decisions_on(day, before=None, limit=10_000)]
        return sorted((row.item_id, row.action, row.decided_at) for row in rows)

    def pages(self) -> list[bytes]:
        """Return the calls to people."""
        return [effect.body for effect in self.docket._effects.values() if effect.kind == "page.runaway"]


def media(**hashes: str) -> list[dict[str, str]]:
    """Return one picture."""
    return [hashes]


@pytest.mark.parametrize(
    ("kind", "entry", "carrying", "other"),
    [
        ("hashes", BAD.upper(), {"media": media(sha256=BAD)}, {"media": media(sha256="cd" * 32)}),
        ("hashes", "ef" * 16, {"media": media(md5="ef" * 16)}, {"media": media(md5="cd" * 16)}),
        ("pdq", NEAR, {"media": media(pdq="0" * 64)}, {"media": media(pdq="0" * 32 + "f" * 32)}),
        (
            "pdq",
            NEAR,
            {"media": [{"pdq": "55" * 32, "turned": ["aa" * 32, "0" * 64]}]},
            {"media": media(pdq="55" * 32)},
        ),
        ("domains", "evil.example.com", {"text": "hxxp://www.evil[.]example.com"}, {"text": "see example.com"}),
    ],
)
def test_a_new_entry_is_matched_against_what_was_kept(
    tmp_path: Path, kind: str, entry: str, carrying: dict[str, Any], other: dict[str, Any]
) -> None:
    """Only the post that carries it is removed; the decision is of tonight, about yesterday's very content."""
    scene = Scene(tmp_path, kind)
    hunting = scene.hunting()
    assert hunting.round(NOW) == []
    scene.screen([carrying, other, {"text": "good morning"}])
    assert scene.decided() == []
    assert hunting.round(NOW) == []
    scene.put(entry)
    (hunt,) = hunting.round(NOW)
    assert (hunt.found, hunt.decided, hunt.opened, hunt.held, hunt.unnamed) == (1, 1, 0, 0, 0)
    assert scene.decided() == [("p0", "remove", NOW)]
    row = scene.docket.decisions_on(NOW.date(), before=None, limit=1)[0]
    assert "new entry of the list partner" in row.because
    effects = [effect.kind for effect in scene.docket._effects.values()]
    assert effects == ["platform.remove"]


def test_the_post_that_is_sent_again_is_decided_once(tmp_path: Path) -> None:
    """A hunt and a second screening of the same content with the list in force are one decision."""
    scene = Scene(tmp_path)
    scene.hunting().round(NOW)
    scene.screen([{"media": media(sha256=BAD), "text": "look"}])
    scene.put(BAD)
    scene.hunting().round(NOW)
    scene.screen([{"media": media(sha256=BAD), "text": "look"}])
    assert [row[:2] for row in scene.decided()] == [("p0", "remove")]


def test_hunting_twice_decides_nothing_twice(tmp_path: Path) -> None:
    """Rounds, restarts and hunts by hand after the first find the same and do nothing more."""
    scene = Scene(tmp_path)
    scene.hunting().round(NOW)
    scene.screen([{"media": media(sha256=BAD)}])
    scene.put(BAD)
    scene.hunting().round(NOW)
    entries, before = scene.docket.entry_count(), scene.decided()
    scene.hunting().round(NOW + timedelta(seconds=1))
    done = hunt_by_hand(scene.hunting(), "partner", BAD.encode(), 30, 1000, NOW + timedelta(hours=2))
    assert (done.hunt.found, done.hunt.decided, done.hunt.stood) == (1, 0, 1)
    assert (scene.docket.entry_count(), scene.decided()) == (entries, before)


def test_a_crash_between_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    """Killed before, within and after the commit, the next process ends with the same decisions."""

    class Crashing:
        def __init__(self, docket: MemoryStore, *, after: bool) -> None:
            self.docket, self.after = docket, after

        def commit(self, commits: list[Commit]) -> list[Outcome]:
            """Die before or after the write."""
            if self.after:
                self.docket.commit(commits)
            raise Fatal("killed")

    scene = Scene(tmp_path)
    scene.hunting().round(NOW)
    for n in range(3):
        scene.screen([{"id": f"q{n}", "media": media(sha256=BAD)}])
    scene.put(BAD)
    for after in (False, True):
        office = Office(
            docket=Crashing(scene.docket, after=after),  # type: ignore[arg-type]
            queries=scene.docket,
            references=References(bytes(16)),
            index_key=bytes(32),
        )
        with pytest.raises(Fatal, match="killed"):
            scene.hunting(office=office).round(NOW)
    scene.hunting().round(NOW + timedelta(seconds=5))
    assert [row[0] for row in scene.decided()] == ["q0", "q1", "q2"]
    assert len(scene.docket._effects) == 3


def test_a_runaway_entry_is_stopped_and_a_person_called(tmp_path: Path) -> None:
    """An entry that names everything acts on as many posts as the limit says; some go to people, one is called."""
    scene = Scene(tmp_path, "domains")
    scene.hunting().round(NOW)
    for n in range(4):
        scene.screen([{"id": f"p{n}-{m}", "text": f"https://a{m}.example.com/{n}-{m}"} for m in range(50)])
    scene.put("example.com")
    (hunt,) = scene.hunting(limit=30).round(NOW)
    assert (hunt.found, hunt.decided, hunt.held) == (200, 30, 170)
    assert len(scene.decided()) == 30
    assert len(scene.pages()) == 1
    assert b"list partner" in scene.pages()[0]
    opened = [row for _, row in scene.docket._kept.values() if row.kind == "case.opened"]
    assert len(opened) == SAMPLES + 30  # a machine's decision is a case too, decided as it opens
    scene.hunting(limit=30).round(NOW + timedelta(seconds=2))
    assert (len(scene.decided()), len(scene.pages())) == (30, 1)
    done = hunt_by_hand(scene.hunting(), "partner", b"example.com", 30, 500, NOW + timedelta(minutes=2))
    assert done.hunt.held == 0
    assert len(scene.decided()) == 200


def test_what_was_said_then_stands_unless_the_list_says_more(tmp_path: Path) -> None:
    """A post with a graver verdict then is left alone; rules that do not read the list have no say."""
    scene = Scene(tmp_path, verdict="label")
    other = RULE.replace("\nspam_score >= 0.9\nAND link_count > 0\n", "word_count = 2").replace(
        'name = "spam-sure"', 'name = "two-words"'
    )
    write(scene.rules, other, "two-words")
    scene.hunting().round(NOW)
    scene.screen({"text": text, "media": media(sha256=BAD)} for text in ("two words", "now three words"))
    before = scene.decided()
    assert [row[:2] for row in before] == [("p0", "remove")]
    scene.put(BAD)
    (hunt,) = scene.hunting().round(NOW)
    assert (hunt.found, hunt.decided, hunt.stood) == (2, 1, 1)
    assert [row[:2] for row in scene.decided()] == [("p0", "remove"), ("p1", "label")]


def test_a_review_becomes_a_case_once(tmp_path: Path) -> None:
    """Where the policy is a person's look, a case is opened, and not again."""
    scene = Scene(tmp_path, verdict="review")
    scene.hunting().round(NOW)
    scene.screen([{"media": media(sha256=BAD)}])
    scene.put(BAD)
    (hunt,) = scene.hunting().round(NOW)
    assert (hunt.decided, hunt.opened) == (0, 1)
    scene.put(BAD, "00" * 16)
    assert all(hunt.opened <= 1 for hunt in scene.hunting().round(NOW + timedelta(days=1)))
    assert scene.decided() == []


def test_rows_that_another_process_wrote_later_are_found(tmp_path: Path) -> None:
    """A hunt stays open for files that come after it began; then it is closed and nothing is left."""
    scene = Scene(tmp_path)
    scene.hunting().round(NOW)
    old = scene.screener
    old.lists.prepare()
    scene.put(BAD)
    scene.hunting().round(NOW)
    made = [{**POST, "id": "late", "media": media(sha256=BAD), "posted_at": POSTED}]
    batch = pa.RecordBatch.from_pylist(made, schema=POST_SCHEMA)
    settle_batch(old, batch, old.screen(batch, Window()), scene.office, scene.archive, scene.watch)
    scene.archive.flush()
    (hunt,) = scene.hunting().round(NOW + timedelta(seconds=60))
    assert hunt.decided == 1
    scene.hunting().round(NOW + STAYS_OPEN)
    assert scene.book.under_way() == []


def test_one_process_hunts_at_a_time(tmp_path: Path) -> None:
    """While one holds the lock, another does nothing and waits for the next round."""
    scene = Scene(tmp_path)
    scene.hunting().round(NOW)
    scene.screen([{"media": media(sha256=BAD)}])
    scene.put(BAD)
    with HuntBook(tmp_path / "hunts").held() as mine:
        assert mine
        assert scene.hunting().round(NOW) == []
    assert len(scene.hunting().round(NOW)) == 1


def test_addresses_are_sealed_and_only_where_needed(tmp_path: Path) -> None:
    """No id and no text is readable in the archive; a post without media and domain has no address at all."""
    scene = Scene(tmp_path)
    scene.screen([{"text": "secret words", "media": media(sha256=BAD), "author_id": "alice"}, {"text": "plain"}])
    rows = pl.concat([pl.read_parquet(path) for path in scene.archive.files(POSTED.date())])
    sealed = rows["evenhand.address"].to_list()
    assert sealed[1] is None
    assert b"alice" not in sealed[0]
    opened = scene.addresses.open(sealed[0])
    assert opened is not None
    assert (opened["author_id"], "text" in opened) == ("alice", False)
    assert Addresses(b"x" * 32).open(sealed[0]) is None
    assert scene.archive.erase(authors=["alice"]) == 1
    assert all(b"alice" not in path.read_bytes() for path in scene.archive.files(POSTED.date()))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("nobody", BAD, "no list in force is called 'nobody'"),
        ("partner", "abc", "must be 32"),
        ("partner", "# kind: domains\nexample.com", "is a list of hashes"),
        ("partner", "# nothing", "holds no entries"),
    ],
)
def test_bad_hunts_by_hand(tmp_path: Path, name: str, text: str, said: str) -> None:
    """What cannot be hunted is refused with a reason."""
    with pytest.raises(InputError, match=said):
        hunt_by_hand(Scene(tmp_path).hunting(), name, text.encode(), 30, 10, NOW)


def test_entry_keys_differ(tmp_path: Path) -> None:
    """Hashes that differ in one bit, or are of another kind, have other keys."""
    (each,) = load_lists(Scene(tmp_path).lists).lists
    entries = [f"{1 << n:064x}" for n in range(256)] + [f"{1 << n:032x}" for n in range(128)] + ["0" * 64, "0" * 32]
    assert len(set(entry_keys(each, pl.Series(entries)).tolist())) == len(entries)


@pytest.mark.parametrize(
    ("kind", "entry", "text"),
    [
        ("phrases", "free mo\u200bney", "get FREE  mоney here"),
        ("patterns", r"fr[e3]{2}\s+cash", "get Fr3e cash here"),
        ("texts", LISTED, COPY),
    ],
)
def test_kept_texts_answer_for_every_list(tmp_path: Path, kind: str, entry: str, text: str) -> None:
    """Exactly as screening would have said it; and the text is nowhere to be read in the archive."""
    scene = Scene(tmp_path, kind, texts_hunted="all")
    scene.hunting().round(NOW)
    scene.screen([{"text": text}, {"text": "good morning to all of you"}, {"text": None}, {"text": ""}])
    assert all(b"here" not in path.read_bytes() for path in scene.archive.files(POSTED.date()))
    scene.put(entry)
    (hunt,) = scene.hunting().round(NOW)
    assert (hunt.found, hunt.decided, hunt.opened) == (1, 1, 0)
    assert [row[:2] for row in scene.decided()] == [("p0", "remove")]


def test_a_fingerprint_alone_goes_to_a_person(tmp_path: Path) -> None:
    """A near copy is found without any text; nothing is removed upon it, and short texts leave nothing behind."""
    scene = Scene(tmp_path, "texts", texts_hunted="copies")
    scene.hunting().round(NOW)
    scene.screen([{"text": COPY}, {"text": OTHER[::-1]}, {"text": "good morning"}, {"text": None}])
    rows = pl.concat([pl.read_parquet(path) for path in scene.archive.files(POSTED.date())])
    assert "evenhand.text" not in rows.columns
    assert rows["evenhand.address"].is_not_null().to_list() == [True, True, False, False]
    scene.put(LISTED)
    (hunt,) = scene.hunting().round(NOW)
    assert (hunt.found, hunt.decided, hunt.opened) == (1, 0, 1)
    assert scene.decided() == []
    assert scene.hunting().round(NOW + timedelta(seconds=1))[0].opened == 1


def test_lists_of_a_kind_that_was_not_hunted_before_are_known(tmp_path: Path) -> None:
    """Who switches the setting on is not answered with a hunt for everything that was listed long ago."""
    scene = Scene(tmp_path, "phrases")
    scene.put("free money")
    scene.hunting().round(NOW)
    scene.keep("all")
    scene.screen([{"text": "free cash"}])
    assert scene.hunting().round(NOW) == []
    scene.put("free money", "free cash")
    (hunt,) = scene.hunting().round(NOW)
    assert (hunt.entries, hunt.decided) == (1, 1)


def test_texts_under_a_lost_key_are_not_found(tmp_path: Path) -> None:
    """And nothing breaks."""
    scene = Scene(tmp_path, "phrases", texts_hunted="all")
    scene.hunting().round(NOW)
    scene.screen([{"text": "free cash"}])
    scene.archive.texts = KeptTexts(b"other" * 6 + b"..")
    scene.put("free cash")
    (hunt,) = scene.hunting().round(NOW)
    assert hunt.found == 0


def test_an_entry_that_went_and_came_again_is_hunted_again(tmp_path: Path) -> None:
    """What was screened while it was gone is found; entries that stayed are not hunted a second time."""
    scene = Scene(tmp_path)
    hunting = scene.hunting()
    hunting.round(NOW)
    scene.put(BAD)
    assert [hunt.entries for hunt in hunting.round(NOW)] == [1]
    scene.put()
    hunting.round(NOW + STAYS_OPEN)
    scene.screen([{"media": media(sha256=BAD)}])
    scene.put("ef" * 32)
    assert [hunt.entries for hunt in hunting.round(NOW + STAYS_OPEN)] == [1]
    scene.put("ef" * 32, BAD)
    assert [hunt.decided for hunt in hunting.round(NOW + 2 * STAYS_OPEN) if hunt.entries == 1 and hunt.found] == [1]
