"""BinVal: the value of the bit string read as a binary number, x_1 most significant (Droste, Jansen, Wegener 2002)."""

from __future__ import annotations

from theory.errors import InputError
from theory.hooks import TRACK_VALUE
from theory.problems.base import Problem


def value(x, data):
    """As a float; exact up to 53 bits, and only computed where somebody asks for it."""
    total = 0.0
    if TRACK_VALUE:
        for bit in x:
            total = 2.0 * total + bit
    return total


def compare(y, x, data):
    """Lexicographic: the first difference decides."""
    for i in range(x.size):
        if y[i] != x[i]:
            return 1 if y[i] > x[i] else -1
    return 0


def judge(x, flips, m, ups, k, v, data):
    """The most significant flipped bit decides."""
    if m == 0:
        return 0, v
    first = flips[0]
    after = v
    for j in range(m):
        first = min(first, flips[j])
        if TRACK_VALUE:
            after += (1.0 - 2.0 * x[flips[j]]) * 2.0 ** (x.size - 1 - flips[j])
    return 1 if x[first] == 0 else -1, after


class BinVal(Problem):
    """BinVal(x) = sum of 2^(n-i) x_i; always compared by the most significant difference, never as floats.

    >>> BinVal().value([1, 0, 1])
    5
    """

    strictly_monotone = True
    hooks = {"value": value, "compare": compare, "judge": judge}

    def value(self, x):
        total = 0
        for bit in x:
            total = 2 * total + int(bit)
        return total

    def value_range(self, n):
        return (0.0, 2.0 ** min(n, 1023))

    def check_value(self, n):
        if n > 1000:
            raise InputError(
                f"n: the fitness v of BinVal doesn't fit a float at n = {n}; use a rate or potential in k, or n <= 1000"
            )
