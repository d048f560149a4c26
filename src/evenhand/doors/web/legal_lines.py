"""Asks and facts as lines that a person types and reads: one a line, columns with bars, so that 200 targets fit."""

import re
from collections.abc import Iterable
from typing import Any, get_args

from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.matter import Measure
from evenhand.vocabulary.request import Ask, AskKind, DataCategory, Flag, TargetFacts, TargetKind

LINES_MAX = 2000
_KINDS, _DATA, _TARGET_KINDS, _FLAGS = map(get_args, (AskKind, DataCategory, TargetKind, Flag))
_ACTIONS = ("disable", "geo-restrict")
_STATE = re.compile("[A-Z]{2}")
_YES_NO = {"yes": True, "no": False}


def format_asks(asks: Iterable[Ask]) -> str:
    """Return asks as lines: id | kind | data | targets."""
    return "\n".join(
        f"{ask.id} | {ask.kind} | {', '.join(ask.data) or '-'} | {' '.join(ask.targets) or '-'}" for ask in asks
    )


def parse_asks(text: str) -> tuple[Ask, ...]:
    """Return the asks of these lines.

    Raises:
        InputError: A line is none; names it.
    """
    asks: list[Ask] = []
    for number, (name, kind, data, targets) in _rows("asks", text, 4):
        field = f"asks, line {number}"
        _one_of(field, kind, _KINDS)
        categories = _list(data)
        for category in categories:
            _one_of(field, category, _DATA)
        if not name or any(name == ask.id for ask in asks):
            raise InputError(field, "begins with an id of its own")
        named = () if targets == "-" else tuple(targets.split())
        asks.append(Ask(id=name, kind=kind, data=categories, targets=named))  # type: ignore[arg-type] # checked above
    return tuple(asks)


def format_targets(targets: Iterable[str], known: dict[str, TargetFacts]) -> str:
    """Return facts as lines: target | held | on our service | kind | flags; what nobody has said is a question mark."""
    return "\n".join(_target_line(target, known.get(target)) for target in dict.fromkeys(targets))


def _target_line(target: str, facts: TargetFacts | None) -> str:
    if facts is None:
        return f"{target} | ? | ? | post | ?"
    held = facts.held if isinstance(facts.held, tuple) else ("yes" if facts.held else "no",)
    flags = "?" if facts.flags is None else ", ".join(facts.flags) or "-"
    on_service = "yes" if facts.on_service else "no"
    return f"{target} | {', '.join(held) or 'no'} | {on_service} | {facts.kind} | {flags}"


def parse_targets(text: str) -> dict[str, TargetFacts]:
    """Return the facts of these lines; a question mark may stand for flags only.

    Raises:
        InputError: A line is none; names it.
    """
    found: dict[str, TargetFacts] = {}
    for number, (target, held, on_service, kind, flags) in _rows("targets", text, 5):
        field = f"targets, line {number}"
        if not target or target in found:
            raise InputError(field, "names a target of its own")
        if on_service not in _YES_NO:
            raise InputError(field, "says yes or no to whether it is on our service")
        _one_of(field, kind, _TARGET_KINDS)
        seen = () if flags in ("-", "?") else _list(flags)
        for flag in seen:
            _one_of(field, flag, _FLAGS)
        found[target] = TargetFacts(
            held=_held(field, held),
            on_service=_YES_NO[on_service],
            kind=kind,  # type: ignore[arg-type] # checked above
            flags=None if flags == "?" else seen,  # type: ignore[arg-type] # checked above
        )
    return found


def format_measures(measures: Iterable[Measure]) -> str:
    """Return measures as lines: target | action | states."""
    return "\n".join(f"{each.target} | {each.action} | {' '.join(each.territory) or '-'}" for each in measures)


def parse_measures(text: str) -> tuple[Measure, ...]:
    """Return the measures of these lines.

    Raises:
        InputError: A line is none; names it.
    """
    found: list[Measure] = []
    for number, (target, action, states) in _rows("measures", text, 3):
        field = f"measures, line {number}"
        _one_of(field, action, _ACTIONS)
        territory = tuple(dict.fromkeys(word.upper() for word in _list(states)))
        if not target or not all(_STATE.fullmatch(state) for state in territory):
            raise InputError(field, "names a target, and states by their two letters, or - for none")
        chosen: Any = action
        found.append(Measure(target=target, action=chosen, territory=territory))
    return tuple(found)


def _held(field: str, text: str) -> bool | tuple[DataCategory, ...]:
    if text in _YES_NO:
        return _YES_NO[text]
    categories = _list(text)
    if not categories or not set(categories) <= set(_DATA):
        raise InputError(field, f"says what is held: yes, no, or of {', '.join(_DATA)}")
    return categories  # type: ignore[return-value] # checked above


def _rows(field: str, text: str, columns: int) -> list[tuple[int, list[str]]]:
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > LINES_MAX:
        raise InputError(field, f"has more than {LINES_MAX} lines")
    rows = []
    for number, line in lines:
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) != columns:
            raise InputError(f"{field}, line {number}", f"has {columns} columns with bars between them")
        rows.append((number, cells))
    return rows


def _list(text: str) -> tuple[str, ...]:
    return () if text == "-" else tuple(word for word in text.replace(",", " ").split() if word)


def _one_of(field: str, word: str, words: tuple[str, ...]) -> None:
    if word not in words:
        raise InputError(field, f"knows {', '.join(words)}; not {word[:40]!r}")
