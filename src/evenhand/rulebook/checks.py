"""What a row of law/*.toml must look like, field by field, and what rows must not do to each other. Pure."""

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, get_args
from zoneinfo import ZoneInfo

from evenhand.rulebook.desk_tables import KINDS, DeskBook
from evenhand.rulebook.policy import Held, IndexValue, Principle, Safeguard, Waiver
from evenhand.rulebook.tables import (
    Clarification,
    CounterNotice,
    Deadline,
    Duty,
    Exclusion,
    Form,
    Mark,
    MayIssue,
    Regime,
    Required,
)
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import Category, Keyword
from evenhand.vocabulary.request import AskKind, DataCategory, Flag, Instrument, IssuerKind, TargetKind, Verification

TABLES: dict[str, type[Any]] = {
    "regime": Regime,
    "required": Required,
    "deadline": Deadline,
    "may_issue": MayIssue,
    "exclusion": Exclusion,
    "duty": Duty,
    "counter_notice": CounterNotice,
    "clarification": Clarification,
    "principle": Principle,
    "safeguard": Safeguard,
    "waiver": Waiver,
    "index": IndexValue,
    "held": Held,
    "form": Form,
    **{name: row for name, (_, row) in KINDS.items()},
}
_OPTIONAL: dict[str, Any] = {
    "holds_to": None,
    "country": "",
    "unless": "",
    "data": (),
    "asks": (),
    "issuers": (),
    "flags": (),
    "weighed": (),
    "courts": (),
    "kinds": (),
    "threshold_years": 0,
    "issuer_area": "any",
    "automatic": False,
    "cross_border": False,
    "limit": "",
    "runs_from": "",
    "index": "",
    "below": 0.0,
    "hours": 0,
    "reply": "letter",
    "categories": (),
    "keywords": (),
    "weekdays": tuple(range(5)),
    "appeals": False,
    "office_hours": False,
    "four_eyes": False,
    "manifest": False,
    "after_warning": False,
    "by_machine": False,
    "warned": False,
    "suspended": 0,
    "sanction": "",
    "holidays_of": "",
    "off": True,
}
# A deadline without its limit and an index's value without its index are no rows.
_NEEDED = {("deadline", "limit"), ("counter_notice", "limit"), ("clarification", "limit"), ("index", "index")}
REQUIRED_FIELDS = ("issuer.name", "asks.targets", "asks.data", "signature", "language", "legal_basis", "offence",
                   "emergency", "reasons", "redress")  # fmt: skip
_LIMIT = re.compile(r"P(?=.)(?:\d{1,3}M)?(?:\d{1,3}W)?(?:\d{1,4}D)?(?:T\d{1,4}H)?", re.ASCII)
_STATE = re.compile(r"[A-Z]{2}", re.ASCII)
_CLOCK_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_HARM_MAX = 3
_WALL = "child-safety"

_ONE_OF: dict[str, tuple[str, ...]] = {
    "instrument": get_args(Instrument),
    "law": ("union", "national", "none"),
    "issuer_area": ("EU", "any"),
    "decides": ("rules", "person"),
    "verified": get_args(Verification),
    "notify": ("at-effect", "delayed", "by-issuing-authority", "never"),
    "reply": ("tco", "dsa-9", "dsa-10", "e-evidence", "letter"),
    "field": REQUIRED_FIELDS,
    "unless": ("", *REQUIRED_FIELDS),
    "kind": ("asks", "flags", "held", "local", "conduct"),
    "looks_at": ("index", "scope", "deadline", "secrecy", "court"),
    "effect": ("none", "escalate"),
    "waives": ("second-person",),
}
_MANY_OF: dict[str, tuple[str, ...] | tuple[int, ...]] = {
    "asks": get_args(AskKind),
    "issuers": get_args(IssuerKind),
    "courts": get_args(IssuerKind),
    "data": get_args(DataCategory),
    "flags": get_args(Flag),
    "weighed": get_args(Flag),
    "kinds": get_args(TargetKind),
    "weekdays": tuple(range(7)),
}
_CODES: dict[str, tuple[str, type[StrEnum]]] = {
    "categories": ("STATEMENT_CATEGORY_", Category),
    "keywords": ("KEYWORD_", Keyword),
}
_SANCTIONS = tuple(
    action.value
    for action in Action
    if action.value.endswith("-account") or action in (Action.INTERACTION_RESTRICT, Action.SUSPEND_MONETISATION)
)
_TEXTS = ("id", "title", "language", "source", "sentence", "notify_why", "retention", "name", "address")
_TRUTHS = ("automatic", "kept", "cross_border", "appeals", "office_hours", "four_eyes", "manifest", "after_warning",
           "by_machine", "warned", "off")  # fmt: skip
