"""The (1+1) EA on Jump with gap m: fitness levels, the valley included; the time of the jump itself; both sides as n grows.

S. Droste, T. Jansen, I. Wegener, TCS 276 (2002), Section 5 (there up to constants; the explicit sums are derived here).

Levels, from the worst: 1, 2, ..., m-1 zero-bits (in the valley more zero-bits are better), then n, n-1, ..., m zero-bits on the
slope, then the optimum.

*From below.* A run that starts with at least m zero-bits never enters the valley, whose points are all worse. For p <= 1/2 the
optimum is hit from k >= m zero-bits with probability p^k q^(n-k) <= p^m q^(n-m), q = 1 - p, in every round.

*As n grows*, p = c/n, m >= 2: the jump takes n^m c^-m (1 - c/n)^(m-n) = (1 + o(1)) e^c (n/c)^m, the way to it O(n log n), and a
uniform start has fewer than m zero-bits with probability at most n^m 2^-n.

*The best rate.* d/dp ln(p^-m q^(m-n)) = (n p - m)/(p q): for the jump itself p = m/n is the best rate at every n.
"""

from __future__ import annotations

import functools
from typing import Any

import sympy
from sympy import Expr, Integer, Piecewise, Symbol, binomial, harmonic

from theory.algorithms import OnePlusOneEA
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
    telescopes,
    under,
)
from theory.bounds.onemax_easiest import up_to_half
from theory.bounds.onemax_lower import with_fractions
from theory.derivation import Derivation
from theory.domain import constant_of, rate_conditions
from theory.drift.sources import DROSTE_JANSEN_WEGENER
from theory.facts import DriftFact, Identity, Inequality, LimitFact
from theory.lemmas import of
from theory.problems import Jump
from theory.process import Process
from theory.symbols import c, k, n

GEOMETRIC = Source("geometric waiting time")
_m, _l = Symbol("m", integer=True, positive=True), Symbol("l", integer=True, nonnegative=True)


def bounds(process: Process) -> list[Bound]:
    """Bounds for the (1+1) EA with a static rate on Jump."""
    if not isinstance(process.problem, Jump) or not is_ea(process):
        return []
    rate, gap = process.rate, process.problem.gap
    assert rate is not None
    here = with_fractions(process)
    lower = supported(for_rate(_jump_itself(gap), rate), *_hits(here, gap))
    found = [
        supported(for_rate(_levels(gap), rate), _gains(here, gap)),
        under(lower, up_to_half(rate)),
    ]
    constant = constant_of(rate)
    if constant is not None and gap >= 2:
        found += leading_order(gap, constant)
    return found


@functools.lru_cache(maxsize=64)
def _levels(gap: int) -> Bound:
    one_bit = (1 - p) ** (1 - n) / p
    valley = harmonic(n - 1) - harmonic(n - gap) if gap > 1 else Integer(0)
    slope = harmonic(n) - harmonic(gap)
    expr = one_bit * (valley + slope) + p**-gap * (1 - p) ** (gap - n)
    sums = [*slope_sum(gap)]
    if gap > 1:
        sums += telescopes(
            "the sum of the 1/(n-k) over the valley", 1 / (n - 1 - _l), _l, harmonic(n - 1) - harmonic(n - 1 - _m), _m
        )
    derivation = argument(
        "fitness levels (Wegener 2001)",
        f"Valley, k < {gap} zero-bits: one of the n - k one-bits flips alone, probability at least (n-k) p (1-p)^(n-1).",
        f"Slope, k > {gap} zero-bits: one of them flips alone, probability at least k p (1-p)^(n-1).",
        f"Plateau, k = {gap}: exactly the zero-bits flip, probability p^{gap} (1-p)^(n-{gap}).",
        "Each level is left upwards at most once.",
        statement="E[T] <= the sum of the 1/P(left upwards)",
        checks=sums,
    )
    found = Bound("E[T]", "upper", expr, BELOW_ONE, source=DROSTE_JANSEN_WEGENER, derivation=derivation)
    return concluding(found, "fitness levels", start=n, s=of(k, _leaving(gap)))


