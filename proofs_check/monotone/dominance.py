"""The slowest of all strictly monotone functions without listing them: a dynamic programme over sets closed upwards, for n <= 5.

Notation as in :mod:`proofs_check.monotone.orders`; S is the set of points placed so far.

*Ties can be left out.* In an order with ties let every level be listed by falling E. A point x then accepts, of its level, only
points y with E(y) >= E(x); E(x) = (1 + sum P E)/(sum P) over what it accepts, so leaving out values below E(x) makes it larger,
and larger values of the points above make it larger again: from the best level downwards no E falls. Listed by rising E none
rises. So the slowest and the fastest functions from any start are found among orders without ties.

*Dominance.* A completion of S sees S through b_x = sum over y in S of P(x, y) E(y), for the points x that aren't placed yet;
with larger b every later E is larger, whatever the completion. So of two beginnings with the same S the one is enough whose
b_x are all as large and whose sum of E so far (or largest E, from the worst start) is as large. The last points look at few
numbers, so few beginnings remain: at n = 5 at most a few hundred for each of 210 sets up to symmetry, for 1.5 * 10^19 orders.

In doubles all sums are of positive terms. A beginning is given up if it is better nowhere by more than 1e-13 of its value;
over 31 steps, with rounding, the result is off by less than 1e-11 of itself. With fractions nothing is off: ``exact=True``.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from proofs_check.monotone.counting import above
from proofs_check.monotone.orders import Order
from theory.errors import InputError
from theory.jit import kernel

LARGEST = 5
SLACK = 1e-13
ACCURACY = 1e-11
"""By what part of itself the value in doubles is off at most."""


@dataclass(frozen=True)
class Extreme:
    """The slowest (or fastest) function.

    Attributes
    ----------
    value : Fraction or float
    order : Order
    kept : int
        Beginnings that were kept, over all sets.
    """

    value: Fraction | float
    order: Order
    kept: int


def extreme(n: int, p: Fraction, *, slowest: bool = True, start: str = "uniform", exact: bool = False) -> Extreme:
    """The largest (or smallest) expected runtime of the (1+1) EA over all strictly monotone functions on n bits.

    Parameters
    ----------
    n : int
        At most 5.
    p : Fraction
        Mutation rate, 0 < p < 1.
    slowest : bool
    start : {"uniform", "worst"}
    exact : bool
        In fractions; n = 5 takes minutes then.

    Examples
    --------
    >>> extreme(3, Fraction(1, 3), exact=True).value
    Fraction(65757, 9880)
    """
    if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= LARGEST:
        raise InputError(f"n: {n!r} must be an integer from 1 to {LARGEST}")
    if not 0 < p < 1:
        raise InputError(f"p: {p} must lie strictly between 0 and 1")
    number: Any = _flint(p) if exact else float(p)
    size, upper = 2**n, above(n)
    law = [[number**h * (1 - number) ** (n - h) for h in ((x ^ y).bit_count() for y in range(size))] for x in range(size)]
    best = _in_fractions if exact else _in_doubles
    sets: dict[int, Any] = {1 << (size - 1): _beginning(size, exact)}
    kept = 0
    for _ in range(size - 1):
        longer: dict[int, list[Any]] = {}
        for placed, beginnings in sets.items():
            points = [x for x in range(size) if placed >> x & 1]
            for x in range(size):
                if placed >> x & 1 or upper[x] & ~placed:
                    continue
                after, moved = _representative(n, placed | 1 << x)
                longer.setdefault(after, []).append(_extended(beginnings, points, x, law[x], moved, exact))
        sets = {}
        for placed, parts in longer.items():
            points = [x for x in range(size) if placed >> x & 1]
            rest = [x for x in range(size) if not placed >> x & 1]
            sets[placed] = best(parts, points, rest, law, 1 if slowest else -1, start)
            kept += len(sets[placed][0])
    (found,) = sets.values()
    value = max(found[0][0]) if start == "worst" else sum(found[0][0]) / size
    order = Order.listed(sorted(range(size), key=lambda x: found[1][0][x]))
    return Extreme(Fraction(int(value.p), int(value.q)) if exact else float(value), order, kept)


def _beginning(size: int, exact: bool) -> Any:
    """(E, place in the list) of one beginning, which has the optimum alone."""
    if exact:
        return [[_flint(Fraction(0))] * size], [[0] * size]
    return np.zeros((1, size)), np.zeros((1, size), np.int64)


def _extended(beginnings: Any, points: list[int], x: int, law: list[Any], moved: tuple[int, ...], exact: bool) -> Any:
    """All beginnings with x placed next, in the names of the set's representative."""
    costs, places = beginnings
    weight = sum(law[y] for y in points)
    if not exact:
        costs, places = costs.copy(), places.copy()
        costs[:, x] = (1 + costs[:, points] @ np.array([law[y] for y in points])) / weight
        places[:, x] = len(points)
        renamed = np.argsort(moved)  # column moved[y] of the result is column y
        return costs[:, renamed], places[:, renamed]
    named_costs: list[Any] = []
    named_places: list[Any] = []
    for cost, place in zip(costs, places):
        cost, place = list(cost), list(place)
        cost[x] = (1 + sum(law[y] * cost[y] for y in points)) / weight
        place[x] = len(points)
        for old, new in ((cost, named_costs), (place, named_places)):
            image = [old[0]] * len(old)
            for y, to in enumerate(moved):
                image[to] = old[y]
            new.append(image)
    return named_costs, named_places


