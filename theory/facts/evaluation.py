"""Values of formulas at rational points: exactly where they are rational, else as balls."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import sympy
from sympy import Basic, Expr, Symbol

from theory.errors import InputError


def values_of(process: Any, sizes: tuple, constants: tuple) -> Iterator[tuple[int, Fraction | None]]:
    """The values of n and c at which a process exists."""
    for size in sizes:
        for constant in constants if "c" in process.needed else (None,):
            try:
                process.values(n=size, **({} if constant is None else {"c": constant}))
            except InputError:
                continue
            yield size, constant


def grid(free: list[Symbol]) -> Iterator[dict[Symbol, Fraction]]:
    """At most 2000 rational points, a few values for each symbol."""

    def choices(symbol: Symbol) -> tuple:
        if symbol.is_integer:
            return tuple(map(Fraction, (1, 2, 3, 4, 7) if symbol.is_positive else (0, 1, 2, 3, 5)))
        return tuple(Fraction(x) for x in ("1/7", "1/2", "6/5", "3"))

    for point in itertools.islice(itertools.product(*map(choices, free)), 2000):
        yield dict(zip(free, point))


def value_at(expr: Expr, put: dict) -> Any:
    """A Fraction where the value is rational, else a ball; None where there is no value."""
    from theory.balls import at, number_of

    try:
        exact = number_of(expr, put)
        if exact.is_Rational:
            return Fraction(int(exact.p), int(exact.q))
    except (ValueError, TypeError):  # sympy can't compare: sums that aren't written out yet, or numbers that aren't real
        pass
    try:
        return at(expr, put, bits=96)
    except (ValueError, TypeError):
        return None


def compare(left: Any, right: Any) -> int | None:
    """Sign of left - right; balls that overlap count as equal only if both are balls around one exact value."""
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return (left > right) - (left < right)
    from flint import arb, ctx, fmpq

    with ctx.workprec(256):
        a, b = (arb(fmpq(x.numerator, x.denominator)) if isinstance(x, Fraction) else x for x in (left, right))
        if a > b:
            return 1
        if a < b:
            return -1
        return 0 if (a - b).rad() < 1e-20 * max(1.0, float(abs(a).mid())) else None


def as_float(value: Any) -> float:
    """A Fraction or a ball as a float, for messages; NaN for no value."""
    return float("nan") if value is None else float(value) if isinstance(value, Fraction) else float(value.mid())


def holds_at(condition: Basic, put: dict) -> bool:
    """Whether a condition certainly holds at a point."""
    from theory.balls import certain

    truth = certain(condition, put)
    if truth is None:
        truth = condition.subs({x: sympy.Rational(y.numerator, y.denominator) for x, y in put.items()}) == True  # noqa: E712
    return bool(truth)
