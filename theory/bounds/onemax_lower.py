"""The (1+1) EA on OneMax from below, at every n: a potential whose drift is at most 1.

B. Doerr, M. Fouz, C. Witt, GECCO 2011, and C. Witt, Combinatorics, Probability and Computing 22 (2013), for the leading term; the
explicit bound is derived here.

**Theorem.** Let 0 < p <= 1/2, q = 1 - p, r = p/q, and let pi_j be the probability that among j - 1 zero-bits at least as many
flip as among n - j one-bits. From k zero-bits

    E[T] >= sum over j = 1, ..., k of w_j,    w_j = max(0, 1/j - r/2)/(p pi_j).

*Proof.* Let g(z) = w_1 + ... + w_z. From z zero-bits a of them flip and b of the one-bits, and the step is accepted iff a >= b
(if strict iff a > b, and z stays at a = b in any case), so that with R_m = P(a - b >= m)

    E[g(z) - g(z')] = sum over m = 1, ..., z of R_m w_{z-m+1}.

1. *Union bound.* If a - b >= m, some m of the z zero-bits flip, and the z - m others at least as often as the n - z one-bits:
   R_m <= C(z, m) p^m P(b <= a'), a' ~ Bin(z - m, p).
2. With j = z - m + 1, pi_j speaks of the same j - 1 = z - m zero-bits and of m - 1 more one-bits. If those stay, nothing is
   different: pi_j >= q^(m-1) P(b <= a'). So R_m <= C(z, m) p^m q^(1-m) pi_j.
3. *Sum.* If all w_j used are positive, the drift is at most, by C(z, m)/(z-m+1) = C(z, m-1)/m,
   sum over m >= 1 of C(z, m) r^(m-1) (1/(z-m+1) - r/2) = 1 + sum over i >= 1 of C(z, i) r^i (1/(i+1) - 1/2) <= 1.
   (The term m of the subtracted sum has been put against the term i = m of the other.) This covers z <= 2/r.
4. For larger z, g(z) = g(K), K the largest j with w_j > 0. As p <= 1/2, the offspring of a point with z > K zero-bits has
   stochastically more zero-bits than that of one with K (:mod:`theory.bounds.onemax_easiest`), so the drift is at most that at K.

The additive drift theorem (He, Yao 2001) on the bounded g gives E[T] >= g(k).

*As n grows*, p = c/n: pi_j rises with j, so with x = n/ln n and K = floor(x)

    g(k) >= (H_K - r K/2)/(p pi_K) >= (ln x - r x/2)/(p (q^(n-x) + x p))    for k >= K,

as P(b <= a') <= P(b = 0) + P(a' >= 1). That is (1 - o(1)) e^c/c n ln n, and a uniform start has k >= n/4 >= K with probability
at least 1 - 4/n (Chebyshev).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import comb
from typing import Any

import numpy as np
import sympy
from sympy import Max, Rational, Sum, Symbol, binomial, exp, log

from theory.algorithms import OnePlusOneEA
from theory.bounds import onemax_easiest
from theory.bounds.common import (
    BELOW_ONE,
    LONGEST,
    Bound,
    Check,
    Source,
    argument,
    concluding,
    float_rate,
    for_rate,
    p,
    supported,
    under,
)
from theory.derivation import Derivation
from theory.drift.sources import WITT
from theory.errors import InputError
from theory.facts import Computation, DriftFact, Identity, Inequality, LimitFact, RuntimeFact
from theory.lemmas import of
from theory.problems import OneMax
from theory.process import Process
from theory.symbols import SYMBOLS, c, k, n

SOURCE = Source("additive drift of a convex sum (cf. Witt 2013)", WITT.bibtex)
CONSTANTS = onemax_easiest.CONSTANTS
_j, _i, _m = (Symbol(name, integer=True, positive=True) for name in ("j", "i", "m"))
_a, _b = (Symbol(name, integer=True, nonnegative=True) for name in ("a", "b"))


def chance_of_no_loss(j: Any) -> sympy.Expr:
    """pi_j as a double sum: among j - 1 zero-bits at least as many flip as among n - j one-bits."""
    term = binomial(j - 1, _a) * binomial(n - j, _b) * p ** (_a + _b) * (1 - p) ** (n - 1 - _a - _b)
    return Sum(term, (_b, 0, _a), (_a, 0, j - 1))


def at_least(j: Any) -> sympy.Expr:
    """P(Z >= j) for Z ~ Bin(n, 1/2), the number of zero-bits of a uniform start."""
    return Sum(binomial(n, _i), (_i, j, n)) / 2**n


@functools.cache
def generic() -> tuple[Bound, Bound]:
    """The bound from k zero-bits and from a uniform start, for the symbol p."""
    weight = _weight()
    from_k = Bound("E[T]", "lower", Sum(weight, (_j, 1, k)), BELOW_ONE, start=k, source=SOURCE, derivation=derivation())
    uniform = from_k.with_(expr=Sum(weight * at_least(_j), (_j, 1, n)), start="uniform", derivation=derivation("averaged over k"))
    used = {"w": of(_j, weight), "eps": sympy.S.Zero}
    return (
        concluding(from_k, "sum of weights, from below", start=k, **used),
        concluding(uniform, "sum of weights, from below, uniform start", **used),
    )


def _weight() -> sympy.Expr:
    """w_j, for the symbol p."""
    return Max(0, 1 / _j - p / (2 * (1 - p))) / (p * chance_of_no_loss(_j))


def _little_drift() -> Check:
    """The drift of g on the chain, at c/n."""
    process, where = OnePlusOneEA(c / n).on(OneMax()), onemax_easiest.up_to_half(c / n)
    total = Sum(_weight().subs(p, c / n), (_j, 1, k))
    fact = DriftFact(process, sympy.S.One, "<=", total, sizes=(1, 2, 3, 4), where=where)
    return Check("the drift of g is at most 1", "exactly on the chain", "premise", fact)


def with_fractions(process: Process) -> Process:
    """A process that can be replayed in fractions: at c/n instead of a rate that isn't rational."""
    assert process.rate is not None
    rational = process.rate.is_rational_function(*(SYMBOLS[name] for name in process.rate_symbols))
    return process if rational else OnePlusOneEA(c / n, process.algorithm.strict).on(process.problem)


