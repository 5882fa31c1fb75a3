"""The (1+1) EA on OneMax: multiplicative drift, its tail, variable drift, fitness levels, and what follows as n grows.

Sharper from above and from below: :mod:`theory.bounds.onemax_expansion` and :mod:`theory.bounds.onemax_lower`.

B. Doerr, D. Johannsen, C. Winzen, Algorithmica 64 (2012); B. Doerr, L. A. Goldberg, Algorithmica 65 (2013); D. Johannsen (2010).

Drift of k: from k zero-bits a flip and b one-bits; the step is accepted iff a >= b and then gains a - b >= 0. So the drift is at
least that of the steps with b = 0, k p (1-p)^(n-k), and at least that of the steps that flip one zero-bit alone, k p (1-p)^(n-1).
"""

from __future__ import annotations

import functools
from fractions import Fraction

import numpy as np
import sympy
from sympy import Expr

from theory.algorithms import OnePlusOneEA
from theory.bounds import onemax_expansion, onemax_lower
from theory.bounds.common import (
    BELOW_ONE,
    Bound,
    Check,
    all_levels_ok,
    argument,
    because,
    concluding,
    float_rate,
    for_constant,
    for_rate,
    is_ea,
    levels_up_to,
    log_of_staying,
    p,
    rates_at,
    supported,
    tidy,
)
from theory.domain import constant_of, rate_conditions
from theory.drift import FitnessLevels, MultiplicativeDrift, VariableDrift
from theory.drift.base import total
from theory.drift.sources import DOERR_JOHANNSEN_WINZEN, WEGENER
from theory.facts import DriftFact, Identity, Inequality, LimitFact
from theory.lemmas import of
from theory.problems import OneMax
from theory.process import Process
from theory.symbols import SYMBOLS, c, k, n, v

ONE_BIT = k * p * (1 - p) ** (n - 1)
NO_LOSS = k * p * (1 - p) ** (n - k)
_STEPS = (
    "A step that flips a zero-bits and b one-bits is accepted iff a >= b, and then gains a - b >= 0.",
    "Those with b = 0 gain k p (1-p)^(n-k) on average, of which those that flip one zero-bit alone are k p (1-p)^(n-1).",
)


@functools.cache
def _generic() -> tuple[Bound, ...]:
    wide = (*BELOW_ONE, sympy.Ge(n, 2, evaluate=False))
    found = (
        MultiplicativeDrift.apply(ONE_BIT, start=n, where=BELOW_ONE),
        MultiplicativeDrift.apply(ONE_BIT, mean=n / 2, where=wide),
        VariableDrift.apply(NO_LOSS, start=n, where=BELOW_ONE),
        VariableDrift.apply(NO_LOSS, start=k, where=BELOW_ONE),
        FitnessLevels.apply(ONE_BIT, start=n, where=BELOW_ONE),
        MultiplicativeDrift.apply(ONE_BIT, start=n, where=BELOW_ONE, tail=True),
        MultiplicativeDrift.apply(ONE_BIT, mean=n / 2, where=BELOW_ONE, tail=True),
    )
    return tuple(because(bound, *_STEPS) for bound in found)


def bounds(process: Process) -> list[Bound]:
    """Bounds for the (1+1) EA on OneMax, with a static rate or one in k or v."""
    if not isinstance(process.problem, OneMax) or not is_ea(process, static=False) or "t" in process.rate_symbols:
        return []
    rate = process.rate
    assert rate is not None
    if rate in (0, 1):
        return []  # a run stalls
    if not process.is_static:
        return [_any_rate(process, rate.subs(v, n - k))]
    multiplicative, uniform, variable, from_k, levels, tail, uniform_tail = _generic()
    result = [
        for_rate(multiplicative, rate),
        for_rate(uniform, rate, start="uniform"),
        for_rate(variable, rate, exact_function=functools.partial(_sum, rate)),
        for_rate(from_k, rate, exact_function=functools.partial(_sum, rate)),
        for_rate(levels, rate),
        for_rate(tail, rate),
        for_rate(uniform_tail, rate, start="uniform"),
    ]
    drift, leave = _premises(process)
    result = [supported(bound, leave if "levels" in str(bound.source) else drift) for bound in result]
    result += onemax_expansion.bounds_for(process) + onemax_lower.bounds_for(process)
    constant = constant_of(rate)
    if constant is not None:
        result += [*_exponential_bound(result[0], constant), *leading_order(constant), *onemax_expansion.asymptotic(constant)]
    return result


