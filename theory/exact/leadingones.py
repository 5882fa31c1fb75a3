r"""LeadingOnes: closed forms, from every start.

Notation. Level i: the first i bits are one, bit i+1 is zero. It is left by an offspring with probability w_i = p_i (1-p_i)^i
(standard bit mutation at rate p_i, which may depend on the level, that is on v) or 1/n (RLS with one flip). The bits behind
bit i+1 ride free, so E[T] = sum_{i<n} P(level i is visited) / w_i.

**Uniform start** (Boettcher, Doerr, Neumann, PPSN 2010): the bits behind the first zero stay uniform, each level is visited with
probability 1/2 independently of the others, T is a sum of independent B_i G_i with B_i ~ Ber(1/2), G_i ~ Geo(w_i), and for a
static p: E[T] = ((1-p)^(1-n) - (1-p)) / (2 p^2).

**Other starts.** Give each bit the sign +1 if it is zero, -1 if it is one. While a run is on level i, a set S of m bits behind
bit i+1 is hit by a random number of mutations, and the expected product of its signs is multiplied by

    g_{i,m} = p l / (1 - (1-p) l),  l = (1 - 2 p_i)^m     ties accepted: a geometric number of mutations, each multiplies by l
    g_{i,m} = l                                            strict: only the mutation that leaves the level is accepted
    g_{i,m} = 1 / (1 + 2m), or 1 when strict               RLS: a flip in S before the flip of bit i+1 is accepted

Let f_i[m] be the expected product of the signs of m bits behind the first i bits when the run first has these i ones, divided
by the product of the signs at the start. If s is the starting sign of bit i+1, level i is visited with probability
(1 + s f_i[1])/2, and splitting on it

    f_0[m] = 1,   f_{i+1}[m] = (1 + g_{i,m})/2 f_i[m] + s (g_{i,m} - 1)/2 f_i[m+1].

From a start uniform among the points with k zero-bits, the same recursion holds for the expected products themselves (by
exchangeability they depend on m alone): drop s, and start from f_0[m] = e_m, the mean product of m signs of such a point, which
is the Krawtchouk polynomial K_m(n-k) divided by C(n, m).

As |g| <= 1 the two coefficients have absolute sum 1: rounding errors add up, they never grow.
"""

from __future__ import annotations

import math

import numpy as np
from flint import ctx

from theory.errors import InputError
from theory.exact import mixtures
from theory.exact.balls import ball, to_float
from theory.exact.elimination import too_large
from theory.exact.states import States, rates
from theory.process import Process
from theory.starts import Start
from theory.values import Number

NAME = "closed form of LeadingOnes"
LARGEST_LEVELS = 20_000
"""Bits up to which starts other than the uniform one are solved: the recursion takes n^2/2 steps."""


def refusal(process: Process, values: dict[str, Number], start: Start, order: int = 1) -> str | None:
    """Why this method doesn't apply (empty: it is about other processes), or None if it does."""
    if process.problem.name != "LeadingOnes":
        return ""
    if process.algorithm.mixed and start.kind != "uniform":
        return "the closed form of LeadingOnes at a rate that is drawn needs a uniform start"
    if process.algorithm.mixed and int(values["n"]) > mixtures.LARGEST_LEVELS:
        return f"rates that are drawn are solved up to n = {mixtures.LARGEST_LEVELS} on LeadingOnes"
    if process.algorithm.flips > 1:
        return "the closed form of LeadingOnes needs standard bit mutation or RLS with one flip"
    if "k" in process.rate_symbols:
        return "the closed form of LeadingOnes needs a rate in n, c, v"
    if start.kind == "worst":
        return "the worst start of LeadingOnes is only found by the chain over all points"
    if start.kind != "uniform" and order > 1:
        return "levels are visited independently only from a uniform start"
    if start.kind != "uniform" and int(values["n"]) > LARGEST_LEVELS:
        return f"starts other than the uniform one are solved up to n = {LARGEST_LEVELS} on LeadingOnes"
    return None


def moments(process: Process, values: dict[str, Number], start: Start, order: int = 1) -> tuple[float, ...]:
    """E[T], and E[T^2] where ``order`` is 2 (uniform start only)."""
    n = int(values["n"])
    if start.kind == "uniform" and order == 1 and process.is_static and not process.algorithm.mixed:
        return (_static_uniform(process, values, n),)
    waiting = waiting_times(process, values, n)
    if start.kind == "uniform":
        mean = average_of(np.full(n, 0.5), waiting)
        if order == 1 or math.isinf(mean):
            return (mean, math.inf)[:order]
        return mean, math.fsum(waiting**2 * 0.75 - waiting / 2) + mean**2
    return (average_of(visits(process, values, start), waiting),)


