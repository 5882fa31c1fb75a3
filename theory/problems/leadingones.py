"""LeadingOnes: the length of the longest prefix of one-bits (Rudolph 1997)."""

from __future__ import annotations

from theory.problems.base import Problem


def value(x, data):
    """Length of the prefix of ones."""
    length = 0
    while length < x.size and x[length] == 1:
        length += 1
    return length


def judge(x, flips, m, ups, k, v, data):
    """A flip inside the prefix loses; otherwise the bit behind the prefix decides, and the bits behind it ride free."""
    lowest = x.size
    for j in range(m):
        lowest = min(lowest, flips[j])
    if lowest < v:
        return -1, lowest
    if lowest > v or v == x.size:
        return 0, v
    length = v + 1
    while length < x.size:
        bit = x[length]
        for j in range(m):
            if flips[j] == length:
                bit = 1 - bit
        if bit == 0:
            break
        length += 1
    return 1, length


class LeadingOnes(Problem):
    """LeadingOnes(x) = max{i : x_1 = ... = x_i = 1}; monotone, but not strictly.

    >>> LeadingOnes().value([1, 1, 0, 1])
    2
    """

    hooks = {"value": value, "judge": judge}

    def value(self, x):
        length = 0
        for bit in x:
            if not bit:
                break
            length += 1
        return length

    def value_range(self, n):
        return (0.0, float(n))
