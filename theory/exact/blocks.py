r"""States that can reach one another, solved in balls: approximate, measure the residual, improve, enclose.

Notation: x, y states of the block, P_xy transition probabilities (x != y), o_x the probability of leaving the block, r_x > 0 the
cost of a step plus what is expected after leaving. The expectations solve A E = r,

    (A E)_x = o_x E_x + sum_y P_xy (E_x - E_y) = r_x.

**Theorem.** Let Ê > 0 be any numbers with |(A Ê)_x - r_x| <= e r_x for all x, and e < 1. Then E is finite and
Ê_x / (1 + e) <= E_x <= Ê_x / (1 - e).

*Proof.* A has non-positive entries off its diagonal and A Ê >= (1 - e) r > 0, so it is a non-singular M-matrix: A^-1 >= 0.
|Ê - E| = |A^-1 (A Ê - r)| <= e A^-1 r = e E. (Ê is a potential whose drift is 1 up to e: the additive drift theorem of He and
Yao, 2001, in both directions.)

Ê comes from an elimination in floats, improved by solving for the residual: each round gains about 40 bits, however rarely
the block is left, as the elimination is accurate relative to each entry. The residual is computed in balls, so the
theorem covers every rounding. Transitions that were left out, of probability at most t_x together, change it by at most t_x
times the largest expectation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from flint import arb, ctx

from theory.exact import banded
from theory.exact.elimination import plateau, too_large

_MOST_ROUNDS = 200


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
        If the expectations are beyond floating point.
    PrecisionTooSmall
        If the theorem's condition isn't reached.

    Examples
    --------
    >>> enclose([{1: arb(1) / 2}, {0: arb(1) / 4}], [arb(1) / 2, arb(0)], [arb(1), arb(1)], [arb(0)] * 2, arb(0))[1].str(6)
    '10.0000'
    """
    m = len(rows)
    solve = _solver(rows, out)
    guess = [arb(0)] * m
    residual: list[arb] = list(right)
    error = arb(1)
    for _ in range(_MOST_ROUNDS):
        scale = max((abs(x).mid() for x in residual), key=float)
        if scale == 0:
            scale = arb(1)
        change = solve(np.array([float((x / scale).mid()) for x in residual]))
        if not np.isfinite(change).all():
            raise too_large()
        better = [(x + scale * float(d)).mid() for x, d in zip(guess, change)]
        left = [
            r - o * x - sum((chance * (x - better[y]) for y, chance in row.items()), arb(0))
            for row, o, r, x in zip(rows, out, right, better)
        ]
        largest = max(abs(above).upper(), max(better, key=float).upper())
        worst = arb(0)
        for x, t, r in zip(left, omitted, right):
            worst = worst.max((abs(x) + abs(t) * largest) / r)
        worst = worst.upper()
        if not worst.is_finite() or not all(x > 0 for x in better):
            break
        if worst < error:
            guess, residual = better, left
            done = worst * 4 > error
            error = worst
            if done or error < arb(2) ** (4 - ctx.prec):
                break
        else:
            break
    if not error < arb(1) / 2:
        raise PrecisionTooSmall
    factor = (1 / (1 + error)).union(1 / (1 - error))
    return [x * factor for x in guess]


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
