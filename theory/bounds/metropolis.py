"""The Metropolis algorithm on OneMax: a birth-death chain, so headwind drift is exact.

T. Jansen, I. Wegener, TCS 386 (2007), for the algorithm; the closed sum is derived here. With p_k = k/n (a zero-bit flips)
and q_k = (n - k)/(n alpha) (a one-bit flips and is accepted), the expected time from k to k - 1 is w_k = 1/p_k + (q_k/p_k)
w_{k+1}, so that w_k = sum over j = k, ..., n of (n/j) prod over i = k, ..., j-1 of (n - i)/(alpha i) = n/(k C(n,k)) sum
over j of C(n,j) alpha^(k-j).
"""

from __future__ import annotations

import numpy as np
import sympy
from sympy import Sum, Symbol, binomial

from theory.algorithms import Metropolis
from theory.bounds.common import Bound, Check, argument
from theory.drift.headwind import SOURCE
from theory.facts import RuntimeFact
from theory.problems import OneMax
from theory.process import Process
from theory.symbols import k, n

_i, _j = Symbol("i", integer=True, positive=True), Symbol("j", integer=True, positive=True)


def bounds(process: Process) -> list[Bound]:
    """E[T] of Metropolis on OneMax, exact from every number of zero-bits."""
    if not isinstance(process.algorithm, Metropolis) or not isinstance(process.problem, OneMax):
        return []
    alpha = process.algorithm.alpha
    step = n / (_i * binomial(n, _i)) * Sum(binomial(n, _j) * alpha ** (_i - _j), (_j, _i, n))
    expr = Sum(step, (_i, 1, k))
    condition = () if alpha.is_number else (sympy.Ge(alpha, 1, evaluate=False),)
    condition = tuple(w for w in condition if w != True)  # noqa: E712 (sympy's truth)
    derivation = argument(
        "headwind drift (cf. Kötzing, Lissovoi, Witt 2015)",
        "From k zero-bits one of them flips with probability k/n: gained. A one-bit flips and is accepted with (n-k)/(n alpha).",
        "The chain falls by at most one, so the expected time from k to k - 1 is w_k = (1 + q_k w_k+1)/p_k, with equality.",
        checks=(
            Check(
                "the sum of w_1, ..., w_k", "on the whole chain", "premise", RuntimeFact(process, expr, "==", "k", (1, 2, 3, 4))
            ),
        ),
    )

    def value(values: dict) -> float:
        from theory.exact import expected_runtimes_by_zeros

        given = {name: x for name, x in values.items() if name in process.needed}
        times = expected_runtimes_by_zeros(process, **given)
        return float(times[int(values["k"]) if "k" in values else np.argmax(times)])

    from_k = Bound("E[T]", "exact", expr, condition, start=k, source=SOURCE, derivation=derivation)
    anywhere = Bound("E[T]", "upper", expr.subs(k, n), condition, source=SOURCE, derivation=derivation)
    small = 200  # larger n by the chain: the sum has n^2/2 terms

    def evaluated(bound: Bound) -> Bound:
        return bound.with_(exact_function=lambda values: _sum(bound, values) if values["n"] <= small else value(values))

    return [evaluated(from_k), evaluated(anywhere)]


def _sum(bound: Bound, values: dict) -> float:
    from fractions import Fraction

    from theory.balls import at
    from theory.symbols import SYMBOLS

    return float(at(bound.expr, {SYMBOLS[name]: Fraction(x) for name, x in values.items()}).mid())
