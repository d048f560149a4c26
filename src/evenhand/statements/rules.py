"""Whether a decision needs a statement of reasons, what it tells beyond the decision, until when one may complain.

Pure: no clock, no I/O. The table is EXEMPTIONS.
"""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from msgspec import Struct

from evenhand.vocabulary.decision import RESTRICTIVE, Decision
from evenhand.vocabulary.eu import AccountType, ContentType

COMPLAINT_MONTHS = 6
"""At least as long an internal complaint is open. Source: Regulation (EU) 2022/2065, Art. 20."""


class Circumstances(Struct, frozen=True, kw_only=True):
    """What is known around a decision when one asks whether it needs a statement.

    Attributes:
        ordered: It carries out an order of an authority (Art. 9); its recipient is told under Art. 9(5).
        deceptive_high_volume: The content is deceptive commercial content in high volume.
        contact_known: An electronic way to reach the person concerned is known.
    """

    ordered: bool = False
    deceptive_high_volume: bool = False
    contact_known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """One row: a reason for which no statement is needed."""

    id: str
    source: str
    sentence: str
    holds: Callable[[Decision, Circumstances], bool]


class Need(Struct, frozen=True, kw_only=True):
    """Whether a statement is needed, with every row that says it is not."""

    needed: bool
    exemptions: tuple[Exemption, ...]


EXEMPTIONS = (
    Exemption(
        id="nothing-restricted",
        source="Regulation (EU) 2022/2065, Art. 17",
        sentence="The decision restricts nothing.",
        holds=lambda decision, _: decision.action not in RESTRICTIVE,
    ),
    Exemption(
        id="no-contact",
        source="Regulation (EU) 2022/2065, Art. 17",
        sentence="No electronic contact details of the person concerned are known.",
        holds=lambda _, around: not around.contact_known,
    ),
    Exemption(
        id="deceptive-high-volume",
        source="Regulation (EU) 2022/2065, Art. 17",
        sentence="The content is deceptive commercial content in high volume.",
        holds=lambda _, around: around.deceptive_high_volume,
    ),
    Exemption(
        id="ordered",
        source="Regulation (EU) 2022/2065, Art. 17(5)",
        sentence="An authority ordered it; its recipient is told under Art. 9(5).",
        holds=lambda _, around: around.ordered,
    ),
)


def statement_needed(decision: Decision, around: Circumstances) -> Need:
    """Say whether Art. 17 asks for a statement of reasons, and if not, why not."""
    found = tuple(row for row in EXEMPTIONS if row.holds(decision, around))
    return Need(needed=not found, exemptions=found)


class Particulars(Struct, frozen=True, kw_only=True):
    """What a statement says beyond the decision itself.

    Attributes:
        reference: The decision's public reference; becomes the PUID.
        explanation: Why the content falls under the ground, in words for the person concerned.
        content_date: UTC day on which the content was posted.
        content_types: What it is made of; empty: the kind of item is said in words.
        until: Last UTC day of the restriction; None: no end.
        also_illegal: On the ground of the terms, whether the content is held to be illegal too; None: not looked at.
        reference_url: Where the law or the terms can be read; "" for nowhere.
        names: What must not be told in public beside the item's and the subject's id: handles, names.
    """

    reference: str
    explanation: str
    content_date: date
    content_types: tuple[ContentType, ...] = ()
    until: date | None = None
    also_illegal: bool | None = None
    account_type: AccountType | None = None
    reference_url: str = ""
    names: tuple[str, ...] = ()


def complaint_until(informed_on: date) -> date:
    """Return the last day of the six months in which the person may complain.

    A day that the sixth month lacks becomes the first of the next: never shorter than the law says.

    Args:
        informed_on: Day on which the person was told of the decision.

    Source:
        Regulation (EU) 2022/2065, Art. 20.
    """
    months = informed_on.month - 1 + COMPLAINT_MONTHS
    year, month = informed_on.year + months // 12, months % 12 + 1
    days = monthrange(year, month)[1]
    if informed_on.day <= days:
        return date(year, month, informed_on.day)
    return date(year, month, days) + timedelta(days=1)