def bounds_for(process: Process, from_k: bool = True) -> list[Bound]:
    """The bounds for the (1+1) EA with a static rate on OneMax, and so on every function with a unique optimum.

    Parameters
    ----------
    process : Process
    from_k : bool
        Give the bound from k zero-bits, too.

    Examples
    --------
    >>> bounds = bounds_for(OnePlusOneEA(c / n).on(OneMax()))
    >>> [round(bound.evaluate(n=100, c=1, **({"k": 100} if bound.start == k else {})), 2) for bound in bounds]
    [1051.36, 999.17]
    """
    rate = process.rate
    assert rate is not None
    easiest = () if isinstance(process.problem, OneMax) else (onemax_easiest.derivation(),)
    found = []
    for bound in generic()[0 if from_k else 1 :]:
        proved = supported(for_rate(bound, rate, exact_function=functools.partial(_value, rate)), _at_small_n(process, bound))
        assert proved.derivation is not None
        proof = replace(proved.derivation, lemmas=easiest)
        found.append(under(proved.with_(derivation=proof), onemax_easiest.up_to_half(rate)))
    return found


def _at_small_n(process: Process, bound: Bound) -> Check:
    """The conclusion on the whole chain."""
    here = with_fractions(process)
    assert here.rate is not None
    start = "k" if bound.start == k else "uniform"
    fact = RuntimeFact(here, bound.expr.subs(p, here.rate), ">=", start, (1, 2, 3), where=onemax_easiest.up_to_half(here.rate))
    return Check("the bound, at n <= 3", "exactly on the chain", "premise", fact)


