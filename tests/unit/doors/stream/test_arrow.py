"""Posts as Arrow: the same rules as for lines, and nothing that a hostile stream can make us do."""

import io
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.doors.stream.arrow import read_arrow
from evenhand.doors.stream.columns import PostRow, batches
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.post import POST_SCHEMA

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def stream(*tables: pa.RecordBatch, **options: Any) -> bytes:
    """Return batches of one schema as an IPC stream."""
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, tables[0].schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        for table in tables:
            writer.write_batch(table)
    return sink.getvalue()


def read(body: bytes) -> tuple[list[pa.RecordBatch], list[tuple[int, str, str]]]:
    """Return what was read and what was refused."""
    errors: list[tuple[int, str, str]] = []
    return list(read_arrow(body, lambda *error: errors.append(error))), errors


GOOD = PostRow(
    id="p1",
    kind="post",
    posted_at=AT,
    channel_id="c1",
    text="hello",
    lang="en",
    country="FR",
    media=[{"sha256": "a" * 64, "md5": None, "pdq": "0" * 64, "type": "image/png"}],
    channel_members=5,
)


def test_what_was_written_is_read() -> None:
    """A batch in our schema comes back as it was; batches follow each other."""
    (batch,) = batches([GOOD])
    found, errors = read(stream(batch, batch))
    assert found == [batch, batch]
    assert errors == []


def test_columns_may_be_missing_and_in_any_order() -> None:
    """What is left out is null; a narrower type that fits is taken."""
    batch = pa.RecordBatch.from_pydict(
        {
            "posted_at": pa.array([AT], pa.timestamp("s", "UTC")),
            "id": pa.array(["p1"]),
            "kind": pa.array(["post"]).dictionary_encode(),
            "author_id": pa.array(["a1"], pa.string()),
        }
    )
    found, errors = read(stream(batch))
    assert errors == []
    assert found[0].schema == POST_SCHEMA
    assert found[0].column("text").to_pylist() == [None]


def test_media_may_lack_what_came_later_and_bring_turned_pictures() -> None:
    """A sender who knows nothing of `turned` is read as before; hashes in it are checked like the others."""
    old = pa.struct([pa.field(name, pa.string()) for name in ("sha256", "md5", "pdq", "type")])
    rows = {
        "id": ["p1"],
        "kind": ["post"],
        "channel_id": ["c1"],
        "posted_at": pa.array([AT], pa.timestamp("us", "UTC")),
    }
    for kind, medium, whole in (
        (old, {"pdq": "0" * 64}, None),
        (POST_SCHEMA.field("media").type.value_type, {"pdq": "0" * 64, "turned": ["a" * 64] * 7}, ["a" * 64] * 7),
    ):
        media = pa.array([[medium]], pa.list_(kind))
        found, errors = read(stream(pa.RecordBatch.from_pydict({**rows, "media": media})))
        assert errors == []
        assert found[0].column("media").to_pylist()[0][0]["turned"] == whole


BAD = [
    ("media.turned", {"media": [{"turned": ["a" * 63]}]}),
    ("media.turned", {"media": [{"turned": ["a" * 64, None]}]}),
    ("media.turned", {"media": [{"turned": ["a" * 64] * 8}]}),
    ("id", {"id": ""}),
    ("id", {"id": "x" * 257}),
    ("kind", {"kind": "poem"}),
    ("channel_id", {"channel_id": None}),
    ("channel_id", {"channel_id": ""}),
    ("text", {"text": "x" * 65_537}),
    ("lang", {"lang": "EN"}),
    ("lang", {"lang": "en\n"}),
    ("country", {"country": "fr"}),
    ("channel_members", {"channel_members": -1}),
    ("posted_at", {"posted_at": datetime(2100, 1, 1, tzinfo=UTC)}),
    ("author_created_at", {"author_created_at": datetime(1969, 1, 1, tzinfo=UTC)}),
    ("media.sha256", {"media": [{"sha256": "A" * 64, "md5": None, "pdq": None, "type": None}]}),
    ("media.md5", {"media": [{"sha256": None, "md5": "zz", "pdq": None, "type": None}]}),
    ("media.pdq", {"media": [{"sha256": None, "md5": None, "pdq": "0", "type": None}]}),
    ("media.type", {"media": [{"sha256": None, "md5": None, "pdq": None, "type": ""}]}),
    ("media", {"media": [{"sha256": None, "md5": None, "pdq": None, "type": None}] * 101}),
]


@pytest.mark.parametrize(("field", "change"), BAD)
def test_a_bad_row_is_told_and_left_out(field: str, change: dict[str, Any]) -> None:
    """The row's number and field are told; its neighbours go in."""
    values = {name: getattr(GOOD, name) for name in POST_SCHEMA.names}
    (batch,) = batches([GOOD, PostRow(**(values | change)), GOOD])
    found, errors = read(stream(batch, batch))
    assert [(line, where) for line, where, _ in errors] == [(2, field), (5, field)]
    assert [part.num_rows for part in found] == [2, 2]


def test_whole_streams_that_cannot_be() -> None:
    """Unknown columns, wrong types, a column twice, compressed buffers, too many rows: one reason for the whole."""
    (good,) = batches([GOOD])
    unknown = pa.RecordBatch.from_pydict({"id": ["1"], "colour": ["red"]})
    wrong = pa.RecordBatch.from_pydict({"id": pa.array([[1]])})
    twice = pa.RecordBatch.from_arrays([pa.array(["1"]), pa.array(["2"])], names=["id", "id"])
    many = pa.RecordBatch.from_pydict({"id": pa.array(["1"] * 100_001)})
    for body in (stream(unknown), stream(wrong), stream(twice), stream(many)):
        with pytest.raises(InputError):
            read(body)
    for codec in ("zstd", "lz4"):
        with pytest.raises(InputError, match="compressed"):
            read(stream(good, compression=codec))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_damage_escapes(data: st.DataObject) -> None:
    """Whatever bytes change, the stream is read or refused with a reason; nothing else happens."""
    (batch,) = batches([GOOD, GOOD])
    body = bytearray(stream(batch))
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(body)))
    with suppress(InputError):
        read(bytes(body[:cut] if data.draw(st.booleans()) else body))
