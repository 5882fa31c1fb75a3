"""The smallest chain that a process lumps to, with what a start and an observer need: one place for every exact quantity.

======================================  ============================================================================
problem                                 states
======================================  ============================================================================
fitness in the number of zero-bits      k = 0..n
LeadingOnes, uniform start, no k        v = 0..n; the bits behind the first zero-bit stay uniform
any other, n <= 12                      all 2^n points
======================================  ============================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from theory.exact import counts
from theory.exact.errors import NoExactMethod
from theory.exact.matrices import full_transition_matrix, transition_matrix_by_zeros
from theory.exact.starts import weights_by_points, weights_by_zeros
from theory.exact.states import LARGEST_DENSE, by_points, by_zeros, require_chain
from theory.problems import LeadingOnes
from theory.process import Process
from theory.starts import Start, read_start


@dataclass(frozen=True)
class Lumped:
    """A finite chain.

    Attributes
    ----------
    matrix : float array, shape (states, states)
    weights : float array, shape (states,)
        Law of the start.
    zeros : float array, shape (states,)
        Number of zero-bits; on the levels of LeadingOnes its expectation.
    fitness : float array, shape (states,)
    rank : int array, shape (states,)
        The chain never moves to a smaller rank.
    end : bool array, shape (states,)
    """

    matrix: np.ndarray
    weights: np.ndarray
    zeros: np.ndarray
    fitness: np.ndarray
    rank: np.ndarray
    end: np.ndarray


def lump(process: Process, start: Any, values: dict[str, Any]) -> Lumped:
    """The chain of a process at concrete values, from a start.

    Raises
    ------
    NoExactMethod
        If n is too large, or the start is the worst one (ask :func:`theory.exact.worst_start` for it first).
    """
    require_chain(process)
    checked = process.values(**{name: x for name, x in values.items() if name != "t"})
    process, n = process.core, int(checked["n"])
    where: Start = read_start(start, process.problem, n)
    if where.kind == "worst":
        raise NoExactMethod("start: 'worst' depends on the quantity; give theory.exact.worst_start(process, ...)[0]")
    counted = counts.applies(process)
    if process.problem.symmetric or counted:
        if n > LARGEST_DENSE:
            raise NoExactMethod(f"n: the chain over the numbers of zero-bits has at most n = {LARGEST_DENSE}, not {n}")
        states = counts.states_of(n) if counted else by_zeros(process, n)
        first, some = weights_by_zeros(where, n)
        weights = np.zeros(n + 1)
        weights[first : first + len(some)] = some
        matrix = transition_matrix_by_zeros(process, **values)
        return Lumped(matrix, weights, states.zeros.astype(float), _floats(states.fitness), states.rank, states.end)
    levels = isinstance(process.problem, LeadingOnes) and process.algorithm.single and "k" not in process.rate_symbols
    if levels and where.kind == "uniform":
        from theory.law import _levels

        if n > LARGEST_DENSE:
            raise NoExactMethod(f"n: the chain over the levels has at most n = {LARGEST_DENSE}, not {n}")
        level = np.arange(n + 1)
        weights = 0.5 ** np.minimum(level + 1.0, n)
        zeros = np.where(level < n, 1 + (n - 1 - level) / 2, 0.0)
        return Lumped(_levels(process, values), weights, zeros, level.astype(float), level, level == n)
    states = by_points(process, n)  # refuses n > 12 with its reason
    matrix = full_transition_matrix(process, **values)
    return Lumped(
        matrix, weights_by_points(where, n), states.zeros.astype(float), _floats(states.fitness), states.rank, states.end
    )


def _floats(fitness: Any) -> np.ndarray:
    return np.array([float(x) for x in fitness])
