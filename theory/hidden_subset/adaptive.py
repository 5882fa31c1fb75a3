"""Rates that follow the run: rules that need not know n, and what they cost near the optimum. Heuristic, apart from identities.

Made here, after H. Einarsson et al., TCS 785 (2019), who reach (1 + o(1)) e n ln n with adaptive rates. Near the optimum a step
is neutral (f(y) = f(x)) with probability (1-p)^n, about e^-c at p = c/n: neutral steps measure c. From below, nothing beats
e n ln n - O(n): :mod:`theory.bounds.any_rates_lower`.

====  ====================================================================  =====================================
rule  after a step at rate p                                                 settles at
====  ====================================================================  =====================================
A     neutral: p <- min(1/2, p F^(e-1)), else p <- p/F                        e^-c = 1/e, c = 1
A'    the same with f(y) >= f(x) in place of neutral                          the same, near the optimum
C     neutral: p <- min(1/2, p F), else p <- p/F^(e-1)                        e^-c = 1 - 1/e (exponents swapped)
====  ====================================================================  =====================================

A step costs as if the rate were fixed at c: it wins c e^-c on the scale on which the optimum, c = 1, wins 1/e.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from theory.constants import check_digits
from theory.errors import InputError
from theory.values import exact, number

_CELLS = 64  # of the grid in ln c, for each ln F: splitting mass adds at most 1e-4 of the variance


def adaptive_slow_down(factor: Any) -> float:
    """S(F): the time of Rule A near the optimum over that of the rate 1/n, e^-1/E[c e^-c] under the stationary law of c.

    With v = ln c the rule moves v by (e-1) ln F with probability e^-c, else by -ln F. As e - 1 is irrational v comes back to no
    value; its law is computed on a grid in v, to about 4 digits of S.

    Parameters
    ----------
    factor : number
        F, more than 1 and at most 4.

    Returns
    -------
    float

    Raises
    ------
    InputError

    Examples
    --------
    >>> round(adaptive_slow_down(1.05), 3), round(slow_down_expansion(1.05), 5)
    (1.021, 1.02096)
    """
    F = exact(number(factor, "factor"))
    if not 1 < F <= 4:
        raise InputError(f"factor: {factor!r} must be more than 1 and at most 4")
    down = math.log(F)
    up = (math.e - 1) * down
    low, high = -12 * math.sqrt(down) - 12 * down, 3.0 + 4 * down  # c e^-c is that rarely far from its mean
    width = down / _CELLS
    v = np.arange(low, high, width)
    stay = np.exp(-np.exp(v))
    law = np.exp(-(v**2) / (up + down) / 2)
    law /= law.sum()
    shift_up, shift_down = up / width, down / width
    for _ in range(int(40 / down) + 100):  # what the start has wrong shrinks by e^(-ln F) a step
        law = _moved(law * stay, shift_up) + _moved(law * (1 - stay), -shift_down)
    return float(math.exp(-1) / np.sum(law * np.exp(v) * stay))


def _moved(law: np.ndarray, shift: float) -> np.ndarray:
    """Mass moved by a number of cells, split between the two nearest ones; what leaves the grid stays at its end."""
    whole, part = math.floor(shift), shift - math.floor(shift)
    found = np.zeros_like(law)
    for cells, share in ((whole, 1 - part), (whole + 1, part)):
        if cells >= 0:
            found[cells:] += share * law[: len(law) - cells]
            found[-1] += share * law[len(law) - cells :].sum()
        else:
            found[:cells] += share * law[-cells:]
            found[0] += share * law[:-cells].sum()
    return found


def slow_down_expansion(factor: Any) -> float:
    """1 + (e-1) ln F/4, S(F) for F near 1.

    v has drift -v ln F and noise of variance (e-1) ln^2 F a step, so Var v = (e-1) ln F/2; and e^-1/E[c e^-c] is 1 + Var v/2.

    >>> round(slow_down_expansion(1.01), 5)
    1.00427
    """
    F = exact(number(factor, "factor"))
    if not F > 1:
        raise InputError(f"factor: {factor!r} must be more than 1")
    return 1 + (math.e - 1) * math.log(F) / 4


def swapped_equilibrium(digits: int = 15) -> tuple[Any, Any]:
    """Rule C: c with e^-c = 1 - 1/e, and its cost e^c/(c e) over that of c = 1.

    Parameters
    ----------
    digits : int
        1 to 1000.

    Returns
    -------
    (mpmath.mpf, mpmath.mpf)

    Examples
    --------
    >>> print(*swapped_equilibrium(12))
    0.458675145387... 1.26882110949...
    """
    import mpmath

    with mpmath.workdps(check_digits(digits) + 10):
        c = -mpmath.log(1 - mpmath.exp(-1))
        cost = mpmath.exp(c) / (c * mpmath.e)
    with mpmath.workdps(digits):
        return +c, +cost
