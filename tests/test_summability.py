"""Convergence from exponents, against Cauchy condensation, known sums, and quadrature; what can't be decided is refused."""

from __future__ import annotations

import itertools
from fractions import Fraction

import mpmath
import pytest
import sympy
from sympy import Integer, Rational, Symbol, log, sqrt

from theory.derivation import Derivation
from theory.errors import InputError
from theory.growth import growth, iterated_log
from theory.summability import converges, improve, leadingones_feasible, static_feasible, tail_bounds
from theory.symbols import n

EXPONENTS = [Fraction(x) for x in ("-1", "0", "1/2", "99/100", "1", "101/100", "2")]


def by_condensation(exponents) -> bool:
    """Cauchy: sum a_n and sum 2^k a_{2^k} converge together; that is 2^(k(1-e_0)) k^-e_1 (ln k)^-e_2 ... up to constants."""
    if not exponents:
        return False  # the terms are 1
    if exponents[0] != 1:
        return exponents[0] > 1  # a geometric series decides
    return by_condensation(exponents[1:])


def series(exponents):
    return sympy.Mul(*(iterated_log(j) ** -Rational(e.numerator, e.denominator) for j, e in enumerate(exponents)))


def test_iterated_logarithms_converge_as_their_condensed_series_do():
    for exponents in itertools.product(EXPONENTS, repeat=3):
        assert converges(exponents) is by_condensation(exponents), exponents
        assert converges(series(exponents)) is by_condensation(exponents), exponents


def test_an_excess_of_1e_minus_30_is_told_from_none_at_every_depth():
    """No partial sum could."""
    for depth in range(6):
        ones = [Integer(1)] * depth
        assert converges([*ones, 1 + Rational(1, 10**30)])
        assert not converges([*ones, 1 - Rational(1, 10**30)])
        assert not converges([*ones, 1])


def test_irrational_exponents_are_told_from_1():
    assert converges((1, sqrt(2)))
    assert not converges((sqrt(2) - Rational(1, 2), 5))
    assert converges((sqrt(3 + 2 * sqrt(2)) - sqrt(2), 2))  # the first one is 1
    assert not converges((sqrt(3 + 2 * sqrt(2)) - sqrt(2), 1))


def test_symbols_decide_by_their_assumptions_or_are_refused():
    eps = Symbol("eps", positive=True)
    assert converges((1, 1, 1 + eps)) and not converges((1, 1, 1 - eps))
    assert converges(1 / (n * log(n) ** (1 + eps)))
    with pytest.raises(InputError, match="can't be compared"):
        converges((1, Symbol("a", real=True)))


def test_floats_stand_for_the_decimals_that_they_print():
    assert not converges((1, 1.0)) and converges((1, 1.1))
    assert converges("1/n**1.0000001") and not converges("1/n**1.0")
    assert converges(n**-1.5)


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ("1/(n + 1)", False),
        ("1/(n*(n + 1))", True),
        ("(n**2 + n*log(n))/(n**4 - 7)", True),
        ("1/(n*log(n**2 + 1)**2)", True),
        ("1/(n*log(3*n))", False),
        ("1/(n*log(n, 2)*log(log(n, 2), 2)**2)", True),
        ("1/(sqrt(n)*sqrt(n)*log(log(log(n))))", False),
        ("1/(n*log(n + E - 1)**2)", True),
        ("Min(1/2, log(n)/n**2)", True),
        ("Max(1/n, 5/n**2)", False),
        ("1/(n*log(n)) + 1/n**2", False),
        ("1/(n*log(n*log(n)**3)**(3/2))", True),
        ("log(n)**1000/n**(1001/1000)", True),
        ("-1/(n*log(1/n))", False),
    ],
)
def test_expressions_are_read_up_to_factors_that_tend_to_constants(terms, expected):
    assert converges(terms) is expected


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ("2**(-n)", "not a product of powers"),
        ("exp(-sqrt(log(n)))", "not a product of powers"),
        ("n**(-n)", "not a product of powers"),
        ("1/Abs(floor(n/2))", "not a product of powers"),
        ("log(n + 1) - log(n)", "cancel"),
        ("log(1 + 1/n)", "tends to 0"),
        ("-1/n**2", "is negative"),
        ("0", "other than 0"),
        ("sqrt(7 - n)", "not real"),
        ("log(-n)", "not real"),
        ("log(log(1/n))", "not real"),
        ("1/m", "unknown symbol 'm'"),
        ("1/", "not a formula"),
        ([], "exponents"),
        (["x"], "not a number"),
        ((1, n), "exponents"),
        (sympy.oo, "real number"),
        (sympy.I / n**2, "real number"),
    ],
)
def test_what_is_not_decided_is_refused(terms, message):
    with pytest.raises(InputError, match=message):
        converges(terms)


