"""Where a run starts: the words of the contract, turned into a law over the states of a chain.

========================  ===================================================================================
``"uniform"``             a uniform point
``"zeros"``               the point 0^n, literally
``"worst"``               the start with the largest expected runtime
an integer k              uniform among the points with k zero-bits (bits that differ from the optimum)
an array of n bits        that point, in the user's form
========================  ===================================================================================
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from theory.errors import InputError
from theory.process import Process

_WORDS = "'uniform', 'zeros', 'worst', a number of zero-bits or an array of 0 and 1"


@dataclass(frozen=True)
class Start:
    """A start: ``kind`` is "uniform", "worst", "count" (``zeros`` zero-bits) or "point" (``bits``, canonical)."""

    kind: str
    zeros: int = -1
    bits: tuple[int, ...] = ()


def resolve(start: Any, process: Process, n: int) -> Start:
    """Read a start as the user gives it.

    Raises
    ------
    InputError
        If it is none.
    """
    if isinstance(start, str):
        if start in ("uniform", "worst"):
            return Start(start)
        if start == "zeros":
            return _point(np.zeros(n, dtype=np.int64), process, n)
        raise InputError(
            f"start: '{start}' is unknown; use 'uniform', 'zeros', 'worst', a number of zero-bits or an array of bits"
        )
    if isinstance(start, (bool, np.bool_)):
        raise InputError(
            f"start: {start} is no start; use 'uniform', 'zeros', 'worst', a number of zero-bits or an array of bits"
        )
    if isinstance(start, (int, np.integer)):
        if not 0 <= start <= n:
            raise InputError(f"start: {start} zero-bits are not possible with n = {n} bits; use 0 to {n}")
        return Start("count", int(start))
    try:
        bits = np.asarray(start)
        right = bits.ndim == 1 and bits.dtype.kind in "biuf" and bool(np.isin(bits, (0, 1)).all())
    except (TypeError, ValueError):
        right = False
    if not right:
        raise InputError(f"start: {start!r} is no start; use {_WORDS}")
    if bits.size != n:
        raise InputError(f"start: has {bits.size} bits, but n = {n}")
    return _point(bits.astype(np.int64), process, n)


def _point(bits: np.ndarray, process: Process, n: int) -> Start:
    canonical = bits == process.problem.optimum(n)
    return Start("point", int(n - canonical.sum()), tuple(int(x) for x in canonical))


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
