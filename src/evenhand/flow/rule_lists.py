"""Which lists a screening rule reads, as it is written now: for figures by list."""

from evenhand.screening.expression import columns_of
from evenhand.screening.service import Screener


def lists_of(screener: Screener, rule: str) -> tuple[str, ...]:
    """Return the names of the lists that a rule's condition names; of a rule that is no more, none."""
    named = {column for one in screener.rules if one.name == rule for column in columns_of(one.condition)}
    return tuple(sorted(named & set(screener.lists.names)))
