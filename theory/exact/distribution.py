"""The whole distribution of the runtime: P(T = t) for t = 0, 1, 2, ... until almost nothing is left.

* LeadingOnes from a uniform start: T is a sum of independent B_i G_i (see :mod:`theory.exact.leadingones`); each level is one
  pass of y_t = (1 - w) y_{t-1} + w x_{t-1}. The length is chosen by Chernoff's bound, so that P(T > length) <= tail.
* Problems that depend on the number of zero-bits, and RLS on strictly monotone functions: powers of the chain over z.
* Everything else: powers of the chain over all points.
* Rates in t: :mod:`theory.exact.timed`.

All sums have non-negative terms. Transition probabilities below 1e-20 are left out: together they change P(T <= t) by less than
1e-20 t (states).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from theory.errors import InputError
from theory.exact import counts, fullchain, leadingones, levels, positions, symmetric
from theory.exact.elimination import ranks_downwards
from theory.exact.errors import NoExactMethod
from theory.exact.matrices import points_matrix, zeros_matrix
from theory.exact.starts import weights_by_points, weights_by_zeros
from theory.exact.states import LARGEST_DENSE, by_points, by_zeros, rates
from theory.process import Process
from theory.starts import Start
from theory.values import Number

NEGLIGIBLE = 1e-20
LARGEST_WORK = 2e10
LONGEST = 5 * 10**7
_CHUNK = 1 << 14


@dataclass(frozen=True, eq=False)
class RuntimeDistribution:
    """The law of T, the number of offspring until the optimum is found.

    Attributes
    ----------
    pmf : float array, shape (times,)
        P(T = t) for t = 0, 1, 2, ...
    tail_mass : float
        P(T >= times), what the array leaves out.
    mean, variance : float
        Exact moments of T, the tail included; where the rate depends on t, those of min(T, times).
    """

    pmf: np.ndarray
    tail_mass: float
    mean: float
    variance: float

    @property
    def cdf(self) -> np.ndarray:
        """P(T <= t) for t = 0, 1, 2, ..."""
        return np.minimum(np.cumsum(self.pmf), 1.0)

    def quantile(self, q: float) -> int:
        """The smallest t with P(T <= t) >= q.

        Raises
        ------
        InputError
            If q isn't in (0, 1 - tail_mass].
        """
        if not 0 < q < 1:
            raise InputError(f"q: {q!r} must lie strictly between 0 and 1")
        cdf = self.cdf
        if q > cdf[-1]:
            raise InputError(f"q: {q} lies in the tail that was left out; take q <= {cdf[-1]:.12g} or a smaller tail=")
        return int(np.searchsorted(cdf, q))


def distribution(process: Process, values: dict[str, Number], start: Start, tail: float, mean: float, variance: float):
    """The distribution from a start whose mean and variance are known."""
    n = int(values["n"])
    if math.isinf(mean):
        raise NoExactMethod("process: the optimum is missed with positive probability, so P(T <= t) doesn't come near 1")
    length = mean + math.sqrt(variance) * math.log(1 / tail)
    if length > LONGEST:
        raise NoExactMethod(f"n: the distribution would have about {length:.1e} values; take a smaller n or a larger tail=")
    if counts.applies(process):
        mass = np.zeros(n + 1)
        first, weights = weights_by_zeros(start, n)
        mass[first : first + len(weights)] = weights
        pmf, left = _powers(counts.counts_matrix(process, values), counts.states_of(n).end, mass, tail, length)
    elif start.kind == "uniform" and leadingones.refusal(process, values, start) is None:
        pmf, left = _leadingones(process, values, n, tail)
    elif positions.refusal(process, values, start) is None:
        pmf, left = _levels_in_turn(1.0 / positions.waiting_times(process, values), n, tail)
    elif (symmetric.collects_coupons(process, n) or process.problem.symmetric) and n <= LARGEST_DENSE:
        pmf, left = _by_zeros(process, values, start, n, tail, length)
    elif fullchain.refusal(process, values, start) is None:
        pmf, left = _by_points(process, values, start, n, tail, length)
    elif levels.refusal(process, values, start) is None:
        pmf, left = _by_levels(process, values, start, n, tail, length)
    else:
        raise NoExactMethod(f"n: the distribution of {process} is not known at n = {n}; take n <= 12")
    return RuntimeDistribution(pmf, left, mean, variance)


def _leadingones(process: Process, values: dict[str, Number], n: int, tail: float) -> tuple[np.ndarray, float]:
    return _levels_in_turn(1.0 / leadingones.waiting_times(process, values, n), n, tail)


def _levels_in_turn(chance: np.ndarray, n: int, tail: float) -> tuple[np.ndarray, float]:
    """T as the sum of independent B_i G_i, B_i ~ Ber(1/2) and G_i ~ Geo(chance[i])."""
    from theory.exact.distribution_kernel import add_half_geometric

    length = _chernoff(chance, tail)
    _check_work(n * float(length))
    pmf = np.zeros(length + 1)
    pmf[0] = 1.0
    for w in chance:
        add_half_geometric(pmf, w)
    return pmf, max(0.0, 1.0 - math.fsum(pmf))


def _chernoff(chance: np.ndarray, tail: float) -> int:
    """A length L with P(sum of B_i G_i > L) <= tail: exp(log E exp(s T) - s L) at the best s of a grid."""
    if (chance == 1.0).all():
        return len(chance)
    largest = -np.log1p(-chance[chance < 1.0].min())
    best = math.inf
    for s in largest * np.linspace(0.005, 0.995, 199):
        growth = chance * math.exp(s) / -np.expm1(s + np.log1p(-np.minimum(chance, 1.0 - 1e-16)))
        best = min(best, (np.log((1.0 + growth) / 2).sum() - math.log(tail)) / s)
    return math.ceil(best)


def _by_zeros(
    process: Process, values: dict[str, Number], start: Start, n: int, tail: float, length: float
) -> tuple[np.ndarray, float]:
    if not process.problem.symmetric:  # coupons: the counts of RLS are those of OneMax
        from theory.problems import OneMax

        process = process.algorithm.on(OneMax())
    states = by_zeros(process, n)
    first, weights = weights_by_zeros(start, n)
    mass = np.zeros(n + 1)
    mass[first : first + len(weights)] = weights
    return _powers(zeros_matrix(process, values, states), states.end, mass, tail, length)


def _by_points(
    process: Process, values: dict[str, Number], start: Start, n: int, tail: float, length: float
) -> tuple[np.ndarray, float]:
    states = by_points(process, n)
    return _powers(points_matrix(process, values, states), states.end, weights_by_points(start, n), tail, length)


def _by_levels(
    process: Process, values: dict[str, Number], start: Start, n: int, tail: float, length: float
) -> tuple[np.ndarray, float]:
    """The mass of each level is mutated as a whole; what is rejected stays where it was."""
    from theory.exact.levels_kernel import mutate

    states = by_points(process, n, levels.LARGEST)
    p = rates(process, values, states)[0]
    kinds = []
    for points in ranks_downwards(states.rank, states.end):
        accepted = states.rank >= states.rank[points[0]] + process.algorithm.strict
        rejected = np.where(accepted, 0.0, 1.0)
        mutate(rejected, p[points[0]])
        kinds.append((points, np.flatnonzero(accepted), rejected[points], float(p[points[0]])))
    _check_work(length * len(kinds) * n * 2 ** (n - 1))
    mass = weights_by_points(start, n)
    pmf = [float(mass[states.end].sum())]
    left = float(mass[~states.end].sum())
    while left > tail:
        after = np.zeros(len(mass))
        for points, accepted, rejected, rate in kinds:
            moved = np.zeros(len(mass))
            moved[points] = mass[points]
            if moved.any():
                mutate(moved, rate)
                after[accepted] += moved[accepted]
                after[points] += rejected * mass[points]
        pmf.append(float(after[states.end].sum()))
        after[states.end] = 0.0
        mass, left = after, float(after.sum())
    return np.array(pmf), left


def _powers(matrix: np.ndarray, end: np.ndarray, mass: np.ndarray, tail: float, length: float) -> tuple[np.ndarray, float]:
    """Advance the chain until at most ``tail`` is left."""
    from theory.exact.distribution_kernel import absorb

    some = matrix > NEGLIGIBLE
    first = some.argmax(axis=1)
    last = matrix.shape[1] - 1 - some[:, ::-1].argmax(axis=1)
    _check_work(length * float((last - first + 1).sum()))
    pmf = [np.array([mass[end].sum()])]
    mass = np.where(end, 0.0, mass)
    left = float(mass.sum())
    while left > tail:
        chunk = np.empty(_CHUNK)
        steps, left = absorb(matrix, first, last, end, mass, chunk, tail)
        pmf.append(chunk[:steps])
        if len(pmf) * _CHUNK > 4 * LONGEST:
            raise NoExactMethod("n: the distribution is too long; take a smaller n or a larger tail=")
    return np.concatenate(pmf), left


def _check_work(work: float) -> None:
    if work > LARGEST_WORK:
        raise NoExactMethod(f"n: the distribution would take about {work:.1e} operations; take a smaller n or a larger tail=")


def check_tail(tail: Any) -> float:
    """Check the argument ``tail``."""
    try:
        value = float(tail)
    except (TypeError, ValueError):
        value = math.nan
    if not 1e-14 <= value < 1:
        raise InputError(f"tail: {tail!r} must be a probability from 1e-14 to below 1")
    return value
