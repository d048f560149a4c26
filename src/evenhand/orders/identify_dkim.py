"""Whether a DKIM signature, once verified, says enough: what RFC 6376 allows and this desk does not. Pure.

A signature counts only when the headers that people act on are signed and stand there once, the whole body is signed,
and the signer is the From domain itself. A verifier that follows the RFC alone accepts an appended body (`l=`), an
unsigned Subject and a second From.
"""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import mktime_tz, parsedate_tz

from evenhand.vocabulary.letter import HeaderField

SIGNATURES_MAX = 5
"""So many signatures of a message are looked at, from the topmost."""

MUST_SIGN = ("from", "subject", "date", "to", "message-id")
"""Must be signed and stand in the message exactly once."""

SIGN_IF_THERE = ("cc", "reply-to", "sender", "mime-version", "content-type", "content-transfer-encoding", "in-reply-to")
"""Must be signed when they are there, and may not be there twice."""

ALGORITHMS = ("rsa-sha256", "ed25519-sha256")
CLOCKS_DIFFER = timedelta(hours=1)
DATED_WITHIN = timedelta(days=7)
"""Mail servers give up after five days: a letter that is dated longer before it came may be an old one, sent again."""

_TAG = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*=(.*)", re.DOTALL)
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One DKIM-Signature field.

    Attributes:
        index: Its number among the message's, from 0, the topmost.
        domain: d=, in lower case.
        selector: s=, in lower case.
        tags: All tags, white space left out.
    """

    index: int
    domain: str
    selector: str
    tags: dict[str, str]


def signatures_of(headers: tuple[HeaderField, ...], domain: str) -> tuple[Signature, ...]:
    """Return the signatures made by this domain itself among the first SIGNATURES_MAX; unreadable ones are none."""
    values = [field.value for field in headers if field.name == "dkim-signature"][:SIGNATURES_MAX]
    found = []
    for index, value in enumerate(values):
        tags = parse_tags(value)
        if tags and tags.get("d", "").lower() == domain and tags.get("s"):
            found.append(Signature(index=index, domain=domain, selector=tags["s"].lower(), tags=tags))
    return tuple(found)


def parse_tags(value: str) -> dict[str, str] | None:
    """Return the tags of a signature or key record without white space; None if it is no tag list or has one twice."""
    tags: dict[str, str] = {}
    for part in value.strip().rstrip(";").split(";"):
        tag = _TAG.fullmatch(part)
        if tag is None or tag[1] in tags:
            return None
        tags[tag[1]] = _SPACE.sub("", tag[2])
    return tags


def lacks(signature: Signature, headers: tuple[HeaderField, ...], received_at: datetime) -> tuple[str, ...]:
    """Return why a signature that verifies does not count, a sentence each; nothing: it counts."""
    tags = signature.tags
    signed = set(tags.get("h", "").lower().split(":"))
    there = Counter(field.name for field in headers)
    found = [f"The signature does not cover {name}." for name in MUST_SIGN if name not in signed]
    found += [f"The message has {there[name]} {name} fields." for name in MUST_SIGN if there[name] != 1]
    found += [f"The signature does not cover {name}." for name in SIGN_IF_THERE if there[name] and name not in signed]
    found += [f"The message has {there[name]} {name} fields." for name in SIGN_IF_THERE if there[name] > 1]
    if "l" in tags:
        found.append("The signature covers only a part of the body (l=).")
    if tags.get("a", "").lower() not in ALGORITHMS:
        found.append("The signature's algorithm is not one in use.")
    if tags.get("i", signature.domain).lower().rpartition("@")[2] != signature.domain:
        found.append("The signature is made for another domain (i=).")
    dates = [field.value for field in headers if field.name == "date"]
    return (*found, *_wrong_times(tags, received_at), *_wrong_date(dates, received_at))


def key_lacks(record: str) -> tuple[str, ...]:
    """Return why a key record does not count, a sentence each."""
    tags = parse_tags(record)
    if tags is None:
        return ("The key's record cannot be read.",)
    found = ["The key is on trial (t=y)."] if "y" in tags.get("t", "").lower().split(":") else []
    return (*found, *(["The key is revoked."] if not tags.get("p") else []))


def _wrong_times(tags: dict[str, str], received_at: datetime) -> tuple[str, ...]:
    now = received_at.timestamp()
    try:
        made, ends = int(tags.get("t", 0)), int(tags.get("x", 1 << 60))
    except ValueError:
        return ("The signature's times cannot be read.",)
    if made > now + CLOCKS_DIFFER.total_seconds():
        return ("The signature is dated later than its arrival.",)
    return ("The signature had ended when it arrived.",) if ends < now else ()


def _wrong_date(dates: list[str], received_at: datetime) -> tuple[str, ...]:
    """Return what is wrong with the Date that the domain signed; how many there are is found elsewhere."""
    if len(dates) != 1:
        return ()
    try:
        parsed = parsedate_tz(dates[0])
        dated = mktime_tz(parsed) if parsed else None
    except (ValueError, OverflowError, TypeError, IndexError):
        dated = None
    if dated is None:
        return ("The letter's date cannot be read.",)
    if abs(received_at.timestamp() - dated) > DATED_WITHIN.total_seconds():
        return ("The letter is dated more than 7 days before, or after, it came.",)
    return ()
