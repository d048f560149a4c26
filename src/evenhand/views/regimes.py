"""What each regime's form needs and when it is due, as authorities read it before they write. Pure.

The same rows judge their requests.
"""

from dataclasses import dataclass
from datetime import date
from typing import get_args

from evenhand.rulebook.tables import LawBook
from evenhand.vocabulary.request import Instrument


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededField:
    """A field that a regime requires.

    Attributes:
        recalled: The row was not checked against its source yet.
    """

    field: str
    source: str
    recalled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FormLine:
    """A field of the regime's own form, beside those that every request has.

    Attributes:
        section: Of the form, "" for none.
    """

    section: str
    name: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeShown:
    """A regime as it is in force on a day, in any state or in one.

    Attributes:
        asks: What may be asked for under it.
        issuers: Who may issue; empty: not restricted by the regime itself.
        deadlines: (ISO 8601 duration, what for, source).
        form: The fields of its own form.
        form_source: Where they stand, and "(recalled)" where nobody has checked it.
        country: Whose own rows are among these, "" for none.
    """

    instrument: str
    law: str
    source: str
    recalled: bool
    asks: tuple[str, ...]
    issuers: tuple[str, ...]
    deadlines: tuple[tuple[str, str, str], ...]
    needed: tuple[NeededField, ...]
    form: tuple[FormLine, ...] = ()
    form_source: str = ""
    country: str = ""


def regimes_on(book: LawBook, day: date) -> tuple[RegimeShown, ...]:
    """Return the regimes in force on a day, in the order of the instruments."""
    shown = (regime_on(book, name, day) for name in get_args(Instrument))
    return tuple(one for one in shown if one is not None)


def regime_on(book: LawBook, instrument: str, day: date, country: str = "") -> RegimeShown | None:
    """Return an instrument's regime on a day, with a state's own rows; None where no row speaks of it."""
    edition = book.edition(instrument, country, day)
    form = next((row for row in book.forms if row.id == f"request-{instrument}" and row.holds(day)), None)
    if edition.regime is None:
        return None
    regime = edition.regime
    return RegimeShown(
        instrument=instrument,
        law=regime.law,
        source=regime.source,
        recalled=regime.recalled,
        asks=regime.asks,
        issuers=regime.issuers,
        deadlines=tuple((row.limit, ", ".join(row.asks), row.source) for row in edition.deadlines),
        needed=tuple(
            NeededField(field=row.field, source=row.source, recalled=row.recalled) for row in edition.required
        ),
        form=tuple(_line(line) for line in form.fields) if form else (),
        form_source=f"{form.source}{' (recalled)' if form.recalled else ''}" if form else "",
        country=country,
    )


def _line(line: str) -> FormLine:
    section, name, label = (part.strip() for part in line.split("|"))
    return FormLine(section=section, name=name, label=label)
