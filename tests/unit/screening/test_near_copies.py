"""Near copies: small edits, other digits, inserted emoji and other spacing do not hide them; other texts are none."""

import polars as pl
import pytest

from evenhand.screening.near_copies import NearCopies, Texts, letter_counts
from evenhand.screening.normalise import normalise

KNOWN = "Send 500 dollars to this wallet now and get 1000 back within the hour, guaranteed by our team"
RUSSIAN = "Переведите предоплату на карту сегодня, и курьер привезёт вам новый телефон уже завтра утром"
CHINESE = "请立即将五百元转入此钱包一小时内即可获得双倍返还名额有限先到先得切勿错过机会"


def owners(text: str | None) -> list[int]:
    """Return the lists that a text is a near copy of."""
    index = NearCopies([Texts(2, pl.Series([KNOWN, CHINESE])), Texts(7, pl.Series([RUSSIAN, "weather " * 9]))])
    rows, found = index.find(normalise(pl.Series(["before", text, "after"])).skeleton)
    assert set(rows.tolist()) <= {1}
    return sorted(found.tolist())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (KNOWN, [2]),
        (KNOWN.replace("500", "7 000").replace("1000", "99"), [2]),
        (KNOWN.replace(" ", " 🎉 "), [2]),
        (" ".join(KNOWN), [2]),
        (KNOWN.replace("wallet", "walet").replace("guaranteed", "garanteed"), [2]),
        (KNOWN.replace("e", "е"), [2]),  # Cyrillic
        (f"Hello all! {KNOWN} Write me at once, there are few places.", [2]),
        (KNOWN + " " + RUSSIAN, [2, 7]),
        (RUSSIAN.upper(), [7]),
        (RUSSIAN.replace("телефон", "ноутбук"), [7]),
        (CHINESE.replace("五百", "八百"), [2]),
        (KNOWN[:30], []),
        ("Send the children to this school now and get a place back within the year", []),
        ("", []),
        (None, []),
        ("guaranteed by our team", []),
    ],
)
def test_what_is_a_near_copy(text: str | None, found: list[int]) -> None:
    """Half of the runs of five letters, a tenth of those of twelve."""
    assert owners(text) == found


def test_nothing_listed_and_nothing_asked() -> None:
    """No texts are no error, on either side."""
    assert len(NearCopies([]).find(normalise(pl.Series([KNOWN])).skeleton)[0]) == 0
    empty = normalise(pl.Series([], dtype=pl.String)).skeleton
    assert len(NearCopies([Texts(0, pl.Series([KNOWN]))]).find(empty)[0]) == 0
    assert letter_counts(pl.Series(["a1 b!", ""])).tolist() == [2, 0]