def _in_doubles(parts: list[Any], points: list[int], rest: list[int], law: Any, sign: int, start: str) -> Any:
    """The beginnings that no other one dominates."""
    costs, places = np.concatenate([one for one, _ in parts]), np.concatenate([one for _, one in parts])
    placed = costs[:, points]
    so_far = placed.max(axis=1) if start == "worst" else placed.sum(axis=1)
    seen = np.column_stack([placed @ np.array([[law[x][y] for x in rest] for y in points]), so_far] if rest else [so_far])
    ranked = np.argsort(-sign * (seen / seen.mean(axis=0)).sum(axis=1), kind="stable")
    chosen = _front(np.ascontiguousarray(sign * seen), ranked, SLACK)
    return costs[chosen], places[chosen]


@kernel
def _front(seen, ranked, slack):  # pragma: no cover (compiled)
    kept = np.empty(len(ranked), np.int64)
    count = 0
    for i in ranked:
        dominated = False
        for j in kept[:count]:
            dominated = True
            for l in range(seen.shape[1]):  # noqa: E741
                if seen[j, l] < seen[i, l] - slack * abs(seen[i, l]):
                    dominated = False
                    break
            if dominated:
                break
        if not dominated:
            kept[count] = i
            count += 1
    return kept[:count]


def _in_fractions(parts: list[Any], points: list[int], rest: list[int], law: Any, sign: int, start: str) -> Any:
    """The same in fractions."""
    costs, places = [x for one, _ in parts for x in one], [x for _, one in parts for x in one]
    seen = []
    for cost in costs:
        so_far = max(cost[y] for y in points) if start == "worst" else sum(cost[y] for y in points)
        seen.append([sign * x for x in (*(sum(law[x][y] * cost[y] for y in points) for x in rest), so_far)])
    kept: list[int] = []
    for i in sorted(range(len(seen)), key=lambda i: sum(map(float, seen[i])), reverse=True):
        if not any(all(one >= other for one, other in zip(seen[j], seen[i])) for j in kept):
            kept.append(i)
    return [costs[i] for i in kept], [places[i] for i in kept]


@functools.cache
def _representative(n: int, placed: int) -> tuple[int, tuple[int, ...]]:
    """The smallest image of a set under renaming the bits, and where the renaming takes each point."""
    points = [x for x in range(2**n) if placed >> x & 1]
    return min((sum(1 << moved[x] for x in points), moved) for moved in _renamings(n))


@functools.cache
def _renamings(n: int) -> tuple[tuple[int, ...], ...]:
    return tuple(
        tuple(sum(1 << place for i, place in enumerate(places) if x >> i & 1) for x in range(2**n))
        for places in itertools.permutations(range(n))
    )


def _flint(x: Fraction) -> Any:
    from flint import fmpq

    return fmpq(Fraction(x).numerator, Fraction(x).denominator)
