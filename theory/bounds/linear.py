"""The (1+1) EA on linear functions (OneMax and BinVal among them): Witt's potential, fitness levels, and OneMax from below.

The lower side is that of OneMax, which is the easiest function with a unique optimum for p <= 1/2
(:mod:`theory.bounds.onemax_easiest`), bounded in :mod:`theory.bounds.onemax_lower`.

C. Witt, Combinatorics, Probability and Computing 22 (2013); S. Droste, T. Jansen, I. Wegener, TCS 276 (2002).
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import replace

import sympy
from sympy import Expr, Rational

from theory.algorithms import OnePlusOneEA
from theory.bounds import leadingones, onemax_easiest, onemax_lower
from theory.bounds.common import (
    BELOW_ONE,
    Bound,
    Check,
    argument,
    concluding,
    for_constant,
    for_rate,
    is_ea,
    ones_are_best,
    p,
    supported,
    telescopes,
)
from theory.domain import constant_of, rate_conditions
from theory.drift import LinearFunctionsDrift
from theory.drift.linear_functions import alpha
from theory.drift.sources import DROSTE_JANSEN_WEGENER, WITT
from theory.facts import SLOWLY, Computation, DriftFact, Inequality, LimitFact
from theory.lemmas import of
from theory.problems import BinVal, LeadingOnes, Linear, OneMax
from theory.process import Process
from theory.symbols import c, n


@functools.cache
def _generic() -> tuple[Bound, Bound]:
    return (LinearFunctionsDrift.apply(p, where=BELOW_ONE), LinearFunctionsDrift.apply(p, where=BELOW_ONE, tail=True))


def bounds(process: Process) -> list[Bound]:
    """Bounds for the (1+1) EA with a static rate on any linear function with non-zero weights."""
    if not isinstance(process.problem, (OneMax, BinVal, Linear)) or not is_ea(process):
        return []
    rate = process.rate
    assert rate is not None
    mean, tail = (for_rate(b, rate) for b in _generic())
    result = [mean]
    if not isinstance(process.problem, OneMax):
        binval = isinstance(process.problem, BinVal)
        levels = for_rate(_levels(binval), rate)
        result.append(levels if binval else supported(levels, _left(process)))
    result.append(tail)
    if isinstance(process.problem, OneMax):
        return result  # the rest is its own
    constant = constant_of(rate)
    if constant is not None:
        result += leading_order(constant)
    if rate not in (0, 1):
        result += [onemax_easiest.lower_bound(process), *onemax_lower.bounds_for(process, ones_are_best(process))]
    return result


@functools.cache
def _levels(binval: bool) -> Bound:
    steps: tuple[str, ...]
    if binval:
        expr = ((1 - p) ** (1 - n) - (1 - p)) / p**2
        steps = (
            "Level i: the first i bits are ones and the next is not; every point of it is worse than every point above.",
            "It is left upwards if that bit flips and the i before it do not: probability p (1-p)^i. Sum over i = 0, ..., n-1.",
        )
        leaves, *closed = leadingones.level_sum(OnePlusOneEA(c / n).on(LeadingOnes()))
        i, m = sympy.Symbol("i", integer=True, nonnegative=True), sympy.Symbol("m", integer=True, positive=True)
        checks = (
            *telescopes("all m bits behind weigh 2^m - 1", 2**i, i, 2**m - 1, m),
            Check("one bit outweighs all behind it: 2^m > 2^m - 1", "symbolically", "premise",
                  Inequality(2**m, 2**m - 1, strict=True)),
            Check("as on LeadingOnes: " + leaves.condition, leaves.how, leaves.kind, leaves.fact), *closed,
        )  # fmt: skip
    else:
        expr = n * (1 - p) ** (1 - n) / p
        steps = (
            "With the weights in falling order and S_i the sum of the first i, level i is {x : S_i <= f(x) < S_(i+1)}.",
            "One of the first i+1 bits is zero, as f(x) < S_(i+1). Flipping it alone adds at least w_(i+1): f(y) >= S_(i+1).",
            "So each of the n levels is left with probability at least p (1-p)^(n-1).",
        )
        checks = (
            Check("from every point but the best some bit leads to the next level", "exactly, 6 weight vectors", "premise",
                  Computation("theory.bounds.linear:one_bit_leaves_the_level", (), True,
                              "every point but the best has a zero-bit whose flip alone leads to the next level")),
        )  # fmt: skip
    derivation = argument(
        "fitness levels (Droste, Jansen, Wegener 2002)",
        *steps,
        statement="E[T] <= the sum of the 1/P(left upwards)",
        checks=(*checks, Check("the level is left upwards with positive probability", "0 < p < 1", "necessary")),
    )
    found = Bound("E[T]", "upper", expr, BELOW_ONE, source=DROSTE_JANSEN_WEGENER, derivation=derivation)
    a = sympy.Symbol("a", integer=True, nonnegative=True)
    chance = p * (1 - p) ** a if binval else ALONE
    return concluding(found, "fitness levels, from the worst", s=of(a, chance))


ALONE = p * (1 - p) ** (n - 1)
"""A given bit flips alone."""


def _left(process: Process) -> Check:
    """Every point but the best is improved at least with the probability that a given bit flips alone."""
    here = onemax_lower.with_fractions(process)
    assert here.rate is not None
    fact = DriftFact(here, ALONE.subs(p, here.rate), ">=", quantity="leave", sizes=(1, 2, 3), where=rate_conditions(here.rate))
    about = "an improvement has at least the probability p (1-p)^(n-1) that one zero-bit flips alone"
    return Check(about, "exactly on the chain", "premise", fact)


WEIGHTS = ((1, 1, 1, 1, 1), (16, 8, 4, 2, 1), (5, 4, 3, 2, 1), (9, 3, 3, 2, 2, 1), (100, 1, 1, 1), (7, 7, 7, 2, 2))


def one_bit_leaves_the_level(weights: tuple = WEIGHTS) -> bool:
    """Decide: every point but the best has a zero-bit whose flip alone leads to the next level; all points, weights falling.

    >>> one_bit_leaves_the_level(((3, 2, 2),))
    True
    """
    for w in weights:
        ends = list(itertools.accumulate(w))
        for x in itertools.product((0, 1), repeat=len(w)):
            value = sum(a for a, bit in zip(w, x) if bit)
            if value < ends[-1]:
                goal = next(end for end in ends if end > value)
                if max(a for a, bit in zip(w, x) if not bit) + value < goal:
                    return False
    return True


def leading_order(constant: Expr) -> list[Bound]:
    """(1 + o(1)) e^c/c n ln n for the rate constant/n: both sides from a uniform start, the upper one from any."""
    mean = for_rate(_generic()[0], constant / n)
    leading = onemax_lower.leading_term(constant)
    steps = (
        "Upper side: in b(1) put p = c/n for a fixed c and alpha = (ln n)^(1/2).",
        "alpha/(alpha-1) tends to 1, (1-c/n)^(1-n) to e^c, and n alpha p (1-p)^(1-n) = alpha c e^c (1 + o(1)) is o(ln n).",
        "ln(1/p) + (n-1) ln(1-p) + 1 = ln n - ln c - c + 1 + o(1). So b(1) = (1 + o(1)) e^c/c n ln n.",
    )
    assert mean.derivation is not None and mean.derivation.conclusion is not None
    at_alpha = replace(mean.derivation.conclusion, put=(*mean.derivation.conclusion.put, (alpha, sympy.sqrt(sympy.log(n)))))
    b_1 = replace(mean.derivation, conclusion=at_alpha)
    upper = argument("Witt's potential (Witt 2013)", *steps, checks=_upper_side(), lemmas=(b_1,))
    both = argument(
        "Witt's potential, and OneMax as the easiest function (Witt 2013)",
        *steps,
        *onemax_lower.LOWER_STEPS,
        checks=(*_upper_side(), *onemax_lower.lower_side()),
        lemmas=(b_1, onemax_easiest.derivation(), onemax_lower.derivation()),
    )
    any_start = Bound("E[T]", "asymptotic", leading, mean.conditions, source=WITT, derivation=upper, side="upper")
    ratio, limit = _upper_ratio()
    return [
        concluding(b, "leading term", for_constant(constant), ratio=ratio, limit=limit, order=n * sympy.log(n))
        for b in (any_start.with_(start="uniform", derivation=both, side="both"), any_start)
    ]


def _upper_ratio() -> tuple[Expr, Expr]:
    """b(1) over n ln n, for p = c/n and alpha = (ln n)^(1/2), and its limit."""
    ratio = _generic()[0].expr.subs({p: c / n, alpha: sympy.sqrt(sympy.log(n))}) / (n * sympy.log(n))
    return ratio, sympy.exp(c) / c


@functools.cache
def _upper_side() -> tuple[Check, ...]:
    """The parts of which b(1) is put together, for p = c/n, and b(1) itself."""
    power = (1 - c / n) ** (1 - n)
    ratio, limit = _upper_ratio()
    how = "numerically, at n up to 10^160"
    return (
        Check("(1 - c/n)^(1-n) tends to e^c", how, "premise", LimitFact(power, n, sympy.exp(c))),
        Check("(ln(n/c) + (n-1) ln(1 - c/n) + 1)/ln n tends to 1", how, "premise",
              LimitFact((sympy.log(n / c) + (n - 1) * sympy.log(1 - c / n) + 1) / sympy.log(n), n, sympy.S.One)),
        Check("b(1)/(n ln n) tends to e^c/c", "numerically, at n up to 10^640", "premise",
              LimitFact(ratio, n, limit, powers=SLOWLY)),
    )  # fmt: skip


def _at_most_half(rate) -> tuple:
    constant = constant_of(rate)
    relation = sympy.Le(rate, Rational(1, 2)) if constant is None else sympy.Le(2 * constant, n)
    return () if relation == True else (relation,)  # noqa: E712 (sympy's truth)
