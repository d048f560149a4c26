"""The desk's own tables: dated rows that a platform replaces, ends and adds; holes and nonsense are refused by name."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from evenhand.desk.routing import due_at, route
from evenhand.flow.calendars import working_on
from evenhand.flow.shipped_law import shipped_desk_book
from evenhand.rulebook.desk_tables import DeskBook
from evenhand.rulebook.load import load_law
from evenhand.views.desk_rules import rules_on
from evenhand.vocabulary.case import Origin
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import Category

DAY = date(2026, 11, 24)
SOURCE = 'source = "Board, 2026-11-01"'


def book(tmp_path: Path, text: str) -> DeskBook:
    """Return the book with a platform's own file."""
    (tmp_path / "desk.toml").write_text(text, "utf-8")
    return load_law(tmp_path).desk


def test_what_comes_along_is_whole() -> None:
    """The loader reads what the unwired desk reads; every row has its source."""
    shipped, loaded = shipped_desk_book(), load_law().desk
    assert [(row.id, row.holds_from) for row in loaded.rows()] == [(row.id, row.holds_from) for row in shipped.rows()]
    assert all(row.source for row in loaded.rows())


def test_a_platform_changes_a_weight_from_a_day_on(tmp_path: Path) -> None:
    """The old row is ended, the new one follows: what was decided before is weighed by the rows of its day."""
    own = f"""
[[strike]]
id = "harm-3"
order = 20
harm = 3
weight = 4
days = 365
holds_from = 2024-02-17
holds_to = 2026-11-23
{SOURCE}

[[strike]]
id = "harm-3"
order = 20
harm = 3
weight = 5
days = 400
holds_from = 2026-11-24
{SOURCE}
"""
    found = book(tmp_path, own)
    weights = [
        next(row.weight for row in found.on(day).weights if row.id == "harm-3")
        for day in (DAY - timedelta(days=1), DAY, DAY + timedelta(days=900))
    ]
    assert weights == [4, 5, 5]
    assert rules_on(found, DAY).strikes == found.on(DAY).weights


def test_hours_lists_and_addressees(tmp_path: Path) -> None:
    """Office hours in a zone with a state's holidays, days off of one's own, listed targets, whom to notify."""
    own = f"""
[[office_hours]]
id = "desk"
zone = "Europe/Brussels"
opens = "09:00"
closes = "17:00"
weekdays = [0, 1, 2, 3, 4]
holidays_of = "BE"
holds_from = 2024-02-17
{SOURCE}

[[day_off]]
id = "bridge"
day = 2026-12-24
holds_from = 2026-01-01
{SOURCE}

[[day_off]]
id = "we-work"
day = 2026-12-25
off = false
holds_from = 2026-01-01
{SOURCE}

[[high_profile]]
id = "channel-of-a-minister"
holds_from = 2026-01-01
{SOURCE}

[[addressee]]
id = "europol"
name = "Europol"
country = "EU"
address = "alarm@example.org"
holds_from = 2026-01-01
{SOURCE}
"""
    tables = book(tmp_path, own).on(DAY)
    at = datetime(2026, 12, 23, 15, 30, tzinfo=UTC)
    working = working_on(tables.hours, tables.days_off, at)
    assert date(2027, 1, 1) in working.holidays
    routed = route(
        tables.queues,
        Category.INTELLECTUAL_PROPERTY_INFRINGEMENTS,
        None,
        origin=Origin.NOTICE,
        reach=None,
        urgent=False,
        listed=True,
    )
    assert routed.four_eyes
    # Half an hour on Wednesday; Thursday is off, Friday is not, whatever Belgium says; then Monday and Tuesday.
    assert due_at(at, routed, working) == datetime(2026, 12, 29, 15, 30, tzinfo=UTC)
    assert tables.listed == {"channel-of-a-minister"}
    assert [row.country for row in tables.addressees] == ["EU"]


_QUEUE = '[[queue]]\nid = "{}"\norder = 90\ntarget_h = 16\n'
_HOURS = '[[office_hours]]\nid = "{}"\nopens = "09:00"\ncloses = "17:00"\nzone = '
NEW, FIRST = "holds_from = 2026-01-01\n", "holds_from = 2024-02-17\n"
WRONG = [
    (_QUEUE.format("general") + "harm = 0\nholds_to = 2026-01-01\n" + FIRST, "queue on 2026-01-02"),
    (_QUEUE.format("x") + "harm = 4\n" + NEW, "x.harm"),
    (_QUEUE.format("x") + 'harm = 1\ncategories = ["NOPE"]\n' + NEW, "x.categories"),
    ('[[sanction]]\nid = "x"\norder = 1\nweight = 1\nsanction = "flog"\ndays = 1\n' + NEW, "x.sanction"),
    (_HOURS.format("desk") + '"Mars/Base"\n' + FIRST, "desk.zone"),
    (_HOURS.format("two") + '"UTC"\n' + NEW, "office_hours two"),
    ('[[strike]]\nid = "x"\norder = 1\nharm = 0\nweight = -1\ndays = 1\n' + NEW, "x.weight"),
]


@pytest.mark.parametrize(("text", "field"), WRONG)
def test_nonsense_is_refused_by_name(tmp_path: Path, text: str, field: str) -> None:
    """A day without a queue for everything, an unknown code, a time zone on Mars."""
    with pytest.raises(InputError) as refused:
        book(tmp_path, text + SOURCE + "\n")
    assert field in str(refused.value)
