"""Strictly monotone functions (more one-bits are always better), and what holds wherever the optimum is unique.

*RLS.* A flipped zero-bit is accepted and a flipped one-bit rejected, so that T is the coupon collector's time for the k zero-bits
of the start: E[T] = n H_k.

*(1+1) EA.* Let A of the z zero-bits flip and B of the one-bits. With A = 0 nothing changes. For a non-decreasing potential g a
step with A, B >= 1 changes g by nothing or by g(z) - g(z-A+B), and one with B = 0 is accepted: the drift is at least that of the
*pessimist* (T. Jansen, FOGA 2007), who accepts only the changes with B >= A. For g(z) = z it loses at most (B - A)^+, so given
A = a >= 1 the drift is at least a P(B=0) - E[(B-a)^+] >= P(B=0) - E[(B-1)^+] = 1 - E[B] = 1 - p (n-z), in all at least
(1 - (1-p)^z) (1 - p (n-z)) >= p z (1 - p n).

*The older argument* (B. Doerr, T. Jansen, D. Sudholt, C. Winzen, C. Zarges, Evolutionary Computation 21, 2013), for p (n-1) < 1:
given the zero-bits that flip, acceptance is a decreasing event in the flipped one-bits D, so by Harris' inequality
E[|D|; accepted | U] <= p (n-z) P(accepted | U). Hence the drift is at least (1 - p (n-z)) P(accepted, U not empty).

*p = 1/n.* The drift of z is small at z = o(n), but the concave potential g(z) = sum over i <= z of n ln(1 + n/(i-1/2)^2) has one
of at least 11/12 (:mod:`theory.monotone.poea`), and E[T] <= 12/11 g(k) <= 12 pi/11 n^(3/2).

*Lower bound, unique optimum.* Every bit that is wrong at the start must flip at least once: T is at least the largest of as many
geometric times with success probability p, and those are rounded-up exponential times with rate -ln(1-p).
"""

from __future__ import annotations

import functools
from fractions import Fraction

import numpy as np
import sympy
from sympy import Expr, Rational, atan, harmonic, log, pi, sqrt

from theory.algorithms import OnePlusOneEA
from theory.bounds.common import (
    BELOW_ONE,
    UNIFORM_HARMONIC,
    Bound,
    Check,
    argument,
    because,
    concluding,
    float_rate,
    for_rate,
    harmonic_of_uniform,
    is_ea,
    is_rls,
    j,
    levels_up_to,
    log_of_staying,
    on_few_bits,
    ones_are_best,
    p,
    supported,
    under,
)
from theory.domain import constant_of
from theory.drift import MultiplicativeDrift
from theory.drift.sources import COUPONS, ENTROPY, MONOTONE, PESSIMIST
from theory.errors import InputError
from theory.facts import SIZES, Cited, Computation, DriftFact, Identity, Inequality, LimitFact, RuntimeFact
from theory.lemmas import of
from theory.problems import BinVal, Custom, Linear, OneMax, PartiallyOrderedEA
from theory.process import Process
from theory.symbols import c, k, n
from theory.text import formula


def bounds(process: Process) -> list[Bound]:
    """Bounds on strictly monotone functions."""
    if not process.problem.is_strictly_monotone:
        return []
    if is_rls(process):
        return _rls(process)
    if is_ea(process) and not isinstance(process.problem, OneMax):
        assert process.rate is not None
        found = [*no_better_than_pessimist(process), _by_harris(process)]
        hard = not isinstance(process.problem, (BinVal, Linear))  # linear functions take O(n log n)
        return [*found, _by_entropy()] if hard and constant_of(process.rate) == c else found
    return []


