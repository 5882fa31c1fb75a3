"""Hidden subsets from below, whatever the rates: the bounds for all rates against the best ones and against schedules."""

from __future__ import annotations

import math
from fractions import Fraction
from math import e, log

import numpy as np
import pytest

from theory import (
    BinVal,
    HiddenSubset,
    LambertSchedule,
    LeadingOnes,
    LogSchedule,
    OneMax,
    OnePlusOneEA,
    SqrtSchedule,
    constants,
    exact,
)
from theory.bounds import any_rates_lower
from theory.facts import Computation

SCHEDULES = [LogSchedule(), LambertSchedule(), LogSchedule(1), SqrtSchedule()]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 16, 21, 40, 90, 200])
def test_no_rates_chosen_by_the_state_beat_the_bound_for_all_rates(size):
    # the best rates by state include rates above 1/2, which can only make them faster
    best = exact.optimal_rates(OnePlusOneEA("1/n").on(OneMax()), n=size).expected
    uniform = any_rates_lower.bounds()[1].evaluate(n=size)
    assert uniform <= best
    if size >= 90:
        assert 2.1 * uniform > best  # so twice the bound would be found out


@pytest.mark.parametrize("schedule", SCHEDULES, ids=str)
@pytest.mark.parametrize("base", [OneMax(), BinVal(), LeadingOnes()], ids=str)
def test_the_bound_for_all_rates_holds_under_schedules_from_every_number_of_zeros(schedule, base):
    process = OnePlusOneEA(schedule).on(HiddenSubset(base))
    from_k, uniform = any_rates_lower.bounds()
    assert from_k.expr in [bound.expr for bound in process.bounds()]
    for size in (1, 2, 5) if base == LeadingOnes() else (1, 2, 5, 8):
        assert uniform.evaluate(n=size) <= exact.runtime_distribution(process, n=size, tail=1e-6).mean
        for zeros in {1, size}:
            law = exact.runtime_distribution(process, n=size, start=zeros, tail=1e-6)
            assert from_k.evaluate(n=size, k=zeros) <= law.mean


def test_the_log_progress_at_the_end_is_at_least_the_harmonic_number():
    size, most = 40, 4
    gap = size - 1 - 2 * math.sqrt((size - most) * (most - 1)) - 2 * most
    assert gap > 0
    harmonic = sum(1 / j for j in range(1, most + 1))
    process = OnePlusOneEA(LogSchedule()).on(OneMax())
    for zeros in (most, 20):
        law = exact.runtime_distribution(process, n=size, start=zeros, tail=1e-7)
        alive = 1 - np.concatenate([[0.0], law.cdf[:-1]])  # P(T >= t)
        t = np.arange(1, len(alive))
        p = np.where(t == 1, 0.5, np.minimum(0.5, float(constants.hidden_subset_alpha()) * np.log(t) / t))
        lead = p * np.exp(-gap * p)
        assert float(np.sum(lead * alive[1:])) >= harmonic
        assert float(np.sum(lead * alive[1:])) < 6 * harmonic  # far from empty
        progress = np.cumsum(lead)
        below = progress < harmonic
        assert (law.cdf[1:][below] <= 2 * progress[below] / (harmonic - progress[below]) ** 2).all()


def test_premises_of_the_lower_bounds_are_refuted_where_they_are_exaggerated():
    assert not any_rates_lower.drift_is_at_most_one(9, Fraction(2))
    assert not any_rates_lower.progress_is_small(10, Fraction(1, 2))
    wrong = Computation(any_rates_lower.HERE + "drift_is_at_most_one", (("n", 9), ("factor", Fraction(2))), True, "", "balls")
    assert wrong.replay().holds is False
    moved = Computation("theory.hidden_subset.functional:maximiser_is_enclosed", (("digits", 20), ("offset", Fraction(1, 10**9))))
    assert moved.replay().holds is False


def test_the_bound_for_all_rates_is_e_n_ln_n_minus_a_multiple_of_n():
    uniform = any_rates_lower.bounds()[1]
    gaps = [log(size) - uniform.evaluate(n=size) / (e * size) for size in (10**3, 10**4, 10**5, 10**6)]
    assert all(2 < gap < 3.6 for gap in gaps)
    assert uniform.evaluate(n=37) == pytest.approx(uniform.with_(exact_function=None).evaluate(n=37), rel=1e-12)
