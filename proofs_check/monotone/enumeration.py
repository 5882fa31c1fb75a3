"""Every order of the points, one by one: the slow and obvious search, for n <= 4.

Orders are built from the best point downwards, depth first, and E of a point is computed when the point is placed, so that
orders with the same beginning share the work. Of the orders that are the same up to symmetry those are kept that place the
points with one zero-bit in their numerical order or tie some of them: at least one of each class. At n = 4 these are 70 016
without ties (of 1 680 384) and 9 430 432 with ties (of 104 015 259).

Sums of at most 16 positive doubles and small solves without pivots (the matrices are diagonally dominant): a value is off by less
than 1e-12 of itself. So the orders within 1e-11 of the best value found are returned, and the caller decides among them exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from proofs_check.monotone.orders import Order
from theory.errors import InputError
from theory.jit import kernel

LARGEST = 4
SLACK = 1e-11
_KEPT = 64  # orders within the slack that are listed; all are counted


@dataclass(frozen=True)
class Found:
    """The extreme value over all orders, in doubles, and orders that attain it up to rounding.

    Attributes
    ----------
    value : float
    orders : tuple of Order
        Some, if there are many.
    attaining, orders_seen : int
        How many were within the slack, of how many.
    """

    value: float
    orders: tuple[Order, ...]
    attaining: int
    orders_seen: int


def enumerate_orders(n: int, p: float, *, slowest: bool = True, start: str = "uniform", ties: bool = False) -> Found:
    """The largest (or smallest) expected runtime over all orders.

    Examples
    --------
    >>> found = enumerate_orders(3, 1 / 3)
    >>> found.orders_seen, round(found.value, 10) == round(65757 / 9880, 10)
    (8, True)
    """
    if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= LARGEST:
        raise InputError(f"n: {n!r} must be an integer from 1 to {LARGEST}; above that use dominance")
    best, ranks, attaining, seen = _search(n, float(p), ties, slowest, start == "worst", SLACK, _KEPT)
    return Found(float(best), tuple(Order.of((-row).tolist()) for row in ranks), int(attaining), int(seen))


@kernel
def _search(n, p, ties, slowest, from_worst, slack, kept):  # pragma: no cover (compiled)
    size = 1 << n
    full = (1 << size) - 1
    law = np.empty((size, size))
    above = np.zeros(size, np.int64)
    for x in range(size):
        for y in range(size):
            h, d = 0, x ^ y
            while d:
                h += 1
                d &= d - 1
            law[x, y] = p**h * (1.0 - p) ** (n - h)
        for i in range(n):
            if not (x >> i) & 1:
                above[x] |= 1 << (x | 1 << i)
    cost = np.zeros(size)
    depth_of = np.zeros(size, np.int64)
    placed = np.zeros(size + 1, np.int64)
    choice = np.zeros(size + 1, np.int64)
    width = np.zeros(size + 1, np.int64)
    free = np.zeros((size + 1, size), np.int64)
    right = np.zeros((size + 1, size))
    weight = np.zeros((size + 1, size))
    score = np.zeros(size + 1)
    matrix = np.zeros((size, size))
    column = np.zeros(size)
    level = np.zeros(size, np.int64)
    sign = 1.0 if slowest else -1.0
    best, attaining, seen = -1e300, 0, 0
    ranks = np.zeros((kept, size), np.int64)
    placed[0] = 1 << (size - 1)
    depth, fresh = 0, True
    while depth >= 0:
        if fresh:  # the points that may come next, and what they get from those placed
            m = 0
            for x in range(size):
                if not (placed[depth] >> x) & 1 and (above[x] & ~placed[depth]) == 0:
                    r, w = 1.0, 0.0
                    for y in range(size):
                        if (placed[depth] >> y) & 1:
                            r += law[x, y] * cost[y]
                            w += law[x, y]
                    free[depth, m], right[depth, m], weight[depth, m] = x, r, w
                    m += 1
            width[depth], choice[depth], fresh = m, 0, False
        if ties:
            choice[depth] += 1
        else:
            choice[depth] = 1 if choice[depth] == 0 else choice[depth] << 1
        if choice[depth] >= 1 << width[depth]:
            depth -= 1
            continue
        after, m = placed[depth], 0
        for i in range(width[depth]):
            if (choice[depth] >> i) & 1:
                level[m] = i
                m += 1
                after |= 1 << free[depth, i]
        inside = True  # the points with one zero-bit that are placed are the first few: one order of each class
        before = True
        for i in range(n):
            there = ((after >> ((size - 1) ^ (1 << i))) & 1) == 1
            inside = inside and (before or not there)
            before = there
        if not inside and n > 1:
            continue
        for i in range(m):
            column[i] = right[depth, level[i]]
            matrix[i, i] = weight[depth, level[i]]
            for j in range(m):
                if j != i:
                    chance = law[free[depth, level[i]], free[depth, level[j]]]
                    matrix[i, j] = -chance
                    matrix[i, i] += chance
        for i in range(m):
            for j in range(i + 1, m):
                factor = matrix[j, i] / matrix[i, i]
                for l in range(i + 1, m):  # noqa: E741
                    matrix[j, l] -= factor * matrix[i, l]
                column[j] -= factor * column[i]
        total = score[depth]
        for i in range(m - 1, -1, -1):
            for l in range(i + 1, m):  # noqa: E741
                column[i] -= matrix[i, l] * column[l]
            column[i] /= matrix[i, i]
            x = free[depth, level[i]]
            cost[x], depth_of[x] = column[i], depth + 1
            total = max(total, column[i]) if from_worst else total + column[i]
        if after != full:
            depth += 1
            placed[depth], score[depth], fresh = after, total, True
            continue
        seen += 1
        value = sign * (total if from_worst else total / size)
        if value > best + slack * abs(best):
            attaining = 0
        if value >= best - slack * abs(best):
            if attaining < kept:
                ranks[attaining] = depth_of
            attaining += 1
            best = max(best, value)
    return sign * best, ranks[: min(attaining, kept)], attaining, seen