def derivation(last: str = "") -> Derivation:
    """The proof as a derivation, with its premises."""
    u = Symbol("z", integer=True, positive=True)
    here = "theory.bounds.onemax_lower:"
    return argument(
        "additive drift (He, Yao 2001)",
        "X_t = g(z) = w_1 + ... + w_z with w_j = max(0, 1/j - r/2)/(p pi_j), r = p/(1-p).",
        "Its drift at z is the sum of R_m w_(z-m+1), R_m = P(a - b >= m) for a flipped zero-bits and b flipped one-bits.",
        "Union bound over the m zero-bits that are ahead: R_m <= C(z, m) p^m (1-p)^(1-m) pi_(z-m+1).",
        "As C(z, m)/(z-m+1) = C(z, m-1)/m, the drift is at most 1 + sum of C(z, i) r^i (1/(i+1) - 1/2) <= 1 while r z <= 2.",
        "Beyond, g is constant, and for p <= 1/2 the offspring of a point with more zero-bits has stochastically more of them.",
        *([f"The bound from k zero-bits is {last}."] if last else []),
        statement="E[T] >= X_0, if the drift is at most 1 and X is bounded",
        checks=(
            Check("C(z, m)/(z-m+1) = C(z, m-1)/m", "symbolically", "premise",
                  Identity(binomial(u, _m) / (u - _m + 1), binomial(u, _m - 1) / _m, (_m <= u,))),
            Check("1/2 >= 1/(i+1) for i >= 1", "symbolically", "premise",
                  Inequality(Rational(1, 2), 1 / (_i + 1), variable=_i, low=sympy.S.One, integer=True)),
            Check("R_m <= C(z, m) p^m (1-p)^(1-m) pi_(z-m+1)", "exactly, n <= 7", "premise",
                  Computation(here + "union_bound_holds", (("n", 7),), True,
                              "P(a - b >= m) <= C(z, m) p^m (1-p)^(1-m) pi_(z-m+1) for all z and m (n = 7)")),
            Check("the drift of g is at most 1 at every z", "exactly, n = 8", "necessary",
                  Computation(here + "drift_is_at_most_one", (("n", 8),), True,
                              "the drift of g is at most 1 at every z (n = 8)")),
            _little_drift(),
            onemax_easiest.derivation().checks[2],
        ),
    )  # fmt: skip


# ---- the premises, decided in fractions


def flips(n: int, zeros: int, p: Fraction) -> list[Fraction]:
    """R_0, ..., R_z: P(a - b >= m) for a of z zero-bits and b of n - z one-bits flipped.

    >>> flips(2, 1, Fraction(1, 3))
    [Fraction(7, 9), Fraction(2, 9)]
    """
    ups = [comb(zeros, a) * p**a * (1 - p) ** (zeros - a) for a in range(zeros + 1)]
    ones = n - zeros
    downs = [comb(ones, b) * p**b * (1 - p) ** (ones - b) for b in range(ones + 1)]
    return [
        sum((x * y for a, x in enumerate(ups) for b, y in enumerate(downs) if a - b >= m), Fraction(0)) for m in range(zeros + 1)
    ]


def weights(n: int, p: Fraction) -> list[Fraction]:
    """w_1, ..., w_n.

    >>> weights(2, Fraction(1, 2))
    [Fraction(2, 1), Fraction(0, 1)]
    """
    tops = [max(Fraction(0), Fraction(1, j) - p / (2 * (1 - p))) for j in range(1, n + 1)]
    return [top / (p * flips(n - 1, j - 1, p)[0]) for j, top in enumerate(tops, start=1)]


def union_bound_holds(n: int, constants: tuple = CONSTANTS) -> bool:
    """Decide: P(a - b >= m) <= C(z, m) p^m (1-p)^(1-m) pi_{z-m+1} for all z and m, at all p = c/n < 1.

    >>> union_bound_holds(4)
    True
    """
    for rate in (constant / n for constant in constants if constant < n):
        for z in range(1, n + 1):
            for m, chance in enumerate(flips(n, z, rate)[1:], start=1):
                if chance > comb(z, m) * rate**m * (1 - rate) ** (1 - m) * flips(n - 1, z - m, rate)[0]:
                    return False
    return True


def drift_is_at_most_one(n: int, constants: tuple = CONSTANTS, factor: Fraction = Fraction(1)) -> bool:
    """Decide: the drift of factor times g is at most 1 at every z, at all p = c/n <= 1/2.

    >>> drift_is_at_most_one(4), drift_is_at_most_one(4, factor=Fraction(11, 10))
    (True, False)
    """
    for rate in (constant / n for constant in constants if 2 * constant <= n):
        w = weights(n, rate)
        for z in range(1, n + 1):
            if factor * sum(chance * w[z - m] for m, chance in enumerate(flips(n, z, rate)[1:], start=1)) > 1:
                return False
    return True


# ---- as n grows


def leading_term(constant: sympy.Expr) -> sympy.Expr:
    """e^c/c n ln n."""
    return exp(constant) / constant * n * log(n)


