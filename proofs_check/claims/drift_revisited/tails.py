"""Whole tails against DKW bands: multiplicative drift, Witt's b(r), negative drift.

Doerr, Goldberg 2013, "Adaptive drift analysis", Algorithmica 65; Witt 2013, Combinatorics, Probability and Computing 22(2); Hajek
1982, Advances in Applied Probability 14.

The exact law of T is drawn beside the runs where the chain over the zero-bits has it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from proofs_check.bands import Band, Curve, bands
from proofs_check.claim import Claim, Setting
from proofs_check.claims.drift_revisited.common import EA, NAME, PAPER, bound
from proofs_check.decide import Runs
from theory import RLS, BinVal, Bound, DynamicBinVal, Linear, OneMax, Process

ALPHAS = (1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0)
"""Values of Witt's free parameter; the bound holds for each, so the smallest is one."""


def curve(found: Bound, **values: Any) -> Curve:
    """A tail bound as a function of t; of a free parameter the smallest over ALPHAS."""
    import sympy

    from theory.symbols import SYMBOLS, t

    expr = found.expr.subs({SYMBOLS[name]: sympy.nsimplify(value) for name, value in values.items()})
    if found.minimise_over is None:
        return sympy.lambdify(t, expr)
    functions = [sympy.lambdify(t, expr.subs(found.minimise_over[0], sympy.nsimplify(alpha))) for alpha in ALPHAS]
    return lambda at: np.min([f(at) for f in functions], axis=0)


def _exact_tail(process: Process, start: Any, late: bool = True, **values: Any) -> Curve:
    """P[T > t] or P[T <= t] from the powers of the chain."""

    def of(at: np.ndarray) -> np.ndarray:
        from theory.exact import runtime_distribution

        cdf = runtime_distribution(process, start=start, tail=1e-9, **values).cdf
        below = cdf[np.minimum(at.astype(np.int64), len(cdf) - 1)]
        return 1 - below if late else below

    return of


def multiplicative(setting: Setting) -> list[Band]:
    """P[T > t] <= n (1 - d)^t from 0^n: for local search, the coupon collector, it is sharp for large t."""
    cells = []
    for algorithm in (RLS(), EA):
        process = algorithm.on(OneMax())
        values: dict[str, Any] = {"n": 100} | ({"c": 1} if algorithm is EA else {})
        b = curve(bound(process, "upper", "multiplicative drift", "P[T > t]"), **values)
        exact = _exact_tail(process, "zeros", **values)
        cells.append(Band(Runs(process, values, "zeros"), b, lambda t, b=b: b(t) ** 1.5, exact=exact))  # type: ignore[misc]
    return cells


def witt(setting: Setting) -> list[Band]:
    """P[T > t] from the potential of linear functions; the mutant is local search's n (1 - 1/n)^t."""
    size = setting.choose(100, 1000)
    cells = []
    for problem in (BinVal(), Linear(range(1, size + 1)), OneMax()):
        process = EA.on(problem)
        values: dict[str, Any] = {"n": size, "c": 1}
        b = curve(bound(process, "upper", "Witt", "P[T > t]"), **values)
        exact = _exact_tail(process, "uniform", **values) if isinstance(problem, OneMax) and size <= 100 else None
        cells.append(Band(Runs(process, values), b, lambda t: size * (1 - 1 / size) ** t, exact=exact))
    return cells


def hajek(setting: Setting) -> list[Band]:
    """P[T <= t] <= t D exp(-lambda (b-a)) on Dynamic BinVal above its threshold; the mutant's exponent is 3/2 of it."""
    from theory.drift import NegativeDriftHajek

    process = EA.on(DynamicBinVal())
    values: dict[str, Any] = {"n": 20, "c": 3}
    found = NegativeDriftHajek.apply(process, **values)
    start = int(str(found.start).split(">= ")[1])
    chance = found.evaluate(t=1, **values)
    exact = _exact_tail(process, start, late=False, **values)
    return [Band(Runs(process, values, start), lambda t: chance * t, lambda t: chance**1.5 * t, False, 1000, exact)]


CLAIMS = (
    Claim(
        "multiplicative-ccdf", PAPER, "RLS and (1+1) EA, OneMax, from 0^n: P[T > t] <= n (1-d)^t at every t at once",
        "Doerr, Goldberg 2013", "the bound to the power 3/2: a wrong exponent", 0.03, bands(multiplicative, 20_000, 100_000),
        formula=r"\mathrm{P}[T > t] \le n (1-d)^t",
        where="the number of zero-bits has a drift of at least d times itself",
    ),
    Claim(
        "witt-ccdf", PAPER, "(1+1) EA, rate 1/n, every linear function: P[T > b(r)] <= e^-r at every r at once", "Witt 2013",
        "n (1-1/n)^t, a bound for local search", 0.06, bands(witt, 4000, 10_000),
        formula=r"\mathrm{P}[T > b(r)] \le e^{-r}",
        where="b(r) is Witt's bound with r in the place of the 1 that is added to the logarithms",
    ),
    Claim(
        "negative-drift-cdf", PAPER, f"{NAME} with c = 3, Dynamic BinVal, from b zero-bits: P[T <= t] <= t D exp(-lambda (b-a)) "
        "at every t at once", "Hajek 1982", "3/2 of the exponent", 0.05, bands(hajek, 8000, 40_000),
        formula=r"\mathrm{P}[T \le t] \le t\, D\, e^{-\lambda (b-a)}",
        where="T is the first time with at most a zero-bits; D bounds E[exp(-lambda step)] from b",
    ),
)  # fmt: skip
