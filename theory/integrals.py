"""Integrals without a closed form, enclosed in balls.

python-flint's ``acb.integral`` (F. Johansson, *Numerical integration in arbitrary-precision ball arithmetic*, ICMS 2018) bounds
the integral of a function that can be evaluated on complex balls and that says where it is analytic. Here the function is the
tree of a formula; where a root, a logarithm or a power meets its branch cut, the value isn't finite, and the interval is cut
further.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

import sympy
from flint import acb, arb, fmpq
from sympy import Expr

_EVALUATIONS = 20_000


def enclosed_integral(function: Expr, variable: sympy.Symbol, low: arb, high: arb, box: Mapping[sympy.Symbol, arb]) -> arb:
    """A ball that contains the integral of a formula.

    Raises
    ------
    NotImplementedError
        For functions that complex balls can't evaluate, and where no finite value is found.

    Examples
    --------
    >>> x = sympy.Symbol("x", positive=True)
    >>> bool(abs(enclosed_integral(sympy.sqrt(x) / x, x, arb(1), arb(4), {}) - 2) < 1e-12)
    True
    """
    fixed = {symbol: acb(value) for symbol, value in box.items()}
    complex_ball(function, {**fixed, variable: acb((low + high) / 2)})  # an error has to come before the integration
    value = acb.integral(
        lambda x, analytic: complex_ball(function, {**fixed, variable: x}, bool(analytic)),
        acb(low),
        acb(high),
        eval_limit=_EVALUATIONS,
    )
    if not value.is_finite():
        raise NotImplementedError("an integral that diverges, or whose integrand has no value somewhere")
    return value.real


def complex_ball(expr: Expr, box: Mapping[sympy.Symbol, acb], analytic: bool = False) -> acb:
    """Evaluate an expression tree in complex balls; with ``analytic`` the value isn't finite where the formula isn't analytic."""
    if expr in box:
        return box[expr]
    if expr.is_Rational:
        return acb(fmpq(int(expr.p), int(expr.q)))
    constant = _CONSTANTS.get(expr)
    if constant is not None:
        return acb(constant())
    parts = [complex_ball(a, box, analytic) for a in expr.args]
    if expr.is_Add:
        return functools.reduce(lambda a, b: a + b, parts)
    if expr.is_Mul:
        return functools.reduce(lambda a, b: a * b, parts)
    if isinstance(expr, (sympy.Min, sympy.Max)):
        least = isinstance(expr, sympy.Min)
        return functools.reduce(lambda a, b: (a.real_min if least else a.real_max)(b, analytic=analytic), parts)
    if expr.is_Pow:
        if expr.exp.is_Integer:
            return parts[0] ** int(expr.exp)
        if expr.exp == sympy.Rational(1, 2):
            return parts[0].sqrt(analytic=analytic)
        return (parts[1] * parts[0].log(analytic=analytic)).exp()
    one = _FUNCTIONS.get(type(expr))
    if one is None:
        raise NotImplementedError(type(expr).__name__)
    return one(parts[0], analytic)


_CONSTANTS: dict[Expr, Callable[[], arb]] = {
    sympy.pi: arb.pi,
    sympy.E: lambda: arb(1).exp(),
    sympy.EulerGamma: arb.const_euler,
}
_FUNCTIONS: dict[type, Callable[[acb, bool], acb]] = {
    sympy.exp: lambda x, analytic: x.exp(),
    sympy.sin: lambda x, analytic: x.sin(),
    sympy.cos: lambda x, analytic: x.cos(),
    sympy.log: lambda x, analytic: x.log(analytic=analytic),
}
