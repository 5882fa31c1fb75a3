"""Needle: exact, from the eigenvalues of mutation where ties are accepted, from one geometric time where they aren't.

Cf. J. Garnier, L. Kallel, M. Schoenauer, *Rigorous hitting times for binary mutations*, Evolutionary Computation 7 (1999).

Ties accepted: until the needle is found the current point is a random walk on the group {0,1}^n. Its characters are the
products of j coordinates, with eigenvalue l_j = (1-2p)^j (RLS: 1 - 2j/n), and the time to hit the identity from a point with k
zero-bits is the sum over characters chi other than 1 of (1 - chi(x)) / (1 - l). There are C(n, j) characters of degree j; their
values at x add up to the Krawtchouk number K_j(k) = sum over i of (-1)^i C(k, i) C(n-k, j-i). Over uniform x the K_j average
to 0.

Strict: the start never moves before the needle is hit, with probability p^k (1-p)^(n-k) each time.
"""

from __future__ import annotations

import functools
import math
from fractions import Fraction

from sympy import Expr, Sum, Symbol, binomial

from theory.balls import at
from theory.bounds.common import BELOW_ONE, Bound, argument, for_rate, is_ea, is_rls, p
from theory.drift.sources import GARNIER_KALLEL_SCHOENAUER
from theory.problems import Needle
from theory.process import Process
from theory.symbols import SYMBOLS, k, n
from theory.text import formula

j = Symbol("j", integer=True, positive=True)
i = Symbol("i", integer=True, nonnegative=True)


def bounds(process: Process) -> list[Bound]:
    """Exact values on Needle."""
    if not isinstance(process.problem, Needle):
        return []
    if is_rls(process):
        if process.algorithm.strict:
            return []
        return [b.with_(exact_function=functools.partial(_sum, None, b.start == k)) for b in _walk(j * 2 / n, ())]
    if not is_ea(process):
        return []
    rate = process.rate
    assert rate is not None
    if process.algorithm.strict:
        return [for_rate(b, rate) for b in _strict()]
    return [for_rate(b, rate, exact_function=functools.partial(_sum, rate, b.start == k)) for b in _ties()]


@functools.cache
def _ties() -> tuple[Bound, ...]:
    return tuple(_walk(1 - (1 - 2 * p) ** j, BELOW_ONE))


def _walk(gap, conditions: tuple) -> list[Bound]:
    derivation = argument(
        "eigenvalues of mutation (cf. Garnier, Kallel, Schoenauer 1999)",
        "Until the needle is found the current point is a random walk on the group {0,1}^n.",
        f"Products chi of j coordinates are its eigenvectors; 1 minus the eigenvalue is {formula(gap)}.",
        "The hitting time of 1^n from x is the sum of (1 - chi(x))/(1 - eigenvalue) over them.",
        "The C(n, j) characters of degree j average to 0 over uniform x.",
    )
    krawtchouk = Sum((-1) ** i * binomial(k, i) * binomial(n - k, j - i), (i, 0, j))
    return [
        Bound("E[T]", "exact", Sum(binomial(n, j) / gap, (j, 1, n)), conditions, start="uniform",
              source=GARNIER_KALLEL_SCHOENAUER, derivation=derivation),
        Bound("E[T]", "exact", Sum((binomial(n, j) - krawtchouk) / gap, (j, 1, n)), conditions, start=k,
              source=GARNIER_KALLEL_SCHOENAUER, derivation=derivation),
    ]  # fmt: skip


def _sum(rate: Expr | None, from_k: bool, values: dict) -> float:
    """The sum with all K_j(k) at once: they are the coefficients of (1-x)^k (1+x)^(n-k)."""
    from flint import arb, ctx, fmpq, fmpz_poly

    size, zeros = int(values["n"]), int(values.get("k", 0))
    if from_k and zeros == 0:
        return 0.0
    if size > 1100:
        return math.inf  # 2^n is beyond the floats
    ways = fmpz_poly([1, 1]) ** size
    if from_k:
        ways = ways - fmpz_poly([1, -1]) ** zeros * fmpz_poly([1, 1]) ** (size - zeros)
    put = {SYMBOLS[x]: Fraction(y) for x, y in values.items()}
    tiny = 0 if rate is None else max(0, -math.floor(float(at(rate, put, bits=64).log().mid()) / math.log(2)))
    with ctx.workprec(128 + tiny):  # 1 - (1-2p)^j loses the bits of 1/p
        if rate is None:
            return float(sum((arb(ways[i]) * arb(fmpq(size, 2 * i)) for i in range(1, size + 1)), arb(0)).mid())
        shrink = at(1 - 2 * rate, put, bits=120 + tiny)
        total, power = arb(0), arb(1)
        for i in range(1, size + 1):
            power = power * shrink
            total += arb(ways[i]) / (1 - power)
        return float(total.mid())


@functools.cache
def _strict() -> tuple[Bound, ...]:
    from theory.bound import Source

    source = Source("geometric waiting time")
    derivation = argument(
        "geometric waiting time",
        "No offspring but the needle is accepted, and from k > 0 zero-bits it is hit with probability p^k (1-p)^(n-k).",
        "The mean over a uniform start is 2^-n times the sum over k >= 1 of C(n, k) p^-k (1-p)^(k-n).",
    )
    uniform = ((p * (1 - p)) ** (-n) - (1 - p) ** (-n)) / 2**n
    from sympy import Gt

    return (
        Bound("E[T]", "exact", uniform, BELOW_ONE, start="uniform", source=source, derivation=derivation),
        Bound(
            "E[T]",
            "exact",
            p ** (-k) * (1 - p) ** (k - n),
            (*BELOW_ONE, Gt(k, 0, evaluate=False)),
            start=k,
            source=source,
            derivation=derivation,
        ),
    )
