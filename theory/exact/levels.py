r"""Any function on up to 16 bits, level by level, without a matrix over all points (standard bit mutation).

Notation: M mutation's matrix over {0,1}^n, L a level (points of one fitness v), p the rate there. For x in L, u_x = sum of M_xy
over the better points y, g_x = sum of M_xy E_y over them, r_x = 1 + g_x; E_L solves

    A E = r,   A = D - M_LL,   D_x = u_x + sum over y in L of M_xy.

M is the n-fold tensor product of [[1-p, p], [p, 1-p]], so that a product with it costs O(n 2^n). A is symmetric and weakly
diagonally dominant with row sums u_x > 0: positive definite for every 0 < p < 1.

==============================  =====================================================================================
the level                       is solved by
==============================  =====================================================================================
one point, strict acceptance    E_x = r_x / u_x, with g and u as sums over the better points or by the tensor product
up to 1500 points               elimination without subtractions (:mod:`theory.exact.elimination`)
more points                     conjugate gradients on A for the deviation d from a constant m: E = m + d
==============================  =====================================================================================

**Accuracy.** The result is returned with a bound on its error, from the theorem of :mod:`theory.exact.blocks` (which holds for
any approximation): if |(A Ê - r)_x| <= e r_x on all of L then |Ê - E| <= e E there. The residual A Ê - r = m u + A d - r is
computed; to it is added what rounding can have done, 2^-53 times the number of roundings of a term (5 a bit for tensor
products, 512 + 2^n/512 + 5 n for sums over points, counted generously) times the absolute values of all terms, which splitting
off m keeps small. Errors of one level enter the next through r. Two bounds on the error of the whole hold: the product of the
factors 1 + e of all levels, less 1; and the largest residual of all, relative to the cost of a step instead of r (the theorem
with all points as one block). The smaller one is taken, and a result whose bound exceeds 1e-9 is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.exact.elimination import plateau, ranks_downwards, too_large
from theory.exact.errors import NoExactMethod
from theory.exact.starts import average, weights_by_points
from theory.exact.states import States, by_points, rates
from theory.process import Process
from theory.starts import Start
from theory.values import Number

NAME = "level by level, over all points"
LARGEST = 16
ACCURACY = 1e-9
_DENSE = 1500
_FEW = 48  # points: below, sums over the better points cost less than tensor products
_MOST_TENSORS = 20_000  # levels that need them
_UNIT = 2.0**-53
_ROUNDS, _STEPS = 12, 400


def refusal(process: Process, values: dict[str, Number], start: Start, order: int = 1) -> str | None:
    """Why this method doesn't apply (empty: it is about other processes), or None if it does."""
    if int(values["n"]) > LARGEST:
        return f"the chain over all points, level by level, is solved up to n = {LARGEST}"
    if process.rate is None or process.rate_symbols & {"k", "i"}:
        return "the chain over all points, level by level, needs standard bit mutation at a rate in n, c, v"
    return None


def moments(process: Process, values: dict[str, Number], start: Start, order: int = 1) -> tuple[float, ...]:
    """E[T], and E[T^2] where ``order`` is 2, from a start."""
    weights = weights_by_points(start, int(values["n"]))
    return tuple(average(weights, expected) for expected in by_point(process, values, order))


def by_point(process: Process, values: dict[str, Number], order: int = 1) -> list[np.ndarray]:
    """E (and with ``order`` 2 the second moment) from each of the 2^n canonical points; errors below 1e-9, relatively."""
    n = int(values["n"])
    states = by_points(process, n, LARGEST)
    solutions = [solve(process, values, states, np.ones(len(states.rank)))]
    if order == 2:
        first, bound = solutions[0]
        second, error = solve(process, values, states, 2.0 * first - 1.0)
        solutions.append((second, error + 3.0 * bound))  # the cost 2 E - 1 is at least E
    for _, bound in solutions:
        if not bound <= ACCURACY:
            raise NoExactMethod(f"process: rounding errors are too large here (bound {bound:.1e} > {ACCURACY}); take a smaller n")
    return [expected for expected, _ in solutions]


@dataclass(frozen=True)
class _Level:
    """A level with what is known of its better points, at its rate."""

    points: np.ndarray
    above: np.ndarray
    known: np.ndarray
    cost: np.ndarray
    p: float
    law: np.ndarray
    ones: np.ndarray


@dataclass(frozen=True)
class _Solved:
    """E on a level, r, and bounds on |A E - r|: for a number close to E, and for the very floats."""

    expected: np.ndarray
    right: np.ndarray
    error: np.ndarray
    error_of_floats: np.ndarray


