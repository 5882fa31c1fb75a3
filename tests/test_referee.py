"""What a referee found: statements that were accepted or made though they are false, each with its counter-example."""

from __future__ import annotations

from fractions import Fraction

import numba
import pytest
from sympy import Rational

from theory import RLS, BinVal, Chain, InputError, Jump, LeadingOnes, Needle, OneMax, OnePlusOneEA, PreconditionError, c, k, n, v
from theory.drift import AdditiveDriftLower, AdditiveDriftUpper, FitnessLevels, MultiplicativeDrift, VariableDrift


@numba.njit
def _halve(x, rng):
    return x / 2


@numba.njit
def _tenth(x, rng):
    return max(x - 0.1, 0.0)


@numba.njit
def _leap(x, rng):
    return 0 if rng.random() * x * x < 1 else x


def test_tail_with_delta_one_says_nothing_of_time_zero():
    for bound in (
        MultiplicativeDrift.apply(k, start=n, tail=True),
        MultiplicativeDrift.apply(RLS().on(OneMax()), n=1, tail=True),
    ):
        assert bound.evaluate(n=1, t=1) == 0
        assert not bound.holds_for(n=1, t=0)  # P[T > 0] = 1, but sympy's 0**t is 0, as its t is positive


def test_integral_form_needs_a_drift_that_grows_between_the_integers_too():
    g = 101 - k + 380 * (k - 1) * (k - 2)  # 100 and 99 at 1 and 2; from k to k - 1 with probability 1/g(k) takes 199
    assert VariableDrift.apply(1 / g, start=2, largest=2).evaluate() == 199
    with pytest.raises(PreconditionError, match="non-decreasing"):
        VariableDrift.apply(1 / g, start=2, largest=2, form="integral")  # 136.2
    with pytest.raises(PreconditionError, match="non-decreasing"):
        VariableDrift.apply(1 / g.subs(k, k - 1), start=3, smallest=2, largest=3)  # its default form
    assert VariableDrift.apply(k / n, start=n, smallest=2, where=(n >= 2,)).evaluate(n=2) == pytest.approx(2)


def test_a_lower_bound_does_not_take_the_state_space_for_bounded():
    with pytest.raises(PreconditionError, match="give step_bound= or largest="):
        AdditiveDriftLower.apply(0, start=n, delta=1)  # X -> 0 or 2X: E[T] = 2
    assert AdditiveDriftLower.apply(0, start=n, delta=1, largest=2 * n).evaluate(n=5) == 5


def test_assumed_ends_that_are_no_integers():
    with pytest.raises(PreconditionError, match="n = 2"):
        AdditiveDriftUpper.apply(n - Rational(9, 4), start=1, where=(n > Rational(3, 2),))
    assert AdditiveDriftUpper.apply(n - Rational(7, 4), start=1, where=(n > Rational(3, 2),)).evaluate(n=2) == 4
    assert AdditiveDriftUpper.apply(n - Rational(7, 4), start=1, where=(n >= Rational(3, 2),)).evaluate(n=2) == 4
    assert AdditiveDriftUpper.apply(c - 1, start=1, where=(c > 1,)).evaluate(c=2) == 1


def test_starts_outside_the_range():
    with pytest.raises(PreconditionError, match="X_0 <= n"):
        AdditiveDriftUpper.apply(n - k + 1, start=2 * n, delta=1)  # the drift was shown for k <= n
    with pytest.raises(InputError, match="negative"):
        AdditiveDriftUpper.apply(1 / n, start=-3)
    with pytest.raises(PreconditionError, match="X_0 >= s_min"):
        MultiplicativeDrift.apply(OnePlusOneEA("1/n").on(OneMax()), start=0, n=3)
    with pytest.raises(PreconditionError, match="lowest <= 0"):
        AdditiveDriftUpper.apply(1 / n, start=n, lowest=1)  # X_T is at most 0


def test_levels_are_not_read_from_a_drift():
    chain = Chain(10, _leap, drift=1 / k)  # E[T] = 100 > 1 + ... + 10
    with pytest.raises(InputError, match="probabilities"):
        FitnessLevels.apply(chain)


def test_gaps_that_the_steps_of_a_chain_refute():
    for chain in (
        Chain(8, _halve, drift=k / 2),
        Chain(8, _halve, drift=v / 2, smallest=1),
        Chain(Rational(15, 2), _halve, drift=k / 2),
    ):
        assert chain.bounds() == []  # E[T] is infinite
    with pytest.raises(PreconditionError, match="an integer"):
        MultiplicativeDrift.apply(Chain(1, _tenth, drift=Rational(1, 10)), largest=1, tail=True)  # T is 10 or 11
    assert AdditiveDriftUpper.apply(Chain(1, _tenth, drift=Rational(1, 20))).evaluate() == 20


def test_starts_that_bounds_speak_of():
    half = AdditiveDriftLower.apply(drift=c / n * k, delta=c, start=n / 2, largest=n)
    assert half.covers(5, 10) and half.covers([0, 1] * 5, 10)
    assert not half.covers(1, 10) and not half.covers([1] * 10, 10) and not half.covers("zeros", 10)
    ea = OnePlusOneEA("1/n")
    assert not AdditiveDriftLower.apply(ea.on(OneMax()), start=3, potential=k / 2, n=6).covers(3, 6)  # it is about 6 zero-bits
    assert not AdditiveDriftLower.apply(ea.on(LeadingOnes()), start=4, n=4).covers([0, 1, 0, 1], 4)
    assert AdditiveDriftLower.apply(ea.on(OneMax()), start=6, n=6).covers(6, 6)
    assert AdditiveDriftUpper.apply(Chain(100, _tenth, drift=Rational(1, 10)), start=1).start == "X_0 = 1"


@pytest.mark.parametrize("problem", [OneMax(), BinVal(), LeadingOnes(), Needle(), Jump(2)])
def test_rates_so_close_to_one_that_floats_are_one(problem):
    close = 2 - Fraction(1, 10**18)
    values = {"n": 2, "c": close, "k": 2, "t": 1}
    for bound in OnePlusOneEA("c/n").on(problem).bounds():
        where = {name: x for name, x in values.items() if name in bound.needed}
        if bound.direction in ("upper", "lower", "exact") and bound.holds_for(**where):
            assert bound.evaluate(**where) > 0
