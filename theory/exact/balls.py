"""Ball arithmetic (python-flint): a number with a radius that is guaranteed to contain the true value."""

from __future__ import annotations

import math

from flint import arb
from sympy import Expr

from theory.balls import enclosure
from theory.exact.errors import NoExactMethod


def ball(expr: Expr) -> arb:
    """A ball around an exact number, at the current precision.

    >>> import sympy
    >>> bool(abs(ball(sympy.log(2)) - 0.6931471805599453) < 1e-15)
    True
    """
    result = enclosure(expr, {})
    if result is None:
        raise NoExactMethod(f"rate: {expr} can't be enclosed in a ball; use + - * / ** log exp sqrt Min Max")
    return result


def to_float(value: arb) -> float:
    """The midpoint as a float.

    Raises
    ------
    NoExactMethod
        If it is too large for one, or the ball says nothing.
    """
    from theory.exact.elimination import too_large

    middle = float(value.mid())
    if not value.is_finite() or math.isinf(middle):
        raise too_large()
    return middle
