"""Binomial variates against the binomial law.

Error rate: 9 p-values above 1e-5. Power: a law whose p is 2 to 5 percent off is refuted.
"""

from __future__ import annotations

import numba
import numpy as np
import pytest
from laws import has_law
from scipy import stats

from sim.kernels.binomial import binomial, log_ratio
from sim.kernels.random import seed_stream

CASES = [
    (0, 0.3),
    (5, 0.0),
    (5, 1.0),
    (1, 0.4),
    (7, 0.9),
    (40, 0.2),
    (40, 0.5),
    (60, 0.25),
    (1000, 0.99),
    (300, 0.04),
    (500, 0.3),
    (10**6, 2e-5),
]


@numba.njit
def draw(key, n, p, out):
    s = np.empty(4, np.uint64)
    seed_stream(s, key, 0)
    for i in range(out.size):
        out[i] = binomial(s, n, p)


def sample(n, p, runs=200_000):
    out = np.zeros(runs, np.int64)
    draw(np.array([1, 2, 3, n], np.uint64), n, p, out)
    return out


@pytest.mark.parametrize(("n", "p"), CASES)
def test_variates_have_the_binomial_law(n, p):
    counts = sample(n, p)
    assert counts.min() >= 0 and counts.max() <= n
    if p in (0.0, 1.0) or n == 0:
        assert (counts == round(n * p)).all()
        return
    assert has_law(counts, stats.binom.pmf(np.arange(min(n, 4000) + 1), n, p)) > 1e-5
    assert has_law(counts, stats.binom.pmf(np.arange(min(n, 4000) + 1), n, p * 1.02 if p < 0.5 else 1 - (1 - p) * 1.05)) < 1e-3


def test_large_numbers_of_trials_have_the_law_of_their_quantiles():
    n, p = 10**9, 0.3
    at = stats.binom.cdf(sample(n, p), n, p)  # nearly uniform: single probabilities are below 3e-5
    assert stats.kstest(at, "uniform").pvalue > 1e-5


@pytest.mark.parametrize(("n", "m", "j", "p"), [(100, 30, 45, 0.3), (10**6, 5, 25, 1e-5), (50, 25, 0, 0.5), (50, 25, 50, 0.5)])
def test_ratios_of_probabilities_are_those_of_exact_arithmetic(n, m, j, p):
    from fractions import Fraction
    from math import comb

    import mpmath

    q = Fraction(p)
    exact = Fraction(comb(n, j), comb(n, m)) * (q / (1 - q)) ** (j - m)
    assert log_ratio(float(j), float(m), n, p) == pytest.approx(
        float(mpmath.log(mpmath.mpf(exact.numerator) / exact.denominator)), rel=1e-9, abs=1e-9
    )
