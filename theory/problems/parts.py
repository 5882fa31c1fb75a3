"""Functions that are a sum over disjoint parts of the bits: the hooks with which a flip costs the size of its part.

A problem gives ``part(x, j, data)``, what part j is worth, and ``part_of(i, data)``, the part to which position i belongs, -1 for
none; the number of parts is data[0, 0].
"""

from __future__ import annotations

from theory.hooks import part, part_of


def value(x, data):
    """The sum over all parts."""
    total = 0
    for j in range(data[0, 0]):
        total += part(x, j, data)
    return total


def judge(x, flips, m, ups, k, v, data):
    """The parts in which a bit flips, before and after; x is flipped and flipped back."""
    change = 0
    for sign in (-1, 1):
        for j in range(m):
            own = part_of(flips[j], data)
            first = own >= 0
            for i in range(j):
                first = first and part_of(flips[i], data) != own
            if first:
                change += sign * part(x, own, data)
        for j in range(m):
            x[flips[j]] ^= 1
    return (change > 0) - (change < 0), v + change
