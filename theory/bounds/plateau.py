"""The (1+1) EA on Plateau: fitness levels; and how long a run stays on the plateau, from both sides, up to lower order.

D. Antipov, B. Doerr, ACM TELO 1 (2021), for the precise runtime of every unbiased mutation; the explicit bounds for every n are
derived here.

Notation. Radius r; the plateau is 1 <= k <= r zero-bits, the slope k > r. q = 1 - p; b_k = C(n, k) p^k q^(n-k) is the
probability that k bits flip; E_k = E[T] from k zero-bits.

*Fitness levels.* Slope: one of the zero-bits flips alone, probability at least k p q^(n-1). Plateau: exactly the k zero-bits
flip, probability p^k q^(n-k), which for p <= 1/2 is at least p^r q^(n-r).

*The plateau itself*, ties accepted, p <= 1/2.

1. *An average, exactly.* b_1 E_1 + ... + b_r E_r = N, the number C(n, 1) + ... + C(n, r) of points of the plateau. Proof. Add up
   E_x = 1 + sum over y of P(x, y) E_y over the plateau. P is symmetric there, so the probabilities P(x, y) of reaching y from its
   points x add up to 1 - P(best, y). The E_y cancel, but for the sum of the P(best, y) E_y, which is the left side. Hence E_k
   is on average M = N/(b_1 + ... + b_r), k drawn as the number of flips given that it is 1, ..., r.
2. *Back to level r.* From k < r one of the one-bits flips alone with probability at least a = (n-r+1) p q^(n-1). With g(k) =
   a^-k + ... + a^-(r-1) for k < r, and 0 at level r and at the optimum, the drift of g is at least a a^-k - (1-a) (a^-1 + ... +
   a^-(k-1)) = 1: level r or the optimum is reached within C = a^-1 + ... + a^-(r-1) steps on average.
3. *Seldom the optimum first.* It is hit with probability p^k q^(n-k) <= p q^(n-1) in a step, so before level r with probability
   at most eps = C p q^(n-1). Hence (1 - eps) E_r <= E_k <= C + E_r, and with 1.  M - C <= E_r <= M/(1 - eps).
4. *The slope.* From z > r zero-bits the optimum is hit with probability p^z q^(n-z), and level r entered with at least
   C(z, r) p^(z-r) q^(n-z+r), where C(z, r) >= r + 1: the plateau is passed over with probability at most rho/(1 + rho), rho =
   (p/q)^r/(r+1).

*As n grows*, p = c/n, r >= 2: C is bounded, eps and rho tend to 0, the slope takes O(n log n), so that E[T] = (1 + o(1)) M, and
M = (1 + o(1)) n^r/(r! P(1 <= Z <= r)), Z ~ Poi(c). The derivative of P(1 <= Z <= r) is e^-c (1 - c^r/r!).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from fractions import Fraction
from math import comb, factorial
from typing import Any

import sympy
from sympy import Expr, Integer, Piecewise, Sum, Symbol, binomial, exp, harmonic

from theory.algorithms import OnePlusOneEA
from theory.balls import number_of
from theory.bounds.common import (
    BELOW_ONE,
    Bound,
    Check,
    Source,
    argument,
    concluding,
    for_constant,
    for_rate,
    is_ea,
    p,
    supported,
    tidy,
    under,
)
from theory.bounds.jump import falls_with_k, sizes_from, slope_sum
from theory.bounds.onemax_easiest import up_to_half
from theory.bounds.onemax_lower import with_fractions
from theory.domain import constant_of, rate_conditions
from theory.drift.sources import WEGENER
from theory.facts import Computation, DriftFact, Identity, LimitFact, RuntimeFact
from theory.problems import Plateau
from theory.process import Process
from theory.symbols import SYMBOLS, c, k, n

SOURCE = Source("the average over a plateau (cf. Antipov, Doerr 2021)")
WRITTEN_OUT = 6
"""The longest sum over the levels of the plateau that is written out in a formula."""
_HERE = "theory.bounds.plateau:"
CONSTANTS = tuple(Fraction(x) for x in ("1/2", "1", "3/2", "2"))
_i = Symbol("i", integer=True, positive=True)
_a, _b = (Symbol(name, integer=True, nonnegative=True) for name in ("a", "b"))


def bounds(process: Process) -> list[Bound]:
    """Bounds for the (1+1) EA with a static rate on Plateau."""
    if not isinstance(process.problem, Plateau) or not is_ea(process):
        return []
    radius, rate = process.problem.radius, process.rate
    assert rate is not None
    here = with_fractions(process)
    conditions = tidy((*up_to_half(rate), sympy.Ge(n, radius, evaluate=radius == 1)))
    if conditions is None:
        return []
    found = [under(supported(for_rate(_levels(radius), rate), *_leaves(here, radius)), conditions)]
    if process.algorithm.strict:
        return found
    small = sympy.Lt(_eps(radius).subs(p, rate), 1)
    limited = conditions if small == True else (*conditions, small)  # noqa: E712 (sympy's truth)
    premises = _premises(here, radius)
    for bound in _itself(radius):
        found.append(under(supported(for_rate(bound, rate), *premises), limited))
    constant = constant_of(rate)
    if constant is not None and radius >= 2:
        found += leading_order(radius, constant)
    return found


# ---- the quantities


def _climb(radius: int) -> Expr:
    """a: from k < r one of the one-bits flips alone, at least with this probability."""
    return (n - radius + 1) * p * (1 - p) ** (n - 1)


def _return(radius: int) -> Expr:
    """C = a^-1 + ... + a^-(r-1)."""
    a = _climb(radius)
    if radius <= WRITTEN_OUT:
        return sympy.Add(*(a**-i for i in range(1, radius)))
    return a ** (1 - radius) * (1 - a ** (radius - 1)) / (1 - a)


def _eps(radius: int) -> Expr:
    """C p q^(n-1), term by term."""
    if radius > WRITTEN_OUT:
        return _return(radius) * p * (1 - p) ** (n - 1)
    return sympy.Add(*((n - radius + 1) ** -i * (p * (1 - p) ** (n - 1)) ** (1 - i) for i in range(1, radius)))


def _sum(radius: int, term: Callable[[Any], Expr]) -> Expr:
    """The sum of term(i), i = 1, ..., r: written out while it is short."""
    if radius <= WRITTEN_OUT:
        return sympy.Add(*(term(i) for i in range(1, radius + 1)))
    return Sum(term(_i), (_i, 1, radius))


def mean(radius: int) -> Expr:
    """M = N/P(1 to r bits flip), for the symbol p."""
    return _sum(radius, lambda i: binomial(n, i)) / _sum(radius, lambda i: binomial(n, i) * p**i * (1 - p) ** (n - i))


ONE_BIT = k * p * (1 - p) ** (n - 1)
"""One of the zero-bits flips alone."""
ALONE = p * (1 - p) ** (n - 1)
"""A given bit flips alone."""


def _slope(radius: int) -> Expr:
    return (1 - p) ** (1 - n) / p * (harmonic(n) - harmonic(radius))


def _slope_sum(radius: int) -> tuple[Check, ...]:
    """What the slope costs is the sum of the 1/(k p (1-p)^(n-1))."""
    costs = Sum(1 / ONE_BIT.subs(k, _i), (_i, radius + 1, n))
    cost = Check("the sum of the 1/(k p (1-p)^(n-1)) over the slope", "at rational points", "premise",
                 Identity(costs, _slope(radius), (*BELOW_ONE, sympy.Ge(n, radius, evaluate=False))))  # fmt: skip
    return (*slope_sum(radius), cost)


# ---- bounds for the symbol p


@functools.lru_cache(maxsize=64)
def _levels(radius: int) -> Bound:
    derivation = argument(
        "fitness levels (Wegener 2001)",
        f"Slope, k > {radius} zero-bits: one of them flips alone, probability at least k p (1-p)^(n-1).",
        f"Plateau: from k <= {radius} zero-bits those flip, probability p^k (1-p)^(n-k) >= p^{radius} (1-p)^(n-{radius}).",
        "Each level is left upwards at most once.",
        statement="E[T] <= the sum of the 1/P(left upwards)",
        checks=(*_slope_sum(radius), falls_with_k()),
    )
    expr = _slope(radius) + p**-radius * (1 - p) ** (radius - n)
    found = Bound("E[T]", "upper", expr, BELOW_ONE, source=WEGENER, derivation=derivation)
    hit = p**radius * (1 - p) ** (n - radius)
    return concluding(found, "levels, the last ones as one", slope=_slope(radius), hit=hit)


@functools.lru_cache(maxsize=64)
def _itself(radius: int) -> tuple[Bound, Bound]:
    back, eps, rho = _return(radius), _eps(radius), (p / (1 - p)) ** radius / (radius + 1)
    steps = (
        "Adding up the equations E_x = 1 + sum of P(x, y) E_y over the plateau, where P is symmetric: the mean of E_k over the",
        "number k of flips, given that 1 to r bits flip, is M = (C(n,1) + ... + C(n,r))/P(1 to r bits flip), exactly.",
        "From k < r level r, or the optimum, is reached within C = a^-1 + ... + a^-(r-1) steps, a = (n-r+1) p (1-p)^(n-1).",
        "The optimum comes first with probability at most eps = C p (1-p)^(n-1): (1 - eps) E_r <= E_k <= C + E_r.",
        "So M - C <= E_r <= M/(1 - eps).",
    )
    union = Check("eps = C p (1-p)^(n-1)", "symbolically", "premise", Identity(back * ALONE, eps, BELOW_ONE))
    above = argument("first-step equations added up", *steps, "The slope costs at most the sum of its levels.",
                     statement="E[T] <= slope + C + M/(1 - eps)",
                     checks=(*_slope_sum(radius), union, falls_with_k()))  # fmt: skip
    below = argument(
        "first-step equations added up", *steps,
        "From the slope the plateau is passed over with probability at most rho/(1 + rho), rho = (p/q)^r/(r+1).",
        statement="E[T] >= (1 - 2^-n) (1 - eps) (M - C)/(1 + rho)", checks=(union, falls_with_k()),
    )  # fmt: skip
    upper = _slope(radius) + back + mean(radius) / (1 - eps)
    lower = (1 - Integer(2) ** -n) * (1 - eps) * (mean(radius) - back) / (1 + rho)
    used = {"back": back, "eps": eps, "mean": mean(radius)}
    up = Bound("E[T]", "upper", upper, BELOW_ONE, source=SOURCE, derivation=above)
    down = Bound("E[T]", "lower", lower, BELOW_ONE, start="uniform", source=SOURCE, derivation=below)
    return (
        concluding(up, "a plateau, from above", slope=_slope(radius), **used),
        concluding(down, "a plateau, from below", passed=rho, **used),
    )


# ---- premises about the process


def _leaves(process: Process, radius: int) -> tuple[Check, ...]:
    """With which probability each level is left upwards; and the conclusion at small n."""
    rate, sizes = process.rate, sizes_from(radius)
    assert rate is not None
    where = up_to_half(rate)
    least = Piecewise((ONE_BIT, k > radius), (p**radius * (1 - p) ** (n - radius), True)).subs(p, rate)
    fact = DriftFact(process, least, ">=", quantity="leave", sizes=sizes, where=where)
    expr = _levels(radius).expr.subs(p, rate)
    whole = RuntimeFact(process, expr, "<=", "worst", sizes, CONSTANTS, (*where, sympy.Ge(n, radius, evaluate=False)))
    return (
        Check("each level is left upwards with at least the probability said", "exactly on the chain", "premise", fact),
        Check("the conclusion at small n", "on whole chains, in fractions", "conclusion", whole),
    )


def _premises(process: Process, radius: int) -> tuple[Check, ...]:
    """What holds of one step, and the average over the plateau."""
    rate, sizes = process.rate, sizes_from(radius)
    assert rate is not None
    where = up_to_half(rate)
    put = {p: rate}
    back = _return(radius).subs(put)
    a = _climb(radius).subs(put)
    height = Piecewise((Integer(0), k < 1), (a ** (1 - radius) * (1 - a ** (radius - k)) / (1 - a), k < radius), (0, True))
    climbs = DriftFact(process, Piecewise((Integer(1), k < radius), (-back, True)), ">=", height, sizes=sizes, where=where)
    hits = DriftFact(process, rate**k * (1 - rate) ** (n - k), "==", sympy.Min(k, 1), sizes=sizes, where=where)
    seldom = DriftFact(process, ALONE.subs(put), "<=", sympy.Min(k, 1), sizes=sizes, where=where)
    rho = (rate / (1 - rate)) ** radius / (radius + 1)
    passes = DriftFact(process, Piecewise((Integer(0), k > radius), (Integer(2), True)), "<=",
                       Piecewise((Integer(-1), k < 1), (rho, k <= radius), (0, True)), sizes=sizes, where=where)  # fmt: skip
    gained = DriftFact(process, Piecewise((ONE_BIT.subs(put), k > radius), (Integer(0), True)), ">=",
                       quantity="leave", sizes=sizes, where=where)  # fmt: skip
    about = "b_1 E_1 + ... + b_r E_r = C(n, 1) + ... + C(n, r), which is M (b_1 + ... + b_r)"
    size = radius + 3
    swap = Identity(binomial(n, k) * binomial(k, _a) * binomial(n - k, _b),
                    binomial(n, k - _a + _b) * binomial(k - _a + _b, _b) * binomial(n - k + _a - _b, _a),
                    (_a <= k, _b + k <= n))  # fmt: skip
    average = Computation(
        _HERE + "average_is_exact", (("n", size), ("radius", radius), ("average", mean(radius))), True, f"{about} (n = {size})"
    )
    return (
        Check("mutation is symmetric: C(n,k) C(k,a) C(n-k,b) is the same from the other end", "at integers", "premise", swap),
        Check(about, f"in fractions, n = {size}, several c", "necessary", average),
        Check("from k < r the drift of a^-k + ... + a^-(r-1) is at least 1", "exactly on the chain", "necessary", climbs),
        Check("the optimum is hit with probability p^k (1-p)^(n-k)", "exactly on the chain", "premise", hits),
        Check("which is at most p (1-p)^(n-1)", "exactly on the chain", "premise", seldom),
        Check("from the slope P(optimum) <= rho P(plateau)", "exactly on the chain", "premise", passes),
        Check("on the slope a zero-bit is gained with probability at least k p (1-p)^(n-1)", "exactly on the chain", "premise",
              gained),
    )  # fmt: skip


def average_is_exact(n: int, radius: int, average: Expr, constants: tuple = CONSTANTS) -> bool:
    """Decide, in fractions on the chain: b_1 E_1 + ... + b_r E_r is the number of points of the plateau, and ``average`` is M.

    >>> average_is_exact(5, 3, mean(3)), average_is_exact(5, 3, 2 * mean(3))
    (True, False)
    """
    from theory.exact import expected_runtime

    for constant in constants:
        if constant < n:
            rate, process = constant / n, OnePlusOneEA("c/n").on(Plateau(radius))
            total, share = Fraction(0), Fraction(0)
            for zeros in range(1, radius + 1):
                time = Fraction(expected_runtime(process, start=zeros, rational=True, n=n, c=constant))
                chance = comb(n, zeros) * rate**zeros * (1 - rate) ** (n - zeros)
                total, share = total + chance * time, share + chance
            if total != sum(comb(n, i) for i in range(1, radius + 1)):
                return False
            found = number_of(average, {SYMBOLS["n"]: Fraction(n), p: rate})
            if not found.is_Rational or share * Fraction(found) != total:
                return False
    return True


# ---- as n grows


def poisson_share(radius: int, constant: Expr = c) -> Expr:
    """P(1 <= Z <= r) for Z ~ Poi(c).

    >>> poisson_share(2)
    (c**2/2 + c)*exp(-c)
    """
    return _sum(radius, lambda i: constant**i / sympy.factorial(i)) * exp(-constant)


@functools.lru_cache(maxsize=64)
def leading_order(radius: int, constant: Expr) -> list[Bound]:
    """(1 + o(1)) n^r/(r! P(1 <= Poi(c) <= r)) for the rate constant/n, r >= 2: both sides from a uniform start."""
    process = OnePlusOneEA(c / n).on(Plateau(radius))
    limit, how = 1 / (factorial(radius) * poisson_share(radius)), "numerically, at n up to 10^160"
    upper, lower = (supported(bound, *_premises(process, radius)) for bound in _itself(radius))
    assert upper.derivation is not None and lower.derivation is not None
    without_start = lower.expr / (1 - Integer(2) ** -n)
    ratio = upper.expr.subs(p, c / n) / n**radius
    above = Check("the upper bound over n^r tends to 1/(r! P(1 <= Z <= r))", how, "premise", LimitFact(ratio, n, limit))
    below = Check("and so does the lower bound, but for 1 - 2^-n", how, "premise",
                  LimitFact(without_start.subs(p, c / n) / n**radius, n, limit))  # fmt: skip
    step = "C is bounded, eps and rho tend to 0, the slope takes O(n log n), and b_k tends to c^k e^-c/k!."
    one = argument("first-step equations added up", step, checks=(above,), lemmas=(upper.derivation,))
    both = argument(
        "first-step equations added up", step, checks=(above, below), lemmas=(upper.derivation, lower.derivation)
    )  # fmt: skip
    leading = n**radius * limit.subs(c, constant)
    found = Bound("E[T]", "asymptotic", leading, rate_conditions(constant / n), source=SOURCE, derivation=one, side="upper")
    last = {"ratio": ratio, "limit": limit, "order": n**radius}
    return [
        concluding(b, "leading term", for_constant(constant), **last)
        for b in (found.with_(start="uniform", derivation=both, side="both"), found)
    ]


__all__ = ["average_is_exact", "bounds", "leading_order", "mean", "poisson_share"]
