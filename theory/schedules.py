"""Mutation rates that depend on the time alone, for when n is not known.

H. Einarsson, M. M. Gauy, J. Lengler, F. Meier, A. Mujika, A. Steger, F. Weissenberger, *The linear hidden subset problem for the
(1+1) EA with scheduled and adaptive mutation rates*, TCS 785 (2019). Each function returns an ordinary rate expression in t, so
that ``OnePlusOneEA(LogSchedule())`` has bounds, an exact law and a simulator like any other.

===================  ============================================  ==================================================
schedule             p_t                                           is made for
===================  ============================================  ==================================================
``LogSchedule``      min(1/2, a ln t/t), p_1 = 1/2                 OneMax and linear functions: the optimal schedule
``LambertSchedule``  min(1/2, a W(t)/t)                            the same limit, reached sooner
``SqrtSchedule``     min(1/2, a/sqrt(t))                           LeadingOnes
===================  ============================================  ==================================================

With t = nu ln nu, W(t) = ln nu: the second is a/nu, the rate for the size nu whose time is now.
"""

from __future__ import annotations

import functools
from typing import Any

import sympy
from sympy import Expr, LambertW, Min, Piecewise, Rational, log, sqrt

from theory.errors import InputError
from theory.symbols import t

HALF = Rational(1, 2)


@functools.cache
def optimal_constant() -> Expr:
    """alpha = 1.5446822..., the constant of the optimal schedule, as the decimal number of 20 digits nearest to it.

    >>> optimal_constant().evalf(20)
    1.5446822169704291665
    """
    import mpmath

    from theory.constants import hidden_subset_alpha

    return Rational(mpmath.nstr(hidden_subset_alpha(30), 20))


def LogSchedule(a: Any = None) -> Expr:
    """min(1/2, a ln t/t), and 1/2 at t = 1.

    Parameters
    ----------
    a : positive number, text or sympy number, optional
        Default: :func:`optimal_constant`.

    Returns
    -------
    sympy.Expr

    Raises
    ------
    InputError

    Examples
    --------
    >>> LogSchedule(2)
    Piecewise((1/2, t <= 1), (Min(1/2, 2*log(t)/t), True))
    >>> [round(float(LogSchedule().subs(t, s)), 6) for s in (1, 2, 10, 1000)]
    [0.5, 0.5, 0.355676, 0.01067]
    """
    return Piecewise((HALF, t <= 1), (Min(HALF, _constant(a) * log(t) / t), True))


def LambertSchedule(a: Any = None) -> Expr:
    """min(1/2, a W(t)/t), W the Lambert function: W(t) exp(W(t)) = t.

    >>> LambertSchedule(2)
    Min(1/2, 2*LambertW(t)/t)
    """
    return Min(HALF, _constant(a) * LambertW(t) / t)


def SqrtSchedule(a: Any = None) -> Expr:
    """min(1/2, a/sqrt(t)); the default a = sqrt(e)/2 is the best one on LeadingOnes.

    >>> SqrtSchedule()
    Min(1/2, exp(1/2)/(2*sqrt(t)))
    """
    return Min(HALF, (sqrt(sympy.E) / 2 if a is None else _constant(a)) / sqrt(t))


def _constant(a: Any) -> Expr:
    from theory.parse import expression

    if a is None:
        return optimal_constant()
    try:
        value = expression(a, "a", {})
    except InputError:
        value = None
    if value is None or not value.is_positive:
        raise InputError(f"a: {a!r} must be a positive number")
    return value


SCHEDULES = {"LogSchedule": LogSchedule, "LambertSchedule": LambertSchedule, "SqrtSchedule": SqrtSchedule}


def recognise(rate: Expr) -> tuple[str, Expr] | None:
    """The name of a schedule and its constant, or None for any other rate.

    >>> recognise(LogSchedule(2)), recognise(1 / t)
    (('LogSchedule', 2), None)
    """
    body = rate.args[-1].args[0] if isinstance(rate, Piecewise) else rate
    if not isinstance(body, Min) or len(body.args) != 2 or HALF not in body.args:
        return None
    other = next(part for part in body.args if part != HALF)
    for name, shape in (("LogSchedule", log(t) / t), ("LambertSchedule", LambertW(t) / t), ("SqrtSchedule", 1 / sqrt(t))):
        a = other / shape
        if a.is_number and SCHEDULES[name](a) == rate:
            return name, a
    return None


def text(rate: Expr) -> str:
    """A rate as text; a schedule by its name.

    >>> text(LogSchedule()), text(LambertSchedule("3/2")), text(1 / t)
    ('LogSchedule()', 'LambertSchedule(3/2)', '1/t')
    """
    found = recognise(rate)
    if found is None:
        return str(rate)
    name, a = found
    return f"{name}()" if SCHEDULES[name]() == rate else f"{name}({a})"


def at_most_half(rate: Expr) -> bool:
    """Whether the form of a rate shows that it never exceeds 1/2.

    >>> at_most_half(LogSchedule()), at_most_half(1 / t)
    (True, False)
    """
    if isinstance(rate, Min):
        return any(at_most_half(part) for part in rate.args)
    if isinstance(rate, Piecewise):
        return all(at_most_half(value) for value, _ in rate.args)
    return bool(rate.is_number and rate <= HALF)
