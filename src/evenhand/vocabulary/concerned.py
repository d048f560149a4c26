"""Whoever a measure by order or demand concerns: what they are told, and their counter-notice. Records' bodies."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Concerned:
    """`concerned`: a measure that somebody is to be told of; its number makes their reference.

    Attributes:
        territory: States in which it holds; empty: everywhere.
        counter: A counter-notice may be sent against it: it was taken on a private demand.
        language: In which they are told, where a person chose it; "": the item's, as far as the desk knows it.
    """

    target: str
    action: Literal["disable", "geo-restrict"]
    territory: tuple[str, ...] = ()
    counter: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Countered:
    """`counter.received`: a counter-notice, as it was written.

    Attributes:
        concerned: Number of the `concerned` record that it is about.
        due_at: When the measure is taken back unless a court action is shown; None: no row says it, people decide.
        row: The row that sets the time, as "id@edition"; "": none does.
        decides: Whether the clock takes it back by itself, or a person: nobody has checked a recalled row.
    """

    concerned: int
    text: str
    due_at: datetime | None
    row: str
    decides: Literal["clock", "person"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CourtShown:
    """`counter.court`: whoever demanded it has gone to court, and a person has seen it."""

    concerned: int
    by: str
    court: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """`counter.agreed`: a person agrees that the measure is taken back; two different ones do it."""

    concerned: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """`counter.restored`: the measure was taken back; `by` is "clock" where its time was up."""

    concerned: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A measure on a private demand, and how far the counter-notice against it is.

    Attributes:
        number: Of the `concerned` record.
        act: In which it was taken.
        countered_at: None: no counter-notice came.
    """

    number: int
    act: int
    measure: Concerned
    told: bool = False
    countered_at: datetime | None = None
    text: str = ""
    due_at: datetime | None = None
    row: str = ""
    decides: Literal["clock", "person"] = "person"
    court: str = ""
    agreed: tuple[str, ...] = ()
    restored_at: datetime | None = None

    @property
    def state(self) -> Literal["standing", "countered", "court", "restored"]:
        """Return where it stands."""
        if self.restored_at is not None:
            return "restored"
        if self.court:
            return "court"
        return "countered" if self.countered_at is not None else "standing"