def test_ten_logarithms_in_each_other_are_refused():
    with pytest.raises(InputError, match="more than 8 logarithms"):
        converges(1 / iterated_log(10))


# ---- feasible runtimes


def test_the_frontier_of_onemax_lies_at_the_products_of_all_logarithms():
    """n (ln n)^2 lnln n ... (ln^(s) n)^(1+eps): feasible for eps > 0 alone."""
    for s in range(2, 5):
        below = n * log(n) ** 2 * sympy.Mul(*(iterated_log(j) for j in range(2, s)))
        assert not static_feasible(below * iterated_log(s))
        assert static_feasible(below * iterated_log(s) ** Rational(1001, 1000))
    assert not static_feasible("n*log(n)**2") and static_feasible("n*log(n)**(2 + 1/10)")


def test_the_frontier_of_leadingones_lies_a_factor_of_n_over_log_n_higher():
    for f in ("n**2*log(n)", "n**2*log(n)*log(log(n))", "n**2"):
        assert not leadingones_feasible(f)
    for f in ("n**2*log(n)**(11/10)", "n**2*log(n)*log(log(n))**(11/10)", "n**3"):
        assert leadingones_feasible(f)
        assert leadingones_feasible(f) is static_feasible(growth(f).expr() * log(n) / n)


def test_no_feasible_runtime_is_the_best():
    f = growth("n*log(n)**2*log(log(n))**2").expr()
    for _ in range(5):
        better = improve(f)
        assert static_feasible(better.runtime) and converges(better.weights)
        assert sympy.simplify(better.weights * better.runtime - log(n)) == 0
        assert growth(better.runtime / f).powers[-1] < 0
        assert better.derivation.replay().holds is True
        assert Derivation.from_json(better.derivation.to_json()) == better.derivation
        f = better.runtime


def test_the_improved_runtime_is_f_times_the_root_of_the_tail():
    """Up to a constant factor, that the tails from quadrature show."""
    for f in ("n*log(n)**3", "n*log(n)**2*log(log(n))**3", "n**2"):
        expr = growth(f).expr()
        ratios = []
        for m in (10**3, 10**6, 10**12):
            at = sympy.lambdify(n, expr, "mpmath")
            tail = mpmath.quad(lambda u: u * mpmath.exp(u) / at(mpmath.exp(u)), [mpmath.log(m), 100, 10**4, mpmath.inf])
            ratios.append(
                float(sympy.lambdify(n, improve(f).runtime, "mpmath")(mpmath.mpf(m)) / (at(mpmath.mpf(m)) * mpmath.sqrt(tail)))
            )
        assert max(ratios) / min(ratios) < 1.12, (f, ratios)


def test_a_series_still_converges_after_division_by_the_root_of_its_tail():
    """Below 2 sqrt(r_1), here with r_n in closed form; after division by the whole tail it does not."""
    terms = [Fraction(1, k * (k + 1)) for k in range(1, 20_001)]  # r_k = 1/k
    assert sum(float(a) * k**0.5 for k, a in enumerate(terms, start=1)) < 2
    assert sum(float(a) * k for k, a in enumerate(terms, start=1)) > 9


