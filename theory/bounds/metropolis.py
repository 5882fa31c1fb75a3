"""The Metropolis algorithm on OneMax: exact from every start, and from which temperature on it takes polynomial time.

T. Jansen, I. Wegener, TCS 386 (2007), for the algorithm and the threshold; the closed sum and both bounds are derived here.

Notation: a step that is worse by one is accepted with probability 1/alpha. From k zero-bits one of them flips with probability
p_k = k/n, and a one-bit flips and is accepted with q_k = (n - k)/(n alpha): headwind drift is exact for this chain.

The expected time from k to k - 1 is w_k = 1/p_k + (q_k/p_k) w_{k+1}, so that

    w_k = n/(k C(n, k)) sum over j = k, ..., n of C(n, j) alpha^(k-j),        E[T | k] = w_1 + ... + w_k.

*From below*: w_1 = alpha ((1 + 1/alpha)^n - 1), by the binomial theorem; every run from k >= 1 takes that long. *From above*:
C(n, j)/C(n, k) = C(n-k, j-k)/C(j, k) <= C(n-k, j-k), so w_k <= n/k (1 + 1/alpha)^(n-k) and E[T] <= n H_n (1 + 1/alpha)^(n-1).

*The threshold.* At alpha = n/(c ln n) both are n^(1+c) but for logarithms, as n ln(1 + 1/alpha) = (1 + o(1)) c ln n: E[T] is
polynomial iff alpha is at least a constant times n/ln n (and O(n log n) from alpha = n on).
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import sympy
from sympy import Expr, Integer, Sum, Symbol, binomial, harmonic, log

from theory.algorithms import Metropolis
from theory.bounds.common import Bound, Check, Source, argument, concluding, supported
from theory.derivation import Derivation
from theory.drift.headwind import SOURCE
from theory.facts import DriftFact, Identity, Inequality, LimitFact, RuntimeFact
from theory.lemmas import applied, of
from theory.problems import OneMax
from theory.process import Process
from theory.symbols import c, k, n

JANSEN_WEGENER = Source(
    "headwind drift (cf. Jansen, Wegener 2007)",
    "@article{JansenWegener2007,\n  author = {Jansen, Thomas and Wegener, Ingo},\n"
    "  title = {A comparison of simulated annealing with a simple evolutionary algorithm on pseudo-{B}oolean functions of"
    " unitation},\n  journal = {Theoretical Computer Science},\n  volume = {386},\n  pages = {73--93},\n  year = {2007},\n}",
)
_i, _j = Symbol("i", integer=True, positive=True), Symbol("j", integer=True, positive=True)
_a = Symbol("a", positive=True)  # alpha, in the premises
SMALL = 200  # larger n by the chain: the sum has n^2/2 terms


def bounds(process: Process) -> list[Bound]:
    """E[T] of Metropolis on OneMax: exact from every number of zero-bits, closed from both sides, and the threshold in alpha."""
    if not isinstance(process.algorithm, Metropolis) or not isinstance(process.problem, OneMax):
        return []
    alpha = process.algorithm.alpha
    expr = Sum(_step(_i, alpha), (_i, 1, k))
    always = sympy.Ge(alpha, 1) == True  # noqa: E712 (sympy's truth)
    condition = () if always else (sympy.Ge(alpha, 1, evaluate=False),)
    exact, below, above = (_proof(process, *part) for part in (((), ""), (_below(), "w_1"), (_above(), "the sum of the w_k")))
    from_k = Bound("E[T]", "exact", expr, condition, start=k, source=SOURCE, derivation=exact)
    least, some = alpha * ((1 + 1 / alpha) ** n - 1), (*condition, sympy.Ge(k, 1, evaluate=False))
    closed = Bound("E[T]", "upper", n * harmonic(n) * (1 + 1 / alpha) ** (n - 1), condition, source=JANSEN_WEGENER,
                   derivation=above)  # fmt: skip
    last = Bound("E[T]", "lower", least, some, start=k, source=JANSEN_WEGENER, derivation=below)
    mean = last.with_(expr=(1 - Integer(2) ** -n) * least, conditions=condition, start="uniform")
    chances: dict[str, Any] = {"gain": of(k, k / n), "loss": of(k, (n - k) / (n * _a)), "put": ((_a, alpha),)}
    most = of(k, n / k * (1 + 1 / _a) ** (n - 1))
    summed = RuntimeFact(process, Sum(most(_i).subs(_a, alpha), (_i, 1, n)), "<=", "worst", (1, 2, 3), where=condition)
    closed = supported(closed, Check("the sum of the bounds on the w_k", "on the whole chain", "premise", summed))
    return [
        _evaluated(process, concluding(from_k, "birth and death", start=k, **chances)),
        _evaluated(process, concluding(from_k.with_(direction="upper", expr=expr.subs(k, n), start="any"),
                                       "birth and death, any start", **chances)),
        concluding(closed, "steps bounded one by one", ((_a, alpha),), most=most),
        concluding(last, "birth and death, the last step", **chances),
        concluding(mean, "birth and death, the last step, uniform start", **chances),
        threshold(),
    ]  # fmt: skip


def _step(zeros: Expr, alpha: Expr) -> Expr:
    """w_k."""
    return n / (zeros * binomial(n, zeros)) * Sum(binomial(n, _j) * alpha ** (zeros - _j), (_j, zeros, n))


def _proof(process: Process, more: tuple[Check, ...], about: str) -> Derivation:
    """w_k from the chain's two probabilities, and what follows for a closed bound."""
    alpha = process.algorithm.alpha  # type: ignore[attr-defined]
    gain, loss = k / n, (n - k) / (n * alpha)
    here = "exactly on the chain"
    checks = (
        Check("k falls by 1 with probability k/n and rises by 1 with (n-k)/(n alpha): the drift of k", here, "premise",
              DriftFact(process, gain - loss, "==", sizes=(1, 2, 3, 4))),
        Check("and the drift of k^2", here, "premise",
              DriftFact(process, gain * (2 * k - 1) - loss * (2 * k + 1), "==", k**2, sizes=(1, 2, 3, 4))),
        Check("p_k w_k = 1 + q_k w_k+1", "exactly at rational points", "premise",
              Identity(k / n * _step(k, _a), 1 + (n - k) / (n * _a) * _step(k + 1, _a),
                       (sympy.Ge(k, 1, evaluate=False), sympy.Lt(k, n, evaluate=False)))),
        Check("and p_n w_n = 1", "symbolically", "premise", Identity(n / n * n / (n * binomial(n, n)), Integer(1))),
        Check("the sum of w_1, ..., w_k", "on the whole chain", "conclusion",
              RuntimeFact(process, Sum(_step(_i, alpha), (_i, 1, k)), "==", "k", (1, 2, 3, 4))),
    )  # fmt: skip
    return argument(
        "headwind drift (cf. Kötzing, Lissovoi, Witt 2015)",
        "From k zero-bits one of them flips with probability k/n: gained. A one-bit flips and is accepted with (n-k)/(n alpha).",
        "The chain falls by at most one, so the expected time from k to k - 1 is w_k = (1 + q_k w_k+1)/p_k, with equality.",
        *([f"{about} is bounded in closed form."] if about else []),
        statement="E[T] = w_1 + ... + w_k",
        checks=(*checks, *more),
    )


