"""LeadingOnes: exact from a uniform start, for every rate; fitness levels from any start.

S. Böttcher, B. Doerr, F. Neumann, PPSN 2010, Theorem 3 and its proof for state-dependent rates.

From a uniform start the bits behind the first zero-bit are uniform at every time, whatever the rule for ties. So level v is
visited with probability 1/2, independently, and left with probability p (1-p)^v in every round spent there.
"""

from __future__ import annotations

import functools
from fractions import Fraction

import numpy as np
import sympy
from sympy import Expr, Rational, Sum

from theory.bounds.common import BELOW_ONE, Bound, all_levels_ok, argument, because, for_rate, is_ea, is_rls, p, rates_at
from theory.domain import constant_of
from theory.drift import FitnessLevels
from theory.drift.sources import BOETTCHER_DOERR_NEUMANN, WEGENER
from theory.problems import LeadingOnes
from theory.process import Process
from theory.symbols import SYMBOLS, k, n, v

_STEPS = (
    "The bits behind the first zero-bit have no influence on acceptance, and flipping uniform bits leaves them uniform.",
    "So each level v < n is visited with probability 1/2, and left with probability p (1-p)^v in every round spent there.",
    "E[T] is half the sum of the 1/(p (1-p)^v), v = 0, ..., n-1.",
)


@functools.cache
def _generic() -> tuple[Bound, Bound]:
    exact = ((1 - p) ** (1 - n) - (1 - p)) / (2 * p**2)
    derivation = argument("sum over the levels (Böttcher, Doerr, Neumann 2010)", *_STEPS)
    levels = FitnessLevels.apply(p * (1 - p) ** (n - k), start=n, where=BELOW_ONE)
    return (
        Bound("E[T]", "exact", exact, BELOW_ONE, start="uniform", source=BOETTCHER_DOERR_NEUMANN, derivation=derivation),
        because(levels, "With k levels to go the first n - k bits must stay and the next one flip: p (1-p)^(n-k).").with_(
            expr=2 * exact  # the geometric sum in closed form
        ),
    )


def bounds(process: Process) -> list[Bound]:
    """Bounds on LeadingOnes."""
    if not isinstance(process.problem, LeadingOnes):
        return []
    if is_rls(process):
        return _rls()
    if not is_ea(process, static=False) or process.rate_symbols & {"t", "k"}:
        return []
    rate = process.rate
    assert rate is not None
    if not process.is_static:
        return _any_rate(rate)
    result = [for_rate(b, rate) for b in _generic()]
    constant = constant_of(rate)
    if constant is not None:
        leading = (sympy.exp(constant) - 1) / (2 * constant**2) * n**2
        derivation = argument(
            "sum over the levels (Böttcher, Doerr, Neumann 2010)", *_STEPS, "(1 - c/n)^(1-n) tends to e^c for fixed c."
        )
        result.append(
            Bound(
                "E[T]",
                "asymptotic",
                leading,
                result[0].conditions,
                start="uniform",
                source=BOETTCHER_DOERR_NEUMANN,
                derivation=derivation,
            )
        )
    return result


def _any_rate(rate: Expr) -> list[Bound]:
    """The rate may depend on the level v."""
    i = sympy.Symbol("i", integer=True, nonnegative=True)
    here = rate.subs(v, i)
    sum_over_levels = Sum(1 / (here * (1 - here) ** i), (i, 0, n - 1))
    condition = all_levels_ok(rate, v, 0, 0, lambda level, size: level == 0)

    def total(values: dict) -> float:
        level = np.arange(float(int(values["n"])))
        chance = rates_at(rate, v, level, {SYMBOLS[x]: Fraction(y) for x, y in values.items()})
        with np.errstate(all="ignore"):  # a rate of 1 is allowed at v = 0
            return float(np.sum(np.exp(np.where(level == 0, 0.0, -level * np.log1p(-chance))) / chance))

    exact = argument("sum over the levels (Böttcher, Doerr, Neumann 2010)", *_STEPS)
    levels = argument("fitness levels (Wegener 2001)", "Level v is left with probability p (1-p)^v, and entered at most once.")
    return [
        Bound(
            "E[T]", "exact", Rational(1, 2) * sum_over_levels, start="uniform", source=BOETTCHER_DOERR_NEUMANN, derivation=exact,
            condition_function=condition, exact_function=lambda values: total(values) / 2,
        ),
        Bound(
            "E[T]", "upper", sum_over_levels, source=WEGENER, derivation=levels,
            condition_function=condition, exact_function=total,
        ),
    ]  # fmt: skip


def _rls() -> list[Bound]:
    steps = (
        _STEPS[0],
        "So each level v < n is visited with probability 1/2, and left with probability 1/n in every round spent there.",
    )
    derivation = argument("sum over the levels (Böttcher, Doerr, Neumann 2010)", *steps)
    return [
        Bound("E[T]", "exact", n**2 / 2, start="uniform", source=BOETTCHER_DOERR_NEUMANN, derivation=derivation),
        because(FitnessLevels.apply(1 / n, start=n), "Each level is left when the first zero-bit is the one that flips."),
    ]
