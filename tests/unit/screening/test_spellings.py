"""Disguised spellings, undone only where a list asks for it."""

import polars as pl
import pytest

from evenhand.screening.normalise import normalise
from evenhand.screening.phrases import PhraseMatcher, Phrases


def hits(text: str, spelling: str, phrases: tuple[str, ...] = ("viagra", "hello", "free pills", "18+")) -> int:
    """Return the hits in a text that stands between two innocent ones."""
    matcher = PhraseMatcher([Phrases(1, True, pl.Series(phrases), spelling)])
    found = matcher.count(normalise(pl.Series(["v i e w", text, "50 4 5"])), 2)
    assert found[0].sum() == found[2].sum() == found[:, 0].sum() == 0
    return int(found[1, 1])


@pytest.mark.parametrize(
    ("text", "plain", "leetspeak", "spaced", "both"),
    [
        ("viagra", 1, 1, 1, 1),
        ("V1AGR4", 0, 1, 0, 1),
        ("v!@gr@ and h3ll0 and he11o", 0, 3, 0, 3),
        ("fr33 p1ll5", 0, 1, 0, 1),
        ("v i a g r a", 0, 0, 1, 1),
        ("buy v.i.a.g.r.a now, H-E-L-L-O", 0, 0, 2, 2),
        ("v 1 a g r 4", 0, 0, 0, 1),
        ("viagra viagra100mg v1agra", 2, 3, 2, 3),
        ("viagras, v1agras, v i a g r a s", 0, 0, 0, 0),
        ("18+ only", 1, 1, 1, 1),
        ("in 2018 a b c", 0, 0, 0, 0),
        ("", 0, 0, 0, 0),
    ],
)
def test_spellings_are_undone_where_a_list_asks_for_it(
    text: str, plain: int, leetspeak: int, spaced: int, both: int
) -> None:
    """Each place counts once, however many spellings lead to it; parts of longer words are no hits."""
    found = [hits(text, spelling) for spelling in ("plain", "leetspeak", "spaced", "leetspeak, spaced")]
    assert found == [plain, leetspeak, spaced, both]
