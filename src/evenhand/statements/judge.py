"""Judge statements of reasons as the EU database judges them: a walk over the table of attributes.

Pure. Reasons are worded as the database words them, so that a line's errors read like its answer 422.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from evenhand.statements.attributes import ATTRIBUTES, BATCH_STATEMENTS_MAX, Attribute, Kind, When

Errors = dict[str, list[str]]
"""Attribute → reasons; empty: accepted."""

_ABSENT: Final = object()

# What the database trims from both ends: white space, what shows nothing, and NUL. An inclusive range a line.
_TRIMMED = "".join(
    chr(point)
    for first, last in (
        (0x00, 0x00),
        (0x09, 0x0D),
        (0x20, 0x20),
        (0x85, 0x85),
        (0xA0, 0xA0),
        (0xAD, 0xAD),
        (0x34F, 0x34F),
        (0x61C, 0x61C),
        (0x115F, 0x1160),
        (0x1680, 0x1680),
        (0x17B4, 0x17B5),
        (0x180E, 0x180E),
        (0x2000, 0x200F),
        (0x2028, 0x2029),
        (0x202F, 0x202F),
        (0x205F, 0x2065),
        (0x206A, 0x206F),
        (0x2800, 0x2800),
        (0x3000, 0x3000),
        (0x3164, 0x3164),
        (0xFEFF, 0xFEFF),
        (0xFFA0, 0xFFA0),
        (0x1D159, 0x1D159),
        (0x1D173, 0x1D17A),
        (0xE0020, 0xE0020),
    )
    for point in range(first, last + 1)
)

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_PLACE = re.compile(  # what follows "scheme://", the host's own letters aside
    r"""
    (?: (?: [\w.\-] | %[0-9A-Fa-f]{2} )+ (?: : (?: [\w.\-] | %[0-9A-Fa-f]{2} )* )? @ )?       # name and password
    (?P<host> \[ [0-9A-Fa-f:.]+ \] | [^\s/?\#@:\[\]]+ )
    (?: : [0-9]+ )?                                                                           # port
    (?: / (?: [\w\-.~!$&'()*+,;=:@/] | %[0-9A-Fa-f]{2} )* )?                                  # path
    (?: \? (?: [\w\-.~!$&'\[\]()*+,;=:@/?] | %[0-9A-Fa-f]{2} )* )?                            # query
    (?: \# (?: [\w\-.~!$&'()*+,;=:@/?] | %[0-9A-Fa-f]{2} )* )?                                # fragment
    """,
    re.VERBOSE,
)


def judge_statement(statement: Mapping[str, Any], *, in_batch: bool = False) -> Errors:
    """Return what the database has against one statement; nothing: it accepts it.

    Args:
        statement: A JSON object as Python sees it; never changed.
        in_batch: Sent with others, where attributes of the single endpoint are unknown.
    """
    values = {
        attribute.name: _cleaned(_value(statement, attribute.name))
        for attribute in ATTRIBUTES
        if not (in_batch and attribute.single_only)
    }
    judged = ((attribute.name, _reasons(attribute, values)) for attribute in ATTRIBUTES if attribute.name in values)
    return {name: reasons for name, reasons in judged if reasons}


def judge_batch(statements: object) -> Errors:
    """Return what the database has against a batch, under `statement_N.attribute`, N from 0; nothing: it accepts it.

    Args:
        statements: What stands under "statements".
    """
    if not isinstance(statements, list):
        return {"statements": ["The statements field must be an array."]}
    if not 1 <= len(statements) <= BATCH_STATEMENTS_MAX:
        return {"statements": [f"The statements field must have between 1 and {BATCH_STATEMENTS_MAX} items."]}
    errors: Errors = {}
    seen: set[str] = set()
    for place, statement in enumerate(statements):
        if not isinstance(statement, dict):
            errors[f"statement_{place}"] = ["The statement must be a JSON object."]
            continue
        found = judge_statement(statement, in_batch=True)
        puid = _cleaned(statement.get("puid"))
        if isinstance(puid, str):
            if puid in seen:
                found.setdefault("puid", []).append("The platform identifier is not unique within this call.")
            seen.add(puid)
        errors.update({f"statement_{place}.{name}": reasons for name, reasons in found.items()})
    return errors


def trimmed(text: str) -> str:
    """Return a text as the database keeps it: without white space and invisible characters at both ends."""
    return text.strip(_TRIMMED)


def is_url(value: str) -> bool:
    """Say whether it is scheme://host with, perhaps, user, port, path, query and fragment (RFC 3986, in any script)."""
    scheme = _SCHEME.match(value)
    place = _PLACE.fullmatch(value, scheme.end()) if scheme else None
    if place is None:
        return False
    host = place["host"]
    if host.startswith("["):
        return True
    return _is_host(host)


@lru_cache(1024)
def _is_host(host: str) -> bool:
    letters = all(c in "-_." or c.isalnum() or unicodedata.category(c)[0] == "S" for c in host)
    return letters and host.removesuffix(".")[-1:].isalnum()


def _value(statement: Mapping[str, Any], name: str) -> Any:
    owner, _, member = name.partition(".")
    value = statement.get(owner, _ABSENT)
    if not member:
        return value
    return value.get(member, _ABSENT) if isinstance(value, dict) else _ABSENT


def _cleaned(value: Any) -> Any:
    """Trim texts and make empty ones null, as the database does before it looks; deeper nesting is refused anyway."""
    if isinstance(value, str):
        return trimmed(value) or None
    if isinstance(value, list):
        return [(trimmed(member) or None) if isinstance(member, str) else member for member in value]
    return value


def _reasons(attribute: Attribute, values: Mapping[str, Any]) -> list[str]:
    if attribute.only_when is not None and not _holds(attribute.only_when, values):
        return []
    if attribute.not_when is not None and _holds(attribute.not_when, values):
        return []
    value = values[attribute.name]
    left_alone = attribute.one_of and all(_empty(values[other]) for other in attribute.one_of)
    if _empty(value) and (attribute.required or left_alone):
        return [f"The {_label(attribute)} field is required."]
    if value is _ABSENT or (value is None and attribute.null):
        return []
    return _CHECKS[attribute.kind](attribute, value)


def _holds(when: When, values: Mapping[str, Any]) -> bool:
    value = values[when.attribute]
    return when.code in value if isinstance(value, list) else bool(value == when.code)


def _empty(value: Any) -> bool:
    return value is _ABSENT or value is None or value in ([], {})


def _label(attribute: Attribute) -> str:
    return attribute.name.replace("_", " ")


def _text(attribute: Attribute, value: Any) -> list[str]:
    if not isinstance(value, str):
        return [f"The {_label(attribute)} field must be a string."]
    reasons = _length(attribute, value)
    if attribute.pattern is not None and not re.fullmatch(attribute.pattern, value):
        reasons.append(f"The {_label(attribute)} format is invalid.")
    return reasons


def _length(attribute: Attribute, value: str) -> list[str]:
    most = attribute.characters_max
    if most is None or len(value) <= most:
        return []
    return [f"The {_label(attribute)} field must not be greater than {most} characters."]


def _code(attribute: Attribute, value: Any) -> list[str]:
    if isinstance(value, str) and value in attribute.codes:
        return []
    return [f"The selected {_label(attribute)} is invalid."]


def _array_of_codes(attribute: Attribute, value: Any) -> list[str]:
    if not isinstance(value, list):
        return [f"The {_label(attribute)} field must be an array."]
    if all(isinstance(member, str) and member in attribute.codes for member in value):
        return []
    return [f"The selected {_label(attribute)} is invalid."]


def _date(attribute: Attribute, value: Any) -> list[str]:
    day = _day(value)
    if day is None:
        return [f"The {_label(attribute)} does not match the format YYYY-MM-DD."]
    if attribute.earliest is not None and day < attribute.earliest:
        return [f"The {_label(attribute)} field must be a date after or equal to {attribute.earliest}."]
    if attribute.latest is not None and day > attribute.latest:
        return [f"The {_label(attribute)} field must be a date before or equal to {attribute.latest}."]
    return []


def _day(value: Any) -> date | None:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _url(attribute: Attribute, value: Any) -> list[str]:
    if not isinstance(value, str):
        return [f"The {_label(attribute)} field must be a valid URL."]
    reasons = _length(attribute, value)
    # A text over the length is refused already; the expression need not be tried on megabytes.
    if not reasons and not is_url(value):
        reasons.append(f"The {_label(attribute)} field must be a valid URL.")
    return reasons


def _object(attribute: Attribute, value: Any) -> list[str]:
    return [] if isinstance(value, dict) else [f"The {_label(attribute)} field must be an object."]


_CHECKS = MappingProxyType(
    {
        Kind.TEXT: _text,
        Kind.CODE: _code,
        Kind.CODES: _array_of_codes,
        Kind.DATE: _date,
        Kind.URL: _url,
        Kind.OBJECT: _object,
    }
)
