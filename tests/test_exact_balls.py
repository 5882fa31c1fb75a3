"""Balls around E[T]: they contain the fractions of independent solutions, whatever the approximation they start from."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import oracle
import pytest
from flint import arb, ctx, fmpq

from theory import (
    RLS,
    BinVal,
    DynamicBinVal,
    Jump,
    LeadingOnes,
    Metropolis,
    Needle,
    OneMax,
    OnePlusOneEA,
    PartiallyOrderedEA,
    Plateau,
    Trap,
    c,
    n,
)
from theory.exact import blocks, expected_runtime, expected_runtime_interval, lumped_balls, runtime_moments
from theory.exact.errors import NoExactMethod
from theory.exact.states import by_zeros

EA, STRICT = OnePlusOneEA(c / n), OnePlusOneEA(c / n, strict=True)
BY_NUMBER = (OneMax(), Jump(2), Jump(3), Plateau(2), Plateau(4), Needle(), Trap())


def exactly(value: Fraction) -> arb:
    with ctx.workprec(512):
        return arb(fmpq(value.numerator, value.denominator))


def contains(ball: arb, value: Fraction, bits: int = 120) -> bool:
    """Whether a ball contains a fraction and is narrow."""
    with ctx.workprec(512):
        return bool(ball.overlaps(exactly(value))) and ball.rel_accuracy_bits() >= bits


@pytest.mark.parametrize("algorithm", [EA, STRICT, OnePlusOneEA("2/(n+k)")], ids=str)
@pytest.mark.parametrize("problem", BY_NUMBER, ids=str)
def test_problems_in_the_number_of_zero_bits(algorithm, problem):
    size, p = 6, Fraction(3, 2) / 6
    process = algorithm.on(problem)
    values = {"c": Fraction(3, 2)} if "c" in process.rate_symbols else {}
    if values:
        times = oracle.symmetric_times(size, problem.value, oracle.mutation(size, p), algorithm.strict)
    else:  # the oracle takes one rate for all: the full chain takes one a point
        law = lambda x: oracle.mutation(size, Fraction(2, 2 * size - sum(x)))  # noqa: E731
        full = oracle.rational_times(size, problem.value, law)
        times = [next(t for x, t in zip(oracle.points(size), full) if size - sum(x) == z) for z in range(size + 1)]
    for zeros in range(size + 1):
        assert contains(expected_runtime_interval(process, n=size, start=zeros, **values), times[zeros]) or zeros == 0
    mean = sum(Fraction(len([x for x in oracle.points(size) if size - sum(x) == z]), 2**size) * times[z] for z in range(size + 1))
    assert contains(expected_runtime_interval(process, n=size, **values), mean)
    assert contains(expected_runtime_interval(process, n=size, start="worst", **values), max(times))


@pytest.mark.parametrize(
    ("process", "values"),
    [
        (EA.on(PartiallyOrderedEA()), {"c": 1}),
        (EA.on(PartiallyOrderedEA("1/3")), {"c": 2}),
        (OnePlusOneEA("1/(k+1)").on(DynamicBinVal()), {}),
        (RLS(2).on(PartiallyOrderedEA()), {}),
        (RLS(3).on(DynamicBinVal()), {}),
        (Metropolis("c*n").on(OneMax()), {"c": 2}),
        (RLS(3).on(OneMax()), {}),
        (RLS(3).on(Plateau(3)), {}),
        (RLS().on(BinVal()), {}),
    ],
    ids=str,
)
def test_the_ball_contains_the_fraction(process, values):
    size = 7
    start = 4 if process.algorithm.flips == 2 else "uniform"
    value = expected_runtime(process, n=size, rational=True, start=start, **values)
    if value == float("inf"):
        with pytest.raises(NoExactMethod, match="infinite"):
            expected_runtime_interval(process, n=size, start=start, **values)
    else:
        assert contains(expected_runtime_interval(process, n=size, start=start, **values), value)


@pytest.mark.parametrize("start", ["uniform", "zeros", "worst", [1, 0, 0, 1, 0]], ids=str)
@pytest.mark.parametrize("algorithm", [EA, STRICT, OnePlusOneEA("1/(v+2)"), RLS()], ids=str)
@pytest.mark.parametrize("problem", [BinVal(), LeadingOnes()], ids=str)
def test_problems_over_all_points(problem, algorithm, start):
    process = algorithm.on(problem)
    values = {"c": 1} if "c" in process.rate_symbols else {}
    value = expected_runtime(process, n=5, rational=True, start=start, **values)
    assert contains(expected_runtime_interval(process, n=5, start=start, **values), value)


@pytest.mark.parametrize("process", [EA.on(x) for x in (*BY_NUMBER[:4], PartiallyOrderedEA(), DynamicBinVal())], ids=str)
def test_floats_agree_with_balls_where_fractions_end(process):
    ball = expected_runtime_interval(process, n=300, c=1)
    assert float(ball.mid()) == pytest.approx(expected_runtime(process, n=300, c=1), rel=1e-11)
    assert ball.rel_accuracy_bits() >= 120


def test_more_bits_make_narrower_balls_inside_the_wider_ones():
    for process in (EA.on(Plateau(3)), EA.on(PartiallyOrderedEA()), EA.on(Jump(3))):
        wide = expected_runtime_interval(process, n=60, c=1, bits=64)
        narrow = expected_runtime_interval(process, n=60, c=1, bits=400)
        with ctx.workprec(600):
            assert wide.contains(narrow) or wide.overlaps(narrow)
            assert narrow.rel_accuracy_bits() > 390 > 200 > wide.rel_accuracy_bits() > 56


def test_astronomic_expectations_take_more_precision_by_themselves():
    ball = expected_runtime_interval(EA.on(Plateau(12)), n=60, c=1)  # about 60 choose 12 = 1.4e12
    assert ball.rel_accuracy_bits() >= 120 and float(ball) > 1e11
    trap = expected_runtime_interval(EA.on(Trap()), n=100, c=1)
    assert trap.rel_accuracy_bits() >= 110 and bool(trap > arb(10) ** 199)
    jump = expected_runtime_interval(EA.on(Jump(4)), n=12, c="1/1000000")
    with ctx.workprec(300):
        p = exactly(Fraction(1, 12_000_000))
        assert bool(jump > (1 - p) ** -8 / p**4 / 2)


def test_a_coarse_cut_is_paid_for_with_radius(monkeypatch):
    process = EA.on(OneMax())
    values = process.values(n=8, c=1)
    states = by_zeros(process, 8)
    times = oracle.symmetric_times(8, sum, oracle.mutation(8, Fraction(1, 8)))
    for least in (arb(2) ** -6, arb(2) ** -12, arb(2) ** -20):
        balls = lumped_balls.ranks(states, lumped_balls._zeros_row(process, values, states, 8, least), False)
        for ball, value in zip(balls, times):
            assert bool(ball.overlaps(exactly(value)))
    assert 5 < balls[8].rel_accuracy_bits() < 40


def test_a_poor_approximation_widens_the_ball_but_never_misses():
    rows = [{1: arb(1) / 3}, {0: arb(1) / 5, 2: arb(1) / 7}, {1: arb(1) / 2}]
    out, right = [arb(1) / 9, arb(0), arb(0)], [arb(2), arb(1), arb(1)]
    exact = [[Fraction(1, 3) + Fraction(1, 9), -Fraction(1, 3), 0], [-Fraction(1, 5), Fraction(12, 35), -Fraction(1, 7)]]
    exact.append([0, -Fraction(1, 2), Fraction(1, 2)])
    solution = np.linalg.solve(np.array(exact, float), np.array([2.0, 1.0, 1.0]))
    good = blocks.enclose(rows, out, right, [arb(0)] * 3, arb(0))
    loose = blocks.enclose(rows, out, right, [arb(1) / 10**9] * 3, arb(0))
    for narrow, wide, value in zip(good, loose, solution):
        assert float(narrow) == pytest.approx(value, rel=1e-13)
        assert bool(wide.contains(narrow)) and float(wide.rad()) > 1e-10 * value


def test_a_wrong_solver_can_not_make_a_wrong_ball(monkeypatch):
    right = expected_runtime(EA.on(DynamicBinVal()), n=8, c=1, rational=True)
    true_solver = blocks._solver

    def noisy(rows, out):
        solve = true_solver(rows, out)
        return lambda cost: solve(cost) * (1 + 0.001 * np.sin(np.arange(len(cost))))

    monkeypatch.setattr(blocks, "_solver", noisy)
    ball = expected_runtime_interval(EA.on(DynamicBinVal()), n=8, c=1)
    with ctx.workprec(512):
        assert bool(ball.overlaps(exactly(right)))


def test_metropolis_takes_an_irrational_alpha_in_balls_and_refuses_it_in_fractions():
    process = Metropolis("exp(1)*n").on(OneMax())
    ball = expected_runtime_interval(process, n=50)
    assert float(ball.mid()) == pytest.approx(runtime_moments(process, n=50)[0], rel=1e-12)
    with pytest.raises(NoExactMethod, match="not a rational number"):
        expected_runtime(process, n=5, rational=True)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: expected_runtime_interval(EA.on(OneMax()), n=10_001, c=1), "up to n = 10000"),
        (lambda: expected_runtime_interval(EA.on(PartiallyOrderedEA()), n=10_001, c=1), "up to n = 10000"),
        (lambda: expected_runtime_interval(EA.on(OneMax()), n=10_000, c=5000), "bits flip at once"),
        (lambda: expected_runtime_interval(EA.on(LeadingOnes()), n=6000, c=1, start="zeros"), "up to n = 5000"),
        (lambda: expected_runtime_interval(OnePlusOneEA("k/n").on(DynamicBinVal()), n=9), "strictly between 0 and 1"),
    ],
)
def test_what_has_no_ball_says_why(call, words):
    with pytest.raises(NoExactMethod, match=words) as error:
        call()
    assert "\n" not in str(error.value)