def _static_uniform(process: Process, values: dict[str, Number], n: int) -> float:
    if process.rate is None:
        return n * n / 2
    rate = process.rate_at(values)
    if rate == 0 or (rate == 1 and n > 1):
        return math.inf
    with ctx.workprec(256):
        p = ball(rate)
        return to_float(((1 - p) * (1 / (1 - p)) ** n - (1 - p)) / (2 * p * p)) if rate != 1 else 0.5


def level_rates(process: Process, values: dict[str, Number], n: int) -> np.ndarray:
    """The mutation rate on each level i = 0..n-1."""
    levels = np.arange(n)
    return rates(process, values, States(np.zeros(n, dtype=np.int64), levels, levels, np.zeros(n, dtype=bool)))[0]


def waiting_times(process: Process, values: dict[str, Number], n: int) -> np.ndarray:
    """Expected number of rounds 1/w_i that a visit of level i takes, i = 0..n-1."""
    if process.algorithm.mixed:
        return 1.0 / mixtures.chances_to_rise(process, values)
    if process.rate is None:
        return np.full(n, float(n))
    p = level_rates(process, values, n)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        levels = np.arange(n)
        waiting = np.exp(-np.where(levels > 0, levels * np.log1p(-p), 0.0)) / p
    if (np.isinf(waiting) & (p > 0) & (p < 1)).any():
        raise too_large()
    return waiting


def average_of(weights: np.ndarray, waiting: np.ndarray) -> float:
    """Sum of P(level visited) times the waiting time there."""
    some = weights > 0
    if np.isinf(waiting[some]).any():
        return math.inf
    total = math.fsum(weights[some] * waiting[some])
    if math.isinf(total):
        raise too_large()
    return total


def visits(process: Process, values: dict[str, Number], start: Start) -> np.ndarray:
    """P(level i is visited), i = 0..n-1, from one point or from the points with a given number of zero-bits.

    The absolute error of each is at most 3 n 2^-52.
    """
    n = int(values["n"])
    if start.kind == "count":
        signs, product = np.ones(n), mean_products(n, start.zeros)
    else:
        signs, product = 1.0 - 2.0 * start.bits, np.ones(n)
    factor = _factors(process, values, n)
    result = np.empty(n)
    for i in range(n):
        result[i] = (1.0 + signs[i] * product[0]) / 2
        g = factor(i, n - i - 1)
        product = (1 + g) / 2 * product[:-1] + signs[i] * ((g - 1) / 2) * product[1:]
    return result


def _factors(process: Process, values: dict[str, Number], n: int):
    """g_{i,m} as a function of the level i and the largest m: an array over m = 1, 2, ..."""
    strict = process.algorithm.strict
    m = np.arange(1, n + 1)
    if process.rate is None:
        fixed = np.ones(n) if strict else 1.0 / (1.0 + 2.0 * m)
        return lambda i, most: fixed[:most]
    p = level_rates(process, values, n)

    def of(rate: float, count: np.ndarray) -> np.ndarray:
        power = (1.0 - 2.0 * rate) ** count
        if strict:
            return power
        below = 1.0 - (1.0 - rate) * power
        return np.where(below > 0, rate * power / np.where(below > 0, below, 1.0), 1.0)

    if process.is_static:
        fixed = of(float(p[0]), m)
        return lambda i, most: fixed[:most]
    return lambda i, most: of(float(p[i]), m[:most])


def mean_products(n: int, zeros: int) -> np.ndarray:
    """Mean product of m signs (+1 zero-bit, -1 one-bit) over the points with a number of zero-bits, m = 1..n.

    Exact integers, then one rounding each: (m+1) K_{m+1} = (n-2x) K_m - (n-m+1) K_{m-1} with x one-bits.

    >>> mean_products(2, 1).tolist()
    [0.0, -1.0]
    """
    if not 0 <= zeros <= n:
        raise InputError(f"start: {zeros} zero-bits are not possible with n = {n} bits; use 0 to {n}")
    before, now, ways = 0, 1, 1
    result = np.empty(n)
    for m in range(n):
        before, now = now, ((2 * zeros - n) * now - (n - m + 1) * before) // (m + 1)
        ways = ways * (n - m) // (m + 1)
        result[m] = now / ways
    return result
