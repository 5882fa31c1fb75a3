"""The linear programmes, in floats, and how their solutions become precise.

Unknown: theta >= 0, the potential X = B theta. Rows, one a state before the end:

    drift        E[X_t - X_{t+1}] - delta X_t >= g     (additive: delta = 0, g = 1; multiplicative: delta > 0, g = 0)
    smallest     X >= 1                                (multiplicative alone)
    largest      M >= X                                (where the largest value is minimised)

and the objective is M, the mean of X over the law of the start, or the sum of all values (``least`` templates, which have a
smallest potential at all states at once).

A solver's solution violates rows by 1e-7. Each round of refinement measures the violation without error (in fractions or
balls), and solves for a correction with that violation, magnified, as the right side. (A. Gleixner, D. Steffy, K. Wolter,
*Iterative refinement for linear programming*, INFORMS Journal on Computing 28, 2016; of the primal side alone.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sparse
from flint import ctx, fmpq
from scipy.optimize import linprog

from theory.synthesis.chains import BITS, FiniteChain, as_float, as_fmpq, middle
from theory.synthesis.templates import Columns

ROUNDS = 4
GOOD = 1e-14  # relative violation at which refinement stops
_DUST = 1e-30  # probabilities, relative to that of leaving the state, that the floats leave out


@dataclass(frozen=True)
class Setting:
    """A chain and a template on it, with the matrices in floats."""

    chain: FiniteChain
    columns: Columns
    weights: list[fmpq] | None  # the law of the start; None: any start
    least: bool
    values: Any  # B, scipy.sparse, rows: the states before the end
    moves: Any  # (I - P) B, likewise


def setting(chain: FiniteChain, columns: Columns, weights: list[fmpq] | None, least: bool) -> Setting:
    """The matrices of a template on a chain."""
    inner, matrix = chain.inner, chain.matrix()
    leave = np.asarray(matrix.sum(axis=1)).ravel()
    scale = np.repeat(leave, np.diff(matrix.indptr))
    matrix.data[matrix.data < _DUST * scale] = 0.0
    matrix.eliminate_zeros()
    values = columns.floats()
    moves = (sparse.diags(leave) @ values - matrix @ values).tocsr()[inner]
    return Setting(chain, columns, weights, least, values.tocsr()[inner], moves)


@dataclass(frozen=True)
class Solution:
    """What a linear programme gave.

    Attributes
    ----------
    theta : list of fmpq
    drift, floor : float arrays, by state before the end
        Dual weights of the drift rows and of the rows X >= 1.
    start : float array
        Dual weights of the starts: of the rows M >= X, or the law of the start.
    objective : float
    """

    theta: list[fmpq]
    drift: np.ndarray
    floor: np.ndarray
    start: np.ndarray
    objective: float

    def slope(self, potential: np.ndarray) -> float:
        """How fast the objective grows with delta."""
        return float(self.drift @ potential)


class Programme:
    """The programme of one theorem on a setting, at one delta (None: additive)."""

    def __init__(self, given: Setting, delta: fmpq | None = None) -> None:
        self.given, self.delta = given, delta
        shift = 0.0 if delta is None else as_float(delta)
        self.drift = (given.moves - shift * given.values).tocsr() if shift else given.moves
        if delta is not None and given.least:
            self.drift = _with_diagonal(given, self.drift, delta)
        self.size = abs(self.drift).max(axis=1).toarray().ravel()
        self.size[self.size == 0] = 1.0
        self.drift = sparse.diags(1 / self.size) @ self.drift
        self.right = 1 / self.size if delta is None else np.zeros(len(self.size))
        self.floors = given.values if delta is not None else given.values[:0]

    def solve(self, cost: str = "start", refine: bool = True) -> Solution | None:
        """Solve it, or None where no potential in the template does.

        Parameters
        ----------
        cost : {"start", "sum", "worst i"}
            Minimise the value at the start (the largest one where it may be any), the sum of all, or the value at one state.
        """
        given = self.given
        inner = len(given.chain.inner)
        start: np.ndarray | None
        if cost == "sum":
            start = np.full(inner, 1.0 / inner)
        elif cost.startswith("worst "):
            start = np.zeros(inner)
            start[int(cost[6:])] = 1.0
        elif given.weights is not None:
            start = np.array([as_float(given.weights[i]) for i in given.chain.inner])
        else:
            start = self._dominating()
        worst = start is None
        objective: np.ndarray
        rows, right = [self.drift, self.floors], [self.right, np.ones(self.floors.shape[0])]
        if worst:
            rows.append(-given.values)
            right.append(np.zeros(inner))
        matrix = sparse.vstack(rows).tocsr()
        if start is not None:
            objective = given.values.T @ start
        else:
            last = np.concatenate([np.zeros(matrix.shape[0] - inner), np.ones(inner)])[:, None]
            matrix = sparse.hstack([matrix, sparse.csr_matrix(last)]).tocsr()
            objective = np.concatenate([np.zeros(matrix.shape[1] - 1), [1.0]])
        side = np.concatenate(right)
        unit = max(1.0, float(np.abs(side).max()))
        found = _highs(objective, matrix, side / unit, np.zeros(matrix.shape[1]))
        if found is None:
            return None
        x, dual = found[0] * unit, _polished(matrix, objective, *found)
        exact = [as_fmpq(float(value)) if value > 0 else fmpq(0) for value in x]
        if refine:
            exact = self._refined(exact, objective, matrix, side, worst)
        drift = dual[: len(self.size)] / self.size
        floor = dual[len(self.size) : len(self.size) + self.floors.shape[0]]
        if self.delta is None:
            floor = np.zeros(inner)
        law = dual[-inner:] if start is None else start
        theta = exact[:-1] if worst else exact
        return Solution(theta, drift, floor, np.maximum(law, 0.0), float(found[2]) * unit)

    def _dominating(self) -> np.ndarray | None:
        """The state at which every potential of the template is largest, as a law; None where there isn't one."""
        values = self.given.values
        most = values.max(axis=0).toarray().ravel()
        sums = np.asarray(values.sum(axis=1)).ravel()
        best = int(np.argmax(sums))
        if np.abs(values[best].toarray().ravel() - most).max() > 0:
            return None
        start = np.zeros(values.shape[0])
        start[best] = 1.0
        return start

    def residuals(self, theta: list[fmpq]) -> tuple[list[Any], list[fmpq]]:
        """(drift - delta X, X) at the states before the end, without error."""
        chain = self.given.chain
        potential = self.given.columns.potential(theta)
        drifts = chain.drifts(potential)
        with ctx.workprec(BITS):
            slack = [drifts[i] if self.delta is None else drifts[i] - self.delta * potential[i] for i in chain.inner]
        return slack, [potential[i] for i in chain.inner]

    def _refined(self, x: list[fmpq], objective: np.ndarray, matrix: Any, side: np.ndarray, worst: bool) -> list[fmpq]:
        best, least = x, np.inf
        for _ in range(ROUNDS):
            theta = x[:-1] if worst else x
            slack, values = self.residuals(theta)
            goal = 1 if self.delta is None else 0
            with ctx.workprec(BITS):
                missing = [middle(goal - s) / size for s, size in zip(slack, self.size)]
            if self.delta is not None:
                missing += [as_float(1 - value) for value in values]
            if worst:
                missing += [as_float(value - x[-1]) for value in values]
            shortage = np.array(missing)
            violation = float(shortage.max())
            if violation < least:
                best, least = x, violation
            if violation <= GOOD * max(1.0, float(np.abs(side).max())) or not np.isfinite(violation):
                break
            zoom = fmpq(2) ** (-int(np.floor(np.log2(violation))))
            factor = as_float(zoom)
            low = np.array([-as_float(value * zoom) for value in x])
            found = _highs(objective, matrix, np.maximum(shortage * factor, -1e20), np.maximum(low, -1e20))
            if found is None:
                break
            x = [max(value + as_fmpq(float(change)) / zoom, fmpq(0)) for value, change in zip(x, found[0])]
        return best


