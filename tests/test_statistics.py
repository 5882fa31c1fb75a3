"""Figures of samples: against formulas written another way, and by their coverage of known means.

Coverage tests count misses on each side; the counts are binomial, and 4.5 standard deviations are allowed (7e-6 a test).
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.statistics import ert, ert_interval, mean_interval, median, quantile_interval, restricted_mean, survival
from theory.errors import InputError


def coupon(rng, shape, n=5):
    """Runtimes of RLS on OneMax from n zero-bits: a sum of geometric waits, with a geometric tail."""
    return sum(rng.geometric(k / n, shape) for k in range(1, n + 1))


LAWS = {
    "exponential": (lambda rng, shape: rng.exponential(size=shape), 1.0),
    "geometric": (lambda rng, shape: rng.geometric(0.01, shape), 100.0),
    "coupon collector": (coupon, 5 * sum(1 / k for k in range(1, 6))),
    "lognormal": (lambda rng, shape: rng.lognormal(0, 0.5, shape), math.exp(0.125)),
}


def misses(interval, law, runs, samples, seed=0):
    """Share of samples whose limits lie above and below the mean."""
    draw, mean = LAWS[law]
    rng = np.random.default_rng(seed)
    limits = np.array([interval(draw(rng, runs)) for _ in range(samples)])
    return (limits[:, 0] > mean).mean(), (limits[:, 1] < mean).mean()


@pytest.mark.parametrize("law", LAWS)
def test_limits_of_the_mean_miss_it_as_often_as_they_say_on_either_side(law):
    allowed = 4.5 * math.sqrt(0.025 * 0.975 / 10_000)
    for share in misses(mean_interval, law, 1000, 10_000):
        assert abs(share - 0.025) < allowed


@pytest.mark.parametrize("law", LAWS)
def test_limits_of_the_mean_of_thirty_runs_hold_nearly(law):
    above, below = misses(mean_interval, law, 30, 4000)
    assert 1 - above - below > 0.93


def test_student_limits_would_miss_on_one_side():
    """What the correction is for; and the coverage test has the power to see it."""

    def student(sample):
        unit = 1.9623 * sample.std(ddof=1) / math.sqrt(sample.size)
        return sample.mean() - unit, sample.mean() + unit

    above, below = misses(student, "exponential", 1000, 10_000)
    assert below - 0.025 > 4.5 * math.sqrt(0.025 * 0.975 / 10_000) and above < 0.02


def test_limits_of_the_mean_invert_halls_transformation():
    from scipy.optimize import brentq
    from scipy.stats import t

    sample = np.random.default_rng(3).exponential(size=40)
    runs, w = sample.size, sample.std(ddof=1)
    g = ((sample - sample.mean()) ** 3).sum() / runs / w**3

    def transformed(mu):
        x = (sample.mean() - mu) / w
        return math.sqrt(runs) * (x + g * x**2 / 3 + g**2 * x**3 / 27 + g / (6 * runs))

    low, high = mean_interval(sample, 0.9)
    assert low == pytest.approx(brentq(lambda mu: transformed(mu) - t.ppf(0.95, runs - 1), -5, 5), rel=1e-9)
    assert high == pytest.approx(brentq(lambda mu: transformed(mu) + t.ppf(0.95, runs - 1), -5, 5), rel=1e-9)


def test_limits_of_a_symmetric_sample_are_students():
    from scipy.stats import t

    low, high = mean_interval(np.array([1, 2, 3, 4, 5]))
    unit = t.ppf(0.975, 4) * math.sqrt(2.5 / 5)
    assert (low, high) == (pytest.approx(3 - unit), pytest.approx(3 + unit))


def test_limits_of_a_constant_are_that_constant_and_of_one_run_there_are_none():
    assert mean_interval(np.full(5, 7)) == (7, 7)
    with pytest.raises(InputError, match="sample: has 1 runs"):
        mean_interval(np.array([3]))


@pytest.mark.parametrize("q", [0.1, 0.5, 0.9])
def test_order_statistics_are_the_narrowest_that_hold_for_every_law(q):
    runs, error = 60, 0.025
    pmf = [math.comb(runs, j) * q**j * (1 - q) ** (runs - j) for j in range(runs + 1)]
    low, high = (int(end) for end in quantile_interval(np.arange(1, runs + 1), q))
    assert math.fsum(pmf[:low]) <= error < math.fsum(pmf[: low + 1])  # fewer than `low` runs below the quantile
    assert math.fsum(pmf[high:]) <= error < math.fsum(pmf[high - 1 :])


def test_a_quantile_without_enough_runs_has_no_limit():
    assert quantile_interval(np.arange(10), 0.99)[1] == math.inf
    assert quantile_interval(np.arange(10), 0.01)[0] == -math.inf


def product_limit(times, hit):
    """Kaplan and Meier's product, written out."""
    value, result = 1.0, []
    for t in sorted({t for t, h in zip(times, hit, strict=True) if h}):
        at_risk = sum(other >= t for other in times)
        value *= 1 - sum(o == t and h for o, h in zip(times, hit, strict=True)) / at_risk
        result.append((t, value))
    return result


