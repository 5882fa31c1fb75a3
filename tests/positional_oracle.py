"""An independent oracle for rates by position: E[T] from every point, from all flips, in fractions (no tests here)."""

from __future__ import annotations

import functools
import itertools
from fractions import Fraction

import oracle
import sympy
from flint import fmpq, fmpq_mat

from theory import InitialSegment, LeadingOnes, OneMax, OnePlusOneEA, i

VALUES = {"OneMax": oracle.onemax, "LeadingOnes": oracle.leadingones}
RATES = ("1/(i+1)", "1/(i+1)**2", "2/(i+3)", "i/20", "1/(2**i + 1)", "Max(1/7, 1/(i + 1))", "(7 - i)/(9 + i**2)")
BASES = (OneMax(), LeadingOnes())


def process_of(rate, base, strict=False):
    return OnePlusOneEA(rate, strict).on(InitialSegment(base))


def fractions_of(rate, size, **values):
    expr = OnePlusOneEA(rate).on(InitialSegment()).rate.subs({sympy.Symbol(x, positive=True): y for x, y in values.items()})
    return [Fraction(str(expr.subs(i, x))) for x in range(1, size + 1)]


@functools.cache
def enumerated(rates, name, strict=False):
    """E[T] from every point: all sets of flips of all points, and one linear system in fractions; knows nothing of levels."""
    size, f = len(rates), VALUES[name]
    points = list(itertools.product((0, 1), repeat=size))
    index = {x: at for at, x in enumerate(points)}
    law = {}
    for flips in points:
        chance = fmpq(1)
        for p, flip in zip(rates, flips):
            chance *= fmpq(p.numerator, p.denominator) if flip else 1 - fmpq(p.numerator, p.denominator)
        law[flips] = chance
    last = len(points) - 1  # 1^n
    matrix, right = fmpq_mat(last, last), fmpq_mat(last, 1)
    for x in points[:-1]:
        at = index[x]
        matrix[at, at] = matrix[at, at] + 1
        right[at, 0] = 1
        for flips, chance in law.items():
            y = tuple(a ^ b for a, b in zip(x, flips))
            kept = y if f(y) > f(x) or (f(y) == f(x) and not strict) else x
            if index[kept] != last:
                matrix[at, index[kept]] = matrix[at, index[kept]] - chance
    solution = matrix.solve(right)
    return [Fraction(int(solution[at, 0].p), int(solution[at, 0].q)) for at in range(last)] + [Fraction(0)]


def uniform_mean(times):
    return sum(times) / len(times)
