"""Drift theorems: what they say, and that each condition is checked and named with a witness where it fails."""

from __future__ import annotations

from fractions import Fraction

import numba
import numpy as np
import oracle
import pytest
import sympy

from theory import RLS, BinVal, Chain, InputError, Jump, LeadingOnes, Linear, OneMax, OnePlusOneEA, PreconditionError, c, k, n, v
from theory.drift import (
    THEOREMS,
    AdditiveDriftLower,
    AdditiveDriftUpper,
    FitnessLevels,
    LinearFunctionsDrift,
    MultiplicativeDrift,
    VariableDrift,
    witt_potential,
)
from theory.drift.prover import Region, show
from theory.law import drift

P = c / n
ONE_BIT = k * P * (1 - P) ** (n - 1)
ONEMAX = OnePlusOneEA(P).on(OneMax())


@numba.njit
def collect(x, rng, n, c):
    return x - 1 if rng.random() * n < x else x


@numba.njit
def leap(x, rng):
    return x - 10 if rng.random() < 0.1 else x


@numba.njit
def halve(x, rng):
    y = x * rng.random()
    return y if y >= 0.1 else 0.0


def test_every_theorem_lists_its_conditions_with_a_reason_for_each():
    assert len(THEOREMS) == len({theorem.name for theorem in THEOREMS}) == 17
    for theorem in THEOREMS:
        assert theorem.__doc__ and theorem.statement and theorem.source.bibtex
        assert {x.kind for x in theorem.preconditions} <= {"necessary", "technical"}
        assert all(x.text and x.why for x in theorem.preconditions)


# ---- what they say


def test_multiplicative_drift_gives_the_documented_bound_and_its_tail():
    bound = MultiplicativeDrift.apply(drift=ONE_BIT, start=n, where=(c < n,))
    assert bound.expr == (1 + sympy.log(n)) * (1 - P) ** (1 - n) / P and bound.start == "any" and bound.conditions == (c < n,)
    tail = MultiplicativeDrift.apply(drift=ONE_BIT, start=n, where=(c < n,), tail=True)
    assert tail.quantity == "P[T > t]" and tail.evaluate(n=10, c=1, t=50) == pytest.approx(10 * (1 - 0.1 * 0.9**9) ** 50)
    scaled = MultiplicativeDrift.apply(drift=v / 4, start=8, smallest=sympy.Rational(1, 2))
    assert scaled.evaluate() == pytest.approx(4 * (1 + np.log(16)))


def test_a_mean_in_the_place_of_the_start_needs_an_integer_potential_and_mean_at_least_one():
    wide = (c < n, sympy.Ge(n, 2))
    assert MultiplicativeDrift.apply(ONE_BIT, mean=n / 2, where=wide).evaluate(n=10, c=1) < MultiplicativeDrift.apply(
        ONE_BIT, start=n, where=wide
    ).evaluate(n=10, c=1)
    with pytest.raises(PreconditionError, match=r"E\[X_0\] >= 1' fails at n = 1"):
        MultiplicativeDrift.apply(k / n, mean=n / 2)
    with pytest.raises(InputError, match="mean"):
        MultiplicativeDrift.apply(v / n, mean=n / 2, smallest=1)


def test_variable_drift_as_a_sum_and_as_an_integral():
    assert VariableDrift.apply(drift=k / n, start=n).expr == n * sympy.harmonic(n)
    assert VariableDrift.apply(drift=k / n, start=n, form="integral").expr == n + n * sympy.log(n)
    assert VariableDrift.apply(drift=v**2, start=10, smallest=2).evaluate() == pytest.approx(2 / 4 + 1 / 2 - 1 / 10)


def test_additive_drift_on_both_sides_meets_on_a_fair_clock():
    upper, lower = AdditiveDriftUpper.apply(drift=c, start=n), AdditiveDriftLower.apply(drift=c, start=n, step_bound=1)
    assert upper.expr == lower.expr == n / c and (upper.direction, lower.direction) == ("upper", "lower")


