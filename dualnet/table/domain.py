"""Where a basic function is smooth: an open interval for each argument, its poles and its kinks.

Tests draw points from a domain and documentation prints it; nothing in a derivative depends on it.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Domain:
    """An open interval with isolated points taken out.

    Parameters
    ----------
    low, high : float
        Ends of the open interval in which the function is smooth.
    kinks : tuple of float
        Points inside where the value is continuous and the slope jumps.
    poles : tuple of float
        Points inside where the function or its slope is infinite, or the value jumps.
    period : float, optional
        Poles and kinks repeat with this period.

    Examples
    --------
    >>> OPEN(-1, 1)
    OPEN(-1, 1)
    >>> 0.5 in OPEN(-1, 1), 1 in OPEN(-1, 1), 0 in NONZERO
    (True, False, False)
    """

    low: float = -math.inf
    high: float = math.inf
    kinks: tuple = ()
    poles: tuple = ()
    period: float | None = None

    @property
    def singular(self):
        """Kinks and poles together, sorted."""
        return tuple(sorted(self.kinks + self.poles))

    def distance(self, x):
        """Distance of `x` to the nearest end, kink or pole; negative outside."""
        gaps = [x - self.low, self.high - x]
        for point in self.singular:
            gap = abs(x - point)
            if self.period:
                gap = min(gap % self.period, -gap % self.period)
            gaps.append(gap)
        return min(gaps)

    def __contains__(self, x):
        return self.distance(x) > 0

    def __repr__(self):
        for name, domain in NAMED.items():
            if domain == self:
                return name
        text = f"OPEN({self.low:g}, {self.high:g})"
        for word in ("kinks", "poles"):
            points = getattr(self, word)
            if points:
                text += f" {word} " + ", ".join(f"{p:g}" for p in points)
        return text + (f" period {self.period:g}" if self.period else "")


def OPEN(low, high):
    """The open interval (low, high)."""
    return Domain(low, high)


REAL = Domain()
POSITIVE = Domain(low=0.0)
NONZERO = Domain(poles=(0.0,))
KINK_AT_0 = Domain(kinks=(0.0,))
JUMP_AT_0 = Domain(poles=(0.0,))
JUMP_AT_INTEGERS = Domain(poles=(0.0,), period=1.0)
JUMP_AT_HALVES = Domain(poles=(0.5,), period=1.0)

NAMED = {"REAL": REAL, "POSITIVE": POSITIVE, "NONZERO": NONZERO, "KINK_AT_0": KINK_AT_0,
         "JUMP_AT_INTEGERS": JUMP_AT_INTEGERS, "JUMP_AT_HALVES": JUMP_AT_HALVES}
