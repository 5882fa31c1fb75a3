"""Dynamic BinVal: its acceptance, its drift, the bounds below the threshold and the threshold itself."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import mpmath
import pytest

from theory import DynamicBinVal, OnePlusOneEA, c, n
from theory.bounds import dynamic_binval
from theory.bounds.common import p
from theory.constants import dynamic_binval_threshold
from theory.drift import NegativeDriftHajek
from theory.exact import expected_runtime
from theory.facts import DriftFact
from theory.symbols import k

PROCESS = OnePlusOneEA(c / n).on(DynamicBinVal())


def upper():
    return [b for b in PROCESS.bounds("derived") if b.quantity == "E[T]" and b.direction == "upper"]


def test_a_random_order_accepts_with_the_share_of_ups_among_the_flips():
    for a, b in itertools.product(range(4), range(4)):
        if a + b:
            orders = list(itertools.permutations([1] * a + [0] * b))
            assert DynamicBinVal().acceptance(a, b) == Fraction(sum(order[0] for order in orders), len(orders))


@pytest.mark.parametrize("constant", ["1/10", "1", "3/2", "2", "5"])
def test_the_drift_is_at_least_the_formula_and_equal_to_it_with_one_zero_bit(constant):
    value = Fraction(constant)
    for size in (6, 12, 25):
        rate = value / size
        for z in range(1, size + 1):
            found = sum(
                math.comb(z, a)
                * math.comb(size - z, b)
                * rate ** (a + b)
                * (1 - rate) ** (size - a - b)
                * Fraction(a * (a - b), a + b)
                for a in range(1, z + 1)
                for b in range(size - z + 1)
            )
            more = size - z + 1
            low = rate * z * (2 * (1 - (1 - rate) ** more) / (rate * more) - 1)
            assert found >= low >= z * (2 * (1 - (1 - rate) ** size) / size - rate)
            assert z > 1 or found == low


def test_a_planted_drift_is_refuted():
    good = DriftFact(PROCESS, (k * dynamic_binval.DELTA).subs(p, c / n), ">=")
    bad = DriftFact(PROCESS, (k * dynamic_binval.DELTA * Fraction(11, 10)).subs(p, c / n), ">=")
    assert good.replay().holds is True and bad.replay().holds is False


@pytest.mark.parametrize("constant", [Fraction(1, 2), Fraction(1), Fraction(7, 5), Fraction(159, 100)])
def test_bounds_hold_below_the_threshold(constant):
    made = 0
    for size in (2, 3, 5, 10, 50, 100, 400):
        exact = expected_runtime(PROCESS, n=size, c=constant, start="zeros")
        for bound in upper():
            if bound.holds_for(n=size, c=constant):
                assert bound.evaluate(n=size, c=constant) >= exact
                made += 1
    assert made == 14
    if constant <= 1:
        assert min(b.evaluate(n=400, c=constant) for b in upper()) < 1.6 * exact


def test_the_published_exact_times_are_met():
    for size, constant, expected in ((10, 1, 51.969754), (100, 1, 1265.1739), (100, "1.4", 1682.3278), (50, 2, 1932.7302)):
        assert expected_runtime(PROCESS, n=size, c=constant) == pytest.approx(expected, rel=1e-6)


def test_above_the_threshold_nothing_is_claimed_for_large_n_and_the_drift_points_away():
    assert not any(b.holds_for(n=100, c=2) for b in upper())
    assert any(b.holds_for(n=2, c=Fraction(3, 2)) for b in upper())
    found = NegativeDriftHajek.apply(PROCESS, n=60, c=4, expected=True)
    assert 70_000 < found.evaluate(n=60, c=4) <= expected_runtime(PROCESS, n=60, c=4, start="zeros")


def test_the_threshold_solves_its_equation():
    with mpmath.workdps(50):
        x = dynamic_binval_threshold(50)
        assert abs(x / (1 - mpmath.exp(-x)) - 2) < mpmath.mpf(10) ** -48
        assert abs(x - (2 + mpmath.lambertw(-2 * mpmath.exp(-2)))) < mpmath.mpf(10) ** -48
    (bound,) = (b for b in PROCESS.bounds() if b.direction == "threshold")
    assert float(bound.expr) == pytest.approx(1.59362426004004, abs=1e-14) and bound.status == "cited"
    assert dynamic_binval.threshold_is_a_zero()
