"""What stands behind the claims of the drift paper: its makers of verdicts, its chains, the values that it predicts with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import oracle
import pytest
from flint import arb
from scipy.stats import binom
from test_level_based import exact_time
from test_negative_drift import expected as expected_in_floats
from test_negative_drift import hit_by as hit_by_in_floats

from proofs_check.bands import Band, allowance, bands, excess
from proofs_check.bounded import Bounded, Picture, bounded, value_of
from proofs_check.claim import Cell, Outcome, Setting
from proofs_check.claims.drift_revisited import CLAIMS, chains, leadingones, lower, negative, onemax, tails
from proofs_check.decide import Fact
from proofs_check.figure import Figure
from proofs_check.pictured import pictured, points
from theory import BinVal, OneMax, OnePlusOneEA, c, k, n
from theory.drift import THEOREMS, MultiplicativeDrift
from theory.exact import expected_runtime, runtime_distribution

EA = OnePlusOneEA(c / n)
BY_ID = {claim.id: claim for claim in CLAIMS}


def setting(mutant=False, error=0.001, effect=0.1, seed=1):
    return Setting("quick", seed, error, effect, mutant)


# ---- bounds against exact values


def decided(*cases, picture=None):
    return bounded(lambda s: cases, "cases", picture)(setting())


@pytest.mark.parametrize("direction, good, bad", [("upper", 2, 1), ("lower", 1, 2), ("exact", Fraction(3, 2), 2)])
def test_rational_bounds_are_proved_or_refuted(direction, good, bad):
    truth = Fraction(3, 2)
    assert decided(Bounded("x", direction, good, truth)).verdict == "proved"
    assert decided(Bounded("x", direction, bad, truth)).verdict == "refuted"
    assert decided(Bounded("x", direction, bad, truth, fails=True)).verdict == "proved"  # a counter-example
    told = decided(Bounded("x", direction, good, truth, fails=True))
    assert told.verdict == "refuted" and "no counter-example" in told.reason


def test_balls_are_certified_where_they_can_tell_and_inconclusive_where_not():
    root = arb(2).sqrt()
    above, below = Fraction(14142135623731, 10**13), Fraction(14142135623730, 10**13)
    assert decided(Bounded("x", "upper", root, below)).verdict == "certified"
    assert decided(Bounded("x", "upper", root, above)).verdict == "refuted"
    assert decided(Bounded("x", "upper", root, root)).verdict == "inconclusive"
    assert decided(Bounded("x", "exact", root, root)).verdict == "inconclusive"  # never certain
    assert decided(Bounded("x", "exact", root, above)).verdict == "refuted"
    assert decided(Bounded("x", "lower", 5, math.inf)).verdict == "proved"
    assert decided(Bounded("x", "upper", 5, math.inf)).verdict == "refuted"


def test_a_factor_makes_the_mutant_of_a_tight_bound():
    assert decided(Bounded("x", "upper", Fraction(3), 3)).verdict == "proved"
    assert decided(Bounded("x", "upper", Fraction(3), 3, factor=Fraction(99, 100))).verdict == "refuted"
    assert decided(Bounded("x", "lower", arb(3), Fraction(31, 10), factor=Fraction(101, 100))).verdict == "certified"


def test_the_nearest_bound_is_shown_and_one_wrong_case_is_enough():
    far, near = Bounded("far", "upper", 9, 3), Bounded("near", "upper", 4, 3)
    told = decided(far, near, Bounded("no start", "upper", 1, 2, fails=True), Fact("a fact"))
    assert (told.prediction, told.exact) == (4.0, 3.0)
    assert told.reason == "near: 3 <= 4; cases: 2 bounds, 1 counter-example, 1 fact" and len(told.cells) == 4
    assert decided(far, near, Bounded("bad", "upper", 2, 3)).reason.startswith("bad: 3 <= 2 fails")
    assert decided(far, Fact("a fact", "it isn't one")).verdict == "refuted"


def test_cases_with_a_place_are_drawn():
    cases = [Bounded(f"n = {x}", "upper", x + 1, x, at=float(x)) for x in (3, 1, 2)]
    figure = decided(*cases, Bounded("elsewhere", "upper", 9, 3), picture=Picture("n", "E[T]")).figure
    assert [(s.kind, s.x, s.y) for s in figure.series] == [("upper", (1, 2, 3), (2, 3, 4)), ("exact", (1, 2, 3), (1, 2, 3))]


def test_the_value_of_a_bound_is_a_fraction_where_it_is_one_else_a_ball():
    tail = MultiplicativeDrift.apply(k / n, start=n, tail=True)
    assert value_of(tail, {"n": 4, "t": 3}) == 4 * Fraction(3, 4) ** 3
    mean = value_of(MultiplicativeDrift.apply(k / n, start=n), {"n": 4})
    assert float(mean.mid()) == pytest.approx(4 * (1 + math.log(4))) and mean.rad() < 1e-15


# ---- tails in bands


@dataclass(frozen=True)
class Geometric:
    """Geometric times in the place of simulated runs."""

    p: float = 0.05

    def simulate(self, replicates, seed):
        return np.random.default_rng(seed).geometric(self.p, size=replicates), np.ones(replicates, dtype=bool)


def tail_of(p):
    return lambda t: (1 - p) ** t


def rise_of(p):
    return lambda t: 1 - (1 - p) ** t


def test_the_excess_is_the_largest_over_all_times():
    times = Geometric().simulate(500, 3)[0]
    at = np.arange(200.0)
    for late, curve in ((True, tail_of(0.07)), (False, rise_of(0.03))):
        over = np.array([np.mean(times > t) if late else np.mean(times <= t) for t in at]) - curve(at)
        found = excess(times, curve, late, last=199)
        assert found[0] == pytest.approx(over.max()) and found[1] == int(np.argmax(over))


@pytest.mark.parametrize("late, true, wrong", [(True, tail_of(0.05), tail_of(0.06)), (False, rise_of(0.05), rise_of(0.04))])
def test_bands_pass_the_law_itself_and_refute_one_that_is_smaller(late, true, wrong):
    decide = bands(lambda s: [Band(Geometric(), true, wrong, late)], 5000, 5000)
    told = decide(setting(effect=0.06))
    assert told.verdict == "consistent" and told.power > 0.99
    assert [s.kind for s in told.figure.series] == ["upper", "measured"]
    assert decide(setting(mutant=True, effect=0.06)).verdict == "refuted"
    few = bands(lambda s: [Band(Geometric(), true, wrong, late)], 300, 300)
    assert few(setting(effect=0.06)).verdict == "inconclusive"


def test_the_law_itself_is_refuted_no_more_often_than_the_error_rate():
    error, repeats, runs = 0.05, 2000, 200
    samples = np.random.default_rng(7).geometric(0.02, (repeats, runs))
    wrong = sum(excess(times, tail_of(0.02), True)[0] > allowance(error, runs) for times in samples)
    assert 0 < wrong <= binom.ppf(1 - 1e-6, repeats, error)


# ---- pictures


def test_a_picture_is_added_to_an_outcome():
    cell = Cell("n = 10", "consistent", 47.9, 48.0, (47.0, 49.0))
    decide = pictured(
        lambda s: Outcome("consistent", "", cells=(cell,)), lambda s, o: Figure("n", "E[T]", (points("runs", (10.0,), o.cells),))
    )
    told = decide(setting())
    assert told.verdict == "consistent" and told.figure.series[0].low == (47.0,)


# ---- chains


@pytest.mark.parametrize(
    "rows", [chains.walk(9, "2/5"), chains.jumpy(9, "2/5"), chains.lazy(["1/3"] * 5), chains.crash(5, "1/7")]
)
def test_expectations_and_laws_in_fractions_agree_with_floats(rows):
    top = len(rows) - 1
    assert float(chains.expected(rows, top)) == pytest.approx(expected_in_floats(rows, {0}, top))
    assert float(chains.hit_by(rows, top, 20)) == pytest.approx(hit_by_in_floats(rows, {0}, top, 20))
    assert all(sum(row.values()) == 1 for row in rows)


def test_functions_of_bits_as_chains_agree_with_enumeration_and_with_the_exact_engine():
    p, size = Fraction(1, 3), 3
    rows = chains.of_function(size, lambda x: x, p)
    truth = oracle.rational_times(size, oracle.binval, lambda x: oracle.mutation(size, p))
    assert sum(truth) / 2**size == chains.from_uniform(rows, 2**size - 1)
    law = chains.law_from_uniform(rows, 2**size - 1, 12)
    cdf = runtime_distribution(EA.on(BinVal()), n=size, c=1).cdf
    assert [float(x) for x in law] == pytest.approx(cdf[:13].tolist(), abs=1e-12)
    strict = chains.of_function(2, lambda x: x.bit_count(), Fraction(1, 2), strict=True)
    assert strict[1] == {3: Fraction(1, 4), 1: Fraction(3, 4)}  # 10 isn't better than 01


def test_a_population_of_two_levels_agrees_with_the_chain_in_floats():
    rows = chains.rows_of({0: 1}, {0: "1/50", 1: "17/25", 2: "3/10"}, {1: "1/50", 2: "49/50"})
    for parents in (5, 20):
        assert float(lower._population(rows, 20, parents).mid()) == pytest.approx(exact_time(rows, 20, parents), rel=1e-9)


def test_the_walk_that_falls_is_bounded_by_a_binomial_tail():
    assert float(negative._falls()) == pytest.approx(binom.sf(399, 600, 0.75), rel=1e-9)


# ---- predictions


@pytest.mark.parametrize("constant", [0.5, 1.0, 2.0])
def test_three_terms_predict_onemax_at_sixteen_thousand_bits_to_four_digits(constant):
    exact = expected_runtime(EA.on(OneMax()), n=16_000, c=constant)
    assert onemax.expansion(16_000, constant) == pytest.approx(exact, rel=2e-4)
    assert abs(onemax.expansion(16_000, constant, without=True) / exact - 1) > 0.04


def test_the_leading_term_alone_is_far_off_at_sixteen_thousand_bits():
    """E3: all linear functions lie below 1 in units of e n ln n."""
    assert expected_runtime(EA.on(OneMax()), n=16_000, c=1) / (math.e * 16_000 * math.log(16_000)) == pytest.approx(
        0.93, abs=0.01
    )


def test_the_derivative_on_leadingones_is_that_of_the_closed_form():
    cost = lambda p, size: ((1 - p) ** (1 - size) - (1 - p)) / (2 * p**2)  # noqa: E731
    p, h = arb("0.02"), arb("1e-6")
    numeric = (cost(p + h, 40) - cost(p - h, 40)) / (2 * h)
    assert float(leadingones._slope_at(40, p).mid()) == pytest.approx(float(numeric.mid()), rel=1e-6)


def test_witts_tail_as_a_curve_is_the_smallest_over_alpha():
    found = next(b for b in EA.on(BinVal()).bounds() if b.quantity == "P[T > t]" and "Witt" in str(b.source))
    curve = tails.curve(found, n=100, c=1)
    for t in (3000, 5000):
        values = [found.evaluate(n=100, c=1, t=t, alpha=alpha) for alpha in tails.ALPHAS]
        assert curve(np.array([float(t)]))[0] == pytest.approx(min(values), rel=1e-9)


# ---- the list


def test_every_drift_theorem_has_a_claim_with_a_counter_example():
    """Witt's potential is the only theorem whose claim is on linear functions; X never falls: a fact, as E[T] is infinite."""
    here = [BY_ID[name] for name in BY_ID if name.startswith("theorem-")]
    assert len(here) >= len(THEOREMS) + 1 and "witt-potential" in BY_ID
    for name in (
        "theorem-additive-upper",
        "theorem-viscosity-upper",
        "theorem-concentration-early",
        "fitness-levels-need-landing",
    ):
        assert "counter-example" in BY_ID[name].run().outcome.reason
    assert any(cell.where == "X never falls from 2" for cell in BY_ID["theorem-headwind"].run().outcome.cells)


def test_sudholts_condition_as_stated_is_broken_by_a_chain_of_three_states():
    cells = {cell.where: cell for cell in BY_ID["fitness-levels-need-landing"].run().outcome.cells}
    assert (cells["1/u_2 + chi/u_1"].prediction, cells["1/u_2 + chi/u_1"].exact) == (501.0, 2.0)


def test_bounds_over_n_are_drawn_beside_the_exact_values():
    for name in ("theorem-concentration-late", "leadingones-adaptive", "dynamic-binval-growth"):
        kinds = {series.kind for series in BY_ID[name].run().outcome.figure.series}
        assert "exact" in kinds and kinds & {"upper", "lower"}
