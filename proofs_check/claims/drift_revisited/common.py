"""What the claims of this paper share: the (1+1) EA with rate c/n, its bounds, and exact values.

T counts offspring; the evaluation of the start is not counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from proofs_check.decide import Fact, Mean, Runs
from theory import Bound, Linear, OnePlusOneEA, PreconditionError, Process, c, n
from theory.balls import number_of

PAPER = "drift-revisited"
EA = OnePlusOneEA(c / n)
STRICT = OnePlusOneEA(c / n, strict=True)
NAME = "(1+1) EA, rate c/n"
CONSTANTS = (Fraction(1, 2), 1, 2)
ONES = Linear([1] * 12)  # OneMax that the exact engine doesn't recognise: it takes the chain over all 2^n points


def bound(process: Process, direction: str, name: str = "", quantity: str = "E[T]") -> Bound:
    """The first derived bound of a process with this direction, and this word in its source."""
    for found in process.bounds(status="derived"):
        if (found.quantity, found.direction) == (quantity, direction) and name in str(found.source):
            return found
    raise LookupError(f"theory has no derived {direction} bound on {quantity} for {process} by '{name}'")


def exactly(process: Process, start: Any = "uniform", **values: Any) -> Fraction:
    """E[T] in rational arithmetic."""
    from theory.exact import expected_runtime

    return Fraction(expected_runtime(process, start=start, rational=True, **values))


def exact_value(process: Process, start: Any = "uniform", **values: Any) -> float:
    """E[T] in floats."""
    from theory.exact import expected_runtime

    return float(expected_runtime(process, start=start, **values))


def exact_mean(
    problem: Any, values: dict[str, Any], factor: float, algorithm: Any = EA, start: Any = "uniform", engine: str = "auto"
) -> Mean:
    """A cell whose prediction is the exact engine's value; the mutant's is that times ``factor``."""
    process = algorithm.on(problem)

    def value() -> float:
        return exact_value(process, start, **values)

    return Mean(Runs(process, values, start, engine), value, lambda: factor * value())


def rational(found: Bound, **values: Any) -> Fraction:
    """A bound's value in rational arithmetic."""
    number = number_of(found.expr, {symbol: Fraction(values[str(symbol)]) for symbol in found.expr.free_symbols})
    return Fraction(int(number.p), int(number.q))


def same(where: str, one: Fraction, other: Fraction) -> Fact:
    """A fact: two rational numbers are equal."""
    return Fact(where, "" if one == other else f"{float(one):.12g} is not {float(other):.12g}")


def refused(where: str, apply: Callable[[], Any], word: str) -> Fact:
    """A fact: a theorem refuses what doesn't fulfil its conditions, and names the one that fails."""
    try:
        apply()
    except PreconditionError as error:
        return Fact(where, "" if word in str(error) else f"'{word}' isn't named: {error}")
    return Fact(where, f"a bound is given although '{word}' doesn't hold")


def grid(largest: int) -> Iterator[tuple[int, Any]]:
    """n up to the largest, c in 1/2, 1, 2 with a rate below one."""
    return ((size, constant) for size in range(1, largest + 1) for constant in CONSTANTS if constant < size)


def number(x: Any) -> Any:
    """A rational number for sympy.

    >>> number(Fraction(1, 3))
    1/3
    """
    import sympy

    fraction = Fraction(x)
    return sympy.Rational(fraction.numerator, fraction.denominator)
