"""An independent oracle: the chain over all 2^n points (or over numbers of zero-bits), written from the definitions alone.

It shares nothing with theory.exact: no band, no closed form, no problem hooks. Rational arithmetic (python-flint) where it is
affordable, else floats in a form without cancellation: a state's probability of leaving is the sum over where it goes.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
from flint import fmpq, fmpq_mat


def onemax(x):
    return sum(x)


def leadingones(x):
    return (list(x) + [0]).index(0)


def binval(x):
    return int("".join(map(str, x)), 2)


def needle(x):
    return int(all(x))


def linear(weights):
    exact = [abs(Fraction(str(w))) for w in weights]
    return lambda x: sum(w for w, bit in zip(exact, x) if bit)


def jump(gap):
    def value(x):
        n, ones = len(x), sum(x)
        return gap + ones if ones <= n - gap or ones == n else n - ones

    return value


def trap(x):
    return len(x) + 1 if all(x) else len(x) - sum(x)


def plateau(radius):
    return lambda x: min(sum(x), len(x) - radius) if sum(x) < len(x) else len(x)


def points(n):
    return [tuple((i >> (n - 1 - j)) & 1 for j in range(n)) for i in range(2**n)]


def mutation(n, p=None, flips=None):
    """P(one given set of h positions is what flips), h = 0..n; p may be any number type."""
    if flips is not None:
        return [Fraction(int(h == flips), comb(n, flips)) for h in range(n + 1)]
    return [p**h * (1 - p) ** (n - h) for h in range(n + 1)]


def rational_times(n, f, laws, strict=False):
    """Exact E[T] from every point; laws(point) gives mutation's law there. Blocks of equal fitness are solved as one system."""
    xs = points(n)
    values = [f(x) for x in xs]
    best = len(xs) - 1  # 1^n
    times: dict[int, Fraction] = {best: Fraction(0)}
    for level in sorted(set(values), reverse=True):
        block = [i for i in range(len(xs)) if values[i] == level and i != best]
        above = [i for i in times if values[i] > level or i == best]
        if strict:
            systems = [[i] for i in block]
        else:
            systems = [block] if block else []
        for system in systems:
            size = len(system)
            a, b = fmpq_mat(size, size), fmpq_mat(size, 1)
            for r, i in enumerate(system):
                law = [fmpq(q.numerator, q.denominator) for q in laws(xs[i])]
                total, right = fmpq(0), fmpq(1)
                for j in above:
                    q = law[(i ^ j).bit_count()]
                    total += q
                    right += q * fmpq(times[j].numerator, times[j].denominator)
                for s, j in enumerate(system):
                    if j != i:
                        q = law[(i ^ j).bit_count()]
                        total += q
                        a[r, s] = -q
                a[r, r], b[r, 0] = total, right
            solution = a.solve(b)
            for r, i in enumerate(system):
                times[i] = Fraction(int(solution[r, 0].p), int(solution[r, 0].q))
    return [times[i] for i in range(len(xs))]


def symmetric_times(n, f, law, strict=False):
    """Exact E[T] from z = 0..n zero-bits, for f that depends on z alone; law as from mutation, with Fractions."""
    value = [f((1,) * (n - z) + (0,) * z) for z in range(n + 1)]

    def step(z, y):
        total = Fraction(0)
        for a in range(z + 1):
            b = y - z + a
            if 0 <= b <= n - z:
                total += comb(z, a) * comb(n - z, b) * law[a + b]
        return total

    times: dict[int, Fraction] = {0: Fraction(0)}
    for level in sorted(set(value), reverse=True):
        block = [z for z in range(1, n + 1) if value[z] == level]
        above = [y for y in times if value[y] > level or y == 0]
        for system in [[z] for z in block] if strict else ([block] if block else []):
            a, b = fmpq_mat(len(system), len(system)), fmpq_mat(len(system), 1)
            for r, z in enumerate(system):
                total, right = Fraction(0), Fraction(1)
                for y in above:
                    q = step(z, y)
                    total, right = total + q, right + q * times[y]
                for s, y in enumerate(system):
                    if y != z:
                        q = step(z, y)
                        total += q
                        a[r, s] = fmpq(-q.numerator, q.denominator)
                a[r, r], b[r, 0] = fmpq(total.numerator, total.denominator), fmpq(right.numerator, right.denominator)
            solution = a.solve(b)
            for r, z in enumerate(system):
                times[z] = Fraction(int(solution[r, 0].p), int(solution[r, 0].q))
    return [times[z] for z in range(n + 1)]


def float_matrix(n, f, law, strict=False):
    """(off-diagonal transition matrix, fitness ranks) over all points, as floats."""
    xs = points(n)
    values = [f(x) for x in xs]
    order = {value: i for i, value in enumerate(sorted(set(values)))}
    rank = np.array([order[value] for value in values])
    index = np.arange(len(xs))
    matrix = np.array([float(q) for q in law])[np.bitwise_count(index[:, None] ^ index[None, :])]
    matrix *= rank[None, :] > rank[:, None] if strict else rank[None, :] >= rank[:, None]
    np.fill_diagonal(matrix, 0.0)
    matrix[-1] = 0.0
    return matrix, rank


def float_times(n, f, law, strict=False):
    """E[T] from every point as floats, level by level."""
    matrix, rank = float_matrix(n, f, law, strict)
    leave = matrix.sum(axis=1)
    times = np.zeros(len(rank))
    for level in range(rank.max(), -1, -1):
        block = np.flatnonzero((rank == level) & (np.arange(len(rank)) != len(rank) - 1))
        if not block.size:
            continue
        right = 1.0 + matrix[block] @ times
        if strict or block.size == 1:
            times[block] = right / leave[block]
        else:
            times[block] = np.linalg.solve(np.diag(leave[block]) - matrix[np.ix_(block, block)], right)
    return times


def tails(n, f, law, moments, strict=False):
    """P[T > t] from every point, for each t of an ascending list; an array (times, points)."""
    matrix, _ = float_matrix(n, f, law, strict)
    stay = np.maximum(1.0 - matrix.sum(axis=1), 0.0)
    alive = np.ones(len(matrix))
    alive[-1] = 0.0
    result, now = [], 0
    for t in moments:
        while now < t:
            alive = matrix @ alive + stay * alive
            alive[-1] = 0.0
            now += 1
        result.append(alive.copy())
    return np.array(result)