def _leaving(gap: int) -> Expr:
    """With which probability the level of k zero-bits is left upwards, at least; for the symbol p."""
    alone = p * (1 - p) ** (n - 1)
    return Piecewise(((n - k) * alone, k < gap), (k * alone, k > gap), (p**gap * (1 - p) ** (n - gap), True))


def slope_sum(flat: int) -> tuple[Check, ...]:
    """1/(r+1) + ... + 1/n = H_n - H_r, by the m = n - r terms; r is the radius or the gap."""
    closed = harmonic(_m + flat) - harmonic(flat)
    return telescopes("the sum of the 1/k over the slope", 1 / (_l + 1 + flat), _l, closed, _m)


def _gains(process: Process, gap: int) -> Check:
    """With which probability each level is left upwards, at least."""
    rate = process.rate
    assert rate is not None
    fact = DriftFact(
        process, _leaving(gap).subs(p, rate), ">=", quantity="leave", sizes=sizes_from(gap), where=rate_conditions(rate)
    )
    return Check("each level is left upwards with at least the probability said", "exactly on the chain", "premise", fact)


@functools.lru_cache(maxsize=64)
def _jump_itself(gap: int) -> Bound:
    below = sympy.Add(*(binomial(n, i) for i in range(gap)))
    expr = (1 - below / 2**n) * p**-gap * (1 - p) ** (gap - n)
    derivation = argument(
        "geometric waiting time",
        f"A run that starts with at least {gap} zero-bits never enters the valley, whose points are worse.",
        f"For p <= 1/2 the optimum is hit from k >= {gap} zero-bits with probability p^k (1-p)^(n-k) <= p^{gap} (1-p)^(n-{gap}).",
        statement="E[T] >= P(the start is not in the valley)/(the largest probability of a hit)",
        checks=(
            Check(f"with k >= {gap} zero-bits the fitness is at least {gap}: n + {gap} - k >= {gap}", "symbolically", "premise",
                  Inequality(n + gap - k, Integer(gap), variable=k, low=Integer(0), high=n, integer=True)),
            Check(f"in the valley, k < {gap}, it is k", "symbolically", "premise",
                  Inequality(Integer(gap), k, strict=True, variable=k, low=Integer(0), high=Integer(gap - 1), integer=True)),
        ),
    )  # fmt: skip
    found = Bound("E[T]", "lower", expr, BELOW_ONE, start="uniform", source=GEOMETRIC, derivation=derivation)
    return concluding(found, "geometric waiting time, at least", low=gap, hit=p**gap * (1 - p) ** (n - gap))


def sizes_from(smallest: int) -> tuple[int, ...]:
    """A few n at which a problem with a gap (or radius) exists, for replaying facts on its chain.

    >>> sizes_from(2), sizes_from(3)
    ((2, 3, 4, 5), (3, 4, 5, 6))
    """
    return tuple(range(smallest, smallest + 4)) if smallest <= 12 else (smallest, smallest + 1)


def falls_with_k() -> Check:
    """p^k q^(n-k) falls with k for p <= 1/2: one more zero-bit multiplies it by p/q <= 1."""
    return Check("p^k (1-p)^(n-k) falls with k: one more zero-bit means p instead of 1-p >= p", "symbolically", "premise",
                 Inequality(1 - p, p, where=(p < sympy.Rational(1, 2),)))  # fmt: skip


def _hits(process: Process, gap: int) -> tuple[Check, ...]:
    """The optimum is hit with at most the probability of the jump from m zero-bits: the drift of Min(k, 1)."""
    rate = process.rate
    assert rate is not None
    most = Piecewise((rate**gap * (1 - rate) ** (n - gap), k >= gap), (Integer(1), True))
    fact = DriftFact(process, most, "<=", sympy.Min(k, 1), sizes=sizes_from(gap), where=up_to_half(rate))
    about = f"from k >= {gap} zero-bits the optimum is hit with probability at most p^{gap} (1-p)^(n-{gap})"
    return (falls_with_k(), Check(about, "exactly on the chain", "necessary", fact))


