"""Strictly monotone functions: one step on all of them at once, the pessimist's drift, and the bounds that follow."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import pytest
import sympy
from flint import arb, fmpq

from theory import BinVal, InputError, OnePlusOneEA, PartiallyOrderedEA, c, n
from theory.exact import expected_runtime
from theory.monotone import acceptance, far, poea

PESSIMIST = OnePlusOneEA(c / n).on(PartiallyOrderedEA())


def ball(x):
    x = Fraction(x)
    return arb(fmpq(x.numerator, x.denominator))


# ---- all strictly monotone functions


def test_the_numbers_of_upward_closed_sets_are_dedekinds_less_the_empty_one():
    assert [len(acceptance.upsets(size)) for size in range(1, 6)] == [2, 5, 19, 167, 7580]
    with pytest.raises(InputError, match="n: 6 must be between 1 and 5"):
        acceptance.upsets(6)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_sets_of_accepted_points_are_those_of_all_strictly_monotone_functions(size):
    """Against functions themselves: all with values 0..3 for n <= 2; for n = 3 those that order a set S as the file says."""
    points = range(2**size)
    below = [(x, y) for x in points for y in points if x != y and x & y == x]
    if size < 3:
        functions = [f for f in itertools.product(range(4), repeat=2**size) if all(f[x] < f[y] for x, y in below)]
        found = {(x, sum(1 << y for y in points if f[y] >= f[x])) for f in functions for x in range(2**size - 1)}
        found |= {(x, sum(1 << y for y in points if f[y] > f[x] or y == x)) for f in functions for x in range(2**size - 1)}
        assert found == set(acceptance.acceptances(size))
    for x, accepted in acceptance.acceptances(size):
        f = [(2 if accepted >> y & 1 else 0) * 10 + y.bit_count() for y in points]
        f[x] = 10
        assert all(f[a] < f[b] for a, b in below)
        assert accepted == sum(1 << y for y in points if f[y] >= f[x])


def test_one_step_statements_hold_on_every_strictly_monotone_function():
    for size in (1, 2, 3):
        for decide in (
            acceptance.slow_drift_holds,
            acceptance.pessimist_bounds,
            acceptance.harris_holds,
            acceptance.more_ups_holds,
        ):
            assert decide(size)


@pytest.mark.parametrize("name", ["slow_drift_holds", "pessimist_bounds", "more_ups_holds"])
def test_a_function_that_is_not_monotone_is_found_out(monkeypatch, name):
    decide = getattr(acceptance, name).__wrapped__
    assert decide(3)
    bad = (0b011, 1 << 0b011 | 1 << 0b001 | 1 << 0b000)  # from 011 only worse points are accepted
    if name == "more_ups_holds":
        bad = (0b000, 1 << 0b000 | 1 << 0b001)  # the larger point 011 is refused: fewer ups than chance has
    monkeypatch.setattr(acceptance, "acceptances", lambda size: iter([bad]))
    assert not decide(3)


def test_harris_needs_that_acceptance_falls_with_the_flipped_one_bits(monkeypatch):
    bad = (0b011, 1 << 0b011 | 1 << 0b100 | 1 << 0b111)  # 100 accepted, 101 and 110 not: losing two is better than one
    monkeypatch.setattr(acceptance, "acceptances", lambda size: iter([bad]))
    assert not acceptance.harris_holds.__wrapped__(3)


# ---- the pessimist's drift at p = 1/n


def test_the_step_law_is_the_process():
    for size, z, p in ((3, 2, Fraction(1, 3)), (5, 1, Fraction(2, 5)), (6, 6, Fraction(1, 7))):
        law = poea.step_law(z, size, p)
        assert sum(law.values()) == 1
        put = {"n": size, "c": p * size}
        assert all(PESSIMIST.transition(z, to, **put) == pytest.approx(float(law.get(to, 0))) for to in range(size + 1))


@pytest.mark.parametrize("size", [2, 3, 7, 20, 40])
def test_the_lower_bound_on_the_drift_is_one_and_nearly_sharp(size):
    g = [0.0]
    for k in range(1, size + 1):
        g.append(g[-1] + size * math.log1p(size / (k - 0.5) ** 2))
    for z in range(1, size + 1):
        law = poea.step_law(z, size, Fraction(1, size))
        exact = sum(float(x) * (g[z] - g[to]) for to, x in law.items())
        low = float(poea.lower_drift(z, size).mid())
        assert low <= exact * (1 + 1e-12)
        assert size < 7 or low >= (0.999 if z == 1 else 0.75) * exact


def test_the_boxes_bound_the_drift_from_below_also_where_they_are_points():
    draw = random.Random(5)
    for _ in range(1500):
        size = int(60 * 10 ** (6 * draw.random()))
        z = max(1, int(size ** draw.random()))
        true = poea.lower_drift(z, size)
        square = ball(Fraction(z * z, size))
        for box in ((square, None), (None, 1 / square)):
            low = poea._box(ball(Fraction(1, z)), ball(Fraction(1, size)), ball(Fraction(z, size)), *box)
            assert low <= true.upper() and low > 0.85 * true


def test_the_boxes_contain_what_lies_in_them():
    draw = random.Random(6)
    for _ in range(300):
        size, z = draw.randint(60, 10**5), 0
        z = draw.randint(1, size)
        wide = [
            ball(Fraction(x)).union(ball(Fraction(x) * Fraction(draw.randint(100, 130), 100)))
            for x in (Fraction(1, z), Fraction(1, size), Fraction(z, size), Fraction(z * z, size))
        ]
        assert poea._box(*wide, None) <= poea.lower_drift(z, size).upper()
        assert poea._box(*wide[:3], None, 1 / wide[3]) <= poea.lower_drift(z, size).upper()


def test_the_drift_of_the_potential_is_at_least_eleven_twelfths_for_every_n():
    assert poea.drift_is_at_least(Fraction(11, 12))
    assert poea.drift_is_at_least(Fraction(11, 12), first=150)  # wherever the boxes begin
    assert not poea.drift_is_at_least(Fraction(919, 1000))  # at z = 2 it tends to 0.9187...
    assert bool(poea.lower_drift(2, 10**9) < 0.919)
    with pytest.raises(InputError, match="first: 10 must be larger than 24"):
        poea.drift_is_at_least(first=10)


def test_another_potential_is_refuted(monkeypatch):
    """Without the shift by 1/2 the drift at z = 1 tends to 2 E[ln B!] = 0.61."""
    monkeypatch.setattr(poea, "weight", lambda k, size: (1 + ball(Fraction(size, k * k))).log())
    assert not poea.drift_is_at_least(Fraction(11, 12))


# ---- the bounds


def named(process, text):
    return [b for b in process.bounds() if text in str(b.expr) and b.quantity == "E[T]" and b.direction == "upper"]


def test_at_rate_one_the_pessimist_takes_at_most_twelve_pi_elevenths_n_to_the_three_halves():
    (bound, from_k) = named(PESSIMIST, "pi*n**(3/2)") + named(PESSIMIST, "atan")
    assert bound.status == from_k.status == "derived"
    for size in (2, 3, 5, 10, 50, 200, 400):
        exact = expected_runtime(PESSIMIST, n=size, c=1, start="zeros")
        assert exact <= from_k.evaluate(n=size, c=1, k=size) <= bound.evaluate(n=size, c=1)
        assert size < 50 or bound.evaluate(n=size, c=1) < 1.42 * exact
        for zeros in (1, 2, size // 2):
            assert expected_runtime(PESSIMIST, n=size, c=1, start=zeros) <= from_k.evaluate(n=size, c=1, k=zeros)
    assert bound.evaluate(n=100, c=1) == pytest.approx(12 * math.pi / 11 * 1000)
    assert not bound.holds_for(n=100, c=Fraction(99, 100)) and not bound.holds_for(n=1, c=1)


def test_the_published_exact_times_at_rate_one_are_met():
    for size, expected in ((10, 63.56613186), (50, 844.7008069), (200, 6981.197054)):
        assert expected_runtime(PESSIMIST, n=size, c=1) == pytest.approx(expected, rel=1e-9)


def test_the_heuristic_leading_constant_is_approached_from_above():
    (bound,) = (b for b in PESSIMIST.bounds() if b.direction == "asymptotic")
    assert bound.status == "heuristic"
    ratios = [expected_runtime(PESSIMIST, n=size, c=1, start="zeros") / bound.evaluate(n=size, c=1) for size in (200, 400, 800)]
    assert 1.06 > ratios[0] > ratios[1] > ratios[2] > 1 and ratios[2] < 1.04
    assert bound.evaluate(n=1_000_000, c=1) == pytest.approx(2.4268e9, rel=1e-4)


@pytest.mark.parametrize("constant", [Fraction(1, 10), Fraction(1, 2), Fraction(9, 10)])
@pytest.mark.parametrize("problem", [PartiallyOrderedEA(), PartiallyOrderedEA("1/2"), BinVal()], ids=str)
def test_below_one_multiplicative_and_variable_drift_bound_every_one_of_them(constant, problem):
    process = OnePlusOneEA(c / n).on(problem)
    (simple,) = (b for b in process.bounds() if str(b.expr) == "n*(log(n) + 1)/(c*(1 - c))" and b.quantity == "E[T]")
    (sharper,) = (b for b in named(process, "Sum") if b.expr.has((1 - c / n) ** sympy.Symbol("z", integer=True, positive=True)))
    for size in (1, 2, 4, 8) if isinstance(problem, BinVal) else (1, 2, 10, 60):
        if constant >= size:
            continue
        exact = expected_runtime(process, n=size, c=constant, start="zeros")
        assert exact <= sharper.evaluate(n=size, c=constant) * (1 + 1e-12)
        assert sharper.evaluate(n=size, c=constant) <= simple.evaluate(n=size, c=constant)
    assert not simple.holds_for(n=10, c=1) and sharper.holds_for(n=10, c=1)


def test_a_planted_drift_is_refuted_on_the_chain():
    from theory.bounds.common import p
    from theory.bounds.monotone import drift_premise
    from theory.symbols import k

    (good,), (bad,) = (drift_premise(PESSIMIST, x) for x in (k * p * (1 - n * p), k * p * (1 - n * p / 2)))
    assert good.fact.replay().holds is True and bad.fact.replay().holds is False


# ---- far from the optimum, c > 1


@pytest.mark.parametrize("constant", [Fraction(11, 10), Fraction(3, 2), Fraction(2), Fraction(3)])
def test_the_drift_is_positive_where_it_is_said_to_be(constant):
    for size in (2, 3, 4):
        if constant >= size:
            continue
        first = far.drift_is_positive_from(size, constant)
        p = constant / size
        for x, accepted in acceptance.acceptances(size):
            z = size - x.bit_count()
            law = acceptance.gains(x, accepted, size, p)
            drift = sum(d * chance for d, chance in enumerate(law, start=-size))
            assert drift > 0 or z < first
            chance = sum(
                p ** (x ^ y).bit_count() * (1 - p) ** (size - (x ^ y).bit_count())
                for y in range(2**size)
                if accepted >> y & 1 and y & ~x
            )
            assert drift >= chance * (z * p / (1 - (1 - p) ** z) - p * (size - z))


def test_the_density_of_positive_drift_is_the_limit_and_has_its_first_order():
    for constant in ("1.01", "1.1", "2", "3"):
        density = float(far.positive_drift_density(constant))
        assert far.drift_is_positive_from(2000, constant) / 2000 == pytest.approx(density, abs=2e-3)
    small = float(far.positive_drift_density("1.0001"))
    assert small == pytest.approx(2 / 3 * 0.0001 / 1.0001, rel=1e-3)
    assert far.positive_drift_density(1) == 0 and far.drift_is_positive_from(50, 1) == 1
    with pytest.raises(InputError, match="c: 60 must be positive and less than n = 50"):
        far.drift_is_positive_from(50, 60)