@functools.cache
def _below() -> tuple[Check, ...]:
    return (
        Check("w_1 = alpha ((1 + 1/alpha)^n - 1)", "exactly at rational points", "premise",
              Identity(_step(Integer(1), _a), _a * ((1 + 1 / _a) ** n - 1))),
        Check("w_k >= 1/p_k = n/k > 0, so that E[T] >= w_1 from every k >= 1", "symbolically", "premise",
              Inequality(n / k, Integer(0), strict=True, variable=k, low=Integer(1), high=n, integer=True)),
    )  # fmt: skip


@functools.cache
def _above() -> tuple[Check, ...]:
    m = Symbol("m", integer=True, nonnegative=True)
    return (
        Check("C(n, k+m) C(k+m, k) = C(n, k) C(n-k, m), so C(n, j)/C(n, k) <= C(n-k, j-k)", "at integers", "premise",
              Identity(binomial(n, k + m) * binomial(k + m, k), binomial(n, k) * binomial(n - k, m), (k + m <= n,))),
        Check("the binomial theorem: the sum of C(n-k, m) alpha^-m is (1 + 1/alpha)^(n-k)", "exactly at rational points",
              "premise", Identity(Sum(binomial(n, m) * _a**-m, (m, 0, n)), (1 + 1 / _a) ** n)),
        Check("w_k <= n/k (1 + 1/alpha)^(n-k), and n/k (1 + 1/alpha)^(n-1) is that times (1 + 1/alpha)^(k-1)", "symbolically",
              "premise", Identity(n / k * (1 + 1 / _a) ** (n - 1), n / k * (1 + 1 / _a) ** (n - k) * (1 + 1 / _a) ** (k - 1))),
        Check("and 1 + 1/alpha is at least 1", "symbolically", "premise", Inequality(1 + 1 / _a, Integer(1))),
    )  # fmt: skip