# ---- as n grows


@functools.lru_cache(maxsize=64)
def leading_order(gap: int, constant: Expr) -> list[Bound]:
    """(1 + o(1)) e^c (n/c)^m for the rate constant/n, m >= 2: both sides from a uniform start, the upper one from any."""
    leading = sympy.exp(constant) * (n / constant) ** gap
    limit, how = sympy.exp(c) / c**gap, "numerically, at n up to 10^160"
    process = OnePlusOneEA(c / n).on(Jump(gap))
    levels, itself = supported(_levels(gap), _gains(process, gap)), supported(_jump_itself(gap), *_hits(process, gap))
    assert levels.derivation is not None and itself.derivation is not None
    ratio = levels.expr.subs(p, c / n) / n**gap
    above = Check("the sum over the levels over n^m tends to e^c/c^m", how, "premise", LimitFact(ratio, n, limit))
    below = (
        Check("the time of the jump over n^m tends to e^c/c^m", how, "premise",
              LimitFact((p**-gap * (1 - p) ** (gap - n)).subs(p, c / n) / n**gap, n, limit)),
        Check("P(the start is in the valley) <= n^m 2^-n, and m ln n/n tends to 0", how, "premise",
              LimitFact(gap * sympy.log(n) / n, n, Integer(0))),
    )  # fmt: skip
    steps = (
        "The jump takes (n/c)^m (1 - c/n)^(m-n) = (1 + o(1)) e^c (n/c)^m rounds, the way to it O(n log n), of lower order.",
        "A uniform start has fewer than m zero-bits with probability at most n^m 2^-n.",
    )
    upper = argument("fitness levels (Wegener 2001)", steps[0], checks=(above,), lemmas=(levels.derivation,))
    both = argument(
        "fitness levels (Wegener 2001) and a geometric waiting time", *steps, checks=(above, *below),
        lemmas=(levels.derivation, itself.derivation),
    )  # fmt: skip
    found = Bound("E[T]", "asymptotic", leading, rate_conditions(constant / n), source=DROSTE_JANSEN_WEGENER, derivation=upper,
                  side="upper")  # fmt: skip
    last = {"ratio": ratio, "limit": limit, "order": n**gap}
    return [
        concluding(b, "leading term", for_constant(constant), **last)
        for b in (found.with_(start="uniform", derivation=both, side="both"), found)
    ]


def best_rate_of_the_jump(gap: Any = _m) -> Derivation:
    """For the jump itself, p^-m (1-p)^(m-n) rounds, p = m/n is the best rate at every n, and the only one."""
    slope, x = -gap / p + (n - gap) / (1 - p), Symbol("x", positive=True)
    logarithm = -gap * sympy.log(p) + (gap - n) * sympy.log(1 - p)
    return argument(
        "the sign of the derivative",
        "The logarithm of p^-m (1-p)^(m-n) has the derivative (n p - m)/(p (1-p)), negative below p = m/n and positive above.",
        statement=f"the time of the jump is smallest at p = {gap}/n alone",
        checks=(
            Check("the derivative of the logarithm", "symbolically", "premise",
                  Identity(sympy.diff(logarithm, p), slope, BELOW_ONE)),
            Check("is (n p - m)/(p (1-p))", "symbolically", "premise", Identity(slope, (n * p - gap) / (p * (1 - p)), BELOW_ONE)),
            Check("n p - m > 0 above p = m/n", "symbolically", "premise",
                  Inequality(n * (gap / n + x) - gap, Integer(0), strict=True)),
            Check("and < 0 below", "symbolically", "premise", Inequality(gap - n * (gap / n - x), Integer(0), strict=True)),
        ),
    )  # fmt: skip


__all__ = ["GEOMETRIC", "best_rate_of_the_jump", "bounds", "falls_with_k", "leading_order", "sizes_from", "slope_sum"]
