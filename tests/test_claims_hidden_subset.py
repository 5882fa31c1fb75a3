"""The claims of the hidden subset paper: their experiment on synthetic runs, their oracles against others, their pictures.

That each claim holds and its mutant is refuted is in test_claims.py.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction
from math import comb, e, exp, inf, log, sqrt

import mpmath
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import exp1
from scipy.stats import binom

from proofs_check.claim import Outcome, Setting
from proofs_check.claims.hidden_subset import adaptive, constants, feasible, lower, schedules, static
from proofs_check.contrasts import Contrast, at_most, contrasts, judge, near, slope
from theory import LogSchedule, OneMax, OnePlusOneEA, exact
from theory.constants import hidden_subset_alpha, hidden_subset_beta
from theory.hidden_subset import DoublingSchedule, MixedSchedule, adaptive_slow_down, doubling_cost, mixed_cost
from theory.hidden_subset.predictor import _compiled

ALPHA, BETA = float(hidden_subset_alpha()), float(hidden_subset_beta())
SETTING = Setting("quick", 1, 1e-3, 0.05)


@dataclass(frozen=True)
class Exponential:
    """Times with a known mean, in the place of simulated runs."""

    mean: float
    engine: str = "synthetic"
    cut: bool = False

    def simulate(self, replicates, seed):
        times = np.random.default_rng([seed, int(100 * self.mean)]).exponential(self.mean, size=replicates)
        return times, np.ones(replicates, dtype=bool) & ~(self.cut & (np.arange(replicates) == 0))


# ---- contrasts


@pytest.mark.parametrize("edge", ["low", "high"])
def test_a_combination_at_the_edge_of_its_interval_is_refuted_with_the_error_rate_and_one_beyond_with_the_power(edge):
    error, effect, repeats, runs = 0.05, 0.1, 300, 3000
    rng = np.random.default_rng(3)
    low, high = {"low": (1.0, 3.0), "high": (-3.0, 1.0)}[edge]
    refuted = {0.0: 0, effect: 0}
    for off in refuted:
        mean = 1.0 + (off if edge == "high" else -off)
        for _ in range(repeats):
            sample = rng.exponential(2.0, runs) - rng.exponential(2.0 - mean, runs)
            outcome, _ = judge(Contrast("", (), low, high, 1.0), sample, error, effect)
            refuted[off] += outcome.verdict == "refuted"
        power = outcome.power
    assert refuted[0.0] <= binom.ppf(1 - 1e-4, repeats, error / 2)  # one side
    assert binom.ppf(1e-4, repeats, power - 0.03) <= refuted[effect] <= binom.ppf(1 - 1e-4, repeats, min(1.0, power + 0.03))


def test_a_true_order_is_consistent_a_false_one_refuted_and_few_runs_decide_nothing():
    one, other = Exponential(20), Exponential(22)

    def decide(factor, first, second, runs=20_000):
        return contrasts(lambda s: [at_most("", factor, first, second, 20.0)], runs, runs)(SETTING).verdict

    assert decide(0.95, one, other) == "consistent"
    assert decide(0.95, other, one) == "refuted"
    assert decide(0.95, one, other, runs=1000) == "inconclusive"
    with pytest.raises(ValueError, match="1 runs of"):
        decide(1.0, one, Exponential(22, cut=True))


def test_equal_values_support_nothing():
    assert judge(near("E[T]", 1.0, None, 20.0, 0.5), np.full(400, 20.0), 1e-3, 0.05)[0].verdict == "inconclusive"


def test_a_margin_is_no_freedom_beyond_it():
    cells = {value: near("", 1.0, Exponential(20), value, 0.2) for value in (19.9, 20.1, 18.5, 21.5)}
    found = {value: contrasts(lambda s, cell=cell: [cell], 60_000, 60_000)(SETTING).verdict for value, cell in cells.items()}
    assert found == {19.9: "consistent", 20.1: "consistent", 18.5: "refuted", 21.5: "refuted"}


def test_the_slope_of_n_times_b_ln_n_plus_c_is_b():
    parts = slope(lambda size: size * (3.5 * log(size) - 2), 100, 10_000)
    assert sum(weight * value for weight, value in parts) == pytest.approx(3.5, rel=1e-12)


def test_the_worst_cell_decides_and_all_of_them_are_kept():
    cells = [near("right", 1.0, Exponential(20), 20.0, 0.5), near("wrong", 1.0, Exponential(20), 30.0, 0.5)]
    told = contrasts(lambda s: cells, 20_000, 20_000)(SETTING)
    assert told.verdict == "refuted" and told.reason.startswith("wrong")
    assert [(cell.where, cell.verdict) for cell in told.cells] == [("right", "consistent"), ("wrong", "refuted")]


# ---- schedules that jump


@pytest.mark.parametrize("steps", ["1/2", "11/10", 3])
def test_the_doubling_schedule_is_a_loop_over_guesses(steps):
    constant, last = float(Fraction(steps)), 20_000
    found = _compiled(DoublingSchedule(steps))(np.arange(1.0, last))
    size, end, wrong = 4, constant * 4 * log(4), []
    for s in range(1, last):
        while s > end:
            size *= 2
            end += constant * size * log(size)
        wrong += [s] if found[s - 1] != 1 / size and abs(s - end) > 1e-6 else []
    assert not wrong


@pytest.mark.parametrize(("steps", "place"), [("11/10", 1.0), ("11/10", 1.4), ("2", 1.2), ("2/5", 1.7)])
def test_the_cost_of_doubling_is_that_of_its_log_progress_at_a_huge_n(steps, place):
    constant, J = float(Fraction(steps)), 4000
    progress, when, full = (
        0.0,
        constant * log(2) * (J - 13) * 2.0 ** (-11),
        (J * log(2) + log(place)),
    )  # up to stage J - 12, over 2^J
    for i in range(-11, 40):
        gain = constant * (J + i) * log(2) * exp(-place / 2.0**i)
        if progress + gain >= full:
            when += constant * (J + i) * log(2) * 2.0**i * (full - progress) / gain
            break
        progress, when = progress + gain, when + constant * (J + i) * log(2) * 2.0**i
    assert doubling_cost(steps, place) == pytest.approx(when / (place * full), rel=20 / J)


def test_no_doubling_has_a_better_guarantee_than_its_average_nor_than_beta():
    for steps in ("1/2", "1", "11/10", "2", "4"):
        constant = float(Fraction(steps))

        def average(g, constant=constant):  # a is even in the logarithm between C and 2C
            return quad(lambda x: constant * 2**x * exp1(constant * 2**x / g), 0, 1)[0]

        costs = [doubling_cost(steps, 2 ** (i / 40)) for i in range(40)]
        assert average(min(costs)) < 1 < average(max(costs))
        assert max(costs) > BETA
    assert min(doubling_cost("11/10", 2 ** (i / 40)) for i in range(40)) < BETA  # at a good n: guarantees are for all n


def test_a_mixed_schedule_is_the_wrong_one_for_its_share_and_costs_what_its_average_says():
    times = np.arange(40.0, 5000)
    found, plain = (_compiled(rate)(times) for rate in (MixedSchedule("1/4", 3, "1/2"), LogSchedule()))
    place = np.log(times) / 0.5 % 1
    assert found == pytest.approx(np.minimum(0.5, plain * np.where(place < 0.25, 3, 1)), rel=1e-12)
    for share, ratio in (("1/10", 2), ("1/2", 2), ("1/2", "1/2"), ("1", 4)):
        g, phi, b = float(mixed_cost(share, ratio)), float(Fraction(share)), ALPHA * float(Fraction(ratio))
        assert (1 - phi) * ALPHA * exp1(ALPHA / g) + phi * b * exp1(b / g) == pytest.approx(1, rel=1e-12)
        assert g > BETA
    assert float(mixed_cost("1/1000000")) == pytest.approx(BETA, rel=1e-6)


def test_a_mixed_schedule_of_a_short_period_ends_where_its_average_says():
    """L_n(tau n ln n)/ln n = integral of (a/u) e^(-a/u) du as n grows, a periodic in ln u: at each phase, and as it shrinks."""
    spread = []
    for period in (0.5, 0.1):
        ends = []
        for phase in np.linspace(0, 1, 8, endpoint=False):
            u = np.exp(np.linspace(log(0.02), log(6), 200_001))
            a = np.where((np.log(u) / period + phase) % 1 < 0.5, 2 * ALPHA, ALPHA)
            progress = np.cumsum(a * np.exp(-a / u) * np.gradient(np.log(u)))  # (a/u) e^(-a/u) du
            ends.append(float(u[np.searchsorted(progress, 1.0)]))
        cost = float(mixed_cost("1/2"))
        assert min(ends) - 2e-3 < cost < max(ends) + 2e-3
        spread.append(max(ends) - min(ends))
    assert spread[1] < spread[0] / 3


def test_schedules_that_jump_are_refused_without_a_number():
    from theory import InputError

    for make in (lambda: DoublingSchedule(0), lambda: MixedSchedule("3/2"), lambda: doubling_cost(1, 3), lambda: mixed_cost(0)):
        with pytest.raises(InputError) as caught:
            make()
        assert "\n" not in str(caught.value)


# ---- oracles of single claims


def test_the_law_over_all_points_is_the_exact_law():
    whole = constants.law(3, sum, all, 6)
    there = exact.runtime_distribution(OnePlusOneEA("1/(t+1)").on(OneMax()), n=3, tail=0.3)
    assert [float(x) for x in whole] == pytest.approx(there.cdf[:7].tolist(), abs=1e-13)


def test_static_rates_have_the_flips_of_their_definition_and_the_mean_of_a_chain_over_all_points():
    size = 3
    i = np.arange(2, static.LAST + 1)
    weight = (1 / (i * np.log(i) ** 2)).astype(np.longdouble)
    weight /= weight.sum()
    given = [float(np.sum(weight * (1 / i.astype(np.longdouble)) ** h * (1 - 1 / i) ** (size - h))) for h in range(size + 1)]
    assert static.chances(size).tolist() == pytest.approx(given, rel=1e-10)
    assert sum(comb(40, h) * x for h, x in enumerate(static.chances(40))) == pytest.approx(1, abs=1e-12)
    assert static.chances(40)[12] == pytest.approx(
        float(np.sum(weight * np.exp(-12 * np.log(i) + 28 * np.log1p(-1 / i)))), rel=1e-12
    )
    points = list(itertools.product((0, 1), repeat=size))
    matrix = np.zeros((7, 7))
    for a, x in enumerate(points[:-1]):
        for b, y in enumerate(points):
            chance = given[sum(u != w for u, w in zip(x, y))]
            target = b if sum(y) >= sum(x) else a
            if target < 7:
                matrix[a, target] += chance
    times = np.linalg.solve(np.eye(7) - matrix, np.ones(7))
    assert static.static_mean(size) == pytest.approx(times.sum() / 8, rel=1e-10)


def test_the_lower_bound_for_static_rates_is_its_formula_and_lies_below_their_exact_mean():
    for size in (30, 100, 300):
        assert static.static_mean(size) / 4 < schedules.static_from_below(size) < static.static_mean(size)
    most = int(300 / (1 + log(300)) ** 2)
    gap = (sqrt(300 - most) - sqrt(most - 1)) ** 2 - 2 * most
    harmonic = sum(binom.sf(j - 1, 300, 0.5) / j for j in range(1, most + 1))
    i = np.arange(2, static.LAST + 1)
    weight = 1 / (i * np.log(i) ** 2)
    each = np.sum(weight * np.exp(-gap / i) / i) / weight.sum()
    assert most == 6 and schedules.static_from_below(300) == pytest.approx(
        harmonic / each, rel=0.05
    )  # rates below 10^-6 left out


def test_the_lattice_law_of_rule_a_settles_at_the_slow_down():
    factor, found = 1.5, []
    for steps in range(300, 330):
        law = adaptive.law_of_successes("A", "1.5", steps)
        s = np.arange(steps + 1)
        c = adaptive.SIZE * 0.5 * factor ** ((e - 1) * s - (steps - s))
        found.append(float(np.sum(law * c * np.exp(-np.minimum(c, 700)))))
    assert exp(-1) / np.mean(found) == pytest.approx(adaptive_slow_down(factor), rel=2e-3)


def test_runs_on_a_local_optimum_see_that_the_cost_of_rule_a_is_not_one():
    c = adaptive.SIZE * adaptive.rates("A", "1.05", 1000, 7, adaptive.TIMES)
    sample = (c * np.exp(-c)).mean(axis=1)
    for cost, verdict in ((1.0, "refuted"), (1.015, "refuted"), (adaptive_slow_down("1.05"), "consistent")):
        value = 1 / (e * cost)
        assert judge(Contrast("", (), 0.999 * value, 1.001 * value, value), sample, 1e-4, 0.01)[0].verdict == verdict


def test_every_bit_of_a_literal_run_is_drawn():
    runs = lower.Literal(lower.hidden("1/2"), {"n": 2}, length=5, relevant=2)
    times, hit = runs.simulate(40_000, 5)
    assert hit.all()
    for s in range(4):  # at the rate 1/2 each offspring is a uniform point
        assert abs(np.mean(times > s) - 0.75 ** (s + 1)) < 4.5 * (0.25 / 40_000) ** 0.5


def test_hand_off_and_single_flips_are_the_two_formulas():
    process = static.segment("c/(i*log(i+E-1)**2)", "onemax")
    assert static.hand_off_value(process, 64, Fraction(1, 2)) == pytest.approx(6914, rel=1e-3)
    assert static.single_flip_value(process, 64, Fraction(1, 2)) == pytest.approx(17068, rel=1e-3)


def test_a_chain_with_a_rate_for_each_bit_has_the_exact_engines_expectation():
    process = static.segment("1/(i+1)", "onemax")
    for size in (1, 2, 3):
        rows = feasible.chain_of([Fraction(1, i + 1) for i in range(1, size + 1)], int.bit_count)
        assert feasible.from_uniform(rows, 2**size - 1) == exact.expected_runtime(process, n=size, rational=True)


def test_a_sum_that_grows_is_not_taken_for_one_that_settles_nor_the_other_way_round(monkeypatch):
    assert not feasible._grows(1, 3, 300).wrong and not feasible._settles(1, Fraction(1), 3, 300).wrong
    terms = feasible._terms
    monkeypatch.setattr(feasible, "_terms", lambda s, eps, first, count: terms(s, 1 - eps, first, count))
    assert feasible._grows(1, 3, 300).wrong and feasible._settles(1, Fraction(1), 3, 300).wrong


def test_the_best_static_rate_on_leadingones_is_a_minimum():
    at = lambda c: ((1 - c / 400) ** -399 - (1 - c / 400)) / 2 / c**2  # noqa: E731
    best = static.static_leadingones(400)
    assert min(at(c) for c in np.linspace(1.5, 1.7, 201)) == pytest.approx(best, rel=1e-6)


# ---- pictures


def test_pictures_show_predictions_limits_and_what_was_measured(monkeypatch):
    monkeypatch.setattr(schedules, "mean_of", lambda rate, size: 2.5 * size * log(size))
    outcomes = [
        Outcome("consistent", f"{name}, n = {size}: E[T]/(n ln n): power 1", 2.5, 2.6, (2.4, 2.7))
        for name in ("alpha ln t/t", "alpha W(t)/t") for size in (1000, 10_000)
    ]  # fmt: skip
    figure = schedules.approach(SETTING, outcomes)
    found = {series.label: series for series in figure.series}
    assert found["alpha ln t/t"].y == pytest.approx([2.5, 2.5]) and found["beta"].y[0] == pytest.approx(BETA)
    assert found["alpha W(t)/t, runs"].x == (1000.0, 10_000.0) and found["alpha W(t)/t, runs"].low == (2.4, 2.4)
    assert {series.kind for series in figure.series} == {"prediction", "other", "measured"}


def test_the_costs_of_rules_are_shown_as_costs():
    value = float(mpmath.e) ** -1 / 1.02
    outcomes = [Outcome("consistent", "", value, value, (0.99 * value, 1.01 * value))]
    (runs,) = [series for series in adaptive._costs(outcomes, [("A", "1.05")]).series if series.label == "rule A, runs"]
    assert runs.y[0] == pytest.approx(1.02) and runs.low[0] < 1.02 < runs.high[0] < inf