def test_an_infeasible_runtime_cannot_be_improved():
    with pytest.raises(InputError, match="diverges"):
        improve("n*log(n)**2")
    assert improve("n**2*log(n)**2", per_term="n").runtime == n**2 * log(n) ** Rational(3, 2)


# ---- tails


@pytest.mark.parametrize("m", [1, 7, 1000])
def test_tails_of_powers_enclose_hurwitz_zeta(m):
    for exponent in ("2", "3/2", "11/10"):
        low, high = tail_bounds((exponent,), m)
        true = mpmath.zeta(mpmath.mpf(eval(exponent)), m)
        assert low < float(true) < high
        assert float((high - low).mid()) == pytest.approx(m ** -float(Fraction(exponent)))


@pytest.mark.parametrize(
    ("exponents", "m"),
    [((1, 2), 10), ((1, "3/2"), 50), ((1, 1, 2), 100), ((2, 3), 5), ((2, -1), 8), (("3/2", 1), 10), ((1, 2, 1), 40)],
)
def test_tails_lie_where_a_long_sum_and_quadrature_say(exponents, m):
    """The terms are convex, so that a tail is close to the middle of its bracket: to a tenth of a_m here."""
    low, high = tail_bounds(exponents, m)
    powers = [mpmath.mpf(eval(str(e))) for e in exponents]

    def a(x):
        value, level = mpmath.mpf(1), x
        for e in powers:
            value *= level**-e
            level = mpmath.log(level)
        return value

    def after(v):  # x = exp(exp(v))
        return a(mpmath.exp(mpmath.exp(v))) * mpmath.exp(v + mpmath.exp(v))

    end, last = mpmath.mpf(3000), 14
    head = mpmath.fsum(a(mpmath.mpf(i)) for i in range(m, 3000))
    integral = mpmath.quad(after, [mpmath.log(mpmath.log(end)), 3, 6, 9, 12, last])
    rest = {(1, "3/2"): 2 * mpmath.exp(-7), (1, 1, 2): mpmath.mpf(1) / 14}.get(exponents, 0)  # beyond x = exp(exp(14))
    true = float(head + integral + rest + a(end) / 2)
    assert low < true < high
    assert abs(float(((low + high) / 2).mid()) - true) < 0.1 * a(mpmath.mpf(m))


def test_the_tail_of_the_iterated_logarithms_has_the_closed_form():
    """I(m) = (ln^(s) m)^-eps/eps."""
    for s in (1, 2, 3):
        for eps in (Rational(1, 10), Rational(2)):
            m = 10**8
            low, high = tail_bounds([*([1] * s), 1 + eps], m)
            level = mpmath.mpf(m)
            for _ in range(s):
                level = mpmath.log(level)
            assert float(low.mid()) == pytest.approx(float(level ** -float(eps) / float(eps)), rel=1e-14)
            assert high > low


def test_the_integral_alone_is_no_upper_bound_and_both_ends_are_needed():
    low, high = tail_bounds((2,), 3)
    true = float(mpmath.zeta(2, 3))
    assert low < true < high
    assert not low + 0.4 * (high - low) > true and low + 0.6 * (high - low) > true


@pytest.mark.parametrize(
    ("terms", "first", "message"),
    [
        ("1/n", 5, "diverges"),
        ("1/(n*(n + 1))", 5, "write it as one"),
        ("1/(n*log(n)**2)", 1, "not positive"),
        ("1/(n*log(n)*log(log(n))**2)", 2, "not positive"),
        ("log(n)**3/n**2", 2, "not certain to fall"),
        ("1/(n**2*log(n)*log(log(n)))", 20, "no closed form"),
        ("c/n**2", 5, "c has no value"),
        ("1/n**2", 0, "positive integer"),
        ("1/n**2", "x", "not a number"),
    ],
)
def test_tails_that_are_not_enclosed_are_refused(terms, first, message):
    with pytest.raises(InputError, match=message):
        tail_bounds(terms, first)
