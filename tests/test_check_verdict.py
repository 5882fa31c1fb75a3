"""The rules of judgement on synthetic runtimes whose law is known: error rates, power, censoring."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom

from proofs_check.statistics import measure
from proofs_check.verdict import Measurement, judge, overall, power, runs_for_power

# Laws shaped like runtimes, each with mean 1: one last hard step, coupon collector, a sum of many steps.
LAWS = {
    "geometric": lambda rng, shape: rng.exponential(size=shape),
    "coupon collector": lambda rng, shape: 0.3 * (rng.gumbel(size=shape) - np.euler_gamma) + 1,
    "many steps": lambda rng, shape: rng.gamma(40, 1 / 40, size=shape),
}


def refutations(direction, bound, samples, error, effect=0.1):
    hit = np.ones(samples.shape[1], dtype=bool)
    return sum(judge(direction, bound, measure(row, hit, error), effect).verdict == "refuted" for row in samples)


@pytest.mark.parametrize("law", LAWS)
def test_a_true_exact_value_is_refuted_no_more_often_than_the_error_rate(law):
    comparisons, error = 4000, 0.01
    samples = LAWS[law](np.random.default_rng(1), (comparisons, 400))
    # by chance this fails with probability 1e-6 at most
    assert refutations("exact", 1.0, samples, error) <= binom.ppf(1 - 1e-6, comparisons, error)


@pytest.mark.parametrize("direction", ["upper", "lower"])
def test_a_true_tight_bound_is_refuted_at_half_the_error_rate_even_when_it_is_small(direction):
    comparisons, error = 12_000, 0.002
    samples = LAWS["geometric"](np.random.default_rng(2), (comparisons, 200))
    assert refutations(direction, 1.0, samples, error) <= binom.ppf(1 - 1e-6, comparisons, error / 2)


def test_limits_without_the_correction_for_skewness_fail_that_test():
    comparisons, error = 12_000, 0.002
    samples = LAWS["geometric"](np.random.default_rng(2), (comparisons, 200))
    means, units = samples.mean(axis=1), samples.std(axis=1, ddof=1) / math.sqrt(200)
    naive = np.count_nonzero(means + 3.13 * units < 1.0)  # Student's quantile at 0.999
    assert naive > binom.ppf(1 - 1e-6, comparisons, error / 2)


def test_the_error_rate_holds_for_all_cells_and_bounds_of_a_comparison_together():
    families, cells, error = 300, 12, 0.05
    rng = np.random.default_rng(3)
    wrong = 0
    for _ in range(families):
        samples = rng.exponential(size=(cells, 300))
        wrong += any(refutations(d, 1.0, samples, error / cells) for d in ("upper", "lower", "exact"))
    assert wrong <= binom.ppf(1 - 1e-6, families, error)


@pytest.mark.parametrize("direction,factor", [("upper", 1.1), ("lower", 0.9), ("exact", 1.1), ("exact", 0.9)])
@pytest.mark.parametrize("law", LAWS)
def test_a_violation_of_the_declared_effect_is_refuted_with_the_stated_power(law, direction, factor):
    error, effect, comparisons = 0.005, 0.1, 400
    variation = LAWS[law](np.random.default_rng(0), 200_000).std()
    runs = max(runs_for_power(direction, effect, variation, error), 200)
    stated = power(direction, effect, variation, runs, error)
    assert stated >= 0.9
    samples = factor * LAWS[law](np.random.default_rng(4), (comparisons, runs))
    seen = refutations(direction, 1.0, samples, error)
    assert seen >= binom.ppf(1e-4, comparisons, 0.87)  # second-order terms of skewed laws may cost 0.03


def test_the_smallest_number_of_runs_is_really_needed_for_the_power():
    variation, error, comparisons = 1.0, 0.005, 400
    runs = runs_for_power("upper", 0.1, variation, error)
    samples = 1.1 * LAWS["geometric"](np.random.default_rng(5), (comparisons, runs // 2))
    assert refutations("upper", 1.0, samples, error) < 0.8 * comparisons


def test_few_runs_are_inconclusive_and_say_how_many_would_do():
    sample = LAWS["coupon collector"](np.random.default_rng(6), 150)
    told = judge("exact", 1.0, measure(sample, np.ones(150, bool), 0.001), effect=0.05)
    assert told.verdict == "inconclusive"
    assert f"{runs_for_power('exact', 0.05, sample.std(ddof=1) / sample.mean(), 0.001)} runs would do" in told.reason


def test_a_skewed_sample_too_small_for_its_limits_is_inconclusive_even_far_from_the_bound():
    sample = LAWS["geometric"](np.random.default_rng(7), 25)
    assert judge("upper", 0.1, measure(sample, np.ones(25, bool), 0.01), 0.1).verdict == "inconclusive"


def test_censored_runs_never_support_and_never_refute_from_above():
    times = LAWS["geometric"](np.random.default_rng(8), 2000)
    budget = 0.8
    m = measure(np.minimum(times, budget), times <= budget, 0.01)
    assert m.mean < 1 and m.high == math.inf
    assert m.censored == np.count_nonzero(times > budget)
    for direction in ("upper", "lower", "exact"):
        assert judge(direction, 1.0, m, 0.1).verdict == "inconclusive"  # true: E[T] = 1
    assert judge("lower", 0.99, m, 0.1).verdict == "inconclusive"


def test_dropping_or_averaging_censored_runs_would_refute_a_true_value():
    times = LAWS["geometric"](np.random.default_rng(8), 2000)
    everything_counts_as_hit = measure(np.minimum(times, 0.8), np.ones(2000, bool), 0.01)
    only_successes = measure(times[times <= 0.8], np.ones(np.count_nonzero(times <= 0.8), bool), 0.01)
    assert judge("exact", 1.0, everything_counts_as_hit, 0.1).verdict == "refuted"
    assert judge("exact", 1.0, only_successes, 0.1).verdict == "refuted"


def test_censored_runs_refute_a_bound_below_what_was_already_spent():
    times = LAWS["geometric"](np.random.default_rng(9), 2000)
    m = measure(np.minimum(times, 0.8), times <= 0.8, 0.01)
    for direction in ("upper", "exact"):
        assert judge(direction, 0.4, m, 0.1).verdict == "refuted"  # E[min(T, 0.8)] = 0.55


def test_runs_without_variation_refute_and_support_only_what_they_can():
    """100 runs that all took 7: E[T] >= 7 (0.005)^(1/100) = 6.64 by Markov's inequality, and nothing from above."""
    m = measure(np.full(100, 7), np.ones(100, bool), 0.01)
    values = (7.0, 7.0001, 6.9999, 6.65, 6.63)
    assert [judge("exact", b, m, 0.1).verdict for b in values] == [*4 * ["inconclusive"], "refuted"]
    assert [judge("upper", b, m, 0.1).verdict for b in values] == [*2 * ["consistent"], *2 * ["inconclusive"], "refuted"]
    assert [judge("lower", b, m, 0.1).verdict for b in values] == 5 * ["inconclusive"]
    few = measure(np.full(40, 7), np.ones(40, bool), 0.01)  # 40 runs would not see 7.7 above a bound of 7
    assert judge("upper", 7.0, few, 0.1).verdict == "inconclusive"


def test_a_rare_long_run_that_was_not_seen_refutes_nothing():
    """One offspring with probability 0.999, many more otherwise: samples without variation are the rule."""
    rng = np.random.default_rng(3)
    verdicts = [
        judge("exact", 1 / 0.999, measure(rng.geometric(0.999, 200), np.ones(200, bool), 0.01), 0.1).verdict for _ in range(200)
    ]
    assert "refuted" not in verdicts


def test_an_infinite_upper_bound_is_not_refuted():
    m = Measurement(mean=10, std=5, skewness=1, low=9, high=11, error=0.01, runs=1000)
    assert judge("upper", math.inf, m, 0.1).verdict == "consistent"


def test_the_overall_verdict_is_the_worst_one():
    assert overall(["consistent", "inconclusive", "refuted", "failed"]) == "refuted"
    assert overall(["consistent", "inconclusive", "failed"]) == "failed"
    assert overall(["proved", "certified"]) == "certified"
