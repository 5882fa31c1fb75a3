"""The states of the exact chains: points or numbers of zero-bits, their fitness order, and the mutation rate at each.

``k`` is the number of zero-bits of a point in canonical form (bits that differ from the optimum), ``v`` its fitness. Fitness
is compared exactly: only its *rank* among the values that occur is used, and ``Problem.value`` is exact.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Expr

from theory import hooks, symbols
from theory.compile import expression_source
from theory.errors import InputError
from theory.exact.errors import NoExactMethod
from theory.process import Process
from theory.values import Number

LARGEST_FULL = 12
"""Bits up to which chains over all 2^n points are solved."""
LARGEST_DENSE = 2000
"""Bits up to which chains over the numbers of zero-bits are solved as a dense matrix."""


@dataclass(frozen=True)
class States:
    """The states of a chain.

    Attributes
    ----------
    zeros : int array, shape (states,)
        Number k of zero-bits.
    fitness : sequence, length states
        Exact fitness v.
    rank : int array, shape (states,)
        Position of the fitness among the values that occur, 0 for the smallest.
    end : bool array, shape (states,)
        The states at which a run ends.
    """

    zeros: np.ndarray
    fitness: Any
    rank: np.ndarray
    end: np.ndarray


def by_zeros(process: Process, n: int) -> States:
    """The states z = 0..n of a problem whose fitness depends on the number of zero-bits alone."""
    require_symmetric(process)
    level: Any = process.problem.hooks.get("level", hooks.level)
    data = process.problem.data(n)
    fitness = [int(level(z, n, data)) for z in range(n + 1)]
    zeros = np.arange(n + 1)
    return States(zeros, fitness, _rank(fitness), zeros == 0)


def by_points(process: Process, n: int, largest: int = LARGEST_FULL) -> States:
    """All 2^n points in canonical form; point i has the binary digits of i, x_1 the most significant one."""
    require_chain(process)
    if n > largest:
        raise NoExactMethod(f"n: the chain over all 2^n points is solved up to n = {largest}, not at n = {n}")
    points = points_of(n)
    fitness = [process.problem.value(x) for x in points]
    zeros = n - points.sum(axis=1).astype(np.int64)
    if "optimal" in process.problem.hooks:  # the optimum isn't known to be all ones: a run ends at the target
        target = process.problem.target(n)
        end = np.array([value >= target for value in fitness])
    else:
        end = zeros == 0
    return States(zeros, fitness, _rank(fitness), end)


def points_of(n: int) -> np.ndarray:
    """All points as uint8 rows, shape (2^n, n).

    >>> points_of(2).tolist()
    [[0, 0], [0, 1], [1, 0], [1, 1]]
    """
    return ((np.arange(2**n)[:, None] >> np.arange(n - 1, -1, -1)) & 1).astype(np.uint8)


def _rank(fitness: Sequence[Any]) -> np.ndarray:
    order = {value: i for i, value in enumerate(sorted(set(fitness)))}
    return np.array([order[value] for value in fitness], dtype=np.int64)


def require_single(process: Process) -> None:
    """Refuse what is no chain on bit strings: other points, states of more than a point, steps not given by a rate or flips."""
    if process.problem.space != "bits":
        raise NoExactMethod(
            f"problem: the points of {process.problem.name} are {process.problem.space}, not bit strings; simulate it"
        )
    if not process.algorithm.single:
        raise NoExactMethod(
            f"algorithm: {process.algorithm.name} is not a chain of single points that is known here; simulate it"
        )


def require_chain(process: Process) -> None:
    """Refuse what has no chain on bit strings here: as :func:`require_single`, but a rate drawn for each offspring has one."""
    if not process.algorithm.mixed:
        require_single(process)
    elif process.problem.random_acceptance or process.problem.space != "bits":
        raise NoExactMethod(f"process: the chain of {process} is not known here; simulate it")


def require_symmetric(process: Process) -> None:
    """Refuse problems whose fitness needs more than the number of zero-bits."""
    if not process.problem.symmetric:
        raise NoExactMethod(f"problem: the fitness of {process.problem} does not depend on the number of zero-bits alone")


def require_timeless(process: Process) -> None:
    """Refuse rates that change with time: their chain has no end."""
    if "t" in process.rate_symbols:
        raise NoExactMethod(f"rate: {process.rate} depends on t, and exact methods need a rate in n, c, k, v")


def require_one_rate(process: Process) -> None:
    """Refuse rates in the position, where a method needs one rate for all bits."""
    if "i" in process.rate_symbols:
        raise NoExactMethod(f"rate: {process.rate} depends on the position i, and this method needs one rate for all bits")


def rates(process: Process, values: dict[str, Number], states: States) -> tuple[np.ndarray, np.ndarray]:
    """The mutation rate p and the odds p / (1 - p) at each state, as floats.

    Both are correctly rounded where the rate is static. Elsewhere p is what the formula gives in double precision.

    Raises
    ------
    InputError
        Naming the first state at which the rate is no probability.
    """
    require_timeless(process)
    require_one_rate(process)
    size = len(states.zeros)
    if process.is_static:
        expr = process.rate_at(values)
        return np.full(size, float(expr.evalf(25))), np.full(size, static_odds(expr))
    p = np.zeros(size)
    function = rate_function(process.rate_at(values))
    known: dict[Any, float] = {}
    for i in range(size):
        if states.end[i]:
            continue
        at = (int(states.zeros[i]), states.fitness[i])
        if at not in known:
            try:
                known[at] = float(_checked(function(float(at[0]), float(at[1])), process, *at))
            except (ZeroDivisionError, OverflowError, ValueError) as error:
                if isinstance(error, InputError):
                    raise
                raise InputError(f"rate: {process.rate} has no value at k = {at[0]}, v = {at[1]}") from None
        p[i] = known[at]
    with np.errstate(divide="ignore"):
        return p, p / (1.0 - p)


def static_odds(expr: Expr) -> float:
    """p / (1 - p) of an exact number p, correctly rounded; infinite for p = 1.

    >>> import sympy
    >>> static_odds(sympy.Rational(1, 3))
    0.5
    """
    return math.inf if expr == 1 else float((expr / (1 - expr)).evalf(25))


_BUILTINS = {"min": min, "max": max, "abs": abs, "float": float, "range": range}


def rate_function(expr: Expr, arguments: str = "k, v"):
    """A Python function of k and v (or others) that evaluates a rate in which n and c have been replaced."""
    source = expression_source(expr)  # made from a checked sympy expression, not from user text
    names: dict[str, Any] = {"math": math, "__builtins__": _BUILTINS}
    if "lambert_w" in source:
        from theory.jit import lambert_w

        names["lambert_w"] = lambert_w.py_func
    return eval(f"lambda {arguments}: {source}", names)


def _checked(p: Any, process: Process, k: int, v: Any) -> Any:
    if not 0 <= p <= 1:
        raise InputError(f"rate: {process.rate} is {float(p):.6g} at k = {k}, v = {v}; a mutation rate must lie in [0, 1]")
    return p


def rational_rates(process: Process, values: dict[str, Number], states: States) -> list[Fraction]:
    """The mutation rate at each state as a fraction.

    Raises
    ------
    NoExactMethod
        Where it isn't rational.
    """
    require_timeless(process)
    require_one_rate(process)
    expr = process.rate_at(values)
    known: dict[Any, Fraction] = {}
    result = []
    for i in range(len(states.zeros)):
        at = (int(states.zeros[i]), states.fitness[i])
        if states.end[i]:
            result.append(Fraction(0))
            continue
        if at not in known:
            p = expr.subs({symbols.k: at[0], symbols.v: _sympy(at[1])})
            if not p.is_Rational:
                raise NoExactMethod(f"rational: the rate is {p} at k = {at[0]}, v = {at[1]}, which is not a rational number")
            known[at] = _checked(Fraction(int(p.p), int(p.q)), process, *at)
        result.append(known[at])
    return result


def _sympy(value: Any):
    from sympy import Rational

    fraction = Fraction(value)
    return Rational(fraction.numerator, fraction.denominator)
