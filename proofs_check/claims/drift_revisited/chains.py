"""Small chains on 0, ..., N, row by row {next state: probability}, and their hitting times in fractions.

The same rows go to a drift theorem and to the equations here, which know nothing of drift: E_x = 1 + sum over y of p_xy E_y
outside the goal, and the powers of the law.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from fractions import Fraction
from typing import Any

Row = dict[int, Fraction]
Rows = list[Row]


def rows_of(*given: dict[int, Any]) -> Rows:
    """Rows with fractions for whatever was written.

    >>> rows_of({0: 1}, {0: "1/2", 1: "1/2"})[1]
    {0: Fraction(1, 2), 1: Fraction(1, 2)}
    """
    return [{to: Fraction(p) for to, p in row.items()} for row in given]


def walk(size: int, up: Any) -> Rows:
    """A walk by one on 0, ..., size that stops at 0 and is held at size.

    >>> walk(2, "1/4")[2]
    {1: Fraction(3, 4), 2: Fraction(1, 4)}
    """
    rise = Fraction(up)
    inner: Rows = [{k - 1: 1 - rise, k + 1: rise} for k in range(1, size)]
    return [{0: Fraction(1)}, *inner, {size - 1: 1 - rise, size: rise}]


def jumpy(size: int, up: Any) -> Rows:
    """A walk with steps of 1 (three times as often) and of 3, stopped at 0, held at size."""
    rise = Fraction(up)
    rows: Rows = [{0: Fraction(1)}]
    for x in range(1, size + 1):
        row: Row = {}
        for step, chance in ((1, rise * 3 / 4), (3, rise / 4), (-1, (1 - rise) * 3 / 4), (-3, (1 - rise) / 4)):
            to = min(max(x + step, 0), size)
            row[to] = row.get(to, Fraction(0)) + chance
        rows.append(row)
    return rows


def lazy(chances: list[Any]) -> Rows:
    """Falls by one from state k with the k-th chance, else stays.

    >>> lazy([1, "1/2"])[2]
    {1: Fraction(1, 2), 2: Fraction(1, 2)}
    """
    rows: Rows = [{0: Fraction(1)}]
    for k, chance in enumerate(chances, start=1):
        p = Fraction(chance)
        rows.append({k - 1: p} | ({k: 1 - p} if p < 1 else {}))
    return rows


def crash(size: int, chance: Any) -> Rows:
    """Falls from every state to 0 with the same chance, else stays: T is geometric from everywhere."""
    p = Fraction(chance)
    return [{0: Fraction(1)}, *({0: p} | ({k: 1 - p} if p < 1 else {}) for k in range(1, size + 1))]


def drifts(rows: Rows, value: Callable[[int], Fraction] = Fraction) -> dict[int, Fraction]:
    """E[X_t - X_{t+1} | state] by state with X > 0, X the value of the state.

    >>> drifts(walk(2, "1/4"))
    {1: Fraction(1, 2), 2: Fraction(3, 4)}
    """
    return {
        x: sum((p * (value(x) - value(to)) for to, p in row.items()), Fraction(0)) for x, row in enumerate(rows) if value(x) > 0
    }


def expected(rows: Rows, start: int, goal: Collection[int] = (0,)) -> Fraction:
    """E[T], T the first time in the goal, from a linear system in fractions over the states that are reached.

    >>> expected(walk(3, "1/3"), 3)
    Fraction(51, 8)
    """
    from flint import fmpq, fmpq_mat

    inner, waiting = [start], {start}
    for x in inner:
        for to in rows[x]:
            if to not in goal and to not in waiting:
                waiting.add(to)
                inner.append(to)
    if start in goal:
        return Fraction(0)
    index = {x: i for i, x in enumerate(inner)}
    matrix, ones = fmpq_mat(len(inner), len(inner)), fmpq_mat(len(inner), 1)
    for x, i in index.items():
        ones[i, 0] = fmpq(1)
        matrix[i, i] += 1
        for to, p in rows[x].items():
            if to in index:
                matrix[i, index[to]] -= fmpq(p.numerator, p.denominator)
    found = matrix.solve(ones)[0, 0]
    return Fraction(int(found.p), int(found.q))


def hit_by(rows: Rows, start: int, steps: int, goal: Collection[int] = (0,)) -> Fraction:
    """P(T <= steps), T the first time in the goal.

    >>> hit_by(walk(3, "1/2"), 1, 3)
    Fraction(5, 8)
    """
    from flint import fmpq

    law, done = {start: fmpq(1)}, fmpq(0)
    if start in goal:
        return Fraction(1)
    step = [[(to, fmpq(p.numerator, p.denominator)) for to, p in row.items()] for row in rows]
    for _ in range(steps):
        after: dict[int, Any] = {}
        for x, mass in law.items():
            for to, p in step[x]:
                if to in goal:
                    done += mass * p
                else:
                    after[to] = after.get(to, fmpq(0)) + mass * p
        law = after
    return Fraction(int(done.p), int(done.q))


def of_function(n: int, value: Callable[[int], Any], p: Fraction, strict: bool = False) -> Rows:
    """The (1+1) EA with rate p on a function of n bits: one state a point, x an integer whose binary digits are the bits.

    >>> of_function(1, lambda x: x, Fraction(1, 3))
    [{1: Fraction(1, 3), 0: Fraction(2, 3)}, {1: Fraction(1, 1)}]
    """
    law = [p**h * (1 - p) ** (n - h) for h in range(n + 1)]
    height = [value(x) for x in range(2**n)]
    rows: Rows = []
    for x, here in enumerate(height):
        row = {y: law[(x ^ y).bit_count()] for y, there in enumerate(height) if y != x and there >= here + (1 if strict else 0)}
        rest = 1 - sum(row.values(), Fraction(0))
        rows.append(row | ({x: rest} if rest else {}))
    return rows


def from_uniform(rows: Rows, goal: int) -> Fraction:
    """E[T] from a uniform start on all states.

    >>> from_uniform(of_function(1, lambda x: x, Fraction(1, 3)), 1)
    Fraction(3, 2)
    """
    return sum((expected(rows, x, (goal,)) for x in range(len(rows))), Fraction(0)) / len(rows)


def law_from_uniform(rows: Rows, goal: int, steps: int) -> list[Fraction]:
    """P(T <= t) for t = 0, ..., steps from a uniform start on all states.

    >>> law_from_uniform(of_function(1, lambda x: x, Fraction(1, 3)), 1, 2)
    [Fraction(1, 2), Fraction(2, 3), Fraction(7, 9)]
    """
    share = Fraction(1, len(rows))
    mass = [share] * len(rows)
    result = [share]
    for _ in range(steps):
        after = [Fraction(0)] * len(rows)
        after[goal] = mass[goal]
        for x, row in enumerate(rows):
            if x != goal and mass[x]:
                for y, p in row.items():
                    after[y] += mass[x] * p
        mass = after
        result.append(mass[goal])
    return result
