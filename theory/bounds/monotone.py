"""Strictly monotone functions (more one-bits are always better), and what holds wherever the optimum is unique.

*RLS.* A flipped zero-bit is accepted and a flipped one-bit rejected, so that T is the coupon collector's time for the k zero-bits
of the start: E[T] = n H_k.

*(1+1) EA, p (n-1) < 1.* Cf. B. Doerr, T. Jansen, D. Sudholt, C. Winzen, C. Zarges, Evolutionary Computation 21 (2013). Let U be
the zero-bits that flip and D the one-bits, z zero-bits in all. With U empty nothing changes. Given U, acceptance is a decreasing
event in D, so by Harris' inequality E[|D|; accepted | U] <= p (n-z) P(accepted | U). Hence the drift of z is at least
(1 - p (n-z)) P(accepted, U not empty) >= (1 - p (n-z)) (1-p)^(n-z) (1 - (1-p)^z) >= (1 - p (n-1)) z p (1-p)^(n-1).

*Lower bound, unique optimum.* Every bit that is wrong at the start must flip at least once: T is at least the largest of as many
geometric times with success probability p, and those are rounded-up exponential times with rate -ln(1-p).
"""

from __future__ import annotations

import functools

import numpy as np
import sympy
from sympy import Expr, harmonic, log

from theory.bounds.common import (
    BELOW_ONE,
    UNIFORM_HARMONIC,
    Bound,
    argument,
    because,
    float_rate,
    for_rate,
    harmonic_of_uniform,
    is_ea,
    is_rls,
    log_of_staying,
    ones_are_best,
    p,
)
from theory.drift import MultiplicativeDrift
from theory.drift.sources import COUPONS, MONOTONE
from theory.problems import Custom, OneMax
from theory.process import Process
from theory.symbols import k, n
from theory.text import formula


def bounds(process: Process) -> list[Bound]:
    """Bounds on strictly monotone functions."""
    if not process.problem.is_strictly_monotone:
        return []
    if is_rls(process):
        return _rls(process)
    if is_ea(process) and not isinstance(process.problem, OneMax):
        rate = process.rate
        assert rate is not None
        multiplicative, variable = _slow_rates()
        return [for_rate(multiplicative, rate), for_rate(variable, rate, exact_function=functools.partial(_sum, rate))]
    return []


def lower_bounds(process: Process) -> list[Bound]:
    """The coupon collector's lower bound for the (1+1) EA, wherever the optimum is known to be unique."""
    if isinstance(process.problem, Custom) or not is_ea(process):
        return []
    rate = process.rate
    assert rate is not None
    from_k, uniform = (for_rate(b, rate) for b in _wrong_bits())
    uniform = uniform.with_(exact_function=lambda values: harmonic_of_uniform(values) / -log_of_staying(rate, values))
    return [uniform, from_k] if ones_are_best(process) else [uniform]


def _rls(process: Process) -> list[Bound]:
    derivation = argument(
        "coupon collector",
        "A flipped zero-bit makes the offspring better: accepted. A flipped one-bit makes it worse: rejected.",
        "With k zero-bits the next one is found with probability k/n; the expected times n/k add up.",
    )
    cut = isinstance(process.problem, Custom) and process.problem._target is not None
    direction = "upper" if cut else "exact"  # with a target below the maximum a run may end earlier
    from_k = Bound("E[T]", direction, n * harmonic(k), start=k, source=COUPONS, derivation=derivation)
    uniform = Bound(
        "E[T]", direction, n * UNIFORM_HARMONIC, start="uniform", source=COUPONS, derivation=derivation,
        exact_function=lambda values: values["n"] * harmonic_of_uniform(values),
    )  # fmt: skip
    anywhere = Bound("E[T]", "upper", n * harmonic(n), source=COUPONS, derivation=derivation)
    return [*([from_k] if ones_are_best(process) else []), uniform, anywhere, *_rls_tails()]


@functools.cache
def _rls_tails() -> tuple[Bound, Bound]:
    why = "A flipped zero-bit is accepted and a flipped one-bit rejected, so k falls by 1 with probability k/n."
    return (
        because(MultiplicativeDrift.apply(k / n, start=n, tail=True), why),
        because(MultiplicativeDrift.apply(k / n, mean=n / 2, tail=True), why).with_(start="uniform"),
    )


@functools.cache
def _slow_rates() -> tuple[Bound, ...]:
    few = sympy.Lt(p * (n - 1), 1, evaluate=False)  # also makes 1 - p (n-z) positive at every z >= 1
    steps = (
        "Only steps that flip a zero-bit change anything. Given those, acceptance is a decreasing event in the flipped one-bits.",
        "By Harris' inequality at most p (n-z) one-bits are lost on average, given acceptance; at least one zero-bit is gained.",
        "No one-bit and some zero-bit flips with probability (1-p)^(n-z) (1 - (1-p)^z) >= z p (1-p)^(n-1).",
    )
    delta = p * (1 - p) ** (n - 1) * (1 - p * (n - 1))
    source = MONOTONE
    drift = f"So the drift of z is at least z {formula(delta)}."
    multiplicative = argument("multiplicative drift (Doerr, Johannsen, Winzen 2012)", *steps, drift)
    variable = argument(
        "variable drift (Johannsen 2010)",
        *steps,
        "The product h(z) of the three non-decreasing factors is non-decreasing, and E[T] <= sum of 1/h(z).",
    )
    h = (1 - p * (n - k)) * (1 - p) ** (n - k) * (1 - (1 - p) ** k)
    z = sympy.Symbol("z", integer=True, positive=True)
    return (
        Bound("E[T]", "upper", (1 + log(n)) / delta, (*BELOW_ONE, few), source=source, derivation=multiplicative),
        Bound("E[T]", "upper", sympy.Sum(1 / h.subs(k, z), (z, 1, n)), (*BELOW_ONE, few), source=source, derivation=variable),
    )


def _sum(rate: Expr, values: dict) -> float:
    """Sum over z = 1, ..., n of 1 / h(z)."""
    size, chance = int(values["n"]), float_rate(rate, values)
    z = np.arange(1.0, size + 1)
    log = log_of_staying(rate, values)
    with np.errstate(all="ignore"):  # sums beyond the floats are infinite
        h = (1 - chance * (size - z)) * np.exp((size - z) * log) * -np.expm1(z * log)
        return float(np.sum(1 / h))


@functools.cache
def _wrong_bits() -> tuple[Bound, Bound]:
    derivation = argument(
        "coupon collector, from below",
        "Every bit that is wrong at the start must flip at least once: T is at least the largest of that many geometric times.",
        "A geometric time with success probability p is an exponential one with rate -ln(1-p), rounded up.",
        "The largest of k exponential times has mean H_k/rate.",
    )
    source = COUPONS
    return (
        Bound("E[T]", "lower", harmonic(k) / -log(1 - p), BELOW_ONE, start=k, source=source, derivation=derivation),
        Bound("E[T]", "lower", UNIFORM_HARMONIC / -log(1 - p), BELOW_ONE, start="uniform", source=source, derivation=derivation),
    )
