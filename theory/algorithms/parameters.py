"""Parameters of algorithms: a number, or an expression in n and c that becomes one when n and c have values."""

from __future__ import annotations

from sympy import Expr, Integer, Rational, ceiling

from theory import symbols
from theory.errors import InputError
from theory.parse import expression
from theory.values import Number, exact


def parameter(value: object, argument: str, least: int = 1) -> Expr:
    """Read a parameter; a number below ``least`` is refused here, an expression when it gets its values.

    >>> parameter("sqrt(n)", "mu")
    sqrt(n)
    """
    found = expression(value, argument, {"n": symbols.n, "c": symbols.c})
    if found.is_number and not found >= least:
        raise InputError(f"{argument}: {value!r} must be at least {least}")
    return found


def at_values(expr: Expr, values: dict[str, Number]) -> Expr:
    """The expression with exact values of n and c put in.

    >>> at_values(parameter("n/4", "K"), {"n": 10})
    5/2
    """
    put = {}
    for name, value in values.items():
        fraction = exact(value)
        put[getattr(symbols, name)] = Rational(fraction.numerator, fraction.denominator)
    return expr.subs(put)


def real(expr: Expr, values: dict[str, Number], argument: str, least: float = 1) -> float:
    """A parameter as a float.

    Raises
    ------
    InputError
        If it is below ``least``.
    """
    value = at_values(expr, values)
    if not (value.is_number and value.is_real and value >= least):
        raise InputError(f"{argument}: {expr} is {value.evalf(6)} at these values, but must be at least {least}")
    return float(value)


def whole(expr: Expr, values: dict[str, Number], argument: str, least: int = 1, most: int = 2**31) -> int:
    """A parameter as an integer; what is not whole is rounded up.

    >>> whole(parameter("sqrt(n)", "mu"), {"n": 10}, "mu")
    4
    """
    value = at_values(expr, values)
    if not (value.is_number and value.is_real and value >= least):
        raise InputError(f"{argument}: {expr} is {value.evalf(6)} at these values, but must be at least {least}")
    rounded = value if isinstance(value, Integer) else ceiling(value)
    if rounded > most:
        raise InputError(f"{argument}: {expr} is {value.evalf(6)} at these values, but must be at most {most}")
    return int(rounded)