def test_fitness_levels_from_an_expression_a_list_and_a_process():
    assert FitnessLevels.apply(k / n, start=n).expr == n * sympy.harmonic(n)
    assert FitnessLevels.apply([1, "1/2", "1/4"]).evaluate() == 7
    exact = FitnessLevels.apply(OnePlusOneEA("1/4").on(BinVal()), n=3)
    truth = oracle.rational_times(3, oracle.binval, lambda x: oracle.mutation(3, Fraction(1, 4)))
    assert max(truth) <= Fraction(str(exact.expr))


@pytest.mark.parametrize("theorem", [AdditiveDriftUpper, MultiplicativeDrift, VariableDrift, FitnessLevels])
@pytest.mark.parametrize(
    "problem, f", [(OneMax(), oracle.onemax), (LeadingOnes(), oracle.leadingones), (BinVal(), oracle.binval)]
)
def test_a_process_read_exactly_gives_an_upper_bound_on_the_worst_start(theorem, problem, f):
    process = OnePlusOneEA("1/8").on(problem)
    worst = max(oracle.rational_times(4, f, lambda x: oracle.mutation(4, Fraction(1, 8))))
    bound = theorem.apply(process, n=4)
    assert bound.evaluate(n=4) >= float(worst)
    assert not bound.holds_for(n=5)
    assert any("exactly" in check.how for check in bound.derivation.checks)


@pytest.mark.parametrize("zeros", range(1, 6))
def test_additive_drift_bounds_onemax_from_below(zeros):
    truth = oracle.symmetric_times(5, oracle.onemax, oracle.mutation(5, Fraction(2, 5)))
    bound = AdditiveDriftLower.apply(ONEMAX, start=zeros, n=5, c=2)
    assert 0 < bound.evaluate(n=5, c=2) <= float(truth[zeros])
    assert AdditiveDriftLower.apply(ONEMAX, start=zeros).evaluate(n=5, c=2) <= float(truth[zeros])


@pytest.mark.parametrize("theorem", [MultiplicativeDrift, VariableDrift, FitnessLevels])
def test_onemax_needs_no_values(theorem):
    bound = theorem.apply(ONEMAX)
    truth = oracle.symmetric_times(6, oracle.onemax, oracle.mutation(6, Fraction(1, 6)))
    assert bound.evaluate(n=6, c=1) >= float(truth[6])
    assert theorem.apply(RLS().on(OneMax())).evaluate(n=6) >= 6 * 2.45 - 1e-9


def test_the_potential_of_a_process_may_be_an_expression_numbers_or_a_function():
    process = OnePlusOneEA("1/5").on(LeadingOnes())
    by_value = VariableDrift.apply(process, potential=n - v, n=5)
    numbers = [5 - oracle.leadingones(x) for x in oracle.points(5)]
    by_numbers = VariableDrift.apply(process, potential=numbers, n=5)
    by_function = VariableDrift.apply(process, potential=lambda x: 5 - oracle.leadingones(x), n=5)
    assert by_value.expr == by_numbers.expr == by_function.expr
    with pytest.raises(PreconditionError, match="X > 0 before the optimum"):
        VariableDrift.apply(process, potential=v, n=5)


# ---- Witt's potential


WEIGHTS = {
    "equal": [1.0] * 8,
    "powers of 2": [2.0**i for i in range(8)],
    "lognormal": list(np.exp(np.random.default_rng(1).normal(size=8))),
    "1..n": [float(i) for i in range(1, 9)],
}


@pytest.mark.parametrize("weights", WEIGHTS)
def test_the_drift_of_witts_potential_is_at_least_what_is_claimed_at_every_point_of_eight_bits(weights):
    """The smallest ratio of true to claimed drift is exactly 1/(1 - 1/alpha): a zero-bit of smallest weight alone."""
    w = WEIGHTS[weights]
    zeros = 1 - np.array(oracle.points(8))
    for constant in (0.5, 1, 2):
        p = constant / 8
        for alpha in (1.5, 2, 4):
            g = np.array(witt_potential(w, p, alpha), dtype=float)
            potential = zeros @ g
            claimed = potential * p * (1 - p) ** 7 * (1 - 1 / alpha)
            true = drift(OnePlusOneEA(P).on(Linear(w)), potential, n=8, c=constant)
            assert (true[:-1] / claimed[:-1]).min() == pytest.approx(1 / (1 - 1 / alpha), rel=1e-9)


