"""Any problem, by the chain over all 2^n points (n <= 12), solved in the order of fitness."""

from __future__ import annotations

import numpy as np

from theory.exact.elimination import expected_costs
from theory.exact.matrices import points_matrix
from theory.exact.starts import average, weights_by_points
from theory.exact.states import LARGEST_FULL, by_points
from theory.exact.symmetric import may_stall
from theory.process import Process
from theory.starts import Start
from theory.values import Number

NAME = "chain over all points"


def refusal(process: Process, values: dict[str, Number], start: Start, order: int = 1) -> str | None:
    """Why this method doesn't apply (empty: it is about other processes), or None if it does."""
    if int(values["n"]) > LARGEST_FULL:
        return f"the chain over all 2^n points is solved up to n = {LARGEST_FULL}"
    return None


def moments(process: Process, values: dict[str, Number], start: Start, order: int = 1) -> tuple[float, ...]:
    """E[T], and E[T^2] where ``order`` is 2, from a start."""
    weights = weights_by_points(start, int(values["n"]))
    return tuple(average(weights, expected) for expected in by_point(process, values, order))


def by_point(process: Process, values: dict[str, Number], order: int = 1) -> list[np.ndarray]:
    """E (and with ``order`` 2 the second moment) from each of the 2^n canonical points; the most significant digit is x_1."""
    states = by_points(process, int(values["n"]))
    matrix = points_matrix(process, values, states)
    stall = may_stall(process, values, states)
    result = [expected_costs(matrix, states.rank, states.end, np.ones(len(states.rank)), stall)]
    if order == 2:
        result.append(expected_costs(matrix, states.rank, states.end, 2.0 * result[0] - 1.0, stall))
    return result
