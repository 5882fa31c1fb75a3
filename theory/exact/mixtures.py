"""Mutation at a rate that is drawn anew for each offspring (``Algorithm.mixed``): its chains.

Notation: the rate is p_j with probability q_j (``Algorithm.mixture``). The number of flips has the fixed law
P(K = m) = sum_j q_j C(n, m) p_j^m (1-p_j)^(n-m), and given K the flipped set is uniform. On LeadingOnes level i is left with
probability sum_j q_j p_j (1-p_j)^i, and the bits behind the first zero of a run from a uniform start stay uniform. All sums have
non-negative terms.
"""

from __future__ import annotations

from math import comb

import numpy as np

from theory.exact.errors import NoExactMethod
from theory.process import Process
from theory.values import Number

LARGEST = 1000
"""Bits up to which the chain over the numbers of zero-bits is made."""
LARGEST_LEVELS = 20_000
"""Bits up to which the levels of LeadingOnes are."""


def flip_law(process: Process, values: dict[str, Number]) -> np.ndarray:
    """P(K = m) for m = 0..n.

    >>> from theory import FastEA, OneMax
    >>> flip_law(FastEA(2).on(OneMax()), {"n": 2}).tolist()
    [0.25, 0.5, 0.25]
    """
    from theory.exact.laws_kernel import binomial

    n = int(values["n"])
    law, one = np.zeros(n + 1), np.empty(n + 1)
    for weight, p in zip(*process.algorithm.mixture(values)):
        lo, hi = binomial(n, p / (1.0 - p), 1e-300, one)
        law[lo : hi + 1] += weight * one[lo : hi + 1]
    return law


def offspring_by_zeros(process: Process, values: dict[str, Number]) -> np.ndarray:
    """Matrix [z, y] = P(a point with z zero-bits has an offspring with y)."""
    from theory.exact.mixture_kernel import offspring_by_flips

    n = int(values["n"])
    if n > LARGEST:
        raise NoExactMethod(f"n: the chain of {process.algorithm.name} over the numbers of zero-bits is made up to n = {LARGEST}")
    return offspring_by_flips(n, flip_law(process, values))


def set_laws(process: Process, values: dict[str, Number], points: int) -> np.ndarray:
    """[x, m] = P(one given set of m positions is exactly what flips) at each of some points."""
    n = int(values["n"])
    law = flip_law(process, values) / np.array([float(comb(n, m)) for m in range(n + 1)])
    return np.broadcast_to(law, (points, n + 1)).copy()


def chances_to_rise(process: Process, values: dict[str, Number]) -> np.ndarray:
    """P(level i of LeadingOnes is left in a round), i = 0..n-1."""
    n = int(values["n"])
    weights, rates = process.algorithm.mixture(values)
    log_stay, weighted = np.log1p(-rates), weights * rates
    return np.array([float(np.sum(weighted * np.exp(i * log_stay))) for i in range(n)])
