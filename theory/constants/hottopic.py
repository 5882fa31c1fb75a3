"""HotTopic: where the (1+1) EA with rate c/n begins to fail.

J. Lengler, *A general dichotomy of evolutionary algorithms on monotone functions*, IEEE TEVC 24 (2020). To first order in
the density of zero-bits, with a hot set of size alpha n, their number grows iff

    Phi(c, alpha) = c alpha - exp(-c (1 - alpha)) - alpha/(1 - alpha) > 0,

from the two kinds of accepted steps: an improvement inside the hot set (c alpha a e^(-c alpha)) lets the rest be mutated
freely, c (1 - alpha) bits lost; a step outside of it is one of OneMax. c0 is the smallest c for which some alpha has Phi >=
0: there Phi = 0 and dPhi/dalpha = 0.
"""

from __future__ import annotations

from typing import Any

from theory.constants import check_digits


def phi(c: Any, alpha: Any) -> Any:
    """Phi(c, alpha), in mpmath numbers.

    >>> round(float(phi(2.2, 0.25)), 6)
    0.024617
    """
    import mpmath

    c, alpha = mpmath.mpf(c), mpmath.mpf(alpha)
    return c * alpha - mpmath.exp(-c * (1 - alpha)) - alpha / (1 - alpha)


def _solve(digits: int) -> tuple[Any, Any]:
    import mpmath

    with mpmath.workdps(check_digits(digits) + 20):
        slope = lambda c, a: c - c * mpmath.exp(-c * (1 - a)) - 1 / (1 - a) ** 2  # noqa: E731
        found = mpmath.findroot(lambda c, a: [phi(c, a), slope(c, a)], (mpmath.mpf("2.1369"), mpmath.mpf("0.2371")))
        values = found[0], found[1]
    with mpmath.workdps(digits):
        return +values[0], +values[1]


def hottopic_threshold(digits: int = 15) -> Any:
    """c0: for c > c0 some HotTopic function takes exponential time.

    Parameters
    ----------
    digits : int
        1 to 1000.

    Returns
    -------
    mpmath.mpf

    Examples
    --------
    >>> import mpmath
    >>> mpmath.nstr(hottopic_threshold(20), 20)
    '2.1369288434405983791'
    """
    return _solve(digits)[0]


def hottopic_hot_fraction(digits: int = 15) -> Any:
    """alpha*: the relative size of the hot set at the threshold.

    >>> import mpmath
    >>> mpmath.nstr(hottopic_hot_fraction(20), 20)
    '0.23713459431207597509'
    """
    return _solve(digits)[1]


def is_hard(c: Any, alpha: Any) -> bool | None:
    """Whether Phi(c, alpha) > 0, certified in balls; None where balls can't tell.

    >>> is_hard("2.2", "1/4"), is_hard("2", "1/4")
    (True, False)
    """
    from fractions import Fraction

    from flint import arb, ctx, fmpq

    with ctx.workprec(256):
        x, a = (arb(fmpq(Fraction(y).numerator, Fraction(y).denominator)) for y in (c, alpha))
        value = x * a - (-x * (1 - a)).exp() - a / (1 - a)
        return True if value > 0 else False if value <= 0 else None
