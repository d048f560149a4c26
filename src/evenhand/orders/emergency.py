"""What an emergency needs before anything is disclosed, and when an authority's account is frozen. Pure.

Mail authentication never proves the officer. So an emergency disclosure needs all of these:

    1. the authority is in the registry, and has been for 72 hours when the request comes in
    2. a call to one of its numbers that the registry had before the day of the request
    3. over another channel than the one by which the request came
    4. the officer reached there confirmed the request
    5. a second person of ours heard it too, or called again
    6. its account is not frozen: a person has looked at what was unlike it
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from evenhand.orders.registry import Authority
from evenhand.vocabulary.matter import CallBack, Entrance
from evenhand.vocabulary.request import Request

POWER_AFTER = timedelta(hours=72)
"""How long a new enrolment has no emergency power."""
VOLUME_MIN, VOLUME_TIMES = 5, 3
"""Unusual: more than so many in 24 hours, and more than so many times the busiest day of the weeks before."""
KNOWN_FROM = 10
"""From how many requests on a subject that was never asked about is unusual."""
LOOK_BACK = timedelta(days=90)

Lack = Literal[
    "not-registered",
    "enrolled-recently",
    "no-call-back",
    "number-unknown",
    "same-channel",
    "not-confirmed",
    "one-person",
    "frozen",
]

SENTENCES: dict[Lack, str] = {
    "not-registered": "The sender is no authority of the registry.",
    "enrolled-recently": "The authority was enrolled less than 72 hours before the request.",
    "no-call-back": "Nobody has called the authority back.",
    "number-unknown": "The number called was not in the registry before the day of the request.",
    "same-channel": "The call came over the same channel as the request.",
    "not-confirmed": "The authority has not confirmed the request.",
    "one-person": "A second person of ours must hear the confirmation.",
    "frozen": "The authority's account is frozen: look at it first, and release it.",
}


def emergency_lacks(
    authority: Authority | None,
    calls: Sequence[CallBack],
    entrance: Entrance,
    received_at: datetime,
    enrolled_at: datetime | None = None,
    *,
    frozen: bool = False,
) -> tuple[Lack, ...]:
    """Return what an emergency disclosure still lacks; empty: nothing.

    Args:
        authority: The registry's entry that the sender is verified as, None where there is none.
        calls: The call-backs on record, in order.
        entrance: How the request came.
        received_at: Receipt of the request, aware.
        enrolled_at: When this sender was enrolled through the portal; None: they were not.
        frozen: The authority's account is frozen.
    """
    if authority is None:
        return ("not-registered",)
    lacks: list[Lack] = ["frozen"] if frozen else []
    if not _has_power(authority, received_at) or (enrolled_at and received_at < enrolled_at + POWER_AFTER):
        lacks.append("enrolled-recently")
    if not calls:
        return (*lacks, "no-call-back")
    day = received_at.astimezone(UTC).date()
    known = frozenset(digits(row.number) for row in authority.call_back if row.date < day)
    good = [call for call in calls if call.authority == authority.id and digits(call.number) in known]
    if not good:
        return (*lacks, "number-unknown")
    good = [call for call in good if call.channel != entrance]
    if not good:
        return (*lacks, "same-channel")
    # The last word counts: who confirmed and then took it back has not confirmed, and all before that is void.
    denied = max((n for n, call in enumerate(good, 1) if not call.confirmed), default=0)
    if denied == len(good):
        return (*lacks, "not-confirmed")
    if len({call.by for call in good[denied:]}) < 2:
        lacks.append("one-person")
    return tuple(lacks)


def is_emergency(request: Request | None, *, signed: bool) -> bool:
    """Tell whether a request asks for data in haste, so that a call-back is needed whatever else was found.

    Args:
        request: As it came, or as it was read.
        signed: A person found its signature valid. A signed order that says how urgent it is, as one under e-Evidence
            does, has its own regime's checks; unsigned it is a letter. An emergency disclosure is a letter always.
    """
    if request is None or not any(ask.kind == "disclose" or ask.data for ask in request.asks):
        return False
    if request.instrument == "emergency-disclosure":
        return True
    return not signed and (request.instrument == "epoc-emergency" or bool((request.emergency or "").strip()))


def _has_power(authority: Authority, received_at: datetime) -> bool:
    """Tell whether 72 hours have passed; the registry has days, so they run from the end of the day."""
    day = datetime(authority.date.year, authority.date.month, authority.date.day, tzinfo=UTC) + timedelta(days=1)
    return received_at >= day + POWER_AFTER


def digits(number: str) -> str:
    """Return a telephone number without what it is written with."""
    return "".join(sign for sign in number if sign.isdigit())


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One request of an authority, as its account remembers it.

    Attributes:
        instrument: "" where it came in free text.
        country: That the issuer names, "" for none.
    """

    at: datetime
    instrument: str
    country: str


def unusual(authority: Authority, before: Sequence[Activity], now: Activity) -> tuple[str, ...]:
    """Return why a request is unlike what its account has sent so far; empty: it is not.

    Args:
        authority: The account's registry entry.
        before: Its earlier requests, in any order.
        now: The new one.
    """
    recent = [one for one in before if now.at - LOOK_BACK <= one.at <= now.at]
    reasons = []
    day = sum(now.at - timedelta(hours=24) < one.at for one in recent) + 1
    older = [one.at.date() for one in recent if one.at <= now.at - timedelta(hours=24)]
    busiest = max((older.count(each) for each in set(older)), default=0)
    if day > max(VOLUME_MIN, VOLUME_TIMES * busiest):
        reasons.append(f"volume: {day} requests within 24 hours; at most {busiest} a day before")
    if now.country and now.country != authority.state:
        reasons.append(f"place: names {now.country} as its state; the registry says {authority.state}")
    known = {one.instrument for one in before if one.instrument}
    if now.instrument and len(before) >= KNOWN_FROM and now.instrument not in known:
        reasons.append(f"subject: {now.instrument} was never asked for from this account")
    return tuple(reasons)
