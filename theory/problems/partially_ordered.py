"""The partially-ordered EA: an acceptance rule that is at least as pessimistic as any strictly monotone function.

T. Jansen, *On the brittleness of evolutionary algorithms*, FOGA 2007; with pessimism parameter: S. Colin, B. Doerr, G. Férey,
*Monotonic functions in EC: anything but monotone!*, GECCO 2014.

Notation: the offspring flips a zero-bits (ups) and b one-bits (downs). Comparable offspring are judged by the order: b = 0 is
accepted, a = 0 < b rejected. If a, b >= 1 it is incomparable with its parent: with probability ``pessimism`` it is accepted iff
it has no more one-bits (b >= a), else iff it has no fewer (a >= b).
"""

from __future__ import annotations

from fractions import Fraction

from theory.errors import InputError
from theory.problems.base import Problem
from theory.values import exact, number


class PartiallyOrderedEA(Problem):
    """An acceptance rule, put on like a problem: ``OnePlusOneEA(c / n).on(PartiallyOrderedEA())``.

    Parameters
    ----------
    pessimism : number in [0, 1]
        Probability with which an incomparable offspring meets the pessimistic rule.

    Examples
    --------
    >>> rule = PartiallyOrderedEA(pessimism=1)
    >>> [str(rule.acceptance(a, b)) for a, b in ((1, 0), (0, 1), (1, 1), (2, 1), (1, 2))]
    ['1', '0', '1', '0', '1']
    """

    random_acceptance = True

    def __init__(self, pessimism: object = 1) -> None:
        self.pessimism: Fraction = exact(number(pessimism, "pessimism"))
        if not 0 <= self.pessimism <= 1:
            raise InputError(f"pessimism: {pessimism!r} must lie in [0, 1]")

    @property
    def key(self) -> str:
        return f"PartiallyOrderedEA(pessimism={self.pessimism})"

    def acceptance(self, a, b):
        if a == 0 or b == 0:
            return Fraction(int(b == 0))
        return self.pessimism * (b >= a) + (1 - self.pessimism) * (a >= b)

    def value(self, x):
        raise InputError("problem: PartiallyOrderedEA compares offspring and parent; a single point has no fitness")
