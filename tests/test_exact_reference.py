"""Every exact method against a chain written as plainly as possible: all masks, fractions, Gaussian elimination."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numba
import numpy as np
import pytest

from theory import RLS, BinVal, Custom, Jump, LeadingOnes, Linear, Needle, OneMax, OnePlusOneEA
from theory.exact import expected_runtime, full_transition_matrix, transition_matrix_by_zeros, worst_start


@numba.njit
def twin_peaks(x):
    """A plateau, a trap and the optimum."""
    ones = x.sum()
    return 9 if ones == x.size else (5 if ones == 0 else ones // 2)


@numba.njit
def reached_early(x):
    return x.sum()


PROBLEMS = [
    OneMax(), LeadingOnes(), BinVal(), Linear([3, -1, 1]), Linear(["0.1", "0.2", "0.3"]), Needle(), Jump(2), Jump(3),
    Custom(twin_peaks), Custom(reached_early, target=2),
]  # fmt: skip
STARTS = ["uniform", "zeros", 0, 1, 2, 3, [1, 0, 0], [0, 1, 1]]


def naive(problem, n, law, strict):
    """Fractions E[x] for each canonical point x; law(k, v) gives the probability of one set of h flips, h = 0..n.

    None where the optimum is missed with positive probability.
    """
    points = list(itertools.product((0, 1), repeat=n))
    value = {x: problem.value(np.array(x)) for x in points}
    if isinstance(problem, Custom):
        done = {x for x in points if value[x] >= problem.target(n)}
    else:
        done = {(1,) * n}
    step = {}
    for x in points:
        chances = law(n - sum(x), value[x])
        row = dict.fromkeys(points, Fraction(0))
        for mask in points:
            y = tuple(a ^ b for a, b in zip(x, mask))
            accepted = value[y] > value[x] if strict else value[y] >= value[x]
            row[y if accepted else x] += chances[sum(mask)]
        step[x] = row
    reaches = {x: {x} for x in points}
    for _ in points:
        for x in points:
            if x not in done:
                reaches[x] |= {z for y in points if step[x][y] for z in reaches[y]}
    lost = {x for x in points if any(not (reaches[y] & done) for y in reaches[x])}
    unknown = [x for x in points if x not in done and x not in lost]
    rows = [[Fraction(x == y) - step[x][y] for y in unknown] + [Fraction(1)] for x in unknown]
    for i in range(len(rows)):
        pivot = next(j for j in range(i, len(rows)) if rows[j][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [entry / rows[i][i] for entry in rows[i]]
        for j in range(len(rows)):
            if j != i and rows[j][i]:
                rows[j] = [a - rows[j][i] * b for a, b in zip(rows[j], rows[i])]
    return {**dict.fromkeys(done, Fraction(0)), **dict.fromkeys(lost), **{x: rows[i][-1] for i, x in enumerate(unknown)}}, step


def start_weights(problem, n, start):
    points = list(itertools.product((0, 1), repeat=n))
    if start == "uniform":
        return {x: Fraction(1, 2**n) for x in points}
    if isinstance(start, int):
        chosen = [x for x in points if n - sum(x) == start]
        return {x: Fraction(1, len(chosen)) for x in chosen}
    user = [0] * n if start == "zeros" else start
    return {tuple(int(a == b) for a, b in zip(user, problem.optimum(n))): Fraction(1)}


def static(p):
    return lambda n: lambda k, v: [p**h * (1 - p) ** (n - h) for h in range(n + 1)]


def level_dependent(n):
    return lambda k, v: [(1 / Fraction(v + 2)) ** h * (1 - 1 / Fraction(v + 2)) ** (n - h) for h in range(n + 1)]


def zeros_dependent(n):
    return lambda k, v: [Fraction(k, n + 1) ** h * (1 - Fraction(k, n + 1)) ** (n - h) for h in range(n + 1)]


def flips(r):
    return lambda n: lambda k, v: [Fraction(int(h == r), math.comb(n, r)) for h in range(n + 1)]


ALGORITHMS = [
    (OnePlusOneEA("1/3"), static(Fraction(1, 3)), False),
    (OnePlusOneEA("1/3", strict=True), static(Fraction(1, 3)), True),
    (OnePlusOneEA("9/10"), static(Fraction(9, 10)), False),
    (OnePlusOneEA(1), static(Fraction(1)), False),
    (OnePlusOneEA(0), static(Fraction(0)), False),
    (OnePlusOneEA("1/(v+2)"), level_dependent, False),
    (OnePlusOneEA("k/(n+1)"), zeros_dependent, False),
    (RLS(), flips(1), False),
    (RLS(strict=True), flips(1), True),
    (RLS(2), flips(2), False),
    (RLS(3, strict=True), flips(3), True),
]


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_expected_runtimes_equal_those_of_the_plainest_chain(problem):
    n = 3
    for algorithm, law, strict in ALGORITHMS:
        if "v" in str(algorithm) and str(problem).startswith("Linear(weights=[3"):
            continue  # its fitness reaches -1, where 1/(v+2) is 1 and beyond
        process = algorithm.on(problem)
        expected, _ = naive(problem, n, law(n), strict)
        for start in STARTS:
            weights = start_weights(problem, n, start)
            lost = any(expected[x] is None for x in weights)
            right = math.inf if lost else sum(w * expected[x] for x, w in weights.items())
            where = f"{process} from {start}"
            assert expected_runtime(process, n=n, start=start, rational=True) == right, where
            assert expected_runtime(process, n=n, start=start) == pytest.approx(float(right), rel=1e-13), where
        top = math.inf if None in expected.values() else max(expected.values())
        assert expected_runtime(process, n=n, start="worst", rational=True) == top
        start, value = worst_start(process, n=n)
        assert value == pytest.approx(float(top), rel=1e-13)
        assert expected_runtime(process, n=n, start=start) == pytest.approx(value, rel=1e-13)


@pytest.mark.parametrize("problem", [OneMax(), BinVal(), Jump(2), Needle(), Linear([3, -1, 1])], ids=str)
def test_transition_matrices_are_those_of_the_plainest_chain(problem):
    n = 3
    points = list(itertools.product((0, 1), repeat=n))
    for algorithm, law, strict in ALGORITHMS[:5] + ALGORITHMS[7:]:
        _, step = naive(problem, n, law(n), strict)
        matrix = full_transition_matrix(algorithm.on(problem), n=n)
        right = np.array([[float(step[x][y]) for y in points] for x in points])
        right[-1] = np.eye(8)[-1]  # the optimum absorbs
        np.testing.assert_allclose(matrix, right, atol=1e-15)
        if problem.symmetric:
            zeros = np.array([n - sum(x) for x in points])
            lumped = np.stack([right[:, zeros == z].sum(axis=1) for z in range(n + 1)], axis=1)
            np.testing.assert_allclose(transition_matrix_by_zeros(algorithm.on(problem), n=n)[zeros], lumped, atol=1e-15)


@pytest.mark.parametrize("n", [1, 2, 5, 8])
@pytest.mark.parametrize("problem", [OneMax(), LeadingOnes(), BinVal(), Needle(), Jump(1)], ids=str)
def test_floats_agree_with_fractions(problem, n):
    for algorithm in (OnePlusOneEA("c/n"), OnePlusOneEA("c/n", strict=True), RLS()):
        for c in ("1/2", 1, 2) if algorithm.rate is not None else (1,):
            if Fraction(c) > n:
                continue
            process = algorithm.on(problem)
            fraction = expected_runtime(process, n=n, c=c, rational=True)
            assert expected_runtime(process, n=n, c=c) == pytest.approx(float(fraction), rel=1e-13)


def test_with_rate_one_half_every_offspring_is_uniform():
    for problem in (OneMax(), LeadingOnes(), BinVal(), Needle(), Linear([5, -3, "0.01", 7])):
        assert expected_runtime(OnePlusOneEA("1/2").on(problem), n=4, rational=True) == 15
        assert expected_runtime(OnePlusOneEA("1/2").on(problem), n=4, start=2, rational=True) == 16