_COUNTS = ("threshold_years", "hours", "year", "order", "target_h", "weight", "days", "unfounded", "suspended")


def make_row(file: str, kind: str, values: Any) -> Any:
    """Return the typed row that a table of a file spells.

    Raises:
        InputError: It lacks a field or has an unknown or wrong one; names file, table, row and field.
    """
    if kind not in TABLES:
        raise InputError(f"{file}: {kind}", f"is not a table; known are {', '.join(TABLES)}")
    if not isinstance(values, dict):
        raise InputError(f"{file}: {kind}", f"is written [[{kind}]], one block a row")
    known = [each.name for each in fields(TABLES[kind]) if each.init]
    name = f"{file}: {kind} {values.get('id', '(without id)')}"
    if unknown := sorted(set(values) - set(known)):
        raise InputError(name, f"has no field {unknown[0]!r}; known are {', '.join(sorted(known))}")
    built = {}
    for each in known:
        if each not in values and (each not in _OPTIONAL or (kind, each) in _NEEDED):
            raise InputError(name, f"lacks {each}")
        value = values.get(each, _OPTIONAL.get(each))
        built[each] = _check(f"{name}.{each}", each, value)
    if built.get("holds_to") is not None and built["holds_to"] < built["holds_from"]:
        raise InputError(f"{name}.holds_to", "lies before holds_from")
    return TABLES[kind](**built)


def _check(name: str, each: str, value: Any) -> Any:
    """Return the field's value as its type has it, or refuse it."""
    if each in _ONE_OF:
        _must(name, value in _ONE_OF[each], f"must be one of {', '.join(filter(None, _ONE_OF[each]))}")
    elif each in _MANY_OF:
        good = isinstance(value, list | tuple) and all(item in _MANY_OF[each] for item in value)
        _must(name, good, f"must be a list out of {', '.join(map(str, _MANY_OF[each]))}")
        return tuple(value)
    elif each in _TEXTS:
        _must(name, isinstance(value, str) and bool(value.strip()), "must be a text that is not empty")
    elif each in _TRUTHS:
        _must(name, isinstance(value, bool), "must be true or false")
    elif each in _COUNTS:
        _must(name, type(value) is int and value >= 0, "must be a whole number, 0 or more")
    elif each in ("below", "value", "share"):
        _must(name, isinstance(value, int | float) and not isinstance(value, bool), "must be a number")
        return float(value)
    else:
        return _SPECIAL[each](name, value)
    return value


def _day(name: str, value: Any) -> Any:
    good = isinstance(value, date) and not isinstance(value, datetime)
    _must(name, good or (value is None and name.endswith("holds_to")), "must be a date, as in 2022-06-07")
    return value


def _mark(name: str, value: Any) -> Mark:
    marks = [Mark(letter) for letter in "RSV" if isinstance(value, str) and letter in value]
    _must(name, bool(marks) and not set(value) - set("VSR/ "), "must be V (read), S (secondary) or R (recalled)")
    return marks[0]


def _limit(name: str, value: Any) -> Any:
    good = isinstance(value, str) and (value == "" or (bool(_LIMIT.fullmatch(value)) and not value.endswith("T")))
    _must(name, good, "must be a duration in months, weeks, days or hours, as in PT1H, P10D or P6M")
    return value


def _limits(name: str, value: Any) -> tuple[str, ...]:
    _must(name, isinstance(value, list), "must be a list of durations, as in P2D or PT12H")
    for each in value:
        _must(name, each != "", "must not hold an empty duration")
        _limit(name, each)
    return tuple(value)


def _clock(name: str, value: Any) -> dict[str, str]:
    parts = ("starts", "stops", "restarts")
    good = (
        isinstance(value, dict) and sorted(value) == sorted(parts) and all(isinstance(v, str) for v in value.values())
    )
    _must(name, good, f"must have {', '.join(parts)}, each a text")
    return dict(value)


def _country(name: str, value: Any) -> Any:
    if "addressee" in name and value in ("EU", "HOME"):
        return value
    _must(
        name, value == "" or (isinstance(value, str) and bool(_STATE.fullmatch(value))), "must be a state's two letters"
    )
    return value


def _any_text(name: str, value: Any) -> Any:
    _must(name, isinstance(value, str), "must be a text")
    return value


def _codes(name: str, value: Any) -> frozenset[str]:
    """Return the EU database's codes that a row spells without their prefix."""
    prefix, kind = _CODES[name.rpartition(".")[2]]
    known = {one.value.removeprefix(prefix): one.value for one in kind}
    good = isinstance(value, list | tuple) and all(isinstance(each, str) and each in known for each in value)
    _must(name, good, f"must be a list out of {', '.join(sorted(known))}")
    return frozenset(known[each] for each in value)


