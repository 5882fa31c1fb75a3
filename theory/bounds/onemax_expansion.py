"""The (1+1) EA on OneMax, up to lower order: the sum of the reciprocal drifts, and the second-order term for every c.

D. Johannsen, PhD thesis, Saarbrücken 2010 (variable drift); H.-K. Hwang, A. Panholzer, N. Rolin, T.-H. Tsai, W.-M. Chen,
*Probabilistic analysis of the (1+1)-evolutionary algorithm*, Evolutionary Computation 26 (2018), for the expansion at c = 1.

Notation. q = 1 - p, r = p/q; from z zero-bits a of them and b of the n - z one-bits flip; R_m = P(a - b >= m); the drift is
D(z) = E[(a - b)^+] = R_1 + ... + R_z; pi_z is the probability that among z - 1 zero-bits at least as many flip as among n - z
one-bits; U(k) = 1/D(1) + ... + 1/D(k); I_0 is a modified Bessel function.

**Theorem.** For 0 < p < 1 and every number k of zero-bits at the start

    U(k)/(1 + eps) <= E[T] <= U(k),    eps = p q^(-n) I_0((n-1) p/sqrt(q))^2.

*Proof.* D rises with z, so the upper bound is variable drift on integers. For the lower one let g = U. Its drift at z is the sum
over m of R_m/D(z-m+1) = 1 + sum over m >= 2 of R_m (1/D(z-m+1) - 1/D(z)), and it is to be shown that the sum is at most eps.

1. R_m <= C(z, m) p^m pi_z: some m zero-bits flip, and the z - m others at least as often as the one-bits.
2. D(y) - D(y-1) = p (P(s >= 0) + P(s >= 1)) <= 2 p pi_y, where s is what the n - 1 bits besides one zero-bit gain: if that bit
   flips, (s+1)^+ stands against (s-1)^+. Hence D(z) - D(z-m+1) <= 2 (m-1) p pi_z, as pi rises.
3. D(y) >= y p q^(n-y), from the steps with b = 0.
4. So the term m is at most 2 (pi_z/q^(n-z))^2 r^(m-1) (m-1) C(z, m)/(z (z-m+1)), where (m-1) C(z, m)/(z (z-m+1)) =
   C(z-1, m-2)/m <= C(z-1, m-2)/2: the sum is at most r (pi_z/q^(n-z))^2 (1 + r)^(z-1), and 1 + r = 1/q.
5. P(b = i) <= P(b = 0) ((n-z) r)^i/i! and P(a' >= i) <= ((z-1) p)^i/i!, so that pi_z/q^(n-z) is at most the sum of
   ((n-z) (z-1) r p)^i/i!^2 = I_0(2 sqrt((n-z) (z-1) r p)) <= I_0((n-1) sqrt(r p)).

**Corollary.** For p = c/n, c fixed, from a uniform start E[T] = e^c/c n ln n + C_1(c) n + o(n), with C_1(c) as in
:mod:`theory.constants.onemax`.

*Proof.* eps is of order 1/n and E[T] of order n ln n: it is enough to look at U.

1. *Start.* 1/D(j) <= 8 e^c/c (1 + o(1)) for j >= n/8, and U(n) is at most polynomial; Z ~ Bin(n, 1/2) is within n^(2/3) of n/2
   but for an exponentially small probability. So E[U(Z)] = U(n/2) + O(n^(2/3)).
2. *The pole.* The sum of q^(1-n)/(p j) up to n/2 is q^(1-n) n/c (ln n - ln 2 + gamma + O(1/n)), and q^(1-n) = e^c + O(1/n).
3. *The rest.* j p q^(n-1) <= D(j) <= j p pi_j and pi_j - q^(n-1) <= 2 (j-1) p, so 0 <= q^(1-n)/(p j) - 1/D(j) <= 2 q^(2-2n),
   bounded in n and j. With j = x n, D(j) tends to Delta_c(x): flips coupled bit by bit with Poisson numbers differ by at most p^2
   each on average, so |D(z) - E[(U - V)^+]| <= n p^2 for U ~ Poi(z p), V ~ Poi((n-z) p). By dominated convergence the sum of the
   differences, divided by n, tends to the integral of e^c/(c x) - 1/Delta_c(x) over (0, 1/2).

*The next terms* (heuristic). E[T] = ... + e^c (c - 1/2) ln n + c_2(c) + ...: to first order in 1/n, q^(1-n) contributes c/2 - 1
to the coefficient of e^c ln n, the pole of 1/D(z) - q^(1-n)/(p z) at small z another 1 + c/2, and the overshoot, which is
p/2 at every z, -1/2. Fits on exact values (:mod:`theory.exact.fit`) agree, and
give c_2(1) = 0.59789876...
"""

from __future__ import annotations

