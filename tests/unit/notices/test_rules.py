"""What a notice must have; what near-identical is; what misuse leads to."""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from random import Random
from zlib import crc32

from hypothesis import given
from hypothesis import strategies as st

from evenhand.flow.shipped_law import shipped_desk_book
from evenhand.notices.campaign import bands, fingerprint, fingerprints, same
from evenhand.notices.misuse import Known, Record, measure, months, record_in
from evenhand.notices.rules import ELEMENTS, missing
from evenhand.vocabulary.eu import Category, Keyword
from evenhand.vocabulary.notice import Notice, Snapshot

STEPS = shipped_desk_book().on(date(2026, 11, 24)).misuse
AT = datetime(2026, 11, 24, tzinfo=UTC)
WORDS = [f"word{n}" for n in range(400)]
RECORDS = st.builds(Record, upheld=st.integers(0, 50), rejected=st.integers(0, 50), unfounded=st.integers(0, 50))


@given(
    st.text(max_size=30), st.text(max_size=10), st.text(max_size=20), st.booleans(), st.sampled_from([None, *Keyword])
)
def test_missing_is_total(reasons: str, name: str, email: str, faith: bool, keyword: Keyword | None) -> None:
    """Whatever comes, what is missing is named in the order of the law; child abuse needs no name."""
    notice = Notice(
        key="k",
        received_at=AT,
        raw=b"x",
        items=(Snapshot(url="https://x.example/1"),),
        reasons=reasons,
        name=name,
        email=email,
        good_faith=faith,
        category=Category.VIOLENCE,
        keyword=keyword,
    )
    fields = [element.field for element in missing(notice)]
    assert fields == [element.field for element in ELEMENTS if element.field in fields]
    assert ("good_faith" in fields) is not faith
    if keyword is Keyword.CHILD_SEXUAL_ABUSE_MATERIAL:
        assert not {"name", "email"} & set(fields)


def test_a_few_words_changed_is_the_same_text() -> None:
    """Of 200 pairs of near-identical texts almost all are found; of 2,000 pairs of other texts none."""
    dice = Random(1)
    found = 0
    for _ in range(200):
        words = dice.choices(WORDS, k=60)
        other = list(words)
        other[dice.randrange(60)] = "changed"
        one, two = fingerprint(" ".join(words)), fingerprint(" ".join(other))
        assert one is not None
        assert two is not None
        found += same(one, two) and bool(set(bands(one)) & set(bands(two)))
    assert found >= 190
    marks = [fingerprint(" ".join(dice.choices(WORDS, k=60))) for _ in range(64)]
    pairs = [(one, two) for n, one in enumerate(marks) for two in marks[:n]]
    assert len(pairs) >= 2000
    assert not any(same(one, two) for one, two in pairs if one and two)


@given(st.text(max_size=300))
def test_a_fingerprint_is_of_the_words(text: str) -> None:
    """Case, spacing and punctuation change nothing; short texts have none."""
    mark = fingerprint(text)
    assert mark is None or (len(mark) == 32 and same(mark, mark))
    spaced = fingerprint("  ".join(text.split()))
    assert spaced == mark


@given(RECORDS, st.booleans(), st.integers(0, 3), st.booleans())
def test_no_suspension_without_a_warning(record: Record, warned: bool, suspensions: int, after: bool) -> None:
    """A suspension follows a warning, rests on what was sent after it, has an end, and is never for upheld notices."""
    known = Known(warned_at=AT if warned else None, suspensions=suspensions)
    found = measure(STEPS, record, known, AT, AT + timedelta(hours=1 if after else -1))
    if found is None:
        return
    assert record.unfounded >= STEPS[-1].unfounded
    if found.kind == "suspension":
        assert warned
        assert after
        assert found.until is not None
        assert found.until > AT
    else:
        assert not warned


@given(RECORDS)
def test_while_suspended_nothing_is_added(record: Record) -> None:
    """A running suspension is not lengthened by what came in before it."""
    known = Known(warned_at=AT, suspensions=1, suspended_until=AT + timedelta(days=1))
    assert measure(STEPS, record, known, AT, AT) is None


def test_the_window_is_three_months() -> None:
    """Older months do not count."""
    window = months(datetime(2026, 1, 15, tzinfo=UTC).date())
    assert window == ("2025-11", "2025-12", "2026-01")
    tallies = {"n/x/2025-10/unfounded": 9, "n/x/2025-11/unfounded": 2, "n/x/2026-01/rejected": 3}
    assert record_in(window, tallies, "n/x") == Record(rejected=3, unfounded=2)


def plain_fingerprint(text: str) -> bytes | None:
    """Return a fingerprint by plain loops: what the columns must come to."""
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())[:2000]
    if len(words) < 6:
        return None
    ones = [crc32(word.encode("utf-8", "surrogatepass")) for word in words]
    whole = 2**32 - 1
    runs = [
        a * 31 & whole ^ b * 131 & whole ^ c * 8191 & whole for a, b, c in zip(ones, ones[1:], ones[2:], strict=False)
    ]
    mark = b""
    for n in range(8):
        times, plus = 2_654_435_761 + 2 * 40_503 * n * n + 2 * n, 1_013_904_223 * (n + 1)
        mixed = [run * times + plus & whole for run in runs]
        mark += min(one ^ one >> 15 for one in mixed).to_bytes(4, "big")
    return mark


@given(st.lists(st.text(st.characters(exclude_categories=[]), max_size=80) | st.text("ab c", max_size=60), max_size=6))
def test_fingerprints_of_many_are_those_of_each(texts: list[str]) -> None:
    """All in one pass is the same as each by plain loops, short and foreign texts in between."""
    assert fingerprints(texts) == [plain_fingerprint(text) for text in texts]
