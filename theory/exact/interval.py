"""Balls that are guaranteed to contain E[T] (python-flint): which method encloses which process.

======================================================  =====================================================  =======
process                                                 method                                                 n up to
======================================================  =====================================================  =======
RLS with one flip on strictly monotone functions        n H_k                                                  1000000
Metropolis on OneMax                                    a birth-and-death chain, solved upwards                1000000
LeadingOnes, also with a rate for each position,        the sum over the levels                                1000000
uniform start
LeadingOnes, other starts but the worst                 the recursion of :mod:`theory.exact.leadingones`       5000
(1+1) EA on Needle at a static rate                     a sum over the characters of {0,1}^n, below            10000
OneMax, Jump, Plateau, Trap, Needle                     rank by rank (:mod:`theory.exact.lumped_balls`)        10000
partially-ordered EA, Dynamic BinVal                    residual of an approximation (:mod:`.blocks`)          10000
any other                                               over all points                                        10
======================================================  =====================================================  =======

**LeadingOnes.** The recursion has coefficients of absolute sum at most 1, so that radii add up.

**Needle.** Until the optimum is hit every offspring is accepted, a random walk on the group {0,1}^n with eigenvalues
l_i = (1 - 2p)^i; from k zero-bits, with the Krawtchouk polynomials K_i,

    E_k = sum_{i=1}^n (C(n, i) - K_i(k)) / (1 - l_i).

The guarantee covers every rounding; it rests on python-flint (Johansson, IEEE Trans. Comput. 66, 2017) alone.
"""

from __future__ import annotations

from math import comb

from flint import arb, ctx, fmpq, fmpz

from theory.exact import counts, lumped_balls, positions
from theory.exact.errors import NoExactMethod
from theory.exact.states import require_timeless
from theory.exact.steps import rate_balls
from theory.exact.symmetric import collects_coupons
from theory.process import Process
from theory.starts import Start
from theory.values import Number

LARGEST_SUM = 1_000_000
LARGEST_LEVELS = 5000
LARGEST_NEEDLE = 10_000


def expected(process: Process, values: dict[str, Number], start: Start, bits: int) -> arb:
    """A ball that contains E[T] from a start, computed with at least ``bits`` bits.

    Raises
    ------
    NoExactMethod
        If n is too large, the rate may be 0 or 1, or E[T] is infinite.
    """
    n = int(values["n"])
    require_timeless(process)
    if process.algorithm.mixed:
        raise NoExactMethod(f"process: no ball is computed for {process.algorithm.name}, whose rate is drawn")
    if collects_coupons(process, n):
        _require_at_most(n, LARGEST_SUM)
        with ctx.workprec(bits):
            return by_zeros([n * x for x in _harmonic(n)], start, n)
    if positions.refusal(process, values, start) is None:
        _require_at_most(n, LARGEST_SUM)
        with ctx.workprec(bits + 2 * n.bit_length()):
            return positions.ball(process, values)
    if counts.applies(process):
        return _rounded(counts.balls(process, values, bits), start, n, bits)
    if process.problem.name == "LeadingOnes" and process.algorithm.flips <= 1 and "k" not in process.rate_symbols:
        if start.kind != "worst":
            _require_at_most(n, LARGEST_SUM if start.kind == "uniform" else LARGEST_LEVELS)
            with ctx.workprec(bits):
                return leadingones(process, values, start)
    if process.problem.name == "Needle" and process.rate is not None and process.is_static and not process.algorithm.strict:
        if start.kind != "worst":
            _require_at_most(n, LARGEST_NEEDLE)
            with ctx.workprec(bits + 2 * n):
                return needle(process, values, start)
    if process.problem.symmetric:
        return _rounded(lumped_balls.by_number(process, values, bits), start, n, bits)
    costs = lumped_balls.by_point(process, values, bits)
    with ctx.workprec(bits):
        return by_points(costs, start, n)


def _require_at_most(n: int, largest: int) -> None:
    if n > largest:
        raise NoExactMethod(f"n: balls are computed up to n = {largest} here, not at n = {n}")


def _rounded(costs: list[arb | None], start: Start, n: int, bits: int) -> arb:
    with ctx.workprec(bits):
        return by_zeros(costs, start, n)


def by_zeros(costs: list[arb | None], start: Start, n: int) -> arb:
    """The average of E_0, ..., E_n over the law of a start."""
    if start.kind == "count" or start.kind == "point":
        return _finite([costs[start.zeros]])[0]
    if start.kind == "worst":
        return _largest(_finite(costs))
    with ctx.workprec(ctx.prec + 2 * n.bit_length()):  # n roundings
        ways, total = arb(1), arb(0)
        for z, cost in enumerate(_finite(costs)):
            total += cost * ways
            ways = ways * (n - z) / (z + 1)
        return total / arb(2) ** n


def by_points(costs: list[arb | None], start: Start, n: int) -> arb:
    """As :func:`by_zeros`, from E at all 2^n canonical points."""
    from theory.exact.starts import rational_weights_by_points

    if start.kind == "worst":
        return _largest(_finite(costs))
    weights = rational_weights_by_points(start, n)
    some = _finite([cost for cost, w in zip(costs, weights) if w])
    return sum((x * fmpq(w.numerator, w.denominator) for x, w in zip(some, (w for w in weights if w))), arb(0))


def _finite(costs: list[arb | None]) -> list[arb]:
    found = [x for x in costs if x is not None]
    if len(found) < len(costs):
        raise NoExactMethod("process: the optimum is missed with positive probability; E[T] is infinite")
    return found


def _largest(costs: list[arb]) -> arb:
    worst = costs[0]
    for cost in costs[1:]:
        worst = worst.max(cost)
    return worst


def _harmonic(n: int) -> list[arb]:
    result = [arb(0)]
    for i in range(1, n + 1):
        result.append(result[-1] + arb(1) / i)
    return result


def needle(process: Process, values: dict[str, Number], start: Start) -> arb:
    """The sum over the characters, ties accepted."""
    n = int(values["n"])
    ratio = 1 - 2 * rate_balls(process, values, [(n, 0)])[0]
    before, now, ways, power, total = fmpz(0), fmpz(1), fmpz(1), arb(1), arb(0)
    for i in range(1, n + 1):
        if start.kind != "uniform":  # i K_i = (n - 2k) K_(i-1) - (n - i + 2) K_(i-2)
            before, now = now, ((n - 2 * start.zeros) * now - (n - i + 2) * before) // i
        ways = ways * (n - i + 1) // i
        power = power * ratio
        total += (ways if start.kind == "uniform" else ways - now) / (1 - power)
    return total


def leadingones(process: Process, values: dict[str, Number], start: Start) -> arb:
    """The sum over levels of P(visited) times the waiting time."""
    n = int(values["n"])
    if process.rate is None:
        waiting = [arb(n)] * n
        rates: list[arb] = []
    else:
        rates = rate_balls(process, values, [(0, i) for i in range(n)])
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
