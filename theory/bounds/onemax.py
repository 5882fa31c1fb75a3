"""The (1+1) EA on OneMax: multiplicative drift, its tail, variable drift, fitness levels, and what follows as n grows.

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

from theory.bounds.common import (
    BELOW_ONE,
    Bound,
    all_levels_ok,
    argument,
    because,
    float_rate,
    for_rate,
    is_ea,
    log_of_staying,
    p,
    rates_at,
    tidy,
)
from theory.domain import constant_of
from theory.drift import FitnessLevels, MultiplicativeDrift, VariableDrift
from theory.drift.base import total
from theory.drift.sources import DOERR_JOHANNSEN_WINZEN, WEGENER
from theory.problems import OneMax
from theory.process import Process
from theory.symbols import SYMBOLS, k, n, v

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
    if not process.is_static:
        return [_any_rate(rate.subs(v, n - k))]
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
    constant = constant_of(rate)
    if constant is not None:
        result += _constant(for_rate(multiplicative, rate), constant)
    return result


def _sum(rate: Expr, values: dict) -> float:
    """Sum over j = 1, ..., k (or n) of 1 / (j p (1-p)^(n-j))."""
    size, chance = int(values["n"]), float_rate(rate, values)
    levels = np.arange(1.0, int(values.get("k", size)) + 1)
    log = log_of_staying(rate, values)
    with np.errstate(over="ignore"):  # sums beyond the floats are infinite
        return float(np.sum(np.exp((levels - size) * log) / levels) / chance)


def _constant(exact: Bound, constant: Expr) -> list[Bound]:
    """p = c/n: the same with e^c where that is an upper bound for every n, and as n grows."""
    simple = sympy.exp(constant) * n / constant * (sympy.log(n) + 1)
    conditions = tidy((*exact.conditions, sympy.Le(constant, 1)))
    result = []
    if conditions is not None:
        steps = ("(1 - c/n)^(1-n) <= e^c for c <= 1, since -(n-1) ln(1 - c/n) <= (n-1) c/(n-c) <= c.",)
        derivation = argument(
            "multiplicative drift (Doerr, Johannsen, Winzen 2012)", *(exact.derivation.steps if exact.derivation else ()), *steps
        )
        result.append(Bound("E[T]", "upper", simple, conditions, source=DOERR_JOHANNSEN_WINZEN, derivation=derivation))
    leading = sympy.exp(constant) / constant * n * sympy.log(n)
    derivation = argument(
        "multiplicative drift (Doerr, Johannsen, Winzen 2012)",
        "For fixed c, (1 - c/n)^(1-n) tends to e^c as n grows, and ln n + 1 is (1 + o(1)) ln n.",
        "Only the upper side is derived.",
    )
    result.append(
        Bound("E[T]", "asymptotic", leading, exact.conditions, source=DOERR_JOHANNSEN_WINZEN, derivation=derivation, side="upper")
    )
    return result


def _any_rate(rate: Expr) -> Bound:
    """Fitness levels for a rate in k: from k zero-bits the offspring is better if a zero-bit flips and no one-bit does."""
    expr = total(lambda i: 1 / ((1 - rate.subs(k, i)) ** (n - i) * (1 - (1 - rate.subs(k, i)) ** i)), n)
    derivation = argument(
        "fitness levels (Wegener 2001)",
        "From k zero-bits the offspring is better if some zero-bit flips and no one-bit: (1-p)^(n-k) (1 - (1-p)^k).",
        "No level is entered again; the sum over k = 1, ..., n bounds E[T] from every start.",
    )
    condition = all_levels_ok(rate, k, 1, 1, lambda level, size: level == size)

    def value(values: dict) -> float:
        size = int(values["n"])
        z = np.arange(1.0, size + 1)
        with np.errstate(all="ignore"):  # a rate of 1 is allowed at k = n; sums beyond the floats are infinite
            log = np.log1p(-rates_at(rate, k, z, {SYMBOLS[x]: Fraction(y) for x, y in values.items()}))
            up = -np.expm1(z * log) * np.exp(np.where(z == size, 0.0, (size - z) * log))
            return float(np.sum(1 / up))

    return Bound("E[T]", "upper", expr, source=WEGENER, derivation=derivation, condition_function=condition, exact_function=value)
