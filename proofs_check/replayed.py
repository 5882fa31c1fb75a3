"""Premises of a certificate, each a stream of comparisons (left, sense, right, where), for the independent checker.

A premise about a process is evaluated on whole chains, one about a continuum at points. See :mod:`proofs_check.replay`.
"""

from __future__ import annotations

import itertools

import mpmath
import sympy
from sympy import Rational

from proofs_check.literal import c, chain, costs, holds, k, n, points, s, v, value


def small_cases(fact):
    """Sizes up to 3 (or the smallest one named) and the rates that exist there: (size, point, chain)."""
    for size in [x for x in fact.sizes if x <= 3] or [min(fact.sizes)]:
        for constant in fact.constants if fact.process.needs_c else (None,):
            at = {n: Rational(size)} | ({} if constant is None else {c: constant})
            if (
                size <= 4
                and (constant is None or constant <= size)
                and all(holds(w, at) for w in fact.where if not w.free_symbols - set(at))
            ):
                yield size, at, *chain(fact.process, size, at)


def drift(fact):
    """The drift of a potential, or the probability of reaching a better level, at every point."""
    for size, at, f, best, rows in small_cases(fact):
        for x, row in rows.items():
            here = {y: {**at, k: size - sum(y), v: f[y]} for y in (x, *row)}
            height = {y: value(k if fact.potential is None else fact.potential, here[y]) for y in here}
            if fact.quantity == "leave":
                found = sum(q for y, q in row.items() if y in best or f[y] > f[x])
            else:
                found = sum(q * (height[x] - height[y]) for y, q in row.items())
            yield sympy.sympify(found), fact.sense, value(fact.bound, {**here[x], s: height[x]}), (size, at.get(c), x)


def runtime(fact):
    """E[T] from the starts that are spoken of."""
    for size, at, _, best, rows in small_cases(fact):
        cost = costs(best, rows)
        zeros = {z: [x for x in cost if size - sum(x) == z] for z in range(size + 1)}
        worst = max(cost, key=lambda x: cost[x])
        starts = {"uniform": [(list(cost), {})], "zeros": [(zeros[size], {})], "worst": [([worst], {})],
                  "k": [(zeros[z], {k: z}) for z in range(1, size + 1)]}[fact.start]  # fmt: skip
        for start, more in starts:  # type: ignore[attr-defined]
            here = {**at, **more}
            if all(holds(w, here) for w in fact.where):
                yield sum(cost[x] for x in start) / len(start), fact.sense, value(fact.expr, here), here


def along(fact, *exprs):
    """Points of a premise about a range: of its other symbols, and five along its variable."""
    for at in points(exprs, fact.where, fact.values, limit=8):
        if fact.variable is None or not any(e.has(fact.variable) for e in exprs):
            yield at
            continue
        low, step = value(fact.low, at), 1 if fact.integer else Rational(1, 3)
        high = low + 8 * step if fact.high is None else value(fact.high, at)
        for i in range(6):
            x = sympy.Min(low + i, high) if fact.integer else low + (high - low) * Rational(i, 5)
            yield {**at, fact.variable: x}


def inequality(fact):
    """left >= right along the range."""
    for at in along(fact, fact.left, fact.right):
        yield value(fact.left, at), ">" if fact.strict else ">=", value(fact.right, at), at


def monotone(fact):
    """Neighbouring points along the range."""
    for one, two in itertools.pairwise(along(fact, fact.expr)):
        if {**one, fact.variable: 0} == {**two, fact.variable: 0}:
            yield value(fact.expr, two), ">=", value(fact.expr, one), two


def identity(fact):
    """left = right, but where a side has a pole, as (1 - q^n)/(1 - q) at q = 1."""
    for at in points((fact.left, fact.right), fact.where):
        left, right = value(fact.left, at), value(fact.right, at)
        if not (left.has(sympy.nan, sympy.zoo) or right.has(sympy.nan, sympy.zoo)):
            yield left, "==", right, at


def limit(fact):
    """The distance to the limit falls, and goes on falling; with 300 digits, as fractions have too many there."""
    if (fact.expr - fact.value).has(sympy.Sum, sympy.Product, sympy.Integral, sympy.core.function.AppliedUndef):
        raise NotImplementedError("a long sum, an integral or a function of its own")
    distance = sympy.lambdify(fact.variable, abs(fact.expr - fact.value).subs(dict(fact.others)), "mpmath")
    with mpmath.workdps(300):
        gaps = [sympy.Float(distance(mpmath.mpf(10) ** p), 50) for p in (10, 20, 40, 80)]
    yield gaps[0], ">=", gaps[-1], "n = 10^80"
    yield gaps[2] * Rational(7, 10), ">=", gaps[3], "n = 10^80"


KINDS = {"Inequality": inequality, "Monotone": monotone, "Identity": identity, "DriftFact": drift, "RuntimeFact": runtime,
         "LimitFact": limit}  # fmt: skip
