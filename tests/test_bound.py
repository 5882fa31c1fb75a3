"""Bound: values, conditions, starts, text."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy

from theory import RLS, BinVal, InputError, LeadingOnes, Linear, OneMax, OnePlusOneEA, c, k, n
from theory.balls import at, ball, certain
from theory.bound import Bound, Source
from theory.symbols import t

PLAIN = (sympy.Gt(c, 0, evaluate=False), c < n)
ONEMAX = OnePlusOneEA(rate=c / n).on(OneMax())
FIRST = ONEMAX.bounds()[0]


def test_the_first_bound_on_onemax_reads_as_documented():
    assert FIRST.expr == (1 - c / n) ** (1 - n) * n / c * (sympy.log(n) + 1)
    assert str(FIRST) == (
        "E[T] <= n*(1 - c/n)**(1 - n)*(log(n) + 1)/c   upper, 0 < c < n, any start   "
        "multiplicative drift (Doerr, Johannsen, Winzen 2012)"
    )
    assert FIRST._repr_latex_().startswith(r"$\mathrm{E}[T] \le \frac{n \left(1 - \frac{c}{n}\right)^{1 - n}")


@pytest.mark.parametrize("size, value", [(10, 85.24550), (100, 1516.01863), (1000, 21484.75883)])
def test_multiplicative_drift_on_onemax_has_the_known_values(size, value):
    assert FIRST.evaluate(n=size, c=1) == pytest.approx(value, abs=1e-5)


@pytest.mark.parametrize("size, alpha, value", [(10, 2.3828, 378.2752), (100, 2.6445, 5116.0272), (1000, 2.8822, 61320.0828)])
def test_witts_bound_minimised_over_alpha_has_the_known_values(size, alpha, value):
    bound = next(b for b in ONEMAX.bounds() if b.minimise_over and b.quantity == "E[T]")
    assert bound.evaluate(n=size, c=1) == pytest.approx(value, abs=1e-4)
    assert bound.best_parameter(n=size, c=1) == pytest.approx(alpha, abs=1e-4)
    assert bound.evaluate(n=size, c=1, alpha=2) > value  # any alpha > 1 gives a bound, this one a worse one


def test_values_may_be_texts_floats_and_numpy_integers_and_a_decimal_is_meant_exactly():
    assert FIRST.evaluate(n=np.int64(10), c="1/2") == FIRST.evaluate(n=10.0, c=0.5)
    assert FIRST.evaluate(n=10, c=0.1) == FIRST.evaluate(n=10, c="0.1")


@pytest.mark.parametrize(
    "values, names",
    [
        ({"n": 10}, "c"),
        ({"n": 10, "c": 10}, "0 < c < n"),
        ({"n": 0, "c": 1}, "n"),
        ({"n": 2.5, "c": 1}, "n"),
        ({"n": 10, "c": float("nan")}, "c"),
        ({"n": 10, "c": 1, "m": 3}, "m"),
        ({"n": 10, "c": -1}, "0 < c < n"),
    ],
)
def test_evaluate_refuses_values_outside_the_conditions_and_names_them(values, names):
    with pytest.raises(InputError, match=names):
        FIRST.evaluate(**values)


def test_holds_for_is_decided_exactly_at_the_border():
    assert FIRST.holds_for(n=10, c="9.99999999999999999999") and not FIRST.holds_for(n=10, c=10)
    assert not FIRST.holds_for(n=1, c=1)


def test_a_theta_statement_has_no_value():
    with pytest.raises(InputError, match="theta"):
        Bound("E[T]", "theta", n**2).evaluate(n=3)


def test_bounds_larger_than_every_float_are_infinite_and_not_an_error():
    assert FIRST.evaluate(n=10**6, c=999999) == math.inf
    witt = next(b for b in ONEMAX.bounds() if b.minimise_over and b.quantity == "E[T]")
    assert witt.evaluate(n=10**4, c=5000) == math.inf
    found = [
        b for b in ONEMAX.bounds() if b.holds_for(n=10**5, c=50000, k=99999) and b.direction not in ("asymptotic", "threshold")
    ]
    values = [(b.evaluate(n=10**5, c=50000, k=99999, t=3), b.direction) for b in found]
    assert len(found) > 8 and all(value > 1 or (direction == "lower" and value >= 0) for value, direction in values)


def test_a_tail_bound_takes_integer_times_only():
    tail = next(b for b in ONEMAX.bounds() if b.quantity == "P[T > t]")
    assert tail.evaluate(n=10, c=1, t=0) == 10 and tail.holds_for(n=10, c=1)
    with pytest.raises(InputError, match="t: 1.5"):
        tail.evaluate(n=10, c=1, t=1.5)
    assert str(t) in tail.needed


def test_the_start_decides_what_a_bound_speaks_of():
    anywhere = FIRST
    uniform = next(b for b in ONEMAX.bounds() if b.start == "uniform")
    from_k = next(b for b in ONEMAX.bounds() if b.start == k)
    fixed = Bound("E[T]", "upper", n, start=3)
    bits = np.array([1, 0, 0, 0, 1])
    for start in ("uniform", "zeros", "worst", 3, bits):
        assert anywhere.covers(start, 5)
    assert uniform.covers("uniform", 5) and not any(uniform.covers(s, 5) for s in ("zeros", "worst", 3, bits))
    assert from_k.covers(3, 5) and from_k.covers("zeros", 5) and from_k.covers(bits, 5)
    assert not from_k.covers("uniform", 5) and not from_k.covers("worst", 5)
    assert fixed.covers(3, 5) and fixed.covers(bits, 5) and fixed.covers("zeros", 3)
    assert not fixed.covers(2, 5) and not fixed.covers("zeros", 5) and not fixed.covers([1, 1, 1, 0, 0], 5)
    assert from_k.start_values("zeros", 5) == {"k": 5} and from_k.start_values(bits, 5) == {"k": 3}
    assert anywhere.start_values("uniform", 5) == {}


def test_bounds_in_k_are_kept_from_problems_whose_optimum_is_not_all_ones():
    bounds = RLS().on(Linear([1, -1, 2])).bounds()
    assert bounds and all(b.start != k for b in bounds)


def test_every_source_with_a_bibtex_entry_has_the_fields_of_one():
    for process in (ONEMAX, OnePlusOneEA(c / n).on(LeadingOnes()), OnePlusOneEA(c / n).on(BinVal())):
        for bound in process.bounds():
            text = bound.source.bibtex
            if text:
                assert text.startswith("@") and text.count("{") == text.count("}")
                assert all(word in text for word in ("author", "title", "year"))
            else:
                assert bound.source.text in ("coupon collector", "geometric waiting time")
    assert str(Source("a text")) == "a text"


def test_ball_arithmetic_agrees_with_sympy_on_every_function_that_bounds_use():
    j = sympy.Symbol("j", integer=True, positive=True)
    for expr in (
        sympy.harmonic(n) + sympy.binomial(n, 3) * sympy.factorial(k),
        sympy.Sum(sympy.binomial(n, j) / j, (j, 1, n)),
        sympy.Sum(sympy.Sum(j * k, (k, 1, j)), (j, 1, n)),
        sympy.Piecewise((n, n < 3), (sympy.sqrt(n), True)) + sympy.Min(n, 3) - sympy.Max(k, 2) + abs(k - n),
        (1 - 2 * c / n) ** k + sympy.floor(n / 2) + sympy.ceiling(c) + sympy.pi + sympy.EulerGamma,
    ):
        for size in (1, 2, 5):
            value = expr.subs({n: size, c: sympy.Rational(7, 3), k: 3}).doit().evalf(30)
            assert float(at(expr, {n: size, c: sympy.Rational(7, 3), k: 3}).mid()) == pytest.approx(float(value), rel=1e-14)


def test_a_ball_contains_every_value_of_the_expression_on_its_box():
    from flint import arb

    expr = c * sympy.exp(-c) / (1 + c**2)
    box = {c: arb(0.5).union(arb(2.5))}
    values = [float(expr.subs(c, x)) for x in np.linspace(0.5, 2.5, 41)]
    assert all(ball(expr, box).contains(arb(x)) for x in values)
    assert certain(c < n, {c: 1, n: 1}) is False
