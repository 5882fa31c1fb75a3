"""The budget of a run that was given none: 100 times what theory expects, or a demand for one.

A population of which theory knows nothing gets that of the (1+1) EA, times its size.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sympy import Expr, Sum

from sim.kernels.codes import LARGEST_BUDGET
from theory.algorithms import OnePlusOneEA
from theory.algorithms.parameters import at_values
from theory.chain import Chain
from theory.errors import InputError
from theory.process import Process
from theory.symbols import n
from theory.values import Number, number

FACTOR = 100
EXACT = "exact"
_GIVE = "give budget=, e.g. budget=10**6 (in a shell --budget 1e6)"
ASTRONOMICAL = 1e15
"""Evaluations: more than a year of any machine. An expectation beyond it is no basis for a budget."""


def budget_for(budget: Any, process: Process | Chain, values: Mapping[str, Number], start: Any) -> int:
    """Check a user's budget, or choose one.

    Parameters
    ----------
    budget : number or None
        Evaluations after which a run is cut off.
    process : Process or Chain
    values : dict
        Checked values of n and c.
    start : word, int or array
        As the user gave it.

    Raises
    ------
    InputError
        If it is no positive integer, or if it is needed because nothing useful is known of E[T].
    """
    if budget is not None:
        limit = number(budget, "budget")
        if limit != int(limit) or not 1 <= limit <= LARGEST_BUDGET:
            raise InputError(f"budget: {budget!r} must be a whole number of evaluations from 1 to {LARGEST_BUDGET}")
        return int(limit)
    expected, how = expectation(process, values, start)
    if expected is None and isinstance(process, Process):
        expected, how = exact_expectation(process, values, start)
    if expected is None and isinstance(process, Process):
        expected, how = of_a_population(process, values, start)
    if expected == math.inf and how == EXACT:
        raise InputError(f"budget: E[T] is infinite for {process} at these values; {_GIVE}")
    if expected is None:
        raise InputError(f"budget: no upper bound on E[T] is known for {process}; {_GIVE}")
    if not expected <= ASTRONOMICAL:
        raise InputError(f"budget: theory only has E[T] <= {expected:.3g} ({how}); {_GIVE}")
    return max(1000, math.ceil(FACTOR * expected))


def exact_expectation(process: Process, values: Mapping[str, Number], start: Any) -> tuple[float | None, str]:
    """E[T] from :mod:`theory.exact` where that takes milliseconds; (None, "") elsewhere."""
    size, problem = int(values["n"]), process.problem
    quick = size <= 8 or (problem.symmetric and size <= 300) or (problem.random_acceptance and size <= 60)
    quick = quick or (process.rate is not None and size <= {"OneMax": 10**5, "LeadingOnes": 2000}.get(problem.name, 0))
    if not quick:
        return None, ""
    from theory.exact import NoExactMethod, expected_runtime

    try:
        return float(expected_runtime(process, start=start, **dict[str, Any](values))), EXACT
    except NoExactMethod:
        return None, ""


def of_a_population(process: Process, values: Mapping[str, Number], start: Any) -> tuple[float | None, str]:
    """What the (1+1) EA with rate 1/n is expected to need, times the largest size in a population (members, offspring, K).

    It says when to cut off and predicts nothing: an algorithm with small steps may take longer, and its runs are censored then.
    (None, "") for one parent and one offspring, for an algorithm of the user, and where nothing is known of the (1+1) EA.
    """
    algorithm = process.algorithm
    if algorithm.single or algorithm.user:
        return None, ""
    alone = OnePlusOneEA(1 / n).on(process.problem)
    expected, how = expectation(alone, {"n": values["n"]}, start)
    if expected is None:
        expected, how = exact_expectation(alone, {"n": values["n"]}, start)
    sizes = [getattr(algorithm, name, None) for name in ("lam", "mu", "K")]
    most = max([1.0, *(float(at_values(size, dict(values))) for size in sizes if isinstance(size, Expr))])
    return (None, "") if expected is None else (most * expected, how)


def expectation(process: Process | Chain, values: Mapping[str, Number], start: Any) -> tuple[float | None, str]:
    """The smallest upper bound on E[T] that the catalogue has, and its source; (None, "") where it has none.

    Sums are asked only where nothing closed is known: with n terms in ball arithmetic they can take longer than the runs.
    """
    best: tuple[float | None, str] = (None, "")
    for bound in sorted(process.bounds(), key=lambda bound: bound.expr.has(Sum)):
        if best[0] is not None and bound.expr.has(Sum):
            break
        if bound.quantity != "E[T]" or bound.direction not in ("upper", "exact") or bound.unit != "evaluations":
            continue
        size = int(values.get("n", 1))
        if not bound.covers(start, size):
            continue
        where = {**values, **bound.start_values(start, size)}  # k, for a bound in the number of zero-bits of the start
        if not bound.holds_for(**where):
            continue
        value = float(bound.evaluate(**where))
        if value >= 0 and (best[0] is None or value < best[0]):
            best = value, str(bound.source)
    return best
