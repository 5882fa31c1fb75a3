"""Fixed targets and fixed budgets: how long until fitness a is reached, and how good the point is after b offspring.

Notation: T_a = min{t : f(x_t) >= a}; x_b is the current point after b offspring (b = 0: the start). A run that has ended stays
at its optimum. T. Jansen, C. Zarges, *Performance analysis of randomised search heuristics operating with a fixed budget*, TCS
545 (2014); M. Buzdalov, B. Doerr, C. Doerr, D. Vinokurov, *Fixed-target runtime analysis*, Algorithmica 84 (2022).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sympy import Expr

from theory.arguments import plain_arguments
from theory.errors import InputError
from theory.exact.elimination import expected_costs
from theory.exact.errors import NoExactMethod
from theory.exact.lumped import Lumped, lump
from theory.parse import expression
from theory.process import Process
from theory.symbols import c, k, n, t, v

_MOST_STEPS = 10_000_000  # of a budget
_MOST_TIMED = 100_000  # where each step has a rate of its own


@plain_arguments
def fixed_target(process: Process, target: float | Sequence[float], *, start: Any = "uniform", **values: Any) -> Any:
    """Expected time until the fitness first reaches a target.

    Parameters
    ----------
    process : Process
        Its rate may depend on n, c, k and v, not on t.
    target : float or sequence of float
        The fitness a.
    start : "uniform", "zeros", int or array of bits
    **values
        n and c.

    Returns
    -------
    float, or float array with one entry a target
        Zero where the start has that fitness; infinite where the target can be missed for ever.

    Raises
    ------
    NoExactMethod
        Where no exact chain is at hand; the message says why.

    Examples
    --------
    >>> from theory import RLS, OneMax
    >>> fixed_target(RLS().on(OneMax()), [5, 8, 10], n=10, start="zeros").round(6).tolist()
    [6.456349, 14.289683, 29.289683]
    """
    if "t" in process.rate_symbols:
        raise NoExactMethod(f"rate: {process.rate} depends on t, and fixed targets need a rate in n, c, k, v")
    single = np.ndim(target) == 0
    wanted = _numbers([target] if single else target, "target")
    chain = lump(process, start, values)
    found = np.array([_time_to(chain, a) for a in wanted])
    return float(found[0]) if single else found


def _time_to(chain: Lumped, target: float) -> float:
    end = (chain.fitness >= target) | chain.end
    best = chain.fitness[chain.end].max()
    if target > best:
        raise InputError(f"target: {target:g} is more than the largest fitness, {best:g}")
    expected = expected_costs(chain.matrix, chain.rank, end, np.ones(len(end)), True)
    some = chain.weights > 0
    return float(np.dot(chain.weights[some], expected[some]))


@plain_arguments
def fixed_budget(process: Process, budget: int | Sequence[int], *, of: Any = None, start: Any = "uniform", **values: Any) -> Any:
    """Expected value of the point after a number of offspring.

    Parameters
    ----------
    process : Process
        Its rate may depend on n, c, k, v and t.
    budget : int or sequence of int
        The number b of offspring.
    of : expression in k and v, or "optimal"; optional
        What to take the expectation of; default the fitness v. "optimal" gives P(T <= b).
    start : "uniform", "zeros", int or array of bits
    **values
        n and c.

    Returns
    -------
    float, or float array with one entry a budget

    Raises
    ------
    InputError, NoExactMethod

    Examples
    --------
    RLS on OneMax has n - (n/2)(1 - 1/n)^b ones after b offspring (Jansen, Zarges 2014):

    >>> from theory import RLS, OneMax
    >>> fixed_budget(RLS().on(OneMax()), [0, 20], n=10).round(9).tolist(), round(10 - 5 * 0.9**20, 9)
    ([5.0, 9.392116727], 9.392116727)
    """
    single = np.ndim(budget) == 0
    wanted = _budgets([budget] if single else budget, _MOST_TIMED if "t" in process.rate_symbols else _MOST_STEPS)
    timed = "t" in process.rate_symbols
    chain = lump(_at(process, 1) if timed else process, start, values)
    measured = _measure(of, process, chain, values)
    found: dict[int, float] = {}
    law, now = chain.weights, 0
    for b in sorted(set(wanted)):
        if timed:
            for step in range(now + 1, b + 1):
                law = law @ lump(_at(process, step), start, values).matrix
        else:
            law = _advance(law, chain.matrix, b - now)
        now = b
        some = law > 0
        found[b] = float(np.dot(law[some], measured[some]))
    return found[wanted[0]] if single else np.array([found[b] for b in wanted])


def _advance(law: np.ndarray, matrix: np.ndarray, steps: int) -> np.ndarray:
    """law times matrix^steps: step by step, or by squaring where that is less work."""
    if steps <= len(law) * max(1, steps.bit_length()):
        for _ in range(steps):
            law = law @ matrix
        return law
    power = matrix
    while steps:
        if steps & 1:
            law = law @ power
        steps >>= 1
        if steps:
            power = power @ power
    return law


def _at(process: Process, step: int) -> Process:
    from theory.algorithms import OnePlusOneEA

    assert process.rate is not None
    return OnePlusOneEA(process.rate.subs(t, step), process.algorithm.strict).on(process.problem)


def _measure(of: Any, process: Process, chain: Lumped, values: dict[str, Any]) -> np.ndarray:
    if of is None:
        return chain.fitness
    if isinstance(of, str) and of == "optimal":
        return chain.end.astype(float)
    expr: Expr = expression(of, "of")
    if t in expr.free_symbols:
        raise InputError(f"of: {expr} depends on t; take the expectation of something in k and v")
    if k in expr.free_symbols and (chain.zeros != np.floor(chain.zeros)).any() and not expr.diff(k).is_number:
        raise InputError(f"of: on the levels of {process.problem} only the mean of k is known; give something linear in k")
    checked = process.values(**values)
    from theory.law import _function

    missing = {s.name for s in expr.free_symbols & {n, c}} - set(checked)
    if missing:
        raise InputError(f"of: {expr} has {sorted(missing)[0]}, but {process} doesn't; write its value instead")
    if not expr.free_symbols & {k, v}:
        raise InputError(f"of: {expr} depends neither on k nor on v")
    function = _function(expr, checked)
    return np.array([function(zeros, fitness) for zeros, fitness in zip(chain.zeros, chain.fitness)])


def _numbers(given: Any, argument: str) -> list[float]:
    try:
        found = [float(x) for x in given]
    except (TypeError, ValueError):
        raise InputError(f"{argument}: {given!r} must be a number or a sequence of numbers") from None
    if not found or not np.isfinite(found).all():
        raise InputError(f"{argument}: {given!r} must be finite numbers, at least one")
    return found


def _budgets(given: Any, most: int) -> list[int]:
    found = _numbers(given, "budget")
    for b in found:
        if b != int(b) or not 0 <= b <= most:
            raise InputError(f"budget: {b:g} must be an integer from 0 to {most}")
    return [int(b) for b in found]
