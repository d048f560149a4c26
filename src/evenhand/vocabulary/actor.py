"""Who acts at the desk: a member of staff with roles and an area. Doors make it from a signed-in session."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a member of staff is at the desk."""

    MODERATOR = "moderator"
    SENIOR = "senior"  # second pair of eyes, bulk decisions
    CHILD_SAFETY = "child-safety"  # inside the wall
    QUALITY = "quality"  # sets test cases, reads agreement and error rates
    LEGAL = "legal"
    ANALYST = "analyst"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A member of staff.

    Attributes:
        id: The staff account's opaque id; records name it, so it is never a person's name.
        queues: Names of the queues that they work; empty: all that their roles allow.
        categories: Category codes that they may handle; empty: all.
        regions: ISO 3166-1 alpha-2 codes that they may handle; empty: all.
        languages: ISO 639-1 codes, upper case, that they read; empty: all. Routing only: not a right.
    """

    id: str
    roles: frozenset[Role]
    queues: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
