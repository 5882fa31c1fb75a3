"""What the bounds on LeadingOnes rest on: how often its levels are visited, in fractions, and from 0^n by a recursion.

S. Böttcher, B. Doerr, F. Neumann, PPSN 2010, for the uniform start; the recursion is that of :mod:`theory.exact.leadingones`.

Level i: the first i bits are ones, bit i + 1 is a zero. Give each bit the sign +1 if it is a zero, -1 if it is a one. While a run
is on level i, each accepted step flips every bit behind bit i + 1 with probability p, whatever it is: it multiplies the expected
product of the signs of m of them by l = (1 - 2p)^m. If ties are accepted there are G such steps up to the one that leaves,
P(G = s) = p (1-p)^(s-1), else only that one. So a visit multiplies it by

    g_m = E[l^G] = p l/(1 - (1-p) l)    (strict: l).

Let f_i[m] be the expected product when the run first has i ones in front. From 0^n f_0[m] = 1. Level i is visited iff bit i + 1
is a zero then, with probability (1 + f_i[1])/2; otherwise the run goes past it. Splitting on that,

    f_{i+1}[m] = (1 + g_m)/2 f_i[m] - (1 - g_m)/2 f_i[m+1].

RLS is the limit p -> 0 of all this, as a bit flips equally often before bit i + 1 does: g_m = 1/(1 + 2m) (strict: 1).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr, Function, Rational

from theory.symbols import SYMBOLS, v

CONSTANTS = tuple(Fraction(x) for x in ("1/10", "1/2", "1", "2"))


def factor(p: Any, m: Any, strict: bool = False) -> Any:
    """g_m, what a visit of a level does to the expected product of m signs; at p = 0 its limit, which is that of RLS.

    >>> factor(Fraction(1, 3), 1), factor(Fraction(0), 1), factor(Fraction(1, 3), 1, strict=True)
    (Fraction(1, 7), Fraction(1, 3), Fraction(1, 3))
    """
    if p == 0:
        return Fraction(1) if strict else Fraction(1, 1 + 2 * m)
    power = (1 - 2 * p) ** m
    return power if strict else p * power / (1 - (1 - p) * power)


def visits_from_zeros(levels: int, p: Fraction, strict: bool = False) -> list[Fraction]:
    """P(level i is visited) from 0^n, i = 0, ..., levels - 1, by the recursion.

    >>> visits_from_zeros(3, Fraction(1, 3))
    [Fraction(1, 1), Fraction(4, 7), Fraction(652, 1225)]
    """
    g = [factor(p, m, strict) for m in range(1, levels + 1)]
    product, found = [Fraction(1)] * levels, []
    for _ in range(levels):
        found.append((1 + product[0]) / 2)
        product = [(1 + x) / 2 * here - (1 - x) / 2 * after for x, here, after in zip(g, product, product[1:])]
    return found


class V_LO(Function):
    """P(level i of LeadingOnes is visited) from 0^n: V_LO(i, p) with ties accepted, V_LO(i, p, 1) without; p = 0 means RLS.

    A number where i is an integer up to 60 and p a rational one.

    Examples
    --------
    >>> from theory.symbols import c, n
    >>> V_LO(1, Rational(1, 3)), V_LO(5, c / n)
    (4/7, V_LO(5, c/n))
    """

    nargs = (2, 3)

    @classmethod
    def eval(cls, level: Any, rate: Any, strict: Any = sympy.S.Zero) -> Expr | None:
        if not (level.is_Integer and 0 <= level <= 60 and rate.is_Rational and 0 <= rate <= 1 and strict in (0, 1)):
            return None
        found = visits_from_zeros(int(level) + 1, Fraction(int(rate.p), int(rate.q)), bool(strict))[-1]
        return Rational(found.numerator, found.denominator)


# ---- decided on the whole chain


def level_visits(process: Any, values: dict[str, Any], zeros: bool = False) -> list[Fraction]:
    """P(level i is visited), i = 0, ..., n - 1, from the chain over all points; from a uniform start or from 0^n.

    The expected number of rounds at each point, times the probability of leaving the level there, adds up to it.

    >>> from theory import LeadingOnes, RLS
    >>> level_visits(RLS().on(LeadingOnes()), {"n": 2}), level_visits(RLS().on(LeadingOnes()), {"n": 2}, zeros=True)
    ([Fraction(1, 2), Fraction(1, 2)], [Fraction(1, 1), Fraction(2, 3)])
    """
    from flint import fmpq, fmpq_mat

    from theory.drift import tables

    states, rows, _, checked = tables._chain(process, values, None)
    n, open_points = int(checked["n"]), [i for i, end in enumerate(states.end) if not end]
    place = {point: row for row, point in enumerate(open_points)}
    matrix, start = fmpq_mat(len(place), len(place)), fmpq_mat(len(place), 1)
    for point, row in place.items():
        start[row, 0] = fmpq(int(point == 0)) if zeros else fmpq(1, 2**n)
        for to, chance in rows[point].items():
            q = fmpq(chance.numerator, chance.denominator)
            matrix[row, row] += q
            if to in place:
                matrix[place[to], row] -= q
    rounds = matrix.solve(start)
    found = [Fraction(0)] * n
    for point, row in place.items():
        leave = sum((x for to, x in rows[point].items() if states.fitness[to] > states.fitness[point]), Fraction(0))
        found[int(states.fitness[point])] += Fraction(int(rounds[row, 0].p), int(rounds[row, 0].q)) * leave
    return found


def _values(process: Any, n: int) -> list[dict[str, Any]]:
    return [{"n": n, "c": constant} for constant in CONSTANTS if constant < n] if "c" in process.needed else [{"n": n}]


def visited_with_one_half(process: Any, n: int) -> bool:
    """Decide: from a uniform start every level is visited with probability 1/2, on the chain over all points, at several c.

    >>> from theory import LeadingOnes, OnePlusOneEA
    >>> visited_with_one_half(OnePlusOneEA("c/n", strict=True).on(LeadingOnes()), 3)
    True
    """
    return all(set(level_visits(process, put)) == {Fraction(1, 2)} for put in _values(process, n))


def visited_as_the_recursion_says(process: Any, n: int, visited: Expr | None = None) -> bool:
    """Decide: from 0^n the levels are visited as often as :func:`visits_from_zeros` says, at several c.

    And, where ``visited`` is given, as this expression in the level v says.

    >>> from theory import LeadingOnes, RLS
    >>> visited_as_the_recursion_says(RLS().on(LeadingOnes()), 4)
    True
    """
    for put in _values(process, n):
        rate = Fraction(0) if process.rate is None else process.rational_rate(process.values(**put))
        found = level_visits(process, put, zeros=True)
        if found != visits_from_zeros(n, rate, process.algorithm.strict):
            return False
        at = {SYMBOLS[name]: Rational(value) for name, value in put.items()}
        if visited is not None and any(Rational(x) != visited.subs({**at, v: i}) for i, x in enumerate(found)):
            return False
    return True
