"""Assess a request as it comes on a line: parse, rule, format."""

from datetime import date, datetime
from typing import Any

import msgspec

from evenhand.orders.rules import rule_on
from evenhand.rulebook.tables import LawBook
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.request import Request, RequestFacts


class AssessLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of `evenhand assess`."""

    request: Request
    facts: RequestFacts


_DECODER = msgspec.json.Decoder(AssessLine)
_ENCODER = msgspec.json.Encoder(order="deterministic", enc_hook=str)
LINE_BYTES_MAX = 4 * 1024 * 1024


def assess_line(line: bytes, book: LawBook, as_of: date | None) -> bytes:
    """Return the ruling for one `{"request": …, "facts": …}` line, as one line of JSON without its newline.

    Raises:
        InputError: The line is not such an object; names the field.
    """
    parsed = parse_line(line)
    ruling: dict[str, Any] = msgspec.to_builtins(rule_on(parsed.request, parsed.facts, book, as_of))
    for name in ("deadline", "latest"):
        if ruling[name] is not None:
            ruling[name] = _seconds(ruling[name])
    return _ENCODER.encode(ruling)


def _seconds(text: str) -> str:
    """RFC 3339 in UTC, to the second: a deadline has no fractions."""
    return datetime.fromisoformat(text).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_line(line: bytes) -> AssessLine:
    """Return the request and the facts on a line.

    Raises:
        InputError: The line is not such an object; names the field.
    """
    if len(line) > LINE_BYTES_MAX:
        raise InputError("", f"the line has more than {LINE_BYTES_MAX} bytes")
    try:
        parsed = _DECODER.decode(line)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        raise InputError(path.rstrip("`").lstrip(".") or _field_in(reason), reason) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise InputError("", f"is not JSON: {error}") from error
    for name in ("received_at", "confidential_until"):
        instant = getattr(parsed.request, name)
        if instant is not None and instant.tzinfo is None:
            raise InputError(f"request.{name}", "has no time zone; RFC 3339 needs one, as in 2026-11-25T10:00:00Z")
    seen: set[str] = set()
    for n, ask in enumerate(parsed.request.asks):
        if ask.id in seen:
            raise InputError(f"request.asks[{n}].id", "is there twice; each ask has an id of its own")
        seen.add(ask.id)
    return parsed


def _field_in(reason: str) -> str:
    return reason.split("`")[1] if reason.count("`") >= 2 and "field" in reason else ""
