"""Dynamic BinVal, BinVal with a new random order of the bits in every generation: the (1+1) EA below and above its threshold.

J. Lengler, U. Schaller, SSCI 2018; J. Lengler, J. Meier, PPSN 2020. The finite-n bounds are derived here.

Notation: z zero-bits, q = 1 - p, A ~ Bin(z, p) zero-bits and B ~ Bin(n-z, p) one-bits flip. The offspring is accepted iff the
most significant flipped bit is a zero-bit, with probability A/(A+B) exactly. So the drift of z is

    E[(A - B) A/(A+B)] = p z - 2 E[A B/(A+B)] >= p z - 2 E[A] E[B/(1+B)] = p z (2 E[1/(1+B)] - 1),

since B/(A+B) <= B/(1+B) for A >= 1, with E[1/(1+B)] = (1 - q^(n-z+1))/(p (n-z+1)). That rises with z; at z = 1 it is
(1 - q^n)/(p n), and the drift is at least z (2 (1 - q^n)/n - p).
"""

from __future__ import annotations

import functools

import numpy as np
import sympy
from sympy import Expr, exp, log

from theory.bounds.common import (
    BELOW_ONE,
    Bound,
    Check,
    Source,
    argument,
    concluding,
    float_rate,
    for_constant,
    for_rate,
    is_ea,
    levels_up_to,
    log_of_staying,
    p,
    supported,
)
from theory.domain import constant_of
from theory.facts import Cited, Computation, DriftFact, Identity, LimitFact
from theory.lemmas import of
from theory.problems import DynamicBinVal
from theory.process import Process
from theory.symbols import c, k, n, t
from theory.text import formula

LENGLER_MEIER = Source(
    "drift on Dynamic BinVal (cf. Lengler, Meier 2020)",
    "@inproceedings{LenglerMeier2020,\n  author = {Lengler, Johannes and Meier, Jonas},\n"
    "  title = {Large population sizes and crossover help in dynamic environments},\n"
    "  booktitle = {Parallel Problem Solving from Nature (PPSN XVI)},\n  year = {2020}\n}",
)
DELTA = 2 * (1 - (1 - p) ** n) / n - p
H = p * k * (2 * (1 - (1 - p) ** (n - k + 1)) / (p * (n - k + 1)) - 1)


def bounds(process: Process) -> list[Bound]:
    """Bounds for the (1+1) EA with a static rate on Dynamic BinVal."""
    if not isinstance(process.problem, DynamicBinVal) or not is_ea(process):
        return []
    rate = process.rate
    assert rate is not None
    mean, variable, tail = _generic()
    premises = [
        Check(f"the drift of k is at least {formula(low)}", "exactly on the chain", "premise",
              DriftFact(process, low.subs(p, rate), ">="))
        for low in (k * DELTA, H)
    ]  # fmt: skip
    result = [
        supported(for_rate(mean, rate), premises[0]),
        supported(for_rate(variable, rate, exact_function=functools.partial(_sum, rate)), premises[1]),
        supported(for_rate(tail, rate), premises[0]),
    ]
    constant = constant_of(rate)
    if constant is not None and constant.free_symbols:
        result.append(_asymptotic(constant))
    if constant == c:
        result.append(_threshold())
    return result


@functools.cache
def _generic() -> tuple[Bound, Bound, Bound]:
    towards = sympy.Gt(2 * (1 - (1 - p) ** n), n * p, evaluate=False)
    steps = (
        "The offspring is accepted iff the most significant of its A + B flipped bits is a zero-bit: with probability A/(A+B).",
        "The drift of z is E[(A-B) A/(A+B)] = p z - 2 E[A B/(A+B)], and A B/(A+B) <= A B/(1+B).",
        "E[1/(1+B)] = (1 - q^(m+1))/(p (m+1)) with m = n - z one-bits, which rises with z.",
    )
    m, q = sympy.Symbol("m", integer=True, nonnegative=True), sympy.Symbol("q", positive=True)
    i = sympy.Symbol("i", integer=True, nonnegative=True)
    mean_share = sympy.Sum(sympy.binomial(m, i) * (1 - q) ** i * q ** (m - i) / (1 + i), (i, 0, m))
    checks = (
        Check("E[1/(1+B)] = (1 - q^(m+1))/((1-q) (m+1))", "the binomial theorem", "premise",
              Identity(mean_share, (1 - q ** (m + 1)) / ((1 - q) * (m + 1)), (q < 1,))),
        Check("A B/(A+B) <= A B/(1+B) for A >= 1", "A + B >= 1 + B", "premise",
              Computation("theory.bounds.dynamic_binval:share_is_at_most", (("largest", 30),), True,
                          "a b/(a+b) <= a b/(1+b) for 1 <= a <= 30 and 0 <= b <= 30")),
    )  # fmt: skip
    low = f"So the drift of z is at least z ({formula(DELTA)})."
    multiplicative = argument("multiplicative drift (Doerr, Johannsen, Winzen 2012)", *steps, low, checks=checks)
    rising = "So it is at least h(z) = p z (2 E[1/(1+B)] - 1), both factors non-decreasing: E[T] <= sum of 1/h(z)."
    variable = argument("variable drift (Johannsen 2010)", *steps, rising, checks=checks)
    z = sympy.Symbol("z", integer=True, positive=True)
    conditions = (*BELOW_ONE, towards)
    source = LENGLER_MEIER
    mean = Bound("E[T]", "upper", (1 + log(n)) / DELTA, conditions, source=source, derivation=multiplicative)
    levels = Bound("E[T]", "upper", sympy.Sum(1 / H.subs(k, z), (z, 1, n)), conditions, source=source, derivation=variable)
    tail = Bound("P[T > t]", "upper", n * (1 - DELTA) ** t, conditions, source=source, derivation=multiplicative)
    return (
        concluding(mean, "multiplicative drift", start=n, low=1, delta=DELTA),
        concluding(levels, "variable drift, sum", start=n, h=of(k, H)),
        concluding(tail, "multiplicative drift, tail", start=n, low=1, delta=DELTA),
    )