def lower_side() -> tuple[Check, ...]:
    """The bound over e^c/c n ln n tends to 1, from a uniform start, for p = c/n."""
    x, rate = n / log(n), c / n
    short = (log(x) - rate * x / (2 * (1 - rate))) / (rate * ((1 - rate) ** (n - x) + x * rate))
    from_uniform = (1 - 4 / n) * short / leading_term(c)
    how = "numerically, at n up to 10^160"
    return tuple(
        Check(f"the lower bound over e^c/c n ln n tends to 1, c = {constant}", how, "premise",
              LimitFact(from_uniform, n, sympy.S.One, ((c, constant),)))
        for constant in (Fraction(1, 2), Fraction(1), Fraction(2))
    )  # fmt: skip


LOWER_STEPS = (
    "Lower side: pi_j rises with j, so with x = n/ln n and K = floor(x), from k >= K zero-bits g(k) >= (H_K - r K/2)/(p pi_K).",
    "H_K >= ln x, and pi_K <= P(b = 0) + P(a' >= 1) <= (1-p)^(n-x) + x p, which tends to e^-c.",
    "A uniform start has at least n/4 zero-bits with probability at least 1 - 4/n (Chebyshev), and K <= n/4 for n >= 55.",
)


# ---- numbers


def binomial_laws(zeros: np.ndarray, ones: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """P(a = l) for a ~ Bin(zeros, p) and P(b <= l) for b ~ Bin(ones, p), l = 0, 1, ..., in float64.

    Cut where what is left out is below 1e-18 of P(b = 0): P(a = l) <= (n p)^l/l! and P(b <= l) <= e^(n p/q) P(b = 0).

    Parameters
    ----------
    zeros, ones : float arrays, shape (levels,)
    rate : float

    Returns
    -------
    up, below : float arrays, shape (levels, width)

    Examples
    --------
    >>> up, below = binomial_laws(np.array([1.0]), np.array([1.0]), 0.25)
    >>> up.tolist(), below.tolist()
    ([[0.75, 0.25]], [[0.75, 1.0]])
    """
    most, size = float(zeros.max()), float((zeros + ones).max())
    width, term = 1, np.exp(min(size * rate / (1 - rate), 700.0))
    while width <= most and term > 1e-18:
        term *= size * rate / width
        width += 1
    steps = np.arange(width - 1, dtype=float)[None, :]

    def law(count: np.ndarray) -> np.ndarray:
        ratios = np.maximum(count[:, None] - steps, 0.0) / (steps + 1) * (rate / (1 - rate))
        log_of_none = count[:, None] * np.log1p(-rate)
        none = np.exp(log_of_none)
        with np.errstate(all="ignore"):  # where P(none) is below every float the later ones need not be
            later = np.where(none > 0, none * np.cumprod(ratios, axis=1), np.exp(log_of_none + np.cumsum(np.log(ratios), axis=1)))
        return np.concatenate([none, later], axis=1)

    return law(zeros), np.cumsum(law(ones), axis=1)


def sum_over_levels(size: int, top: int, uniform: bool, term: Callable[[np.ndarray], np.ndarray]) -> float:
    """The sum of term(j), j = 1, ..., top, each times P(Z >= j) for Z ~ Bin(n, 1/2) if the start is uniform; in blocks."""
    most = LONGEST // 10  # each term is a sum itself: seconds
    if top > most:
        raise InputError(f"n: a sum over {top} levels is too long; at most {most} are added up")
    total = 0.0
    for first in range(1, top + 1, 4096):
        j = np.arange(first, min(first + 4096, top + 1), dtype=float)
        with np.errstate(all="ignore"):  # sums beyond the floats are infinite
            terms = term(j)
        if uniform:
            from scipy.special import bdtrc

            terms = terms * bdtrc(j - 1, size, 0.5)
        total += float(terms.sum())
    return total


def _value(rate: sympy.Expr, values: dict) -> float:
    """The sum in floats."""
    size, chance = int(values["n"]), float_rate(rate, values)
    odds = chance / (1 - chance)

    def weight(j: np.ndarray) -> np.ndarray:
        up, below = binomial_laws(j - 1, size - j, chance)
        top = np.maximum(0.0, 1 / j - odds / 2)
        return np.where(top > 0, top / (chance * (up * below).sum(axis=1)), 0.0)

    return sum_over_levels(size, min(int(values.get("k", size)), int(2 / odds) + 1), "k" not in values, weight)
