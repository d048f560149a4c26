"""The desk's tables as their public page shows them: the rows in force on a day, without whom they name."""

from dataclasses import dataclass
from datetime import date

from evenhand.rulebook.desk_tables import DeskBook, MisuseStep, Queue, SanctionStep, StrikeWeight


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRules:
    """The rows in force, each table in its order. Listed targets and addressees are not among them."""

    queues: tuple[Queue, ...]
    strikes: tuple[StrikeWeight, ...]
    sanctions: tuple[SanctionStep, ...]
    misuse: tuple[MisuseStep, ...]


def rules_on(book: DeskBook, day: date) -> DeskRules:
    """Return the public rows in force on `day`."""
    tables = book.on(day)
    return DeskRules(queues=tables.queues, strikes=tables.weights, sanctions=tables.sanctions, misuse=tables.misuse)
