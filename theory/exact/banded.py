"""Chains that make short steps, compiled: the elimination of :mod:`theory.exact.elimination` within a band.

Notation: the states are 0..m-1; ``band[s, w + y - s]`` is P[s, y] for |y - s| <= w, the diagonal isn't used; ``out[s]`` is the
probability of leaving these states for good in one step. Eliminating the last state changes nothing outside of the band, so
m states cost O(m w^2) operations, still without a subtraction.
"""

from __future__ import annotations

import numpy as np

from theory.exact.laws_kernel import binomial
from theory.jit import kernel


@kernel
def band_costs(band, out, cost):
    """Solve E[s] (out[s] + sum of P[s, others]) = cost[s] + sum over the others of P[s, y] E[y]; all arrays are left as they are.

    Parameters
    ----------
    band : float array, shape (m, 2 w + 1)
    out, cost : float arrays, shape (m,)

    Returns
    -------
    float array, shape (m,)
        Infinite or not a number where ``out`` can't be reached.
    """
    m = out.size
    w = band.shape[1] // 2
    band, out, cost = band.copy(), out.copy(), cost.copy()
    pivot = np.zeros(m)
    for s in range(m - 1, -1, -1):
        first = max(0, s - w)
        total = out[s]
        for y in range(first, s):
            total += band[s, w + y - s]
        pivot[s] = total
        for x in range(first, s):
            chance = band[x, w + s - x]
            if chance > 0.0:
                share = chance / total
                for y in range(first, s):
                    band[x, w + y - x] += share * band[s, w + y - s]
                out[x] += share * out[s]
                cost[x] += share * cost[s]
    expected = np.zeros(m)
    for s in range(m):
        total = cost[s]
        for y in range(max(0, s - w), s):
            total += band[s, w + y - s] * expected[y]
        expected[s] = total / pivot[s]
    return expected


@kernel
def widest(n, odds, least):
    """The largest number of zero-bits, and of one-bits, that flip at some k = 1..n; tails of at most ``least`` are left out."""
    law = np.empty(n + 1)
    ups, downs = 0, 0
    for k in range(1, n + 1):
        ups = max(ups, binomial(k, odds[k], least, law)[1])
        downs = max(downs, binomial(n - k, odds[k], least, law)[1])
    return ups, downs


@kernel
def counts_band(n, odds, accept, least, w):
    """Band over k = 0..n where a of the k zero-bits and b of the n - k one-bits flip, accepted with probability accept[a, b]."""
    band = np.zeros((n + 1, 2 * w + 1))
    ups, downs = np.empty(n + 1), np.empty(n + 1)
    for k in range(1, n + 1):
        a_lo, a_hi = binomial(k, odds[k], least, ups)
        b_lo, b_hi = binomial(n - k, odds[k], least, downs)
        for a in range(a_lo, a_hi + 1):
            for b in range(b_lo, b_hi + 1):
                if a != b:
                    band[k, w + b - a] += ups[a] * downs[b] * accept[a, b]
    return band