def no_better_than_pessimist(process: Process) -> list[Bound]:
    """Bounds for a (1+1) EA with a static rate whose every step is at least as good as the pessimist's.

    That is on strictly monotone functions, also on one that changes from step to step, and for the pessimist.
    """
    rate = process.rate
    assert rate is not None
    mean, tail, variable = _slow_rates()
    h = (1 - (1 - p) ** k) * (1 - p * (n - k))
    premises = [drift_premise(process, low) for low in (k * p * (1 - n * p), h)]
    result = [
        supported(for_rate(mean, rate), *premises[0]),
        supported(for_rate(variable, rate, exact_function=functools.partial(_sum, rate)), *premises[1]),
        supported(for_rate(tail, rate), *premises[0]),
    ]
    constant = constant_of(rate)
    if constant is not None and (constant == 1 or constant.free_symbols):
        equal = () if constant == 1 else (sympy.Eq(constant, 1, evaluate=False),)
        conditions = (*equal, sympy.Ge(n, 2, evaluate=False))
        from_k = ones_are_best(process) and not isinstance(process.problem, Custom)
        result[1:1] = [under(bound, conditions) for bound in _rate_one()[: 2 if from_k else 1]]
    return result


def lower_bounds(process: Process) -> list[Bound]:
    """The coupon collector's lower bound for the (1+1) EA, wherever the optimum is known to be unique."""
    if "optimal" in process.problem.hooks or not is_ea(process):  # a run may end elsewhere than at one point
        return []
    rate = process.rate
    assert rate is not None
    from_k, uniform = (for_rate(b, rate) for b in _wrong_bits())
    uniform = uniform.with_(exact_function=lambda values: harmonic_of_uniform(values) / -log_of_staying(rate, values))
    return [uniform, from_k] if ones_are_best(process) else [uniform]


def _rls(process: Process) -> list[Bound]:
    here = on_few_bits(process)
    derivation = argument(
        "coupon collector",
        "A flipped zero-bit makes the offspring better: accepted. A flipped one-bit makes it worse: rejected.",
        "With k zero-bits the next one is found with probability k/n; the expected times n/k add up.",
        checks=[
            Check("k falls with probability k/n", "exactly on the chain", "premise", DriftFact(here, k / n, "==")),
            Check("k never rises", "the level is left iff k falls", "premise", DriftFact(here, k / n, "==", quantity="leave")),
        ],
    )
    cut = isinstance(process.problem, Custom) and process.problem._target is not None
    direction = "upper" if cut else "exact"  # with a target below the maximum a run may end earlier
    from_k = Bound("E[T]", direction, n * harmonic(k), start=k, source=COUPONS, derivation=derivation)
    uniform = Bound(
        "E[T]", direction, n * UNIFORM_HARMONIC, start="uniform", source=COUPONS, derivation=derivation,
        exact_function=lambda values: values["n"] * harmonic_of_uniform(values),
    )  # fmt: skip
    anywhere = Bound("E[T]", "upper", n * harmonic(n), source=COUPONS, derivation=derivation)
    most, chance = ", at most" if cut else "", of(k, k / n)
    from_k = concluding(from_k, f"one by one{most}", start=k, s=chance)
    uniform = concluding(uniform, f"one by one{most}, uniform start", s=chance)
    anywhere = concluding(anywhere, "one by one, at most", start=n, s=chance)
    return [*([from_k] if ones_are_best(process) else []), uniform, anywhere, *_rls_tails(here)]


@functools.cache
def _rls_tails(here: Process) -> tuple[Bound, Bound]:
    why = "A flipped zero-bit is accepted and a flipped one-bit rejected, so k falls by 1 with probability k/n."
    falls = Check("the drift of k is k/n", "exactly on the chain", "premise", DriftFact(here, k / n, "=="))
    return (
        supported(because(MultiplicativeDrift.apply(k / n, start=n, tail=True), why), falls),
        supported(because(MultiplicativeDrift.apply(k / n, mean=n / 2, tail=True), why).with_(start="uniform"), falls),
    )


