"""x E_1(x), whose maximum is 1/beta: the facts behind the optimal schedule, each decided anew.

H. Einarsson, M. M. Gauy, J. Lengler, F. Meier, A. Mujika, A. Steger, F. Weissenberger, TCS 785 (2019); derived
here.

Notation: E_1(x) = integral from x to infinity of e^-u/u du. tau = t/(n ln n). M = max x E_1(x) = 1/beta, reached at x* alone.

- p_s = a ln s/s has n p_s -> a/tau, so that the log-progress L_n(t), the sum of p_s (1-p_s)^(n-1) over s <= t, is
  (1 + o(1)) ln n * integral from 0 to tau of (a/u) e^(-a/u) du = (1 + o(1)) a E_1(a/tau) ln n.
- It reaches ln n at tau = beta(a), where a E_1(a/beta) = 1: with x = a/beta, beta = 1/(x E_1(x)).
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import sympy
from sympy import Expr, Symbol, diff, exp, expint

if TYPE_CHECKING:
    from flint import arb

x = Symbol("x", positive=True)
HERE = "theory.hidden_subset.functional:"


def e1(value: arb) -> arb:
    """E_1 in balls.

    >>> from flint import arb
    >>> e1(arb(1))
    [0.219383934395520 +/- ...]
    """
    from flint import arb

    return value.expint(arb(1))


def derivatives_are_as_claimed() -> bool:
    """Decide, symbolically: the derivatives on which the derivation rests.

    (x E_1)' = E_1 - e^-x; its derivative is e^-x (1 - 1/x); (e^x E_1)' = e^x E_1 - 1/x; the log-progress a E_1(a/tau) grows by
    (a/tau) e^(-a/tau); and E_1(p nu) falls by e^(-p nu)/nu.

    >>> derivatives_are_as_claimed()
    True
    """
    a, tau, p, nu = (Symbol(name, positive=True) for name in ("a", "tau", "p", "nu"))
    e = expint(1, x)
    pairs = (
        (diff(x * e, x), e - exp(-x)),
        (diff(e - exp(-x), x), exp(-x) * (1 - 1 / x)),
        (diff(exp(x) * e, x), exp(x) * e - 1 / x),
        (diff(a * expint(1, a / tau), tau), a / tau * exp(-a / tau)),
        (diff(expint(1, p * nu), nu), -exp(-p * nu) / nu),
    )
    return all(sympy.simplify(sympy.expand_func(left - right)) == 0 for left, right in pairs)


def maximiser_is_enclosed(digits: int, offset: Fraction = Fraction(0)) -> bool:
    """Decide, in balls: the derivative of x E_1(x) changes its sign, from + to -, within 10^-digits of x* (shifted by an offset).

    >>> maximiser_is_enclosed(30), maximiser_is_enclosed(30, Fraction(1, 10**9))
    (True, False)
    """
    import mpmath
    from flint import arb, ctx

    from theory.constants import hidden_subset_x

    with ctx.workprec(8 * digits + 64):
        centre = arb(mpmath.nstr(hidden_subset_x(digits + 20), digits + 15)).mid() + arb(offset.numerator) / offset.denominator
        step = arb(10) ** -digits
        below, above = ((e1(y) - (-y).exp()) for y in (centre - step, centre + step))
        return bool(below > 0 and above < 0)


def has_one_maximum(top: int = 10) -> bool:
    """Decide, in balls: E_1(x) < e^-x/x on [1/100, top], so that e^x E_1(x) falls there and equals 1 only once.

    On [a, b] it is enough that E_1(a) < e^-b/b, as both sides fall. (For every x > 0: E_1(x) < (1/x) * integral of e^-u.)

    >>> has_one_maximum()
    True
    """
    from flint import arb

    a = Fraction(1, 100)
    while a < top:
        b = Fraction(int((a + min(a, Fraction(1)) / 30) * 10**6), 10**6)
        right = arb(b.numerator) / b.denominator
        if not e1(arb(a.numerator) / a.denominator) < (-right).exp() / right:
            return False
        a = b
    return True


def falls_off(part: Fraction = Fraction(1, 10), loss: Fraction = Fraction(1, 400)) -> bool:
    """Decide, in balls: x E_1(x) is less than (1 - loss)/beta wherever x is off x* by a part of it; it has one maximum.

    >>> falls_off(), falls_off(loss=Fraction(1, 300))
    (True, False)
    """
    import mpmath
    from flint import arb, ctx

    from theory.constants import hidden_subset_beta, hidden_subset_x

    with ctx.workprec(128):
        best, beta = (arb(mpmath.nstr(f(30), 30)) for f in (hidden_subset_x, hidden_subset_beta))
        ends = [best * (1 + sign * arb(part.numerator) / part.denominator) for sign in (-1, 1)]
        return all(bool(y * e1(y) * beta < 1 - arb(loss.numerator) / loss.denominator) for y in ends)


def progress_is_one(a: Expr, tau: Expr, digits: int = 15) -> bool:
    """Decide, in balls: a E_1(a/tau) = 1 up to 10^-digits.

    >>> one = sympy.Integer(1)
    >>> progress_is_one(one, sympy.Float("3.77733358209", 12), 9), progress_is_one(one, sympy.Integer(3))
    (True, False)
    """
    from flint import arb, ctx

    with ctx.workprec(8 * digits + 64):
        given, time = (arb(str(sympy.N(value, digits + 10))) for value in (a, tau))
        return bool(abs(given * e1(given / time) - 1) < arb(10) ** -digits)


def constants_are(alpha: Expr, beta: Expr, digits: int = 15) -> bool:
    """Decide: beta = 1/max x E_1(x) and alpha = beta x*, up to 10^-digits.

    >>> from theory.constants import hidden_subset_alpha, hidden_subset_beta
    >>> best = [sympy.Float(str(f(20)), 20) for f in (hidden_subset_alpha, hidden_subset_beta)]
    >>> constants_are(*best), constants_are(best[0], best[1] * 2)
    (True, False)
    """
    from theory.constants import hidden_subset_x

    x_star = sympy.Float(str(hidden_subset_x(digits + 15)), digits + 15)
    near = abs(sympy.N(alpha, digits + 10) / (sympy.N(beta, digits + 10) * x_star) - 1)
    return progress_is_one(alpha, beta, digits) and bool(near < sympy.Float(10) ** -digits)


def maximum_is_one_over_beta(digits: int) -> bool:
    """Decide, in balls: x* E_1(x*) and 1/beta agree to so many digits.

    >>> maximum_is_one_over_beta(30)
    True
    """
    import mpmath
    from flint import arb, ctx

    from theory.constants import hidden_subset_beta, hidden_subset_x

    with ctx.workprec(8 * digits + 64):
        y, beta = (arb(mpmath.nstr(f(digits + 20), digits + 15)) for f in (hidden_subset_x, hidden_subset_beta))
        return bool(abs(y * e1(y) * beta - 1) < arb(10) ** -digits)
