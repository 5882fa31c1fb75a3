"""The (1+1) EA on linear functions (OneMax and BinVal among them): Witt's potential, fitness levels, and the recalled lower side.

C. Witt, Combinatorics, Probability and Computing 22 (2013); S. Droste, T. Jansen, I. Wegener, TCS 276 (2002).
"""

from __future__ import annotations

import functools

import sympy
from sympy import Function, Rational

from theory.algorithms import OnePlusOneEA
from theory.bounds.common import BELOW_ONE, Bound, Check, argument, for_rate, is_ea, p
from theory.domain import constant_of, rate_conditions
from theory.drift import LinearFunctionsDrift
from theory.drift.sources import DROSTE_JANSEN_WEGENER, WITT
from theory.problems import BinVal, Linear, OneMax
from theory.process import Process
from theory.symbols import n


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
        result.append(for_rate(_levels(isinstance(process.problem, BinVal)), rate))
    result.append(tail)
    constant = constant_of(rate)
    if constant is not None:
        upper, recalled = _asymptotic(mean, constant)
        result += [recalled] if isinstance(process.problem, OneMax) else [upper, recalled]  # OneMax has its own upper side
    if not isinstance(process.problem, OneMax):
        result.append(_onemax_is_easiest(process))
    return result


@functools.cache
def _levels(binval: bool) -> Bound:
    if binval:
        expr = ((1 - p) ** (1 - n) - (1 - p)) / p**2
        steps = (
            "Level i: the first i bits are ones and the next is not; every point of it is worse than every point above.",
            "It is left upwards if that bit flips and the i before it do not: probability p (1-p)^i. Sum over i = 0, ..., n-1.",
        )
    else:
        expr = n * (1 - p) ** (1 - n) / p
        steps = (
            "With the weights in falling order and S_i the sum of the first i, level i is {x : S_i <= f(x) < S_(i+1)}.",
            "One of the first i+1 bits is zero. Flipping it alone adds at least w_(i+1): probability at least p (1-p)^(n-1).",
        )
    check = Check("the level is left upwards with positive probability", "0 < p < 1", "necessary")
    derivation = argument("fitness levels (Droste, Jansen, Wegener 2002)", *steps, checks=(check,))
    return Bound("E[T]", "upper", expr, BELOW_ONE, source=DROSTE_JANSEN_WEGENER, derivation=derivation)


def _asymptotic(mean: Bound, constant) -> list[Bound]:
    leading = sympy.exp(constant) / constant * n * sympy.log(n)
    derivation = argument(
        "Witt's potential (Witt 2013)",
        "In b(1) put p = c/n for a fixed c and alpha = ln ln n.",
        "alpha/(alpha-1) tends to 1, (1-c/n)^(1-n) to e^c, and n alpha p (1-p)^(1-n) = alpha c e^c (1 + o(1)) is o(ln n).",
        "ln(1/p) + (n-1) ln(1-p) + 1 = ln n - ln c - c + 1 + o(1). So b(1) = (1 + o(1)) e^c/c n ln n.",
        "Only the upper side is derived.",
    )
    upper = Bound("E[T]", "asymptotic", leading, mean.conditions, source=WITT, derivation=derivation, side="upper")
    return [upper, Bound("E[T]", "asymptotic", leading, mean.conditions, "recalled", source=WITT, side="lower", start="uniform")]


def _onemax_is_easiest(process: Process) -> Bound:
    """E[T] on OneMax bounds E[T] on every function with a unique optimum from below, for p <= 1/2 (recalled)."""
    rate = process.rate
    assert rate is not None

    def value(values: dict) -> float:
        from theory.exact import expected_runtime

        here = OnePlusOneEA(rate).on(OneMax())
        return float(expected_runtime(here, **{x: y for x, y in values.items() if x in here.needed}))

    conditions = tuple(w for w in rate_conditions(rate) if w.rel_op in (">", ">=")) + _at_most_half(rate)
    expr = Function("E_OneMax")(*sorted(rate.free_symbols | {n}, key=str, reverse=True))
    return Bound("E[T]", "lower", expr, conditions, "recalled", "uniform", source=WITT, exact_function=value)


def _at_most_half(rate) -> tuple:
    constant = constant_of(rate)
    relation = sympy.Le(rate, Rational(1, 2)) if constant is None else sympy.Le(2 * constant, n)
    return () if relation == True else (relation,)  # noqa: E712 (sympy's truth)