def drift_premise(process: Process, low: Expr, where: tuple = ()) -> tuple[Check, ...]:
    """The drift of k is at least ``low`` (in p): on this process or, where it doesn't exist on a few bits, on the pessimist."""
    rate, whose = process.rate, "the drift of k"
    assert rate is not None
    if not any(map(functools.partial(_exists, process), SIZES)):
        process, whose = OnePlusOneEA(rate).on(PartiallyOrderedEA()), "the pessimist's drift of k"
    fact = DriftFact(process, low.subs(p, rate), ">=", where=tuple(w.subs(p, rate) for w in where))
    return (Check(f"{whose} is at least {formula(low)}", "exactly on the chain", "premise", fact),)


def _exists(process: Process, size: int) -> bool:
    try:
        process.problem.check(size)
    except InputError:
        return False
    return True


def _everywhere(function: str, about: str) -> Check:
    """A fact about one step on every strictly monotone function, decided on up to four bits."""
    fact = Computation(f"theory.monotone.acceptance:{function}", (("n", 4),), True, f"{about} (n = 4)")
    return Check(about, "exactly, for every strictly monotone function on four bits", "premise", fact)


@functools.cache
def _slow_rates() -> tuple[Bound, ...]:
    """Multiplicative drift, its tail, and variable drift, from the pessimist's drift."""
    steps = (
        "With no zero-bit among the flipped ones nothing changes; with no one-bit among them the offspring is accepted.",
        "Otherwise the potential changes by g(z) - g(z-A+B) or not at all: at worst exactly what lowers it is accepted.",
        "Given A = a >= 1 the drift of z is at least a P(B=0) - E[(B-a)^+] >= P(B=0) - E[(B-1)^+] = 1 - E[B] = 1 - p (n-z).",
        "So it is at least h(z) = (1 - (1-p)^z) (1 - p (n-z)).",
    )
    below = sympy.Lt(p, 1 / n, evaluate=False)
    low = k * p * (1 - n * p)
    checks = (
        _everywhere("pessimist_bounds", "the drift of every non-decreasing potential is at least the pessimist's"),
        _everywhere("slow_drift_holds", "the drift of z is at least h(z)"),
    )
    linear = "h(z) >= p z (1 - p n), since 1 - (1-p)^z >= p z/(1 + p z) and 1 - p n + p z >= (1 - p n) (1 + p z)."
    u, a = sympy.Symbol("u", positive=True), sympy.Symbol("a", positive=True)
    last = Check("1 - a + u >= (1 - a) (1 + u) for u, a > 0", "symbolically", "premise",
                 Inequality(1 - a + u, (1 - a) * (1 + u)))  # fmt: skip
    found = [
        supported(because(MultiplicativeDrift.apply(low, start=n, where=(below,), tail=tail), *steps, linear), *checks, last)
        for tail in (False, True)
    ]
    few = sympy.Lt(p * (n - 1), 1, evaluate=False)  # also makes 1 - p (n-z) positive at every z >= 1
    z = sympy.Symbol("z", integer=True, positive=True)
    h = (1 - (1 - p) ** z) * (1 - p * (n - z))
    rising = "Both factors of h are non-decreasing in z, so that E[T] <= sum of 1/h(z) over z = 1, ..., n."
    derivation = argument("variable drift (Johannsen 2010)", *steps, rising, checks=checks)
    variable = Bound("E[T]", "upper", sympy.Sum(1 / h, (z, 1, n)), (*BELOW_ONE, few), source=PESSIMIST, derivation=derivation)
    return (
        *(under(b, (*BELOW_ONE, sympy.Lt(n * p, 1, evaluate=False))).with_(source=MONOTONE) for b in found),
        concluding(variable, "variable drift, sum", start=n, h=of(z, h)),
    )