def share_is_at_most(largest: int) -> bool:
    """Decide a b/(a+b) <= a b/(1+b) for 1 <= a <= largest and 0 <= b <= largest, in integers.

    >>> share_is_at_most(5)
    True
    """
    return all(a * b * (1 + b) <= a * b * (a + b) for a in range(1, largest + 1) for b in range(largest + 1))


def _sum(rate: Expr, values: dict) -> float:
    """Sum over z = 1, ..., n of 1 / h(z)."""
    size, chance = int(values["n"]), float_rate(rate, values)
    z = levels_up_to(size)
    stay = log_of_staying(rate, values)
    more = size - z + 1
    with np.errstate(all="ignore"):  # sums beyond the floats are infinite
        return float(np.sum(1 / (chance * z * (-2 * np.expm1(more * stay) / (chance * more) - 1))))


def _asymptotic(constant: Expr) -> Bound:
    limit = 2 * (1 - exp(-constant)) - constant
    at_c = 2 * (1 - exp(-c)) - c
    fact = LimitFact(n * DELTA.subs(p, c / n), n, at_c)
    ratio = (1 + log(n)) / (n * DELTA.subs(p, c / n)) / log(n)
    how = "numerically, at n up to 10^160"
    derivation = argument(
        "multiplicative drift (Doerr, Johannsen, Winzen 2012)",
        "For fixed c, n delta tends to 2 (1 - e^-c) - c, and ln n + 1 is (1 + o(1)) ln n.",
        "Only the upper side is derived.",
        checks=[
            Check("n delta -> 2 (1 - e^-c) - c", "numerically", "premise", fact),
            Check("(1 + ln n)/(n delta ln n) tends to its reciprocal", how, "premise", LimitFact(ratio, n, 1 / at_c)),
        ],
    )
    conditions = (sympy.Gt(limit, 0, evaluate=False), sympy.Lt(constant, n, evaluate=False))
    found = Bound("E[T]", "asymptotic", n * log(n) / limit, conditions, source=LENGLER_MEIER, derivation=derivation, side="upper")
    return concluding(found, "leading term", for_constant(constant), ratio=ratio, limit=1 / at_c, order=n * log(n))


@functools.cache
def _threshold() -> Bound:
    """c_0 with 2 (1 - e^-c_0) = c_0."""
    root = 2 + sympy.LambertW(-2 * exp(-2))
    checks = (
        Check("c_0 = 2 + W(-2 e^-2) solves 2 (1 - e^-c) = c", "by the definition of W", "premise",
              Computation("theory.bounds.dynamic_binval:threshold_is_a_zero", (), True, "2 (1 - e^-c) - c changes its sign "
                          "within 10^-30 of c_0", "balls")),
        Check("negative drift near the optimum makes the time exponential", "cited", "premise",
              Cited("a drift away from the target on an interval of linear length, with exponentially decaying steps, takes "
                    "exponential time", "P. Oliveto, C. Witt, Algorithmica 59 (2011)")),
    )  # fmt: skip
    derivation = argument(
        "the sign of the drift near the optimum",
        "For z = o(n) steps flip at most one zero-bit up to lower order; the drift is (z/n) (2 (1 - e^-c) - c).",
        "Below c_0 E[T] = O(n log n), derived; above it the drift points away from the optimum for 0 < z < eps n.",
        checks=checks,
    )
    return Bound("threshold c", "threshold", root, status="cited", source=LENGLER_MEIER, derivation=derivation)


def threshold_is_a_zero() -> bool:
    """Prove that 2 (1 - e^-x) - x changes its sign within 10^-30 of the constant, by balls.

    >>> threshold_is_a_zero()
    True
    """
    import mpmath
    from flint import arb, ctx

    from theory.constants import dynamic_binval_threshold

    with ctx.workdps(60):
        middle, radius = arb(mpmath.nstr(dynamic_binval_threshold(50), 50)), arb(10) ** -30
        low, high = (2 * (1 - (-x).exp()) - x for x in (middle - radius, middle + radius))
        return bool(low > 0 and high < 0)
