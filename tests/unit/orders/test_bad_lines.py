"""Whatever stands on a line: an answer, or the field and the reason; never a traceback, exit code 2."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.doors.cli.app import evenhand
from evenhand.doors.cli.lines import numbered_lines
from evenhand.flow.assess import assess_line
from evenhand.main import Desk
from evenhand.rulebook.load import load_law
from evenhand.vocabulary.errors import InputError

BOOK = load_law()
VECTORS = Path(__file__).parents[2] / "vectors" / "assess_cases.ndjson"
GOOD = json.loads(VECTORS.read_text("utf-8").splitlines()[0])["input"]
GOOD_LINE = json.dumps(GOOD)


def put(path: str, value: Any) -> bytes:
    """Return the good line with one value replaced; `...` takes it away."""
    line = json.loads(GOOD_LINE)
    place: Any = line
    *way, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    for part in way:
        place = place[part]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return json.dumps(line).encode()


BAD = [
    (b"", ""),
    (b"null", ""),
    (b"[]", ""),
    (b"{", ""),
    (b"\xff\xfe", ""),
    (b"1" * 5000, ""),
    (b"1e999", ""),
    (b"[" * 200_000, ""),
    (b'{"a":' * 100_000, ""),
    (b'"' + b"x" * (10 << 20) + b'"', ""),
    (b'{"request": {"legal_basis": "\\ud800"}}', ""),
    (GOOD_LINE.encode().replace(b'"facts"', b'"request": {}, "facts"', 1), "request"),
    (GOOD_LINE.encode().replace(b'"signature"', b'"signature": "valid", "signature"', 1), "signature"),
    (b'{"request": {}, "facts": {}}', "request.instrument"),
    (b'{"facts": {}}', "facts.verified"),
    (put("facts", ...), "facts"),
    (put("request", ...), "request"),
    (put("surprise", 1), "surprise"),
    (put("request/surprise", 1), "request.surprise"),
    (put("request/issuer/rank", 1), "request.issuer.rank"),
    (put("request/instrument", "letter"), "request.instrument"),
    (put("request/instrument", None), "request.instrument"),
    (put("request/asks", ...), "request.asks"),
    (put("request/asks", {}), "request.asks"),
    (put("request/asks/0/kind", "delete"), "request.asks[0].kind"),
    (put("request/asks/0/data", ["everything"]), "request.asks[0].data[0]"),
    (put("request/asks/0/targets", "x"), "request.asks[0].targets"),
    (put("request/asks/0/id", ...), "request.asks[0].id"),
    (put("request/issuer/kind", "king"), "request.issuer.kind"),
    (put("request/issuer/country", "Poland"), "request.issuer.country"),
    (put("request/issuer/country", "pl"), "request.issuer.country"),
    (put("request/signature", "maybe"), "request.signature"),
    (put("request/validated_by", "pope"), "request.validated_by"),
    (put("request/emergency", True), "request.emergency"),
    (put("request/received_at", "2026-11-25T10:00:00"), "request.received_at"),
    (put("request/received_at", "2026-02-30T10:00:00Z"), "request.received_at"),
    (put("request/received_at", "2026-11-25"), "request.received_at"),
    (put("request/received_at", "2026-11-25T23:59:60Z"), "request.received_at"),
    (put("request/received_at", 10**30), "request.received_at"),
    (put("request/received_at", 1e300), "request.received_at"),
    (put("request/received_at", "9999-12-31T23:59:59Z"), "request.received_at"),
    (put("request/received_at", "0001-01-01T00:00:00+14:00"), "request.received_at"),
    (put("request/confidential_until", "2026-11-25T10:00:00"), "request.confidential_until"),
    (put("request/confidential_until", "9999-12-31T23:59:59-14:00"), "request.confidential_until"),
    (put("facts/verified", "sure"), "facts.verified"),
    (put("facts/targets", []), "facts.targets"),
    (put("facts/establishment", ""), "facts.establishment"),
    (put("facts/languages", "en"), "facts.languages"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "field"), BAD, ids=range(len(BAD)))
def test_a_bad_line_names_its_field(line: bytes, field: str) -> None:
    """A line that cannot be read is refused with the field's path and a reason."""
    with pytest.raises(InputError) as caught:
        assess_line(line, BOOK, None)
    assert caught.value.reason
    assert caught.value.field == field or (field and caught.value.field.startswith(field + "["))


def test_the_rest_goes_on_and_the_exit_code_is_2() -> None:
    """Bad lines are reported with their numbers on standard error; good ones are answered; the command ends with 2."""
    lines = b"\n".join([GOOD_LINE.encode(), b"{", b"", b"[" * 100_000, b"x" * (10 << 20), GOOD_LINE.encode()])
    done = CliRunner().invoke(evenhand, ["assess", "-"], input=lines, obj=Desk())
    assert done.exit_code == 2
    assert len(done.stdout.splitlines()) == 2
    reports = [json.loads(line) for line in done.stderr.splitlines()]
    assert [report["line"] for report in reports] == [2, 4, 5]
    assert all(set(report) == {"line", "field", "reason"} and report["reason"] for report in reports)


def test_a_line_without_an_end_does_not_fill_the_memory() -> None:
    """Only the beginning of a line that is too long is kept."""
    got = list(numbered_lines(io.BytesIO(b"a" * 1_000_000 + b"\nb\n\n\nc"), 10))
    assert got == [(1, b"a" * 11), (2, b"b\n"), (5, b"c")]


def answer_or_reason(line: bytes) -> None:
    """See that a line is answered with JSON or refused with a sentence."""
    reason = "answered"
    try:
        json.loads(assess_line(line, BOOK, None))
    except InputError as error:
        reason = error.reason
    assert reason


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
paths = st.sampled_from([
    "request", "facts", "request/issuer", "request/asks", "request/asks/0", "request/territory", "request/legal_basis",
    "request/received_at", "request/confidential_until", "request/offence", "request/language", "facts/targets",
    "facts/languages", "facts/markets", "facts/verified", "request/asks/0/targets", "request/asks/0/data",
])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(path=paths, value=json_values)
def test_anything_in_any_place_is_answered_or_refused(path: str, value: Any) -> None:
    """No value in any place gives a traceback."""
    answer_or_reason(put(path, value))


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=200), at=st.integers(0, len(GOOD_LINE)))
def test_broken_bytes_are_answered_or_refused(data: bytes, at: int) -> None:
    """No bytes put into a good line give a traceback."""
    line = GOOD_LINE.encode()
    answer_or_reason(line[:at] + data + line[at:])
