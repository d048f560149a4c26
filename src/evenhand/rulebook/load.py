"""The only reader of law/*.toml: every row checked, overlaps and gaps refused.

A directory of the platform's own adds rows without touching code. A row of its own with the id and the holds_from of a
row that comes with Evenhand stands in that row's place: so a lawyer approves a recalled row, ends one, or says what the
platform keeps.
"""

import re
import tomllib
from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from evenhand.rulebook.checks import TABLES, make_row, refuse_holes, refuse_overlaps_and_gaps
from evenhand.rulebook.desk_tables import KINDS, DeskBook
from evenhand.rulebook.tables import LawBook
from evenhand.rulebook.wording import words_of
from evenhand.vocabulary.errors import InputError

_STATE = re.compile(r"[A-Z]{2}", re.ASCII)
_LISTS = ("members", "states", "union_acts")
_WORDS = "form_words"
_Rows = dict[str, dict[tuple[str, str, Any], Any]]


def load_law(*directories: Path) -> LawBook:
    """Read the tables that come with Evenhand and those in `directories`.

    Raises:
        InputError: A row lacks a value, has an unknown or wrong one, or overlaps another; names file and row.
    """
    rows: _Rows = {kind: {} for kind in TABLES}
    lists: dict[str, Any] = dict.fromkeys(_LISTS, ()) | {"languages": {}, _WORDS: {}}
    _read(files("evenhand.rulebook").joinpath("law").iterdir(), rows, lists)
    for directory in directories:
        own: _Rows = {kind: {} for kind in TABLES}
        _read(directory.iterdir(), own, lists)
        for kind, found in own.items():
            rows[kind].update(found)
    for kind, found in rows.items():
        refuse_overlaps_and_gaps(kind, list(found.values()))
    return LawBook(
        regimes=tuple(rows["regime"].values()),
        required=tuple(rows["required"].values()),
        deadlines=tuple(rows["deadline"].values()),
        may_issue=tuple(rows["may_issue"].values()),
        exclusions=tuple(rows["exclusion"].values()),
        duties=tuple(rows["duty"].values()),
        principles=tuple(rows["principle"].values()),
        safeguards=tuple(rows["safeguard"].values()),
        waivers=tuple(rows["waiver"].values()),
        counter_notices=tuple(rows["counter_notice"].values()),
        clarifications=tuple(rows["clarification"].values()),
        indices=tuple(rows["index"].values()),
        held=tuple(rows["held"].values()),
        forms=tuple(rows["form"].values()),
        desk=desk_book(rows),
        **lists,
    )


def desk_book(rows: _Rows) -> DeskBook:
    """Return the desk's tables.

    Raises:
        InputError: A day would have no queue for everything, or no strike that fits.
    """
    book = DeskBook(**{name: tuple(rows[kind].values()) for kind, (name, _) in KINDS.items()})
    refuse_holes(book)
    return book


def _read(found: Iterable[Traversable], rows: _Rows, lists: dict[str, Any]) -> None:
    """Read every .toml file of a directory, in the order of their names."""
    for file in sorted(found, key=lambda path: path.name):
        if not file.name.endswith(".toml"):
            continue
        for kind, values in _parse(file).items():
            if kind == _WORDS:
                for language, words in words_of(f"{file.name}: {kind}", values).items():
                    # Texts are added and replaced one by one: a platform's file has words for its own forms only.
                    lists[kind][language] = lists[kind].get(language, {}) | words
                continue
            if kind in lists:
                lists[kind] = _list(file.name, kind, values)
                continue
            if not isinstance(values, list):
                raise InputError(f"{file.name}: {kind}", f"is not a table; known are {', '.join(TABLES)}")
            for each in values:
                row = make_row(file.name, kind, each)
                key = (row.id, getattr(row, "language", ""), row.holds_from)
                if key in rows[kind]:
                    raise InputError(f"{file.name}: {kind} {row.id}", "is there twice with the same holds_from")
                rows[kind][key] = row


def _parse(file: Traversable) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(file.name, f"is not TOML: {error}") from error


def _list(file: str, kind: str, values: Any) -> Any:
    if kind == "languages":
        good = isinstance(values, dict) and all(isinstance(language, str) for language in values.values())
        if not good:
            raise InputError(f"{file}: languages", "must name a language for each state")
        return dict(values)
    if not isinstance(values, list) or not all(isinstance(value, str) and value for value in values):
        raise InputError(f"{file}: {kind}", "must be a list of texts")
    if kind != "union_acts" and not all(_STATE.fullmatch(value) for value in values):
        raise InputError(f"{file}: {kind}", "must be a list of states' two letters")
    return tuple(values)
