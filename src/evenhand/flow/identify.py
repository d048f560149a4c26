"""Who is asking: a registry read from a file, From headers judged by it."""

import json
from pathlib import Path
from typing import Any

import msgspec

from evenhand.orders.identify import Identification, KnownDomains, identify, known_domains
from evenhand.orders.registry import REGISTRY_BYTES_MAX, Registry, parse_registry
from evenhand.vocabulary.errors import InputError

_ENCODER = msgspec.json.Encoder(order="deterministic")


class Identifier:
    """Judges From headers by one registry."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.known: KnownDomains = known_domains(registry.by_domain)

    def identify(self, header: str) -> Identification:
        """Say whether the raw value of a From header is one mailbox at a registered domain."""
        return identify(header, self.known)

    def authorities(self, found: Identification) -> tuple[str, ...]:
        """Return the ids of the authorities that may be the sender: of the exact domain, or of the one above it."""
        if found.result == "reject":
            return ()
        return tuple(authority.id for authority in self.registry.by_domain[found.registered])

    def identify_line(self, line: bytes) -> bytes:
        """Return the answer to one `{"from_header": …}` line, as one line of JSON without its newline.

        Raises:
            InputError: The line is not such an object; names the field.
        """
        found = self.identify(_from_header(line))
        answer: dict[str, Any] = {"result": found.result, "reason": found.reason, "ground": found.ground}
        answer["address"] = found.address or None
        answer["authorities"] = self.authorities(found)
        return _ENCODER.encode(answer)


def load_registry(path: Path) -> Registry:
    """Read a registry's file.

    Raises:
        InputError: It cannot be read, or is not a registry; names the file and the field.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(REGISTRY_BYTES_MAX + 1)
    except OSError as error:
        raise InputError(str(path), f"cannot be read: {error.strerror}") from error
    try:
        return parse_registry(raw)
    except InputError as error:
        raise InputError(f"{path.name}: {error.field}" if error.field else path.name, error.reason) from error


def _from_header(line: bytes) -> str:
    """Return the header; half of a surrogate pair is kept, so that it gets an answer instead of an error."""
    try:
        parsed = json.loads(line, object_pairs_hook=_pairs)
    except (ValueError, RecursionError) as error:
        raise InputError("", f"is not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise InputError("", "must be an object with from_header")
    header = parsed.get("from_header")
    if not isinstance(header, str):
        reason = "must be a text: the header's raw value" if "from_header" in parsed else "is missing"
        raise InputError("from_header", reason)
    return header


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs) and sum(name == "from_header" for name, _ in pairs) > 1:
        raise InputError("from_header", "is there twice")
    return found


def no_registry() -> Registry:
    """Return the registry of a desk that knows no authority."""
    return Registry()
