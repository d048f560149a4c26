"""The NDJSON reader: what it takes, what it refuses, and that the published schema says the same."""

import io
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.doors.stream.ndjson import parse_post, sniff
from evenhand.doors.stream.ndjson_reader import read_ndjson
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.post import POST_SCHEMA

SCHEMA = json.loads((Path(__file__).parents[4] / "docs/reference/post.schema.json").read_text("utf-8"))
POST: dict[str, Any] = {"id": "p1", "kind": "post", "posted_at": "2026-11-24T09:30:00Z", "channel_id": "c1"}
MISSING = object()


def post(**changes: Any) -> dict[str, Any]:
    """Return a good post with changes; MISSING leaves a field out."""
    return {name: value for name, value in {**POST, **changes}.items() if value is not MISSING}


GOOD = [
    POST,
    post(channel_id=MISSING, author_id="u1"),
    post(kind="channel"),
    post(kind="account", channel_id=None, author_id="u"),
    post(id="x" * 256),
    post(text=""),
    post(text="й" * 65_536),
    post(text=None, media=None, lang=None, country=None, author_created_at=None, channel_members=None),
    post(lang="fa", country="IR", channel_members=0, forwarded_from="c9"),
    post(channel_members=2**63 - 1),
    post(posted_at="2026-11-24t09:30:00z"),
    post(posted_at="2026-11-24T09:30:00.123456789+14:00"),
    post(posted_at="2016-12-31T23:59:60Z"),
    post(author_created_at="1999-12-31T23:59:59-08:00"),
    post(media=[]),
    post(media=[{}]),
    post(media=[{"sha256": "aB" * 32, "md5": "0" * 32, "pdq": "f" * 64, "type": "image/png"}]),
    post(media=[{"pdq": "f" * 64, "turned": ["aB" * 32] * 7}, {"turned": None}, {"turned": []}]),
]

BAD = [
    (post(id=MISSING), "id"),
    (post(kind=MISSING), "kind"),
    (post(posted_at=MISSING), "posted_at"),
    (post(channel_id=MISSING), "channel_id"),
    (post(channel_id=None), "channel_id"),
    (post(id=""), "id"),
    (post(id="x" * 257), "id"),
    (post(id=7), "id"),
    (post(id=None), "id"),
    (post(kind="Post"), "kind"),
    (post(channel_id=""), "channel_id"),
    (post(media=[{"turned": ["f" * 63]}]), "media[0].turned[0]"),
    (post(media=[{"turned": ["f" * 64] * 8}]), "media[0].turned"),
    (post(media=[{"turned": "f" * 64}]), "media[0].turned"),
    (post(author_id=["u"]), "author_id"),
    (post(text="x" * 65_537), "text"),
    (post(text=3.5), "text"),
    (post(posted_at="2026-11-24"), "posted_at"),
    (post(posted_at="2026-11-24T09:30:00"), "posted_at"),
    (post(posted_at="2026-11-24T24:00:00Z"), "posted_at"),
    (post(posted_at="2026-13-24T09:30:00Z"), "posted_at"),
    (post(posted_at="2026-11-24T09:30:00+0100"), "posted_at"),
    (post(posted_at="1969-12-31T23:59:59Z"), "posted_at"),
    (post(posted_at="٢٠٢٦-11-24T09:30:00Z"), "posted_at"),
    (post(posted_at=1_700_000_000), "posted_at"),
    (post(author_created_at=""), "author_created_at"),
    (post(author_created_at="yesterday"), "author_created_at"),
    (post(lang="EN"), "lang"),
    (post(lang="eng"), "lang"),
    (post(country="uk"), "country"),
    (post(channel_members=-1), "channel_members"),
    (post(channel_members=2**63), "channel_members"),
    (post(channel_members=True), "channel_members"),
    (post(channel_members="12"), "channel_members"),
    (post(forwarded_from=""), "forwarded_from"),
    (post(media={}), "media"),
    (post(media=[{}] * 101), "media"),
    (post(media=["x"]), "media[0]"),
    (post(media=[{}, {"sha256": "a" * 63}]), "media[1].sha256"),
    (post(media=[{"md5": "g" * 32}]), "media[0].md5"),
    (post(media=[{"pdq": "f" * 65}]), "media[0].pdq"),
    (post(media=[{"type": ""}]), "media[0].type"),
    (post(media=[{"phash": "1"}]), "media[0].phash"),
    (post(titel="x"), "titel"),
    ([POST], ""),
    ("post", ""),
    (None, ""),
]


