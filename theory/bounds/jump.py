"""The (1+1) EA on Jump with gap m: fitness levels, the valley included, and the time of the jump itself.

S. Droste, T. Jansen, I. Wegener, TCS 276 (2002), Section 5 (there up to constants; the explicit sums are derived here).

Levels, from the worst: 1, 2, ..., m-1 zero-bits (in the valley more zero-bits are better), then n, n-1, ..., m zero-bits on the
slope, then the optimum.
"""

from __future__ import annotations

import sympy
from sympy import binomial, harmonic

from theory.bounds.common import BELOW_ONE, Bound, Source, argument, for_rate, is_ea, p
from theory.bounds.linear import _at_most_half
from theory.drift.sources import DROSTE_JANSEN_WEGENER
from theory.problems import Jump
from theory.process import Process
from theory.symbols import n


def bounds(process: Process) -> list[Bound]:
    """Bounds for the (1+1) EA with a static rate on Jump."""
    if not isinstance(process.problem, Jump) or not is_ea(process):
        return []
    rate, gap = process.rate, process.problem.gap
    assert rate is not None
    lower = for_rate(_jump_itself(gap), rate)
    return [for_rate(_levels(gap), rate), lower.with_(conditions=(*lower.conditions, *_at_most_half(rate)))]


def _levels(gap: int) -> Bound:
    one_bit = (1 - p) ** (1 - n) / p
    valley = harmonic(n - 1) - harmonic(n - gap) if gap > 1 else sympy.Integer(0)
    slope = harmonic(n) - sympy.harmonic(gap)
    expr = one_bit * (valley + slope) + p**-gap * (1 - p) ** (gap - n)
    derivation = argument(
        "fitness levels (Wegener 2001)",
        f"Valley, k < {gap} zero-bits: one of the n - k one-bits flips alone, probability at least (n-k) p (1-p)^(n-1).",
        f"Slope, k > {gap} zero-bits: one of them flips alone, probability at least k p (1-p)^(n-1).",
        f"Plateau, k = {gap}: exactly the zero-bits flip, probability p^{gap} (1-p)^(n-{gap}).",
        "Each level is left upwards at most once.",
    )
    return Bound("E[T]", "upper", expr, BELOW_ONE, source=DROSTE_JANSEN_WEGENER, derivation=derivation)


def _jump_itself(gap: int) -> Bound:
    below = sympy.Add(*(binomial(n, i) for i in range(gap)))
    expr = (1 - below / 2**n) * p**-gap * (1 - p) ** (gap - n)
    derivation = argument(
        "geometric waiting time",
        f"A run that starts with at least {gap} zero-bits never enters the valley, whose points are worse.",
        f"For p <= 1/2 the optimum is hit from k >= {gap} zero-bits with probability p^k (1-p)^(n-k) <= p^{gap} (1-p)^(n-{gap}).",
    )
    return Bound(
        "E[T]", "lower", expr, BELOW_ONE, start="uniform", source=Source("geometric waiting time"), derivation=derivation
    )
