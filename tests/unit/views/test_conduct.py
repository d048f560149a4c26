"""What public pages show of the desk's own rules is what judges requests."""

from datetime import date

from evenhand.rulebook.load import load_law
from evenhand.views.conduct import held_entries, published_rules

BOOK = load_law()


def test_every_rule_is_published() -> None:
    """No principle and no safeguard is kept from the page; each says what it applies to and from when."""
    rows = published_rules(BOOK)
    assert {row.id for row in rows} == {row.id for row in (*BOOK.principles, *BOOK.safeguards)}
    assert all(row.sentence and row.applies_to and row.source and row.holds_from for row in rows)


def test_only_what_holds_on_the_day_is_shown() -> None:
    """A page of a day shows the rules of that day."""
    assert published_rules(BOOK, date(2017, 12, 31)) == ()
    assert {row.kind for row in published_rules(BOOK, date(2018, 1, 1))} == {"principle"}


def test_no_rule_names_a_state() -> None:
    """Never a hidden country list: no principle and no safeguard has a field for one."""
    names = {name for row in (*BOOK.principles, *BOOK.safeguards) for name in type(row).__dataclass_fields__}
    assert not names & {"country", "countries", "state", "states"}


def test_the_catalogue_shows_what_is_kept_first() -> None:
    """Kept and not kept both stand in it, with their retention."""
    kept = [row.kept for row in held_entries(BOOK)]
    assert kept == sorted(kept, reverse=True)
    assert set(kept) == {True, False}
    assert all(row.retention for row in held_entries(BOOK, date(2026, 11, 24)))
