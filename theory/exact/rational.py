"""Exact rational expectations (python-flint): the chain solved level by level in fractions.

Over the numbers of zero-bits up to n = 40 where fitness depends on them alone, over all points up to n = 8 otherwise. The rate
must be rational at every state.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat

from theory.exact.elimination import lost_states, ranks_downwards
from theory.exact.errors import NoExactMethod
from theory.exact.matrices import rls_row
from theory.exact.starts import rational_weights_by_points, rational_weights_by_zeros
from theory.exact.states import States, by_points, by_zeros, rational_rates, require_timeless
from theory.process import Process
from theory.starts import Start
from theory.values import Number

LARGEST_BY_ZEROS = 40
LARGEST_BY_POINTS = 8


def expected(process: Process, values: dict[str, Number], start: Start) -> Fraction | float:
    """E[T] from a start as a fraction, or infinity.

    Raises
    ------
    NoExactMethod
        If n is too large or the rate isn't rational.
    """
    n = int(values["n"])
    if process.algorithm.mixed:
        raise NoExactMethod(f"rational: the rates of {process.algorithm.name} are drawn with probabilities that are not rational")
    from theory.exact import counts

    symmetric = process.problem.symmetric or counts.applies(process)
    if n > (LARGEST_BY_ZEROS if symmetric else LARGEST_BY_POINTS):
        raise NoExactMethod(
            f"rational: fractions are computed up to n = {LARGEST_BY_POINTS}"
            f" (n = {LARGEST_BY_ZEROS} where fitness depends on the number of zero-bits alone), not at n = {n}"
        )
    costs: list[Any] = by_state(process, values)
    if start.kind == "worst":
        return _fraction(None) if None in costs else _fraction(max(x for x in costs if x is not None))
    weights = (rational_weights_by_zeros if symmetric else rational_weights_by_points)(start, n)
    if any(w and x is None for w, x in zip(weights, costs)):
        return math.inf
    return _fraction(sum((fmpq(w.numerator, w.denominator) * x for w, x in zip(weights, costs) if w), fmpq(0)))


def by_state(process: Process, values: dict[str, Number]) -> list[fmpq | None]:
    """E over z = 0..n (symmetric problems) or over all 2^n canonical points; None stands for infinity."""
    from theory.exact import counts

    require_timeless(process)
    if counts.applies(process):
        return counts.rational_by_state(process, values)
    n = int(values["n"])
    if process.problem.symmetric:
        states = by_zeros(process, n)
        rows = _rows_by_zeros(process, values, states)
    else:
        states = by_points(process, n)
        rows = _rows_by_points(process, values, states)
    costs: list[fmpq | None] = [fmpq(0)] * len(rows)
    solved = list(np.flatnonzero(states.end))
    for block in ranks_downwards(states.rank, states.end):
        strict = process.algorithm.strict
        leaves = [[y for y in solved if rows[x][y] and states.rank[y] >= states.rank[x] + strict] for x in block]
        within = np.array([[float(not strict and x != y and rows[x][y] != 0) for y in block] for x in block])
        doomed = np.array([any(costs[y] is None for y in targets) for targets in leaves])
        lost = lost_states(within, np.array([float(bool(targets)) for targets in leaves]), doomed)
        for x in block[lost]:
            costs[x] = None
        keep = np.flatnonzero(~lost)
        if keep.size:
            solution = _plateau([rows[x] for x in block[keep]], block[keep], within[np.ix_(keep, keep)] > 0, leaves, keep, costs)
            for x, cost in zip(block[keep], solution):
                costs[x] = cost
        solved += list(block)
    return costs


def _plateau(rows, block, within, leaves, keep, costs) -> list[fmpq]:
    """Solve the states of equal fitness that surely reach the end."""
    size = len(block)
    matrix, right = fmpq_mat(size, size), fmpq_mat(size, 1)
    for i, row in enumerate(rows):
        targets = leaves[keep[i]]
        right[i, 0] = 1 + sum((row[y] * costs[y] for y in targets), fmpq(0))
        neighbours = [j for j in range(size) if within[i, j]]
        for j in neighbours:
            matrix[i, j] = -row[block[j]]
        matrix[i, i] = sum((row[y] for y in [*targets, *block[neighbours]]), fmpq(0))
    if not within.any():
        return [right[i, 0] / matrix[i, i] for i in range(size)]
    solution = matrix.solve(right)
    return [solution[i, 0] for i in range(size)]


def _rows_by_zeros(process: Process, values: dict[str, Number], states: States) -> list[list[fmpq]]:
    """Law of the offspring's number of zero-bits from each z."""
    n = int(values["n"])
    if process.rate is None:
        return [[fmpq(x) for x in rls_row(n, process.algorithm.flips, z, fmpq)] for z in range(n + 1)]
    rows = []
    for z, rate in enumerate(rational_rates(process, values, states)):
        p, q = fmpq(rate.numerator, rate.denominator), 1 - fmpq(rate.numerator, rate.denominator)
        ups = [math.comb(z, a) * p**a * q ** (z - a) for a in range(z + 1)]
        downs = [math.comb(n - z, b) * p**b * q ** (n - z - b) for b in range(n - z + 1)]
        row = [fmpq(0)] * (n + 1)
        for a, up in enumerate(ups):
            for b, down in enumerate(downs):
                row[z - a + b] += up * down
        rows.append(row)
    return rows


def _rows_by_points(process: Process, values: dict[str, Number], states: States) -> list[list[fmpq]]:
    """Law of the offspring of each point."""
    n, size = int(values["n"]), len(states.zeros)
    if "i" in process.rate_symbols:
        from theory.exact.positions import law_of_flips, rational_position_rates

        law = law_of_flips([fmpq(p.numerator, p.denominator) for p in rational_position_rates(process, values)])
        return [[law[x ^ y] for y in range(size)] for x in range(size)]
    if process.rate is None:
        laws = [[fmpq(0)] * (n + 1)] * size
        laws[0][process.algorithm.flips] = fmpq(1, math.comb(n, process.algorithm.flips))
    else:
        laws = []
        for rate in rational_rates(process, values, states):
            p = fmpq(rate.numerator, rate.denominator)
            laws.append([p**h * (1 - p) ** (n - h) for h in range(n + 1)])
    return [[laws[x][(x ^ y).bit_count()] for y in range(size)] for x in range(size)]


def _fraction(value: fmpq | None) -> Fraction | float:
    return math.inf if value is None else Fraction(int(value.p), int(value.q))
