"""What a letter is: who sent it, which door it came to, which it belongs to. Nothing is written here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from evenhand.flow.identify import Identifier
from evenhand.orders.identify import Identification
from evenhand.orders.identify_dkim import Signature, key_lacks, lacks, signatures_of
from evenhand.orders.identify_sender import sender_check
from evenhand.vocabulary.letter import DkimResult, Letter, SenderCheck

VerifyDkim = Callable[[int, str], str]
"""(signature's number, key record) → "pass", "fail" or "error": the sandboxed child's answer for this message."""

LookUpKey = Callable[[str, str], str | None]
"""(selector, domain) → the text of the key's DNS record, None where there is none or nobody could be asked."""


def no_key(selector: str, domain: str) -> None:  # noqa: ARG001 - a port's shape
    """Ask nobody: only keys of the registry are known."""
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What a letter's sender is checked with.

    Attributes:
        look_up: Asked for a key only if the registry has none.
    """

    identifier: Identifier
    look_up: LookUpKey = no_key


def check_sender(letter: Letter, checks: Checks, verify: VerifyDkim, received_at: datetime) -> SenderCheck:
    """Check a letter's one From field, and its DKIM signature by the From domain.

    Args:
        letter: The letter as the sandboxed child read it.
        checks: Registry, and whom to ask for keys that it lacks.
        verify: Verifies signatures of this very message.
        received_at: Receipt at our edge, aware UTC.
    """
    fields = letter.values("from")
    if len(fields) == 1:
        found = checks.identifier.identify(fields[0])
    else:
        reason = f"The message has {len(fields)} From fields; it must have one."
        found = Identification(result="reject", ground="several-mailboxes" if fields else "empty", reason=reason)
    dkim: DkimResult = "none"
    lacking: tuple[str, ...] = ()
    if found.result != "reject":
        domain = found.address.rpartition("@")[2]
        for signature in signatures_of(letter.headers, domain):
            dkim, lacking = _better((dkim, lacking), _judge(signature, letter, checks, verify, received_at))
    return sender_check(letter, found, checks.identifier.authorities(found), dkim, lacking)


_BEST_FIRST: tuple[DkimResult, ...] = ("pass", "weak", "no-key", "fail", "none")


def _better(
    one: tuple[DkimResult, tuple[str, ...]], other: tuple[DkimResult, tuple[str, ...]]
) -> tuple[DkimResult, tuple[str, ...]]:
    return min(one, other, key=lambda judged: _BEST_FIRST.index(judged[0]))


def _judge(
    signature: Signature, letter: Letter, checks: Checks, verify: VerifyDkim, received_at: datetime
) -> tuple[DkimResult, tuple[str, ...]]:
    """Verify one signature; return what it says, and why it does not count although it verifies."""
    known = checks.identifier.registry.dkim_records
    record = known.get((signature.selector, signature.domain)) or checks.look_up(signature.selector, signature.domain)
    if record is None:
        return "no-key", ()
    if verify(signature.index, record) != "pass":
        return "fail", ()
    lacking = (*lacks(signature, letter.headers, received_at), *key_lacks(record))
    return ("weak" if lacking else "pass"), lacking
