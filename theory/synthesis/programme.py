"""synthesise: the potential in a template with the best bound.

Notation: the potential is X = sum_i theta_i B_i over a basis B of functions of the state, theta_i >= 0; D = (I - P) B is the
drift of the basis, so that the drift of X is D theta.

*Additive drift.* D theta >= 1 at every state gives E[T] <= X_0: minimise X_0, a linear programme. Over all states its optimum is
E[T] itself. *Variable drift, level by level*: the same with X concave in k, X = sum_{j <= k} 1/h(j) for a non-decreasing h.
*Multiplicative drift.* For each delta: D theta >= delta X and X >= 1 give E[T] <= (1 + ln X_0)/delta; minimise X_0 by a
linear programme, and search over delta.

What comes out is rounded to fractions and verified (:mod:`theory.synthesis.laws`); the bound is computed from the verified drift,
so that it holds whatever the linear programme's accuracy. If no potential in the template has positive drift everywhere, the dual
programme gives the reason (Farkas): a weighting y of the states with y D <= 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from theory.bound import Bound
from theory.derivation import Check, Derivation
from theory.drift.sources import DOERR_JOHANNSEN_WINZEN, HE_YAO, JOHANNSEN
from theory.errors import InputError
from theory.facts import Computation
from theory.parse import expression
from theory.process import Process, _rational
from theory.symbols import SYMBOLS, c, k, n, v
from theory.synthesis import laws

THEOREMS = ("additive", "variable", "multiplicative")
_SOURCES = {"additive": HE_YAO, "variable": JOHANNSEN, "multiplicative": DOERR_JOHANNSEN_WINZEN}
_OPTIONS = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
_GRID = 24  # values of delta that are tried before the search is refined


class NoPotential(InputError):
    """No potential in the template has positive drift at every state.

    Attributes
    ----------
    certificate : dict of int to Fraction
        A weighting y >= 0 of the states (by index) under which the drift of every basis function is at most 0.
    proved : bool
        Whether that was verified in fractions; otherwise it is what floats say.
    """

    def __init__(self, message: str, certificate: dict[int, Fraction], proved: bool) -> None:
        super().__init__(message)
        self.certificate, self.proved = certificate, proved


@dataclass(frozen=True)
class Potential:
    """A synthesised potential.

    Attributes
    ----------
    bound : Bound
        On E[T] at the values given; its derivation holds the potential and replays the verification.
    weights : tuple of Fraction
        theta, one a basis function (a state, a bit, an expression).
    values : tuple of Fraction
        X at every state.
    theorem : str
    delta : Fraction
        The verified drift: of X (additive, variable), or over X (multiplicative).
    dual : dict of int to float
        Optimal dual weights of the states, those above 1e-9: where the bound is tight. Of the linear programme, in floats.
    """

    bound: Bound
    weights: tuple[Fraction, ...]
    values: tuple[Fraction, ...]
    theorem: str
    delta: Fraction
    dual: dict[int, float]


def synthesise(
    process: Process, template: Any = "states", *, theorem: str = "additive", start: Any = "worst", delta: Any = None,
    **values: Any,
) -> Potential:  # fmt: skip
    """The potential in a template that gives the best bound on E[T].

    Parameters
    ----------
    process : Process
        At concrete values; its state is the number of zero-bits, the level of LeadingOnes (uniform start), or the point (n <= 8).
    template : "states", "bits", or a sequence of expressions in k and v
        One weight for every state, for every bit (the zero-bits' weights add up), or for every expression; all at least 0.
    theorem : {"additive", "variable", "multiplicative"}
        "variable" asks for a concave potential in k.
    start : "worst", "zeros", "uniform" or a number of zero-bits
        Whose bound is minimised ("uniform" with the additive theorem only); "worst": the largest X.
    delta : number, optional
        Of the multiplicative theorem; searched for if not given.
    **values
        n and c.

    Returns
    -------
    Potential

    Raises
    ------
    NoPotential
        If there is none in the template, with the dual certificate.
    InputError

    Examples
    --------
    >>> from theory import OneMax, OnePlusOneEA, synthesise
    >>> process = OnePlusOneEA("c/n").on(OneMax())
    >>> found = synthesise(process, theorem="multiplicative", n=100, c=1, start="zeros")
    >>> found.bound.evaluate(n=100, c=1) < 1258.9      # with X = k: 1516.0; exactly: 1154.9
    True
    """
    if not isinstance(process, Process):
        raise InputError(f"process: {process!r} must be an algorithm on a problem")
    if theorem not in THEOREMS:
        raise InputError(f"theorem: {theorem!r} must be one of {', '.join(THEOREMS)}")
    checked = process.values(**values)
    kind = "points" if template == "bits" else laws.kind_of(process)
    size = int(checked["n"])
    if kind == "points" and size > laws.RATIONAL_BY_POINTS:
        raise InputError(f"n: potentials over all points are synthesised up to n = {laws.RATIONAL_BY_POINTS}, not at n = {size}")
    matrix, zeros, fitness, end = laws.float_law(process, kind, values)
    basis = _basis(template, kind, checked, zeros, fitness, end)
    free = np.flatnonzero(~end)
    drift = basis[free] - matrix[free] @ basis
    goal = _goal(start, theorem, kind, size, zeros, free)
    extra = _concave(basis, kind, size) if theorem == "variable" else None
    _feasible(process, kind, values, drift, basis, free)
    if theorem == "multiplicative":
        rate, theta, dual = _multiplicative(drift, basis[free], goal, delta)
    else:
        if delta is not None:
            raise InputError("delta: belongs to the multiplicative theorem")
        solved = _solve(drift, np.ones(len(free)), basis[free], goal, None, extra)
        if solved is None:
            raise InputError(
                f"theorem: no potential in the template fits the {theorem} theorem; take another template or theorem"
            )
        rate, theta, dual = 1.0, *solved
    return _verified(process, kind, theorem, theta, basis, dual, free, goal, start, values, checked, rate)


# ---- templates and goals


def _basis(template: Any, kind: str, checked: dict, zeros: np.ndarray, fitness: np.ndarray, end: np.ndarray) -> np.ndarray:
    count = len(end)
    if isinstance(template, str) and template == "states":
        return np.eye(count)[:, np.flatnonzero(~end)]
    if isinstance(template, str) and template == "bits":
        return laws.points_as_bits(int(checked["n"]))
    if isinstance(template, str) or not isinstance(template, Sequence) or not template:
        raise InputError(f"template: {template!r} must be 'states', 'bits', or a sequence of expressions in k and v")
    from theory.law import _function

    columns = []
    for given in template:
        expr = expression(given, "template", {"n": n, "c": c, "k": k, "v": v})
        if kind == "levels" and k in expr.free_symbols:
            raise InputError(f"template: {expr} is in k, which the level v doesn't determine; write it in v")
        function = _function(expr, checked)
        column = np.array([function(float(z), float(f)) if not e else 0.0 for z, f, e in zip(zeros, fitness, end)])
        if not (np.isfinite(column).all() and (column[~end] >= 0).all()):
            raise InputError(f"template: {expr} must be finite and at least 0 at every state before the optimum")
        columns.append(column)
    return np.array(columns).T


def _goal(start: Any, theorem: str, kind: str, size: int, zeros: np.ndarray, free: np.ndarray) -> np.ndarray | None:
    """Weights over the states before the optimum of what is minimised; None: the largest value."""
    if isinstance(start, str) and start == "worst":
        return None
    if isinstance(start, str) and start == "uniform":
        if theorem != "additive":
            raise InputError("start: 'uniform' goes with the additive theorem; others speak of a fixed start")
        weights = _uniform(kind, size)
    elif kind == "levels":
        raise InputError("start: on LeadingOnes the levels speak of a uniform start; give 'uniform' or 'worst'")
    else:
        number = size if start == "zeros" else start
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= size:
            raise InputError(f"start: {start!r} must be 'worst', 'zeros', 'uniform' or a number of zero-bits from 0 to {size}")
        at = zeros == number
        if theorem != "additive" and at.sum() > 1:
            raise InputError("start: several points have so many zero-bits; give 'worst' or 'zeros'")
        weights = at / at.sum()
    return weights[free]


def _uniform(kind: str, size: int) -> np.ndarray:
    if kind == "points":
        return np.full(2**size, 0.5**size)
    if kind == "levels":
        return 0.5 ** np.minimum(np.arange(size + 1) + 1.0, size)
    from theory.exact.starts import rational_weights_by_zeros
    from theory.starts import Start

    return np.array([float(w) for w in rational_weights_by_zeros(Start("uniform"), size)])


def _concave(basis: np.ndarray, kind: str, size: int) -> np.ndarray:
    """Rows A with A theta >= 0: the increments X(k) - X(k-1) don't grow, and aren't negative."""
    if kind != "zeros":
        raise InputError("theorem: 'variable' is for problems whose state is the number of zero-bits")
    steps = basis[1:] - basis[:-1]
    return np.vstack([steps[:-1] - steps[1:], steps[-1:]])


# ---- linear programmes


def _highs(cost: np.ndarray, rows: Any, right: np.ndarray, bounds: Any) -> Any:
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    return linprog(cost, A_ub=csr_array(-rows), b_ub=-right, bounds=bounds, method="highs", options=_OPTIONS)


def _solve(
    drift: np.ndarray, least: np.ndarray, positive: np.ndarray, goal: np.ndarray | None, floor: float | None,
    extra: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray] | None:  # fmt: skip
    """min goal . X (or max X) subject to drift theta >= least, X >= floor, extra theta >= 0, theta >= 0.

    Returns theta and the dual weights of the states, or None where nothing is feasible.
    """
    count = drift.shape[1]
    blocks, right = [drift], [least]
    if floor is not None:
        blocks, right = [*blocks, positive], [*right, np.full(len(positive), floor)]
    if extra is not None:
        blocks, right = [*blocks, extra], [*right, np.zeros(len(extra))]
    rows = np.vstack(blocks)
    if goal is None:
        top = np.hstack([-positive, np.ones((len(positive), 1))])
        rows = np.vstack([np.hstack([rows, np.zeros((len(rows), 1))]), top])
        right.append(np.zeros(len(positive)))
        cost = np.append(np.zeros(count), 1.0)
    else:
        cost = goal @ positive
    scale = np.maximum(np.abs(rows).max(axis=1), 1e-300)  # rows of like size: HiGHS works with absolute tolerances
    found = _highs(cost, rows / scale[:, None], np.concatenate(right) / scale, [(0, None)] * len(cost))
    if found.status != 0:
        return None
    x = _polished(rows / scale[:, None], np.concatenate(right) / scale, found.x, -found.ineqlin.marginals)
    return x[:count], -found.ineqlin.marginals[: len(drift)] / scale[: len(drift)]


def _polished(rows: np.ndarray, right: np.ndarray, x: np.ndarray, dual: np.ndarray) -> np.ndarray:
    """The vertex that the programme found, from its tight constraints: HiGHS leaves out entries below 1e-9 and stops at 1e-10."""
    support, tight = np.flatnonzero(x > 1e-13 * x.max()), np.flatnonzero(dual > 1e-14)
    if len(tight) < len(support):
        tight = np.argsort(rows @ x - right)[: len(support)]
    solution, *_ = np.linalg.lstsq(rows[np.ix_(tight, support)], right[tight], rcond=None)
    better = np.zeros_like(x)
    better[support] = solution
    slack = (rows @ better - right).min()
    close = np.abs(better - x).max() <= 1e-3 * x.max()
    return better if close and (solution >= 0).all() and slack >= min(-1e-12, (rows @ x - right).min()) else x


def _multiplicative(
    drift: np.ndarray, positive: np.ndarray, goal: np.ndarray | None, delta: Any
) -> tuple[float, np.ndarray, Any]:
    def height(rate: float) -> tuple[float, Any]:
        solved = _solve(drift - rate * positive, np.zeros(len(drift)), positive, goal, 1.0, None)
        if solved is None:
            return math.inf, None
        x = positive @ solved[0]
        largest = x.max() if goal is None else float(goal @ x)
        return (1 + math.log(max(largest, 1.0))) / rate, solved

    if delta is not None:
        from theory.values import exact, number

        rate = float(exact(number(delta, "delta")))
        if not 0 < rate <= 1:
            raise InputError(f"delta: {delta!r} must lie in (0, 1]")
        solved = height(rate * (1 - 1e-12))[1]
        if solved is None:
            raise InputError(f"delta: no potential in the template has drift at least {rate:g} X; take a smaller delta")
        return rate, *solved
    low, high = 0.0, 1.0
    for _ in range(60):  # the largest delta for which there is a potential
        middle = (low + high) / 2 if low else high / 2
        if height(middle)[1] is None:
            high = middle
        else:
            low = middle
        if low and high / low < 1 + 1e-9:
            break
    if not low:
        raise InputError("theorem: no potential in the template has multiplicative drift")
    tried = [low * x for x in (*np.linspace(0.3, 0.98, _GRID // 2), *(1 - np.geomspace(1e-2, 1e-7, _GRID // 2)), 1.0)]
    heights = [height(rate)[0] for rate in tried]
    i = int(np.argmin(heights))
    from scipy.optimize import minimize_scalar

    ends = (tried[max(i - 1, 0)], tried[min(i + 1, len(tried) - 1)])
    found = minimize_scalar(lambda x: height(x)[0], bounds=ends, method="bounded", options={"maxiter": 25})
    rate = float(found.x) if found.fun < heights[i] else tried[i]
    return rate, *height(rate)[1]


def _feasible(process: Process, kind: str, values: dict, drift: np.ndarray, basis: np.ndarray, free: np.ndarray) -> None:
    """Raise NoPotential with its certificate where no theta >= 0 has positive drift everywhere.

    max s subject to drift theta >= s, theta >= 0, sum theta = 1 (columns scaled); s <= 0 iff there is none; the dual is y.
    """
    from scipy.optimize import linprog

    scale = np.maximum(np.abs(drift).max(axis=0), 1e-300)
    rows, height = drift / scale, np.maximum(np.abs(drift / scale).max(axis=1), 1e-300)
    count = drift.shape[1]
    system = np.hstack([-rows / height[:, None], np.ones((len(rows), 1))])
    found = linprog(
        np.append(np.zeros(count), -1.0), A_ub=system, b_ub=np.zeros(len(rows)), A_eq=np.append(np.ones(count), 0.0)[None, :],
        b_eq=[1.0], bounds=[(0, None)] * count + [(None, None)], method="highs",
    )  # fmt: skip
    if found.status != 0 or found.x[-1] > 1e-13:
        return
    weights = np.maximum(-found.ineqlin.marginals, 0) / height
    y = [Fraction(float(w)).limit_denominator(10**6) for w in weights / weights.sum()]
    certificate = {int(state): w for state, w in zip(free, y) if w}
    proved = _certified(process, kind, values, basis, certificate)
    where = ", ".join(str(state) for state in list(certificate)[:8]) + (", ..." if len(certificate) > 8 else "")
    name = {"zeros": "numbers of zero-bits", "levels": "levels", "points": "points"}[kind]
    how = "in fractions" if proved else "in floating point"
    why = f"no potential in it has positive drift everywhere; weights on the {name} {where} certify it {how}"
    raise NoPotential(f"template: {why}", certificate, proved)


def _certified(process: Process, kind: str, values: dict, basis: np.ndarray, certificate: dict[int, Fraction]) -> bool:
    try:
        rows = laws.rational_rows(process, kind, values)
    except InputError:
        return False
    if rows is None:
        return False
    for column in basis.T:
        b = [Fraction(float(x)) for x in column]
        total = sum(
            (w * chance * (b[i] - b[j]) for i, w in certificate.items() for j, chance in rows[i].items()), Fraction(0)
        )  # fmt: skip
        if total > 0:
            return False
    return True


# ---- from floats to a bound


def _verified(
    process: Process, kind: str, theorem: str, theta: np.ndarray, basis: np.ndarray, dual: np.ndarray, free: np.ndarray,
    goal: np.ndarray | None, start: Any, values: dict, checked: dict, rate: float,
) -> Potential:  # fmt: skip
    weights = tuple(Fraction(float(x)).limit_denominator(2**60) if x > 0 else Fraction(0) for x in theta)
    columns = [[Fraction(float(x)) for x in column] for column in basis.T]
    x = [sum((w * column[i] for w, column in zip(weights, columns) if w and column[i]), Fraction(0)) for i in range(len(basis))]
    inside = [x[i] for i in free]
    if min(inside) <= 0:
        raise InputError("template: the best potential vanishes before the optimum; take another template")
    if theorem == "multiplicative":
        smallest = min(inside)
        weights, x = tuple(w / smallest for w in weights), [value / smallest for value in x]
    if kind == "zeros" and int(checked["n"]) > laws.RATIONAL_BY_ZEROS:  # noise of the programme must not break monotonicity
        for i in range(1, len(x)):
            x[i] = max(x[i], x[i - 1])
    given = tuple(sorted(values.items()))
    delta = laws.least_ratio(process, kind, x, theorem == "multiplicative", values)
    if delta <= 0:
        raise InputError(
            f"process: the potential found lost its drift in rounding (the linear programme had {rate:g}); scale the template"
        )
    delta = _round_down(delta)
    begin = max(x) if goal is None else sum((Fraction(float(w)) * x[i] for w, i in zip(goal, free)), Fraction(0))
    x0 = sympy.Rational(begin.numerator, begin.denominator)
    least = sympy.Rational(delta.numerator, delta.denominator)
    expr = (1 + sympy.log(x0)) / least if theorem == "multiplicative" else x0 / least
    fact = Computation(
        "theory.synthesis.programme:drift_is_at_least",
        (("process", process), ("kind", kind), ("potential", tuple(x)), ("multiplicative", theorem == "multiplicative"),
         ("values", given), ("delta", delta)),
        True, f"the drift of the potential is at least {float(delta):.6g}" + (" X" if theorem == "multiplicative" else ""),
    )  # fmt: skip
    name = {"additive": "additive drift", "variable": "variable drift", "multiplicative": "multiplicative drift"}[theorem]
    derivation = Derivation(
        f"{name} ({_SOURCES[theorem].text.partition('(')[2].rstrip(')')})",
        "E[T] <= (1 + ln X_0)/delta" if theorem == "multiplicative" else "E[T] <= X_0/delta",
        f"X = the potential with the weights {_shown(weights)}, synthesised by linear programming",
        f"E[X_t - X_t+1 | X_t] >= {float(delta):.6g}" + (" X_t" if theorem == "multiplicative" else ""),
        {"zeros": "every number of zero-bits", "levels": "every level", "points": "every point"}[kind],
        checks=(
            Check("X > 0 before the optimum and X = 0 at it", "exactly at all states", "necessary"),
            Check("the drift", "in fractions or balls at all states", "necessary", fact),
        ),
    )  # fmt: skip
    speaks = {"worst": "any"}.get(start, start) if isinstance(start, str) else start
    speaks = "uniform" if kind == "levels" else speaks
    put = {name: _rational(x) for name, x in checked.items()}
    conditions = tuple(sympy.Eq(SYMBOLS[name], value, evaluate=False) for name, value in put.items())
    bound = Bound("E[T]", "upper", expr, conditions, "derived", speaks, source=_SOURCES[theorem], derivation=derivation)
    tight = {int(state): float(y) for state, y in zip(free, dual) if y > 1e-9}
    return Potential(bound, weights, tuple(x), theorem, delta, tight)


def drift_is_at_least(process: Any, kind: str, potential: Any, multiplicative: bool, values: Any, delta: Fraction) -> bool:
    """Whether the drift of a potential (over the potential, ``multiplicative``) is at least delta at every state; rigorous."""
    return laws.least_ratio(process, kind, potential, multiplicative, values) >= delta


def _round_down(delta: Fraction) -> Fraction:
    """A shorter fraction that is at most 2^-40 below, relatively."""
    bits = 48 - math.floor(math.log2(float(delta)))
    return Fraction(math.floor(delta * 2**bits), 2**bits)


def _shown(weights: tuple[Fraction, ...]) -> str:
    text = ", ".join(f"{float(w):.6g}" for w in weights[:6])
    return text + (", ..." if len(weights) > 6 else "")