@functools.cache
def _rate_one() -> tuple[Bound, Bound]:
    """p = 1/n: the concave potential with a drift of at least 11/12, from n and from k zero-bits."""
    delta, x, m = Fraction(11, 12), sympy.Symbol("x", positive=True), sympy.Symbol("n", positive=True)
    step, area = log(1 + m / x**2), x * log(1 + m / x**2) + 2 * sqrt(m) * atan(x / sqrt(m))
    bend = 2 * m * (3 * x**2 + m) / (x**2 * (x**2 + m) ** 2)
    checks = (
        _everywhere("pessimist_bounds", "the drift of every non-decreasing potential is at least the pessimist's"),
        Check(f"the pessimist's drift of g is at least {delta}", "by ball arithmetic, for every n >= 2 and every z", "premise",
              Computation("theory.monotone.poea:drift_is_at_least", (("delta", delta),), True,
                          f"p = 1/n: the pessimist's drift of g is at least {delta} for every n >= 2 and 1 <= z <= n", "balls")),
        Check("f(x) = ln(1 + n/x^2) is convex", "its second derivative is positive", "premise",
              Identity(sympy.diff(step, x, 2), bend)),
        Check("f'' > 0", "symbolically", "premise", Inequality(bend, sympy.S.Zero, strict=True)),
        Check("F(x) = x ln(1 + n/x^2) + 2 sqrt(n) atan(x/sqrt(n)) has F' = f", "symbolically", "premise",
              Identity(sympy.diff(area, x), step)),
        Check("F rises to pi sqrt(n)", "numerically, at n = 2", "premise",
              LimitFact(area, x, pi * sqrt(m), ((m, Fraction(2)),))),
    )  # fmt: skip
    derivation = argument(
        "additive drift (He, Yao 2001)",
        "X_t = g(z) = sum over i = 1, ..., z of n ln(1 + n/(i - 1/2)^2): concave, since the terms fall.",
        "In every step the drift of g is at least the pessimist's, who accepts exactly those doubtful steps that lower g.",
        f"That is at least {delta}, so E[T | k] <= g(k) 12/11.",
        "f is convex, so f(i - 1/2) is at most its integral over [i - 1, i]: g(k) <= n F(k), as F(0+) = 0.",
        "F rises to pi sqrt(n).",
        statement="E[T] <= X_0/delta",
        checks=checks,
    )
    anywhere = 1 / Rational(11, 12) * pi * n ** Rational(3, 2)
    from_k = 1 / Rational(11, 12) * n * (k * log(1 + n / k**2) + 2 * sqrt(n) * atan(k / sqrt(n)))
    first = Bound("E[T]", "upper", anywhere, source=PESSIMIST, derivation=derivation)
    second = first.with_(expr=sympy.Piecewise((from_k, k >= 1), (0, True)), start=k)
    drift, here = Rational(delta.numerator, delta.denominator), n * area.subs(m, n)
    lemma = "additive drift of a sum of convex terms"
    return (
        concluding(first, f"{lemma}, any start", most=pi * n ** Rational(3, 2), delta=drift),
        concluding(second, lemma, start=k, area=of(x, here), delta=drift),
    )


def _by_harris(process: Process) -> Bound:
    rate = process.rate
    assert rate is not None
    delta = p * (1 - p) ** (n - 1) * (1 - p * (n - 1))
    few = sympy.Lt(p * (n - 1), 1, evaluate=False)
    return supported(for_rate(_harris(), rate), *drift_premise(process, k * delta, (few,)))


@functools.cache
def _harris() -> Bound:
    few = sympy.Lt(p * (n - 1), 1, evaluate=False)
    delta = p * (1 - p) ** (n - 1) * (1 - p * (n - 1))
    derivation = argument(
        "multiplicative drift (Doerr, Johannsen, Winzen 2012)",
        "Only steps that flip a zero-bit change anything. Given those, acceptance is a decreasing event in the flipped one-bits.",
        "By Harris' inequality at most p (n-z) one-bits are lost on average, given acceptance; at least one zero-bit is gained.",
        "No one-bit and some zero-bit flips with probability (1-p)^(n-z) (1 - (1-p)^z) >= z p (1-p)^(n-1).",
        checks=[
            _everywhere("pessimist_bounds", "the drift of every non-decreasing potential is at least the pessimist's"),
            _everywhere("harris_holds", "given U, acceptance and the number of flipped one-bits aren't positively correlated"),
        ],
    )
    found = Bound("E[T]", "upper", (1 + log(n)) / delta, (*BELOW_ONE, few), source=MONOTONE, derivation=derivation)
    return concluding(found, "multiplicative drift", start=n, low=1, delta=delta)


