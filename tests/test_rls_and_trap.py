"""RLS in closed form, to a target, where zero-bits alone decide, and on Plateau; the (1+1) EA on Trap; Needle as n grows."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from fractions import Fraction

import oracle
import pytest
import sympy

from theory import (
    RLS,
    BinVal,
    DynamicBinVal,
    Jump,
    Needle,
    OneMax,
    OnePlusOneEA,
    PartiallyOrderedEA,
    Plateau,
    Trap,
    c,
    n,
)
from theory.balls import number_of
from theory.bounds import rls
from theory.catalogue import gaps
from theory.exact import expected_runtime
from theory.facts import Computation, DriftFact, LimitFact
from theory.symbols import k


def found(process, direction, start, text=""):
    return [
        b for b in process.bounds() if (b.direction, b.start, b.quantity) == (direction, start, "E[T]") and text in str(b.source)
    ]


# ---- coupons


@pytest.mark.parametrize("problem", [OneMax(), BinVal(), PartiallyOrderedEA(), DynamicBinVal()], ids=str)
def test_the_closed_forms_enclose_the_coupon_collectors_time_ever_closer(problem):
    process = RLS().on(problem)
    (low,), uppers = found(process, "lower", "uniform"), found(process, "upper", "uniform")
    (high,) = uppers
    for size in range(1, 41):
        truth = size * (
            sum(Fraction(math.comb(size, z), 2**size) * sum(Fraction(1, j) for j in range(1, z + 1)) for z in range(size + 1))
        )
        assert low.evaluate(n=size) <= float(truth) * (1 + 1e-14) and float(truth) <= high.evaluate(n=size) * (1 + 1e-14)
        assert high.evaluate(n=size) - low.evaluate(n=size) <= 2.0**-size + 1e-12
        if size <= 8:
            assert expected_runtime(process, n=size) == pytest.approx(float(truth), rel=1e-12)


def test_the_expansion_of_rls_is_what_remains_of_the_closed_form():
    (grown,) = found(RLS().on(OneMax()), "asymptotic", "uniform")
    for size in (10**3, 10**6):
        rest = size * (math.fsum(1 / j for j in range(1, size + 1)) - math.log(2)) - grown.evaluate(n=size)
        assert rest == pytest.approx(0.5, abs=1e-3)
    (limit,) = (x.fact for x in grown.derivation.premises() if isinstance(x.fact, LimitFact))
    assert replace(limit, value=sympy.Rational(101, 100)).replay().holds is False


def test_the_time_to_a_target_is_a_difference_of_times():
    """T is the time to the target d plus the time from d zero-bits, as no level is passed over."""
    (bound,) = (b for b in RLS().on(OneMax()).bounds() if b.quantity == "E[T_d]")
    for size in (1, 4, 9):
        times = oracle.symmetric_times(size, oracle.onemax, oracle.mutation(size, flips=1))
        for zeros in range(size + 1):
            for goal in range(zeros + 1):
                assert bound.evaluate(n=size, k=zeros, d=goal) == pytest.approx(float(times[zeros] - times[goal]), rel=1e-13)
    assert not bound.holds_for(n=5, k=2, d=3)


# ---- Plateau


@pytest.mark.parametrize("radius", [1, 2, 3])
def test_rls_on_a_plateau_is_exact_from_every_start(radius):
    process = RLS().on(Plateau(radius))
    (from_k,), (uniform,) = found(process, "exact", k), found(process, "exact", "uniform")
    for size in range(radius, 9):
        times = oracle.symmetric_times(size, oracle.plateau(radius), oracle.mutation(size, flips=1))
        for zeros in range(size + 1):
            put = {n: Fraction(size), k: Fraction(zeros)}
            value = from_k.with_(exact_function=None).evaluate(n=size, k=zeros)
            assert value == pytest.approx(float(times[zeros]), rel=1e-12)
            assert from_k.evaluate(n=size, k=zeros) == pytest.approx(float(times[zeros]), rel=1e-12)
            assert from_k.needed == {"n", "k"} and put[k] == zeros
        mean = sum(math.comb(size, z) * time for z, time in enumerate(times)) / 2**size
        assert Fraction(str(number_of(uniform.expr, {n: Fraction(size)}))) == mean
    assert from_k.derivation.replay().holds is True


def test_rls_that_rejects_ties_is_stuck_on_a_plateau_and_nothing_is_said():
    assert RLS(strict=True).on(Plateau(2)).bounds() == []
    assert expected_runtime(RLS(strict=True).on(Plateau(2)), n=4, start=2) == math.inf


def test_only_pairs_where_rls_is_stuck_are_gaps():
    assert gaps() == [("RLS(flips=1)", "Jump(gap=2)"), ("RLS(flips=1)", "Trap()")]
    for problem in (Jump(2), Trap()):
        assert expected_runtime(RLS().on(problem), n=5) == math.inf


@pytest.mark.parametrize("problem", [OneMax(), PartiallyOrderedEA(), DynamicBinVal(), Plateau(2)], ids=str)
def test_planted_errors_in_the_premises_of_rls_are_refuted(problem):
    refuted = 0
    for bound in RLS().on(problem).bounds():
        for check in bound.derivation.premises():
            if isinstance(check.fact, DriftFact) and check.fact.quantity == "drift":
                assert replace(check.fact, bound=check.fact.bound * 2).replay().holds is False
                refuted += 1
            if isinstance(check.fact, Computation):
                assert replace(check.fact, result=False).replay().holds is False
    assert refuted >= 2


def test_a_wrong_value_of_the_rest_is_found_out(monkeypatch):
    assert rls.rest_is_bounded(20) and rls.mean_of_harmonic(10)
    monkeypatch.setattr(math, "comb", lambda a, b: 1)
    assert not rls.mean_of_harmonic(10)


# ---- Trap


def test_the_bounds_on_trap_close_in_on_the_truth():
    process = OnePlusOneEA(c / n).on(Trap())
    (upper,), (exact,), lowers = (
        found(process, "upper", "any"),
        found(process, "exact", "zeros"),
        found(process, "lower", "uniform"),
    )
    lower = next(b for b in lowers if "geometric" in str(b.source))
    ratios = []
    for size in (4, 8, 16, 32):
        for constant in (Fraction(1, 2), Fraction(1), Fraction(2)):
            times = oracle.symmetric_times(size, oracle.trap, oracle.mutation(size, constant / size)) if size < 10 else None
            put = {"n": size, "c": constant}
            high, low = upper.evaluate(**put), lower.evaluate(**put)
            if times is not None:
                mean = float(sum(math.comb(size, z) * time for z, time in enumerate(times)) / 2**size)
                assert low <= mean * (1 + 1e-12) and float(max(times)) <= high * (1 + 1e-12)
                assert exact.evaluate(**put) == pytest.approx(float(times[size]), rel=1e-12)
                assert lower.with_(exact_function=None).evaluate(**put) == pytest.approx(low, rel=1e-9, abs=1e-12)
            if constant == 1:
                ratios.append(low / high)
    assert ratios == sorted(ratios) and ratios[-1] > 0.999
    assert lower.evaluate(n=10**4, c=1) == math.inf


def test_planted_errors_on_trap_are_refuted():
    process = OnePlusOneEA(c / n).on(Trap())
    (upper,) = found(process, "upper", "any")
    assert upper.derivation.replay().holds is True
    facts = [check.fact for check in upper.derivation.premises() if isinstance(check.fact, DriftFact)]
    assert len(facts) == 3
    for fact in facts:  # at k = n the optimum is hit with probability p^n and no other
        assert replace(fact, bound=fact.bound * 3).replay().holds is False


# ---- Needle


@pytest.mark.parametrize("constant", [Fraction(1, 2), 1, 3])
def test_needle_grows_like_two_to_the_n_over_one_minus_e_to_the_minus_c(constant):
    process = OnePlusOneEA(c / n).on(Needle())
    (grown,), (exact,) = found(process, "asymptotic", "uniform"), found(process, "exact", "uniform")
    ratios = [exact.evaluate(n=size, c=constant) / grown.evaluate(n=size, c=constant) for size in (50, 200, 800)]
    errors = [abs(ratio - 1) for ratio in ratios]
    assert all(later < 0.4 * sooner for sooner, later in itertools.pairwise(errors)) and errors[-1] < 0.01
    for check in grown.derivation.premises():
        if isinstance(check.fact, LimitFact):
            assert replace(check.fact, value=check.fact.value + sympy.Rational(1, 100)).replay().holds is False
