"""Transition matrices of a process: over the numbers of zero-bits, or over all points.

Notation: a of the z zero-bits and b of the n - z one-bits flip; the offspring has z - a + b zero-bits. With standard bit
mutation a ~ Bin(z, p) and b ~ Bin(n - z, p) are independent; RLS flips r positions, a is hypergeometric and b = r - a.
"""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np

from theory.exact.errors import NoExactMethod
from theory.exact.states import (
    LARGEST_DENSE,
    States,
    by_points,
    by_zeros,
    rates,
    require_chain,
    require_symmetric,
    require_timeless,
)
from theory.process import Process
from theory.values import Number


def transition_matrix_by_zeros(process: Process, **values: Any) -> np.ndarray:
    """Transition matrix over z, the number of zero-bits, for a problem whose fitness depends on z alone.

    Parameters
    ----------
    process : Process
        Its rate may depend on k and v, not on t.
    **values
        n (up to 2000) and c.

    Returns
    -------
    float array, shape (n + 1, n + 1)
        Entry [z, y] is the probability that a point with z zero-bits is followed by one with y. State 0 is absorbing.
        Every entry of at least 1e-290 has a relative error of at most 1e-10.

    Examples
    --------
    >>> from theory import RLS, OneMax
    >>> transition_matrix_by_zeros(RLS().on(OneMax()), n=2).tolist()
    [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.0, 1.0, 0.0]]
    """
    require_chain(process)
    checked = process.values(**values)
    if process.problem.random_acceptance or not process.algorithm.elitist:
        from theory.exact.counts import counts_matrix

        return counts_matrix(process, checked)
    return zeros_matrix(process, checked, by_zeros(process, int(checked["n"])))


def zeros_matrix(process: Process, values: dict[str, Number], states: States) -> np.ndarray:
    """As :func:`transition_matrix_by_zeros`, from checked values and states."""
    n = int(values["n"])
    require_symmetric(process)
    require_timeless(process)
    if n > LARGEST_DENSE:
        raise NoExactMethod(f"n: the chain over the numbers of zero-bits is solved up to n = {LARGEST_DENSE}, not at n = {n}")
    if process.algorithm.mixed:
        from theory.exact import mixtures

        offspring = mixtures.offspring_by_zeros(process, values)
    elif process.rate is None:
        offspring = np.array([[float(x) for x in rls_row(n, process.algorithm.flips, z)] for z in range(n + 1)])
    else:
        from theory.exact.laws_kernel import offspring_by_zeros

        offspring = offspring_by_zeros(n, rates(process, values, states)[1])
    rank = states.rank
    accepted = rank[None, :] > rank[:, None]
    if not process.algorithm.strict:
        accepted |= rank[None, :] == rank[:, None]
    np.fill_diagonal(accepted, False)
    matrix = np.where(accepted, offspring, 0.0)
    np.fill_diagonal(matrix, np.where(accepted, 0.0, offspring).sum(axis=1))
    matrix[states.end] = np.eye(n + 1)[states.end]
    return matrix


def rls_row(n: int, flips: int, z: int, number: Any = None) -> list:
    """Law of the offspring's number of zero-bits when ``flips`` uniform positions of a point with z zero-bits flip."""
    row: list = [0] * (n + 1)
    ways = comb(n, flips)
    for a in range(max(0, flips - (n - z)), min(z, flips) + 1):
        count = comb(z, a) * comb(n - z, flips - a)
        row[z - 2 * a + flips] = count / ways if number is None else number(count, ways)
    return row


def full_transition_matrix(process: Process, **values: Any) -> np.ndarray:
    """Transition matrix over all 2^n points.

    Parameters
    ----------
    process : Process
        Any problem; its rate may depend on k and v, not on t.
    **values
        n (up to 12) and c.

    Returns
    -------
    float array, shape (2^n, 2^n)
        Point i has the binary digits of i, x_1 the most significant one, in *canonical* form: a one-bit agrees with the
        optimum, so that the optimum is the last point. Optima are absorbing.

    Examples
    --------
    >>> from theory import OnePlusOneEA, BinVal
    >>> full_transition_matrix(OnePlusOneEA("1/3").on(BinVal()), n=1).round(4).tolist()
    [[0.6667, 0.3333], [0.0, 1.0]]
    """
    require_chain(process)
    checked = process.values(**values)
    n = int(checked["n"])
    if not process.algorithm.elitist:
        raise NoExactMethod(f"process: {process.algorithm.name} has an exact chain on OneMax only")
    return points_matrix(process, checked, by_points(process, n))


def points_matrix(process: Process, values: dict[str, Number], states: States) -> np.ndarray:
    """As :func:`full_transition_matrix`, from checked values and states."""
    if "i" in process.rate_symbols:
        from theory.exact.positions import full_matrix as matrix_by_positions

        return matrix_by_positions(process, values, states)
    from theory.exact.laws_kernel import full_matrix

    return full_matrix(int(values["n"]), flip_laws(process, values, states), states.rank, states.end, process.algorithm.strict)


def flip_laws(process: Process, values: dict[str, Number], states: States) -> np.ndarray:
    """laws[x, h] = P(one given set of h positions is exactly what flips) at the state x; shape (states, n + 1)."""
    n = int(values["n"])
    require_timeless(process)
    if process.algorithm.mixed:
        from theory.exact import mixtures

        return mixtures.set_laws(process, values, len(states.zeros))
    laws = np.zeros((len(states.zeros), n + 1))
    if process.rate is None:
        laws[:, process.algorithm.flips] = 1 / comb(n, process.algorithm.flips)
        return laws
    p, _ = rates(process, values, states)
    h = np.arange(n + 1)
    return p[:, None] ** h * (1.0 - p[:, None]) ** (n - h)
