"""Dynamic BinVal: BinVal with a fresh uniform order of the bits in every generation.

J. Lengler, U. Schaller, *The (1+1)-EA on noisy linear functions with random positive weights*, SSCI 2018; J. Lengler, J. Meier,
*Large population sizes and crossover help in dynamic environments*, PPSN 2020.

The offspring is accepted iff the most significant flipped bit is a zero-bit. The order being uniform, that has probability
a/(a + b) for a flipped zero-bits and b flipped one-bits, exactly.
"""

from __future__ import annotations

from fractions import Fraction

from theory.errors import InputError
from theory.problems.base import Problem


class DynamicBinVal(Problem):
    """BinVal whose bits are ordered anew, uniformly, in every generation.

    Examples
    --------
    >>> str(DynamicBinVal().acceptance(2, 1))
    '2/3'
    """

    random_acceptance = True

    def acceptance(self, a, b):
        return Fraction(a, a + b) if a + b else Fraction(1)

    def value(self, x):
        raise InputError("problem: DynamicBinVal orders its bits anew in every generation; a point has no fixed fitness")
