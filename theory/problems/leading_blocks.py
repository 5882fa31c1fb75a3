"""DeceptiveLeadingBlocks: LeadingOnes by blocks of two bits, in which the second best block is the opposite of the best.

P. K. Lehre, P. T. H. Nguyen, *On the limitations of the univariate marginal distribution algorithm to deception and where
bivariate EDAs might help*, FOGA 2019. n is even.
"""

from __future__ import annotations

from theory.errors import InputError
from theory.problems.base import Problem


def value(x, data):
    """Twice the number of blocks 11 in front, and 1 if 00 follows."""
    place = 0
    while place < x.size and x[place] == 1 and x[place + 1] == 1:
        place += 2
    if place < x.size and x[place] == 0 and x[place + 1] == 0:
        return place + 1
    return place


def judge(x, flips, m, ups, k, v, data):
    """Only flips in front of or in the first block that isn't 11 matter."""
    first = x.size
    for j in range(m):
        first = min(first, flips[j])
    if first > v + 1:  # the first block that isn't 11 ends at v or v + 1
        return 0, v
    for j in range(m):
        x[flips[j]] ^= 1
    after = value(x, data)
    for j in range(m):
        x[flips[j]] ^= 1
    return (after > v) - (after < v), after


class DeceptiveLeadingBlocks(Problem):
    """DeceptiveLeadingBlocks: 2m + 1 if m blocks 11 stand in front and 00 follows, 2m if 01 or 10 follows, n at the optimum.

    Examples
    --------
    >>> [DeceptiveLeadingBlocks().value(x) for x in ([1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 1], [1, 1, 1, 1])]
    [3, 2, 0, 4]
    """

    hooks = {"value": value, "judge": judge}

    def check(self, n):
        if n % 2:
            raise InputError(f"n: {n} must be even; the bits stand in blocks of two")

    def value(self, x):
        for place in range(0, len(x), 2):
            ones = int(x[place]) + int(x[place + 1])
            if ones < 2:
                return place + (ones == 0)
        return len(x)

    def value_range(self, n):
        return (0.0, float(n))
