"""Laws of one mutation, compiled: how many zero-bits and one-bits flip, and where that leads.

Binomial probabilities come from the recurrence P(i+1)/P(i) = (m-i)/(i+1) * p/q, walked from the mode to both sides and
divided by their own sum: no power of q, no factorial, so every probability has a relative error of a few roundings a step.
"""

from __future__ import annotations

import numpy as np

from theory.jit import kernel


@kernel
def binomial(m, odds, least, out):
    """Write P(X = i), X ~ Bin(m, p), into out[lo..hi]; each of the two tails left out has probability at most ``least``.

    ``odds`` is p / (1 - p), infinite for p = 1. Beyond i the ratios P(i+1)/P(i) only fall, so the tail is at most a
    geometric series. Returns (lo, hi).
    """
    if odds == 0.0 or m == 0:
        out[0] = 1.0
        return 0, 0
    if np.isinf(odds):
        out[m] = 1.0
        return m, m
    mode = min(m, int((m + 1) * (odds / (1.0 + odds))))
    out[mode] = 1.0
    total = 1.0
    hi, x = mode, 1.0
    while hi < m:
        ratio = (m - hi) * odds / (hi + 1)
        if ratio < 1.0 and x * ratio <= least * (1.0 - ratio):
            break
        hi += 1
        x *= ratio
        out[hi] = x
        total += x
    lo, x = mode, 1.0
    while lo > 0:
        ratio = lo / ((m - lo + 1) * odds)
        if ratio < 1.0 and x * ratio <= least * (1.0 - ratio):
            break
        lo -= 1
        x *= ratio
        out[lo] = x
        total += x
    for i in range(lo, hi + 1):
        out[i] /= total
    return lo, hi


@kernel
def offspring_by_zeros(n, odds):
    """Matrix M[z, y] = P(a point with z zero-bits has an offspring with y), standard bit mutation with odds[z]."""
    matrix = np.zeros((n + 1, n + 1))
    ups = np.empty(n + 1)
    downs = np.empty(n + 1)
    for z in range(n + 1):
        a_lo, a_hi = binomial(z, odds[z], 1e-300, ups)
        b_lo, b_hi = binomial(n - z, odds[z], 1e-300, downs)
        for a in range(a_lo, a_hi + 1):
            for b in range(b_lo, b_hi + 1):
                matrix[z, z - a + b] += ups[a] * downs[b]
    return matrix


@kernel
def full_matrix(n, laws, rank, end, strict):
    """Transition matrix over all points; laws[x, h] = P(one given set of h positions is what flips) at the point x.

    An offspring y of x is accepted if rank[y] > rank[x], or if they are equal and not strict; end[x] marks the optima.
    """
    size = 1 << n
    matrix = np.zeros((size, size))
    weight = np.zeros(size, np.int64)
    for x in range(1, size):
        weight[x] = weight[x >> 1] + (x & 1)
    for x in range(size):
        if end[x]:
            matrix[x, x] = 1.0
            continue
        stays = 0.0
        for y in range(size):
            chance = laws[x, weight[x ^ y]]
            if y != x and (rank[y] > rank[x] or (rank[y] == rank[x] and not strict)):
                matrix[x, y] = chance
            else:
                stays += chance
        matrix[x, x] = stays
    return matrix
