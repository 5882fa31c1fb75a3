"""The partially-ordered EA: an acceptance rule that is at least as pessimistic as any strictly monotone function.

T. Jansen, *On the brittleness of evolutionary algorithms*, FOGA 2007; with pessimism parameter: S. Colin, B. Doerr, G. Férey,
*Monotonic functions in EC: anything but monotone!*, GECCO 2014.

Notation: the offspring flips a zero-bits (ups) and b one-bits (downs). Comparable offspring are judged by the order: b = 0 is
accepted, a = 0 < b rejected. If a, b >= 1 it is incomparable with its parent: with probability ``pessimism`` it is accepted iff
it has no more one-bits (b >= a), else iff it has no fewer (a >= b).
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from theory.errors import InputError
from theory.problems.acceptance_rule import AcceptanceRule
from theory.values import exact, number


def accepts(noise, ups, downs, sign, loss, settings, data):
    """The pessimistic rule with probability data[0, 0] / 2^62, otherwise that of OneMax."""
    if ups == 0 or downs == 0:
        return downs == 0
    return downs >= ups if noise[0] * 2.0**62 <= data[0, 0] else ups >= downs


def accepts_pair(noise, y, x, settings, data):
    """By the order where it decides, by a coin and the numbers of one-bits where it doesn't."""
    above, below, more = True, True, np.int64(0)
    for i in range(x.size):
        above = above and y[i] >= x[i]
        below = below and y[i] <= x[i]
        more += np.int64(y[i]) - np.int64(x[i])
    if above or below:
        return above
    return more <= 0 if noise[0] <= data[0, 0] / 2.0**62 else more >= 0


class PartiallyOrderedEA(AcceptanceRule):
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

    hooks = {"accepts": accepts, "accepts_pair": accepts_pair}
    why = "compares offspring and parent; a single point has no fitness"

    def __init__(self, pessimism: object = 1) -> None:
        self.pessimism: Fraction = exact(number(pessimism, "pessimism"))
        if not 0 <= self.pessimism <= 1:
            raise InputError(f"pessimism: {pessimism!r} must lie in [0, 1]")

    @property
    def key(self) -> str:
        return f"PartiallyOrderedEA(pessimism={self.pessimism})"

    def data(self, n):
        return np.array([[int(self.pessimism * 2**62)]], dtype=np.int64)

    def acceptance(self, a, b):
        if a == 0 or b == 0:
            return Fraction(int(b == 0))
        return self.pessimism * (b >= a) + (1 - self.pessimism) * (a >= b)
