"""Compiled: where a uniform set of flips of a random size leads, by the number of zero-bits.

Hypergeometric probabilities come from the recurrence P(a+1)/P(a) = (z-a)(m-a) / ((a+1)(n-z-m+a+1)), walked from the mode to both
sides and divided by their own sum: no factorial, so every probability has a relative error of a few roundings a step.
"""

from __future__ import annotations

import numpy as np

from theory.jit import kernel


@kernel
def hypergeometric(n, z, m, out):
    """Write P(a of the z zero-bits are among m uniform positions of n) into out[lo..hi]; returns (lo, hi)."""
    lo, hi = max(0, m - (n - z)), min(z, m)
    mode = max(lo, min(hi, ((m + 1) * (z + 1)) // (n + 2)))
    out[mode] = 1.0
    total = 1.0
    for a in range(mode, hi):
        out[a + 1] = out[a] * ((z - a) * (m - a)) / ((a + 1) * (n - z - m + a + 1))
        total += out[a + 1]
    for a in range(mode, lo, -1):
        out[a - 1] = out[a] * (a * (n - z - m + a)) / ((z - a + 1) * (m - a + 1))
        total += out[a - 1]
    for a in range(lo, hi + 1):
        out[a] /= total
    return lo, hi


@kernel
def offspring_by_flips(n, law):
    """Matrix M[z, y] = P(a point with z zero-bits has an offspring with y); m uniform positions flip with probability law[m]."""
    matrix = np.zeros((n + 1, n + 1))
    ups = np.empty(n + 1)
    for z in range(n + 1):
        for m in range(n + 1):
            if law[m] > 0.0:
                lo, hi = hypergeometric(n, z, m, ups)
                for a in range(lo, hi + 1):
                    matrix[z, z - 2 * a + m] += law[m] * ups[a]
    return matrix
