"""Where self-adjusting rates settle and what that costs: measured on runs, held against the stationary laws.

The local optimum of Trap stands still for ever: an offspring is equal if no bit flips and worse otherwise, so that the rate runs
through its stationary law near an optimum. Each comparison is two-sided at 4.5 standard errors (7e-6), and there are six.
"""

from __future__ import annotations

from math import e, exp, log

import numpy as np
import pytest

from sim import Observe, simulate
from theory import HiddenSubset, LeadingOnes, OneMax, OnePlusOneEA, SelfAdjustingEA, Trap
from theory.exact import expected_runtime
from theory.hidden_subset import adaptive_slow_down

N = 10_000
WATCH = Observe(at=range(2000, 12_000, 100), potentials={"p": "p"})


def slow_down(algorithm):
    """e^-1/E[c e^-c] of runs on the local optimum, and its standard error."""
    runs = simulate(algorithm.on(Trap()), n=N, start=N, replicates=200, seed=1, budget=12_000, observe=WATCH)
    assert not runs.hit.any()
    c = runs.observed["potentials"]["p"] * N
    progress = (c * np.exp(-c)).mean(axis=1)
    found = exp(-1) / progress.mean()
    return found, found * progress.std() / progress.mean() / len(progress) ** 0.5


@pytest.mark.parametrize(("rule", "factor"), [("A", "1.05"), ("A", "1.5"), ("C", "1.05")])
def test_the_slow_down_is_that_of_the_stationary_law(rule, factor):
    found, error = slow_down(SelfAdjustingEA(rule, F=factor))
    assert abs(found - adaptive_slow_down(factor, rule)) < 4.5 * error + 1e-4  # (1-p)^n for e^-c
    swapped = adaptive_slow_down(factor, "C" if rule == "A" else "A")
    assert abs(found - swapped) > 20 * error


@pytest.mark.parametrize(("s", "ratio"), [("E - 1", e - 1), ("4", 4.0), ("1", 1.0)])
def test_on_leadingones_the_success_rule_costs_what_its_success_rate_says(s, ratio):
    """At level v the rule with a small factor holds (1-p)^v = 1/(s+1), so T = n^2 (s+1)/(4 ln(s+1)): e/4 at s = e - 1."""
    n = 600
    process = SelfAdjustingEA("one-fifth", F="1.01", s=s).on(LeadingOnes())
    runs = simulate(process, n=n, replicates=200, seed=3, budget=10**8)
    share = runs.evaluations / n**2
    predicted = (ratio + 1) / (4 * log(ratio + 1))
    assert abs(share.mean() - predicted) < 4.5 * share.std() / 200**0.5 + 0.015 * predicted  # S(F) and O(1/n)


def test_whole_runs_cost_more_with_a_coarser_factor_and_with_swapped_exponents():
    n, runs = 1000, 800
    known = expected_runtime(OnePlusOneEA("1/n").on(OneMax()), n=n)
    mean = {}
    for rule, factor in (("A", "1.05"), ("A", "1.5"), ("C", "1.05")):
        process = SelfAdjustingEA(rule, F=factor).on(HiddenSubset())
        mean[rule, factor] = simulate(process, n=n, replicates=runs, seed=2, budget=10**8).evaluations.mean() / known
    assert mean["A", "1.5"] / mean["A", "1.05"] > 1.1
    assert 1.2 < mean["C", "1.05"] < 1.35
    assert 0.95 < mean["A", "1.05"] < 1.05
