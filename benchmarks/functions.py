"""Functions of a user, as plain numba: computed from nothing for each offspring. ``peer.cpp`` has the same loops."""

from __future__ import annotations

import numba


@numba.njit
def pairs(x):
    """Number of neighbours that are both one."""
    total = 0
    for i in range(x.size - 1):
        total += x[i] & x[i + 1]
    return total


@numba.njit
def longest(x):
    """Length of the longest block of ones."""
    best = 0
    length = 0
    for i in range(x.size):
        length = length + 1 if x[i] else 0
        best = max(best, length)
    return best
