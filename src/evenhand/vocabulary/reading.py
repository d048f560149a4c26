"""What was read out of a letter's own words: proposals for a person, never facts."""

from dataclasses import dataclass
from typing import Literal

ReadField = Literal["instrument", "state", "legal_basis", "targets", "deadline", "reference", "ask"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadProposal:
    """One proposal.

    Attributes:
        value: As it would stand in the form.
        quote: The words of the letter that it was read from.
    """

    field: ReadField
    value: str
    quote: str
