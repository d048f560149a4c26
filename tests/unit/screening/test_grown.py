"""Lists that have changed a little: the same hits as if all were made anew, whatever came, went or was renamed."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.screening.test_signals import POST, model

from evenhand.screening.counts import Window
from evenhand.screening.grown import GrownLists
from evenhand.screening.listfiles import changes
from evenhand.screening.lists import Lists, load_lists
from evenhand.screening.signals import measure
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.post import POST_SCHEMA

TEXT = "Send your savings to our agent today and receive three times as much back within one week."
OTHER = "The committee meets every second Thursday in the small hall behind the old library building."
ENTRIES = {
    "phrases": ["free money", "FREE money", "money", "scam", "скам"],
    "domains": ["bad.top", "*.bad.top", "worse.example", "www.worse.example"],
    "hashes": ["ab" * 32, "AB" * 32, "cd" * 16, "ef" * 32],
    "pdq": ["0f" * 32, "f0" * 32, "0f" * 31 + "00"],
    "patterns": ["fr[e3]+", "mon.y"],
    "texts": [TEXT, TEXT.upper(), OTHER],
}
HEADERS = {
    "phrases": ("", "# match: anywhere\n", "# spelling: leetspeak\n", "# category: scams_and_fraud\n"),
    "pdq": ("", "# distance: 5\n", "# turned: yes\n"),
    "patterns": ("", "# case: exact\n"),
}
POSTS = [
    *(
        {"text": text}
        for text in ("FREE  money, fr33 money", "moneyed scam скам", "hxxp://www.bad[.]top worse.example")
    ),
    *({"text": text} for text in (TEXT, f"{OTHER} {TEXT.lower()}!", "Mon3y")),
    {"media": [{"sha256": "ab" * 32, "md5": "cd" * 16, "pdq": "0f" * 31 + "01"}, {"sha256": "ef" * 32}]},
    {"media": [{"pdq": "f0" * 32}, {"pdq": "a5" * 32}, {"pdq": "5a" * 32, "turned": ["0f" * 32]}]},
]


def _file(kind: str) -> st.SearchStrategy[str]:
    entries = st.lists(st.sampled_from(ENTRIES[kind]), max_size=4)
    header = st.sampled_from(HEADERS.get(kind, ("",)))
    return st.builds(lambda head, lines: f"# kind: {kind}\n{head}" + "\n".join(lines), header, entries)


FOLDERS = st.dictionaries(
    st.sampled_from(["a", "b", "c", "d", "e", "f", "g"]), st.sampled_from(sorted(ENTRIES)).flatmap(_file), max_size=6
)


def put(directory: Path, files: dict[str, str]) -> None:
    """Make a directory hold these lists and no others."""
    for path in directory.iterdir():
        path.unlink()
    for name, text in files.items():
        (directory / f"{name}.txt").write_text(text, "utf-8")


def hits(lists: Lists) -> dict[str, list[int]]:
    """Return what posts hit."""
    batch = pa.RecordBatch.from_pylist([{**POST, **post} for post in POSTS], schema=POST_SCHEMA)
    found = measure(batch, lists, model(), Window())
    return {name: found[name].to_list() for name in (*lists.names, "list_hits", "lists_hit")}


@settings(max_examples=25, deadline=None)
@given(FOLDERS, FOLDERS, st.booleans())
def test_grown_lists_find_what_new_ones_find(before: dict[str, str], after: dict[str, str], similar: bool) -> None:
    """Any lists become any others: entries, options, kinds, names and numbers change."""
    if similar:  # and often only a little changes
        after = {**before, **dict(list(after.items())[:1])}
    with TemporaryDirectory() as made:
        directory = Path(made)
        put(directory, before)
        whole = load_lists(directory)
        whole.prepare()
        put(directory, after)
        grown, anew = load_lists(directory, before=whole), load_lists(directory)
        assert (grown.names, grown.edition) == (anew.names, anew.edition)
        assert hits(grown) == hits(anew)


@given(st.lists(st.integers(0, 4), max_size=12), st.lists(st.integers(0, 4), max_size=12))
def test_changes_are_those_of_a_bag(before: list[int], after: list[int]) -> None:
    """Without what is gone and with what is new, the one is the other, in some order; and nothing is told in vain."""
    gone, new = changes(np.array(before, np.uint64), np.array(after, np.uint64))
    left = [each for n, each in enumerate(before) if n not in gone]
    assert sorted(left + [after[n] for n in new]) == sorted(after)
    assert not {before[n] for n in gone} & {after[n] for n in new}


def test_what_stays_the_same_is_not_made_again(tmp_path: Path) -> None:
    """A kind without changes keeps its matcher; no change at all, all of them."""
    put(tmp_path, {"a": "# kind: domains\nbad.top", "b": "# kind: phrases\nscam", "c": "# kind: texts\n" + TEXT})
    whole = load_lists(tmp_path)
    whole.prepare()
    assert load_lists(tmp_path, before=whole) is whole
    (tmp_path / "a.txt").write_text("# kind: domains\nbad.top\nworse.top", "utf-8")
    grown = load_lists(tmp_path, before=whole)
    assert isinstance(grown, GrownLists)
    assert (grown.changed, grown.phrases is whole.phrases, grown.near_copies is whole.near_copies) == (1, True, True)
    assert len(grown.domains) == 2


def test_a_bad_line_in_a_grown_list_is_told_with_its_number(tmp_path: Path) -> None:
    """Only new entries are looked at, and they are looked at."""
    lines = ["# kind: hashes", *(f"{n:064x}" for n in range(50))]
    put(tmp_path, {"a": "\n".join(lines)})
    whole = load_lists(tmp_path)
    lines.insert(20, "nonsense")
    put(tmp_path, {"a": "\n".join(lines)})
    with pytest.raises(InputError, match="hex digits") as told:
        load_lists(tmp_path, before=whole)
    assert told.value.field.endswith("a.txt:21")


def test_a_guessed_kind_is_guessed_again(tmp_path: Path) -> None:
    """A list without a header is what all of its entries are."""
    for before, after in (("bad.top", "bad.top\nfree money"), ("bad.top\nfree money", "bad.top"), ("ab" * 16, "x.com")):
        put(tmp_path, {"a": before})
        whole = load_lists(tmp_path)
        put(tmp_path, {"a": after})
        assert load_lists(tmp_path, before=whole).lists == load_lists(tmp_path).lists
