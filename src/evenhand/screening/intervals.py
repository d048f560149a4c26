"""Shares of a count, with the range in which the true share lies."""

from dataclasses import dataclass
from math import sqrt

_Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A share with its 95 % interval (Wilson); of nothing, it is not known: 0 to 1.

    Attributes:
        part: Numerator.
        whole: Denominator.
    """

    part: int
    whole: int

    @property
    def share(self) -> float:
        """The share itself, 0 of nothing."""
        return self.part / self.whole if self.whole else 0.0

    @property
    def bounds(self) -> tuple[float, float]:
        """Lower and upper bound.

        Source:
            E. B. Wilson, "Probable inference, the law of succession, and statistical inference" (1927).
        """
        if not self.whole:
            return 0.0, 1.0
        n, p = self.whole, self.share
        centre, spread = p + _Z95**2 / (2 * n), _Z95 * sqrt(p * (1 - p) / n + _Z95**2 / (4 * n * n))
        low = 0.0 if not self.part else (centre - spread) / (1 + _Z95**2 / n)
        high = 1.0 if self.part == n else (centre + spread) / (1 + _Z95**2 / n)
        return low, high
