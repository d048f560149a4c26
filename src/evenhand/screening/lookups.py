"""What is asked for entries: a table, or two of them one after the other."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]


class Lookup(Protocol):
    """Entries of lists."""

    def __len__(self) -> int:
        """Return the number of entries."""
        ...

    def find(self, asked: Any) -> tuple[Index, Index]:
        """Return the places in `asked` that are listed, and by which list: one pair a finding."""
        ...


@dataclass(frozen=True, slots=True)
class Both:
    """Two tables that are asked one after the other."""

    large: Lookup
    small: Lookup

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self.large) + len(self.small)

    def find(self, asked: Any) -> tuple[Index, Index]:
        """Return what both find: one pair a finding."""
        found = [each.find(asked) for each in (self.large, self.small)]
        return np.concatenate([pair[0] for pair in found]), np.concatenate([pair[1] for pair in found])
