"""Needle from a uniform start: closed sums, for every n at which they fit a float.

Ties accepted, every offspring is accepted until the optimum is found: a random walk on the group {0,1}^n whose step has the
Fourier coefficient l_i = (1 - 2p)^i on characters of i bits (standard bit mutation), or l_i = K_i(r)/C(n, i), a Krawtchouk
polynomial (RLS with r flips). The expected time to hit a fixed point from a uniform one is

    E[T] = sum_{i=1}^n C(n, i) / (1 - l_i)

(the trace formula; the eigenvalue of each character of i bits is l_i). Strict, nothing but the optimum is accepted, and E[T] is
the average of 1/(p^z q^(n-z)): ((1/p + 1/q)^n - q^-n) / 2^n.
"""

from __future__ import annotations

import math
from math import comb

from flint import arb, ctx

from theory.exact.balls import ball, to_float
from theory.process import Process
from theory.starts import Start
from theory.values import Number

NAME = "closed sum"
LARGEST = 1000


def refusal(process: Process, values: dict[str, Number], start: Start, order: int = 1) -> str | None:
    """Why this method doesn't apply (empty: it is about other processes), or None if it does."""
    if process.problem.name != "Needle":
        return ""
    if start.kind != "uniform" or order > 1:
        return "the closed sum is the expectation from a uniform start"
    if process.algorithm.mixed or not process.is_static:
        return "the closed sum needs a static rate"
    if process.rate is None and (process.algorithm.strict or process.algorithm.flips > 1):
        return "the closed sum needs standard bit mutation, or RLS with one flip and ties accepted"
    if int(values["n"]) > LARGEST:
        return f"the closed sum is computed up to n = {LARGEST}"
    return None


def moments(process: Process, values: dict[str, Number], start: Start, order: int = 1) -> tuple[float, ...]:
    """E[T] from a uniform start, correctly rounded but for the last digit."""
    n = int(values["n"])
    if process.rate is None:  # one flip: l_i = 1 - 2i/n
        with ctx.workprec(128):
            return (to_float(sum((arb(comb(n, i)) * n / (2 * i) for i in range(1, n + 1)), arb(0))),)
    rate = process.rate_at(values)
    if rate == 0 or (rate == 1 and n > 1):
        return (math.inf,)
    with ctx.workprec(128 + 2 * n):
        p = ball(rate)
        if n == 1:
            return (to_float(1 / (2 * p)),)
        if process.algorithm.strict:
            q = 1 - p
            return (to_float(((1 / p + 1 / q) ** n - (1 / q) ** n) / arb(2) ** n),)
        return (to_float(sum((comb(n, i) / (1 - (1 - 2 * p) ** i) for i in range(1, n + 1)), arb(0))),)
