"""OneMax up to lower order: reciprocal drifts around exact chains, C_1(c) by another formula, and the fit on exact values."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from fractions import Fraction
from math import comb

import mpmath
import oracle
import pytest
import sympy
from flint import arb, ctx, fmpq

from theory import OneMax, OnePlusOneEA, c, constants, k, n
from theory.balls import number_of
from theory.bounds import onemax_expansion, onemax_premises
from theory.constants.onemax import second_order_ball
from theory.exact import expected_runtime
from theory.exact.fit import fit_onemax, onemax_values
from theory.facts import Computation, DriftFact, Identity, LimitFact

SIZES = range(1, 13)
PROCESS = OnePlusOneEA(c / n).on(OneMax())


def constants_of(size):
    """A grid of c up to n/2."""
    grid = {Fraction(1, 10), Fraction(1, 2), Fraction(1), Fraction(3, 2), Fraction(2), Fraction(size, 4), Fraction(size, 2)}
    return sorted(x for x in grid if 2 * x <= size)


def drift_by_hand(size, zeros, p):
    """E[(a - b)^+] from the two binomial laws."""
    law = lambda bits, i: comb(bits, i) * p**i * (1 - p) ** (bits - i)  # noqa: E731
    return sum((a - b) * law(zeros, a) * law(size - zeros, b) for a in range(zeros + 1) for b in range(min(a, size - zeros + 1)))


@pytest.mark.parametrize("strict", [False, True])
def test_the_sums_of_reciprocal_drifts_enclose_the_exact_chain(strict):
    above_k, above, below_k, below = onemax_expansion.bounds_for(OnePlusOneEA(c / n, strict).on(OneMax()))
    assert [b.direction for b in (above_k, above, below_k, below)] == ["upper", "upper", "lower", "lower"]
    for size in SIZES:
        for constant in constants_of(size):
            p = constant / size
            truth = oracle.symmetric_times(size, oracle.onemax, oracle.mutation(size, p), strict)
            sums = [0, *itertools.accumulate(1 / drift_by_hand(size, z, p) for z in range(1, size + 1))]
            with mpmath.workdps(30):
                q = mpmath.mpf(1 - float(p))
                eps = float(float(p) * q**-size * mpmath.besseli(0, (size - 1) * float(p) / mpmath.sqrt(q)) ** 2)
            assert all(float(low) / (1 + eps) <= float(time) * (1 + 1e-12) for low, time in zip(sums, truth))
            assert all(time <= high for time, high in zip(truth, sums))
            mean = float(sum(comb(size, z) * sums[z] for z in range(size + 1)) / Fraction(2**size))
            put = {"n": size, "c": constant}
            assert above.evaluate(**put) == pytest.approx(mean, rel=1e-12)
            assert below.evaluate(**put) == pytest.approx(mean / (1 + eps), rel=1e-12)
            for zeros in {1, size // 2 or 1, size}:
                assert above_k.evaluate(**put, k=zeros) == pytest.approx(float(sums[zeros]), rel=1e-12)
                assert below_k.evaluate(**put, k=zeros) == pytest.approx(float(sums[zeros]) / (1 + eps), rel=1e-12)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_the_printed_formula_is_the_sum_of_the_reciprocal_drifts(size):
    above_k = onemax_expansion.bounds_for(PROCESS)[0]
    for constant in constants_of(size):
        total = sum(1 / drift_by_hand(size, z, constant / size) for z in range(1, size + 1))
        assert Fraction(str(number_of(above_k.expr, {n: Fraction(size), c: constant, k: Fraction(size)}))) == total


@pytest.mark.parametrize("constant", [0.5, 1, 2])
def test_both_sides_close_in_on_the_truth_like_one_over_n(constant):
    _, above, _, below = onemax_expansion.bounds_for(PROCESS)
    gaps = []
    for size in (100, 1000, 10_000):
        low, high = (bound.evaluate(n=size, c=constant) for bound in (below, above))
        assert low <= expected_runtime(PROCESS, n=size, c=constant) * (1 + 1e-11) <= high * (1 + 2e-11)
        gaps.append((high / low - 1) * size)
    assert gaps[2] == pytest.approx(constant * math.exp(constant) * float(mpmath.besseli(0, constant)) ** 2, rel=0.01)
    assert abs(gaps[2] - gaps[1]) < abs(gaps[1] - gaps[0])


# ---- the second-order term


def second_order_by_skellam(constant, digits):
    """C_1(c) another way: Delta_c(x) as the sum of m P(U - D = m), whose law is Skellam's, and mpmath's quadrature."""
    with mpmath.workdps(digits + 25):
        rate = mpmath.mpf(constant)

        def delta(x):
            root, total, m = 2 * rate * mpmath.sqrt(x * (1 - x)), mpmath.mpf(0), 1
            while True:
                term = m * (x / (1 - x)) ** (mpmath.mpf(m) / 2) * mpmath.besseli(m, root)
                total += term
                if term < total * mpmath.mpf(10) ** -(digits + 20):
                    return mpmath.exp(-rate) * total
                m += 1

        area = mpmath.quad(lambda x: rate * mpmath.exp(-rate) / delta(x) - 1 / x, [0, 0.25, 0.5], method="gauss-legendre")
        return mpmath.exp(rate) / rate * (mpmath.euler - mpmath.log(2) + area)


@pytest.mark.parametrize("constant", ["0.5", "1", "2"])
def test_the_second_order_term_agrees_with_another_formula_and_another_quadrature_to_thirty_digits(constant):
    found = constants.onemax_second_order(constant, 40)
    with mpmath.workdps(45):
        assert abs(found - second_order_by_skellam(constant, 32)) < mpmath.mpf(10) ** -30


@pytest.mark.parametrize("constant", [Fraction(1, 10), Fraction(1, 2), 1, 2, Fraction(7, 2), 5])
def test_the_second_order_term_has_the_same_first_thirty_digits_at_two_precisions(constant):
    ball, finer = second_order_ball(constant, 30), second_order_ball(constant, 75)
    assert ball.overlaps(finer)
    for value, digits in ((ball, 30), (finer, 75)):
        assert float(value.rad()) < 10.0**-digits * abs(float(value.mid()))


@pytest.mark.parametrize(
    "constant, seen", [(Fraction(1, 2), "-1.290264387729803"), (1, "-1.892541788344687"), (2, "-4.821757527777033")]
)
def test_the_second_order_term_is_where_exact_values_go(constant, seen):
    """(E[T] - e^c/c n ln n)/n minus C_1(c) is e^c (c - 1/2) ln n/n + O(1/n); the digits on the right are for comparison."""
    limit = constants.onemax_second_order(constant, 20)
    assert mpmath.almosteq(limit, mpmath.mpf(seen), 1e-15)
    rests = []
    for size in (10**4, 10**5, 10**6):
        value = expected_runtime(PROCESS, n=size, c=constant)
        leading = mpmath.exp(constant) / constant * size * mpmath.log(size)
        rests.append(float(value - leading - limit * size - mpmath.exp(constant) * (constant - 0.5) * mpmath.log(size)))
    assert max(rests) - min(rests) < 0.05  # what is left is O(ln n/n); ln n itself would have added 4.6


# ---- the fit on exact values


def test_the_exact_values_behind_the_fit_are_those_of_the_chain():
    values = onemax_values([2, 5, 9], Fraction(3, 2))
    for size, ball in values.items():
        times = oracle.symmetric_times(size, oracle.onemax, oracle.mutation(size, Fraction(3, 2) / size))
        mean = sum(comb(size, z) * time for z, time in enumerate(times)) / Fraction(2**size)
        with ctx.workprec(300):
            assert ball.contains(arb(fmpq(mean.numerator, mean.denominator))) and float(ball.rad()) < 1e-44


def test_a_fit_on_exact_values_of_45_digits_confirms_the_integral():
    """At c = 1 within 1e-12 of C_1, and 1e-9 in the constant after it, whose fits of two kinds agree."""
    found = fit_onemax(1, digits=45)
    limit = second_order_ball(1, 40)
    assert abs(float((found.plain[0] - limit).mid())) < 1e-12
    assert abs(float(found.logarithmic[0].mid()) - math.e) < 1e-14
    assert abs(float(found.logarithmic[1].mid()) - math.e / 2) < 1e-9
    known = fit_onemax(1, largest=330, points=18, digits=45, known=True)
    assert abs(float((found.plain[1] - known.plain[1]).mid())) < 1e-9
    assert max(found.errors[1][1], known.errors[1][1]) < 1e-9
    assert abs(float(found.plain[1].mid()) - 0.59789876) < 5e-9


def test_a_fit_at_another_rate_finds_the_integral_and_the_logarithm():
    constant = Fraction(1, 2)
    found = fit_onemax(constant)
    assert abs(float((found.plain[0] - second_order_ball(constant, 30)).mid())) < 1e-11
    assert abs(float(found.logarithmic[1].mid()) - math.exp(constant) * float(constant - Fraction(1, 2))) < 1e-8


def test_the_fit_shows_where_values_are_off_by_one_part_in_a_million():
    """A planted error: the coefficients of values that don't follow the expansion disagree with the integral."""
    from theory.exact.fit import fit

    values = onemax_values(range(40, 320, 20), 1)
    wrong = fit({size: value * (1 + 1e-6 * (size % 40 == 0)) for size, value in values.items()})
    assert abs(float((wrong.plain[0] - second_order_ball(1, 20)).mid())) > 1e-9


