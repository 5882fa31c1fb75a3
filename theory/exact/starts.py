"""The law of a start over the states of a chain; the words are read in :mod:`theory.starts`."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from theory.starts import Start


def weights_by_zeros(start: Start, n: int) -> tuple[int, np.ndarray]:
    """The law of the start's number of zero-bits z, as (smallest z, probabilities from there on).

    For a uniform start the values further than 6 sqrt(n) from n/2 are left out; their probability is at most 2 exp(-72).

    >>> weights_by_zeros(Start("uniform"), 2)
    (0, array([0.25, 0.5 , 0.25]))
    """
    assert start.kind != "worst"
    if start.kind != "uniform":
        return start.zeros, np.ones(1)
    half, reach = n // 2, math.ceil(6 * math.sqrt(n))
    lo, hi = max(0, half - reach), min(n, half + reach)
    up = np.arange(half, hi)
    down = np.arange(half, lo, -1)
    right = np.cumprod((n - up) / (up + 1.0))
    left = np.cumprod(down / (n - down + 1.0))
    weights = np.concatenate([left[::-1], [1.0], right])
    return lo, weights / math.fsum(weights)


def weights_by_points(start: Start, n: int) -> np.ndarray:
    """The law of the start over all 2^n canonical points (x_1 is the most significant digit of a point's index)."""
    return np.array([float(w) for w in rational_weights_by_points(start, n)])


def rational_weights_by_points(start: Start, n: int) -> list[Fraction]:
    """As :func:`weights_by_points`, in fractions."""
    assert start.kind != "worst"
    if start.kind == "uniform":
        return [Fraction(1, 2**n)] * 2**n
    if start.kind == "count":
        each = Fraction(1, math.comb(n, start.zeros))
        return [each if n - i.bit_count() == start.zeros else Fraction(0) for i in range(2**n)]
    place = int("".join(map(str, start.bits)), 2)
    return [Fraction(int(i == place)) for i in range(2**n)]


def rational_weights_by_zeros(start: Start, n: int) -> list[Fraction]:
    """The law of the start's number of zero-bits, in fractions."""
    assert start.kind != "worst"
    if start.kind == "uniform":
        return [Fraction(math.comb(n, z), 2**n) for z in range(n + 1)]
    return [Fraction(int(z == start.zeros)) for z in range(n + 1)]


def average(weights: np.ndarray, expected: np.ndarray) -> float:
    """Sum of weights times values, exactly rounded; a value of weight zero may be infinite."""
    some = weights > 0
    if np.isinf(expected[some]).any():
        return math.inf
    return math.fsum(weights[some] * expected[some])
