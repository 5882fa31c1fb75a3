"""LeadingOnes: the best rate constant c and its cost.

S. Böttcher, B. Doerr, F. Neumann, PPSN 2010: E[T] = (e^c - 1)/(2 c^2) n^2 (1 + o(1)) at rate c/n. Its derivative vanishes
where (c - 2) e^c + 2 = 0, that is c = 2 + W(-2 e^-2), W the principal branch of Lambert's function. The same equation, c/(1
- e^-c) = 2, says where the drift of Dynamic BinVal near the optimum vanishes (J. Lengler, U. Schaller, SSCI 2018).
"""

from __future__ import annotations

from typing import Any

from theory.constants import check_digits


def leadingones_optimal_rate(digits: int = 15) -> Any:
    """The c that minimises (e^c - 1)/(2 c^2).

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
    >>> mpmath.nstr(leadingones_optimal_rate(20), 20)
    '1.5936242600400400923'
    """
    import mpmath

    with mpmath.workdps(check_digits(digits) + 15):
        value = 2 + mpmath.lambertw(-2 * mpmath.exp(-2)).real
    with mpmath.workdps(digits):
        return +value


def leadingones_optimal_cost(digits: int = 15) -> Any:
    """The smallest value of (e^c - 1)/(2 c^2): E[T]/n^2 at the best static rate.

    >>> import mpmath
    >>> mpmath.nstr(leadingones_optimal_cost(20), 20)
    '0.77206932618543504478'
    """
    import mpmath

    with mpmath.workdps(check_digits(digits) + 15):
        best = leadingones_optimal_rate(min(digits + 12, 1000))
        value = mpmath.expm1(best) / (2 * best**2)
    with mpmath.workdps(digits):
        return +value


def dynamic_binval_threshold(digits: int = 15) -> Any:
    """The c with c/(1 - e^-c) = 2: above it Dynamic BinVal drifts away from the optimum; equal to the best rate of LeadingOnes.

    >>> dynamic_binval_threshold(30) == leadingones_optimal_rate(30)
    True
    """
    return leadingones_optimal_rate(digits)
