"""Figures of runs that were cut off: against formulas written by hand, and by their coverage of known laws.

Coverage tests count misses; the counts are binomial, and 4.5 standard deviations are allowed (7e-6 a test).
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from sim import simulate
from sim.runs import Runs
from sim.statistics import (
    ert,
    ert_interval,
    mean_interval,
    par,
    par_interval,
    proportion_interval,
    quantile,
    quantile_interval,
    restricted_mean,
    restricted_mean_interval,
    survival,
    survival_band,
)
from theory import RLS, InputError, LeadingOnes, OneMax, OnePlusOneEA

REMISSION = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
ENDED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
"""Weeks of remission of 21 patients with 6-mercaptopurine, E. Freireich et al. (Blood 21, 1963): the field's worked example."""


def greenwood(times, hit, quantile):
    """Kaplan and Meier's estimate with limits on the scale log(-log S), written out: (t, estimate, low, high)."""
    value, sum_of_terms, result = 1.0, 0.0, []
    for t in sorted({t for t, h in zip(times, hit, strict=True) if h}):
        at_risk = sum(other >= t for other in times)
        ended = sum(other == t and h for other, h in zip(times, hit, strict=True))
        value *= 1 - ended / at_risk
        if at_risk == ended:
            result.append((t, 0.0, 0.0, result[-1][3] if result else 1.0))
            continue
        sum_of_terms += ended / (at_risk * (at_risk - ended))
        width = quantile * math.sqrt(sum_of_terms) / abs(math.log(value))
        result.append((t, value, value ** math.exp(width), value ** math.exp(-width)))
    return np.array(result)


def sample(seed, runs=80, last=None):
    """Some hits, some budgets; all different budgets unless ``last``, the only budget, is given."""
    rng = np.random.default_rng(seed)
    times = rng.geometric(0.05, runs)
    budgets = rng.integers(5, 60, runs) if last is None else np.full(runs, last)
    return np.minimum(times, budgets), times <= budgets


def test_the_survival_function_of_the_worked_example():
    """The product of 17/21... by hand, in fractions."""
    times, values = survival(np.array(REMISSION), np.array(ENDED, bool))
    assert times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    product, factors = Fraction(1), [(3, 21), (1, 17), (1, 15), (1, 12), (1, 11), (1, 7), (1, 6)]
    for value, (ended, at_risk) in zip(values, factors, strict=True):
        product *= 1 - Fraction(ended, at_risk)
        assert value == pytest.approx(float(product), rel=1e-13)
    assert quantile(np.array(REMISSION), np.array(ENDED, bool), 0.5).value == 23


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("last", [None, 15])
def test_the_band_is_greenwoods_on_the_log_log_scale(seed, last):
    times, hit = sample(seed, last=last)
    found = np.column_stack([survival(times, hit)[1], *survival_band(times, hit)[1:]])
    assert np.allclose(found, greenwood(times, hit, 1.959963984540054)[:, 1:], rtol=1e-9)


def test_the_band_of_complete_runs_ends_at_zero_and_never_rises():
    times = np.array([3, 1, 2, 2, 7])
    at, low, high = survival_band(times, np.ones(5, bool))
    assert at.tolist() == [1, 2, 3, 7] and low[-1] == 0 and high[-1] == high[-2]
    assert np.allclose(np.column_stack([low, high]), greenwood(times, [True] * 5, 1.959963984540054)[:, 2:])
    assert survival_band(np.array([4, 4]), np.ones(2, bool))[2].tolist() == [1]
    assert all(part.size == 0 for part in survival_band(np.array([4, 4]), np.zeros(2, bool)))


@pytest.mark.parametrize("at", [5, 20, 40])
def test_the_band_covers_the_survival_function(at):
    """Budgets differ from run to run."""
    rng = np.random.default_rng(at)
    samples, missed = 1500, 0
    for _ in range(samples):
        times, budgets = rng.exponential(20, 100), rng.uniform(10, 80, 100)
        steps, low, high = survival_band(np.minimum(times, budgets), times <= budgets)
        place = np.searchsorted(steps, at, side="right") - 1
        missed += not (low[place] <= math.exp(-at / 20) <= high[place])
    assert abs(missed / samples - 0.05) < 4.5 * math.sqrt(0.05 * 0.95 / samples)


