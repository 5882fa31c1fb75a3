"""Bounds for Plateau and for Metropolis on OneMax, against exact chains."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from fractions import Fraction

import oracle
import pytest
import sympy

from theory import Metropolis, OneMax, OnePlusOneEA, Plateau, c, exact, n
from theory.balls import number_of
from theory.bounds import plateau
from theory.facts import Computation, DriftFact, Identity, LimitFact
from theory.symbols import SYMBOLS

CONSTANTS = (Fraction(1, 3), Fraction(1), Fraction(2), Fraction(9, 2))


def named(process, text, **attributes):
    return next(b for b in process.bounds() if text in str(b.source) and all(getattr(b, x) == y for x, y in attributes.items()))


# ---- Metropolis on OneMax


@pytest.mark.parametrize("alpha", ["n", "2", "c*n", "1"])
def test_the_closed_sum_of_metropolis_is_the_expectation_of_the_chain(alpha):
    process = Metropolis(alpha).on(OneMax())
    from_k, anywhere = process.bounds()[:2]
    for size in (1, 2, 5, 9):
        values = {"n": size} | ({"c": Fraction(3, 2)} if "c" in process.needed else {})
        put = {SYMBOLS[x]: Fraction(y) for x, y in values.items()}
        for zeros in range(1, size + 1):
            value = exact.expected_runtime(process, start=zeros, rational=True, **values)
            assert Fraction(str(number_of(from_k.expr, {**put, SYMBOLS["k"]: Fraction(zeros)}))) == value
            assert from_k.evaluate(k=zeros, **values) == pytest.approx(float(value), rel=1e-12)
        assert anywhere.evaluate(**values) == pytest.approx(float(value), rel=1e-12)
    assert from_k.derivation.replay().holds is True


def times_of_metropolis(size, alpha):
    """E[T] from 0, ..., n zero-bits by eliminating the birth-death chain upwards from n, in fractions."""
    step, times = Fraction(0), [Fraction(0)] * (size + 1)
    steps = {}
    for zeros in range(size, 0, -1):
        gain, loss = Fraction(zeros, size), Fraction(size - zeros, size) / alpha
        step = (1 + loss * step) / gain
        steps[zeros] = step
    for zeros in range(1, size + 1):
        times[zeros] = times[zeros - 1] + steps[zeros]
    return times


@pytest.mark.parametrize("alpha", ["n", "2", "c*n", "1", "n/log(n+2)"])
def test_the_closed_bounds_of_metropolis_enclose_the_chain(alpha):
    process = Metropolis(alpha).on(OneMax())
    tried = 0
    for size in range(1, 13):
        for constant in CONSTANTS if "c" in process.needed else (Fraction(1),):
            put = {SYMBOLS["n"]: Fraction(size), SYMBOLS["c"]: constant}
            value = process.algorithm.alpha.subs({s: sympy.Rational(x.numerator, x.denominator) for s, x in put.items()})
            if not value >= 1:
                continue
            truth = times_of_metropolis(size, Fraction(str(value)) if value.is_Rational else Fraction(float(value)))
            mean = float(sum(math.comb(size, z) * time for z, time in enumerate(truth)) / 2**size)
            values = {"n": size} | ({"c": constant} if "c" in process.needed else {})
            for bound in process.bounds():
                if bound.direction not in ("upper", "lower"):
                    continue
                for zeros in range(1, size + 1):
                    here = {**values, "k": zeros} if "k" in bound.needed else values
                    measured = mean if bound.start == "uniform" else float(truth[zeros])
                    said = bound.evaluate(**here)
                    assert said >= measured * (1 - 1e-12) if bound.direction == "upper" else said <= measured * (1 + 1e-12)
                    tried += 1
    assert tried > 100


def test_the_threshold_of_metropolis_is_where_both_bounds_turn_superpolynomial():
    (found,) = (b for b in Metropolis("n").on(OneMax()).bounds() if b.direction == "threshold")
    assert (found.quantity, found.expr, found.status) == ("threshold alpha", n / sympy.log(n), "derived")
    assert found.derivation.replay().holds is True
    exponents = {}
    for constant in (1, 2):
        process = Metropolis("n/(c*log(n))").on(OneMax())
        exponents[constant] = [
            math.log(
                exact.expected_runtime(process, n=size, c=constant) / exact.expected_runtime(process, n=size // 4, c=constant)
            )
            / math.log(4)
            for size in (400, 1600)
        ]
    less = math.log(math.log(1600) / math.log(400)) / math.log(4)  # of the factor 1/ln n in the lower bound
    assert exponents[1][1] == pytest.approx(2 - less, abs=0.1) and exponents[2][1] == pytest.approx(3 - less, abs=0.1)
    slow = Metropolis("sqrt(n)").on(OneMax())  # below the threshold: the exponent itself grows
    growth = [math.log(exact.expected_runtime(slow, n=size)) / math.log(size) for size in (100, 400, 1600)]
    assert growth[0] + 1 < growth[1] and growth[1] + 2 < growth[2]


def test_planted_errors_in_the_premises_of_metropolis_are_refuted():
    bound = named(Metropolis("n").on(OneMax()), "Jansen, Wegener", direction="lower", start="uniform")
    facts = [check.fact for check in bound.derivation.premises()]
    for fact in facts:
        if isinstance(fact, DriftFact):
            assert replace(fact, bound=fact.bound + sympy.Rational(1, 100)).replay().holds is False
        if isinstance(fact, Identity) and fact.left.free_symbols:
            assert replace(fact, left=fact.left + 1).replay().holds is False
    (limit, *_) = (c.fact for c in named(Metropolis("n").on(OneMax()), "Jansen", direction="threshold").derivation.premises()
                   if isinstance(c.fact, LimitFact))  # fmt: skip
    assert replace(limit, expr=limit.expr * sympy.log(n)).replay().holds is False


def test_large_n_is_taken_from_the_chain():
    bound = Metropolis("n").on(OneMax()).bounds()[0]
    assert bound.evaluate(n=300, k=150) == pytest.approx(exact.expected_runtime(Metropolis("n").on(OneMax()), n=300, start=150))


# ---- Plateau


@pytest.mark.parametrize("radius", [1, 2, 3])
def test_the_plateau_bound_holds_from_every_start(radius):
    process = OnePlusOneEA(c / n).on(Plateau(radius))
    bound = named(process, "fitness levels")
    tried = 0
    for size in range(1, 10):
        for constant in CONSTANTS:
            if bound.holds_for(n=size, c=constant):
                value = exact.worst_start(process, n=size, c=constant)[1]
                assert value <= bound.evaluate(n=size, c=constant) * (1 + 1e-12)
                tried += 1
    assert tried > 10 and bound.derivation.replay().holds is True


@pytest.mark.parametrize("radius", [1, 2, 3, 4])
def test_the_average_over_a_plateau_is_exact(radius):
    """The mean of E_k over the number of flips, given 1 to r of them, is N/P(1 to r flips): on the oracle's chain."""
    for size in range(radius, 9):
        for p in (Fraction(1, 20), Fraction(1, size + 1), Fraction(1, 2)):
            law = oracle.mutation(size, p)
            times = oracle.symmetric_times(size, oracle.plateau(radius), law)
            chances = [math.comb(size, i) * law[i] for i in range(1, radius + 1)]
            average = sum(chance * time for chance, time in zip(chances, times[1:])) / sum(chances)
            put = {n: Fraction(size), plateau.p: p}
            assert Fraction(str(number_of(plateau.mean(radius), put))) == average
            assert average * sum(chances) == sum(math.comb(size, i) for i in range(1, radius + 1))