def test_witts_potential_checked_exactly_as_a_potential_of_multiplicative_drift():
    weights, p, alpha = [1, 2, 4, 8, 16], Fraction(1, 5), 2
    g = witt_potential(weights, p, alpha)
    potential = [sum((1 - bit) * weight for bit, weight in zip(x, g)) for x in oracle.points(5)]
    delta = p * (1 - p) ** 4 * (1 - Fraction(1, alpha))
    process = OnePlusOneEA("1/5").on(Linear(weights))
    bound = MultiplicativeDrift.apply(process, potential=potential, delta=sympy.Rational(delta.numerator, delta.denominator), n=5)
    assert bound.evaluate(n=5) <= LinearFunctionsDrift.apply(sympy.Rational(1, 5)).evaluate(n=5, alpha=2)
    with pytest.raises(PreconditionError, match=r"fails at x = [01]{5}, n = 5"):
        MultiplicativeDrift.apply(process, potential=potential, delta=sympy.Rational(4 * delta.numerator, delta.denominator), n=5)


def test_linear_functions_need_a_rate_between_zero_and_one():
    with pytest.raises(PreconditionError, match="p < 1"):
        LinearFunctionsDrift.apply(c / n)
    with pytest.raises(PreconditionError, match="p < 1"):
        LinearFunctionsDrift.apply(1)


# ---- what they refuse


def test_a_drift_that_is_too_small_is_refused_with_a_witness():
    with pytest.raises(
        PreconditionError, match=r"drift >= c\*k\*exp\(-c\)/n' fails at k = \d+, c = 2, n = 3: drift [\d.]+ < [\d.]+"
    ) as error:
        MultiplicativeDrift.apply(ONE_BIT, delta=P * sympy.exp(-c), start=n, where=(c < n,))
    assert error.value.theorem == "multiplicative drift" and error.value.witness
    with pytest.raises(PreconditionError, match=r"n = 5, c = 3"):
        MultiplicativeDrift.apply(ONE_BIT, delta=P * sympy.exp(-c), start=n, where=(c < n,), n=5, c=3)
    bound = MultiplicativeDrift.apply(ONE_BIT, delta=P * sympy.exp(-c), start=n, where=(c < n,), n=50, c=1)
    assert bound.holds_for(n=50, c=1) and not bound.holds_for(n=50, c=2)


def test_what_can_not_be_decided_is_named_and_never_skipped():
    claim = {"drift": ONE_BIT, "delta": P * sympy.exp(-c), "start": n, "where": (c < n, sympy.Le(c, 1))}  # true, but not by signs
    with pytest.raises(PreconditionError, match="can't be decided; give values: c=..., n=...") as error:
        MultiplicativeDrift.apply(**claim)
    assert error.value.witness is None
    assert MultiplicativeDrift.apply(**claim, n=7, c=1).holds_for(n=7, c=1)


def test_a_condition_is_shown_for_a_whole_interval_of_c_by_ball_arithmetic():
    bound = AdditiveDriftUpper.apply(drift=c * sympy.exp(-c), delta=sympy.Rational(3, 100), start=7, c=(0.1, 4))
    assert "by ball arithmetic" in str(bound.derivation)
    assert bound.holds_for(c=2) and not bound.holds_for(c=5) and bound.evaluate(c=2) == pytest.approx(700 / 3)
    with pytest.raises(PreconditionError, match="fails at c = "):
        AdditiveDriftUpper.apply(drift=c * sympy.exp(-c), delta=sympy.Rational(3, 10), start=7, c=(0.1, 4))


def test_the_real_line_is_covered_by_balls():
    bound = VariableDrift.apply(drift=v / (1 + v), start=3, smallest=1, largest=3)
    assert bound.evaluate() == pytest.approx(2 + np.log(3) + 2)
    with pytest.raises(PreconditionError, match="non-decreasing' fails at v = "):
        VariableDrift.apply(drift=v / (1 + v**2), start=3, smallest=1, largest=3)
    with pytest.raises(PreconditionError, match="jumps"):
        VariableDrift.apply(drift=sympy.Piecewise((2, v < 2), (1, True)) * v / v + v / 100, start=3, smallest=1, largest=3)