# ---- planted errors


def premises(bound, kind):
    return [check.fact for check in bound.derivation.premises() if isinstance(check.fact, kind)]


def test_planted_errors_in_the_premises_are_refuted_by_replaying_them():
    for bound in onemax_expansion.bounds_for(PROCESS):
        drift, *close = premises(bound, DriftFact)
        assert len(close) == (bound.direction == "lower")
        for fact in close:  # the drift of U is at least 1, and more somewhere
            assert fact.replay().holds is True
            assert replace(fact, bound=sympy.S.One).replay().holds is False
        assert drift.replay().holds is True
        assert replace(drift, bound=drift.bound * Fraction(999, 1000)).replay().holds is False
        for identity in premises(bound, Identity):
            assert replace(identity, right=-identity.right).replay().holds is False
    second, third = onemax_expansion.asymptotic(c)
    assert (second.status, third.status) == ("derived", "heuristic")
    for limit in premises(second, LimitFact):
        assert limit.replay().holds is True
        assert replace(limit, value=limit.value + sympy.Rational(1, 100)).replay().holds is False
    for fact in premises(second, Computation):
        assert replace(fact, result=not fact.result).replay().holds is False


def test_the_overshoot_is_needed_and_too_small_a_one_is_found_out(monkeypatch):
    assert onemax_premises.drift_of_sum_is_close_to_one(6)
    bessel = onemax_premises._bessel
    monkeypatch.setattr(onemax_premises, "_bessel", lambda x, terms: bessel(x, terms) / 50)
    assert not onemax_premises.drift_of_sum_is_close_to_one(6)


