"""Limits of a ratio of expectations, E[A]/E[B], from independent pairs (A, B) with B >= 0.

Fieller (1954): r is in the interval unless E[A - r B] = 0 is refused; refused is what lies outside the interval of the mean of a
skewed law (:func:`sim.statistics.mean_interval`).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from sim.statistics import mean_interval


def ratio_interval(above: np.ndarray, below: np.ndarray, confidence: float = 0.95) -> tuple[float, float]:
    """Limits of E[A]/E[B]; infinite where the pairs are too few to tell.

    Parameters
    ----------
    above, below : float arrays, shape (R,), R >= 2
        The pairs; ``below`` is not negative, and not always 0.
    confidence : float
        Half of the error on each side.

    Examples
    --------
    >>> low, high = ratio_interval(np.array([2.0, 3, 5, 4, 1, 2]), np.array([4.0, 7, 9, 8, 3, 3]))
    >>> low < 1 / 2 < high
    True
    """
    above, below = np.asarray(above, np.float64), np.asarray(below, np.float64)
    centre = float(above.sum() / below.sum())

    def refused(ratio: float, side: int) -> bool:
        """Whether a ratio is refused as too large (side 1) or too small (side -1)."""
        low, high = mean_interval(above - ratio * below, confidence)
        return high < 0 if side > 0 else low > 0

    spread = float(np.std(above - centre * below)) / float(below.mean()) or abs(centre) * 1e-9
    ends = []
    for side in (-1, 1):
        step = 4 * spread / math.sqrt(len(above))
        far = centre + side * step
        while not refused(far, side) and step < 1e9 * (spread + abs(centre)):
            step *= 2
            far = centre + side * step
        ends.append(edge(lambda r: refused(r, side), centre, far) if refused(far, side) else side * math.inf)
    return ends[0], ends[1]


def edge(refused: Callable[[float], bool], inside: float, outside: float) -> float:
    """Bisect between a ratio that isn't refused and one that is."""
    for _ in range(200):
        middle = (inside + outside) / 2
        if refused(middle):
            outside = middle
        else:
            inside = middle
        if abs(outside - inside) <= 1e-9 * max(abs(outside), abs(inside)):
            break
    return inside