def _with_diagonal(given: Setting, drift: Any, delta: fmpq) -> Any:
    """The entries P(leave) - delta without cancellation: they decide whether a state has any room."""
    leaving = given.chain.leaving()
    with ctx.workprec(BITS):
        exact = [middle(leaving[i] - delta) for i in given.chain.inner]
    return (drift - sparse.diags(drift.diagonal()) + sparse.diags(exact)).tocsr()


def _highs(objective: np.ndarray, matrix: Any, right: np.ndarray, low: np.ndarray) -> tuple[np.ndarray, np.ndarray, float] | None:
    """Minimise objective x under matrix x >= right, x >= low: (x, dual, value), or None where it is infeasible."""
    bounds = np.column_stack([low, np.full(len(low), np.inf)])
    answer = linprog(objective, A_ub=-matrix, b_ub=-right, bounds=bounds, method="highs")
    if answer.status != 0 or answer.x is None:
        return None
    return answer.x, np.maximum(-answer.ineqlin.marginals, 0.0), float(answer.fun)


def _polished(matrix: Any, objective: np.ndarray, x: np.ndarray, dual: np.ndarray, _: float) -> np.ndarray:
    """The dual once more, from the rows and unknowns in use, as a linear system: a solver drops entries below 1e-9."""
    rows = np.flatnonzero(dual > 1e-13 * max(1e-300, dual.max(initial=0.0)))
    used = np.flatnonzero(x > 0)
    if len(rows) != len(used) or not len(rows):
        return dual
    from scipy.sparse.linalg import splu

    try:
        system = splu(matrix[rows][:, used].T.tocsc())
        found = system.solve(objective[used])
        found += system.solve(objective[used] - matrix[rows][:, used].T @ found)
    except RuntimeError:  # singular
        return dual
    if not np.isfinite(found).all() or found.min() < -1e-9 * np.abs(found).max():
        return dual
    result = np.zeros_like(dual)
    result[rows] = np.maximum(found, 0.0)
    return result


def visits(given: Setting, worst: int, value: float) -> Solution | None:
    """The dual of the additive programme where every potential is allowed: expected numbers of visits.

    Of a chain that stops at every step with a tiny probability: it makes y (I - P) a little smaller than the law of the start, so
    that roundings don't matter.

    Parameters
    ----------
    given : Setting
    worst : int
        The start, where it may be any.
    value : float
        About the expected runtime.
    """
    from scipy.sparse.linalg import splu

    inner = given.chain.inner
    if given.weights is None:
        start = (inner == worst).astype(float)
    else:
        start = np.array([as_float(given.weights[i]) for i in inner])
    stop = 1e-9 / max(value, 1.0)
    try:
        found = splu((given.moves + stop * sparse.eye(len(inner))).T.tocsc()).solve(start)
    except RuntimeError:  # singular
        return None
    return Solution([], np.maximum(found, 0.0), np.zeros(len(inner)), start, float(found.sum()))
