"""Upper and lower drift theorems without one of their necessary conditions: the others hold, and the conclusion is false."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
import sympy
from test_negative_drift import expected

from theory import PreconditionError, k, n, v
from theory.drift import (
    AdditiveDriftLower,
    AdditiveDriftUpper,
    FitnessLevels,
    MultiplicativeDrift,
    VariableDrift,
    VisitProbabilities,
)

HALF = sympy.Rational(1, 2)


def drifts(rows: list[dict], value=lambda state: Fraction(state)) -> dict[int, Fraction]:
    """E[X_t - X_{t+1} | state], X the value of the state."""
    return {
        state: sum((Fraction(p) * (value(state) - value(to)) for to, p in row.items()), Fraction(0))
        for state, row in enumerate(rows)
        if value(state) > 0
    }


# ---- additive


def test_additive_upper_needs_a_positive_delta():
    rows = [{0: 1}, *({x - 1: "1/4", x + 1: "3/4"} for x in range(1, 9)), {8: 1}]
    assert min(drifts(rows).values()) == Fraction(-1, 2)  # drift >= delta and X >= 0 hold
    with pytest.raises(PreconditionError, match="delta > 0"):
        AdditiveDriftUpper.apply(-HALF, start=1)
    assert expected(rows, {0}, 1) > 0 > 1 / -0.5


def test_additive_upper_needs_its_drift_everywhere():
    rows = [{0: 1}, {0: "1/50", 1: "49/50"}, {1: 1}]  # drift 1 at 2, 1/50 at 1
    with pytest.raises(PreconditionError, match="drift >= 1' fails at k = 1"):
        AdditiveDriftUpper.apply(sympy.Piecewise((sympy.Rational(1, 50), k < 2), (1, True)), delta=1, start=2, largest=2)
    assert expected(rows, {0}, 2) == pytest.approx(51) and 2 / 1 < 51


def test_additive_upper_needs_to_know_the_overshoot():
    """From 1 jump to 1 - M with probability 1/M: drift 1, E[T] = M (states M - 1 above the lowest)."""
    size = 30
    rows = [{0: 1}, *({x: 1} for x in range(1, size)), {0: Fraction(1, size), size: 1 - Fraction(1, size)}]
    assert drifts(rows, lambda state: Fraction(state - size + 1))[size] == 1
    assert expected(rows, set(range(size)), size) == pytest.approx(size) and AdditiveDriftUpper.apply(1, start=1).evaluate() == 1
    assert AdditiveDriftUpper.apply(1, start=1, lowest=1 - size).evaluate() == size  # paid for: exact


def test_additive_lower_needs_its_drift_everywhere():
    rows = [{0: 1}, *({0: 1} for _ in range(9))]
    with pytest.raises(PreconditionError, match="drift <= 1' fails at"):
        AdditiveDriftLower.apply(k, delta=1, start=9, largest=9)
    assert expected(rows, {0}, 9) == 1 < 9 / 1


def test_additive_lower_needs_bounded_steps():
    """X to 0 or 2X with probability 1/2 each: drift 0 <= 1/10, E[T] = 2 < 1/(1/10)."""
    with pytest.raises(PreconditionError, match="give step_bound= or largest="):
        AdditiveDriftLower.apply(drift=0, delta="1/10", start=1)
    assert sum(Fraction(t, 2**t) for t in range(1, 60)) == pytest.approx(2) and 2 < 1 / 0.1


# ---- multiplicative and variable


def test_a_smallest_positive_value_is_needed():
    """X = 1, 1/2, ..., 2^-39, 0: drift >= X/2 everywhere, T = 40; with s_min = 1 pretended the bound from 1 is 2."""
    steps = 40
    rows = [{0: 1}, *({state - 1: 1} for state in range(1, steps + 1))]  # state s stands for X = 2^(s - 40)
    value = lambda state: Fraction(2) ** (state - steps) if state else Fraction(0)  # noqa: E731
    assert all(drift >= value(state) / 2 for state, drift in drifts(rows, value).items())
    truth = expected(rows, {0}, steps)
    assert truth == pytest.approx(steps)
    for theorem in (MultiplicativeDrift, VariableDrift):
        with pytest.raises(PreconditionError, match="give smallest="):
            theorem.apply(v / 2, start=1)
        assert theorem.apply(v / 2, start=1, smallest=1).evaluate() == 2 < truth
        assert theorem.apply(v / 2, start=1, smallest=sympy.Rational(1, 2 ** (steps - 1))).evaluate() >= truth


def test_multiplicative_drift_is_needed_everywhere_and_positive():
    rows = [{0: 1}, {0: "1/100", 1: "99/100"}, *({x // 2: 1} for x in range(2, 9))]
    with pytest.raises(PreconditionError, match="drift >= k/2' fails at k = 1"):
        MultiplicativeDrift.apply(sympy.Piecewise((sympy.Rational(1, 100), k < 2), (k / 2, True)), delta=HALF, start=8, largest=8)
    assert expected(rows, {0}, 8) > 100 > 2 * (1 + math.log(8))
    with pytest.raises(PreconditionError, match="delta > 0"):
        MultiplicativeDrift.apply(-k / n, start=n)


def test_variable_drift_needs_a_monotone_h():
    """2 to 0 with probability 1/20: drift 1/10; 1 to 0 at once. 1/h(1) + 1/h(2) = 11, E[T] = 20."""
    rows = [{0: 1}, {0: 1}, {0: "1/20", 2: "19/20"}]
    assert drifts(rows) == {1: 1, 2: Fraction(1, 10)}
    with pytest.raises(PreconditionError, match="non-decreasing' fails at k = 1"):
        VariableDrift.apply(sympy.Piecewise((1, k <= 1), (sympy.Rational(1, 10), True)), start=2, largest=2)
    assert expected(rows, {0}, 2) == pytest.approx(20) and 1 + 10 < 20


def test_variable_drift_needs_its_drift_everywhere():
    with pytest.raises(PreconditionError, match=r"h\(s\) > 0' fails at k = 1"):
        VariableDrift.apply((k - 1) / n, start=n)
    slow = [{0: 1}, {0: "1/100", 1: "99/100"}]  # h(1) = 1/2 is claimed
    assert expected(slow, {0}, 1) == pytest.approx(100) and VariableDrift.apply(k / 2, start=1).evaluate() == 2


# ---- levels


def test_levels_need_a_fitness_that_never_falls_from_above():
    rows = [{0: 1}, {0: "1/10", 3: "9/10"}, {1: 1}, {2: 1}]
    truth = expected(rows, {0}, 3)
    levels = FitnessLevels.apply(["1/10", 1, 1]).evaluate()
    visits = VisitProbabilities.apply(sympy.Piecewise((sympy.Rational(1, 10), k < 2), (1, True)), 3, visits=1, direction="upper")
    assert levels == visits.evaluate() == 12 < truth == pytest.approx(30)
    assert "the fitness never falls" in str(visits.derivation)
    below = VisitProbabilities.apply(sympy.Piecewise((sympy.Rational(1, 10), k < 2), (1, True)), 3, visits=1)
    assert below.evaluate() == 12 <= truth and "never falls" not in str(below.derivation)  # from below it isn't asked


def test_levels_that_are_left_more_slowly_or_skipped_break_the_sums():
    slow = [{0: 1}, {0: "1/100", 1: "99/100"}]
    assert expected(slow, {0}, 1) == pytest.approx(100) and FitnessLevels.apply(["1/2"]).evaluate() == 2
    skip = [{0: 1}, *({0: 1} for _ in range(9))]
    assert expected(skip, {0}, 9) == 1 < VisitProbabilities.apply(1, 9, visits=1).evaluate() == 9
    fast = [{0: 1}, {0: 1}, {1: 1}]
    assert expected(fast, {0}, 2) == 2 < VisitProbabilities.apply("1/10", 2, visits=1).evaluate() == 20