def test_dropping_the_runs_that_were_cut_off_would_be_noticed():
    """A planted bug: the coverage test has the power to see it."""
    rng = np.random.default_rng(1)
    missed = 0
    for _ in range(100):
        times, budgets = rng.exponential(20, 100), rng.uniform(10, 80, 100)
        kept = times[times <= budgets]
        steps, low, high = survival_band(kept, np.ones(kept.size, bool))
        place = np.searchsorted(steps, 20, side="right") - 1
        missed += not (low[place] <= math.exp(-1) <= high[place])
    assert missed / 100 - 0.05 > 4.5 * math.sqrt(0.05 * 0.95 / 1500)


@pytest.mark.parametrize("q", [0.1, 0.5, 0.75])
def test_quantiles_of_complete_runs_are_order_statistics(q):
    times = np.random.default_rng(2).geometric(0.03, 101)
    found = quantile(times, np.ones(101, bool), q)
    assert found.value == np.sort(times)[math.ceil(101 * q) - 1]
    assert (found.low, found.high) == quantile_interval(times, q) and found.how == "order statistics"


def test_one_budget_leaves_the_order_statistics_below_it():
    times = np.arange(1, 61)
    cut, hit = np.minimum(times, 40), times <= 40
    whole, found = quantile(times, np.ones(60, bool), 0.5), quantile(cut, hit, 0.5)
    assert found == whole and found.high <= 40
    assert quantile(cut, hit, 0.6)[:3] == (36, whole_limits(0.6)[0], math.inf)  # the upper one was cut off
    assert quantile(cut, hit, 0.9)[:3] == (math.inf, 40, math.inf)  # the lower one too: it is above the budget


def whole_limits(q):
    return quantile_interval(np.arange(1, 61), q)


def test_quantiles_with_different_budgets_are_where_the_band_holds():
    times, hit = sample(3)
    found = quantile(times, hit, 0.5)
    band = greenwood(times, hit, 1.959963984540054)
    below = lambda column: float(next(row[0] for row in band if row[column] <= 0.5))  # noqa: E731
    assert found == (below(1), below(2), below(3), "log-log band")


@pytest.mark.parametrize("q", [0.25, 0.5])
def test_limits_of_a_quantile_cover_it_with_different_budgets(q):
    rng = np.random.default_rng(4)
    true, samples, missed = -20 * math.log(1 - q), 1500, 0
    for _ in range(samples):
        times, budgets = rng.exponential(20, 100), rng.uniform(10, 80, 100)
        found = quantile(np.minimum(times, budgets), times <= budgets, q)
        missed += not (found.low <= true <= found.high)
        assert found.how == "log-log band"
    assert abs(missed / samples - 0.05) < 4.5 * math.sqrt(0.05 * 0.95 / samples)


def test_limits_of_a_quantile_cover_it_with_one_budget():
    """At least as often as said, for every law: here with many ties."""
    rng = np.random.default_rng(5)
    samples, missed = 1500, 0
    for _ in range(samples):
        times = rng.geometric(0.3, 50)
        found = quantile(np.minimum(times, 4), times <= 4, 0.5)  # P(T <= 1) = 0.3, P(T <= 2) = 0.51
        missed += not (found.low <= 2 <= found.high)
    assert found.how == "order statistics"
    assert missed / samples < 0.05 + 4.5 * math.sqrt(0.05 * 0.95 / samples)


def test_without_hits_a_quantile_is_above_the_budget():
    found = quantile(np.full(30, 9), np.zeros(30, bool), 0.5)
    assert found == (math.inf, 9, math.inf, "order statistics")
    with pytest.raises(InputError, match="q: 1.5 must lie between 0 and 1"):
        quantile(np.full(30, 9), np.zeros(30, bool), 1.5)


