"""When no potential in a template works: the certificate, and the error that carries it.

By Farkas' lemma there is either a potential X = B theta, theta >= 0, with drift >= 1 at every state, or there are weights y >=
0 of the states, not all 0, such that the weighted drift sum_i y_i E[X_t - X_{t+1} | state i] of *every* potential in the
template is at most 0. The weights are found in floats, made rational, and checked without error.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import scipy.sparse as sparse
from flint import fmpq, fmpq_mat
from scipy.optimize import linprog

from theory.errors import InputError
from theory.facts import Computation
from theory.synthesis.certify import refutes
from theory.synthesis.chains import as_fmpq, as_fraction
from theory.synthesis.programme import Setting

MANY = 60  # states of a certificate that are solved for exactly


class NoPotential(InputError):
    """No potential in the template has the drift that a theorem needs.

    Attributes
    ----------
    certificate : dict of int to Fraction
        Weights of the states (by k, by level, by point, or by row) that add up to 1; the weighted drift of every potential in the
        template is at most 0. Empty where the solver found no potential, but no certificate could be made exact.
    fact : Computation or None
        The certificate as data, which can be replayed.
    """

    def __init__(self, message: str, certificate: dict[int, Fraction] | None = None, fact: Computation | None = None) -> None:
        super().__init__(message)
        self.certificate, self.fact = certificate or {}, fact

    @property
    def proved(self) -> bool:
        """Whether there is a certificate, which was checked without error."""
        return bool(self.certificate)


def no_potential(given: Setting, text: str, data: tuple, values: dict[str, Any]) -> NoPotential:
    """The error, with its certificate where one is found."""
    chain = given.chain
    weights = certificate(given)
    if weights is None:
        return NoPotential(
            f"template: the solver found no potential with positive drift among {text}, and no proof that there is none;"
            " try another template"
        )
    pairs = tuple((i, as_fraction(x)) for i, x in enumerate(weights) if x)
    shown = [f"{_short(x)} at {chain.label(i)}" for i, x in sorted(pairs, key=lambda pair: -pair[1])]
    where = ", ".join(shown[:4]) + (f" and {len(shown) - 4} more states" if len(shown) > 4 else "")
    if len(shown) == 1:
        said = f"at {chain.label(pairs[0][0])} the drift of each of them is at most 0"
    else:
        said = f"with the weights {where} the weighted drift of each of them is at most 0"
    arguments = (("process", chain.process), ("kind", chain.kind), ("values", values), ("template", data), ("weights", pairs))
    fact = Computation("theory.synthesis.certify:nothing_works", arguments, True, f"among {text}: {said}", chain.level)
    return NoPotential(f"template: among {text} none has positive drift at every state; {said}", dict(pairs), fact)


def certificate(given: Setting) -> list[fmpq] | None:
    """Weights of the states, or None."""
    for candidate in _candidates(given):
        total = sum(candidate, fmpq(0))
        if total > 0 and refutes(given.chain, given.columns, candidate):
            return [x / total for x in candidate]
    return None


def _candidates(given: Setting):
    inner, states = given.chain.inner, len(given.chain)
    most = given.moves.max(axis=1).toarray().ravel()
    for i in np.flatnonzero(most <= 1e-14)[:5]:  # one state may be enough
        single = [fmpq(0)] * states
        single[inner[i]] = fmpq(1)
        yield single
    found = _weights(given)
    if found is None:
        return
    yield _put(found, inner, states)
    few = np.where(found > 1e-7, found, 0.0)
    yield _put(few, inner, states)
    exact = _exactly(given, few)
    if exact is not None:
        yield exact


def _weights(given: Setting) -> np.ndarray | None:
    """Weights that make the largest weighted drift of the template's functions as small as possible."""
    moves = given.moves
    size = abs(moves).max(axis=0).toarray().ravel()
    size[size == 0] = 1.0
    scaled = moves @ sparse.diags(1 / size)
    count, columns = scaled.shape
    above = sparse.hstack([scaled.T, sparse.csr_matrix(-np.ones((columns, 1)))]).tocsr()
    whole = sparse.csr_matrix(np.concatenate([np.ones(count), [0.0]])[None, :])
    bounds = [(0.0, None)] * count + [(None, None)]
    objective = np.concatenate([np.zeros(count), [1.0]])
    answer = linprog(objective, A_ub=above, b_ub=np.zeros(columns), A_eq=whole, b_eq=[1.0], bounds=bounds, method="highs")
    if answer.status != 0 or answer.fun > 1e-9:
        return None
    return np.maximum(answer.x[:-1], 0.0)


def _put(weights: np.ndarray, inner: np.ndarray, states: int) -> list[fmpq]:
    result = [fmpq(0)] * states
    for i, x in zip(inner, weights):
        if x > 0:
            result[i] = as_fmpq(Fraction(float(x)).limit_denominator(10**9))
    return result


def _exactly(given: Setting, few: np.ndarray) -> list[fmpq] | None:
    """The weights of these states for which the tight columns are 0, where that determines them."""
    chain, inner = given.chain, given.chain.inner
    used = [int(i) for i in np.flatnonzero(few)]
    if not 0 < len(used) <= MANY or chain.level != "exact":
        return None
    drift = np.abs(given.moves.T @ few) / np.maximum(abs(given.moves).max(axis=0).toarray().ravel(), 1e-300)
    tight = [int(j) for j in np.flatnonzero(drift <= 1e-9)]
    if not len(tight):
        return None
    rows = []
    for i in used:
        unit = [fmpq(0)] * len(chain)
        unit[inner[i]] = fmpq(1)
        pulled = given.columns.pull(chain.flow(unit))
        rows.append([pulled[j] for j in tight])
    matrix = fmpq_mat(len(tight), len(used), [rows[i][j] for j in range(len(tight)) for i in range(len(used))])
    reduced, rank = matrix.rref()
    if rank != len(used) - 1:
        return None
    pivots = [next(j for j in range(len(used)) if reduced[i, j] != 0) for i in range(rank)]
    free = next(j for j in range(len(used)) if j not in pivots)
    solution = [fmpq(0)] * len(used)
    solution[free] = fmpq(1)
    for i, j in enumerate(pivots):
        solution[j] = -reduced[i, free]
    if any(x < 0 for x in solution):
        return None
    result = [fmpq(0)] * len(chain)
    for i, x in zip(used, solution):
        result[inner[i]] = x
    return result


def _short(x: Fraction) -> str:
    return str(x) if len(str(x)) <= 12 else f"{float(x):.6g}"
