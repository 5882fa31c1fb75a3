"""Balls around the expectations of an elitist chain, rank by rank: over the number of zero-bits, or over all points.

A rank with one state (and every state under strict acceptance) has the positive form

    E_x = (1 + sum over the accepted y of P_xy E_y) / sum over the accepted y of P_xy,

in which the radii of the balls add up relatively. What is left out, of probability at most t, enters as the ball [0, t] in the
denominator and as that times [0, max E] in the numerator. The steps to the optimum itself are always there:
p^k (1 - p)^(n - k). The states of a plateau are enclosed together (:mod:`theory.exact.blocks`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from flint import arb, ctx

from theory.exact.blocks import PrecisionTooSmall, enclose, good_bits
from theory.exact.elimination import lost_states, ranks_downwards
from theory.exact.errors import NoExactMethod
from theory.exact.states import States, by_points, by_zeros
from theory.exact.steps import changes, few_flips, flips_beyond, mutations, rate_balls
from theory.process import Process
from theory.values import Number

LARGEST = 10_000
LARGEST_POINTS = 10
_MOST_WORK = 3e7  # products of all rows
_ATTEMPTS = 7

Row = Callable[[int, np.ndarray], tuple[dict[int, arb], arb]]
"""The row of a state x as (P_xy by accepted y, bound on what is left out of it), given which y are accepted."""


def to_precision(compute: Callable[[arb], list[arb | None]], bits: int, n: int) -> list[arb | None]:
    """Call ``compute(least)``, at more and more precision, until the balls have ``bits`` good bits, a few given or taken.

    Very large expectations need it: what is left out counts times the largest of them.
    """
    extra, result, known = 32 + 2 * n.bit_length(), None, -1
    for _ in range(_ATTEMPTS):
        with ctx.workprec(bits + extra):
            try:
                result = compute(arb(2) ** -(bits + extra))
                known = good_bits(result)
                if known >= bits - 2:
                    break
            except PrecisionTooSmall:
                pass
        extra *= 2
    if result is None or known < 16:
        raise NoExactMethod("bits: E[T] is too large for balls at these values; take a smaller n")
    return result


def by_number(process: Process, values: dict[str, Number], bits: int) -> list[arb | None]:
    """Balls around E_k for k = 0..n where fitness depends on k alone; None stands for infinity.

    Raises
    ------
    NoExactMethod
        If n > 10000, or so many bits flip at once that it would take too long.
    """
    n = int(values["n"])
    if n > LARGEST:
        raise NoExactMethod(f"n: balls are computed up to n = {LARGEST}, not at n = {n}")
    states = by_zeros(process, n)

    def compute(least: arb) -> list[arb | None]:
        return ranks(states, _zeros_row(process, values, states, n, least), process.algorithm.strict)

    return to_precision(compute, bits, n)


def by_point(process: Process, values: dict[str, Number], bits: int) -> list[arb | None]:
    """Balls around E for all 2^n canonical points, n <= 10; None stands for infinity."""
    n = int(values["n"])
    if n > LARGEST_POINTS:
        raise NoExactMethod(f"n: balls over all 2^n points are computed up to n = {LARGEST_POINTS}, not at n = {n}")
    states = by_points(process, n)

    def compute(least: arb) -> list[arb | None]:
        return ranks(states, _points_row(process, values, states, n), process.algorithm.strict)

    return to_precision(compute, bits, n)


def _zeros_row(process: Process, values: dict[str, Number], states: States, n: int, least: arb) -> Row:
    if process.rate is None:

        def few(z: int, accepted: np.ndarray) -> tuple[dict[int, arb], arb]:
            row = few_flips(n, process.algorithm.flips, z)
            return {z - m: arb(chance) for m, chance in row.items() if accepted[z - m]}, arb(0)

        return few
    p = rate_balls(process, values, list(zip(map(int, states.zeros[1:]), states.fitness[1:])))
    check_work(process, n, p, least)
    mutation = mutations(n, least)

    def row(z: int, accepted: np.ndarray) -> tuple[dict[int, arb], arb]:
        flips = mutation(z, p[z - 1])
        found = {0: flips.whole} if accepted[0] else {}
        if not accepted[1:].any():
            return found, arb(0)
        first, law = changes(flips)
        for m, chance in enumerate(law, first):
            y = z - m
            if m and y and accepted[y]:
                found[y] = chance
        return found, flips.omitted

    return row


def check_work(process: Process, n: int, p: list[arb], least: arb, power: int = 1) -> int:
    """How many bits flip at once, at most; refuse if the laws of all steps have too many entries."""
    most = max(flips_beyond(n, rate, least)[0] for rate in ([p[0]] if process.is_static else p))
    if n * float(most) ** power > _MOST_WORK * power:
        raise NoExactMethod(f"rate: up to {most} bits flip at once, too many for balls at n = {n}; take a smaller n or rate")
    return most


def _points_row(process: Process, values: dict[str, Number], states: States, n: int) -> Row:
    size = len(states.zeros)
    if process.rate is None:
        from math import comb

        laws = [[arb(int(h == process.algorithm.flips)) / comb(n, process.algorithm.flips) for h in range(n + 1)]] * size
    else:
        some = np.flatnonzero(~states.end)
        p = rate_balls(process, values, [(int(states.zeros[x]), states.fitness[x]) for x in some])
        laws, known = [[]] * size, {}
        for x, rate in zip(some, p):
            if id(rate) not in known:  # a static rate is one object
                known[id(rate)] = [rate**h * (1 - rate) ** (n - h) for h in range(n + 1)]
            laws[x] = known[id(rate)]

    def row(x: int, accepted: np.ndarray) -> tuple[dict[int, arb], arb]:
        law = laws[x]
        others = (y for y in map(int, np.flatnonzero(accepted)) if y != x)
        return {y: chance for y in others if (chance := law[(x ^ y).bit_count()]) != 0}, arb(0)

    return row


def ranks(states: States, row: Row, strict: bool) -> list[arb | None]:
    """Solve rank by rank, the largest first."""
    costs: list[arb | None] = [arb(0) if end else None for end in states.end]
    largest = arb(0)
    solved = states.end.copy()
    for block in ranks_downwards(states.rank, states.end):
        single = strict or len(block) == 1
        accepted = states.rank >= states.rank[block[0]] + (1 if single else 0)
        accepted |= states.end & (states.rank >= states.rank[block[0]] + int(strict))
        if single:
            for x in block:
                costs[x] = _alone(*row(int(x), accepted), costs, largest)
        else:
            for x, cost in zip(block, _together(block, solved, accepted, row, costs, largest)):
                costs[x] = cost
        solved[block] = True
        for x in block:
            if costs[x] is not None:
                largest = largest.max(costs[x].upper())
    return costs


def _alone(chances: dict[int, arb], omitted: arb, costs: list[arb | None], largest: arb) -> arb | None:
    known = [(chance, cost) for y, chance in chances.items() if (cost := costs[y]) is not None]
    if len(known) < len(chances) or not chances:
        return None
    gain = sum((chance * cost for chance, cost in known), arb(0))
    leave = sum(chances.values(), arb(0))
    left_out = omitted * arb(0).union(arb(1))
    result = (1 + gain + left_out * largest) / (leave + left_out)
    if not result.is_finite():
        raise PrecisionTooSmall
    return result


def _together(block, solved, accepted, row, costs, largest) -> list[arb | None]:
    """The states of a plateau."""
    place = {int(x): i for i, x in enumerate(block)}
    rows, out, right, omitted, doomed = [], [], [], [], []
    for x in place:
        chances, left_out = row(x, accepted)
        rows.append({place[y]: chance for y, chance in chances.items() if y in place})
        leaves = {y: chance for y, chance in chances.items() if solved[y]}
        doomed.append(any(costs[y] is None for y in leaves))
        out.append(sum(leaves.values(), arb(0)))
        right.append(1 + sum((chance * costs[y] for y, chance in leaves.items() if costs[y] is not None), arb(0)))
        omitted.append(left_out)
    keep = _kept(rows, out, np.array(doomed), any(t != 0 for t in omitted))
    if not keep:
        return [None] * len(rows)
    new = {x: i for i, x in enumerate(keep)}
    found = enclose(
        [{new[y]: chance for y, chance in rows[x].items()} for x in keep],
        [out[x] for x in keep],
        [right[x] for x in keep],
        [omitted[x] for x in keep],
        largest,
    )
    result: list[arb | None] = [None] * len(rows)
    for x, cost in zip(keep, found):
        result[x] = cost
    return result


def _kept(rows: list[dict[int, arb]], out: list[arb], doomed: np.ndarray, all_reach: bool) -> list[int]:
    """The states of a plateau that surely leave it for the better; with standard bit mutation all do."""
    size = len(rows)
    if all_reach or (not doomed.any() and all(o != 0 for o in out)):
        return list(range(size))
    within = np.zeros((size, size))
    for x, line in enumerate(rows):
        for y in line:
            within[x, y] = 1.0
    lost = lost_states(within, np.array([float(o != 0) for o in out]), doomed)
    return [x for x in range(size) if not lost[x]]