@pytest.mark.parametrize("successes", [0, 1, 7, 19, 20])
def test_clopper_and_pearsons_limits_leave_half_the_error_on_each_side(successes):
    runs, low, high = 20, *proportion_interval(successes, 20)
    tail = lambda p, values: math.fsum(math.comb(runs, j) * p**j * (1 - p) ** (runs - j) for j in values)  # noqa: E731
    assert low == 0 if successes == 0 else tail(low, range(successes, runs + 1)) == pytest.approx(0.025)
    assert high == 1 if successes == runs else tail(high, range(successes + 1)) == pytest.approx(0.025)


@pytest.mark.parametrize("successes", [0, 3, 20])
def test_wilsons_limits_solve_his_equation(successes):
    z, share = 1.959963984540054, successes / 20
    for limit in proportion_interval(successes, 20, method="wilson"):
        assert (share - limit) ** 2 == pytest.approx(z**2 * limit * (1 - limit) / 20, abs=1e-12)


def test_a_proportion_that_is_none_is_refused():
    for successes, runs in ((3, 2), (-1, 5), (0, 0)):
        with pytest.raises(InputError, match=f"successes: {successes} of {runs} runs is not possible"):
            proportion_interval(successes, runs)
    with pytest.raises(InputError, match="method: unknown name 'wilsen'; did you mean wilson"):
        proportion_interval(1, 2, method="wilsen")


def test_the_restricted_mean_has_the_limits_of_the_mean_of_what_is_known():
    times, hit = sample(6, last=30)
    low, high = restricted_mean_interval(times, hit, 20)
    assert (low, high) == mean_interval(np.minimum(times, 20)) and low < restricted_mean(times, hit, 20) < high
    assert restricted_mean_interval(np.full(4, 9), np.zeros(4, bool), 9) == (9, 9)
    with pytest.raises(InputError, match="limit: 31 must not be above the smallest budget"):
        restricted_mean_interval(times, hit, 31)


def test_limits_of_the_restricted_mean_cover_it():
    """E[min(T, b)] of a geometric law is the sum of P(T > t) for t < b."""
    rng = np.random.default_rng(7)
    true, samples, missed = sum(0.95**t for t in range(25)), 2000, 0
    for _ in range(samples):
        times = rng.geometric(0.05, 100)
        low, high = restricted_mean_interval(np.minimum(times, 25), times <= 25, 25)
        missed += not (low <= true <= high)
    assert abs(missed / samples - 0.05) < 4.5 * math.sqrt(0.05 * 0.95 / samples)


def test_par_counts_budgets_k_times():
    times, hit = np.array([4, 10, 6, 10]), np.array([True, False, True, False])
    assert par(times, hit, 1) == times.mean() == restricted_mean(times, hit, 10)
    assert par(times, hit) == (4 + 100 + 6 + 100) / 4 and par(times, hit, 2) == (4 + 20 + 6 + 20) / 4
    assert par_interval(times, hit, 2) == pytest.approx(np.maximum(mean_interval(np.array([4.0, 20, 6, 20])), 0))
    with pytest.raises(InputError, match=r"k: 0.5 must be at least 1"):
        par(times, hit, 0.5)


N = 12


@pytest.fixture(scope="module")
def runs():
    watched = {"targets": range(N + 1)}
    return simulate(OnePlusOneEA("c/n").on(OneMax()), n=N, c=1, replicates=200, seed=3, budget=60, observe=watched, threads=1)


def test_each_target_is_a_row_with_the_figures_of_its_hitting_times(runs):
    table = runs.fixed_target()
    assert table["target"].tolist() == list(range(N + 1)) and (table["runs"] == 200).all()
    assert 0 < runs.censored < 200 and table["hits"].iloc[-1] == 200 - runs.censored
    for row in table.itertuples():
        hits = runs.observed["hits"][:, int(row.target)]
        times, hit = np.where(hits < 0, 60, hits), hits >= 0
        assert row.hits == hit.sum() and row.success == hit.mean()
        assert (row.success_low, row.success_high) == proportion_interval(int(hit.sum()), 200)
        assert row.ert == times.sum() / hit.sum() == runs.ert(row.target)
        assert (row.ert_low, row.ert_high) == ert_interval(times, hit)
        assert (row.median, row.median_low, row.median_high) == quantile(times, hit, 0.5)[:3]
        assert row.par10 == par(times, hit)
    assert runs.ert() == ert(runs.evaluations, runs.hit) == table["ert"].iloc[-1] == runs.summary()["ert"]