def test_overshoot_is_refused_or_paid_for():
    with pytest.raises(PreconditionError, match=r"X_t >= 0' fails at X_t = 1, X_t\+1 = -9"):
        AdditiveDriftUpper.apply(Chain(1, leap, drift=1))
    for theorem in (MultiplicativeDrift, VariableDrift):
        with pytest.raises(PreconditionError, match="X_t >= 0"):
            theorem.apply(Chain(1, leap, drift=k))
        with pytest.raises(PreconditionError, match="lowest = -9"):
            theorem.apply(Chain(1, leap, drift=k, lowest=-9))
    assert AdditiveDriftUpper.apply(Chain(1, leap, drift=1, lowest=-9)).evaluate() == 10  # the truth
    assert AdditiveDriftLower.apply(Chain(1, leap, drift=1), step_bound=1).evaluate() == 1  # overshoot only helps


def test_a_lower_bound_needs_bounded_steps():
    with pytest.raises(PreconditionError, match="give step_bound= or largest="):
        AdditiveDriftLower.apply(drift=sympy.Rational(1, 10), start=1)  # X -> 0 or 2X: drift 0, E[T] = 2, not 10
    assert AdditiveDriftLower.apply(drift=sympy.Rational(1, 10), start=1, largest=5).evaluate() == 10


def test_variable_drift_needs_a_monotone_drift():
    process = OnePlusOneEA("1/2").on(Jump(2))
    with pytest.raises(PreconditionError, match=r"h\(s\) > 0' fails at k = 1"):
        VariableDrift.apply(process, n=4)
    table = [0.0] * 16
    for i, x in enumerate(oracle.points(4)):
        table[i] = {0: 0, 1: 1, 2: 1.25, 3: 4, 4: 4.125}[4 - sum(x)]
    process = OnePlusOneEA("1/8").on(OneMax())
    with pytest.raises(PreconditionError, match="non-decreasing' fails at X = "):
        VariableDrift.apply(process, potential=table, n=4)
    truth = oracle.symmetric_times(4, oracle.onemax, oracle.mutation(4, Fraction(1, 8)))
    bound = VariableDrift.apply(process, potential=table, envelope=True, n=4)
    assert bound.evaluate(n=4) >= float(truth[4]) and "infimum over all larger" in str(bound.derivation)


def test_a_jump_over_a_fast_state_shows_that_monotone_drift_is_necessary():
    """States 0, 1, 2 with h(1) = 1, h(2) = 1/10: 2 -> 0 w.p. 1/20, else stay. The sum says 11, the truth is 20."""
    with pytest.raises(PreconditionError, match=r"non-decreasing' fails at k = 1: h\(s \+ 1\) 0.1 < 1"):
        VariableDrift.apply(drift=sympy.Piecewise((1, k <= 1), (sympy.Rational(1, 10), True)), start=2, largest=2)


@pytest.mark.parametrize("theorem", [MultiplicativeDrift, VariableDrift])
def test_a_real_potential_needs_its_smallest_positive_value(theorem):
    with pytest.raises(PreconditionError, match="give smallest="):
        theorem.apply(drift=v / 2, start=8)


def test_a_state_that_is_never_left_is_refused():
    with pytest.raises(PreconditionError, match="s_k > 0' fails at k = 1"):
        FitnessLevels.apply((k - 1) / n, start=n)
    with pytest.raises(PreconditionError, match="k = 2: s = 0"):
        FitnessLevels.apply([1, 0])
    with pytest.raises(PreconditionError, match="s_k > 0' fails at"):
        FitnessLevels.apply(RLS().on(Jump(2)), n=4)