def _harm(name: str, value: Any) -> Any:
    _must(name, type(value) is int and 0 <= value <= _HARM_MAX, f"must be a whole number from 0 to {_HARM_MAX}")
    return value


def _any_day(name: str, value: Any) -> Any:
    good = isinstance(value, date) and not isinstance(value, datetime)
    _must(name, good, "must be a date, as in 2026-12-25")
    return value


def _clock_time(name: str, value: Any) -> Any:
    good = isinstance(value, str) and bool(_CLOCK_TIME.fullmatch(value))
    _must(name, good, "must be a time, as in 09:00")
    return value


def _sanction(name: str, value: Any) -> Any:
    _must(name, value in ("", *_SANCTIONS), f"must be empty (a warning) or one of {', '.join(_SANCTIONS)}")
    return value


def _zone(name: str, value: Any) -> Any:
    try:
        ZoneInfo(value)
        good = True
    except (TypeError, ValueError, OSError, KeyError):
        good = False
    _must(name, good, "must be a time zone, as in Europe/Brussels")
    return value


def _form_fields(name: str, value: Any) -> tuple[str, ...]:
    good = isinstance(value, list) and all(isinstance(each, str) and each.count("|") == 2 for each in value)
    _must(name, good and bool(value), "must be a list of texts, each 'section | name | label'")
    return tuple(value)


_SPECIAL: dict[str, Callable[[str, Any], Any]] = {
    "fields": _form_fields,
    "holds_from": _day,
    "holds_to": _day,
    "checked": _mark,
    "limit": _limit,
    "remind": _limits,
    "clock": _clock,
    "country": _country,
    "runs_from": _any_text,
    "index": _any_text,
    "categories": _codes,
    "keywords": _codes,
    "harm": _harm,
    "day": _any_day,
    "opens": _clock_time,
    "closes": _clock_time,
    "sanction": _sanction,
    "zone": _zone,
    "holidays_of": _country,
}


def _must(name: str, good: bool, reason: str) -> None:
    if not good:
        raise InputError(name, reason)


def refuse_overlaps_and_gaps(kind: str, rows: Sequence[Any]) -> None:
    """See that the editions of one rule follow each other day by day, and that each day has one regime.

    Raises:
        InputError: Two editions hold on one day, or a day lies between them; names the row.
    """
    series: dict[tuple[str, ...], list[Any]] = defaultdict(list)
    for row in rows:
        series[_series(kind, row)].append(row)
    for editions in series.values():
        editions.sort(key=lambda row: row.holds_from)
        for old, new in itertools.pairwise(editions):
            name = f"{kind} {new.id} from {new.holds_from}"
            if old.holds_to is None or old.holds_to >= new.holds_from:
                raise InputError(name, f"overlaps {old.id} from {old.holds_from}: each day has one edition of a rule")
            if old.holds_to + timedelta(days=1) != new.holds_from:
                raise InputError(name, f"leaves a gap after {old.id}, which ends on {old.holds_to}")


def _series(kind: str, row: Any) -> tuple[str, ...]:
    """Return what a row is one edition of."""
    match kind:
        case "regime":
            return (row.instrument, row.country)
        case "office_hours":
            return ()
        case "form":
            return (row.id, row.language)
        case _:
            return (row.id,)


def refuse_holes(book: DeskBook) -> None:
    """See that from the first row on every case has a queue, every appeal too, and every strike a weight.

    Raises:
        InputError: Names the table and the day from which something has no row.
    """
    first = min((row.holds_from for row in book.queues), default=date.min)
    for day in sorted({first, *(row.holds_from for row in book.rows()), *_ends(book)}):
        if day < first:
            continue
        tables = book.on(day)
        plain = any(not (row.categories or row.keywords or row.appeals) for row in tables.queues)
        _must(f"queue on {day}", plain, "there is no queue without categories and keywords: some cases have none")
        _must(f"queue on {day}", any(row.appeals for row in tables.queues), "there is no queue for appeals")
        _must(f"queue on {day}", any(row.id == _WALL for row in tables.queues), f"there is no queue {_WALL}")
        lightest = any(row.harm == 0 and not row.manifest for row in tables.weights)
        _must(f"strike on {day}", lightest, "there is no row from harm 0 that is not manifest: some strikes have none")
        _must(f"office_hours on {day}", tables.hours is not None, "nobody is ever at the desk")


def _ends(book: DeskBook) -> set[date]:
    return {row.holds_to + timedelta(days=1) for row in book.rows() if row.holds_to is not None}
