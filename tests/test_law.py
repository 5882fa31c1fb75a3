"""The law of one step: closed forms against enumeration over all mutations, and against the exact chain."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import oracle
import pytest
import sympy

from theory import RLS, BinVal, InputError, Jump, LeadingOnes, Linear, Needle, OneMax, OnePlusOneEA, c, k, n, v
from theory.law import drift, first_terms, transition

ONEMAX = OnePlusOneEA(c / n).on(OneMax())
LEADING = OnePlusOneEA(c / n).on(LeadingOnes())


def enumerated(size, f, law, potential, strict=False):
    """Drift at every point by summing over all mutations, as fractions."""
    result = []
    for i, x in enumerate(oracle.points(size)):
        total = Fraction(0)
        for j, y in enumerate(oracle.points(size)):
            if (f(y) > f(x) if strict else f(y) >= f(x)) and sum(x) < size:
                total += law[(i ^ j).bit_count()] * (potential(x) - potential(y))
        result.append(total)
    return result


@pytest.mark.parametrize("rate", ["c/n", "1/3", "1/(k+1)", "c/(2*n-v)"])
@pytest.mark.parametrize("potential", [None, k**2, "log(1+k)"])
def test_symbolic_drift_on_onemax_is_the_enumerated_one(rate, potential):
    process = OnePlusOneEA(rate).on(OneMax())
    expr = drift(process, potential)
    numbers = drift(process, potential, n=4, **({"c": 2} if "c" in process.needed else {}))
    g = {None: lambda z: z, k**2: lambda z: z**2}.get(potential, lambda z: math.log(1 + z))
    for z in range(1, 5):
        p = process.rate.subs({n: 4, c: 2, v: 4 - z, k: z})
        law = oracle.mutation(4, Fraction(int(p.p), int(p.q)))
        point = (1,) * (4 - z) + (0,) * z
        truth = sum(
            law[(int("".join(map(str, point)), 2) ^ j).bit_count()] * (g(z) - g(4 - sum(y)))
            for j, y in enumerate(oracle.points(4))
            if sum(y) >= 4 - z
        )
        value = expr.subs({n: 4, c: 2, k: z}).doit()
        assert float(value) == pytest.approx(float(truth), rel=1e-12)
        if potential is None:
            assert value == sympy.Rational(truth.numerator, truth.denominator)
        assert numbers[z] == pytest.approx(float(truth), rel=1e-10)


def test_the_first_term_of_the_drift_is_one_zero_bit_flipping_alone_and_all_terms_sum_to_it():
    assert first_terms(ONEMAX) == k * (c / n) * (1 - c / n) ** (n - 1)
    put = {n: 5, c: 1, k: 3}
    values = [first_terms(ONEMAX, order).subs(put) for order in range(1, 6)]
    assert values == sorted(values) and values[-1] == drift(ONEMAX).subs(put).doit()


@pytest.mark.parametrize("flips", [1, 2, 3])
def test_drift_of_rls_on_onemax(flips):
    process = RLS(flips).on(OneMax())
    truth = enumerated(5, oracle.onemax, oracle.mutation(5, flips=flips), lambda x: 5 - sum(x))
    expr = drift(process)
    for z in range(1, 6):
        exact = truth[2 ** (5 - z) - 1]
        assert expr.subs({n: 5, k: z}).doit() == sympy.Rational(exact.numerator, exact.denominator)
    assert flips > 1 or expr == k / n


@pytest.mark.parametrize("algorithm", [OnePlusOneEA("1/3"), OnePlusOneEA("1/3", strict=True), OnePlusOneEA(1 / (v + 2)), RLS(2)])
def test_drift_and_transitions_of_leadingones_are_those_of_a_uniform_tail(algorithm):
    process = algorithm.on(LeadingOnes())
    size = 5
    numbers, matrix = drift(process, n=size), transition(process, n=size)
    points = oracle.points(size)
    for level in range(size):
        p = None if algorithm.rate is None else Fraction(str(algorithm.rate.subs(v, level)))
        law = oracle.mutation(size, p) if p is not None else oracle.mutation(size, flips=2)
        rows = [i for i, x in enumerate(points) if oracle.leadingones(x) == level]
        chance = [Fraction(0)] * (size + 1)
        for i in rows:
            for j, y in enumerate(points):
                to = max(oracle.leadingones(y), level)
                chance[to] += law[(i ^ j).bit_count()] / len(rows)
        gain = sum(q * (to - level) for to, q in enumerate(chance))
        exact = drift(process).subs({n: size, v: level}).doit()
        assert exact == sympy.Rational(gain.numerator, gain.denominator)
        assert numbers[level] == pytest.approx(float(gain), rel=1e-12)
        assert matrix[level] == pytest.approx([float(q) for q in chance], rel=1e-12)
        for to, q in enumerate(chance):
            assert transition(process, level, to).subs(n, size) == sympy.Rational(q.numerator, q.denominator)
    assert numbers[size] == 0 and matrix[size, size] == 1


def test_transitions_on_onemax_form_a_law_and_agree_with_the_matrix():
    matrix = transition(ONEMAX, n=5, c=2)
    for start in range(1, 6):
        row = [transition(ONEMAX, start, to).subs({n: 5, c: 2}).doit() for to in range(6)]
        assert sum(row) == 1
        assert matrix[start] == pytest.approx([float(q) for q in row], rel=1e-10, abs=1e-15)
        assert transition(ONEMAX, start, 0, n=5, c=2) == matrix[start, 0]
    two = RLS(2).on(OneMax())
    assert [transition(two, 3, to).subs(n, 5).doit() for to in range(6)] == [
        0,
        sympy.Rational(3, 10),
        0,
        sympy.Rational(7, 10),
        0,
        0,
    ]


@pytest.mark.parametrize(
    "process, f",
    [
        (OnePlusOneEA("1/4").on(BinVal()), oracle.binval),
        (OnePlusOneEA("1/4", strict=True).on(Linear([1, 1, 2, 3])), oracle.linear([1, 1, 2, 3])),
        (RLS(2).on(BinVal()), oracle.binval),
    ],
)
def test_numeric_drift_over_all_points_for_every_kind_of_potential(process, f):
    law = oracle.mutation(4, Fraction(1, 4)) if process.rate is not None else oracle.mutation(4, flips=2)
    weight = lambda x: sum((i + 1) * (1 - bit) for i, bit in enumerate(x))  # noqa: E731
    truth = [float(d) for d in enumerated(4, f, law, weight, process.algorithm.strict)]
    array = [weight(x) for x in oracle.points(4)]
    for potential in (weight, array, np.array(array), dict(enumerate(array))):
        assert drift(process, potential, n=4) == pytest.approx(truth, abs=1e-13)
    zeros = [float(d) for d in enumerated(4, f, law, lambda x: 4 - sum(x), process.algorithm.strict)]
    assert drift(process, n=4) == pytest.approx(zeros, abs=1e-13) and drift(process, k, n=4) == pytest.approx(zeros, abs=1e-13)
    fitness = [float(d) for d in enumerated(4, f, law, lambda x: -Fraction(f(x)), process.algorithm.strict)]
    assert drift(process, -v, n=4) == pytest.approx(fitness, abs=1e-13)


def test_potentials_on_symmetric_problems_are_indexed_by_the_number_of_zero_bits():
    process = OnePlusOneEA("1/3").on(Jump(2))
    expected = drift(process, k**2, n=4)
    assert drift(process, [0, 1, 4, 9, 16], n=4) == pytest.approx(expected)
    full = drift(process, [(4 - sum(x)) ** 2 for x in oracle.points(4)], n=4)
    assert full[[15, 7, 3, 1, 0]] == pytest.approx(expected, abs=1e-13)
    assert expected[1] < 0  # in the valley the slope leads away


def test_a_rate_that_depends_on_time_needs_the_time():
    process = OnePlusOneEA("Min(1/2, log(t)/t)").on(OneMax())
    assert drift(process, n=3, t=3) == pytest.approx(drift(OnePlusOneEA("log(3)/3").on(OneMax()), n=3))
    with pytest.raises(InputError, match="t: no value"):
        drift(process, n=3)


@pytest.mark.parametrize(
    "call, names",
    [
        (lambda: drift(OnePlusOneEA(c / n).on(BinVal())), "no closed form"),
        (lambda: drift(ONEMAX, [1, 2, 3]), "potential"),
        (lambda: drift(ONEMAX, [1, 2], n=4, c=1), "n \\+ 1 = 5"),
        (lambda: drift(OnePlusOneEA(c / n).on(BinVal()), [1, 2, 3, 4], n=3, c=1), "2\\^n = 8"),
        (lambda: drift(ONEMAX, "1/k", n=3, c=1), "potential"),
        (lambda: drift(LEADING, k), "level v"),
        (lambda: transition(ONEMAX, 1), "states"),
        (lambda: transition(ONEMAX, 1, 9, n=3, c=1), "to: 9"),
        (lambda: transition(OnePlusOneEA(c / n).on(Needle()), 1, 0), "no closed form"),
    ],
)
def test_wrong_questions_are_answered_by_one_line(call, names):
    with pytest.raises(InputError, match=names):
        call()
