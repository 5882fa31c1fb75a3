"""Initial segment uncertainty on OneMax: bounds with planted errors, and the hand-off formula against a plain simulation."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy
from positional_oracle import RATES, enumerated, fractions_of, process_of, uniform_mean

from theory import OneMax
from theory.bounds.initial_segment import share_holds
from theory.bounds.initial_segment_onemax import position_rates, repair_rates, time_to_flip, time_to_settle
from theory.exact import expected_runtime


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("rate", RATES)
def test_onemax_lies_between_its_bounds(rate, strict):
    process = process_of(rate, OneMax(), strict)
    upper, flips, means = process.bounds("derived")[:3]
    assert (upper.direction, upper.start) == ("upper", "any")
    assert (flips.direction, flips.start, means.direction, means.start) == ("lower", "uniform", "lower", "uniform")
    for size in range(1, 6):
        times = enumerated(tuple(fractions_of(rate, size)), "OneMax", strict)
        assert means.evaluate(n=size) <= flips.evaluate(n=size) <= float(uniform_mean(times)) * (1 + 1e-12)
        if sorted(fractions_of(rate, size), reverse=True) == fractions_of(rate, size):
            assert upper.evaluate(n=size) >= float(max(times))
            assert upper.with_(exact_function=None).evaluate(n=size) == pytest.approx(upper.evaluate(n=size), rel=1e-12)
        else:
            assert not upper.holds_for(n=size)
        assert means.with_(exact_function=None).evaluate(n=size) == pytest.approx(means.evaluate(n=size), rel=1e-12)


def test_for_rates_that_rise_the_levels_would_be_wrong():
    """The condition is needed: with a rare first bit the sum over the last bits is too small."""
    bound = process_of("1/100 + (i - 1)/3", OneMax()).bounds()[0]
    times = enumerated(tuple(fractions_of("1/100 + (i - 1)/3", 2)), "OneMax")
    assert not bound.holds_for(n=2) and bound.exact_function({"n": 2}) < float(max(times))


def test_planted_errors_in_the_bounds_on_onemax_are_caught():
    rate = "1/(i+1)"
    upper = process_of(rate, OneMax()).bounds("derived")[0]
    caught = dict.fromkeys(("without P", "all bits are zero at the start", "H_n for E[H_B]"), 0)
    for size in range(1, 6):
        p = np.array([float(x) for x in fractions_of(rate, size)])
        times = enumerated(tuple(fractions_of(rate, size)), "OneMax")
        mean, worst = float(uniform_mean(times)), float(max(times))
        caught["without P"] += upper.evaluate(n=size) * np.prod(1 - p) < worst
        caught["all bits are zero at the start"] += (
            sum(1 - math.prod(1 - (1 - x) ** step for x in p) for step in range(500)) > mean
        )
        caught["H_n for E[H_B]"] += np.mean(-1 / np.log1p(-p)) * sum(1 / x for x in range(1, size + 1)) > mean
    assert all(caught.values()), caught


def test_that_each_bit_must_flip_alone_is_no_lower_bound():
    """A rare zero-bit may flip together with a frequent one-bit: at equal fitness, and the latter is repaired soon."""
    rates = (Fraction(1, 2), Fraction(1, 100))
    exact = uniform_mean(enumerated(rates, "OneMax"))
    alone = [p * math.prod(1 - other for other in rates[:x] + rates[x + 1 :]) for x, p in enumerate(rates)]
    naive = time_to_flip(alone)
    assert exact < Fraction(6, 10) * naive
    p = np.array([float(x) for x in rates])
    assert time_to_settle(-np.log1p(-repair_rates(p))) < float(exact)  # the formula with the hand-off stays below, here
    # and on rates whose series converges, from n = 2 on
    process = process_of("c/(i*log(i+E-1)**2)", OneMax())
    for size in (2, 6, 10):
        p = position_rates(process.rate, {"n": size, "c": Fraction(1, 2)})
        naive = time_to_settle(-np.log1p(-p / (1 - p) * np.prod(1 - p)))
        assert naive > 1.4 * expected_runtime(process, n=size, c="1/2")


def test_the_hand_off_formula_approaches_the_exact_values():
    process = process_of("c/(i*log(i+E-1)**2)", OneMax())
    (bound,) = process.bounds("heuristic")
    assert bound.status == "heuristic" and "heuristic" in str(bound)
    for constant, within in (("1/2", 0.08), ("1/5", 0.04)):
        quotients = [bound.evaluate(n=x, c=constant) / expected_runtime(process, n=x, c=constant) for x in (4, 6, 8, 10)]
        assert quotients == sorted(quotients) and 1 - within < quotients[-1] < 1
    assert process_of("1/(i+1)", OneMax()).bounds("heuristic") == []  # a series that diverges: nothing is claimed
    assert process_of("c/(i*log(i+E-1)**2)", OneMax(), strict=True).bounds("heuristic") == []  # ties are rejected: no hand-off


def test_the_hand_off_formula_is_what_plain_runs_show_and_the_single_flip_is_not():
    process = process_of("c/(i*log(i+E-1)**2)", OneMax())
    size, runs, rng = 32, 1000, np.random.default_rng(20)
    p = position_rates(process.rate, {"n": size, "c": Fraction(1, 2)})
    x = rng.random((runs, size)) < 0.5
    times, step, alive = np.zeros(runs), 0, np.arange(runs)
    while True:
        open_runs = ~x.all(axis=1)
        times[alive[~open_runs]] = step
        x, alive = x[open_runs], alive[open_runs]
        if not len(alive):
            break
        step += 1
        y = x ^ (rng.random(x.shape, dtype=np.float32) < p)
        better = y.sum(axis=1) >= x.sum(axis=1)
        x[better] = y[better]
    error = times.std() / runs**0.5
    (bound,) = process.bounds("heuristic")
    assert abs(bound.evaluate(n=size, c="1/2") - times.mean()) < 4 * error + 0.05 * times.mean()
    naive = time_to_settle(-np.log1p(-p / (1 - p) * np.prod(1 - p)))
    assert naive > 1.3 * (times.mean() + 4 * error)
    flips, means = process.bounds("derived")[1:3]
    assert means.evaluate(n=size, c="1/2") < flips.evaluate(n=size, c="1/2") < times.mean() + 4 * error
    assert process.bounds("derived")[0].evaluate(n=size, c="1/2") > times.mean()


def test_the_time_until_all_have_flipped_is_the_sum_over_time_and_over_sets():
    for rates in (("1/2",), ("1/3", "1/7"), ("1/2", "1/50", "1/900"), ("1/9",) * 6):
        exact = [Fraction(x) for x in rates]
        p = np.array([float(x) for x in exact])
        assert time_to_settle(-np.log1p(-p)) == pytest.approx(float(time_to_flip(exact)), rel=1e-11)
        direct = sum(1 - math.prod(1 - (1 - x) ** step / 2 for x in p) for step in range(40_000))
        assert float(time_to_flip(exact)) == pytest.approx(direct, rel=1e-10)


def test_rates_whose_series_converges_spend_a_bounded_amount_on_all_lengths():
    for rate in ("1/(i+1)**2", "1/(i+1)", "1/(2**i + 1)", "i/20"):
        process = process_of(rate, OneMax())
        bound = process.bounds("derived")[-1]
        assert bound.quantity == "sum over m <= n of ln(m+1)/E[T(m)]"
        spent = 0.0
        for size in range(1, 6):
            spent += math.log(size + 1) / float(uniform_mean(enumerated(tuple(fractions_of(rate, size)), "OneMax")))
            assert spent <= bound.evaluate(n=size)
        assert share_holds(process, 4, 2 * sympy.log(2))