def _premises(process: Process) -> tuple[Check, Check]:
    """The drift of k and the probability of gaining, on the whole chain."""
    here = onemax_lower.with_fractions(process)
    assert here.rate is not None
    where, bound = rate_conditions(here.rate), NO_LOSS.subs(p, here.rate)
    drift = DriftFact(here, bound, ">=", where=where)
    leave = DriftFact(here, ONE_BIT.subs(p, here.rate), ">=", quantity="leave", where=where)
    return (
        Check("the drift of k is at least k p (1-p)^(n-k)", "exactly on the chain", "premise", drift),
        Check("a zero-bit is gained with probability at least k p (1-p)^(n-1)", "exactly on the chain", "premise", leave),
    )


def _sum(rate: Expr, values: dict) -> float:
    """Sum over j = 1, ..., k (or n) of 1 / (j p (1-p)^(n-j))."""
    size, chance = int(values["n"]), float_rate(rate, values)
    levels = levels_up_to(int(values.get("k", size)))
    log = log_of_staying(rate, values)
    with np.errstate(over="ignore"):  # sums beyond the floats are infinite
        return float(np.sum(np.exp((levels - size) * log) / levels) / chance)


def _exponential_bound(exact: Bound, constant: Expr) -> list[Bound]:
    """p = c/n: the same with e^c where that is an upper bound for every n."""
    simple = sympy.exp(constant) * n / constant * (sympy.log(n) + 1)
    conditions = tidy((*exact.conditions, sympy.Le(constant, 1)))
    if conditions is None or exact.derivation is None:
        return []
    steps = ("(1 - c/n)^(1-n) <= e^c for c <= 1: -(n-1) ln(1 - x) <= (n-1) x/(1-x) at x = c/n, which is (n-1) c/(n-c) <= c.",)
    derivation = argument(
        "multiplicative drift (Doerr, Johannsen, Winzen 2012)", *steps, checks=_exponential(), lemmas=(exact.derivation,)
    )
    found = Bound("E[T]", "upper", simple, conditions, source=DOERR_JOHANNSEN_WINZEN, derivation=derivation)
    return [concluding(found, "multiplicative drift", for_constant(constant), start=n, low=1, delta=c * sympy.exp(-c) / n)]


def leading_order(constant: Expr) -> list[Bound]:
    """(1 + o(1)) e^c/c n ln n for the rate constant/n: both sides from a uniform start, the upper one from any."""
    exact = for_rate(_generic()[0], constant / n)
    assert exact.derivation is not None
    leading = onemax_lower.leading_term(constant)
    upper = argument(
        "multiplicative drift (Doerr, Johannsen, Winzen 2012)",
        "For fixed c, (1 - c/n)^(1-n) tends to e^c as n grows, and ln n + 1 is (1 + o(1)) ln n.",
        checks=(_upper_side(),),
        lemmas=(exact.derivation,),
    )
    both = argument(
        "multiplicative drift (Doerr, Johannsen, Winzen 2012) and additive drift (He, Yao 2001)",
        "Upper side: (1 - c/n)^(1-n) tends to e^c, and ln n + 1 is (1 + o(1)) ln n.",
        *onemax_lower.LOWER_STEPS,
        checks=(_upper_side(), *onemax_lower.lower_side()),
        lemmas=(exact.derivation, onemax_lower.derivation()),
    )
    first = Bound("E[T]", "asymptotic", leading, exact.conditions, source=DOERR_JOHANNSEN_WINZEN, derivation=upper, side="upper")
    ratio, limit = _upper_ratio()
    return [
        concluding(b, "leading term", for_constant(constant), ratio=ratio, limit=limit, order=n * sympy.log(n))
        for b in (first.with_(start="uniform", derivation=both, side="both"), first)
    ]


