"""From below, whatever the mutation rates: adaptive ones, schedules, mixtures. For every n, on every function with one optimum.

The leading terms are those of H. Einarsson, M. M. Gauy, J. Lengler, F. Meier, A. Mujika, A. Steger, F. Weissenberger, TCS 785
(2019); the explicit statements and their proofs are made here, in the manner of :mod:`theory.bounds.onemax_lower`.

Notation: z zero-bits (bits that differ from the optimum), p the rate of the step, q = 1 - p, r = p/q; a of the zero-bits and b of
the one-bits flip, R_m = P(a - b >= m); pi_j the probability that among j - 1 zero-bits at least as many flip as among n - j
one-bits; m_j = (sqrt(n-j) - sqrt(j-1))^2 = n - 1 - 2 sqrt((n-j)(j-1)). All rates are at most 1/2, and may depend on the past.

**Theorem 1.** Let K = max(1, floor(n/16)), m = m_K and rho = 3/(m-3), or 1 where m <= 6. From k zero-bits

    E[T] >= e * sum over j = 1, ..., min(k, K) of m_j max(0, 1/j - rho/2)    = e n ln n - O(n) for k >= K.

**Theorem 2.** Let 1 <= K <= n/4 with M = m_K - 2K > 0, H_K = 1 + ... + 1/K, and let Lambda be the sum of p_s e^(-M p_s) over
the steps s = 1, ..., T. From K or more zero-bits E[Lambda] >= H_K. If the rates are a schedule (they depend on s alone), and
Lambda(t) is the sum over s <= t, then P(T <= t) <= 2 Lambda(t)/(H_K - Lambda(t))^2 wherever Lambda(t) < H_K.

*Proof.* A potential h that rises with z and is constant from K on. The next point has Y zero-bits (the offspring's) or z,
whatever the function, the rule for ties or the past decide, so h falls by at most (h(z) - h(Y))^+. From z <= K, with h = w_1 +
... + w_z, the mean of that is the sum over m = 1, ..., z of R_m w_(z-m+1); beyond K it is no larger than at K, as for p <= 1/2
the offspring of a point with more zero-bits has stochastically more of them (:mod:`theory.bounds.onemax_easiest`).

1. *Union bound* (:mod:`theory.bounds.onemax_lower`): R_m <= C(z, m) r^(m-1) p pi_j with j = z - m + 1.
2. *Chernoff bound*: pi_j <= E[e^(s(a'-b))] <= exp(p ((j-1)(e^s - 1) + (n-j)(e^-s - 1))), which at e^(2s) = (n-j)/(j-1) is
   exp(-p m_j). As C(z, m)/j = C(z, m-1)/m, the sum of C(z, m) r^(m-1)/j is sum over i >= 0 of C(z, i) r^i/(i+1) <= (1+r)^z.
3. *Theorem 1*, w_j = e m_j max(0, 1/j - rho/2). (From its last positive w_j on h is constant: let K be that.) If r <= rho: as
   e p m_j e^(-p m_j) <= 1, h falls by at most 1 + sum over i >= 1 of C(z, i) r^(i-1) (r/(i+1) - rho/2) <= 1. If r > rho, then
   m > 6 and p m > 3; e x e^-x falls from x = 1 on and m_j >= m, so h falls by at most e p m e^(-p m) (1+r)^K <= 1: with r <= 2p
   and 2K/m <= 0.3, x - 1 - ln x - 0.3 x >= 0 for x = p m >= 3. (2K/m is at most 2/7 for K = 1, n >= 8, and below 1/4 for n >= 16,
   where m >= n - 2 sqrt(K(n-K)) > n/2.) The additive drift theorem (He, Yao 2001) gives E[T] >= h(k).
4. *Theorem 2*, w_j = 1/j: h falls by at most p e^(-p m_K) (1+r)^K <= p e^(-M p). So h + Lambda is a submartingale, and
   E[Lambda(T)] >= h. In squares: D_m = h(z) - h(z-m) <= m/j and D_m^2 - D_(m-1)^2 <= 2 m/j^2, so the mean square of the fall
   is at most 2 p e^(-p M) likewise. Add to h its mean fall A_t <= Lambda(t): a martingale whose squared steps sum up to
   2 Lambda(t) on average. At T <= t it has fallen by H_K - A_T >= H_K - Lambda(t), which Kolmogorov's inequality bounds.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
import sympy
from sympy import E, Max, Min, Piecewise, Rational, Sum, Symbol, binomial, floor, log, sqrt

from theory.algorithms import OnePlusOneEA
from theory.bounds import onemax_easiest
from theory.bounds.common import Bound, Check, Source, argument, concluding
from theory.bounds.onemax_lower import at_least, sum_over_levels
from theory.derivation import Derivation
from theory.facts import Computation, Identity, Inequality, LimitFact, RuntimeFact
from theory.lemmas import applied, of
from theory.problems import OneMax
from theory.symbols import c, k, n

if TYPE_CHECKING:
    from flint import arb

SOURCE = Source("additive drift of a convex sum, whatever the rates (cf. Witt 2013)")
HERE = "theory.bounds.any_rates_lower:"
_j = Symbol("j", integer=True, positive=True)
_x = Symbol("x", positive=True)
_CONSTANTS = tuple(Fraction(x) for x in ("1/10", "1/2", "1", "2", "7/2", "5", "8"))


def lead(size: sympy.Expr, j: sympy.Expr) -> sympy.Expr:
    """m_j = (sqrt(n-j) - sqrt(j-1))^2."""
    return size - 1 - 2 * sqrt((size - j) * (j - 1))


def expression(top: sympy.Expr, weight: Callable[[sympy.Expr], sympy.Expr] = lambda j: sympy.S.One) -> sympy.Expr:
    """Theorem 1 with min(k, K) = ``top``, each term times a weight."""
    return E * Sum(_step(_j) * weight(_j), (_j, 1, top))


def _step(j: sympy.Expr) -> sympy.Expr:
    """w_j/e."""
    m = lead(n, Max(1, floor(n / 16)))
    rho = Piecewise((3 / (m - 3), m > 6), (1, True))
    return lead(n, j) * Max(0, 1 / j - rho / 2)


@functools.cache
def bounds() -> tuple[Bound, Bound]:
    """Theorem 1 from k zero-bits and from a uniform start, for all rates of at most 1/2.

    Examples
    --------
    >>> from_k, uniform = bounds()
    >>> round(uniform.evaluate(n=1000), 2), round(from_k.evaluate(n=1000, k=1000), 2)
    (10324.56, 10324.56)
    """
    most = Max(1, floor(n / 16))
    from_k = Bound("E[T]", "lower", expression(Min(k, most)), start=k, source=SOURCE, derivation=_first(), exact_function=value)
    mean = from_k.with_(expr=expression(most, at_least), start="uniform", derivation=_first("averaged over k"))
    w = of(_j, E * _step(_j))
    return (
        concluding(from_k, "a sum of weights with little drift", start=k, w=w, top=most),
        concluding(mean, "a sum of weights with little drift, uniform start", w=w, top=most),
    )


def value(values: dict) -> float:
    """Theorem 1 in floats.

    >>> round(value({"n": 100}), 4), round(value({"n": 100, "k": 1}), 4)
    (509.9531, 261.4416)
    """
    size = int(values["n"])
    top = max(1, size // 16)
    m = (math.sqrt(size - top) - math.sqrt(top - 1)) ** 2
    rho = 3 / (m - 3) if m > 6 else 1.0

    def weight(j: np.ndarray) -> np.ndarray:
        return math.e * (np.sqrt(size - j) - np.sqrt(j - 1)) ** 2 * np.maximum(0.0, 1 / j - rho / 2)

    return sum_over_levels(size, min(int(values.get("k", size)), top), "k" not in values, weight)


# ---- derivations


def _shared() -> tuple[Check, ...]:
    """What both theorems rest on."""
    u, i = Symbol("z", integer=True, positive=True), Symbol("m", integer=True, positive=True)
    return (
        Check("C(z, m)/(z-m+1) = C(z, m-1)/m", "symbolically", "premise",
              Identity(binomial(u, i) / (u - i + 1), binomial(u, i - 1) / i, (i <= u,))),
        Check("R_m <= C(z, m) r^(m-1) p pi_(z-m+1)", "exactly, n <= 7", "premise",
              Computation("theory.bounds.onemax_lower:union_bound_holds", (("n", 7),), True,
                          "P(a - b >= m) <= C(z, m) p^m (1-p)^(1-m) pi_(z-m+1) for all z and m (n = 7)")),
        Check("pi_j <= exp(-p m_j)", "by ball arithmetic, n = 12", "premise",
              Computation(HERE + "losing_is_likely", (("n", 12),), True,
                          "pi_j <= exp(-p m_j) for all j <= n/2 (n = 12)", "balls")),
        onemax_easiest.derivation().checks[2],
    )  # fmt: skip


def _first(last: str = "") -> Derivation:
    """Theorem 1 as a derivation."""
    uniform = RuntimeFact(
        OnePlusOneEA(c / n).on(OneMax()), expression(Max(1, floor(n / 16)), at_least), ">=", sizes=(1, 2, 3, 5),
        where=(sympy.Le(2 * c, n, evaluate=False),),
    )  # fmt: skip
    return argument(
        "additive drift (He, Yao 2001)",
        "X_t = h(z) = w_1 + ... + w_min(z, K) with w_j = e m_j max(0, 1/j - rho/2).",
        "The next point has z zero-bits or the offspring's, whoever decides: h falls by at most the sum of R_m w_(z-m+1).",
        "Union and Chernoff bound: R_m <= C(z, m) r^(m-1) p exp(-p m_j), j = z - m + 1.",
        "If r <= rho, e p m_j exp(-p m_j) <= 1 leaves 1 + sum of C(z, i) r^(i-1) (r/(i+1) - rho/2) <= 1.",
        "If r > rho, then p m > 3, and e p m exp(-p m) (1+r)^K <= 1.",
        "Beyond K, h is constant, and for p <= 1/2 the offspring of a point with more zero-bits has stochastically more of them.",
        *([f"The bound from k zero-bits is {last}."] if last else []),
        statement="E[T] >= X_0, if the drift is at most 1 and X is bounded",
        checks=(
            *_shared(),
            Check("7x/10 >= 1 + ln x for x >= 3, so that e x exp(-x) (1+r)^K <= 1", "by ball arithmetic", "premise",
                  Inequality(7 * _x / 10, 1 + log(_x), variable=_x, low=sympy.Integer(3), high=sympy.Integer(10))),
            Check("... and beyond x = 10 the left side grows faster", "symbolically", "premise",
                  Inequality(Rational(7, 10), 1 / _x, variable=_x, low=sympy.Integer(10))),
            Check("2K/m <= 3/10 for 8 <= n <= 2000", "by ball arithmetic", "premise",
                  Computation(HERE + "part_is_small", (("n", 2000),), True, "2K/m <= 3/10 for n = 8, ..., 2000", "balls")),
            Check("the drift of h is at most 1 at every z", "by ball arithmetic, n = 9", "necessary",
                  Computation(HERE + "drift_is_at_most_one", (("n", 9),), True,
                              "the drift of h is at most 1 at every z, at rates up to 1/2 (n = 9)", "balls")),
            Check("the drift of h is at most 1 at every z", "by ball arithmetic, n = 32", "necessary",
                  Computation(HERE + "drift_is_at_most_one", (("n", 32),), True,
                              "the drift of h is at most 1 at every z, at rates up to 1/2 (n = 32)", "balls")),
            Check("the weights of that potential are e m_j max(0, 1/j - rho/2)", "by ball arithmetic, n <= 40", "premise",
                  Computation(HERE + "weights_are", (("n", 40), ("weight", E * _step(_j))), True,
                              "h has the weights e m_j max(0, 1/j - rho/2) for n <= 40", "balls")),
            Check("the bound, for static rates at n <= 5", "exactly on the chain", "premise", uniform),
        ),
    )  # fmt: skip


def second(statement: str = "E[Lambda(T)] >= H_K, and P(T <= t) <= 2 Lambda(t)/(H_K - Lambda(t))^2") -> Derivation:
    """Theorem 2 as a derivation; what others build on.

    >>> second().replay().holds
    True
    """
    return argument(
        "optional stopping and Kolmogorov's inequality",
        "X_t = h(z) = H_min(z, K). The next point has z zero-bits or the offspring's, whoever decides.",
        "Union and Chernoff bound: h falls by at most p exp(-p m_K) (1+r)^K <= p exp(-M p) on average, M = m_K - 2K, as r <= 2p.",
        "In squares, with D_m = h(z) - h(z-m) <= m/j and D_m^2 - D_(m-1)^2 <= 2m/j^2: at most twice that.",
        "h + Lambda is a submartingale; h plus its own mean fall is a martingale of variance at most 2 Lambda(t).",
        statement=statement,
        checks=(
            *_shared(),
            Check("h = H_min(z, K) falls by at most p exp(-M p), in square by 2 p exp(-M p)", "in balls, n = 12", "necessary",
                  Computation(HERE + "progress_is_small", (("n", 12),), True,
                              "H_min(z, K) falls by at most p exp(-M p) on average, and by at most 2 p exp(-M p) in mean square, "
                              "for all z and all K with M > 0 (n = 12)", "balls")),
        ),
    )  # fmt: skip


def leading_order() -> tuple[Check, Derivation]:
    """e n ln n: the bound of Theorem 1 over it tends to 1, as a premise; and Theorem 1 itself."""
    most = n / 16 - 1
    m = lead(n, n / 16)
    # m_j >= n - 1 - 2 sqrt(n j); the sum of n/j is at least n ln K, that of 2 sqrt(n/j) at most 4 sqrt(n K)
    short = E * ((n - 1) * log(most) - 4 * sqrt(n * most) - n * most * 3 / (m - 3) / 2) * (1 - 4 / n)
    limit = LimitFact(short / (n * log(n)), n, E)
    return Check("the bound over n ln n tends to e", "numerically, at n up to 10^160", "premise", limit), _first()


def adaptive_lower() -> Bound:
    """E[T] >= (1 + o(1)) e n ln n for every choice of rates, from a uniform start.

    >>> print(adaptive_lower().relation, adaptive_lower().expr)
    >= (1 + o(1)) * E*n*log(n)
    """
    limit, lemma = leading_order()
    last = applied("leading term", ratio=limit.fact.expr, limit=limit.fact.value, order=n * log(n))  # type: ignore[union-attr]
    proof = argument(
        "additive drift (He, Yao 2001)", "Theorem 1 is e n ln n - O(n).", checks=(limit,), lemmas=(lemma,), conclusion=last
    )
    return Bound("E[T]", "asymptotic", E * n * log(n), start="uniform", source=SOURCE, derivation=proof, side="lower")


# ---- the premises, decided in balls


def _rates(size: int) -> list[Fraction]:
    return [x / size for x in _CONSTANTS if 2 * x < size] + [Fraction(1, 2)]


def _ball(x: Fraction | int) -> arb:
    from flint import arb, fmpq

    return arb(fmpq(Fraction(x).numerator, Fraction(x).denominator))


def _lead(size: int, j: int) -> arb:
    from flint import arb

    return size - 1 - 2 * arb((size - j) * (j - 1)).sqrt()


def losing_is_likely(n: int) -> bool:
    """Decide: pi_j <= exp(-p m_j) for j = 1, ..., n/2, at several rates.

    >>> losing_is_likely(6)
    True
    """
    from theory.bounds.onemax_lower import flips

    for p in _rates(n):
        for j in range(1, n // 2 + 1):
            if not _ball(flips(n - 1, j - 1, p)[0]) <= (-_ball(p) * _lead(n, j)).exp() * (1 + 2**-40):
                return False
    return True


def part_is_small(n: int) -> bool:
    """Decide: 2K/m <= 3/10 for every size from 8 to n.

    >>> part_is_small(40)
    True
    """
    return all(2 * max(1, size // 16) <= _lead(size, max(1, size // 16)) * 3 / 10 for size in range(8, n + 1))


def weights(n: int) -> list[arb]:
    """w_1, ..., w_K of Theorem 1.

    >>> [round(float(w), 4) for w in weights(12)]
    [24.2946]
    """
    from flint import arb

    most = max(1, n // 16)
    m = _lead(n, most)
    rho = 3 / (m - 3) if m > 6 else arb(1)
    return [arb(1).exp() * _lead(n, j) * (_ball(Fraction(1, j)) - rho / 2).max(arb(0)) for j in range(1, most + 1)]


def weights_are(n: int, weight: sympy.Expr) -> bool:
    """Decide: an expression in n and j gives the weights of Theorem 1, for all sizes up to n.

    >>> weights_are(17, E * _step(_j)), weights_are(17, 2 * _step(_j))
    (True, False)
    """
    from theory.balls import at
    from theory.symbols import n as size_

    for size in range(1, n + 1):
        for j, w in enumerate(weights(size), start=1):
            if not abs(at(weight, {size_: Fraction(size), _j: Fraction(j)}) - w) < 1e-9:
                return False
    return True


def falls(n: int, h: list[arb], p: Fraction, square: bool = False) -> list[arb]:
    """Mean of (h(z) - h(Y))^+, or of its square, for z = 0, ..., n; h(0), ..., h(K) are given, and h is constant from K on."""
    from theory.bounds.onemax_easiest import offspring_law

    found = []
    for z in range(n + 1):
        law, top = offspring_law(n, z, p), min(z, len(h) - 1)
        steps = [h[top] - h[y] for y in range(top)]
        found.append(sum((_ball(law[y]) * (d * d if square else d) for y, d in enumerate(steps)), _ball(0)))
    return found


def drift_is_at_most_one(n: int, factor: Fraction = Fraction(1)) -> bool:
    """Decide: factor times h of Theorem 1 falls by at most 1 on average, at every z and several rates up to 1/2.

    >>> drift_is_at_most_one(9), drift_is_at_most_one(9, Fraction(2))
    (True, False)
    """
    h = list(accumulate(weights(n), initial=_ball(0)))
    return all(_ball(factor) * fall <= 1 for p in _rates(n) for fall in falls(n, h, p))


def progress_is_small(n: int, factor: Fraction = Fraction(1)) -> bool:
    """Decide: H_min(z, K) falls by at most factor p e^(-Mp) on average, and 2 factor p e^(-Mp) in mean square.

    >>> progress_is_small(10), progress_is_small(10, Fraction(1, 2))
    (True, False)
    """
    for most in range(1, n // 4 + 1):
        gap = _lead(n, most) - 2 * most
        if not gap > 0:
            continue
        h = [_ball(x) for x in accumulate((Fraction(1, j) for j in range(1, most + 1)), initial=Fraction(0))]
        for p in _rates(n):
            limit = _ball(factor) * _ball(p) * (-_ball(p) * gap).exp() * (1 + 2**-40)
            if any(not fall <= limit for fall in falls(n, h, p)) or any(
                not fall <= 2 * limit for fall in falls(n, h, p, square=True)
            ):
                return False
    return True
