"""The (1+1) EA on Trap: nearly always the worst possible, p^-n steps.

S. Droste, T. Jansen, I. Wegener, TCS 276 (2002), for the order n^n at rate 1/n; the explicit bounds are derived here.

Trap's fitness is the number k of zero-bits but for the optimum, k = 0. Let p <= 1/2, q = 1 - p.

*From above.* The optimum is hit from k zero-bits with probability p^k q^(n-k) >= p^n in every step: E[T] <= p^-n. At 0^n no other
point is better, so that from there E[T] = p^-n.

*From below.* k only rises until the optimum is hit. From k < n zero-bits it rises with probability at least (n-k) p q^(n-1) in a
step, so that the optimum is hit from level k, if the run comes by, with probability at most (p/q)^(k-1)/(n-k). Level k is only
visited if the start Z has at most k zero-bits. Hence a run from a uniform start comes to 0^n with probability at least

    1 - 2^-n - sum over k = 1, ..., n-1 of P(Z <= k) (p/q)^(k-1)/(n-k).

*As n grows*, p = c/n: P(Z <= k) <= e^(-n/8) for k < n/4 (Hoeffding), and (p/q)^(n/4-1) tends to 0, so that E[T] = (1 + o(1))
(n/c)^n.
"""

from __future__ import annotations

import functools

import numpy as np
import sympy
from sympy import Expr, Integer, Max, Sum, Symbol, binomial

from theory.bounds.common import (
    BELOW_ONE,
    Bound,
    Check,
    argument,
    concluding,
    float_rate,
    for_constant,
    for_rate,
    is_ea,
    levels_up_to,
    p,
    supported,
    under,
)
from theory.bounds.jump import GEOMETRIC, falls_with_k
from theory.bounds.onemax_easiest import up_to_half
from theory.bounds.onemax_lower import with_fractions
from theory.domain import constant_of
from theory.drift.sources import DROSTE_JANSEN_WEGENER
from theory.facts import DriftFact, Identity, LimitFact
from theory.lemmas import of
from theory.problems import Trap
from theory.process import Process
from theory.symbols import c, k, n

_i, _z = Symbol("i", integer=True, nonnegative=True), Symbol("z", integer=True, positive=True)
HIT = p**k * (1 - p) ** (n - k)
MISS = (p / (1 - p)) ** (k - 1) / (n - k)
"""The optimum is hit from k zero-bits with probability HIT in a step, and with at most MISS before k rises."""


def bounds(process: Process) -> list[Bound]:
    """Bounds for the (1+1) EA with a static rate on Trap."""
    if not isinstance(process.problem, Trap) or not is_ea(process):
        return []
    rate = process.rate
    assert rate is not None
    premises, conditions = _premises(process), up_to_half(rate)
    above, at_zeros, below = (under(supported(for_rate(b, rate), *premises), conditions) for b in _generic())
    found = [above, at_zeros, below.with_(exact_function=functools.partial(_value, rate))]
    constant = constant_of(rate)
    return found if constant is None else [*found, *_leading_order(constant, process, found)]


@functools.cache
def _generic() -> tuple[Bound, Bound, Bound]:
    hit = "The optimum is hit from k zero-bits with probability p^k (1-p)^(n-k), which for p <= 1/2 is at least p^n."
    least = argument("geometric waiting time", hit, statement="E[T] <= 1/(the least probability of a hit)",
                     checks=(falls_with_k(),))  # fmt: skip
    exact = argument("geometric waiting time", "At 0^n every other point but the optimum is worse: the run waits there.",
                     statement="E[T] = 1/P(hit)")  # fmt: skip
    escape = argument(
        "geometric waiting time",
        "Until the optimum is hit k only rises, from k < n with probability at least (n-k) p (1-p)^(n-1) in a step.",
        "So it is hit from level k with probability at most (p/q)^(k-1)/(n-k), and level k visited only from starts up to k.",
        "A run that comes to 0^n waits there for p^-n steps.",
        statement="E[T] >= P(the run comes to 0^n) p^-n",
        checks=(
            Check("p^k q^(n-k)/((n-k) p q^(n-1)) = (p/q)^(k-1)/(n-k)", "symbolically", "premise",
                  Identity(HIT / ((n - k) * p * (1 - p) ** (n - 1)), MISS, (*BELOW_ONE, k < n))),
        ),
    )  # fmt: skip
    passed = Sum(Sum(binomial(n, _i), (_i, 0, _z)) * (p / (1 - p)) ** (_z - 1) / (n - _z), (_z, 1, n - 1)) / 2**n
    above = Bound("E[T]", "upper", p**-n, BELOW_ONE, source=GEOMETRIC, derivation=least)
    at_zeros = above.with_(direction="exact", start="zeros", derivation=exact)
    below = above.with_(direction="lower", start="uniform", expr=p**-n * Max(0, 1 - Integer(2) ** -n - passed), derivation=escape)
    return (
        concluding(above, "geometric waiting time, at most", hit=p**n),
        concluding(at_zeros, "geometric waiting time", start=n, hit=of(k, HIT)),
        concluding(below, "a waiting time behind levels that are passed", miss=of(k, MISS), hit=p**n),
    )


