"""What of a decision may be said in public: entries of the log, and the private part behind a commitment.

Everything here is ASCII letters, digits and enumerations, so sorted compact JSON is RFC 8785's canonical form.
"""

from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any

import msgspec

from evenhand.vocabulary.decision import Decision
from evenhand.vocabulary.entry import ENTRY_BYTES_MAX, ENTRY_VERSION

SALT_BYTES = 16

_ENCODE = msgspec.json.Encoder(order="sorted").encode
_YES_NO = ("No", "Yes")


def private_part(decision: Decision) -> bytes:
    """Return what a decision's commitment is over: canonical JSON of all that is free text or names someone."""
    return _ENCODE(
        {
            "because": decision.because,
            "content_sha256": decision.content_sha256.hex(),
            "facts": decision.facts,
            "item_id": decision.item_id,
        }
    )


def commitment(decision: Decision) -> str:
    """Return SHA-256 over salt ‖ private part, 64 hex digits; without the salt it says nothing.

    Raises:
        ValueError: The salt does not have 16 bytes; the caller's bug.
    """
    if len(decision.salt) != SALT_BYTES:
        raise ValueError(f"a decision's salt has {SALT_BYTES} bytes")
    return sha256(decision.salt + private_part(decision)).hexdigest()


def decision_entry(decision: Decision, reverses: int | None = None) -> bytes:
    """Return a decision's public entry (docs/reference/log_entries.md).

    Args:
        decision: The decision.
        reverses: Leaf index of the public entry of the decision that this one takes the place of.
    """
    policy = decision.policy
    entry: dict[str, Any] = {
        "action": decision.action,
        "automated_detection": _YES_NO[decision.automated_detection],
        "automation": decision.automation,
        "category": policy.category,
        "commitment": commitment(decision),
        "day": decision.decided_at.date().isoformat(),
        "edition": decision.edition,
        "ground": policy.ground,
        "item": decision.item,
        "rule": decision.rule,
        "source": decision.source,
        "type": "decision",
        "v": ENTRY_VERSION,
    }
    if policy.keyword is not None:
        entry["keyword"] = policy.keyword
    if decision.language is not None:
        entry["language"] = decision.language
    if decision.territory:
        entry["territory"] = decision.territory
    if decision.replayed:
        entry["replayed"] = True
    if reverses is not None:
        entry["reverses"] = reverses
    return _checked(_ENCODE(entry))


def screened_entry(
    day: date,
    edition: str,
    posts: int,
    by_kind: Mapping[str, int],
    by_language: Mapping[str, int],
    by_verdict: Mapping[str, int],
) -> bytes:
    """Return the public counts of one screened batch (docs/reference/log_entries.md)."""
    return _checked(
        _ENCODE(
            {
                "by_kind": by_kind,
                "by_language": by_language,
                "by_verdict": by_verdict,
                "day": day.isoformat(),
                "edition": edition,
                "posts": posts,
                "type": "screened",
                "v": ENTRY_VERSION,
            }
        )
    )


def _checked(entry: bytes) -> bytes:
    if len(entry) > ENTRY_BYTES_MAX or not entry.isascii():
        raise ValueError("a public entry is ASCII and at most 65,535 bytes; free text belongs in the private part")
    return entry
