"""The kernel says what the plain loop says, for every signal: whatever people write, and however the lists are made."""

from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.screening.test_signals import NOON, POST, model

from evenhand.screening.counts import Window
from evenhand.screening.lists import Lists, load_lists
from evenhand.screening.normalise import compatible, fold, forms, join
from evenhand.screening.plain import PlainLists, PlainWindow, plain_signals, plain_turned
from evenhand.screening.shortcuts import split
from evenhand.screening.signals import measure
from evenhand.vocabulary.post import POST_SCHEMA

pl = pytest.importorskip("polars")

KNOWN = "Send 500 dollars to this wallet now and get 1000 back within the hour, guaranteed by our team"
LISTS = {
    "words": "cheap pills\nСкам\nviagra\n赌博\n",
    "anywhere": "# match: anywhere\nass\nex\n",
    "domains": "bad.top\nпример.рф\n",
    "files": "ab" * 32 + "\n" + "cd" * 16 + "\n",
    "pictures": "# kind: pdq\n# distance: 20\n" + "0f" * 32 + "\n",
    "turned_pictures": "# kind: pdq\n# turned: yes\n# distance: 3\n" + "123456789abcdef0" * 4 + "\n",
    "expressions": "# kind: patterns\n\\bfree\\s+money\\b\n\\d{3,}\n^a[^b]c$\n",
    "copies": f"# kind: texts\n{KNOWN}\n",
}
PIECES = [
    *(
        "cheap pills",
        "viаgra",
        "V\u200bI\u200bAGRA",
        "скам",
        "赌博",
        "bad.top/x",
        "hxxp://x.bad[.]top",
        "http://b%61d%2Etop",
        "://b%2e%",
        "100%ad.top",
        "пример.рф",
    ),
    *("free  money", "12345", "a\nc", "axc", KNOWN, KNOWN.upper(), "é", "e\u0301", "ß", "İ", "ﬁ", "…", "™", "Η", "ΝO"),
    *(
        "كِتَاب",
        "किताब",
        "क्‍ष",
        "👨‍👩‍👧",
        "🇫🇷",
        "@ann",
        "me@x.com",
        "\0",
        "\u00a0",
        "  ",
        "。",
        "ｅｘ．ｃｏｍ",
        "(dot)",
        "\ufe0f",
    ),
]
"""What people may write, and what makes normalisation go the long way."""
TEXTS = st.none() | st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=6).map(" ".join)
JOINED = st.none() | st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=6).map("".join)


@cache
def lists() -> tuple[Lists, PlainLists]:
    """Return lists of every kind, for the kernel and for the loop."""
    directory = Path(mkdtemp())
    for name, content in LISTS.items():
        (directory / f"{name}.txt").write_text(content, "utf-8")
    found = load_lists(directory)
    return found, PlainLists(found)


TURNED = f"{plain_turned(int('123456789abcdef0' * 4, 16))[5]:064x}"
MEDIA = st.none() | st.lists(
    st.fixed_dictionaries(
        {
            "sha256": st.sampled_from([None, "ab" * 32, "00" * 32]),
            "md5": st.sampled_from([None, "cd" * 16]),
            "pdq": st.sampled_from([None, "0f" * 32, "0f" * 31 + "00", "0f" * 29 + "f00000", "f0" * 32]),
            "turned": st.none() | st.lists(st.sampled_from(["0f" * 32, TURNED, "ff" * 32]), max_size=2),
        }
    ),
    max_size=3,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXTS | JOINED, MEDIA, st.integers(0, 40), st.integers(0, 2)), max_size=8))
def test_every_signal_is_that_of_the_plain_loop(stream: list[tuple[str | None, Any, int, int]]) -> None:
    """Normalisation, shape, links, lists, counts and score: the same for every post."""
    posts = [
        {**POST, "text": text, "media": media, "posted_at": NOON + timedelta(hours=hour), "author_id": f"a{who}"}
        for text, media, hour, who in stream
    ]
    batch = pa.RecordBatch.from_pylist(posts, schema=POST_SCHEMA)
    ours, plain = lists()
    found = measure(batch, ours, model(), Window())
    window = PlainWindow()
    for row, post in zip(found.iter_rows(named=True), batch.to_pylist(), strict=True):
        expected = plain_signals(post, ours, plain, model(), window)
        assert {name: row[name] for name in expected} == pytest.approx(expected), post["text"]


@settings(max_examples=100, deadline=None)
@given(st.lists(TEXTS | JOINED, max_size=8))
def test_short_ways_end_where_the_long_way_ends(texts: list[str | None]) -> None:
    """Letter by letter or by Unicode's own algorithm, a text comes out the same."""
    column = pl.Series(texts, dtype=pl.String).fill_null("")
    order, plain, simple = split(column)
    short = forms(column[order], plain, simple)
    compat = compatible(join(column[order]))
    long = fold(compat)
    assert short.text == compat.encode()
    assert short.normalised.plain.tolist() == long.plain.tolist()
    assert short.normalised.skeleton.codes.tolist() == long.skeleton.codes.tolist()
    assert short.normalised.skeleton.starts.tolist() == long.skeleton.starts.tolist()


CODES = (
    *range(0x3400),
    *range(0xA000, 0xAC00),
    *range(0xF900, 0x10400),
    *range(0x1D400, 0x1D800),
    *range(0x1F000, 0x20000),
)


def test_every_character_goes_the_way_it_must() -> None:
    """Each character that something may happen to, between letters and doubled: both ways end alike."""
    texts = pl.Series([text for code in CODES for text in (f"a{chr(code)}b", chr(code) * 2, f"я{chr(code)}")])
    order, plain, simple = split(texts)
    short = forms(texts[order], plain, simple)
    compat = compatible(join(texts[order]))
    assert short.text == compat.encode()
    assert short.normalised.skeleton.codes.tolist() == fold(compat).skeleton.codes.tolist()