def test_a_wrong_second_order_term_is_found_out(monkeypatch):
    import theory.constants.onemax as module

    right = module.onemax_second_order
    claim = sympy.exp(c) / c, sympy.Function("C_1")(c)
    assert onemax_premises.sum_tends_to_the_integral(*claim, (100, 1000))
    assert not onemax_premises.sum_tends_to_the_integral(claim[0], 2 * claim[1])
    for wrong in (lambda c: -right(c), lambda c: right(c) + 0.01):
        monkeypatch.setattr(module, "onemax_second_order", wrong)
        assert not onemax_premises.sum_tends_to_the_integral(*claim)


def test_the_expansion_evaluates_for_constants_of_every_kind():
    for rate, put in (("c/n", {"c": "0.7"}), ("(2*c)/n", {"c": "0.35"}), ("7/(10*n)", {})):
        found = [b for b in OnePlusOneEA(rate).on(OneMax()).bounds() if b.source == onemax_expansion.HWANG]
        assert [b.status for b in found] == ["derived", "heuristic"]
        values = [b.evaluate(n=10**5, **put) for b in found]
        truth = expected_runtime(OnePlusOneEA("c/n").on(OneMax()), n=10**5, c=0.7)
        assert values == pytest.approx([truth, truth], rel=3e-5)
        assert abs(values[1] - truth) < 2 < abs(values[0] - truth)
