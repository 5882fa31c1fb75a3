"""Balls that are guaranteed to contain E[T]: OneMax and LeadingOnes in ball arithmetic (python-flint).

**OneMax.** With P_ab = P(a zero-bits and b one-bits flip), the chain in its positive form

    E_z = (1 + sum_{b<a} P_ab E_{z-a+b}) / sum_{b<a} P_ab

has no cancellation, so the radii of the balls add up relatively, about n roundings of 2^-bits. Events with a > A are left out, A
chosen such that P(a > A), bounded by a geometric series, is at most 2^-bits over the largest E so far; what is left out enters
as the ball [0, P(a > A)] in the denominator, and as that times [0, max E] in the numerator.

**LeadingOnes.** The recursion of :mod:`theory.exact.leadingones` in balls; its coefficients have absolute sum at most 1.

**RLS** with one flip on strictly monotone functions: n H_z.

The guarantee covers every rounding; it rests on python-flint (Johansson, IEEE Trans. Comput. 66, 2017) alone.
"""

from __future__ import annotations

from math import comb

from flint import arb, ctx, fmpq

from theory.exact import counts
from theory.exact.balls import ball
from theory.exact.errors import NoExactMethod
from theory.exact.starts import rational_weights_by_zeros
from theory.exact.states import require_timeless
from theory.exact.symmetric import collects_coupons
from theory.process import Process
from theory.starts import Start
from theory.symbols import k, v
from theory.values import Number

LARGEST = 5000


def expected(process: Process, values: dict[str, Number], start: Start, bits: int) -> arb:
    """A ball that contains E[T] from a start, computed with ``bits`` bits.

    Raises
    ------
    NoExactMethod
        For other processes than those named above, n > 5000, or a rate of 0 or 1.
    """
    n = int(values["n"])
    require_timeless(process)
    if counts.applies(process):
        with ctx.workprec(bits + 2 * n):  # elimination may lose a bit or two a state
            return _by_zeros(counts.balls(process, values), start, n)
    if n > LARGEST:
        raise NoExactMethod(f"n: balls are computed up to n = {LARGEST}, not at n = {n}")
    with ctx.workprec(bits):
        if collects_coupons(process, n):
            return _by_zeros([n * x for x in _harmonic(n)], start, n)
        if process.problem.name == "OneMax" and process.rate is not None:
            return _by_zeros(onemax(_rates(process, values, [(z, n - z) for z in range(1, n + 1)]), n, bits), start, n)
        if process.problem.name == "LeadingOnes" and process.algorithm.flips <= 1 and "k" not in process.rate_symbols:
            if start.kind != "worst":
                return leadingones(process, values, start)
        raise NoExactMethod(
            "process: balls are computed for RLS with one flip and for standard bit mutation on OneMax and LeadingOnes"
            " (not for the worst start of LeadingOnes)"
        )


def _by_zeros(costs: list[arb], start: Start, n: int) -> arb:
    if start.kind == "worst":
        worst = costs[0]
        for cost in costs[1:]:
            worst = worst.max(cost)
        return worst
    return sum(
        (cost * fmpq(w.numerator, w.denominator) for cost, w in zip(costs, rational_weights_by_zeros(start, n)) if w), arb(0)
    )


def _harmonic(n: int) -> list[arb]:
    result = [arb(0)]
    for i in range(1, n + 1):
        result.append(result[-1] + arb(1) / i)
    return result


def _rates(process: Process, values: dict[str, Number], states: list[tuple[int, int]]) -> list[arb]:
    """Balls around the rate at each (k, v)."""
    expr = process.rate_at(values)
    if process.is_static:
        balls = [ball(expr)] * len(states)
    else:
        balls = [ball(expr.subs({k: zeros, v: fitness})) for zeros, fitness in states]
    for p, at in zip(balls, states):
        if not (p > 0 and p < 1):
            raise NoExactMethod(f"rate: balls need a rate strictly between 0 and 1; {process.rate} is {p.str(6)} at k, v = {at}")
    return balls


def onemax(p: list[arb], n: int, bits: int) -> list[arb]:
    """E_z for z = 0..n; p[z - 1] is the rate at z zero-bits."""
    costs, largest = [arb(0)], arb(1)
    for z in range(1, n + 1):
        rate = p[z - 1]
        odds = rate / (1 - rate)
        ups, tail = _binomial(z, rate, odds, largest * arb(2) ** bits)
        downs, _ = _binomial(n - z, rate, odds, None, len(ups) - 1)
        gain, leave = arb(0), arb(0)
        for a in range(1, len(ups)):
            here, there = arb(0), arb(0)
            for b in range(min(a, len(downs))):
                here += downs[b]
                there += downs[b] * costs[z - a + b]
            leave += ups[a] * here
            gain += ups[a] * there
        omitted = tail * arb(0).union(arb(1))
        costs.append((1 + gain + omitted * largest) / (leave + omitted))
        largest = largest.max(costs[-1])
    return costs


def _binomial(m: int, p: arb, odds: arb, scale: arb | None, most: int | None = None) -> tuple[list[arb], arb]:
    """P(X = i) for i = 0, 1, ..., and a bound on the tail left out: at most 1/scale, or everything above ``most``."""
    law = [(1 - p) ** m]
    while len(law) <= m and (most is None or len(law) <= most):
        i = len(law) - 1
        ratio = odds * (m - i) / (i + 1)
        law.append(law[-1] * ratio)
        after = odds * (m - i - 1) / (i + 2)
        if scale is not None and after < 1:
            tail = law[-1] * after / (1 - after)
            if tail * scale < 1:
                return law, tail
    return law, arb(0)


def leadingones(process: Process, values: dict[str, Number], start: Start) -> arb:
    """The sum over levels of P(visited) times the waiting time."""
    n = int(values["n"])
    if process.rate is None:
        waiting = [arb(n)] * n
        rates: list[arb] = []
    else:
        rates = _rates(process, values, [(0, i) for i in range(n)])
        waiting = [1 / (p * (1 - p) ** i) for i, p in enumerate(rates)]
    if start.kind == "uniform":
        return sum(waiting, arb(0)) / 2
    if start.kind == "count":
        signs, product = [1] * n, _mean_products(n, start.zeros)
    else:
        signs, product = [1 - 2 * int(bit) for bit in start.bits], [arb(1)] * n
    total, factors = arb(0), []
    for i in range(n):
        total += (1 + signs[i] * product[0]) / 2 * waiting[i]
        if not process.is_static or i == 0:
            factors = [_factor(process, rates[i] if rates else None, m) for m in range(1, n - i)]
        product = [((1 + g) * one + signs[i] * (g - 1) * two) / 2 for g, one, two in zip(factors, product, product[1:])]
    return total


def _factor(process: Process, p: arb | None, m: int) -> arb:
    strict = process.algorithm.strict
    if p is None:
        return arb(1) if strict else arb(1) / (1 + 2 * m)
    power = (1 - 2 * p) ** m
    return power if strict else p * power / (1 - (1 - p) * power)


def _mean_products(n: int, zeros: int) -> list[arb]:
    before, now, result = 0, 1, []
    for m in range(n):
        before, now = now, ((2 * zeros - n) * now - (n - m + 1) * before) // (m + 1)
        result.append(arb(now) / comb(n, m + 1))
    return result
