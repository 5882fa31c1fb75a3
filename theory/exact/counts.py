"""Chains of k, the number of zero-bits, with acceptance at random by counts: rules put on like a problem, Metropolis.

Notation: a of the k zero-bits and b of the n - k one-bits flip; the offspring, with k - a + b zero-bits, is accepted with a
probability that depends on a and b alone (``Problem.acceptance``; Metropolis on OneMax: 1 for b <= a, else alpha^(a-b)).
k may rise, so the chain is solved as a whole, in floats by elimination without subtractions: within a band, as few bits flip at
once (:mod:`theory.exact.banded`; up to n = 100000), or densely (:mod:`theory.exact.elimination`). In fractions, and in balls by
the residual of an approximation (:mod:`theory.exact.blocks`).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import accumulate
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np
from sympy import Expr

from theory.algorithms.parameters import at_values
from theory.exact.elimination import expected_costs, too_large
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
LARGEST_BAND = 100_000
LARGEST_BIRTHS = 1_000_000
_SMALL = 64
_LEAST = 1e-30
_MOST_WORK = 5e10


def applies(process: Process) -> bool:
    """Whether a process is one of these."""
    return process.problem.random_acceptance or not process.algorithm.elitist


def refusal(process: Process, values: dict[str, Number], start: Start, order: int = 1) -> str | None:
    """Why this method doesn't apply (empty: it is about other processes), or None if it does."""
    return _reason(process, values, LARGEST_BAND) if applies(process) else ""


def _reason(process: Process, values: dict[str, Number], largest: int) -> str | None:
    if not process.algorithm.elitist and not isinstance(process.problem, OneMax):
        return f"{process.algorithm.name} has an exact chain on OneMax only"
    if process.algorithm.strict:
        return f"{process.problem.name} has an acceptance rule of its own; strict=True means nothing there"
    if "v" in process.rate_symbols:
        return f"a point has no fitness under {process.problem}; write the rate in k"
    if not process.problem.acceptance_known:
        return f"the probability with which {process.problem} accepts has no closed form"
    if int(values["n"]) > largest:
        return f"the chain over the numbers of zero-bits is solved up to n = {largest}"
    return None


def refuse(process: Process, values: dict[str, Number], largest: int = LARGEST_DENSE) -> None:
    """Raise the reason why there is no such chain at these values."""
    reason = _reason(process, values, largest)
    if reason is not None:
        raise NoExactMethod(f"process: {reason}")


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
    band = None if n < _SMALL else _band(process, values, n, _LEAST)
    if band is None:
        states, matrix = states_of(n), counts_matrix(process, values)
        result = [expected_costs(matrix, states.rank, states.end, np.ones(n + 1), True)]
        if order == 2:
            result.append(expected_costs(matrix, states.rank, states.end, 2.0 * result[0] - 1.0, True))
        return result
    first, least = _by_band(band, np.ones(n + 1)), _LEAST
    while least * first.max() > 1e-13:  # what the band leaves out counts times the largest expectation
        least = 1e-16 / float(first.max())
        band = _band(process, values, n, least)
        if band is None:
            raise too_large()
        first = _by_band(band, np.ones(n + 1))
    return [first] if order == 1 else [first, _by_band(band, 2.0 * first - 1.0)]


def _by_band(band: np.ndarray, cost: np.ndarray) -> np.ndarray:
    from theory.exact.banded import band_costs

    width = band.shape[1] // 2
    near = np.arange(1, min(width, len(band) - 1) + 1)
    inner, out = band[1:].copy(), np.zeros(len(band) - 1)
    out[near - 1] = band[near, width - near]
    inner[near - 1, width - near] = 0.0
    expected = np.concatenate([[0.0], band_costs(inner, out, cost[1:])])
    if not np.isfinite(expected).all():
        raise too_large()
    return expected


def _band(process: Process, values: dict[str, Number], n: int, least: float) -> np.ndarray | None:
    """The chain over k = 0..n as a band (see :mod:`theory.exact.banded`), or None where that doesn't pay."""
    from theory.exact import banded

    accept = _acceptance(process, values)
    if process.rate is None:
        if process.algorithm.flips > 1:
            return None
        k = np.arange(n + 1)
        return np.stack([k / n * float(accept(1, 0)), 0.0 * k, (n - k) / n * float(accept(0, 1))], axis=1)
    p, odds = rates(process, values, states_of(n))
    if (p[1:] <= 0).any() or (p[1:] >= 1).any():
        return None
    ups, downs = banded.widest(n, odds, least)
    width = max(ups, downs)
    if 6 * width > n and n <= LARGEST_DENSE:
        return None
    if n * float(width) ** 2 > _MOST_WORK:
        raise NoExactMethod(f"rate: up to {width} bits flip at once, too many at n = {n}; take a smaller n or rate")
    table = np.array([[float(accept(a, b)) for b in range(downs + 1)] for a in range(ups + 1)])
    return banded.counts_band(n, odds, table, least, width)


