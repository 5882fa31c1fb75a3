"""Bounds on a rate in t over windows of time: what the fast engines need to skip rounds at a rate that changes meanwhile.

Thinning (P. A. W. Lewis, G. S. Shedler, *Simulation of nonhomogeneous Poisson processes by thinning*, Naval Research Logistics
Quarterly 26, 1979; here for Bernoulli trials): if a round of a window changes something with probability q_t <= Q, draw the wait
at Q and keep the round that it leads to with probability q_t/Q. This is exact whatever the bound, and fast where it is close.

A window is a run of rounds with rigorous bounds low <= p_t <= high, by ball arithmetic on the whole interval of time. Windows are
cut in two until high is within 1/64 of low, so that they take about a 64th of the time gone by; a rate that stays the same has
one window, a rate that jumps has narrow ones around it. Where balls can't prove that p_t is a probability, or where the rate
depends on the point too, ``high`` is ``UNKNOWN``: the engines go through such a window round by round, and look at each rate.
"""

from __future__ import annotations

import functools
import heapq
import math

import numpy as np
from sympy import Expr

from sim.kernels.codes import LARGEST_BUDGET
from theory.balls import enclosure
from theory.process import Process
from theory.symbols import t
from theory.values import Number

UNKNOWN = 2.0
CLOSE = 1 / 64
_MOST = 1 << 12  # windows
_ROUNDING = 1e-12  # by how much a kernel's floats may be off, relatively


def windows_for(process: Process, values: dict[str, Number], budget: int) -> np.ndarray:
    """The windows up to a budget, or none for a rate without t.

    Parameters
    ----------
    process : Process
    values : dict
        Checked values of n and c.
    budget : int

    Returns
    -------
    float array
        Three numbers a window: its last round, low, high.

    Examples
    --------
    >>> from theory import OneMax, OnePlusOneEA
    >>> windows_for(OnePlusOneEA("Piecewise((1/4, t < 3), (1/8, True))").on(OneMax()), {"n": 8}, 1000)[::3]
    array([2.00000000e+00, 4.61168601e+18])
    """
    if "t" not in process.rate_symbols:
        return np.zeros(0)
    if process.rate_symbols & {"k", "v", "i"}:
        return np.array([float(LARGEST_BUDGET), 0.0, UNKNOWN])
    horizon = 1 << max(10, int(budget).bit_length())  # rounded up, so that runs of other lengths find the table made
    return np.array(_windows(process.rate_at(values), horizon)).ravel()


@functools.lru_cache(maxsize=64)
def _windows(rate: Expr, horizon: int) -> tuple[tuple[float, float, float], ...]:
    """Cut [1, horizon] in two, the relatively longest window first, until the bounds are close or there are too many."""
    done: list[tuple[float, float, float, float]] = []  # first, last, low, high
    waiting = [(-math.inf, 1.0, float(horizon))]
    while waiting:
        _, first, last = heapq.heappop(waiting)
        low, high = bounds(rate, first, last)
        close = high <= low * (1 + CLOSE) + 3 * _ROUNDING * high
        if close or first == last or len(done) + len(waiting) >= _MOST:
            done.append((first, last, low, high))
            continue
        middle = float(math.floor(math.sqrt(first) * math.sqrt(last) if last > 2 * first else (first + last) / 2))
        middle = min(max(middle, first), last - 1) if last < 2**53 else middle
        for a, b in ((first, middle), (middle + 1, last)):
            heapq.heappush(waiting, (a / b if a == b else -b / a, a, b))
    done.sort()
    merged: list[tuple[float, float, float]] = []
    for _, last, low, high in done:
        if merged and merged[-1][1:] == (low, high):
            merged.pop()
        merged.append((last, low, high))
    merged[-1] = (float(LARGEST_BUDGET), *merged[-1][1:])  # nothing is asked beyond the horizon
    return tuple(merged)


def bounds(rate: Expr, first: float, last: float) -> tuple[float, float]:
    """(low, high) of a rate in t from one round to another, or (0, UNKNOWN).

    >>> bounds(1 / t, 4.0, 8.0)
    (0.124..., 0.25...)
    """
    ball = enclosure(rate, {t: (first, last)})
    if ball is None or not (ball >= 0 and ball <= 1):
        return 0.0, UNKNOWN
    low, high = float(ball.lower()), float(ball.upper())
    return max(0.0, low * (1 - _ROUNDING)), min(1.0, high * (1 + _ROUNDING))