def read(data: bytes) -> tuple[list[dict[str, Any]], list[tuple[int, str, str]]]:
    """Return what the reader yields of `data` and what it reports."""
    errors: list[tuple[int, str, str]] = []
    rows = [row for batch in read_ndjson(io.BytesIO(data), lambda *e: errors.append(e)) for row in batch.to_pylist()]
    return rows, errors


@pytest.mark.parametrize("line", GOOD, ids=range(len(GOOD)))
def test_reader_and_schema_take_good_lines(line: Any) -> None:
    """A good line becomes a row, and the published schema agrees."""
    rows, errors = read(json.dumps(line).encode())
    assert errors == []
    assert rows[0]["id"] == line["id"]
    jsonschema.Draft202012Validator(SCHEMA).validate(line)


@pytest.mark.parametrize(("line", "field"), BAD, ids=range(len(BAD)))
def test_reader_and_schema_refuse_bad_lines(line: Any, field: str) -> None:
    """A bad line is reported with its field, and the published schema refuses it too."""
    rows, errors = read(json.dumps(line).encode())
    assert rows == []
    assert [error[:2] for error in errors] == [(1, field)]
    assert errors[0][2]
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(line)


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        (b"{", "", "JSON"),
        (json.dumps(POST).encode() + b" x", "", "JSON"),
        (b'{"id": NaN}', "", "JSON"),
        (b'{"id":"\xff","kind":"post"}', "", "UTF-8"),
        (b'{"id":"\xed\xa0\x80"}', "", "UTF-8"),
        (b'{"id":"a","kind":"post","text":"\\ud800 and more text"}', "text", "surrogate"),
        (b'{"id":"\\udc00"}', "id", "surrogate"),
        (b'{"media":[{"type":"\\udbff\\u0041"}]}', "media[0].type", "surrogate"),
        (b'{"x":' + b"[" * 500_000 + b"]" * 500_000 + b"}", "x", "not a field"),
        (b'{"media":' + b"[" * 100_000, "media[0]", "object"),
        (b'{"text":"' + b"x" * (1 << 20) + b'"}', "", "longer"),
        (b'{"id":"a","kind":"post","posted_at":"2026-02-30T00:00:00Z","author_id":"u"}', "posted_at", "RFC 3339"),
        (b'{"id":"a","kind":"post","posted_at":"2026-11-24T09:30:60Z","author_id":"u"}', "posted_at", "RFC 3339"),
    ],
)
def test_broken_bytes_are_reported_and_the_rest_goes_on(line: bytes, field: str, reason: str) -> None:
    """Whatever a line holds, it costs that line alone."""
    good = json.dumps(POST).encode()
    rows, errors = read(good + b"\r\n\n  \n" + line + b"\n" + good)
    assert len(rows) == 2
    assert len(errors) == 1
    number, found, why = errors[0]
    assert (number, found) == (4, field)
    assert reason in why


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-24T00:30:00+02:00", datetime(2026, 11, 23, 22, 30, tzinfo=UTC)),
        ("2026-11-24 00:30:00-00:00", datetime(2026, 11, 24, 0, 30, tzinfo=UTC)),
        ("2026-11-24t00:30:00.5z", datetime(2026, 11, 24, 0, 30, 0, 500_000, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
        ("2017-01-01T05:29:60.25+05:30", datetime(2016, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
    ],
)
def test_instants_become_utc(text: str, instant: datetime) -> None:
    """Any offset becomes UTC, and a leap second stays in its day."""
    rows, errors = read(json.dumps(post(posted_at=text)).encode())
    assert errors == []
    assert rows[0]["posted_at"] == instant


def test_batches_have_the_schema_and_the_size_asked_for() -> None:
    """Rows come in order, in POST_SCHEMA, so many a batch, hashes in lower case; a byte order mark is no matter."""
    lines = [json.dumps(post(id=f"p{i}", media=[{"md5": "AB" * 16}])) for i in range(7)]
    stream = io.BytesIO(b"\xef\xbb\xbf" + "\n".join(lines).encode())
    batches = list(read_ndjson(stream, pytest.fail, batch_posts=3))
    assert [batch.num_rows for batch in batches] == [3, 3, 1]
    assert all(batch.schema == POST_SCHEMA for batch in batches)
    assert batches[2]["id"].to_pylist() == ["p6"]
    assert batches[0]["media"][0].as_py()[0]["md5"] == "ab" * 16


def test_an_endless_line_is_never_held_whole() -> None:
    """A line of 50 MiB is reported once, read in pieces, and what follows is read."""
    sizes: list[int] = []

    class Stream(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            sizes.append(size or 0)
            return super().readline(size)

    errors: list[int] = []
    stream = Stream(b"x" * (50 << 20) + b"\n" + json.dumps(POST).encode())
    rows = sum(batch.num_rows for batch in read_ndjson(stream, lambda line, *_: errors.append(line)))
    assert (rows, errors) == (1, [1])
    assert max(sizes) <= (1 << 20) + 2


def test_a_line_of_exactly_one_mebibyte_is_read() -> None:
    """The limit is on the line's bytes without its end, and it is inclusive."""
    line = json.dumps(POST).encode().ljust(1 << 20)
    assert len(read(line + b"\r\n")[0]) == 1
    assert [e[0] for e in read(line + b" \r\n")[1]] == [1]


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    """Whatever comes in, each line that is not blank is either a row or a report."""
    rows, errors = read(data)
    lines = [line for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n") if line.strip()]
    assert len(rows) + len(errors) == len(lines)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b'{"source":"s","label":"spam","text":"x"}', "messages"),
        (b'\xef\xbb\xbf{"label":"ham","text":"x"}', "messages"),
        (b'{"id":"1","kind":"post","label":"ham","text":"x"}', "posts"),
        (b"[1]", "posts"),
        (b"\xff", "posts"),
        (b"[" * 100_000, "posts"),
    ],
)
def test_sniff_tells_labelled_messages_from_posts(line: bytes, kind: str) -> None:
    """The keys of the first line tell the format; what cannot be read is left to the reader of posts."""
    assert sniff(line) == kind


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ('"text": "good", "text": "bad"', "text"),
        ('"text": null, "text": "bad"', "text"),
        ('"text": "bad", "text": null', "text"),
        ('"text": "bad", "te\\u0078t"\t : "good"', "text"),
        ('"media": [{"md5": null, "md5": null}]', "md5"),
        ('"lang": "en", "lang": "en"', "lang"),
    ],
)
def test_a_field_that_stands_twice_is_refused(more: str, field: str) -> None:
    """Readers differ in which one counts; so neither does."""
    line = f'{{"id": "p", "kind": "post", "channel_id": "c", "posted_at": "2026-11-24T09:30:00Z", {more}}}'
    with pytest.raises(InputError) as refused:
        parse_post(line.encode())
    assert (refused.value.field, refused.value.reason) == (field, "stands more than once")


