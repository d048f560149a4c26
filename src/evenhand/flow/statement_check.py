"""Judge statements of reasons as they come on lines: parse strictly, judge, format."""

import json
from typing import Any, NoReturn

import msgspec

from evenhand.statements.judge import Errors, judge_batch, judge_statement
from evenhand.vocabulary.errors import InputError

LINE_BYTES_MAX = 16 * 1024 * 1024
"""A hundred statements with every text at its longest and each character escaped have less."""
DEPTH_MAX = 512
"""Arrays and objects within each other, as the database's own parser allows."""
_DIGITS_MAX = 100


def check_line(line: bytes) -> bytes:
    """Return `{"accepted": bool, "errors": {attribute: [reasons]}}` for a statement or a batch, without a newline.

    Raises:
        InputError: The line is not a JSON object, so nothing can be judged; `refusal` formats the reason.
    """
    found = parse_object(line)
    return _answer(judge_batch(found["statements"]) if "statements" in found else judge_statement(found))


def refusal(reason: str) -> bytes:
    """Return the answer for a line that cannot be judged."""
    return _answer({"line": [reason]})


def _answer(errors: Errors) -> bytes:
    return msgspec.json.encode({"accepted": not errors, "errors": errors})


def parse_object(line: bytes) -> dict[str, Any]:
    """Return the JSON object on a line: UTF-8, no NaN, no half characters, of bounded depth; of a key twice, the last.

    Raises:
        InputError: It is anything else.
    """
    if not line:
        raise InputError("", "is blank, so it is not a JSON object")
    try:
        value = json.loads(line.decode(), parse_constant=_refuse_constant, parse_int=_number)
    except UnicodeDecodeError as error:
        raise InputError("", f"is not UTF-8: byte {error.start + 1}") from error
    except RecursionError as error:
        raise InputError("", f"is nested deeper than {DEPTH_MAX}") from error
    except json.JSONDecodeError as error:
        raise InputError("", f"is not JSON: {error.msg} at character {error.pos + 1}") from error
    if not isinstance(value, dict):
        raise InputError("", "is not a JSON object")
    if line.count(b"[") + line.count(b"{") > DEPTH_MAX or b"\\ud" in line.lower():
        _refuse_strange(value)
    return value


def _number(digits: str) -> int | float:
    """Return an integer, one of thousands of digits as the database's parser reads it: as a float."""
    return int(digits) if len(digits) < _DIGITS_MAX else float(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise InputError("", f"is not JSON: {name} is not a number")


def _refuse_strange(value: dict[str, Any]) -> None:
    """Refuse what Python's parser lets through: too deep a nesting, and halves of surrogate pairs."""
    stack: list[tuple[int, Any]] = [(1, value)]
    while stack:
        depth, item = stack.pop()
        if isinstance(item, dict):
            stack += [(depth, key) for key in item]
            item = list(item.values())
        if isinstance(item, list):
            if depth > DEPTH_MAX:
                raise InputError("", f"is nested deeper than {DEPTH_MAX}")
            stack += [(depth + 1, member) for member in item]
        elif isinstance(item, str):
            _refuse_half(item)


def _refuse_half(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError("", "is not JSON: it holds half of a surrogate pair, which is no character") from error
