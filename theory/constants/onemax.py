"""OneMax: the second-order term of E[T] = (e^c/c) n ln n + C_1(c) n + o(n) at rate c/n.

H.-K. Hwang, A. Panholzer, N. Rolin, T.-H. Tsai, W.-M. Chen, *Probabilistic analysis of the (1+1)-evolutionary algorithm*,
Evolutionary Computation 26 (2018), for c = 1; that E[T] has this form for every c is derived in
:mod:`theory.bounds.onemax_expansion`.

Notation. With x = k/n the zero-bits fall by Delta_c(x) = E[(U - D)^+] a step, U ~ Poi(c x) and D ~ Poi(c (1 - x)). From x = 1/2

    C_1(c) = e^c/c (gamma - ln 2 + integral over (0, 1/2) of c e^-c/Delta_c(x) - 1/x).

With Delta_c(x) = c x e^-c S(x) the integrand is (1/S - 1)/x, and for i = k + m - 1 in the double sum over D = k, U = k + m

    S(x) = sum over i >= 0 of (c x)^i/(i+1)! T_i,    T_i = sum over k <= i of (i + 1 - k) (c (1 - x))^k/k!,

so that S is entire, S(0) = 1, and Q = (S - 1)/x is the sum over i >= 1 divided by x: the integrand -Q/(1 + x Q) has no
singularity at 0. On |x| <= R, |c (1 - x)| <= Y, the terms after the I-th add up to at most 2 c (c R)^I/(I+1)! e^Y, once
2 c R <= I + 1. The integral is enclosed by Gauss-Legendre rules with the error bounds of Petras (F. Johansson, *Numerical
integration in arbitrary-precision ball arithmetic*, ICMS 2018; python-flint's ``acb.integral``), for meromorphic integrands.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from theory.constants import check_digits

if TYPE_CHECKING:
    from flint import acb, arb


def onemax_second_order(c: Any = 1, digits: int = 15) -> Any:
    """C_1(c), the coefficient of n in E[T] of the (1+1) EA with rate c/n on OneMax from a uniform start.

    Parameters
    ----------
    c : number
        Positive.
    digits : int
        1 to 1000.

    Returns
    -------
    mpmath.mpf
        Correctly rounded, but for the last digit or two.

    Examples
    --------
    >>> print(onemax_second_order(1, 15))
    -1.89254178834469
    >>> import mpmath
    >>> mpmath.nstr(onemax_second_order(2, 40), 40)
    '-4.821757527777032805766910019086097293918'
    """
    import mpmath

    value = second_order_ball(c, digits)
    with mpmath.workdps(digits):
        return mpmath.mpf(value.str(digits + 5, radius=False))


def second_order_ball(c: Any = 1, digits: int = 15) -> arb:
    """A ball that contains C_1(c), with at least so many significant digits.

    >>> ball = second_order_ball(1, 30)
    >>> ball.str(32)
    '[-1.8925417883446868230225714333850 +/- ...]'
    """
    from flint import acb, arb, ctx, fmpq

    check_digits(digits)
    given = _fraction(c)
    bits = int(digits * 3.33) + 32
    while True:
        with ctx.workprec(bits):
            rate = arb(fmpq(given.numerator, given.denominator))
            area = acb.integral(lambda x, _: _integrand(rate, x, bits), 0, acb("0.5")).real
            value = rate.exp() / rate * (arb.const_euler() - arb(2).log() + area)
        if value.is_finite() and value.rel_accuracy_bits() > (digits + 3) * 3.33:
            return value
        bits += bits // 2


def _integrand(c: arb, x: acb, bits: int) -> acb:
    """(1/S(x) - 1)/x on a complex ball."""
    from flint import acb, arb

    y = c * (1 - x)
    growth = abs(y).exp()
    reach = c * abs(x)
    power, exponential, inner = acb(1), acb(1), acb(1)  # y^i/i!, the sum of those up to i, T_i
    factor, size, total, i = acb(c) / 2, c, acb(0), 1  # c (c x)^(i-1)/(i+1)!, c (c |x|)^(i-1)/i!
    while True:
        power = power * y / i
        exponential += power
        inner += exponential
        total += factor * inner
        i += 1
        factor = factor * c * x / (i + 1)
        size = size * reach / i
        tail = 2 * size * growth
        if 2 * reach <= i and tail < arb(2) ** (-bits):
            break
    left_out = (tail * arb(-1).union(arb(1))).real
    total += acb(left_out, left_out)
    return -total / (1 + x * total)


def _fraction(c: Any) -> Fraction:
    import mpmath

    from theory.errors import InputError
    from theory.values import exact, number

    if isinstance(c, mpmath.mpf):
        if not mpmath.isfinite(c):
            raise InputError(f"c: {c} must be a positive number")
        c = Fraction(*mpmath.libmp.to_rational(c._mpf_))
    value = exact(number(c, "c"))
    if not value > 0:
        raise InputError(f"c: {c} must be positive")
    return value
