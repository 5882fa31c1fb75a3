"""Expected costs of elitist absorbing chains by elimination without subtractions.

Notation: P transition matrix, E[x] = cost[x] + sum_y P[x, y] E[y], E = 0 where a run ends. An elitist chain never moves to a
smaller rank, so the states are solved rank by rank, the largest first. States of equal rank (a plateau) are solved
together by the elimination of Grassmann, Taksar and Heyman (Operations Research 33, 1985): the pivot 1 - P[s, s] is taken
as the sum of the probabilities of leaving s. Everything is then sums, products and quotients of non-negative numbers, and
every E[x] is accurate relative to its own size however rarely the plateau is left (O'Cinneide, Numerische Mathematik 65,
1993). States are eliminated in panels, so that most of the work is a matrix product.
"""

from __future__ import annotations

import numpy as np

from theory.exact.errors import NoExactMethod

PANEL = 64


def expected_costs(matrix: np.ndarray, rank: np.ndarray, end: np.ndarray, cost: np.ndarray, may_stall: bool) -> np.ndarray:
    """Solve E = cost + P E rank by rank.

    Parameters
    ----------
    matrix : float array, shape (states, states)
    rank : int array, shape (states,)
        No transition goes to a smaller rank.
    end : bool array, shape (states,)
        Where a run ends.
    cost : float array, shape (states,)
        Cost of a step from each state; 1 for runtimes.
    may_stall : bool
        Whether some state may be unable to reach the end; otherwise a vanishing probability is underflow.

    Returns
    -------
    float array, shape (states,)
        Infinite where the end is missed with positive probability.

    Examples
    --------
    >>> matrix = np.array([[0.5, 0.5], [0.0, 1.0]])
    >>> expected_costs(matrix, np.array([0, 1]), np.array([False, True]), np.ones(2), False).tolist()
    [2.0, 0.0]
    """
    expected = np.zeros(len(rank))
    solved = end.copy()
    endless = np.zeros(len(rank), dtype=bool)
    for block in ranks_downwards(rank, end):
        known = np.flatnonzero(solved)
        solved[block] = True
        leave = matrix[np.ix_(block, known)]
        out = leave.sum(axis=1)
        total = cost[block] + leave @ expected[known]
        within = matrix[np.ix_(block, block)]
        lost = lost_states(within, out, (leave[:, endless[known]] > 0).any(axis=1))
        if lost.any():
            if not may_stall:
                raise too_large()
            endless[block[lost]] = True
            keep = ~lost
            block, within, out, total = block[keep], within[np.ix_(keep, keep)], out[keep], total[keep]
        if block.size:
            with np.errstate(over="ignore", invalid="ignore"):  # found below
                expected[block] = plateau(within, out, total)
    if not np.isfinite(expected).all():
        raise too_large()
    expected[endless] = np.inf
    return expected


def too_large() -> NoExactMethod:
    """The error for expectations beyond floating point."""
    return NoExactMethod("n: E[T] is too large for floating point at these values; take a smaller n")


def ranks_downwards(rank: np.ndarray, end: np.ndarray) -> list[np.ndarray]:
    """The states that aren't ends, grouped by rank, the largest rank first."""
    order = np.flatnonzero(~end)
    order = order[np.argsort(-rank[order], kind="stable")]
    return np.split(order, np.flatnonzero(np.diff(rank[order])) + 1) if order.size else []


def lost_states(within: np.ndarray, out: np.ndarray, doomed: np.ndarray) -> np.ndarray:
    """Which states of a plateau miss the end with positive probability; ``doomed`` ones may step to such a state elsewhere."""
    if out.all() and not doomed.any():
        return doomed
    leads = within > 0
    escapes = out > 0
    while True:  # who can leave the plateau at all?
        more = escapes | leads[:, escapes].any(axis=1)
        if (more == escapes).all():
            break
        escapes = more
    lost = doomed | ~escapes
    while True:  # who can come to somebody who is lost?
        more = lost | leads[:, lost].any(axis=1)
        if (more == lost).all():
            return lost
        lost = more


def plateau(within: np.ndarray, out: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Solve E[s] (out[s] + sum of within[s, others]) = total[s] + sum over the others of within[s, y] E[y].

    Parameters
    ----------
    within : float array, shape (m, m)
        Transition probabilities inside the plateau; the diagonal is not used. Overwritten.
    out : float array, shape (m,)
        Probability of leaving the plateau in one step.
    total : float array, shape (m,)
        Cost of a step plus what is expected after leaving.

    Returns
    -------
    float array, shape (m,)
    """
    m = out.size
    np.fill_diagonal(within, 0.0)
    if not within.any():
        return total / out
    out, total, pivot = out.copy(), total.copy(), np.zeros(m)
    for high in range(m, 0, -PANEL):
        low = max(0, high - PANEL)
        for s in range(high - 1, low - 1, -1):  # eliminate s from the panel's rows, and its column from all rows
            pivot[s] = out[s] + within[s, :s].sum()
            within[:s, s] /= pivot[s]
            share = within[low:s, s]
            within[low:s, :s] += share[:, None] * within[s, :s]
            out[low:s] += share * out[s]
            total[low:s] += share * total[s]
            within[:low, low:s] += within[:low, s, None] * within[s, low:s]
        above = within[:low, low:high]
        within[:low, :low] += above @ within[low:high, :low]
        out[:low] += above @ out[low:high]
        total[:low] += above @ total[low:high]
    expected = np.zeros(m)
    for s in range(m):
        expected[s] = (total[s] + within[s, :s] @ expected[:s]) / pivot[s]
    return expected