@pytest.mark.parametrize(
    "call, names",
    [
        (lambda: AdditiveDriftUpper.apply(drift=1), "start"),
        (lambda: AdditiveDriftLower.apply(ONEMAX, n=4, c=1), "start"),
        (lambda: MultiplicativeDrift.apply(drift="import os", start=n), "not a formula"),
        (lambda: MultiplicativeDrift.apply(k / n, start=n, m=3), "m: unknown"),
        (lambda: MultiplicativeDrift.apply(sympy.log(1 + k) * k + sympy.sin(k), start=n), "delta"),
        (lambda: VariableDrift.apply(k / n, start=n, form="product"), "form"),
        (lambda: MultiplicativeDrift.apply(OnePlusOneEA(P).on(BinVal())), "give values"),
        (lambda: MultiplicativeDrift.apply(OnePlusOneEA(P).on(BinVal()), n=12, c=1), "up to n = 8"),
        (lambda: MultiplicativeDrift.apply(Chain(n, collect)), "declares none"),
        (lambda: AdditiveDriftUpper.apply(1, start=n, c=(2, 1)), "empty"),
    ],
)
def test_wrong_input_is_one_line_that_names_the_argument(call, names):
    with pytest.raises(InputError, match=names):
        call()


def test_a_derivation_reads_as_a_proof_sketch():
    text = str(MultiplicativeDrift.apply(drift=ONE_BIT, start=n, where=(c < n,)).derivation)
    for part in (
        "By multiplicative drift (Doerr, Johannsen, Winzen 2012): E[T] <=",
        "Potential: X_t = k.",
        "Drift: E[X_t - X_t+1 | X_t = k] >= c*k*(1 - c/n)**(n - 1)/n for 1 <= k <= n.",
        "X_t = 0 or X_t >= 1 (necessary): X is an integer",
        "(necessary): symbolically",
    ):
        assert part in text


# ---- chains


def test_a_chains_declared_drift_gives_every_bound_whose_conditions_check():
    chain = Chain(n, collect, drift=k / n)
    sources = [b.source.text.split(" (")[0] for b in chain.bounds()]
    assert sources == ["multiplicative drift", "variable drift", "multiplicative drift, tail"]
    assert chain.bounds()[1].evaluate(n=10) == pytest.approx(29.28968253968254)
    assert chain.bounds("recalled") == [] and Chain(n, collect).bounds() == []
    assert [b.expr for b in Chain(1, leap, drift=1, lowest=-9).bounds()] == [10]
    assert Chain(1, leap, drift=1).bounds() == []
    real = Chain(8.0, halve, drift=v / 2, smallest=0.1).bounds()
    assert real[0].evaluate() == pytest.approx(2 * (1 + np.log(80)))
    assert Chain(8.0, halve, drift=v / 2).bounds() == []  # no smallest positive value: nothing can be said


# ---- the prover


def test_the_prover_shows_nothing_that_is_false_on_random_polynomials():
    """Each claim that it calls symbolic or exact is compared with the values; several of each verdict must occur."""
    rng = np.random.default_rng(5)
    shown = refuted = 0
    for _ in range(24):
        a = [int(x) for x in rng.integers(-3, 5, size=4)]
        left = a[0] + a[1] * k + a[2] * k * c / n + a[3] * (1 - P) ** (n - k)
        region = Region(k, sympy.Integer(1), n, True, (c < n,))
        values = [
            left.subs({k: z, n: m, c: x})
            for m in (2, 7)
            for z in range(1, m + 1)
            for x in (sympy.Rational(1, 3), 1, sympy.Rational(m * 9, 10))
            if x < m
        ]
        try:
            show("t", "left >= 0", "necessary", left, sympy.Integer(0), region)
        except PreconditionError as error:
            refuted += error.witness is not None
            continue
        shown += 1
        assert min(values) >= 0
    assert shown >= 3 and refuted >= 5


def test_one_condition_need_not_be_wrapped_and_what_is_none_is_refused():
    one = MultiplicativeDrift.apply(c * k / n, start=n, where=c < n)
    assert one.expr == MultiplicativeDrift.apply(c * k / n, start=n, where=(c < n,)).expr
    for wrong in ("c<n", ("c<n",), 3):
        with pytest.raises(InputError, match="^where: "):
            MultiplicativeDrift.apply(c * k / n, start=n, where=wrong)