@given(st.text(alphabet='":, \\\t{}[]a', max_size=40), st.booleans())
def test_a_field_that_stands_once_is_read(text: str, spaced: bool) -> None:
    """Quotes, colons and gaps in texts are no keys, nulls no second ones."""
    post = {"id": "p", "kind": "post", "channel_id": "c", "author_id": None, "posted_at": "2026-11-24T09:30:00Z"}
    post |= {"text": text, "media": [{"md5": None, "type": "a:b"}]}
    line = json.dumps(post, separators=(" , ", " : ") if spaced else (",", ":")).encode()
    assert parse_post(line).text == text


def test_nulls_are_no_reason_to_read_a_line_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most writers write empty fields as null; only more keys than fields make a line be read again."""

    def again(*_: Any, **__: Any) -> None:
        raise AssertionError("read again")

    line = json.dumps(post(text=None, media=[{"md5": None}], lang=None, country=None), separators=(",", ":")).encode()
    twice = line.replace(b'"lang":null', b'"lang":null,"lang":null')
    monkeypatch.setattr("evenhand.doors.stream.ndjson.json.loads", again)
    assert parse_post(line).text is None
    with pytest.raises(AssertionError, match="read again"):
        parse_post(twice)


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2098, 1, 1)), st.sampled_from(["Z", "z"]))  # noqa: DTZ001 - the zone is written behind
def test_the_usual_spelling_reads_as_any_other(instant: datetime, zone: str) -> None:
    """The short way for instants with a capital T and Z comes to what the long way does."""
    row = parse_post(json.dumps(post(posted_at=instant.isoformat() + zone)).encode())
    assert row.posted_at == instant.replace(tzinfo=UTC)
    assert row.posted_at.tzinfo is UTC


_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from(["p", "é", "", "x" * 257, None, 5]),
        "kind": st.sampled_from(["post", "account", "note", None]),
        "channel_id": st.sampled_from(["c", None]),
        "author_id": st.sampled_from(["a", None, ""]),
        "text": st.sampled_from(['he said "x": y', '"text" : "z"', "tab\tand\r\n", "", None, "\ud800", 7]),
        "media": st.sampled_from(
            [None, [], [{}], [None], [{"md5": "AB" * 16}], [{"type": "a", "file": "f"}], [{"md5": "z"}], {"a": 1}]
        ),
        "lang": st.sampled_from(["en", "EN", None]),
        "country": st.sampled_from(["FR", "fr", None]),
        "posted_at": st.sampled_from(
            [
                "2026-11-24T09:30:00Z",
                "2026-11-24T09:30:00.123456Z",
                "2026-11-24t10:30:00.5+01:00",
                "2026-02-30T00:00:00Z",
                "2016-12-31T23:59:60Z",
                "now",
                None,
            ]
        ),
        "author_created_at": st.sampled_from(["2025-01-01T00:00:00Z", "2025-13-01T00:00:00Z", None]),
        "channel_members": st.sampled_from([0, -1, 2**63 - 1, 2**63, 1.0, 1.5, "5", None]),
        "forwarded_from": st.sampled_from(["f", None]),
        "more": st.just(1),
    },
)
_SEPARATORS = st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : "), (",\t", "\t:\t")])


@given(st.lists(st.tuples(_FIELDS, _SEPARATORS, st.sampled_from(["", '"id":"q",', '"text" :"q",'])), max_size=6))
def test_a_batch_says_of_each_line_what_the_line_says_alone(lines: list[Any]) -> None:
    """Whatever stands beside it: the same post or the same reason, in the order of the lines."""
    whole = [
        {"id": "p", "kind": "post", "channel_id": "c", "posted_at": "2026-11-24T09:30:00Z"} | one for one, _, _ in lines
    ]
    texts = [json.dumps(one, separators=how) for one, (_, how, _) in zip(whole, lines, strict=True)]
    raw = [(text[0] + twice + text[1:]).encode() for text, (_, _, twice) in zip(texts, lines, strict=True)]
    rows, errors = [], []
    for number, line in enumerate(raw, 1):
        try:
            rows.append(asdict(parse_post(line)))
        except InputError as error:
            errors.append((number, error.field, error.reason))
    read_rows, read_errors = read(b"\n".join(raw))
    assert read_errors == errors
    assert [{name: row[name] for name in POST_SCHEMA.names} for row in rows] == read_rows