def test_survival_is_the_product_limit_also_with_different_budgets():
    rng = np.random.default_rng(5)
    times = rng.integers(1, 30, 80)
    hit = rng.random(80) < 0.6
    assert np.allclose(np.column_stack(survival(times, hit)), product_limit(times, hit))
    below_half = [t for t, value in product_limit(times, hit) if value <= 0.5]
    assert median(times, hit) == below_half[0]


def test_the_median_is_unknown_where_the_budget_came_first():
    assert median(np.array([1, 5, 5, 5]), np.array([True, False, False, False])) is None
    assert median(np.array([5, 5]), np.array([False, False])) is None


def test_the_restricted_mean_is_the_area_under_the_survival_function():
    rng = np.random.default_rng(6)
    times = np.minimum(rng.geometric(0.02, 200), 60)
    hit = times < 60
    steps, probabilities = survival(times, hit)
    survives = lambda t: ([1.0, *probabilities])[np.searchsorted(steps, t, side="right")]  # noqa: E731
    for limit in (25, 60):
        assert restricted_mean(times, hit, limit) == pytest.approx(sum(survives(t) for t in range(limit)))
    with pytest.raises(InputError, match="limit: 61 must not be above"):
        restricted_mean(times, hit, 61)


def test_ert_is_the_mean_of_hits_and_the_budgets_wasted_before_one():
    times, hit = np.array([4, 10, 6, 10, 10]), np.array([True, False, True, False, False])
    assert ert(times, hit) == pytest.approx(5 + (3 / 2) * 10)
    assert ert(times, np.zeros(5, bool)) == math.inf


def test_limits_of_ert_without_censored_runs_are_those_of_the_mean():
    times = np.random.default_rng(7).geometric(0.05, 50)
    assert ert_interval(times, np.ones(50, bool)) == pytest.approx(mean_interval(times), rel=1e-7)


def test_limits_of_ert_cover_the_expectation_of_restarts():
    """T geometric: with restarts at any budget the expectation stays 1/p."""
    rng = np.random.default_rng(8)
    covered, samples = 0, 400
    for _ in range(samples):
        times = rng.geometric(0.02, 100)
        low, high = ert_interval(np.minimum(times, 40), times <= 40)
        covered += low <= 50 <= high
    assert abs(covered / samples - 0.95) < 4.5 * math.sqrt(0.95 * 0.05 / samples)


def test_limits_of_ert_are_infinite_above_with_hardly_any_hit():
    hit = np.zeros(50, bool)
    low, high = ert_interval(np.full(50, 10), hit)
    q = 10 / (low + 10)  # the probability of a hit at which the hits cost that much: 50 runs without any are just credible
    assert (1 - q) ** 50 == pytest.approx(0.025) and high == math.inf
    hit[0] = True
    low, high = ert_interval(np.full(50, 10), hit)
    assert 0 < low < 500 and high == math.inf
