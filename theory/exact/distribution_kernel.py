"""Runtime distributions, compiled: powers of a chain, and sums of independent geometric times."""

from __future__ import annotations

import numpy as np

from theory.exact.laws_kernel import binomial
from theory.jit import kernel


@kernel
def absorb(matrix, first, last, end, mass, pmf, tail):
    """Advance the law ``mass`` of a chain, writing the probability that reaches an end at each step into ``pmf``.

    Row x of the matrix is used in the columns first[x] .. last[x]. Returns (steps made, probability that is left); stops
    early when no more than ``tail`` is left.
    """
    size = mass.size
    after = mass.copy()
    left = 0.0
    for step in range(pmf.size):
        after[:] = 0.0
        for x in range(size):
            if mass[x] > 0.0:
                share = mass[x]
                for y in range(first[x], last[x] + 1):
                    after[y] += share * matrix[x, y]
        pmf[step], left = settle(after, end, mass)
        if left <= tail:
            return step + 1, left
    return pmf.size, left


@kernel
def add_half_geometric(pmf, chance):
    """Replace the law of X by that of X + B G, B ~ Ber(1/2), G ~ Geo(chance) on 1, 2, ..., cut at the end of the array."""
    waiting = 0.0
    before = 0.0
    for t in range(pmf.size):
        waiting = (1.0 - chance) * waiting + chance * before
        before = pmf[t]
        pmf[t] = 0.5 * (before + waiting)


@kernel
def settle(after, end, mass):
    """Move the mass of the ends out; (what reached them, what is left)."""
    done, left = 0.0, 0.0
    for x in range(mass.size):
        if end[x]:
            done += after[x]
            mass[x] = 0.0
        else:
            left += after[x]
            mass[x] = after[x]
    return done, left


@kernel
def absorb_timed_zeros(n, rank, end, strict, mass, p, pmf, tail):
    """As :func:`absorb`, over the number z of zero-bits, with the rate p[step] in each step."""
    ups = np.empty(n + 1)
    downs = np.empty(n + 1)
    after = np.empty(n + 1)
    left = 0.0
    for step in range(pmf.size):
        odds = p[step] / (1.0 - p[step])
        after[:] = 0.0
        for z in range(n + 1):
            if mass[z] == 0.0:
                continue
            a_lo, a_hi = binomial(z, odds, 1e-25, ups)
            b_lo, b_hi = binomial(n - z, odds, 1e-25, downs)
            moved = 0.0
            for a in range(a_lo, a_hi + 1):
                for b in range(b_lo, b_hi + 1):
                    y = z - a + b
                    if y != z and (rank[y] > rank[z] or (rank[y] == rank[z] and not strict)):
                        chance = ups[a] * downs[b]
                        after[y] += mass[z] * chance
                        moved += chance
            after[z] += mass[z] * max(0.0, 1.0 - moved)
        pmf[step], left = settle(after, end, mass)
        if left <= tail:
            return step + 1, left
    return pmf.size, left


@kernel
def absorb_timed_levels(mass, p, pmf, tail):
    """As :func:`absorb`, over the levels of LeadingOnes with uniform bits behind the first zero-bit."""
    n = mass.size - 1
    end = np.zeros(n + 1, np.bool_)
    end[n] = True
    after = np.empty(n + 1)
    left = 0.0
    for step in range(pmf.size):
        chance = p[step]  # p (1-p)^v at the level v
        rising = 0.0  # mass that has left its level and not yet come to rest
        for v in range(n):
            rising *= 0.5
            gone = mass[v] * chance
            after[v] = mass[v] - gone + rising
            rising += gone
            chance *= 1.0 - p[step]
        after[n] = rising
        pmf[step], left = settle(after, end, mass)
        if left <= tail:
            return step + 1, left
    return pmf.size, left


@kernel
def absorb_timed_points(n, rank, end, strict, mass, p, pmf, tail):
    """As :func:`absorb`, over all 2^n points."""
    size = 1 << n
    weight = np.zeros(size, np.int64)
    for x in range(1, size):
        weight[x] = weight[x >> 1] + (x & 1)
    after = np.empty(size)
    law = np.empty(n + 1)
    left = 0.0
    for step in range(pmf.size):
        for h in range(n + 1):
            law[h] = p[step] ** h * (1.0 - p[step]) ** (n - h)
        after[:] = 0.0
        for x in range(size):
            if mass[x] == 0.0:
                continue
            stays = 0.0
            for y in range(size):
                chance = law[weight[x ^ y]]
                if y != x and (rank[y] > rank[x] or (rank[y] == rank[x] and not strict)):
                    after[y] += mass[x] * chance
                else:
                    stays += chance
            after[x] += mass[x] * stays
        pmf[step], left = settle(after, end, mass)
        if left <= tail:
            return step + 1, left
    return pmf.size, left
