"""Schedules that jump: restarts with a doubled guess of n, and a schedule that is wrong for a share of the logarithmic time.

The averaging argument is that of H. Einarsson et al., TCS 785 (2019) (:mod:`theory.bounds.hidden_subset`); what is made of it for
these two is derived here.

Notation: a(t) = p_t t/ln t, t = tau n ln n. As n grows, step t adds (a(t)/t) e^(-a(t)/tau) ln n to L_n, and a run ends where L_n
= ln n. If a(t) is periodic in ln t, the end tau depends on where n lies in the period, and a guarantee for all n is worth its
largest value. Averaged over n, the log-progress of a runtime g n ln n is the mean of a E_1(a/g) over ln t. So the largest tau is
at least the g at which that mean is 1, and tends to it as the period tends to 0.

*Doubling.* "Guess n = 2^j and run C n ln n steps at rate 1/n", j = 2, 3, ...: the stages up to j take C ln 2 (j-1) 2^(j+1) steps.
With (j-2) 2^j < t/(C ln 2), w = W(t/(4C))/ln 2 is more than j - 2: the guess at time t is 2^(2 + floor(w)). For n = r 2^J stage
J + i adds C e^(-r/2^i) ln n to L_n and ends at tau = C 2^(i+1)/r. In a stage a(t) runs from C to 2C, evenly in the logarithm.
"""

from __future__ import annotations

import math
from typing import Any

from sympy import Expr, LambertW, Max, Min, Piecewise, Rational, floor, log

from theory.errors import InputError
from theory.schedules import HALF, optimal_constant
from theory.symbols import t
from theory.values import exact, number


def _positive(value: Any, name: str, most: float = math.inf) -> Rational:
    found = exact(number(value, name))
    if not 0 < found <= most:
        raise InputError(f"{name}: {value!r} must be positive" + ("" if most == math.inf else f", and at most {most:g}"))
    return Rational(found.numerator, found.denominator)


def DoublingSchedule(steps: Any = "11/10") -> Expr:
    """Guess n = 4, 8, 16, ... and run C n ln n steps at rate 1/n for each guess; the current point is kept.

    Parameters
    ----------
    steps : positive number or text
        C; the default is about the best one.

    Returns
    -------
    sympy.Expr

    Examples
    --------
    >>> rate = DoublingSchedule(1)
    >>> [int(1 / rate.subs(t, s)) for s in (1, 5, 6, 22, 23)]  # stages of 5.5, 16.6, ... steps
    [4, 4, 8, 8, 16]
    """
    constant = _positive(steps, "steps")
    return Min(HALF, 2 ** (-2 - floor(LambertW(Max(1, t / (4 * constant))) / log(2))))


def doubling_cost(steps: Any, place: float | None = None) -> float:
    """T/(n ln n) of :func:`DoublingSchedule` as n grows along r 2^J; without r the largest value, which is its guarantee.

    Parameters
    ----------
    steps : positive number or text
    place : float, optional
        r, from 1 to 2.

    Examples
    --------
    >>> round(doubling_cost("11/10"), 3), round(doubling_cost("11/10", 1.0), 3), round(doubling_cost(2), 3)
    (3.636, 3.605, 3.947)
    """
    constant = float(_positive(steps, "steps"))
    if place is None:
        return max(doubling_cost(steps, 2 ** (i / 512)) for i in range(512))
    if not 1 <= place <= 2:
        raise InputError(f"place: {place!r} must lie in [1, 2]")
    progress, i = 0.0, -12  # earlier stages add less than e^-4096
    while progress + (more := constant * math.exp(-place / 2.0**i)) < 1:
        progress, i = progress + more, i + 1
    return constant * 2.0**i * (1 + (1 - progress) / more) / place


def MixedSchedule(share: Any, ratio: Any = 2, period: Any = "1/2") -> Expr:
    """The optimal schedule, but with ``ratio`` times alpha for a share of each period of ln t.

    Examples
    --------
    >>> from theory import LogSchedule
    >>> [round(float(MixedSchedule("1/2").subs(t, s) / LogSchedule().subs(t, s)), 12) for s in (60, 80)]  # ln t = 4.09, 4.38
    [2.0, 1.0]
    """
    part, factor, length = _positive(share, "share", 1), _positive(ratio, "ratio"), _positive(period, "period")
    place = log(t) / length
    within = floor(place) - floor(place - part)  # 1 for the first share of each period, else 0
    return Piecewise((HALF, t <= 1), (Min(HALF, optimal_constant() * (1 + (factor - 1) * within) * log(t) / t), True))


def mixed_cost(share: Any, ratio: Any = 2, digits: int = 15) -> Any:
    """The g at which (1-phi) alpha E_1(alpha/g) + phi b E_1(b/g) = 1, b = ratio alpha: a guarantee as the period tends to 0.

    Parameters
    ----------
    share, ratio : positive numbers or texts
        phi, at most 1, and b/alpha.
    digits : int

    Returns
    -------
    mpmath.mpf

    Examples
    --------
    >>> print(mixed_cost(1), mixed_cost("1/2"))
    3.9745841068306 3.79103880730068
    """
    import mpmath

    from theory.constants import hidden_subset_alpha

    part, factor = _positive(share, "share", 1), _positive(ratio, "ratio")
    with mpmath.workdps(digits + 15):
        phi, alpha = mpmath.mpf(part.p) / part.q, hidden_subset_alpha(digits + 12)
        b = alpha * factor.p / factor.q

        def excess(g: Any) -> Any:
            return (1 - phi) * alpha * mpmath.e1(alpha / g) + phi * b * mpmath.e1(b / g) - 1

        low, high = mpmath.mpf(1), mpmath.mpf(2)
        while excess(high) < 0:
            high *= 2
        value = mpmath.findroot(excess, (low, high), solver="anderson", tol=mpmath.mpf(10) ** (-digits - 10))
    with mpmath.workdps(digits):
        return +value
