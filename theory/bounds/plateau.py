"""The (1+1) EA on Plateau: fitness levels, the plateau left by one jump.

D. Antipov, B. Doerr, ACM TELO 1 (2021), have the precise value; the explicit upper bound here is for every n.

Slope, k > r zero-bits: one of them flips alone, probability at least k p (1-p)^(n-1). Plateau, 1 <= k <= r: exactly the k
zero-bits flip, probability p^k (1-p)^(n-k), which for p <= 1/2 is at least p^r (1-p)^(n-r).
"""

from __future__ import annotations

from fractions import Fraction

from sympy import harmonic

from theory.bounds.common import BELOW_ONE, Bound, Check, argument, for_rate, is_ea, p, supported, tidy
from theory.bounds.linear import _at_most_half
from theory.drift.sources import WEGENER
from theory.facts import RuntimeFact
from theory.problems import Plateau
from theory.process import Process
from theory.symbols import n


def bounds(process: Process) -> list[Bound]:
    """An upper bound for the (1+1) EA with a static rate on Plateau."""
    if not isinstance(process.problem, Plateau) or not is_ea(process):
        return []
    radius, rate = process.problem.radius, process.rate
    assert rate is not None
    expr = (1 - p) ** (1 - n) / p * (harmonic(n) - harmonic(radius)) + p**-radius * (1 - p) ** (radius - n)
    derivation = argument(
        "fitness levels (Wegener 2001)",
        f"Slope, k > {radius} zero-bits: one of them flips alone, probability at least k p (1-p)^(n-1).",
        f"Plateau: from k <= {radius} zero-bits those flip, probability p^k (1-p)^(n-k) >= p^{radius} (1-p)^(n-{radius}).",
        "Each level is left upwards at most once.",
    )
    bound = for_rate(Bound("E[T]", "upper", expr, BELOW_ONE, source=WEGENER, derivation=derivation), rate)
    conditions = tidy((*bound.conditions, *_at_most_half(rate), n >= radius))
    if conditions is None:
        return []
    bound = bound.with_(conditions=conditions)
    halves = tuple(Fraction(x) for x in ("1/2", "1", "3/2", "2"))
    fact = RuntimeFact(process, bound.expr, "<=", "worst", (2, 3, 4, 5), halves, tuple(bound.conditions))
    return [supported(bound, Check(fact.text, "on the whole chain", "premise", fact))]
