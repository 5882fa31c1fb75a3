"""Dynamic BinVal: BinVal with a fresh uniform order of the bits in every generation.

J. Lengler, U. Schaller, *The (1+1)-EA on noisy linear functions with random positive weights*, SSCI 2018; J. Lengler, J. Meier,
*Large population sizes and crossover help in dynamic environments*, PPSN 2020.

The offspring is accepted iff the most significant flipped bit is a zero-bit. The order being uniform, that has probability
a/(a + b) for a flipped zero-bits and b flipped one-bits, exactly.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from theory.problems.acceptance_rule import AcceptanceRule


def accepts(noise, ups, downs, sign, loss, settings, data):
    """Probability ups / (ups + downs)."""
    return noise[0] * (ups + downs) <= ups


def accepts_pair(noise, y, x, settings, data):
    """The bits in the order of their variates, which is uniform: the first difference decides."""
    first, better = np.inf, True
    for i in range(x.size):
        if y[i] != x[i] and noise[i] < first:
            first, better = noise[i], y[i] > x[i]
    return better


class DynamicBinVal(AcceptanceRule):
    """BinVal whose bits are ordered anew, uniformly, in every generation.

    Examples
    --------
    >>> str(DynamicBinVal().acceptance(2, 1))
    '2/3'
    """

    hooks = {"accepts": accepts, "accepts_pair": accepts_pair}
    why = "orders its bits anew in every generation; a point has no fixed fitness"

    def acceptance(self, a, b):
        return Fraction(a, a + b) if a + b else Fraction(1)
