"""Problems whose fitness depends on the number of zero-bits alone: the chain over z = 0..n, plateaus included.

OneMax with rates that the banded chain can't take, RLS, Jump with its valley, Needle. The chain is solved level by level
without subtractions (:mod:`theory.exact.elimination`), above n = 2000 in balls (:mod:`theory.exact.lumped_balls`).

RLS with one flip on a strictly monotone function accepts exactly the flips of zero-bits: the coupon collector, E_z = n H_z
and Var = sum_{i <= z} (n^2/i^2 - n/i), for every n.
"""

from __future__ import annotations

import numpy as np

from theory.exact import lumped_balls, mixtures
from theory.exact.balls import to_float
from theory.exact.elimination import expected_costs
from theory.exact.matrices import zeros_matrix
from theory.exact.positions import position_rates
from theory.exact.starts import average, weights_by_zeros
from theory.exact.states import LARGEST_DENSE, by_zeros, rates
from theory.process import Process
from theory.starts import Start
from theory.values import Number

NAME = "chain over the numbers of zero-bits"


def refusal(process: Process, values: dict[str, Number], start: Start, order: int = 1) -> str | None:
    """Why this method doesn't apply (empty: it is about other processes), or None if it does."""
    if collects_coupons(process, int(values["n"])):
        return None
    if not process.problem.symmetric:
        return f"the fitness of {process.problem} needs more than the number of zero-bits"
    if process.algorithm.mixed and int(values["n"]) > mixtures.LARGEST:
        return f"rates that are drawn are solved over the numbers of zero-bits up to n = {mixtures.LARGEST}"
    if order == 2 and int(values["n"]) > LARGEST_DENSE:
        return f"second moments over the numbers of zero-bits are solved up to n = {LARGEST_DENSE}"
    if int(values["n"]) > lumped_balls.LARGEST:
        return f"the chain over the numbers of zero-bits is solved up to n = {lumped_balls.LARGEST}"
    return None


def moments(process: Process, values: dict[str, Number], start: Start, order: int = 1) -> tuple[float, ...]:
    """E[T], and E[T^2] where ``order`` is 2, from a start."""
    n = int(values["n"])
    first, weights = weights_by_zeros(start, n)
    if collects_coupons(process, n):
        z = np.arange(first, first + len(weights))
        return tuple(average(weights, moment) for moment in coupons(n, z)[:order])
    return tuple(average(weights, expected[first : first + len(weights)]) for expected in by_number(process, values, order))


def by_number(process: Process, values: dict[str, Number], order: int = 1) -> list[np.ndarray]:
    """E_z (and with ``order`` 2 the second moments) for z = 0..n.

    With E = 1 + P E, the second moments satisfy M = (2 E - 1) + P M.
    """
    n = int(values["n"])
    if collects_coupons(process, n):
        return coupons(n, np.arange(n + 1))[:order]
    if n > LARGEST_DENSE:  # too large for a dense matrix: as balls
        return [np.array([np.inf if x is None else to_float(x) for x in lumped_balls.by_number(process, values, 64)])]
    states = by_zeros(process, n)
    matrix = zeros_matrix(process, values, states)
    stall = may_stall(process, values, states)
    result = [expected_costs(matrix, states.rank, states.end, np.ones(n + 1), stall)]
    if order == 2:
        result.append(expected_costs(matrix, states.rank, states.end, 2.0 * result[0] - 1.0, stall))
    return result


def may_stall(process: Process, values: dict[str, Number], states) -> bool:
    """Whether some state may be unable to reach the optimum: a rate strictly between 0 and 1 reaches everything."""
    if process.rate is None:
        return True
    p = position_rates(process, values) if "i" in process.rate_symbols else rates(process, values, states)[0][~states.end]
    return bool(((p == 0) | (p == 1)).any())


def collects_coupons(process: Process, n: int) -> bool:
    """RLS with one flip on a strictly monotone function whose only end is the all-ones string."""
    problem = process.problem
    if process.algorithm.flips != 1 or not problem.is_strictly_monotone:
        return False
    return "optimal" not in problem.hooks or problem.target(n) == float(problem.value(np.ones(n, dtype=np.uint8)))


def coupons(n: int, z: np.ndarray) -> list[np.ndarray]:
    """First and second moment of the time to collect the last z of n coupons.

    >>> [float(m[0].round(9)) for m in coupons(2, np.array([2]))]
    [3.0, 11.0]
    """
    from scipy.special import digamma, polygamma

    harmonic = np.where(z > 0, digamma(z + 1.0) + np.euler_gamma, 0.0)
    squares = np.where(z > 0, polygamma(1, 1.0) - polygamma(1, z + 1.0), 0.0)
    mean = n * harmonic
    return [mean, n * (n * squares) - mean + mean**2]
