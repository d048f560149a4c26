"""What each regime's form needs and when it is due, as authorities read it before they write. Pure.

The same rows judge their requests.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import get_args

from evenhand.rulebook.tables import Form, LawBook
from evenhand.rulebook.wording import FIRST, form_on, lines_of, say
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
        label: In the reader's language, where somebody wrote it.
        language: Of the label.
        recorded: Its label in the row's own language: what is recorded reads the same whatever page it was written on.
    """

    section: str
    name: str
    label: str
    language: str
    recorded: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeShown:
    """A regime as it is in force on a day, in any state or in one.

    Attributes:
        asks: What may be asked for under it.
        issuers: Who may issue; empty: not restricted by the regime itself.
        deadlines: (ISO 8601 duration, the asks it is for or none for all, source).
        form: The fields of its own form.
        form_title: Of that form, "" without one.
        form_source: Where it stands.
        form_recalled: Nobody has checked it there.
        country: Whose own rows are among these, "" for none.
    """

    instrument: str
    law: str
    source: str
    recalled: bool
    asks: tuple[str, ...]
    issuers: tuple[str, ...]
    deadlines: tuple[tuple[str, tuple[str, ...], str], ...]
    needed: tuple[NeededField, ...]
    form: tuple[FormLine, ...] = ()
    form_title: str = ""
    form_source: str = ""
    form_recalled: bool = False
    country: str = ""


def regimes_on(book: LawBook, day: date) -> tuple[RegimeShown, ...]:
    """Return the regimes in force on a day, in the order of the instruments."""
    shown = (regime_on(book, name, day) for name in get_args(Instrument))
    return tuple(one for one in shown if one is not None)


def regime_on(
    book: LawBook, instrument: str, day: date, country: str = "", language: str = FIRST
) -> RegimeShown | None:
    """Return an instrument's regime on a day, with a state's own rows; None where no row speaks of it.

    Args:
        book: The tables.
        instrument: What kind of request.
        day: UTC.
        country: Issuer's state, "" for the rows that are for all.
        language: Of the form's labels (ISO 639-1); a label without words in it stays as its row has it.
    """
    edition = book.edition(instrument, country, day)
    form = form_on(book, f"request-{instrument}", day, FIRST)
    form = form if form and form.holds(day) else None
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
        deadlines=tuple((row.limit, row.asks, row.source) for row in edition.deadlines),
        needed=tuple(
            NeededField(field=row.field, source=row.source, recalled=row.recalled) for row in edition.required
        ),
        form=_lines(book, form, day, language) if form else (),
        form_title=_own(book, form, day, language).title if form else "",
        form_source=form.source if form else "",
        form_recalled=bool(form and form.recalled),
        country=country,
    )


def _own(book: LawBook, form: Form, day: date, language: str) -> Form:
    """Return the form as a row in the language has it; else itself, its title in our words where there are any."""
    own = form_on(book, form.id, day, language)
    if own is not None and own.language == language and own.holds(day):
        return own
    return replace(form, title=say(book, language, form.title))


def _lines(book: LawBook, form: Form, day: date, language: str) -> tuple[FormLine, ...]:
    """Return the fields of the form, each labelled by a row in the language, else by our words, else as it is."""
    own = _own(book, form, day, language)
    labels = {line.name: line.label for line in lines_of(own)} if own.language == language else {}
    return tuple(
        FormLine(
            section=line.section,
            name=line.name,
            label=(said := labels.get(line.name) or say(book, language, line.label)),
            language=language if line.name in labels or said != line.label else form.language,
            recorded=line.label,
        )
        for line in lines_of(form)
    )
