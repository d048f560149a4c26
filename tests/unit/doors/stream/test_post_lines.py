"""The compiled reader of lines: what it takes is what the slow reader says, and all else it leaves to that one."""

import io
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.unit.doors.stream.test_ndjson import BAD, GOOD, POST, post

from evenhand.doors.stream.ndjson_reader import read_ndjson
from evenhand.flow.post_lines import read_lines
from evenhand.screening.compiled import Compiled
from evenhand.screening.native import kernel as loaded

MEDIA = [{"sha256": "aB" * 32, "md5": None, "type": "image/é"}, {}, {"pdq": "0F" * 32, "md5": "1e" * 16}]
WRITTEN = json.dumps(
    post(author_id='ü\\"\n', text="\0\U0001f600é“", lang="de", country="FR", channel_members=12, media=MEDIA)
)
PIECES = [
    *(b'"', b"\\", b"\\u", b"\\ud83d", b"\\ude00", b"\\u0000", b",", b":", b"{", b"}", b"[", b"null", b"true", b" "),
    *(b"\t", b"\r", b"0", b"-", b"1e3", b".5", b"Z", b"+00:00", b'"media":[{}],', b'"text":"x",', b'"id":null,'),
    *(b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x80", b"\xf0\x9f\x98\x80", b"\0", b"\x1f"),
]


@pytest.fixture(autouse=True, scope="module")
def compiled() -> None:
    """Load the compiled loops."""
    assert loaded.prepare(Compiled()) is not None


@contextmanager
def without() -> Iterator[None]:
    """Leave the compiled loops aside."""
    kept, loaded._kernel = loaded._kernel, None
    try:
        yield
    finally:
        loaded._kernel = kept


def said_of(data: bytes) -> tuple[list[dict[str, Any]], list[tuple[int, str, str]]]:
    """Return rows and errors; rows are read whole, and their bytes checked, as whoever screens them would."""
    errors: list[tuple[int, str, str]] = []
    batches = list(read_ndjson(io.BytesIO(data), lambda *error: errors.append(error), 7))
    for batch in batches:
        batch.validate(full=True)
    return [row for batch in batches for row in batch.to_pylist()], errors


def same(data: bytes) -> tuple[list[dict[str, Any]], list[tuple[int, str, str]]]:
    """Hold the two readers together; return what they say."""
    found = said_of(data)
    with without():
        assert said_of(data) == found
    return found


def test_good_and_bad_lines_are_as_before() -> None:
    """Every line of the format's own tests, alone and together; most of the good ones are taken at once."""
    lines = [json.dumps(line, ensure_ascii=n % 2 == 0).encode() for n, line in enumerate([*GOOD, *(b for b, _ in BAD)])]
    for line in lines:
        same(line)
    rows, errors = same(b"\r\n".join(lines))
    assert len(rows) == len(GOOD)
    assert len(errors) == len(BAD)
    vouched = read_lines(lines[: len(GOOD)])
    assert vouched is not None
    # Other offsets, a leap second, the largest number and pictures turned are for the slow reader.
    assert len(vouched.others) == 6


@given(st.integers(0, 2**32), st.integers(1, 4))
@settings(max_examples=75, deadline=None)
def test_lines_with_something_put_in_or_left_out_are_as_before(seed: int, changes: int) -> None:
    """Bytes put in, left out and doubled anywhere: rows, errors and their words stay those of the slow reader."""
    dice = random.Random(seed)
    lines = [] if seed % 2 else [WRITTEN.encode()]
    for _ in range(3):
        line = WRITTEN.encode() if dice.random() < 0.5 else json.dumps(post(text="é"), ensure_ascii=False).encode()
        for _ in range(changes):
            at, width = dice.randrange(len(line)), dice.choice((0, 0, 1, 2, 6))
            line = line[:at] + (dice.choice(PIECES) if dice.random() < 0.7 else b"") + line[at + width :]
        lines.append(line)
    same(b"\n".join(lines))


@given(st.lists(st.text(max_size=40), min_size=1, max_size=5), st.booleans())
@settings(max_examples=60, deadline=None)
def test_texts_are_taken_whole(texts: list[str], escaped: bool) -> None:
    """Any text that can be written comes back as it was, escaped or not, without the slow reader."""
    sound = [text.encode("utf-8", "replace").decode() for text in texts]
    lines = [json.dumps(post(text=text, author_id=None), ensure_ascii=escaped).encode() for text in sound]
    vouched = read_lines(lines)
    assert vouched is not None
    assert vouched.others == []
    assert vouched.columns[4].to_pylist() == sound
    same(b"\n".join(lines))


@given(st.datetimes(datetime(1970, 1, 1), datetime(2099, 12, 31)), st.sampled_from(["Z", "+00:00", "z", "+01:00"]))  # noqa: DTZ001 - the zone is written behind
@example(datetime(2000, 2, 29), "Z")  # noqa: DTZ001 - as above
@settings(max_examples=60, deadline=None)
def test_instants_are_as_before(instant: datetime, zone: str) -> None:
    """Days of every year, and any number of digits behind the second."""
    whole = instant.replace(microsecond=0).isoformat()
    digits = f"{instant.microsecond:06d}"
    fractions = ("", ".", *(f".{digits}789"[:cut] for cut in range(2, 12)))
    lines = [json.dumps(post(posted_at=f"{whole}{part}{zone}")).encode() for part in fractions]
    days = ("02-29", "02-30", "04-31", "00-10", "12-32", "13-01")
    lines += [json.dumps(post(author_created_at=f"{instant.year}-{day}T00:00:00{zone}")).encode() for day in days]
    same(b"\n".join(lines))


@pytest.mark.parametrize("size", [255, 256, 257])
def test_ids_are_counted_in_characters(size: int) -> None:
    """256 characters of four bytes are an id, 257 are none."""
    line = json.dumps(post(id="\U0001f600" * size), ensure_ascii=False).encode()
    rows, errors = same(line)
    assert (len(rows), len(errors)) == ((1, 0) if size <= 256 else (0, 1))


@pytest.mark.parametrize(
    "number", ["0", "00", "01", "999999999999999999", "9223372036854775807", "9223372036854775808", "-0", "1.0"]
)
def test_numbers_are_as_before(number: str) -> None:
    """Those that fit, those that do not, and those that are written in another way."""
    same(json.dumps(POST)[:-1].encode() + f', "channel_members": {number}}}'.encode())