def _premises(process: Process) -> tuple[Check, ...]:
    here = with_fractions(process)
    rate = here.rate
    assert rate is not None
    where, how = up_to_half(rate), "exactly on the chain"
    hit = HIT.subs(p, rate)
    rises = hit + (n - k) * rate * (1 - rate) ** (n - 1)
    return (
        Check("the optimum is hit with probability p^k (1-p)^(n-k)", how, "premise",
              DriftFact(here, hit, "==", sympy.Min(k, 1), where=where)),
        Check("which is at least p^n", how, "premise", DriftFact(here, rate**n, ">=", sympy.Min(k, 1), where=where)),
        Check("that is added to (n-k) p (1-p)^(n-1), k rises, with at least this probability together", how, "premise",
              DriftFact(here, rises, ">=", quantity="leave", where=where)),
    )  # fmt: skip


def _value(rate: Expr, values: dict) -> float:
    """The lower bound in floats."""
    from scipy.special import bdtr

    size, chance = int(values["n"]), float_rate(rate, values)
    level = levels_up_to(size - 1)
    passed = float(np.sum(bdtr(level, size, 0.5) * (chance / (1 - chance)) ** (level - 1) / (size - level)))
    share = max(0.0, 1 - 0.5**size - passed)
    if not share:
        return 0.0
    exponent = np.log(share) - size * np.log(chance)
    return float(np.exp(exponent)) if exponent < 709 else float("inf")


def _leading_order(constant: Expr, process: Process, found: list[Bound]) -> list[Bound]:
    """(1 + o(1)) (n/c)^n for the rate constant/n."""
    how, rate = "numerically, at n up to 10^160", c / n
    share = 1 - (rate / (1 - rate)) ** (n / 4 - 1) * (sympy.log(n) + 1) - n**2 * sympy.exp(-n / 8)
    checks = (
        Check("(p/q)^(n/4-1) (ln n + 1) tends to 0", how, "premise",
              LimitFact((rate / (1 - rate)) ** (n / 4 - 1) * (sympy.log(n) + 1), n, Integer(0))),
        Check("n^2 e^(-n/8) tends to 0", how, "premise", LimitFact(n**2 * sympy.exp(-n / 8), n, Integer(0))),
        Check("so that the share of the runs that come to 0^n tends to 1", how, "premise", LimitFact(share, n, Integer(1))),
    )  # fmt: skip
    above, _, below = found
    assert above.derivation is not None and below.derivation is not None
    both = argument(
        "geometric waiting time",
        "A uniform start has fewer than n/4 zero-bits with probability at most e^(-n/8) (Hoeffding), and p/q <= 1.",
        "From n/4 zero-bits on the chance of hitting the optimum on the way is at most (p/q)^(n/4-1) H_n.",
        checks=checks,
        lemmas=(above.derivation, below.derivation),
    )
    upper = argument("geometric waiting time", "E[T] <= p^-n with p = c/n.", lemmas=(above.derivation,))
    leading = (n / constant) ** n
    any_start = Bound(
        "E[T]", "asymptotic", leading, above.conditions, source=DROSTE_JANSEN_WEGENER, derivation=upper, side="upper"
    )
    both_sides = any_start.with_(start="uniform", derivation=both, side="both")
    order, put = (p**-n).subs(p, rate), for_constant(constant)
    return [
        concluding(both_sides, "leading term", put, ratio=share, limit=Integer(1), order=order),
        concluding(any_start, "leading term", put, ratio=Integer(1), limit=Integer(1), order=order),
    ]
