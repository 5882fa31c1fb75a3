"""When HotTopic is hard: the number of zero-bits grows near the optimum iff Phi(c, alpha) > 0.

J. Lengler, A. Steger, Combinatorics, Probability and Computing 27 (2018); J. Lengler, *A general dichotomy of evolutionary
algorithms on monotone functions*, IEEE Transactions on Evolutionary Computation 24 (2020).

Notation: rate c/n; the current level's set A holds alpha n bits with weight n, the rest R weight 1; a, r are the densities of
zero-bits in A and R. To first order in a = r = eps and as n grows, in one step

* A improves (one of its zero-bits flips, none of its one-bits): probability c alpha eps e^(-c alpha). Then R is mutated without
  selection and gains c (1 - alpha) zero-bits.
* A is untouched (e^(-c alpha)): R is OneMax and loses c (1 - alpha) eps e^(-c (1 - alpha)).

So the change of the number of zero-bits, divided by c eps (1 - alpha) e^(-c alpha), is

    Phi(c, alpha) = c alpha - e^(-c (1 - alpha)) - alpha/(1 - alpha).

For a mutation that flips r uniform bits with probability p_r the same count gives :func:`phi_of_law`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import sympy
from flint import arb, ctx, fmpq
from sympy import Expr, Symbol, exp

from theory.errors import InputError
from theory.parse import expression
from theory.symbols import c
from theory.values import exact, number

alpha = Symbol("alpha", positive=True)
"""The share of bits that are hot; below 1."""

GAIN = c * alpha * exp(-c * alpha) * c * (1 - alpha)
"""Expected number of zero-bits gained in R by steps in which A improves, divided by eps."""
LOSS_HOT = c * alpha * exp(-c * alpha)
"""Expected number of zero-bits lost in A, divided by eps."""
LOSS_REST = exp(-c * alpha) * c * (1 - alpha) * exp(-c * (1 - alpha))
"""Expected number of zero-bits lost in R by steps that leave A alone, divided by eps."""
_MOST_FLIPS = 10**6
PHI = c * alpha - exp(-c * (1 - alpha)) - alpha / (1 - alpha)
"""(GAIN - LOSS_HOT - LOSS_REST) / (c (1 - alpha) e^(-c alpha))."""


def phi(rate: Any, share: Any) -> Expr:
    """Phi(c, alpha) as an expression or a number.

    >>> phi(c, alpha) == PHI
    True
    >>> round(float(phi(sympy.Rational(11, 5), sympy.Rational(1, 4))), 6)
    0.024617
    """
    known = {"c": c, "alpha": alpha}
    return PHI.subs({c: expression(rate, "rate", known), alpha: expression(share, "share", known)}, simultaneous=True)


def phi_is_positive(c: Any, alpha: Any) -> bool:
    """Prove Phi(c, alpha) > 0 by balls.

    >>> phi_is_positive(Fraction(11, 5), Fraction(1, 4)), phi_is_positive(2, Fraction(1, 4))
    (True, False)
    """
    with ctx.workprec(128):
        return bool(_phi(_ball(_rate(c)), _ball(_share(alpha))) > 0)


def phi_is_negative_for_all_shares(c: Any) -> bool:
    """Prove Phi(c, alpha) < 0 for every alpha in (0, 1), by balls: HotTopic isn't hard near its optimum at this rate.

    Phi is concave in alpha (its second derivative is -c^2 e^(-c (1-alpha)) - 2/(1-alpha)^3), so it lies below its tangent at any
    alpha_1: Phi <= Phi(alpha_1) + |Phi'(alpha_1)|. alpha_1 is taken close to the maximum.

    >>> phi_is_negative_for_all_shares("2.13"), phi_is_negative_for_all_shares("2.14")
    (True, False)
    """
    rate = _rate(c)
    if rate <= 1:  # Phi' <= c - 1/(1-alpha)^2 <= 0 and Phi(0) < 0
        return True
    with ctx.workprec(256):
        x = _ball(rate)

        def slope(share: arb) -> arb:
            return x - x * (-x * (1 - share)).exp() - 1 / (1 - share) ** 2

        low, high = Fraction(0), Fraction(1)
        for _ in range(100):
            middle = (low + high) / 2
            low, high = (middle, high) if slope(_ball(middle)) > 0 else (low, middle)
        share = _ball(low)
        return bool(_phi(x, share) + abs(slope(share)) < 0)


def good_shares(c: Any, digits: int = 15) -> tuple[Any, Any] | None:
    """The interval of alpha with Phi(c, alpha) > 0, as two mpmath numbers; None for c below the threshold.

    Phi is concave in alpha: its second derivative is -c^2 e^(-c (1-alpha)) - 2/(1-alpha)^3.

    Examples
    --------
    >>> [round(float(x), 8) for x in good_shares("2.5")]
    [0.06823266, 0.48231357]
    >>> good_shares(2) is None
    True
    """
    import mpmath

    from theory.constants import check_digits

    check_digits(digits)
    rate = _rate(c)
    with mpmath.workdps(digits + 15):
        x = mpmath.mpf(rate.numerator) / rate.denominator

        def value(share: Any) -> Any:
            return x * share - mpmath.exp(-x * (1 - share)) - share / (1 - share)

        def slope(share: Any) -> Any:
            return x - x * mpmath.exp(-x * (1 - share)) - (1 - share) ** -2

        if slope(mpmath.mpf(0)) <= 0:
            return None
        top = _bisect(slope, mpmath.mpf(0), 1 - mpmath.mpf(10) ** -6, digits + 12)
        if value(top) <= 0:
            return None
        low = _bisect(lambda s: -value(s), mpmath.mpf(0), top, digits + 12)
        high = _bisect(value, top, 1 - mpmath.mpf(10) ** -6, digits + 12)
    with mpmath.workdps(digits):
        return +low, +high


def _bisect(function: Any, low: Any, high: Any, digits: int) -> Any:
    """The zero of a function that falls from positive to negative values."""
    import mpmath

    for _ in range(int(digits * 3.33) + 8):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) > 0 else (low, middle)
    return mpmath.mpf(low + high) / 2


def threshold(digits: int = 15) -> tuple[Any, Any]:
    """(c_0, alpha*): the smallest c with max over alpha of Phi(c, alpha) >= 0, see :mod:`theory.constants.hottopic`.

    >>> [round(float(x), 10) for x in threshold()]
    [2.1369288434, 0.2371345943]
    """
    from theory.constants import hottopic_hot_fraction, hottopic_threshold

    return hottopic_threshold(digits), hottopic_hot_fraction(digits)


def threshold_bracket(digits: int = 8) -> tuple[Fraction, Fraction]:
    """Decimals 10^-digits apart around c_0: at the lower Phi < 0 for all alpha, at the upper Phi > 0 somewhere, by balls.

    >>> [float(x) for x in threshold_bracket(5)]
    [2.13692, 2.13693]
    """
    if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= 12:
        raise InputError(f"digits: {digits!r} must be an integer from 1 to 12")
    at, share = threshold(digits + 20)
    low = Fraction(int(at * 10**digits), 10**digits)
    high = low + Fraction(1, 10**digits)
    best = Fraction(int(share * 10 ** (digits + 12)), 10 ** (digits + 12))
    assert phi_is_negative_for_all_shares(low) and phi_is_positive(high, best)
    return low, high


def phi_of_law(law: Mapping[int, Any], share: Any) -> Any:
    """Phi_p(alpha) of a mutation that flips r uniform bits with probability p_r.

    Phi_p = alpha sum r (r-1) p_r (1-alpha)^(r-1) - alpha sum r p_r (1-alpha)^(r-1) - p_1 (1-alpha), the expected change of the
    number of zero-bits divided by eps: the Poisson law gives back Phi times c (1 - alpha) e^(-c alpha).

    Parameters
    ----------
    law : mapping of r to p_r
    share : number or expression
        alpha.

    Examples
    --------
    >>> phi_of_law({1: 1}, alpha)
    -1
    >>> sympy.expand(phi_of_law({3: 1}, sympy.Rational(1, 4)))
    27/64
    """
    x: Any = share
    total: Any = 0
    for r, chance in law.items():
        if isinstance(r, bool) or not isinstance(r, int) or not 0 <= r <= _MOST_FLIPS:
            raise InputError(f"law: {r!r} must be a number of flips, an integer from 0 to {_MOST_FLIPS}")
        if r:
            total += chance * (r * (r - 2) * x * (1 - x) ** (r - 1) - (1 - x if r == 1 else 0))
    return sympy.expand(total) if isinstance(total, Expr) else total


def _phi(x: arb, share: arb) -> arb:
    return x * share - (-x * (1 - share)).exp() - share / (1 - share)


def _rate(value: Any) -> Fraction:
    rate = exact(number(value, "c"))
    if rate <= 0:
        raise InputError(f"c: {value!r} must be positive")
    return rate


def _share(value: Any) -> Fraction:
    share = exact(number(value, "alpha"))
    if not 0 < share < 1:
        raise InputError(f"alpha: {value!r} must lie between 0 and 1")
    return share


def _ball(x: Fraction) -> arb:
    return arb(fmpq(x.numerator, x.denominator))