import functools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
from sympy import EulerGamma, Function, Sum, Symbol, besseli, binomial, exp, harmonic, log, sqrt

from theory.bounds.common import (
    BELOW_ONE,
    Bound,
    Check,
    Source,
    argument,
    concluding,
    float_rate,
    for_constant,
    for_rate,
    p,
    supported,
    under,
)
from theory.bounds.onemax_easiest import up_to_half
from theory.bounds.onemax_lower import at_least, leading_term, sum_over_levels, with_fractions
from theory.bounds.onemax_premises import drifts_in_floats
from theory.derivation import Derivation
from theory.domain import rate_conditions
from theory.drift.sources import JOHANNSEN
from theory.facts import Computation, DriftFact, Identity, Inequality, LimitFact
from theory.lemmas import of
from theory.process import Process
from theory.symbols import c, k, n

SOURCE = Source("sum of the reciprocal drifts (cf. Johannsen 2010)", JOHANNSEN.bibtex)
HWANG = Source(
    "second-order term (cf. Hwang, Panholzer, Rolin, Tsai, Chen 2018)",
    """@article{HwangEtAl2018,
  author = {Hwang, Hsien-Kuei and Panholzer, Alois and Rolin, Nicolas and Tsai, Tsung-Hsi and Chen, Wei-Mei},
  title = {Probabilistic analysis of the (1+1)-evolutionary algorithm},
  journal = {Evolutionary Computation},
  volume = {26},
  number = {2},
  pages = {299--345},
  year = {2018}
}""",
)
_j = Symbol("j", integer=True, positive=True)
_a, _b = (Symbol(name, integer=True, nonnegative=True) for name in ("a", "b"))
_HERE = "theory.bounds.onemax_premises:"


def exact_drift(z: Any) -> sympy.Expr:
    """D(z) = E[(a - b)^+] as a double sum, for the symbol p."""
    term = (_a - _b) * binomial(z, _a) * binomial(n - z, _b) * p ** (_a + _b) * (1 - p) ** (n - _a - _b)
    return Sum(term, (_b, 0, _a - 1), (_a, 1, z))


def overshoot() -> sympy.Expr:
    """eps, for the symbol p."""
    return p * (1 - p) ** (-n) * besseli(0, (n - 1) * p / sqrt(1 - p)) ** 2


@functools.cache
def generic() -> tuple[Bound, ...]:
    """Upper from k zero-bits, upper from a uniform start, and both from below; for the symbol p."""
    each = 1 / exact_drift(_j)
    from_k, uniform = Sum(each, (_j, 1, k)), Sum(each * at_least(_j), (_j, 1, n))
    above = Bound("E[T]", "upper", from_k, BELOW_ONE, start=k, source=SOURCE, derivation=_upper())
    below = Bound("E[T]", "lower", from_k / (1 + overshoot()), BELOW_ONE, start=k, source=SOURCE, derivation=_lower())
    on_average = above.with_(expr=uniform, start="uniform"), below.with_(expr=uniform / (1 + overshoot()), start="uniform")
    h, used = of(_j, exact_drift(_j)), {"w": of(_j, each), "eps": overshoot()}
    return (
        concluding(above, "variable drift, sum", start=k, h=h),
        concluding(on_average[0], "variable drift, sum, uniform start", h=h),
        concluding(below, "sum of weights, from below", start=k, **used),
        concluding(on_average[1], "sum of weights, from below, uniform start", **used),
    )


def bounds_for(process: Process) -> list[Bound]:
    """The four bounds for the (1+1) EA with a static rate on OneMax.

    >>> from theory import OneMax, OnePlusOneEA
    >>> bounds = bounds_for(OnePlusOneEA(c / n).on(OneMax()))
    >>> [round(bound.evaluate(n=1000, c=1), 1) for bound in bounds if bound.start == "uniform"]  # exact: 16894.7
    [16902.3, 16829.0]
    """
    rate = process.rate
    assert rate is not None
    here = with_fractions(process)
    assert here.rate is not None
    fact = DriftFact(here, exact_drift(k).subs(p, here.rate), "==", sizes=(1, 2, 3, 4), where=rate_conditions(here.rate))
    premise = Check("the drift of k is D(k)", "exactly on the chain", "premise", fact)
    total = Sum(1 / exact_drift(_j), (_j, 1, k)).subs(p, here.rate)
    close = DriftFact(here, 1 + overshoot().subs(p, here.rate), "<=", total, sizes=(1, 2, 3), where=rate_conditions(here.rate))
    premises = (premise, Check("the drift of U is at most 1 + eps", "exactly on the chain", "premise", close))
    # they hold for every p < 1; near 1 they say nothing, and floats can't tell p from 1
    found = []
    for bound in generic():
        used = premises if bound.direction == "lower" else premises[:1]
        here_too = for_rate(bound, rate, exact_function=functools.partial(_value, rate, bound.direction))
        found.append(under(supported(here_too, *used), up_to_half(rate)))
    return found


