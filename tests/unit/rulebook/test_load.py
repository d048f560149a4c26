"""The loader of law tables: what it takes, what it refuses, how a platform's own rows stand beside those shipped."""

from datetime import date, timedelta
from pathlib import Path
from typing import get_args

import pytest

from evenhand.rulebook.load import load_law
from evenhand.rulebook.tables import Mark
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.request import Instrument

SHIPPED = load_law()
ROW = """
[[deadline]]
id = "xe-hours"
instrument = "national-order"
country = "XE"
limit = "PT12H"
holds_from = 2026-07-01
source = "Exampleland Platform Act, s. 6"
checked = "V"
"""
REGIME = """
[[regime]]
id = "xe-act"
instrument = "national-order"
country = "XE"
law = "national"
asks = ["remove"]
decides = "rules"
verified = "registry"
notify = "at-effect"
notify_why = "Section 9."
clock = { starts = "on receipt", stops = "never", restarts = "never" }
holds_from = 2026-07-01
source = "Exampleland Platform Act, s. 4"
checked = "V"
"""


def load(tmp_path: Path, text: str) -> object:
    """Load the tables with one file of the platform's own."""
    (tmp_path / "own.toml").write_text(text, "utf-8")
    return load_law(tmp_path)


@pytest.mark.parametrize("text", [ROW, REGIME, ROW + REGIME, ROW.replace('"V"', '"V/S"')])
def test_a_good_row_is_taken(tmp_path: Path, text: str) -> None:
    """Rows that say everything are taken."""
    load(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (ROW.replace('source = "Exampleland Platform Act, s. 6"\n', ""), "lacks source"),
        (ROW.replace('"Exampleland Platform Act, s. 6"', '" "'), "source"),
        (ROW.replace('checked = "V"\n', ""), "lacks checked"),
        (ROW.replace('checked = "V"', 'checked = "sure"'), "checked"),
        (ROW.replace('checked = "V"', "checked = 1"), "checked"),
        (ROW.replace("holds_from = 2026-07-01\n", ""), "lacks holds_from"),
        (ROW.replace("2026-07-01", '"2026-07-01"'), "holds_from"),
        (ROW.replace("2026-07-01", "2026-07-01T00:00:00Z"), "holds_from"),
        (ROW.replace("2026-07-01", "2026-07-01\nholds_to = 2026-06-30"), "holds_to"),
        (ROW.replace('limit = "PT12H"\n', ""), "lacks limit"),
        (ROW.replace("PT12H", "12 hours"), "limit"),
        (ROW.replace("PT12H", "PT"), "limit"),
        (ROW.replace("PT12H", "P"), "limit"),
        (ROW.replace("national-order", "letter"), "instrument"),
        (ROW.replace('"XE"', '"Exampleland"'), "country"),
        (ROW + 'asks = ["delete"]\n', "asks"),
        (ROW + 'asks = "remove"\n', "asks"),
        (ROW + 'surprise = "1"\n', "surprise"),
        (ROW + ROW, "twice"),
        (ROW + ROW.replace("2026-07-01", "2027-01-01"), "overlaps"),
        (
            ROW.replace("2026-07-01", "2026-07-01\nholds_to = 2026-12-30") + ROW.replace("2026-07-01", "2027-01-01"),
            "gap",
        ),
        (REGIME + REGIME.replace("xe-act", "xe-other"), "overlaps"),
        (REGIME.replace('law = "national"', 'law = "local"'), "law"),
        (REGIME.replace('asks = ["remove"]', 'asks = ["remove", 1]'), "asks"),
        (REGIME.replace('verified = "registry"', 'verified = "yes"'), "verified"),
        (REGIME.replace('restarts = "never"', "restarts = 1"), "clock"),
        (REGIME.replace('decides = "rules"\n', 'decides = "rules"\nautomatic = "yes"\n'), "automatic"),
        ("[[laws]]\nid = 1\n", "laws"),
        ("[deadline]\nid = 1\n", "deadline"),
        ("deadline = 1\n", "deadline"),
        ("deadline = [1]\n", "deadline"),
        ('members = ["Poland"]\n', "members"),
        ("members = 1\n", "members"),
        ("languages = 1\n", "languages"),
        ("[[deadline", "TOML"),
    ],
)
def test_a_bad_row_names_file_row_and_field(tmp_path: Path, text: str, names: str) -> None:
    """What cannot be used is refused, in words that lead to the place."""
    with pytest.raises(InputError) as caught:
        load(tmp_path, text)
    assert names in str(caught.value)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """A file that is not UTF-8 is named."""
    (tmp_path / "own.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"own\.toml"):
        load_law(tmp_path)


def test_editions_may_follow_each_other(tmp_path: Path) -> None:
    """A new edition begins the day after the old one ends; each day has one."""
    old = ROW.replace("2026-07-01", "2026-07-01\nholds_to = 2026-12-31")
    new = ROW.replace("2026-07-01", "2027-01-01").replace("PT12H", "PT6H")
    (tmp_path / "own.toml").write_text(old + new, "utf-8")
    book = load_law(tmp_path)
    for day, limits in ((date(2026, 6, 30), []), (date(2026, 12, 31), ["PT12H"]), (date(2027, 1, 1), ["PT6H"])):
        assert [row.limit for row in book.edition("national-order", "XE", day).deadlines] == limits


def test_an_own_row_stands_in_a_shipped_rows_place(tmp_path: Path) -> None:
    """A lawyer approves a recalled row by writing it again."""
    text = """
[[deadline]]
id = "tr-4-hours"
instrument = "national-order"
limit = "PT4H"
country = "TR"
asks = ["remove", "geo-restrict"]
holds_from = 2024-01-01
source = "Law 5651, read on 1 December 2026"
checked = "V"
"""
    (tmp_path / "own.toml").write_text(text, "utf-8")
    rows = [row for row in load_law(tmp_path).deadlines if row.id == "tr-4-hours"]
    assert [row.checked for row in rows] == [Mark.READ]
    assert [row.checked for row in SHIPPED.deadlines if row.id == "tr-4-hours"] == [Mark.RECALLED]


def test_every_row_shipped_has_source_and_mark() -> None:
    """A number without source, date and mark does not exist."""
    assert all(row.source.strip() and row.checked in Mark and row.holds_from for row in SHIPPED.rows())


def test_all_instruments_have_a_regime_today() -> None:
    """No kind of request is left without a regime."""
    for instrument in get_args(Instrument):
        assert SHIPPED.edition(instrument, "DE", date(2026, 11, 24)).regime is not None


def test_tables_without_values_ship_empty() -> None:
    """What the reference does not give is not filled from memory."""
    assert SHIPPED.indices == ()


def test_editions_change_on_the_right_days() -> None:
    """The rows kept ready are those that hold: compared with a plain reading around every change."""
    rows = SHIPPED.rows()
    days = {row.holds_from for row in rows} | {row.holds_to for row in rows if row.holds_to}
    for day in {day + timedelta(days=n) for day in days for n in (-1, 0, 1)}:
        for country in ("IN", "US", "ZZ"):
            for instrument in get_args(Instrument):
                edition = SHIPPED.edition(instrument, country, day)
                for kept, table in (
                    (edition.required, SHIPPED.required),
                    (edition.deadlines, SHIPPED.deadlines),
                    (edition.may_issue, SHIPPED.may_issue),
                    (edition.duties, SHIPPED.duties),
                ):
                    plain = [
                        row
                        for row in table
                        if row.instrument == instrument and row.country in ("", country) and row.holds(day)
                    ]
                    assert list(kept) == plain


def test_every_state_has_a_language() -> None:
    """The language of a request can be substituted for every state."""
    assert set(SHIPPED.states) <= set(SHIPPED.languages)
    assert set(SHIPPED.members) <= set(SHIPPED.states)