@functools.cache
def threshold() -> Bound:
    """E[T] is polynomial iff alpha is at least a constant times n/ln n.

    >>> print(threshold())
    threshold alpha = n/log(n)   threshold, any start   headwind drift (cf. Jansen, Wegener 2007)
    """
    alpha = n / (c * log(n))
    below = alpha * ((1 + 1 / alpha) ** n - 1) / (n ** (1 + c) / (c * log(n)))
    above = n * log(n) * (1 + 1 / alpha) ** (n - 1) / (n ** (1 + c) * log(n))
    how = "numerically, at n up to 10^160"
    checks = tuple(
        Check(f"at alpha = n/(c ln n), c = {constant}, the {side} bound over {over} tends to 1", how, "premise",
              LimitFact(expr, n, Integer(1), ((c, constant),)))
        for constant in (1, 3) for side, over, expr in (("lower", "n^(1+c)/(c ln n)", below), ("upper", "n^(1+c) ln n", above))
    )  # fmt: skip
    process = Metropolis(n).on(OneMax())
    derivation = argument(
        "bounds in closed form from both sides",
        "alpha ((1 + 1/alpha)^n - 1) <= E[T] <= n H_n (1 + 1/alpha)^(n-1) from every start but the optimum.",
        "n ln(1 + 1/alpha) = (1 + o(1)) c ln n at alpha = n/(c ln n), where E[T] is n^(1+c) up to logarithms.",
        "Both bounds fall as alpha rises: polynomial from alpha = n/(c ln n) on for each constant c, and for none below.",
        statement="E[T] is polynomial iff alpha is at least a constant times n/ln n",
        checks=checks,
        lemmas=(_proof(process, _below(), "w_1"), _proof(process, _above(), "the sum of the w_k")),
        conclusion=applied("polynomial or not", inverse=1 / alpha),
    )
    return Bound("threshold alpha", "threshold", n / log(n), source=JANSEN_WEGENER, derivation=derivation)


# ---- numbers


def _evaluated(process: Process, bound: Bound) -> Bound:
    def value(values: dict) -> float:
        from theory.exact import expected_runtimes_by_zeros

        if values["n"] <= SMALL:
            return _sum(bound, values)
        given = {name: x for name, x in values.items() if name in process.needed}
        times = expected_runtimes_by_zeros(process, **given)
        return float(times[int(values["k"]) if "k" in values else np.argmax(times)])

    return bound.with_(exact_function=value)


def _sum(bound: Bound, values: dict) -> float:
    from fractions import Fraction

    from theory.balls import at
    from theory.symbols import SYMBOLS

    return float(at(bound.expr, {SYMBOLS[name]: Fraction(x) for name, x in values.items()}).mid())