def solve(process: Process, values: dict[str, Number], states: States, cost: np.ndarray) -> tuple[np.ndarray, float]:
    """The solution of E = cost + P E over all points, and a bound on its largest relative error."""
    from theory.exact.levels_kernel import weights

    n, size = int(values["n"]), len(states.rank)
    p = rates(process, values, states)[0]
    ones = weights(size)
    blocks = ranks_downwards(states.rank, states.end)
    if sum(len(block) > _FEW for block in blocks) > _MOST_TENSORS:
        raise NoExactMethod(f"problem: {process.problem} has too many large levels")
    order = np.concatenate([np.flatnonzero(states.end), *blocks])
    known = np.zeros(size)  # E in that order
    place = size - sum(map(len, blocks))
    product, largest = 0.0, 0.0
    for points in blocks:
        rate = float(p[points[0]])
        if not 0 < rate < 1:
            raise NoExactMethod(
                f"rate: {process.rate} is {rate:g} at some points; over all points it must lie strictly in (0, 1)"
            )
        law = rate ** np.arange(n + 1.0) * (1.0 - rate) ** (n - np.arange(n + 1.0))
        level = _Level(points, order[:place], known[:place], cost[points], rate, law, ones)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            solved = _solve_level(level, process.algorithm.strict)
        known[place : place + len(points)] = solved.expected
        place += len(points)
        if not np.isfinite(solved.expected).all():
            raise too_large()
        product += float((solved.error / solved.right).max()) * (1.0 + product)
        largest = max(largest, float((solved.error_of_floats / level.cost).max()))
    expected = np.zeros(size)
    expected[order] = known
    bound = min(product, largest)
    return expected, 1.01 * bound / (1.0 - min(0.5, bound))


def _solve_level(level: _Level, strict: bool) -> _Solved:
    from theory.exact.levels_kernel import better_sums, mutate, within_level

    points, n, size = level.points, len(level.law) - 1, len(level.ones)
    if len(points) <= _FEW:
        gain, out = better_sums(points, level.above, level.known, level.law, level.ones)
        roundings = 512 + size / 512 + 5.0 * n + 10
    else:
        whole = np.zeros((2, size))
        whole[0, level.above], whole[1, level.above] = level.known, 1.0
        mutate(whole[0], level.p)
        mutate(whole[1], level.p)
        gain, out = whole[0, points], whole[1, points]
        roundings = 5.0 * n + 10
    right = level.cost + gain
    unit = roundings * _UNIT * max(1.0, level.p / (1.0 - level.p))  # the rate's own rounding counts more in 1 - p
    if strict or len(points) == 1:
        error = 4 * unit * right
        return _Solved(right / out, right, error, error)
    if len(points) <= _DENSE:
        matrix = within_level(points, level.law, level.ones)
        found = plateau(matrix.copy(), out, right)
        error = _residual_dense(matrix, found, out, right, unit)
        return _Solved(found, right, error, error)
    return _gradients(level, out, right, unit)


def _residual_dense(matrix: np.ndarray, found: np.ndarray, out: np.ndarray, right: np.ndarray, unit: float) -> np.ndarray:
    """|A E - r| with the rounding of its own computation: differences first, so nothing large cancels."""
    left = out * found - right
    size = out * found + right
    for i, x in enumerate(found):
        terms = matrix[i] * (x - found)
        left[i] += terms.sum()
        size[i] += np.abs(terms).sum()
    return np.abs(left) + (unit + (len(found) + 8) * _UNIT) * size


def _gradients(level: _Level, out: np.ndarray, right: np.ndarray, unit: float) -> _Solved:
    """E = m + d by preconditioned conjugate gradients, restarted on the true residual while that helps."""
    from theory.exact.levels_kernel import mutate

    points, buffer = level.points, np.zeros(len(level.ones))

    def mutated(x: np.ndarray) -> np.ndarray:
        buffer[:] = 0.0
        buffer[points] = x
        mutate(buffer, level.p)
        return buffer[points]

    diagonal = out + mutated(np.ones(len(points)))
    scale = 1.0 / (diagonal - level.law[0])
    middle, around = right.sum() / out.sum(), np.zeros(len(points))
    best, worst = None, np.inf
    for _ in range(_ROUNDS):
        residual = right - middle * out - (diagonal * around - mutated(around))
        error = np.abs(residual) + 2 * unit * (right + middle * out + diagonal * np.abs(around) + mutated(np.abs(around)))
        now = float((error / right).max())
        if not now < worst:
            break
        done, worst = now > 0.5 * worst, now
        found = middle + around
        best = _Solved(found, right, error + 4 * _UNIT * right, error + 4 * _UNIT * diagonal * np.abs(found).max())
        if done:
            break
        change = _descend(residual, out, diagonal, scale, mutated)
        around = around + change
        shift = around.mean()
        middle, around = middle + shift, around - shift
    if best is None:
        raise too_large()
    return best


def _descend(residual: np.ndarray, out: np.ndarray, diagonal: np.ndarray, scale: np.ndarray, mutated) -> np.ndarray:
    """Solve A x = residual to about 7 digits, the constants split off by projection."""
    total = out.sum()
    x = np.full(len(out), residual.sum() / total)
    left = residual - x * out
    goal = 1e-7 * np.abs(residual).max()
    direction, before = np.zeros(len(out)), 1.0
    for step in range(_STEPS):
        if np.abs(left).max() <= goal:
            break
        steep = scale * left
        steep -= (steep @ out) / total  # conjugate to the constants, whose image is u
        now = float(left @ steep)
        if not now > 0:
            break
        direction = steep + (now / before if step else 0.0) * direction
        image = diagonal * direction - mutated(direction)
        length = now / float(direction @ image)
        x += length * direction
        left -= length * image
        shift = left.sum() / total
        x += shift
        left -= shift * out
        before = now
    return x
