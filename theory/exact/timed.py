"""Rates that change with time: the law of T by stepping the law of the state forward, one mutation rate a step.

Notation: p_t the rate of offspring t. The state is the number of zero-bits where fitness depends on it alone, the level of
LeadingOnes from a uniform start (the bits behind the first zero-bit stay uniform whatever the rates), and elsewhere the point.
All sums have non-negative terms; binomial tails below 1e-25 are left out, so that P(T <= t) is off by less than 1e-24 t.

A chain whose rates change has no linear system to solve, and its tail may be as heavy as rates allow: the moments are those of
min(T, L) for the first L with P(T >= L) <= tail.
"""

from __future__ import annotations

import math

import numpy as np
from sympy import Expr

from theory.errors import InputError
from theory.exact.errors import NoExactMethod
from theory.exact.starts import weights_by_points, weights_by_zeros
from theory.exact.states import by_points, by_zeros, rate_function
from theory.process import Process
from theory.starts import Start
from theory.values import Number

LARGEST_WORK = 2e10
LONGEST = 10**6
_CHUNK = 1 << 10


def timed_law(process: Process, values: dict[str, Number], start: Start, tail: float) -> tuple[np.ndarray, float]:
    """P(T = t) for t = 0, 1, ..., and what is left.

    Parameters
    ----------
    process : Process
        Its rate depends on n, c and t.
    values, start : checked
    tail : float
        Where to stop.

    Raises
    ------
    NoExactMethod
        Where no chain is at hand, or P(T > t) does not become small in reasonable time.
    """
    if process.rate_symbols & {"k", "v"}:
        raise NoExactMethod(
            f"rate: {process.rate} depends on t and on the point; exact laws take rates in n, c, t or in n, c, k, v"
        )
    if process.problem.random_acceptance or not process.algorithm.elitist:
        raise NoExactMethod(f"process: {process} has no exact law with a rate in t")
    if start.kind == "worst":
        raise NoExactMethod(
            "start: the worst start is not known for rates in t; give 'uniform', 'zeros' or a number of zero-bits"
        )
    n = int(values["n"])
    rates = rate_function(process.rate_at(values), "t")
    advance, mass, end, work = _chain(process, start, n)
    pmf = [np.array([mass[end].sum()])]
    mass[end] = 0.0
    left, done, cost = float(mass.sum()), 0, 0.0
    while left > tail:
        p = np.array([_probability(rates, process.rate, t) for t in range(done + 1, done + _CHUNK + 1)])
        chunk = np.empty(_CHUNK)
        steps, left = advance(mass, p, chunk, tail)
        pmf.append(chunk[:steps])
        done += steps
        cost += float(work(p[:steps]).sum())
        if left > tail and (cost > LARGEST_WORK or done > LONGEST):
            raise NoExactMethod(f"n: P(T > {done}) is still {left:.3g}; take a smaller n, a larger tail= or larger rates")
    return np.concatenate(pmf), left


def moments(pmf: np.ndarray, left: float) -> tuple[float, float]:
    """Mean and variance of min(T, L), L the length of the array.

    >>> moments(np.array([0.5, 0.25]), 0.25)
    (0.75, 0.6875)
    """
    times = np.arange(len(pmf) + 1.0)
    weights = np.append(pmf, left)
    mean = math.fsum(times * weights)
    return mean, math.fsum((times - mean) ** 2 * weights)


def _probability(rates, rate: Expr | None, t: int) -> float:
    try:
        p = float(rates(float(t)))
    except (ZeroDivisionError, OverflowError, ValueError):
        raise InputError(f"rate: {rate} has no value at t = {t}") from None
    if not 0 <= p <= 1:
        raise InputError(f"rate: {rate} is {p:.6g} at t = {t}; a mutation rate must lie in [0, 1]")
    return p


def _chain(process: Process, start: Start, n: int):
    """(advance, the start's law, the ends, the work of each step) of the smallest chain."""
    from theory.exact import distribution_kernel as kernel

    strict = process.algorithm.strict
    if process.problem.symmetric:
        states = by_zeros(process, n)
        mass = np.zeros(n + 1)
        first, weights = weights_by_zeros(start, n)
        mass[first : first + len(weights)] = weights

        def by_zeros_step(mass, p, chunk, tail):
            return kernel.absorb_timed_zeros(n, states.rank, states.end, strict, mass, p, chunk, tail)

        return by_zeros_step, mass, states.end, lambda p: (n + 1) * np.minimum(n * p + 8 * np.sqrt(n * p) + 8, n + 1.0) ** 2
    if process.problem.name == "LeadingOnes" and start.kind == "uniform":
        level = np.arange(n + 1)
        end = level == n
        return kernel.absorb_timed_levels, 0.5 ** np.minimum(level + 1.0, n), end, lambda p: (n + 1) * np.ones(len(p))
    states = by_points(process, n)  # refuses n > 12 with its reason

    def by_points_step(mass, p, chunk, tail):
        return kernel.absorb_timed_points(n, states.rank, states.end, strict, mass, p, chunk, tail)

    return by_points_step, weights_by_points(start, n).astype(float), states.end, lambda p: 4.0**n * np.ones(len(p))
