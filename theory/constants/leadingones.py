"""LeadingOnes: the best rate constant c and its cost, as n grows and at a given n.

S. Böttcher, B. Doerr, F. Neumann, PPSN 2010: E[T] = (q^(1-n) - q)/(2 p^2) at rate p = 1 - q, and (e^c - 1)/(2 c^2) n^2 (1 + o(1))
at p = c/n.

*As n grows.* The derivative of (e^c - 1)/(2 c^2) is ((c - 2) e^c + 2)/(2 c^3). It vanishes where (c - 2) e^(c-2) = -2 e^-2,
that is at c = 2 + W(-2 e^-2), W the principal branch of Lambert's function (the other branch gives c = 0). (c - 2) e^c + 2
falls from 0 up to c = 1 and rises after: the root is the only one, and a minimum. The same equation, c/(1 - e^-c) = 2, says
where the drift of Dynamic BinVal near the optimum vanishes (J. Lengler, U. Schaller, SSCI 2018).

*At n bits.* dE[T]/dq = G(q)/(2 p^2 q^n) with G(q) = (1 + q)(1 + q + ... + q^(n-1)) - n, which rises from 1 - n at q = 0 to n at
q = 1: for n >= 2 its only root in (0, 1) is the minimum of E[T]; for n = 1 the best rate is p = 1. For n = 2, q = sqrt(2) - 1.
"""

from __future__ import annotations

from typing import Any

from theory.constants import check_digits


def leadingones_optimal_rate(digits: int = 15, n: int | None = None) -> Any:
    """The c that minimises (e^c - 1)/(2 c^2) or, given n, E[T] itself.

    Parameters
    ----------
    digits : int
        1 to 1000.
    n : int, optional
        Number of bits; without it the limit for many.

    Returns
    -------
    mpmath.mpf
        At a given n enclosed by a change of sign of G, in balls.

    Examples
    --------
    >>> import mpmath
    >>> mpmath.nstr(leadingones_optimal_rate(20), 20)
    '1.5936242600400400923'
    >>> mpmath.nstr(leadingones_optimal_rate(15, n=100), 12)
    '1.58104917502'
    """
    import mpmath

    check_digits(digits)
    if n is not None:
        return _at(_bits(n), digits)
    with mpmath.workdps(digits + 15):
        value = 2 + mpmath.lambertw(-2 * mpmath.exp(-2)).real
    with mpmath.workdps(digits):
        return +value


def leadingones_optimal_cost(digits: int = 15, n: int | None = None) -> Any:
    """The smallest value of (e^c - 1)/(2 c^2), that is E[T]/n^2 at the best static rate; given n, the smallest E[T].

    >>> import mpmath
    >>> mpmath.nstr(leadingones_optimal_cost(20), 20)
    '0.77206932618543504478'
    >>> mpmath.nstr(leadingones_optimal_cost(15, n=100), 12)
    '7720.52986004'
    """
    import mpmath

    with mpmath.workdps(check_digits(digits) + 15):
        if n is None:
            best = 2 + mpmath.lambertw(-2 * mpmath.exp(-2)).real
            value = mpmath.expm1(best) / (2 * best**2)
        else:
            size = _bits(n)
            p = _at(size, digits + 12) / size  # E[T] is flat at its minimum
            value = ((1 - p) ** (1 - size) - (1 - p)) / (2 * p**2) if size > 1 else mpmath.mpf("0.5")
    with mpmath.workdps(digits):
        return +value


def dynamic_binval_threshold(digits: int = 15) -> Any:
    """The c with c/(1 - e^-c) = 2: above it Dynamic BinVal drifts away from the optimum; equal to the best rate of LeadingOnes.

    >>> dynamic_binval_threshold(30) == leadingones_optimal_rate(30)
    True
    """
    return leadingones_optimal_rate(digits)


def _bits(n: Any) -> int:
    from theory.values import check_values

    return int(check_values({"n": n}, {"n"})["n"])


def _at(n: int, digits: int) -> Any:
    """The best c at n bits: secants on G in x = 1 - q = c/n, then the sign of G on both sides in balls."""
    import mpmath
    from flint import arb, ctx

    if n == 1:
        return mpmath.mpf(1)
    precision = digits + 2 * len(str(n)) + 20

    def slope(p: Any) -> Any:
        """p G(1 - p) = (2 - p)(1 - (1-p)^n) - n p."""
        return (2 - p) * (1 - (1 - p) ** n) - n * p

    with mpmath.workdps(precision):
        guess = mpmath.mpf("1.5936") / n if n > 2 else mpmath.mpf("0.58")
        root = mpmath.findroot(slope, (guess, guess * mpmath.mpf("0.99")), tol=mpmath.mpf(10) ** (-2 * digits - 10), maxsteps=200)
        with ctx.workprec(int(precision * 3.5) + 64):
            middle = arb(mpmath.nstr(root, precision))
            width = middle * arb(10) ** (-digits - 3)
            assert slope(middle - width) > 0 and slope(middle + width) < 0
        value = n * root
    with mpmath.workdps(digits):
        return +value
