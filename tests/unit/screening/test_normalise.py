"""Normalisation: spellings that look alike come out alike, words that do not stay apart."""

import unicodedata

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.screening.normalise import normalise


def form(text: str) -> str:
    """Return one text's normalised form."""
    return str(normalise(pl.Series([text])).skeleton.texts()[0])


@pytest.mark.parametrize(
    "spelled",
    [
        "viagra",
        "VIAGRA",
        "viаgra",  # Cyrillic а
        "νιαɡrа",  # Greek, IPA and Cyrillic
        "v\u200bi\u200da\ufeffg\u2060ra",  # zero-width characters
        "vi\u00adagra",  # soft hyphen
        "\u202eviagra\u202c",  # direction controls
        "ｖｉａｇｒａ",
        "𝓿𝓲𝓪𝓰𝓻𝓪",
        "ⓥⓘⓐⓖⓡⓐ",
        "🅥🅘🅐🅖🅡🅐",
        "🆅🅸🅰🅶🆁🅰",
        "v\u0301i\u0301a\u0301g\u0301r\u0301a\u0301",  # marks stuffed on every letter
        "v\u0336i\u0336a\u0336g\u0336r\u0336a\u0336",  # struck through
        "v̷̢̛͓̙i̵̡͝a̶̧͠g̸̨̈r̴̛͠a̷̡̛",
        "\u00a0 viagra\t\r\n",
        "viagra™",
        "VΙΑGRΑ",  # Greek capitals
        "ᴠɪᴀɢʀᴀ",
        "ᐯIᗩGᖇᗩ",  # Canadian syllabics, as letter generators write them
        "ꓦꓲꓮꓖꓣꓮ",  # Lisu
        "ᏙᎥᎪᏀᎡᎪ",  # Cherokee
        "viagra\U000e0041\U000e0042",  # tag characters
    ],
)
def test_evasions_come_out_as_the_plain_word(spelled: str) -> None:
    """Look-alike letters, hidden characters, styles and stuffed marks do not change a word."""
    assert form(spelled) == "viagra"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("СУКА", "сука"),
        ("cукa", "сука"),  # Latin c and a
        ("СУKА", "сука"),  # Latin K
        ("Ελληνικά", "ελληνικά"),
        ("كلمة", "کلمة"),  # Arabic and Persian kaf
        ("كِتَاب", "كتاب"),
        ("کلمه‌ها", "کلمهها"),
        ("straße", "STRASSE"),
        ("ﬁne", "fine"),
        ("e\u0301te\u0301", "été"),
        ("각", "\u1100\u1161\u11a8"),
        ("a  b\n\nc", "a b c"),
        ("ΝO WAY", "no way"),  # Greek capital Nu before a Latin letter
        ("ИНTЕРНEТ", "интернет"),
        ("х\u0301орошо\u0301", "хорошо"),
    ],
)
def test_spellings_of_one_word_come_out_alike(one: str, other: str) -> None:
    """Each script matches itself, however it is typed."""
    assert form(one) == form(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("año", "ano"),
        ("schwül", "schwul"),
        ("мир", "мор"),
        ("fall", "fail"),
        ("v1agra", "viagra"),  # digits are digits
        ("o0", "oo"),
        ("fjør", "fjor"),
        ("кот", "кит"),
        ("кой", "кои"),
        ("σοφός", "οοφός"),
        ("สวย", "สวน"),
        ("किताब", "कताब"),
        ("therapist", "the rapist"),
    ],
)
def test_different_words_stay_apart(one: str, other: str) -> None:
    """Nothing that a language tells apart in its own words is thrown together."""
    assert form(one) != form(other)


def test_every_text_keeps_its_place() -> None:
    """Empty texts, nulls and texts of separators alone are texts too."""
    texts = pl.Series(["a", "", None, "\0", "  ", "b\0c", "\u200b", "d"])
    joined = normalise(texts).skeleton
    assert joined.texts().to_list() == ["a", "", "", "", "", "b c", "", "d"]
    assert joined.lengths.tolist() == [1, 0, 0, 0, 0, 3, 0, 1]
    assert normalise(pl.Series([], dtype=pl.String)).skeleton.texts().to_list() == []


@settings(max_examples=100)
@given(st.lists(st.text(max_size=30), max_size=6))
def test_texts_do_not_touch_each_other(texts: list[str]) -> None:
    """A text comes out the same alone as among others, and normalising twice is normalising once."""
    together = normalise(pl.Series(texts, dtype=pl.String)).skeleton.texts().to_list()
    assert together == [form(text) for text in texts]
    assert [len(text) for text in together] == normalise(pl.Series(texts, dtype=pl.String)).skeleton.lengths.tolist()


@given(st.text(st.characters(codec="ascii"), max_size=40))
def test_plain_ascii_is_only_folded(text: str) -> None:
    """The short way for ASCII gives what the long way gives."""
    assert form(text) == form(text + "é")[:-1].rstrip(" ")


def test_the_table_of_confusables_is_in_its_own_form() -> None:
    """Each letter of the table is what folding leaves of it; else its row would never apply."""
    from evenhand.screening.characters import _confusables

    for alike, stands in _confusables().items():
        assert unicodedata.normalize("NFKC", alike.casefold()) == alike
        assert stands not in _confusables()