def _upper_ratio() -> tuple[Expr, Expr]:
    """The upper bound over n ln n, for p = c/n, and its limit."""
    return _generic()[0].expr.subs(p, c / n) / (n * sympy.log(n)), sympy.exp(c) / c


@functools.cache
def _upper_side() -> Check:
    """The upper bound over n ln n tends to e^c/c."""
    ratio, limit = _upper_ratio()
    return Check("the upper bound over n ln n tends to e^c/c", "numerically, at n up to 10^160", "premise",
                 LimitFact(ratio, n, limit))  # fmt: skip


@functools.cache
def _exponential() -> tuple[Check, ...]:
    """What (1 - c/n)^(1-n) <= e^c rests on."""
    x = sympy.Symbol("x", positive=True)
    slope = x / (1 - x) ** 2
    return (
        Check("x/(1-x) + ln(1-x) has the derivative x/(1-x)^2", "symbolically", "premise",
              Identity(sympy.diff(x / (1 - x) + sympy.log(1 - x), x), slope)),
        Check("which is positive", "symbolically", "premise", Inequality(slope, sympy.S.Zero, strict=True, where=(x < 1,))),
        Check("c - (n-1) c/(n-c) = c (1-c)/(n-c)", "symbolically", "premise",
              Identity(c - (n - 1) * c / (n - c), c * (1 - c) / (n - c))),
        Check("so the drift of k is at least k c e^-c/n", "on the chain, in balls", "premise",
              DriftFact(OnePlusOneEA(c / n).on(OneMax()), k * c * sympy.exp(-c) / n, ">=", where=(c <= 1, c < n))),
    )  # fmt: skip


def _any_rate(process: Process, rate: Expr) -> Bound:
    """Fitness levels for a rate in k: from k zero-bits the offspring is better if a zero-bit flips and no one-bit does."""
    expr = total(lambda i: 1 / ((1 - rate.subs(k, i)) ** (n - i) * (1 - (1 - rate.subs(k, i)) ** i)), n)
    derivation = argument(
        "fitness levels (Wegener 2001)",
        "From k zero-bits the offspring is better if some zero-bit flips and no one-bit: (1-p)^(n-k) (1 - (1-p)^k).",
        "No level is entered again; the sum over k = 1, ..., n bounds E[T] from every start.",
        checks=(_gain(process, rate),),
    )
    condition = all_levels_ok(rate, k, 1, 1, lambda level, size: level == size)

    def value(values: dict) -> float:
        size = int(values["n"])
        z = levels_up_to(size)
        with np.errstate(all="ignore"):  # a rate of 1 is allowed at k = n; sums beyond the floats are infinite
            log = np.log1p(-rates_at(rate, k, z, {SYMBOLS[x]: Fraction(y) for x, y in values.items()}))
            up = -np.expm1(z * log) * np.exp(np.where(z == size, 0.0, (size - z) * log))
            return float(np.sum(1 / up))

    chance = (1 - rate) ** (n - k) * (1 - (1 - rate) ** k)
    found = Bound(
        "E[T]", "upper", expr, source=WEGENER, derivation=derivation, condition_function=condition, exact_function=value
    )
    return concluding(found, "fitness levels", start=n, s=of(k, chance))


def _gain(process: Process, rate: Expr) -> Check:
    about = "a zero-bit is gained with probability at least (1-p)^(n-k) (1 - (1-p)^k)"
    here = process if rate.is_rational_function(k, n, c) else onemax_lower.with_fractions(process)
    assert here.rate is not None
    used = here.rate.subs(v, n - k)
    fact = DriftFact(here, (1 - used) ** (n - k) * (1 - (1 - used) ** k), ">=", quantity="leave")
    return Check(about, "exactly on the chain", "premise", fact)