def asymptotic(constant: sympy.Expr) -> list[Bound]:
    """E[T] up to o(n), derived, and up to the logarithm, heuristic; for the rate constant/n.

    >>> for bound in asymptotic(c):
    ...     print(bound.status, round(bound.evaluate(n=1000, c=1), 3))
    derived 16884.684
    heuristic 16894.072
    """
    two = leading_term(constant) + Function("C_1")(constant) * n
    three = two + exp(constant) * (constant - sympy.Rational(1, 2)) * log(n)
    conditions = rate_conditions(constant / n)
    short = argument(
        "expansion to first order in 1/n",
        "(1-p)^(1-n) contributes c/2 - 1 to the coefficient of e^c ln n, the drift at small z 1 + c/2, the overshoot -1/2.",
        checks=(
            Check("the coefficient of ln n in a fit on exact values", "to 6 digits, c = 1/2, 1, 2", "premise",
                  Computation(_HERE + "logarithm_is_seen", (), True,
                              "fits on exact values give e^c (c - 1/2) ln n to 6 digits (c = 1/2, 1, 2)", "numeric")),
        ),
    )  # fmt: skip
    first = Bound(
        "E[T]", "asymptotic", two, conditions, start="uniform", source=HWANG, derivation=_second_order(), remainder=n,
        exact_function=functools.partial(_expansion, constant, False),
    )  # fmt: skip
    return [
        concluding(first, "two terms", for_constant(constant), main=exp(c) / c, linear=Function("C_1")(c)),
        Bound("E[T]", "asymptotic", three, conditions, "heuristic", "uniform", source=HWANG, derivation=short, remainder=log(n),
              exact_function=functools.partial(_expansion, constant, True)),
    ]  # fmt: skip


# ---- derivations


def _rises() -> Check:
    low, high, q = (Symbol(name, positive=True) for name in ("a", "b", "q"))
    about = "D(z) - D(z-1) = p (P(s >= 0) + P(s >= 1)) > 0, with a, b for the two probabilities"
    return Check(about, "symbolically", "necessary", Inequality(p * (low + high) + q, q, strict=True))


def _premise(name: str, size: int, about: str, kind: str = "premise") -> Check:
    return Check(about, f"exactly, n = {size}", kind, Computation(_HERE + name, (("n", size),), True, f"{about} (n = {size})"))


def _upper() -> Derivation:
    return argument(
        "variable drift (Johannsen 2010)",
        "X_t = k, whose drift is D(k) = E[(a - b)^+] exactly, ties accepted or not.",
        "D rises with k: a bit that is a zero instead of a one can only add to a - b.",
        statement="E[T] <= 1/h(1) + ... + 1/h(X_0)",
        checks=(_rises(), _premise("drift_rises", 7, "D(z) - D(z-1) = p (P(s >= 0) + P(s >= 1)) <= 2 p pi_z")),
    )


def _lower() -> Derivation:
    z, m = (Symbol(name, integer=True, positive=True) for name in ("z", "m"))
    i = Symbol("i", integer=True, positive=True)
    return argument(
        "additive drift (He, Yao 2001)",
        "X_t = U(k) = 1/D(1) + ... + 1/D(k). Its drift at z is the sum of R_m/D(z-m+1), and 1 if all D were D(z).",
        "R_m <= C(z, m) p^m pi_z by the union bound, D(z) - D(z-m+1) <= 2 (m-1) p pi_z, D(y) >= y p (1-p)^(n-y).",
        "(m-1) C(z, m)/(z (z-m+1)) = C(z-1, m-2)/m, so the excess is at most r (pi_z/q^(n-z))^2 (1 + r)^(z-1), r = p/q.",
        "pi_z/q^(n-z) <= I_0((n-1) p/sqrt(q)), term by term.",
        statement="E[T] >= X_0/(1 + eps), if the drift is at most 1 + eps and X is bounded",
        checks=(
            _rises(),
            Check("(m-1) C(z, m)/(z (z-m+1)) = C(z-1, m-2)/m", "symbolically", "premise",
                  Identity((m - 1) * binomial(z, m) / (z * (z - m + 1)), binomial(z - 1, m - 2) / m,
                           (sympy.Ge(m, 2, evaluate=False), m <= z))),
            Check("1/2 >= 1/m for m >= 2", "symbolically", "premise",
                  Inequality(sympy.Rational(1, 2), 1 / (i + 1), variable=i, low=sympy.S.One, integer=True)),
            _premise("drift_rises", 7, "D(z) - D(z-1) = p (P(s >= 0) + P(s >= 1)) <= 2 p pi_z"),
            _premise("ingredients_hold", 7, "the bounds on R_m, D(y) and pi_z for all z, m"),
            _premise("drift_of_sum_is_close_to_one", 8, "1 <= the drift of U <= 1 + eps at every z", "necessary"),
        ),
    )  # fmt: skip