def test_each_budget_is_a_row_with_the_best_values_within_it(runs):
    """Against the definition: a run's best value is the largest whose hitting time is within the budget."""
    budgets = [0, 1, 10, 60]
    table = runs.fixed_budget(budgets)
    for row, budget in zip(table.itertuples(), budgets, strict=True):
        best = [max(v for v in range(N + 1) if 0 <= hits[v] <= budget) for hits in runs.observed["hits"]]
        assert (row.mean, row.least, row.largest) == (np.mean(best), min(best), max(best))
        assert (row.mean_low, row.mean_high) == mean_interval(np.array(best))
        ordered = sorted(best)
        assert (row.quartile_1, row.median, row.quartile_3) == (ordered[49], ordered[99], ordered[149])
    assert runs.fixed_budget()["budget"].tolist() == [1, 2, 5, 10, 20, 50, 60]


def test_the_mean_best_value_of_rls_within_a_budget_is_the_known_one():
    """n - (n/2) (1 - 1/n)^b (Jansen and Zarges 2014); three tests with error 1e-5 each."""
    n = 20
    runs = simulate(RLS().on(OneMax()), n=n, replicates=4000, seed=2, observe={"targets": range(n + 1)}, threads=1)
    budgets = [0, 10, 50]
    table = runs.fixed_budget(budgets, confidence=1 - 1e-5)
    for row, budget in zip(table.itertuples(), budgets, strict=True):
        assert row.mean_low <= n - n / 2 * (1 - 1 / n) ** budget <= row.mean_high
        assert not row.mean_low <= n - n / 2 * (1 - 1 / n) ** (budget + 5) <= row.mean_high  # a planted wrong budget


def test_each_pair_of_target_and_budget_is_a_row_with_its_share_of_runs(runs):
    table = runs.attainment([0, 30])
    assert len(table) == 2 * (N + 1)
    for row in table.itertuples():
        hits = runs.observed["hits"][:, int(row.target)]
        reached = int(((hits >= 0) & (hits <= row.budget)).sum())
        assert (row.reached, row.probability) == (reached, reached / 200)
        assert (row.low, row.high) == proportion_interval(reached, 200)


def test_a_target_that_no_run_had_reached_leaves_no_mean():
    runs = simulate(RLS().on(LeadingOnes()), n=6, replicates=30, seed=1, observe={"targets": [3, 6]}, threads=1)
    row = runs.fixed_budget([0]).iloc[0]
    assert np.isnan(row["mean"]) and row["least"] == -math.inf


def test_what_is_unknown_is_refused_in_one_line(runs):
    with pytest.raises(InputError, match="target: 4.5 was not observed; the nearest that was is 4"):
        runs.ert(4.5)
    with pytest.raises(InputError, match="budgets: 61 is above 60, where a run was cut off"):
        runs.fixed_budget([61])
    with pytest.raises(InputError, match="budgets: 1.5 must be a whole number"):
        runs.attainment([1.5])
    bare = Runs(runs.process, {"n": N}, 1, "uniform", "event", 60, runs.evaluations, runs.hit, 0.1)
    for view in (bare.fixed_target, bare.fixed_budget, bare.attainment, lambda: bare.ert(3)):
        with pytest.raises(InputError, match="observe: the runs observed no targets; simulate with observe="):
            view()


def test_targets_without_any_hit_have_an_infinite_ert():
    hits = np.full((5, 1), -1)
    observed = {"targets": np.array([9.0]), "hits": hits, "at": np.zeros(0, int), "potentials": {}}
    process = OnePlusOneEA("c/n").on(OneMax())
    runs = Runs(process, {"n": 9, "c": 1}, 1, "uniform", "event", 10, np.full(5, 10), np.zeros(5, bool), 0.1, observed)
    row = runs.fixed_target().iloc[0]
    assert row["ert"] == row["median"] == row["ert_high"] == math.inf and row["success"] == 0 and row["par10"] == 100
    assert row["median_low"] == 0 and row["ert_low"] > 0  # five runs are too few for order statistics