@functools.cache
def _by_entropy() -> Bound:
    """O(n log^2 n) for 1 < c <= 1.148, what the reconstructed certificate gives to first order in z/n."""
    largest = Fraction(287, 250)
    certified = Computation("theory.monotone.certificate:certified_up_to", (("high", largest),), True,
                            f"every c in [1, {largest}] has a certificate", "balls")  # fmt: skip
    none = Computation("theory.monotone.certificate:refuted", (("c", Fraction(1149, 1000)),), True,
                       "c = 1149/1000 has none: the range is what this reconstruction gives", "balls")  # fmt: skip
    paper = Cited("there is a c_0 > 1 such that E[T] = O(n log^2 n) for all c <= c_0 on every strictly monotone function",
                  str(ENTROPY))  # fmt: skip
    derivation = argument(
        "entropy compression (reconstructed; after Lengler, Martinsson, Steger 2019)",
        "A code writes a run backwards. Where steps are mostly accepted few predecessors are possible, and the code saves bits;",
        "where they are often rejected, the number of zero-bits falls on average. The certificate trades one for the other.",
        "N accepted steps from z zero-bits on would save eta N - O(z log n) bits, so N = O(z log n) halves z.",
        "An accepted step takes O(n/z) steps: O(n log n) for each of log n halvings.",
        "This is a reconstruction to first order in z/n, not the paper's text; the paper names no c_0.",
        checks=(
            Check(f"a certificate for each c in [1, {largest}]", "by ball arithmetic in c and theta", "premise", certified),
            Check("no certificate for c = 1149/1000", "by ball arithmetic", "technical", none),
            Check("the theorem, for some c_0", "cited", "premise", paper),
        ),
    )
    conditions = (
        sympy.Gt(c, 0, evaluate=False),
        sympy.Le(c, Rational(287, 250), evaluate=False),
        sympy.Lt(c, n, evaluate=False),
    )
    return Bound("E[T]", "theta", n * log(n) ** 2, conditions, "heuristic", source=ENTROPY, derivation=derivation, side="upper")


def _sum(rate: Expr, values: dict) -> float:
    """Sum over z = 1, ..., n of 1 / h(z)."""
    size, chance = int(values["n"]), float_rate(rate, values)
    z = levels_up_to(size)
    log = log_of_staying(rate, values)
    with np.errstate(all="ignore"):  # sums beyond the floats are infinite
        h = (1 - chance * (size - z)) * -np.expm1(z * log)
        return float(np.sum(1 / h))


@functools.cache
def _wrong_bits() -> tuple[Bound, Bound]:
    derivation = argument(
        "coupon collector, from below",
        "Every bit that is wrong at the start must flip at least once: T is at least the largest of that many geometric times.",
        "A geometric time with success probability p is an exponential one with rate -ln(1-p), rounded up.",
        "The largest of k exponential times has mean H_k/rate.",
        checks=[Check("the largest of k exponential times of rate 1 has mean H_k", "by inclusion and exclusion", "premise",
                      Identity(sympy.Sum((-1) ** (j + 1) * sympy.binomial(k, j) / j, (j, 1, k)), harmonic(k))),
                Check("E[T] >= H_k / -ln(1-p), on the function that only needs the flips", "exactly at small n", "premise",
                      RuntimeFact(OnePlusOneEA(c / n).on(OneMax()), harmonic(k) / -log(1 - c / n), ">=", "k", where=(c < n,)))],
    )  # fmt: skip
    source = COUPONS
    from_k = Bound("E[T]", "lower", harmonic(k) / -log(1 - p), BELOW_ONE, start=k, source=source, derivation=derivation)
    uniform = from_k.with_(expr=UNIFORM_HARMONIC / -log(1 - p), start="uniform")
    return (
        concluding(from_k, "flips that are needed", start=k, p=p),
        concluding(uniform, "harmonic number of a uniform start, from below", each=-1 / log(1 - p)),
    )
