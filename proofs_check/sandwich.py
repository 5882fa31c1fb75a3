"""Bounds against exact values at small n, without rounding.

E[T] comes from the rational chain. A bound that is rational there is compared as a fraction, any other one is enclosed in a ball
first (python-flint), so that a comparison that comes out is certain.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from theory.errors import InputError
from theory.process import Process

if TYPE_CHECKING:
    from theory.bound import Bound

FREE = (Fraction(3, 2), Fraction(2), Fraction(5))
"""Values of a free parameter at which a bound is checked; it must hold at each."""


@dataclass(frozen=True)
class Sandwich:
    """A bound at one n, c and start, and the exact value: ``holds`` is None where balls couldn't decide."""

    bound: Bound
    at: dict[str, Any]
    start: Any
    exact: Fraction | float
    value: float
    holds: bool | None

    def __str__(self) -> str:
        where = ", ".join(f"{name} = {value}" for name, value in self.at.items())
        sign = self.bound.relation
        return f"E[T] = {float(self.exact):.9g} {sign} {self.value:.9g} at {where}, start {self.start} ({self.bound.source})"


def sandwiches(
    process: Process, sizes: Iterable[int], constants: Iterable[Fraction], factor: Fraction = Fraction(1)
) -> Iterator[Sandwich]:
    """Every derived upper, lower or exact bound on E[T] at every n and c that its conditions admit.

    Parameters
    ----------
    process : Process
    sizes : iterable of int
        Up to 8 (40 where fitness depends on the number of zero-bits alone).
    constants : iterable of Fraction
        Values of c; those that are no rate at some n are left out there.
    factor : Fraction
        Multiplies every upper bound: below 1 it makes mutants.
    """
    sizes, constants = tuple(sizes), tuple(constants)
    for bound in process.bounds(status="derived"):
        yield from sandwiches_of(bound, process, sizes, constants, factor)


def sandwiches_of(
    bound: Bound, process: Process, sizes: Iterable[int], constants: Iterable[Fraction], factor: Fraction = Fraction(1)
) -> Iterator[Sandwich]:
    """The same for one bound; nothing for one that isn't an upper, lower or exact bound on E[T].

    Examples
    --------
    >>> from theory import RLS, OneMax
    >>> process = RLS().on(OneMax())
    >>> print(next(sandwiches_of(process.bounds()[0], process, (3,), ())))
    E[T] = 3 = 3 at n = 3, k = 1, start 1 (coupon collector)
    """
    if bound.quantity != "E[T]" or bound.direction not in ("upper", "lower", "exact"):
        return
    for size in sizes:
        for constant in constants if "c" in process.needed else (None,):
            values = {"n": size} | ({} if constant is None else {"c": constant})
            try:
                process.values(**values)
            except InputError:
                continue
            for start, extra in starts_of(bound, size):
                at = {name: value for name, value in {**values, **extra}.items() if name in bound.needed}
                if bound.holds_for(**at):
                    yield from _compare(bound, process, values, at, start, factor)


def starts_of(bound: Bound, size: int) -> list[tuple[Any, dict[str, int]]]:
    """The starts that a bound speaks of; of "any" the one that is worst for it."""
    if bound.start == "any":
        return [("worst", {})] if bound.direction != "lower" else []
    if isinstance(bound.start, str):
        return [(bound.start, {})]
    if isinstance(bound.start, int):
        return [(bound.start, {})] if bound.start <= size else []
    return [(k, {"k": k}) for k in range(1, size + 1) if bound.covers(k, size)]


def _compare(
    bound: Bound, process: Process, values: dict[str, Any], at: dict[str, Any], start: Any, factor: Fraction
) -> Iterator[Sandwich]:
    exact = _exact(process, values, start)
    for free in FREE if bound.minimise_over is not None else (None,):
        value, holds = _judge(bound, at, free, exact, factor if bound.direction == "upper" else Fraction(1))
        yield Sandwich(bound, at if free is None else {**at, str(bound.minimise_over[0]): free}, start, exact, value, holds)  # type: ignore[index]


def _exact(process: Process, values: dict[str, Any], start: Any) -> Fraction | float:
    """``expected_runtime(..., rational=True)``, but the chain is solved once for all starts."""
    from theory.exact import counts
    from theory.exact.starts import rational_weights_by_points, rational_weights_by_zeros
    from theory.starts import read_start

    costs, size = _costs(process, tuple(values.items())), values["n"]
    if start == "worst":
        return max(costs)
    lumped = process.problem.symmetric or counts.applies(process)
    weights = rational_weights_by_zeros if lumped else rational_weights_by_points
    return sum((w * cost for w, cost in zip(weights(read_start(start, process.problem, size), size), costs) if w), Fraction(0))


@functools.lru_cache(maxsize=16)
def _costs(process: Process, values: tuple[tuple[str, Any], ...]) -> list[Fraction | float]:
    from theory.exact.rational import by_state

    costs = by_state(process, process.values(**dict(values)))
    return [float("inf") if cost is None else Fraction(int(cost.p), int(cost.q)) for cost in costs]


def _judge(
    bound: Bound, at: dict[str, Any], free: Fraction | None, exact: Fraction | float, factor: Fraction
) -> tuple[float, bool | None]:
    from flint import arb, fmpq

    from theory import symbols
    from theory.facts.evaluation import value_at

    put = {symbols.SYMBOLS[name]: Fraction(value) for name, value in at.items()}
    if free is not None:
        assert bound.minimise_over is not None
        put[bound.minimise_over[0]] = free
    number = value_at(bound.expr, put)
    if number is None:
        return float("nan"), None
    if exact == float("inf"):
        return float(number if isinstance(number, Fraction) else number.mid()), bound.direction == "lower"
    exact = Fraction(exact)
    if isinstance(number, Fraction):
        value = factor * number
        verdicts = {"upper": exact <= value, "lower": exact >= value, "exact": exact == value}
        return float(value), verdicts[bound.direction]
    ball = arb(fmpq(factor.numerator, factor.denominator)) * number
    point = arb(fmpq(exact.numerator, exact.denominator))
    yes, no = {
        "upper": (point <= ball, point > ball),
        "lower": (point >= ball, point < ball),
        "exact": (False, not ball.overlaps(point)),  # equality of a number that isn't rational is never certain
    }[bound.direction]
    return float(ball.mid()), True if yes else False if no else None
