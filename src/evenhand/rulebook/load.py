"""The only reader of law/*.toml: every row checked, overlaps refused."""

import itertools
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from evenhand.rulebook.tables import Deadline, LawBook, Mark, MayIssue, Principle, Regime, Required, Row
from evenhand.vocabulary.errors import InputError

_ROWS: dict[str, type[Any]] = {
    "regime": Regime,
    "required": Required,
    "deadline": Deadline,
    "may_issue": MayIssue,
    "principle": Principle,
}
_OPTIONAL: dict[str, Any] = {
    "holds_to": None,
    "unless": "",
    "data": (),
    "country": "",
    "asks": (),
    "issuers": (),
    "flags": (),
    "courts": (),
    "threshold_years": 0,
    "issuer_area": "any",
    "automatic": False,
}


def load_law(*directories: Path) -> LawBook:
    """Read the tables that come with Evenhand and those in `directories`, which add rows without touching code.

    Raises:
        InputError: A row lacks a value, has an unknown or wrong one, or overlaps another; names file and row.
    """
    rows: dict[str, list[Any]] = defaultdict(list)
    members: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    shipped: Iterable[Traversable] = files("evenhand.rulebook").joinpath("law").iterdir()
    own: Iterable[Traversable] = [path for folder in directories for path in folder.iterdir()]
    for file in sorted([*shipped, *own], key=lambda path: path.name):
        if file.name.endswith(".toml"):
            table = _parse(file)
            members = tuple(table.pop("members", members))
            states = tuple(table.pop("states", states))
            for kind, found in table.items():
                rows[kind].extend(_row(file.name, kind, values) for values in found)
    _refuse_overlaps(rows["regime"])
    _refuse_double_ids(rows)
    return LawBook(
        regimes=tuple(rows["regime"]),
        required=tuple(rows["required"]),
        deadlines=tuple(rows["deadline"]),
        may_issue=tuple(rows["may_issue"]),
        principles=tuple(rows["principle"]),
        members=members,
        states=states,
    )


def _parse(file: Traversable) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(file.name, f"is not TOML: {error}") from error


def _row(file: str, kind: str, values: dict[str, Any]) -> Any:
    if kind not in _ROWS:
        raise InputError(f"{file}: {kind}", f"is not a table; known are {', '.join(_ROWS)}")
    shape = _ROWS[kind]
    known = {f.name for f in fields(shape)}
    name = f"{file}: {kind} {values.get('id', '(without id)')}"
    if unknown := sorted(set(values) - known):
        raise InputError(name, f"has no field {unknown[0]!r}; known are {', '.join(sorted(known))}")
    built: dict[str, Any] = {}
    for field in known:
        if field not in values and field not in _OPTIONAL:
            raise InputError(name, f"lacks {field}")
        value = values.get(field, _OPTIONAL.get(field))
        built[field] = tuple(value) if isinstance(value, list) else value
    if "checked" in built:
        built["checked"] = _mark(name, built["checked"])
    if not isinstance(built["holds_from"], date):
        raise InputError(f"{name}.holds_from", "must be a date, as in 2022-06-07")
    return shape(**built)


def _mark(name: str, text: Any) -> Mark:
    marks = [Mark(letter) for letter in "RSV" if isinstance(text, str) and letter in text]
    if not marks:
        raise InputError(f"{name}.checked", "must be V (read), S (secondary) or R (recalled)")
    return marks[0]


def _refuse_overlaps(regimes: list[Row]) -> None:
    by_instrument: dict[str, list[Row]] = defaultdict(list)
    for row in regimes:
        by_instrument[row.instrument].append(row)
    for instrument, rows in by_instrument.items():
        rows.sort(key=lambda row: row.holds_from)
        for old, new in itertools.pairwise(rows):
            if old.holds_to is None or old.holds_to >= new.holds_from:
                raise InputError(f"regime {new.id}", f"overlaps {old.id}: one regime of {instrument} on each day")


def _refuse_double_ids(rows: dict[str, list[Any]]) -> None:
    seen: set[tuple[str, str, date]] = set()
    for kind, found in rows.items():
        for row in found:
            key = (kind, row.id, row.holds_from)
            if key in seen:
                raise InputError(f"{kind} {row.id}", "is there twice with the same holds_from")
            seen.add(key)
