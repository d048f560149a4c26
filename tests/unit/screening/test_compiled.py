"""Compiled lists on disk: made once, made again when something changed, never trusted when they were touched."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.unit.screening.test_plain import KNOWN, LISTS, TURNED
from tests.unit.screening.test_signals import POST, table

from evenhand.screening.compiled import Compiled
from evenhand.screening.exact import ExactTable
from evenhand.screening.lists import Lists, load_lists
from evenhand.vocabulary.errors import InputError


def kept(directory: Path, key: bytes = b"k" * 32) -> tuple[list[int], list[int]]:
    """Return arrays that are kept, and how often they were made to get them."""
    made: list[int] = []

    def make() -> dict[str, np.ndarray]:
        made.append(1)
        return {"numbers": np.arange(5000), "none": np.zeros(0)}

    return Compiled(directory, key).arrays("thing", b"from", make)["numbers"].tolist(), made


def test_made_once(tmp_path: Path) -> None:
    """The second time the arrays come from the disk; without a directory they are made every time."""
    assert kept(tmp_path / "c") == (list(range(5000)), [1])
    assert kept(tmp_path / "c") == (list(range(5000)), [])
    assert Compiled().arrays("thing", b"from", lambda: {"a": np.ones(1)})["a"].tolist() == [1]


def test_where_nothing_can_be_written_it_is_made_every_time(tmp_path: Path) -> None:
    """A read-only disk costs time, nothing else: also where not even the directory can be made."""
    (tmp_path / "c").write_text("a file stands where the directory belongs")
    assert kept(tmp_path / "c") == (list(range(5000)), [1])
    assert kept(tmp_path / "c") == (list(range(5000)), [1])


@pytest.mark.parametrize("touched", ["flip", "cut", "remove", "add", "seal", "key"])
def test_what_was_touched_is_made_again(tmp_path: Path, touched: str) -> None:
    """A flipped bit, a cut, missing or added file, another seal, another key: thrown away, made again, kept."""
    kept(tmp_path)
    (place,) = tmp_path.glob("thing-*")
    path, key = place / "numbers.npy", b"k" * 32
    match touched:
        case "flip":
            data = bytearray(path.read_bytes())
            data[-7] ^= 1
            path.write_bytes(data)
        case "cut":
            path.write_bytes(path.read_bytes()[:-8])
        case "remove":
            path.unlink()
        case "add":
            np.save(place / "more.npy", np.ones(1))
        case "seal":
            (place / "seal").write_bytes(b"0" * 32)
        case "key":
            key = b"other" * 4
    assert kept(tmp_path, key) == (list(range(5000)), [1])
    assert kept(tmp_path, key) == (list(range(5000)), [])


def test_pickles_are_never_read(tmp_path: Path) -> None:
    """Even with a true seal an array of objects is refused."""
    kept(tmp_path)
    (place,) = tmp_path.glob("thing-*")
    np.save(place / "numbers.npy", np.array([object()]), allow_pickle=True)
    compiled = Compiled(tmp_path, b"k" * 32)
    (place / "seal").write_bytes(compiled._sealed(place, b"from"))
    assert kept(tmp_path) == (list(range(5000)), [1])


def test_lists_say_the_same_compiled(tmp_path: Path) -> None:
    """Lists of every kind give the same signals at the first start and at the next; a changed list is read anew."""
    lists, compiled = tmp_path / "lists", Compiled(tmp_path / "compiled", b"k")
    lists.mkdir()
    for name, content in LISTS.items():
        (lists / f"{name}.txt").write_text(content, "utf-8")
    posts = [
        {**POST, "text": f"cheap pills at x.bad.top in Essex, free money 1234. {KNOWN}", "media": [{"pdq": "0f" * 32}]},
        {
            **POST,
            "text": "скам 赌博 пример.рф",
            "media": [{"sha256": "ab" * 32}, {"md5": "cd" * 16}, {"turned": [TURNED]}],
        },
    ]

    def hits(found: Lists) -> list[tuple[int, ...]]:
        return table(posts, found).select(sorted(LISTS)).rows()

    first = hits(load_lists(lists, compiled=compiled))
    assert first == hits(load_lists(lists, compiled=compiled)) == hits(load_lists(lists))
    assert all(sum(column) for column in zip(*first, strict=True))
    (lists / "words.txt").write_text("nothing of the kind\n", "utf-8")
    changed = load_lists(lists, compiled=compiled)
    assert table(posts, changed)["words"].to_list() == [0, 0]


def test_a_list_that_changes_under_our_hands_is_refused(tmp_path: Path) -> None:
    """What was checked is what is compiled."""
    path = tmp_path / "words.txt"
    path.write_text("one\n")
    lists = load_lists(tmp_path)
    path.write_text("two\n")
    with pytest.raises(InputError, match="changed"):
        lists.phrases  # noqa: B018 - compiling reads the file


def test_tables_of_strings_survive() -> None:
    """A table from its arrays finds what it found."""
    found = ExactTable(pl.Series(["a", "bb", "é", "bb"]), np.array([0, 1, 2, 3]))
    again = ExactTable.of(found.arrays())
    assert [part.tolist() for part in again.find(pl.Series(["bb", None, "x", "é"]))] == [[0, 0, 3], [1, 3, 2]]
    assert len(ExactTable.of(ExactTable(pl.Series([], dtype=pl.String), np.zeros(0, np.int64)).arrays())) == 0
