"""Whom the desk notifies of a threat to life or safety (Regulation (EU) 2022/2065, Art. 18)."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """An authority that takes such notifications: a row of the deployment's own table.

    Attributes:
        country: ISO 3166-1 alpha-2, "EU" for Europol, "HOME" for the state of establishment or representative.
        address: Where the notification goes.
        holds_from: First day on which the row holds.
    """

    id: str
    name: str
    country: str
    address: str
    holds_from: date
    source: str
