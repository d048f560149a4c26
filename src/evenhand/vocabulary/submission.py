"""What the EU transparency database says of statements that were sent to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """What came of one batch.

    Attributes:
        what: stored (all of it); invalid (nothing, and `errors` says which are wrong); existing (nothing, `puids` are
            there already); not-understood (nothing, without saying which is wrong); token (nothing, ours is refused);
            wait (nothing, later); unclear (all of it or nothing: nobody knows).
        errors: Place in the batch → attribute → reasons.
        puids: That the database has already.
        wait_s: How long it asks to be left alone, 0 where it does not say.
        why: A code or a word for whoever looks.
    """

    what: Literal["stored", "invalid", "existing", "not-understood", "token", "wait", "unclear"]
    errors: Mapping[int, Mapping[str, list[str]]] = field(default_factory=dict)
    puids: frozenset[str] = frozenset()
    wait_s: int = 0
    why: str = ""