def _second_order() -> Derivation:
    rate, u = c / n, Symbol("u", positive=True)
    how = "numerically, at n up to 10^160"
    return argument(
        "dominated convergence",
        "U/(1 + eps) <= E[T] <= U with eps of order 1/n, so E[T] = U + O(ln n); a uniform start is within n^(2/3) of n/2.",
        "The pole: the sum of q^(1-n)/(p j) up to n/2 is q^(1-n) n/c (ln n - ln 2 + gamma + O(1/n)), and q^(1-n) = e^c + O(1/n).",
        "The rest: 0 <= q^(1-n)/(p j) - 1/D(j) <= 2 q^(2-2n), bounded; at j = x n it tends to e^c/(c x) - 1/Delta_c(x).",
        "D(z) is within n p^2 of E[(U - V)^+], U ~ Poi(z p), V ~ Poi((n-z) p): each bit's flip is coupled with a Poisson number.",
        "By dominated convergence the sum of the differences over n tends to the integral over (0, 1/2).",
        statement="E[T] = e^c/c n ln n + C_1(c) n + o(n), C_1(c) = e^c/c (gamma - ln 2 + integral of c e^-c/Delta_c(x) - 1/x)",
        checks=(
            Check("n eps tends to c e^c I_0(c)^2", how, "premise",
                  LimitFact(n * overshoot().subs(p, rate), n, c * exp(c) * besseli(0, c) ** 2)),
            Check("((1-p)^(1-n) - e^c) ln n tends to 0", how, "premise",
                  LimitFact(((1 - rate) ** (1 - n) - exp(c)) * log(n), n, sympy.S.Zero)),
            Check("H_(n/2) - ln n tends to gamma - ln 2", how, "premise",
                  LimitFact(harmonic(n / 2) - log(n), n, EulerGamma - log(2))),
            _premise("differences_are_bounded", 8, "0 <= q^(1-n)/(p j) - 1/D(j) <= 2 q^(2-2n)"),
            Check("the derivative of p^2/2 - p + 1 - e^-p is p - 1 + e^-p", "symbolically", "premise",
                  Identity(sympy.diff(u**2 / 2 - u + 1 - exp(-u), u), u - 1 + exp(-u))),
            Check("whose derivative is 1 - e^-p", "symbolically", "premise",
                  Identity(sympy.diff(u - 1 + exp(-u), u), 1 - exp(-u))),
            Check("which is positive", "symbolically", "premise", Inequality(sympy.S.One, exp(-u), strict=True)),
            _premise("poisson_is_close", 8, "|D(z) - E[(U - V)^+]| <= n p^2"),
            Check("(U(n/2) - e^c/c n ln n)/n - C_1(c)", "falls like ln n/n from n = 100 to 10^4", "premise",
                  Computation(_HERE + "sum_tends_to_the_integral", (("main", exp(c) / c), ("linear", Function("C_1")(c))), True,
                              "U(n/2)/n - e^c/c ln n approaches C_1(c) (n = 100, 1000, 10^4; c = 1/2, 1, 2)", "numeric")),
        ),
        lemmas=(_upper(), _lower()),
    )  # fmt: skip


# ---- numbers


def _value(rate: sympy.Expr, direction: str, values: dict) -> float:
    from scipy.special import ive

    size, chance = int(values["n"]), float_rate(rate, values)
    x = (size - 1) * chance / np.sqrt(1 - chance)
    log_of_eps = np.log(chance) - size * np.log1p(-chance) + 2 * (np.log(ive(0, x)) + x)
    if direction == "lower" and log_of_eps >= 700:
        return 0.0
    if (size - 1) * np.log1p(-chance) < -708 and int(values.get("k", size)) > 0:
        return math.inf  # D(1) = p (1-p)^(n-1) is below every float
    total = sum_over_levels(size, int(values.get("k", size)), "k" not in values, lambda z: 1 / drifts_in_floats(z, size, chance))
    return total if direction == "upper" else total / (1 + float(np.exp(log_of_eps)))


def _expansion(constant: sympy.Expr, logarithm: bool, values: dict) -> float:
    from theory.constants.onemax import onemax_second_order

    size = float(values["n"])
    put = Fraction(values["c"]) if "c" in values else Fraction(int(constant.p), int(constant.q))
    at = float(sympy.Rational(put.numerator, put.denominator) if constant == c else constant.subs(c, sympy.Rational(str(put))))
    c_1 = float(onemax_second_order(Fraction(at).limit_denominator(10**12)))
    more = math.exp(at) * (at - 0.5) * math.log(size) if logarithm else 0.0
    return math.exp(at) / at * size * math.log(size) + c_1 * size + more
