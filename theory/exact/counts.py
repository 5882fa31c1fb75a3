"""Chains of the number k of zero-bits whose acceptance is random in the counts: partially-ordered EA, Dynamic BinVal, Metropolis.

Notation: a of the k zero-bits and b of the n - k one-bits flip; the offspring, with k - a + b zero-bits, is accepted with a
probability that depends on a and b alone (``Problem.acceptance``; Metropolis on OneMax: 1 for b <= a, else alpha^(a-b)).
k may rise, so the chain is solved as a whole: in floats by elimination without subtractions (:mod:`theory.exact.elimination`), in
fractions, or in balls (python-flint's certified linear solver).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np

from theory.exact.elimination import expected_costs
from theory.exact.errors import NoExactMethod
from theory.exact.starts import average, weights_by_zeros
from theory.exact.states import LARGEST_DENSE, States, rates, rational_rates
from theory.problems import OneMax
from theory.process import Process
from theory.starts import Start
from theory.values import Number

if TYPE_CHECKING:
    from flint import arb

NAME = "chain over the numbers of zero-bits, random acceptance"
LARGEST_RATIONAL = 40
LARGEST_BALLS = 200


def applies(process: Process) -> bool:
    """Whether a process is one of these."""
    return process.problem.random_acceptance or not process.algorithm.elitist


def refusal(process: Process, values: dict[str, Number], start: Start, order: int = 1) -> str | None:
    """Why this method doesn't apply (empty: it is about other processes), or None if it does."""
    if not applies(process):
        return ""
    if not process.algorithm.elitist and not isinstance(process.problem, OneMax):
        return f"{process.algorithm.name} has an exact chain on OneMax only"
    if process.algorithm.strict:
        return f"{process.problem.name} has an acceptance rule of its own; strict=True means nothing there"
    if "v" in process.rate_symbols:
        return f"a point has no fitness under {process.problem}; write the rate in k"
    if int(values["n"]) > LARGEST_DENSE:
        return f"the chain over the numbers of zero-bits is solved up to n = {LARGEST_DENSE}"
    return None


def states_of(n: int) -> States:
    """k = 0..n; as no order is respected, all but the optimum have one rank."""
    zeros = np.arange(n + 1)
    return States(zeros, [n - int(z) for z in zeros], (zeros == 0).astype(np.int64), zeros == 0)


def moments(process: Process, values: dict[str, Number], start: Start, order: int = 1) -> tuple[float, ...]:
    """E[T], and E[T^2] where ``order`` is 2, from a start."""
    first, weights = weights_by_zeros(start, int(values["n"]))
    return tuple(average(weights, expected[first : first + len(weights)]) for expected in by_number(process, values, order))


def by_number(process: Process, values: dict[str, Number], order: int = 1) -> list[np.ndarray]:
    """E_k (and with ``order`` 2 the second moments) for k = 0..n."""
    n = int(values["n"])
    states, matrix = states_of(n), counts_matrix(process, values)
    result = [expected_costs(matrix, states.rank, states.end, np.ones(n + 1), True)]
    if order == 2:
        result.append(expected_costs(matrix, states.rank, states.end, 2.0 * result[0] - 1.0, True))
    return result


def _acceptance(process: Process, values: dict[str, Number]) -> Callable[[int, int], Fraction]:
    if process.problem.random_acceptance:
        return process.problem.acceptance
    from theory.process import _rational
    from theory.symbols import SYMBOLS

    alpha = process.algorithm.alpha.subs({SYMBOLS[name]: _rational(x) for name, x in values.items()})  # type: ignore[attr-defined]
    base = Fraction(int(alpha.p), int(alpha.q)) if alpha.is_Rational else Fraction(float(alpha.evalf(30)))
    return lambda a, b: Fraction(1) if a >= b else 1 / base ** (b - a)


def counts_matrix(process: Process, values: dict[str, Number]) -> np.ndarray:
    """Transition matrix over k = 0..n; state 0 is absorbing."""
    reason = refusal(process, values, Start("uniform"))
    if reason is not None:
        raise NoExactMethod(f"process: {reason}")
    n = int(values["n"])
    accept = _acceptance(process, values)
    matrix = np.zeros((n + 1, n + 1))
    matrix[0, 0] = 1.0
    if process.rate is None:
        for k in range(1, n + 1):
            for to, chance in _few_flips(process, n, k, accept).items():
                matrix[k, to] = float(chance)
    else:
        from scipy.stats import binom

        p = rates(process, values, states_of(n))[0]
        table = np.zeros((0, 0))
        for k in range(1, n + 1):
            ups = _cut(binom.pmf(np.arange(k + 1), k, p[k]))
            downs = _cut(binom.pmf(np.arange(n - k + 1), n - k, p[k]))
            if table.shape[0] < len(ups) or table.shape[1] < len(downs):
                size = max(len(ups), len(downs), 2 * max(table.shape))
                table = np.array([[float(accept(a, b)) for b in range(size)] for a in range(size)])
            law = ups[:, None] * downs[None, :] * table[: len(ups), : len(downs)]
            for shift in range(-len(ups) + 1, len(downs)):  # b - a
                if shift:
                    matrix[k, k + shift] += np.trace(law, offset=shift)
    for k in range(1, n + 1):
        matrix[k, k] = max(0.0, 1.0 - (matrix[k].sum() - matrix[k, k]))
    return matrix


