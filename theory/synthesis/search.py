"""The best delta of multiplicative drift.

For one delta a linear programme gives M(delta), the smallest possible value at the start of a potential that is at least 1 before
the end and has drift at least delta X. The bound is f(delta) = (1 + ln M(delta)) / delta.

With h = ln M, f has the sign of slope of delta h' - h - 1, and M' is known from the dual weights y: M' = sum_i y_i X_i. If every
potential is allowed, h is convex: in u = ln X the rows say that ln sum_j P_ij exp(u_j - u_i) <= ln(1 - delta), which is convex
in u and concave in delta. Then delta h' - h - 1 rises, f has one minimum, and tangents of h give bounds from below. In smaller
templates h need not be convex: there a grid comes first, and the search goes on around its best point.

No delta above the smallest probability of leaving a state is possible, as X never falls by more than itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from flint import ctx, fmpq

from theory.synthesis.chains import BITS, as_float, as_fmpq, lower_end
from theory.synthesis.programme import Programme, Setting, Solution

GRID = 16
STEPS = 40
CLOSE = 1e-10


@dataclass(frozen=True)
class Point:
    """A delta that was tried: ``height`` is h(delta), infinite where no potential works."""

    delta: fmpq
    height: float = math.inf
    slope: float = math.inf
    solution: Solution | None = None

    @property
    def at(self) -> float:
        return as_float(self.delta)

    @property
    def bound(self) -> float:
        return (1 + self.height) / self.at

    @property
    def rising(self) -> bool:
        """Whether the bound gets worse with a larger delta."""
        return self.solution is None or self.at * self.slope > 1 + self.height


def try_delta(given: Setting, delta: fmpq, refine: bool = False) -> Point:
    """Solve the programme at one delta."""
    programme = Programme(given, delta)
    solution = programme.solve("sum" if given.least else "start", refine=refine)
    if solution is None:
        return Point(delta)
    potential = given.values @ np.array([as_float(x) for x in solution.theta])
    if given.least and given.weights is None:
        solution_dual = programme.solve(f"worst {int(np.argmax(potential))}", refine=False)
    elif given.least:
        solution_dual = programme.solve("start", refine=False)
    else:
        solution_dual = solution
    if solution_dual is None:
        return Point(delta)
    value = potential.max() if given.weights is None else float(solution_dual.start @ potential)
    if not np.isfinite(value) or value <= 0:
        return Point(delta)
    joined = Solution(solution.theta, solution_dual.drift, solution_dual.floor, solution_dual.start, float(value))
    return Point(delta, math.log(max(value, 1.0)), joined.slope(potential) / max(value, 1.0), joined)


def best_delta(given: Setting, low: float, say: Callable[[str], None]) -> Point:
    """The delta with the smallest bound.

    Parameters
    ----------
    given : Setting
    low : float
        A delta at which a potential exists.
    say : callable
        Told how it goes.
    """
    with ctx.workprec(BITS):
        leaving = given.chain.leaving()
        roof = min(lower_end(leaving[i]) for i in given.chain.inner)
    tried: list[Point] = []

    def look(delta: float) -> Point:
        tried.append(try_delta(given, min(as_fmpq(delta), roof)))
        best = min(tried, key=lambda point: point.bound)
        say(f"delta {len(tried)}: the bound is {best.bound:.6g}")
        return tried[-1]

    top = as_float(roof) * (1 - 2e-16)
    end = look(top)
    if given.least and not end.rising:
        return end
    first = look(min(low, top))
    smallest = 1 / min(first.bound, end.bound) if math.isfinite(min(first.bound, end.bound)) else first.at / 2
    count = 3 if given.least else GRID
    for x in np.geomspace(max(smallest, first.at / 1e6), top, count)[:-1]:
        look(float(x))
    points = sorted(tried, key=lambda point: point.at)
    middle = min(range(len(points)), key=lambda i: points[i].bound)
    if points[middle].rising and middle > 0:
        left, right = points[middle - 1], points[middle]
    elif middle + 1 < len(points):
        left, right = points[middle], points[middle + 1]
    else:
        return points[middle]
    for _ in range(STEPS):
        best = min(left.bound, right.bound)
        if right.at - left.at <= CLOSE * right.at:
            break
        x = 0.5 * (left.at + right.at)
        if right.solution is not None and right.slope > left.slope:  # where the tangents of h meet
            meet = (left.height - left.slope * left.at - right.height + right.slope * right.at) / (right.slope - left.slope)
            gap = right.at - left.at
            if left.at + 1e-3 * gap < meet < right.at - 1e-3 * gap:
                lowest = (1 + left.height + left.slope * (meet - left.at)) / meet
                if lowest >= best * (1 - 1e-12):
                    break
                x = meet
        point = look(x)
        left, right = (left, point) if point.rising else (point, right)
    return min(tried, key=lambda point: point.bound)