def _alpha(process: Process, values: dict[str, Number]) -> Expr:
    return at_values(process.algorithm.alpha, values)  # type: ignore[attr-defined]


def _acceptance(process: Process, values: dict[str, Number], exactly: bool = False) -> Callable[[int, int], Fraction]:
    if process.problem.random_acceptance:
        return process.problem.acceptance
    alpha = _alpha(process, values)
    if alpha.is_Rational:
        base = Fraction(int(alpha.p), int(alpha.q))
    elif exactly:
        raise NoExactMethod(f"rational: alpha is {alpha}, which is not a rational number")
    else:
        base = Fraction(float(alpha.evalf(30)))
    return lambda a, b: Fraction(1) if a >= b else 1 / base ** (b - a)


def counts_matrix(process: Process, values: dict[str, Number]) -> np.ndarray:
    """Transition matrix over k = 0..n; state 0 is absorbing."""
    refuse(process, values)
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
    refuse(process, values)
    n = int(values["n"])
    accept = _acceptance(process, values, exactly=True)
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


def balls(process: Process, values: dict[str, Number], bits: int) -> list[arb | None]:
    """Balls that contain E_k for k = 0..n; None stands for infinity.

    Raises
    ------
    NoExactMethod
        If n is too large, so many bits flip at once that it would take too long, or E is beyond floating point.
    """
    from flint import ctx

    from theory.exact.lumped_balls import LARGEST, to_precision

    n = int(values["n"])
    refuse(process, values, LARGEST if process.algorithm.elitist else LARGEST_BIRTHS)
    if not process.algorithm.elitist:
        from theory.exact.balls import ball

        with ctx.workprec(bits + 2 * n.bit_length()):
            return _births(n, 1 / ball(_alpha(process, values)))
    return to_precision(lambda least: _enclosed(process, values, n, least), bits, n)


def _births(n: int, worse: arb) -> list[arb | None]:
    """D_k = E_k - E_(k-1) satisfies (k/n) D_k = 1 + ((n - k)/n) / alpha D_(k+1): no subtraction."""
    from flint import arb

    steps = [arb(0)] * (n + 2)
    for k in range(n, 0, -1):
        steps[k] = (n + (n - k) * worse * steps[k + 1]) / k
    return list(accumulate(steps[: n + 1]))


def _ball(x: Fraction) -> arb:
    from flint import arb, fmpq

    return arb(fmpq(x.numerator, x.denominator))


def _enclosed(process: Process, values: dict[str, Number], n: int, least: arb) -> list[arb | None]:
    from flint import arb

    from theory.exact import steps
    from theory.exact.blocks import enclose
    from theory.exact.lumped_balls import check_work

    rows: list[dict[int, arb]] = []
    out, omitted = [], []
    if process.rate is None:
        exactly = rational_rows(process, values)
        lost = _lost(exactly)
        keep = [k for k in range(1, n + 1) if k not in lost]
        place = {k: i for i, k in enumerate(keep)}
        for k in keep:
            row = {to: _ball(x) for to, x in exactly[k].items()}
            out.append(row.pop(0, arb(0)))
            rows.append({place[to]: chance for to, chance in row.items()})
            omitted.append(arb(0))
    else:
        keep = list(range(1, n + 1))
        p = steps.rate_balls(process, values, [(k, 0) for k in keep])
        most = check_work(process, n, p, least, power=2)
        mutation, weights = steps.mutations(n, least), steps.Weights(process.problem.acceptance, most)
        for k in keep:
            flips = mutation(k, p[k - 1])
            changes = steps.accepted_changes(flips, weights)
            changes.pop(k, None)
            out.append(flips.whole * _ball(process.problem.acceptance(k, 0)))
            rows.append({k - m - 1: chance for m, chance in changes.items()})
            omitted.append(flips.omitted)
    costs: list[arb | None] = [arb(0)] + [None] * n
    if keep:
        for k, cost in zip(keep, enclose(rows, out, [arb(1)] * len(keep), omitted, arb(0))):
            costs[k] = cost
    return costs
