"""Projections of a vector on random directions: what evolution strategies see of a gradient, checked exactly.

A uniform direction of R^d is a Gaussian vector divided by its length, so the squared length of its projection on m coordinates
is a quotient of chi-squares: Beta(m/2, (d-m)/2). The same law holds for the share that m random directions catch of a fixed
vector. The functions here check that law and how estimates are made of it; derivations replay them.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr

from theory.learning.common import d, m

MEAN_ROOT = sympy.gamma((m + 1) / 2) * sympy.gamma(d / 2) / (sympy.gamma(m / 2) * sympy.gamma((d + 1) / 2))
"""E[B^(1/2)] for B ~ Beta(m/2, (d-m)/2)."""


def projection_moment(dimension: int, directions: int, order: int) -> Fraction:
    """E[|P u|^(2 order)] for u uniform on the sphere, P the projection on so many coordinates, by counting Gaussian pairings.

    A Gaussian vector is its length times an independent uniform direction, so the moment is a quotient of two Gaussian ones, and
    E[prod z_i^(2 a_i)] = prod (2 a_i - 1)!!.

    >>> projection_moment(5, 2, 1)
    Fraction(2, 5)
    """

    def gaussian(size: int) -> int:
        total = 0
        for chosen in itertools.product(range(size), repeat=order):  # E[(z_1^2 + ... + z_size^2)^order], term by term
            total += math.prod(math.prod(range(2 * chosen.count(i) - 1, 0, -2)) for i in set(chosen))
        return total

    return Fraction(gaussian(directions), gaussian(dimension))


def beta_moment(a: Fraction, b: Fraction, order: int) -> Fraction:
    """E[B^order] for B ~ Beta(a, b).

    >>> beta_moment(Fraction(1), Fraction(3, 2), 1)
    Fraction(2, 5)
    """
    return math.prod(((a + i) / (a + b + i) for i in range(order)), start=Fraction(1))


def projections_follow_the_beta_law(largest: int = 5, orders: int = 4, a: Expr = m / 2, b: Expr = (d - m) / 2) -> bool:
    """Whether |P u|^2 has the moments of Beta(a, b), exactly, for all m < d <= largest; a and b in m and d.

    A law on [0, 1] is determined by its moments.
    """

    def shape(of: Expr, dimension: int, directions: int) -> Fraction:
        return Fraction(str(of.subs({m: directions, d: dimension})))

    return all(
        projection_moment(dimension, directions, order)
        == beta_moment(shape(a, dimension, directions), shape(b, dimension, directions), order)
        for dimension in range(2, largest + 1)
        for directions in range(1, dimension)
        for order in range(1, orders + 1)
    )


def project(vector: list[Fraction], directions: list[list[Fraction]]) -> list[Fraction]:
    """The orthogonal projection on the span of some directions, exactly.

    >>> project([Fraction(3), Fraction(4)], [[Fraction(1), Fraction(1)]])
    [Fraction(7, 2), Fraction(7, 2)]
    """
    result = [Fraction(0)] * len(vector)
    basis: list[list[Fraction]] = []
    for direction in directions:
        rest = list(direction)
        for b in basis:
            share = _dot(rest, b) / _dot(b, b)
            rest = [r - share * y for r, y in zip(rest, b)]
        if any(rest):
            basis.append(rest)
            share = _dot(vector, rest) / _dot(rest, rest)
            result = [r + share * y for r, y in zip(result, rest)]
    return result


def _dot(a: list[Fraction], b: list[Fraction]) -> Fraction:
    return sum((y * z for y, z in zip(a, b)), Fraction(0))


def estimates_are_nested(dimension: int = 5, directions: int = 2, steps: int = 4, seed: int = 0) -> bool:
    """Whether on a linear function S_{t+1} = C_t = |g_t|^2/|u|^2 and 1 - C_{t+1} = (1 - C_t)(1 - share), exactly.

    The share is that of the part of u orthogonal to g_t which the new directions, made orthogonal to g_t, catch.
    """
    rng = random.Random(seed)

    def draw() -> list[Fraction]:
        return [Fraction(rng.randint(-9, 9)) for _ in range(dimension)]

    u = draw()
    size = _dot(u, u)
    g = project(u, [draw() for _ in range(directions + 1)])
    for _ in range(steps):
        cosine = _dot(g, u) ** 2 / (_dot(g, g) * size)
        rest = [a - b for a, b in zip(u, g)]  # u without its part along g: <u, g> = |g|^2
        fresh = [[a - b for a, b in zip(z, project(z, [g]))] for z in (draw() for _ in range(directions))]
        caught = project(rest, fresh)
        if cosine != _dot(g, g) / size or _dot(rest, g) != 0:
            return False
        share = _dot(caught, caught) / _dot(rest, rest) if any(rest) else Fraction(0)
        g = project(u, [g, *fresh])
        if 1 - _dot(g, g) / size != (1 - cosine) * (1 - share):
            return False
    return True


def estimates_split_at_the_surrogate(dimension: int = 5, directions: int = 2, draws: int = 20, seed: int = 0) -> bool:
    """Whether C = S + (1 - S) share, exactly, for integer gradients, surrogates and directions.

    The share is that of u without its part along the surrogate, of which the directions, made orthogonal to it, catch some.
    """
    rng = random.Random(seed)
    for _ in range(draws):
        u, surrogate, *fresh = ([Fraction(rng.randint(-9, 9) or 1) for _ in range(dimension)] for _ in range(directions + 2))
        g, along = project(u, [surrogate, *fresh]), project(u, [surrogate])
        rest = [a - b for a, b in zip(u, along)]
        caught = project(rest, [[a - b for a, b in zip(z, project(z, [surrogate]))] for z in fresh])
        s = _dot(along, along) / _dot(u, u)
        cosine = _dot(g, u) ** 2 / (_dot(g, g) * _dot(u, u))
        if any(rest) and cosine != s + (1 - s) * _dot(caught, caught) / _dot(rest, rest):
            return False
    return True


def moments_agree_with_quadrature(cases: tuple = ((6, 2), (8, 3), (9, 5))) -> bool:
    """Whether rigorous quadrature gives E[B^(1/2)] and E[-ln(1-B)] of B ~ Beta(m/2, (d-m)/2) as the gamma functions do.

    With B = sin^2 of an angle, whose density is proportional to sin^(m-1) cos^(d-m-1) on [0, pi/2]; cases are pairs (d, m) with
    m <= d - 2.
    """
    from flint import acb, arb, ctx

    from theory.balls import at

    with ctx.workprec(64):
        for dimension, directions in cases:
            i, j = directions - 1, dimension - directions - 1

            def integral(factor: Callable[[Any], Any], i: int = i, j: int = j) -> arb:
                quarter = acb.pi() / 2
                return acb.integral(lambda y, _: factor(y) * y.sin() ** i * y.cos() ** j, 0, quarter, abs_tol=arb(1e-9)).real

            whole = integral(lambda y: acb(1))
            half = integral(lambda y: y.sin()) / whole
            put = {d: Fraction(dimension), m: Fraction(directions)}
            closed = at(MEAN_ROOT, put)
            if not (half.overlaps(closed) and half.rad() < 1e-6):
                return False
            # ln cos is singular at the end: up to pi/2 - h the integral is a ball, the rest at most h * max(-2 ln cos * cos^j)
            cut = acb.pi() / 2 - acb(arb(2) ** -20)

            def logarithm(y: acb, analytic: bool, i: int = i, j: int = j) -> acb:
                return -2 * y.cos().log(analytic=analytic) * y.sin() ** i * y.cos() ** j

            body = acb.integral(logarithm, 0, cut, abs_tol=arb(1e-9)).real
            rest = arb(0, 1) * arb(2) ** -20 * 28 * arb(2) ** (-20 * j)  # -2 ln cos * cos^j falls to 0 towards the end
            log = (body + rest) / whole
            closed = (arb(dimension) / 2).digamma() - (arb(dimension - directions) / 2).digamma()
            if not (log.overlaps(closed) and log.rad() < 1e-6):
                return False
    return True