def _cut(law: np.ndarray) -> np.ndarray:
    """Without a tail of less than 1e-30: its weight is below the rounding of every sum it enters."""
    some = np.flatnonzero(law > 1e-30)
    return law[: some[-1] + 1]


def _few_flips(process: Process, n: int, k: int, accept: Callable[[int, int], Fraction]) -> dict[int, Fraction]:
    """Accepted changes of k when a fixed number of positions flips (one for Metropolis)."""
    flips = process.algorithm.flips or 1
    row: dict[int, Fraction] = {}
    for a in range(max(0, flips - (n - k)), min(k, flips) + 1):
        b = flips - a
        if a != b:
            chance = Fraction(comb(k, a) * comb(n - k, b), comb(n, flips)) * accept(a, b)
            if chance:
                row[k - a + b] = row.get(k - a + b, Fraction(0)) + chance
    return row


def rational_rows(process: Process, values: dict[str, Number]) -> list[dict[int, Fraction]]:
    """The transition law of every k without its diagonal, in fractions; nothing leaves k = 0."""
    reason = refusal(process, values, Start("uniform"))
    if reason is not None:
        raise NoExactMethod(f"process: {reason}")
    n = int(values["n"])
    accept = _acceptance(process, values)
    if process.rate is None:
        return [{} if k == 0 else _few_flips(process, n, k, accept) for k in range(n + 1)]
    rows: list[dict[int, Fraction]] = [{}]
    for k, p in list(enumerate(rational_rates(process, values, states_of(n))))[1:]:
        row: dict[int, Fraction] = {}
        for a in range(k + 1):
            for b in range(n - k + 1):
                chance = accept(a, b) if a != b else Fraction(0)
                if chance and p:
                    weight = comb(k, a) * comb(n - k, b) * p ** (a + b) * (1 - p) ** (n - a - b)
                    if weight:
                        row[k - a + b] = row.get(k - a + b, Fraction(0)) + weight * chance
        rows.append(row)
    return rows


def rational_by_state(process: Process, values: dict[str, Number]) -> list[Any]:
    """E_k as fmpq for k = 0..n; None stands for infinity."""
    from flint import fmpq, fmpq_mat

    n = int(values["n"])
    if n > LARGEST_RATIONAL:
        raise NoExactMethod(f"rational: fractions are computed up to n = {LARGEST_RATIONAL}, not at n = {n}")
    rows = rational_rows(process, values)
    lost = _lost(rows)
    keep = [k for k in range(1, n + 1) if k not in lost]
    place = {k: i for i, k in enumerate(keep)}
    costs: list[Any] = [fmpq(0)] + [None] * n
    if keep:
        matrix, right = fmpq_mat(len(keep), len(keep)), fmpq_mat(len(keep), 1)
        for k in keep:
            leave = sum(rows[k].values(), Fraction(0))
            matrix[place[k], place[k]] = fmpq(leave.numerator, leave.denominator)
            right[place[k], 0] = fmpq(1)
            for to, chance in rows[k].items():
                if to:
                    matrix[place[k], place[to]] = -fmpq(chance.numerator, chance.denominator)
        solution = matrix.solve(right)
        for k in keep:
            costs[k] = solution[place[k], 0]
    return costs


def _lost(rows: list[dict[int, Fraction]]) -> set[int]:
    """The states that miss k = 0 with positive probability."""
    reach = {0}
    while True:
        more = {k for k, row in enumerate(rows) if k not in reach and reach & row.keys()}
        if not more:
            break
        reach |= more
    lost = set(range(len(rows))) - reach
    while True:
        more = {k for k, row in enumerate(rows) if k and k not in lost and lost & row.keys()}
        if not more:
            return lost
        lost |= more


def balls(process: Process, values: dict[str, Number]) -> list[arb]:
    """Balls that contain E_k for k = 0..n: the linear system in ball arithmetic, whose solver is certified.

    Raises
    ------
    NoExactMethod
        If n > 200, the rate is not rational, or the optimum may be missed.
    """
    from flint import arb, arb_mat, fmpq

    n = int(values["n"])
    if n > LARGEST_BALLS:
        raise NoExactMethod(f"n: balls are computed up to n = {LARGEST_BALLS} for this process, not at n = {n}")
    rows = rational_rows(process, values)
    if _lost(rows):
        raise NoExactMethod("process: the optimum is missed with positive probability; E[T] is infinite")
    matrix, right = arb_mat(n, n), arb_mat(n, 1)
    for k in range(1, n + 1):
        leave = sum(rows[k].values(), Fraction(0))
        matrix[k - 1, k - 1] = arb(fmpq(leave.numerator, leave.denominator))
        right[k - 1, 0] = arb(1)
        for to, chance in rows[k].items():
            if to:
                matrix[k - 1, to - 1] = -arb(fmpq(chance.numerator, chance.denominator))
    solution = matrix.solve(right)
    return [arb(0)] + [solution[k, 0] for k in range(n)]
