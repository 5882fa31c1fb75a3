"""E[T] of one order in doubles, and swaps of neighbours that make it larger: for n <= 7, where not all orders can be searched.

Notation as in :mod:`proofs_check.monotone.orders`. Let x and y be neighbours in an order without ties, x the better one,
neither above the other, and S the points better than both. If E_S(y) > E_S(x), each computed as if it came next, then with y
before x no E is smaller: y doesn't accept x any more, whose E is less than its own, and x accepts y, whose E is larger. So
:func:`raised` swaps such neighbours until there are none, like a bubble sort that puts the costly points first.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from proofs_check.monotone.orders import Order
from theory.jit import kernel


def expected_runtime(order: Order, p: float) -> float:
    """E[T] from a uniform start, in doubles.

    >>> from proofs_check.monotone.orders import onemax
    >>> round(expected_runtime(onemax(3), 1 / 3), 10) == round(1161 / 176, 10)
    True
    """
    return float(_runtimes(np.array(order.ranks), order.n, float(p)).mean())


def raised(order: Order, p: float) -> Order:
    """The order after swaps of neighbours that raise E[T], until none does; ties are broken first.

    >>> from proofs_check.monotone.orders import binval, onemax
    >>> expected_runtime(raised(onemax(4), 1 / 4), 1 / 4) > expected_runtime(binval(4), 1 / 4)
    False
    """
    listed = np.array([x for level in order.levels for x in level])
    return Order.listed(_raise(listed, order.n, float(p)).tolist())


def value_of_list(listed: Any, n: int, p: float) -> float:
    """E[T] of an order without ties given as its points from the best to the worst."""
    return float(_costs(np.asarray(listed), _law(n, float(p))).mean())


@kernel
def _law(n, p):  # pragma: no cover (compiled)
    size = 1 << n
    law = np.empty((size, size))
    for x in range(size):
        for y in range(size):
            h, d = 0, x ^ y
            while d:
                h += 1
                d &= d - 1
            law[x, y] = p**h * (1.0 - p) ** (n - h)
    return law


@kernel
def _costs(listed, law):  # pragma: no cover (compiled)
    costs = np.zeros(listed.size)
    for a in range(1, listed.size):
        x = listed[a]
        right, weight = 1.0, 0.0
        for b in range(a):
            y = listed[b]
            right += law[x, y] * costs[y]
            weight += law[x, y]
        costs[x] = right / weight
    return costs


@kernel
def _raise(listed, n, p):  # pragma: no cover (compiled)
    listed = listed.copy()
    law, size = _law(n, p), listed.size
    costs = np.zeros(size)
    a = 1
    while a < size:
        x = listed[a]
        right, weight = 1.0, 0.0
        for b in range(a):
            right += law[x, listed[b]] * costs[listed[b]]
            weight += law[x, listed[b]]
        costs[x] = right / weight
        before = listed[a - 1]
        if a > 1 and (before & x) != x:  # not comparable: the worse point is never above the better one
            chance = law[x, before]
            alone = (right - chance * costs[before]) / (weight - chance)
            if alone > costs[before] * (1.0 + 1e-12):
                listed[a - 1], listed[a] = x, before
                a -= 1  # x has its cost computed in its new place, then what follows
                continue
        a += 1
    return listed


@kernel
def _runtimes(ranks, n, p):  # pragma: no cover (compiled)
    law, size = _law(n, p), ranks.size
    costs, done = np.zeros(size), np.zeros(size, np.bool_)
    done[size - 1] = True
    for rank in range(ranks[size - 1] - 1, -1, -1):
        level = np.flatnonzero(ranks == rank)
        matrix, column = np.zeros((level.size, level.size)), np.ones(level.size)
        for i in range(level.size):
            for y in range(size):
                if done[y]:
                    column[i] += law[level[i], y] * costs[y]
                    matrix[i, i] += law[level[i], y]
            for j in range(level.size):
                if j != i:
                    matrix[i, j] = -law[level[i], level[j]]
                    matrix[i, i] += law[level[i], level[j]]
        for i in range(level.size):
            for j in range(i + 1, level.size):
                factor = matrix[j, i] / matrix[i, i]
                for l in range(i + 1, level.size):  # noqa: E741
                    matrix[j, l] -= factor * matrix[i, l]
                column[j] -= factor * column[i]
        for i in range(level.size - 1, -1, -1):
            for l in range(i + 1, level.size):  # noqa: E741
                column[i] -= matrix[i, l] * column[l]
            column[i] /= matrix[i, i]
        for i in range(level.size):
            costs[level[i]] = column[i]
            done[level[i]] = True
    return costs
