"""Words of forms in other languages than the one that their rows are written in. Pure.

A row of `form_words` gives, for a language, our own words for a text of a form. The row in its own language says which
fields a form has; words never add one or take one away.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from evenhand.rulebook.tables import Form, LawBook
from evenhand.vocabulary.errors import InputError

FIRST = "en"
_LANGUAGE = re.compile(r"[a-z]{2,3}", re.ASCII)
_PLACE = re.compile(r"\{[a-z]+\}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Line:
    """A field of a form.

    Attributes:
        section: The form's own letter, or "".
    """

    section: str
    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Lacking:
    """A text of a form that has no words in a language."""

    form: str
    language: str
    text: str


def lines_of(form: Form) -> tuple[Line, ...]:
    """Return a form's fields, in order."""
    return tuple(Line(*(part.strip() for part in line.split("|"))) for line in form.fields)


def say(book: LawBook, language: str, text: str) -> str:
    """Return our words for a text in a language; without any, the text itself."""
    return book.form_words.get(language, {}).get(text, text)


def form_on(book: LawBook, name: str, day: date, language: str) -> Form | None:
    """Return a form's row in force, in the language if it has one, else in English; before its first day, the first."""
    rows = [row for row in book.forms if row.id == name]
    key = _preferred(day, language)
    return min(rows, key=key) if rows else None


def _preferred(day: date, language: str) -> Any:
    return lambda row: (not row.holds(day), row.language != language, row.language != FIRST)


def whole_form(book: LawBook, form: Form, language: str) -> Form:
    """Return a form in a language, if every text of it has words there: a letter is in one language or in its own."""
    if form.language == language or any(text not in book.form_words.get(language, {}) for text in texts_of(form)):
        return form
    fields = tuple(f"{line.section} | {line.name} | {say(book, language, line.label)}" for line in lines_of(form))
    return replace(form, language=language, title=say(book, language, form.title), fields=fields)


def texts_of(form: Form) -> tuple[str, ...]:
    """Return the texts that a form shows: its title and its labels, each once."""
    return tuple(dict.fromkeys((form.title, *(line.label for line in lines_of(form)))))


def lacking_words(book: LawBook) -> tuple[Lacking, ...]:
    """Return what is shown in English, for want of words, to who reads another of the languages that have any."""
    return tuple(
        Lacking(name, language, text)
        for name in dict.fromkeys(form.id for form in book.forms)
        for language in book.form_words
        for text in _lacking(book, name, language)
    )


def _lacking(book: LawBook, name: str, language: str) -> Iterator[str]:
    """Yield the texts of every edition of a form that neither a row in the language nor words say."""
    known = book.form_words[language]
    rows = [row for row in book.forms if row.id == name]
    for form in rows:
        if form.language == language or (form.language != FIRST and any(row.language == FIRST for row in rows)):
            continue
        own = [row for row in rows if row.language == language and row.holds(form.holds_from)]
        said = {line.name for row in own for line in lines_of(row)}
        if not own and form.title not in known:
            yield form.title
        yield from (line.label for line in lines_of(form) if line.name not in said and line.label not in known)


def words_of(name: str, value: Any) -> dict[str, dict[str, str]]:
    """Return the words of a file, by language.

    Raises:
        InputError: No table of tables of texts, or words that fill in something else than the text does.
    """
    if not isinstance(value, dict):
        raise InputError(name, "must be a table of words for each language")
    for language, words in value.items():
        if not _LANGUAGE.fullmatch(language) or language == FIRST:
            raise InputError(f"{name}.{language}", "must be another language's ISO 639-1 letters than en, as in de")
        if not isinstance(words, dict) or not all(isinstance(one, str) and one.strip() for one in words.values()):
            raise InputError(f"{name}.{language}", "must have a text for each text")
        _refuse_other_places(f"{name}.{language}", words)
    return value


def _refuse_other_places(name: str, words: Mapping[str, str]) -> None:
    for text, said in words.items():
        if sorted(_PLACE.findall(text)) != sorted(_PLACE.findall(said)):
            raise InputError(name, f"fills in something else than {text!r} does")
