"""Input that is meant to hurt: huge texts, huge batches, lists full of errors."""

import os
from pathlib import Path

import pyarrow as pa
import pytest
from tests.unit.screening.test_plain import lists
from tests.unit.screening.test_signals import POST, model, table

from evenhand.flow.screen import screen_posts
from evenhand.screening.counts import Window
from evenhand.screening.listfiles import read_list
from evenhand.screening.lists import load_lists
from evenhand.screening.rulefiles import load_rules
from evenhand.screening.service import Screener
from evenhand.screening.signals import measure
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.post import POST_SCHEMA


@pytest.mark.parametrize("piece", ["a", "v\u0301", " ", "\u200b", "bad.top ", "👨‍👩‍👧", "[.]"])
def test_a_text_of_a_million_characters(piece: str) -> None:
    """It gets its row, and its neighbours theirs."""
    text = piece * (1_000_000 // len(piece))
    found = table([{"text": "before"}, {"text": text}, {"text": "after"}], lists()[0])
    assert found["text_length"].to_list() == [6, len(text), 5]
    assert found["word_count"].to_list()[::2] == [1, 1]


def test_a_batch_of_a_hundred_thousand_posts() -> None:
    """One batch or many, one thread or two: the same verdicts' signals."""
    posts = [
        {**POST, "id": str(n), "text": f"post {n % 97} at x{n % 11}.com é" if n % 5 else None} for n in range(100_000)
    ]
    batch = pa.RecordBatch.from_pylist(posts, schema=POST_SCHEMA)
    whole = measure(batch, lists()[0], model(), Window())
    parts = [batch.slice(n, 7777) for n in range(0, 100_000, 7777)]
    screener = Screener(lists()[0], model(), ())
    for workers in (1, 2):
        found = [signals for _, signals in screen_posts(screener, parts, workers=workers)]
        assert sum(len(part) for part in found) == 100_000
        at = 0
        for part in found:
            assert part.drop("unclaimed_list_hits").equals(whole.slice(at, len(part)).drop("unclaimed_list_hits"))
            at += len(part)


@pytest.mark.parametrize(
    ("header", "line", "reason"),
    [
        ("# kind: hashes\n", "zz", "hex digits"),
        ("# kind: pdq\n", "ab" * 16, "64 hex digits"),
        ("# kind: domains\n", "no domain", "example.com"),
        ("# kind: texts\n", "short", "fewer than 20 letters"),
    ],
)
def test_a_list_with_a_million_broken_lines(tmp_path: Path, header: str, line: str, reason: str) -> None:
    """The first lines are named, the rest is counted: one line of output."""
    path = tmp_path / "broken.txt"
    path.write_text(header + f"{line}\n" * 1_000_000)
    with pytest.raises(InputError) as refusal:
        read_list(path)
    assert refusal.value.field.endswith("broken.txt:2")
    assert reason in refusal.value.reason
    assert "lines 3, 4, 5, 6 and 999995 more" in refusal.value.reason
    assert len(str(refusal.value)) < 500


@pytest.mark.parametrize(
    ("content", "where", "reason"),
    [
        ("# kind: patterns\nfine\n(\n", ":3", "unclosed"),
        ("# kind: patterns\nfine\n(?=a)b\nok\n", ":3", "look-a"),
        ("# kind: patterns\n\nx*\n", ":3", "every text"),
        ("# kind: patterns\n" + "a" * 1001 + "\n", ":2", "longer than 1000"),
        ("# kind: pdq\n# distance: 32\n", ":2", "0 to 31"),
        ("# kind: phrases\n# spelling: pig latin\n", ":2", "leetspeak"),
        ("# category: nonsense\n", ":1", "scams_and_fraud"),
    ],
)
def test_bad_entries_and_options_name_the_line(tmp_path: Path, content: str, where: str, reason: str) -> None:
    """What cannot be used is refused with its place and what was meant."""
    path = tmp_path / "bad.txt"
    path.write_text(content)
    with pytest.raises(InputError) as refusal:
        read_list(path)
    assert refusal.value.field.endswith(f"bad.txt{where}")
    assert reason in refusal.value.reason


def test_options_are_read(tmp_path: Path) -> None:
    """Category, case, distance and spelling come from the header."""
    path = tmp_path / "good.txt"
    path.write_text("# kind: phrases\n# category: Scams_and_fraud\n# spelling: spaced, leetspeak\nfree money\n")
    found = read_list(path)
    assert (found.category, found.spelling) == ("STATEMENT_CATEGORY_SCAMS_AND_FRAUD", "leetspeak, spaced")
    path.write_text("# kind: pdq\n# distance: 7\n" + "0f" * 32)
    assert (read_list(path).distance, read_list(path).category, read_list(path).count) == (7, None, 1)


def test_a_million_broken_lines_are_counted_by_reason(tmp_path: Path) -> None:
    """Each reason with its number and its first lines, in one sentence."""
    path = tmp_path / "words.txt"
    kinds = ("\u200b", "x" * 300, "fine")
    path.write_text("# kind: phrases\n" + "".join(f"{kinds[n % 3]}\n" for n in range(1_000_000)), "utf-8")
    with pytest.raises(InputError) as refused:
        read_list(path)
    assert refused.value.field == f"{path}:3"
    assert "longer than 256 characters; so are lines 6, 9, 12, 15 and 333328 more" in refused.value.reason
    assert (
        "line 2 has no character that could be looked for; so are lines 5, 8, 11, 14 and 333329" in refused.value.reason
    )
    assert len(refused.value.reason) < 300


def test_a_million_expressions_are_refused_at_once(tmp_path: Path) -> None:
    """Before any of them is compiled."""
    path = tmp_path / "expressions.txt"
    path.write_text("# kind: patterns\n" + "(a\n" * 1_000_000, "utf-8")
    with pytest.raises(InputError, match="at most 10,000"):
        read_list(path)


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_is_no_file_among_lists_is_told(tmp_path: Path, kind: str) -> None:
    """A link that leads nowhere and a pipe are refused by name: a list that is passed over would be missed."""
    path = tmp_path / "partner.txt"
    if kind == "link":
        path.symlink_to(tmp_path / "nowhere")
    else:
        os.mkfifo(path)
    with pytest.raises(InputError, match="a list that is not read would be missed"):
        load_lists(tmp_path)
    path.rename(tmp_path / "rule.toml")
    with pytest.raises(InputError, match="is no file"):
        load_rules([tmp_path], ())
