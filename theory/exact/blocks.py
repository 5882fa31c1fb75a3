r"""States that can reach one another, solved in balls: approximate, measure the residual, improve, enclose.

Notation: x, y states of the block, P_xy transition probabilities (x != y), o_x the probability of leaving the block, r_x > 0 the
cost of a step plus what is expected after leaving. The expectations solve A E = r,

    (A E)_x = o_x E_x + sum_y P_xy (E_x - E_y) = r_x.

**Theorem.** Let Ê > 0 be any numbers with |(A Ê)_x - r_x| <= e r_x for all x, and e < 1. Then E is finite and
Ê_x / (1 + e) <= E_x <= Ê_x / (1 - e).

*Proof.* A has non-positive entries off its diagonal and A Ê >= (1 - e) r > 0, so it is a non-singular M-matrix: A^-1 >= 0.
|Ê - E| = |A^-1 (A Ê - r)| <= e A^-1 r = e E. (Ê is a potential whose drift is 1 up to e: the additive drift theorem of He and
Yao, 2001, in both directions.)

Ê comes from an elimination without subtractions. In floats it is improved by solving for the residual, some 40 bits a round;
that needs E to be well below 1/2^-53, because a residual has both signs. Where E is larger the elimination itself is done at the
precision of the balls, once. Either way the residual is computed in balls, so the theorem covers every rounding.
Transitions that were left out, of probability at most t_x together, change it by at most t_x times the largest expectation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from flint import arb, ctx

from theory.exact import banded
from theory.exact.elimination import plateau
from theory.exact.errors import NoExactMethod

_MOST_ROUNDS = 200
_LARGE = 1e10  # expectations up to which floats can be improved
_MOST_WORK = 3e7  # products of an elimination at the precision of balls


class PrecisionTooSmall(Exception):
    """More bits may help."""


def enclose(
    rows: Sequence[Mapping[int, arb]],
    out: Sequence[arb],
    right: Sequence[arb],
    omitted: Sequence[arb],
    above: arb,
) -> list[arb]:
    """Balls that contain the solution of A E = r, as narrow as the current precision and the input allow.

    Parameters
    ----------
    rows : sequence of mappings, length m
        rows[x][y] = P_xy, states numbered 0..m-1.
    out, right : sequences of m balls
        o and r.
    omitted : sequence of m balls
        t, bounds on the probability of transitions that are in neither.
    above : arb
        A bound on the expectations outside of the block.

    Raises
    ------
    NoExactMethod
        If the expectations are so large, and the chain is, that the elimination would take too long.
    PrecisionTooSmall
        If the theorem's condition isn't reached.

    Examples
    --------
    >>> enclose([{1: arb(1) / 2}, {0: arb(1) / 4}], [arb(1) / 2, arb(0)], [arb(1), arb(1)], [arb(0)] * 2, arb(0))[1].str(6)
    '10.0000'
    """
    solve = _solver(rows, out)
    first = solve(np.array([float(x.mid()) for x in right]))
    if np.isfinite(first).all() and first.max() < _LARGE:
        guess, error = _improved(rows, out, right, omitted, above, solve)
    else:
        guess = _eliminated(rows, out, right)
        _, error = _judged(guess, rows, out, right, omitted, above)
    if not (error < arb(1) / 2 and all(x > 0 for x in guess)):
        raise PrecisionTooSmall
    factor = (1 / (1 + error)).union(1 / (1 - error))
    return [x * factor for x in guess]


def _improved(rows, out, right, omitted, above, solve) -> tuple[list[arb], arb]:
    """An approximation from floats, improved while that helps, and its e."""
    guess, residual, error = [arb(0)] * len(rows), list(right), arb.pos_inf()
    for _ in range(_MOST_ROUNDS):
        scale = _largest(residual)
        if not scale > 0:
            break
        change = solve(np.array([float((x / scale).mid()) for x in residual]))
        better = [(x + scale * float(d)).mid() for x, d in zip(guess, change)]
        left, worst = _judged(better, rows, out, right, omitted, above)
        if not worst < error:
            break
        done = worst * 4 > error or worst < arb(2) ** (4 - ctx.prec)
        guess, residual, error = better, left, worst
        if done:
            break
    return guess, error


def _judged(guess, rows, out, right, omitted, above) -> tuple[list[arb], arb]:
    """The residuals r - A Ê, and the e of the theorem."""
    left = [
        r - o * x - sum((chance * (x - guess[y]) for y, chance in row.items()), arb(0))
        for row, o, r, x in zip(rows, out, right, guess)
    ]
    largest = _largest([*guess, above])
    worst = _largest([(abs(x) + abs(t) * largest) / r for x, t, r in zip(left, omitted, right)])
    return left, worst


def _largest(balls: Sequence[arb]) -> arb:
    """An exact number that is at least every absolute value."""
    found = arb(0)
    for x in balls:
        found = found.max(abs(x).upper())
    return found.upper()


def _eliminated(rows: Sequence[Mapping[int, arb]], out: Sequence[arb], right: Sequence[arb]) -> list[arb]:
    """The elimination of :mod:`theory.exact.elimination` with numbers of the current precision, rounding not tracked."""
    m = len(rows)
    width = max((abs(y - x) for x, row in enumerate(rows) for y in row), default=0)
    if m * float(width) ** 2 > _MOST_WORK:
        raise NoExactMethod("n: E[T] is too large at these values for balls of so large a chain; take a smaller n")
    table = [{y: chance.mid() for y, chance in row.items()} for row in rows]
    leave, cost = [o.mid() for o in out], [r.mid() for r in right]
    pivot = [arb(0)] * m
    for s in range(m - 1, -1, -1):
        lower = [(y, chance) for y, chance in table[s].items() if y < s]
        pivot[s] = sum((chance for _, chance in lower), leave[s]).mid()
        if not pivot[s] > 0:
            raise PrecisionTooSmall
        for x in range(max(0, s - width), s):
            chance = table[x].get(s)
            if chance is not None and chance > 0:
                share = (chance / pivot[s]).mid()
                row = table[x]
                for y, step in lower:
                    if y != x:
                        row[y] = (row.get(y, arb(0)) + share * step).mid()
                leave[x] = (leave[x] + share * leave[s]).mid()
                cost[x] = (cost[x] + share * cost[s]).mid()
    found: list[arb] = []
    for s in range(m):
        total = sum((chance * found[y] for y, chance in table[s].items() if y < s), cost[s])
        found.append((total / pivot[s]).mid())
    return found


def _solver(rows: Sequence[Mapping[int, arb]], out: Sequence[arb]):
    """The elimination in floats as a function of the right side."""
    m = len(rows)
    leave = np.array([float(o.mid()) for o in out])
    width = max((abs(y - x) for x, row in enumerate(rows) for y in row), default=0)
    if 4 * width < m or width == 0:
        band = np.zeros((m, 2 * width + 1))
        for x, row in enumerate(rows):
            for y, chance in row.items():
                band[x, width + y - x] = float(chance.mid())
        return lambda cost: banded.band_costs(band, leave, cost)
    within = np.zeros((m, m))
    for x, row in enumerate(rows):
        for y, chance in row.items():
            within[x, y] = float(chance.mid())

    def solve(cost: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            return plateau(within.copy(), leave, cost)

    return solve


def good_bits(balls: Sequence[arb | None]) -> int:
    """The relative accuracy, in bits, of the widest of some balls; None stands for infinity."""
    return min((int(x.rel_accuracy_bits()) for x in balls if x is not None and x != 0), default=2**30)
