"""Each engine against exact laws, compiled as users run it (nothing observed).

Error rate: each p-value is held against 1e-3 / 100, and there are fewer than 100 of them. The expected values to ten digits come
from the exact chains of the literature's processes, computed independently of this package.
"""

from __future__ import annotations

import numpy as np
import pytest
from laws import has_law
from scipy import stats

from sim import simulate
from theory import RLS, BinVal, LeadingOnes, OneMax, OnePlusOneEA
from theory.exact import runtime_distribution

LEVEL = 1e-3 / 100
RUNS = 20_000
EA = OnePlusOneEA("c/n")


@pytest.mark.parametrize("engine", ["lumped", "event", "sparse"])
@pytest.mark.parametrize(
    ("n", "c", "start", "expected"),
    [
        (1, 1, "uniform", 0.5),
        (2, 1, "uniform", 3.0),
        (10, 0.5, "uniform", 65.18619267),
        (10, 2, "uniform", 55.68185543),
        (10, 1, "zeros", 56.143435296506745),
        (100, 1, "uniform", 1069.538497),
        (1000, 1, "zeros", 17751.85883),
    ],
)
def test_mean_runtime_on_one_max_is_the_exact_one(engine, n, c, start, expected):
    runs = 400 if n > 100 else RUNS
    times = simulate(EA.on(OneMax()), engine=engine, n=n, c=c, start=start, replicates=runs, seed=4, budget=10**7).evaluations
    assert stats.ttest_1samp(times, expected).pvalue > LEVEL


@pytest.mark.parametrize("engine", ["lumped", "event", "sparse"])
def test_runtime_on_one_max_has_the_exact_law(engine):
    law = runtime_distribution(EA.on(OneMax()), n=6, c=1.5)
    times = simulate(EA.on(OneMax()), engine=engine, n=6, c=1.5, replicates=10 * RUNS, seed=5).evaluations
    assert has_law(times, law.pmf) > LEVEL


def test_mean_runtime_of_the_event_engine_on_bin_val_is_the_exact_one():
    for n, c, expected in ((10, 1, 50.0779714302), (10, 0.5, 66.0683397198), (10, 2, 61.6587697808), (4, 2, 15)):
        times = simulate(EA.on(BinVal()), engine="event", n=n, c=c, replicates=RUNS, seed=6).evaluations
        assert stats.ttest_1samp(times, expected).pvalue > LEVEL


def test_mean_runtime_of_the_sparse_engine_on_leading_ones_is_the_exact_one():
    for n, c, expected in ((10, 0.5, 127.3346883), (10, 1, 84.05873959), (100, 2, 8011.94844)):
        times = simulate(EA.on(LeadingOnes()), engine="sparse", n=n, c=c, replicates=2000, seed=7).evaluations
        assert stats.ttest_1samp(times, expected).pvalue > LEVEL


def test_rls_on_a_strictly_monotone_function_collects_coupons():
    law = runtime_distribution(RLS().on(OneMax()), n=8, start="zeros")
    times = simulate(RLS().on(BinVal()), engine="event", n=8, start="zeros", replicates=RUNS, seed=8).evaluations
    assert has_law(times, law.pmf) > LEVEL


def test_at_rate_one_half_every_function_with_one_optimum_is_solved_in_geometric_time():
    geometric = 1 / 16 * (15 / 16) ** np.arange(-1, 400)
    geometric[0] = 1 / 16  # the start is the optimum
    geometric[1:] *= 15 / 16
    for problem, engine in ((BinVal(), "event"), (OneMax(), "sparse"), (OneMax(), "lumped"), (LeadingOnes(), "sparse")):
        times = simulate(EA.on(problem), engine=engine, n=4, c=2, replicates=RUNS, seed=9).evaluations
        assert has_law(times, geometric) > LEVEL