@pytest.mark.parametrize("radius", [2, 3])
def test_both_sides_of_the_plateau_close_in_on_the_truth(radius):
    process = OnePlusOneEA(c / n).on(Plateau(radius))
    upper, lower = (named(process, "average", direction=side) for side in ("upper", "lower"))
    leading = named(process, "average", direction="asymptotic", side="both")
    gaps = []
    for size in (50, 200, 800):
        truth = exact.expected_runtime(process, n=size, c=1)
        low, high = lower.evaluate(n=size, c=1), upper.evaluate(n=size, c=1)
        assert low <= truth <= high
        gaps.append((high / low - 1, abs(truth / leading.evaluate(n=size, c=1) - 1)))
    for wider, closer in itertools.pairwise(gaps):
        assert closer[0] < 0.6 * wider[0] and closer[1] < 0.6 * wider[1]


def test_the_condition_of_the_two_sided_bounds_is_needed():
    """Without eps < 1 the upper bound falls below the truth somewhere, so the condition can't be dropped."""
    process = OnePlusOneEA(c / n).on(Plateau(3))
    bound, broken = named(process, "average", direction="upper"), 0
    for size in range(3, 9):
        for constant in (Fraction(1, 2), Fraction(1), Fraction(3, 2)):
            said = bound.with_(conditions=()).evaluate(n=size, c=constant)
            if said < exact.worst_start(process, n=size, c=constant)[1]:
                assert not bound.holds_for(n=size, c=constant)
                broken += 1
    assert broken


def test_ties_must_be_accepted_for_the_average_over_a_plateau():
    strict = OnePlusOneEA(c / n, strict=True).on(Plateau(2))
    assert not [b for b in strict.bounds() if "average" in str(b.source)]
    lower = named(OnePlusOneEA(c / n).on(Plateau(2)), "average", direction="upper")
    assert exact.worst_start(strict, n=20, c=1)[1] > lower.evaluate(n=20, c=1)  # a run that never moves waits longer


def test_planted_errors_in_the_premises_of_the_plateau_are_refuted():
    bound = named(OnePlusOneEA(c / n).on(Plateau(2)), "average", direction="lower")
    assert bound.derivation.replay().holds is True
    refuted = 0
    for check in bound.derivation.premises():
        fact = check.fact
        if isinstance(fact, DriftFact):
            worse = {">=": fact.bound * 2 + 1, "==": fact.bound * 2, "<=": fact.bound - 1}[fact.sense]
            assert replace(fact, bound=worse).replay().holds is False
            refuted += 1
        if isinstance(fact, Computation):
            assert replace(fact, result=False).replay().holds is False
    assert refuted == 5
    levels = named(OnePlusOneEA(c / n).on(Plateau(2)), "fitness levels")
    (leaves,) = (x.fact for x in levels.derivation.premises() if isinstance(x.fact, DriftFact))
    assert replace(leaves, bound=leaves.bound * 3).replay().holds is False
