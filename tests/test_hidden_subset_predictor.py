"""Hidden subsets: the predictor against exact laws, adaptive rules against stationary chains, and what is refused."""

from __future__ import annotations

import math
from math import e, log

import mpmath
import numpy as np
import pytest

from theory import (
    HiddenSubset,
    InputError,
    LambertSchedule,
    LogSchedule,
    OneMax,
    OnePlusOneEA,
    exact,
)
from theory.bounds import hidden_subset_static
from theory.hidden_subset import RateMixture, divisors, predict
from theory.hidden_subset.adaptive import RULES, adaptive_slow_down, slow_down_expansion, swapped_equilibrium
from theory.hidden_subset.predictor import drift

# ---- the predictor


def test_the_fluid_drift_is_the_mean_of_a_difference_of_poisson_variables():
    from scipy.stats import poisson

    for x, rate in ((0.5, 0.3), (0.2, 2.0), (0.01, 5.0), (0.4, 30.0)):
        top = np.arange(0, 150)
        a, b = poisson.pmf(top, rate * x), poisson.pmf(top, rate * (1 - x))
        by_hand = sum(a[i] * np.sum((i - top[:i]) * b[:i]) for i in top)
        assert drift(x, rate) == pytest.approx(by_hand, rel=1e-10, abs=1e-15)


def test_the_predictor_finds_the_linear_term_of_the_known_rate():
    found = predict("1/n", 10**7)
    assert found.constant == pytest.approx(-1.273443, abs=2e-6)
    c1 = -1.8925417883
    assert e * (found.constant + float(mpmath.euler)) == pytest.approx(c1, abs=5e-6)
    size = 1000
    assert predict("1/n", size).mean == pytest.approx(exact.expected_runtime(OnePlusOneEA("1/n").on(OneMax()), n=size), rel=5e-4)


@pytest.mark.parametrize("schedule", [LogSchedule(), LambertSchedule()], ids=str)
def test_the_predictor_comes_close_to_the_exact_law(schedule):
    errors, distances = [], []
    for size in (25, 50, 100):
        law = exact.runtime_distribution(OnePlusOneEA(schedule).on(HiddenSubset()), n=size, tail=1e-6)
        found = predict(schedule, size)
        errors.append(abs(found.mean / law.mean - 1))
        distances.append(np.abs(found.cdf(np.arange(len(law.pmf))) - law.cdf).max())
    assert errors[2] < errors[1] < errors[0] and errors[2] < 0.01
    assert distances[2] < distances[1] < distances[0] and distances[2] < 0.03


@pytest.mark.parametrize(
    ("schedule", "size", "constant", "ratio"),
    [
        (LogSchedule(), 10**4, -2.5111, 2.9326), (LambertSchedule(), 10**4, -2.4266, 2.8315),
        (LogSchedule(), 10**5, -2.5794, 3.0237), (LambertSchedule(), 10**5, -2.5066, 2.9403),
    ],
)  # fmt: skip
def test_the_predictor_agrees_with_an_integration_of_the_fluid_limit_made_elsewhere(schedule, size, constant, ratio):
    found = predict(schedule, size)
    assert found.constant == pytest.approx(constant, abs=4e-4) and found.ratio == pytest.approx(ratio, abs=2e-4)


# ---- adaptive rules


def test_the_slow_down_of_rule_a_is_that_of_a_simulated_stationary_chain():
    F, chains, steps = 1.5, 4000, 3000
    rng = np.random.default_rng(3)
    v = np.zeros(chains)
    means = np.zeros(chains)
    for step in range(steps):
        stay = np.exp(-np.exp(v))
        if step >= 200:
            means += np.exp(v) * stay
        v += np.where(rng.random(chains) < stay, (e - 1) * log(F), -log(F))
    means /= steps - 200
    error = means.std() / math.sqrt(chains) / means.mean()
    assert math.exp(-1) / means.mean() == pytest.approx(adaptive_slow_down(F), rel=4 * error)
    assert error < 2e-4


def test_the_slow_down_tends_to_its_expansion_and_to_one():
    for F, value in ((1.05, 1.02129), (1.1, 1.0423), (1.2, 1.0832), (2, 1.3625)):
        assert adaptive_slow_down(F) == pytest.approx(value, abs=7e-5)
    gaps = [(adaptive_slow_down(F) - slow_down_expansion(F)) / log(F) ** 2 for F in (1.05, 1.1, 1.2)]
    assert 0.1 < min(gaps) and max(gaps) < 0.2  # of second order


def test_the_rules_are_data_that_a_run_can_follow():
    rng = np.random.default_rng(8)
    size, F = 500, 1.05
    for name, target in (("A", 1.0), ("C", RULES["C"].equilibrium)):
        p, total = 0.5, 0.0
        for step in range(60_000):
            p = RULES[name].after(p, bool(rng.random() < (1 - p) ** size), F)
            total += (step >= 2000) * log(p * size)
        assert total / 58_000 == pytest.approx(log(target), abs=0.06)
    p, length = 0.5, RULES["B"].first
    for _ in range(16):
        share = rng.binomial(length, (1 - p) ** size) / length
        p, length = RULES["B"].after(p, share), RULES["B"].length(length, share)
    assert p * size == pytest.approx(1, abs=0.1)
    assert adaptive_slow_down(1.05, "C") == pytest.approx(1.285, abs=6e-4) and adaptive_slow_down(
        1.5, "A'"
    ) == adaptive_slow_down(1.5)


def test_swapped_exponents_settle_where_two_balanced_moves_say():
    found, cost = (float(x) for x in swapped_equilibrium())
    stay = math.exp(-found)
    assert stay * 1 == pytest.approx((1 - stay) * (e - 1), rel=1e-14)  # up by 1 or down by e - 1, in units of ln F
    assert cost == pytest.approx((1 / e) / (found * math.exp(-found)), rel=1e-14) and 1.26 < cost < 1.28


# ---- input


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: RateMixture({}), "with at least one"),
        (lambda: RateMixture({2: 1}), "must lie in"),
        (lambda: RateMixture({"1/2": "1/2"}), "sum up to 1/2"),
        (lambda: RateMixture({"1/2": "3/2", "1/3": "-1/2"}), "must be positive"),
        (lambda: RateMixture({1: 1}).expected_leadingones(3), "never left"),
        (lambda: divisors("1/(n*log(n)**2)", first=1), "take a larger one"),
        (lambda: predict("1/n", 1), "at least 2"),
        (lambda: predict("0*t", 10), "no more than|does not seem to end"),
        (lambda: predict("2/t", 10), "must lie in"),
        (lambda: adaptive_slow_down(1), "more than 1"),
        (lambda: adaptive_slow_down(1.5, "B"), "no step rule"),
        (lambda: hidden_subset_static.published(0), "must be positive"),
    ],
)
def test_bad_input_is_refused_in_one_line(make, said):
    with pytest.raises(InputError, match=said) as caught:
        make()
    assert "\n" not in str(caught.value)
