"""Who is notified of a threat to life or safety. Pure."""

from collections.abc import Sequence

from evenhand.vocabulary.addressee import Addressee

__all__ = ["Addressee", "addressees_for"]


def addressees_for(states: Sequence[str], table: Sequence[Addressee]) -> tuple[Addressee, ...]:
    """Return who is notified: the authorities of the states concerned.

    Where they cannot be told with reasonable certainty, or the table has no row for one of them: those of the state of
    establishment or of the legal representative, and Europol (Art. 18(2)).
    """
    named = [row for row in table if row.country in states]
    if states and {row.country for row in named} >= set(states):
        return tuple(named)
    return (*named, *(row for row in table if row.country in ("HOME", "EU")))
