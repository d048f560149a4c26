"""Assess a request as it comes on a line: parse, rule, format."""

import json
import re
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from evenhand.orders.replies import draft_replies
from evenhand.orders.rules import rule_on
from evenhand.rulebook.tables import LawBook
from evenhand.settings import Settings
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.reply import Provider
from evenhand.vocabulary.request import Request, RequestFacts


class AssessLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of `evenhand assess`."""

    request: Request
    facts: RequestFacts


_DECODER = msgspec.json.Decoder(AssessLine)
_ENCODER = msgspec.json.Encoder(order="deterministic", enc_hook=str)
_FIELD = re.compile(r"(?:required|unknown) field `([^`]*)`")
# What is wrong is said in a sentence, not with the sender's megabytes.
WORDS_MAX = 300
LINE_BYTES_MAX = 4 * 1024 * 1024
# Instants are reckoned with: a deadline must still be one that a calendar has.
YEAR_MIN, YEAR_MAX = 1970, 9000


def assess_line(line: bytes, book: LawBook, as_of: date | None, provider: Provider | None = None) -> bytes:
    """Return the ruling for one `{"request": …, "facts": …}` line, as one line of JSON without its newline.

    Args:
        line: As it was read.
        book: The law's tables.
        as_of: Judge by the regime of this day instead of the day of receipt.
        provider: Who answers: drafts of the reply are written too ("replies"). None: the ruling alone.

    Raises:
        InputError: The line is not such an object; names the field.
    """
    parsed = parse_line(line)
    ruled = rule_on(parsed.request, parsed.facts, book, as_of)
    ruling: dict[str, Any] = msgspec.to_builtins(ruled)
    for name in ("deadline", "latest"):
        if ruling[name] is not None:
            ruling[name] = _seconds(ruling[name])
    if provider is not None:
        ruling["replies"] = msgspec.to_builtins(draft_replies(parsed.request, ruled, book, provider, reference=""))
    return _ENCODER.encode(ruling)


def provider_of(settings: Settings) -> Provider:
    """Return who answers, as the settings say."""
    representative = settings.representative
    contacts = [contact.email for contact in settings.contacts if contact.purpose == "authorities"]
    return Provider(
        name=settings.platform,
        representative=f"{representative.name}, {representative.postal_address}",
        contact=contacts[0] if contacts else representative.email,
    )


def _seconds(text: str) -> str:
    """RFC 3339 in UTC, to the second: a deadline has no fractions."""
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_line(line: bytes) -> AssessLine:
    """Return the request and the facts on a line.

    Raises:
        InputError: The line is not such an object; names the field.
    """
    if len(line) > LINE_BYTES_MAX:
        raise InputError("", f"the line has more than {LINE_BYTES_MAX} bytes")
    try:
        _refuse_double_keys(line)
        parsed = _DECODER.decode(line)
    except msgspec.ValidationError as error:
        raise _wrong_field(str(error)) from error
    except (ValueError, RecursionError) as error:
        raise InputError("", f"is not JSON: {str(error)[:WORDS_MAX]}") from error
    for name in ("received_at", "confidential_until"):
        _refuse_odd_instant(f"request.{name}", getattr(parsed.request, name))
    seen: set[str] = set()
    for n, ask in enumerate(parsed.request.asks):
        if ask.id in seen:
            raise InputError(f"request.asks[{n}].id", "is there twice; each ask has an id of its own")
        seen.add(ask.id)
    return parsed


def _wrong_field(message: str) -> InputError:
    """Translate the decoder's message; the field is the whole path, with the field that lacks or is unknown."""
    reason, _, path = message.partition(" - at `$")
    parts = [path.rstrip("`").lstrip("."), *_FIELD.findall(reason)]
    return InputError(".".join(filter(None, parts))[:WORDS_MAX], reason[:WORDS_MAX])


def _refuse_double_keys(line: bytes) -> None:
    """Two values under one key: readers would disagree about which one was sent."""

    def once(pairs: list[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        for key, _value in pairs:
            if key in seen:
                raise InputError(key[:WORDS_MAX], "is there twice in one object")
            seen.add(key)

    json.loads(line, object_pairs_hook=once)


def _refuse_odd_instant(name: str, instant: datetime | None) -> None:
    if instant is None:
        return
    if instant.tzinfo is None:
        raise InputError(name, "has no time zone; RFC 3339 needs one, as in 2026-11-25T10:00:00Z")
    if not YEAR_MIN <= instant.year <= YEAR_MAX:
        raise InputError(name, f"lies outside the years {YEAR_MIN} to {YEAR_MAX}")
