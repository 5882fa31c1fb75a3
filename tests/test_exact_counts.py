"""Plateau, Trap, the partially-ordered EA, Dynamic BinVal, Metropolis: exact chains against enumeration."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import oracle
import pytest
from flint import arb, ctx, fmpq

from sim import simulate
from theory import (
    RLS,
    BinVal,
    DynamicBinVal,
    InputError,
    Metropolis,
    OneMax,
    OnePlusOneEA,
    PartiallyOrderedEA,
    Plateau,
    Trap,
    c,
    exact,
    k,
    n,
)
from theory.drift.tables import potential_table
from theory.exact.errors import NoExactMethod

EA = OnePlusOneEA(c / n)
PO, DYNAMIC = EA.on(PartiallyOrderedEA()), EA.on(DynamicBinVal())


def bit_times(size: int, accept, law) -> list[Fraction]:
    """E[T] from every point of {0,1}^n (optimum last), by Gauss-Jordan in fractions on the whole chain over points.

    ``accept(x, y)`` is the probability of accepting y as the successor of x, ``law(h)`` that of one set of h flips.
    """
    points = list(itertools.product((0, 1), repeat=size))
    count = len(points) - 1
    rows = []
    for i, x in enumerate(points[:-1]):
        row = [Fraction(0)] * (count + 1)
        row[count] = Fraction(1)
        for j, y in enumerate(points):
            if i != j:
                chance = law(sum(a != b for a, b in zip(x, y))) * accept(x, y)
                row[i] += chance
                if j < count:
                    row[j] -= chance
        rows.append(row)
    for i in range(count):
        pivot = next(j for j in range(i, count) if rows[j][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [entry / rows[i][i] for entry in rows[i]]
        for j in range(count):
            if j != i and rows[j][i]:
                rows[j] = [a - rows[j][i] * b for a, b in zip(rows[j], rows[i])]
    return [row[count] for row in rows] + [Fraction(0)]


def dynamic_binval(x, y) -> Fraction:
    """All orders of the bits, one by one: the first flipped bit in the order decides."""
    good = 0
    for order in itertools.permutations(range(len(x))):
        first = next(i for i in order if x[i] != y[i])
        good += y[first]
    return Fraction(good, math.factorial(len(x)))


def pessimist(q: Fraction):
    def accept(x, y) -> Fraction:
        if all(b >= a for a, b in zip(x, y)):
            return Fraction(1)
        if all(b <= a for a, b in zip(x, y)):
            return Fraction(0)
        return q * (sum(y) <= sum(x)) + (1 - q) * (sum(y) >= sum(x))

    return accept


def standard(size: int, p: Fraction):
    return lambda flips: p**flips * (1 - p) ** (size - flips)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
@pytest.mark.parametrize("constant", [Fraction(1, 2), Fraction(1)])
def test_random_acceptance_matches_the_chain_over_all_points(size, constant):
    if constant == size:
        pytest.skip("p = 1 is not meant here")
    law = standard(size, constant / size)
    for problem, accept in (
        (DynamicBinVal(), dynamic_binval),
        (PartiallyOrderedEA(), pessimist(Fraction(1))),
        (PartiallyOrderedEA("1/3"), pessimist(Fraction(1, 3))),
    ):
        times = bit_times(size, accept, law)
        found = exact.expected_runtime(EA.on(problem), n=size, c=constant, rational=True)
        assert found == sum(times) / 2**size
        assert exact.expected_runtime(EA.on(problem), n=size, c=constant, rational=True, start="zeros") == times[0]
        assert exact.expected_runtime(EA.on(problem), n=size, c=constant) == pytest.approx(float(found), rel=1e-12)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_metropolis_on_onemax_matches_the_chain_over_all_points(size):
    alpha = Fraction(5, 2)
    law = lambda flips: Fraction(int(flips == 1), size)  # noqa: E731
    times = bit_times(size, lambda x, y: Fraction(1) if sum(y) > sum(x) else 1 / alpha, law)
    assert exact.expected_runtime(Metropolis("5/2").on(OneMax()), n=size, rational=True) == sum(times) / 2**size


def test_metropolis_accepts_less_and_less_that_is_worse_and_becomes_local_search():
    assert exact.expected_runtime(Metropolis(10**15).on(OneMax()), n=30) == pytest.approx(
        exact.expected_runtime(RLS().on(OneMax()), n=30), rel=1e-9
    )
    assert exact.expected_runtime(Metropolis(1).on(OneMax()), n=10) > 1000  # a random walk on the cube
    process = Metropolis("c*n").on(OneMax())
    drift = process.drift(n=6, c=2)
    closed = [float(process.drift().subs({n: 6, c: 2, k: z})) for z in range(7)]
    assert drift[1:] == pytest.approx(closed[1:], abs=1e-14) and drift[0] == 0


@pytest.mark.parametrize(
    ("process", "values", "published"),
    [
        (PO, {"n": 10, "c": 1}, 63.56613186),
        (PO, {"n": 20, "c": 1}, 199.7670405),
        (PO, {"n": 100, "c": 1}, 2443.657974),
        (PO, {"n": 400, "c": 1}, 19809.72738),
        (PO, {"n": 100, "c": "0.8"}, 1644.0876),
        (PO, {"n": 100, "c": "1.1"}, 3861.1077),
        (PO, {"n": 200, "c": "1.2"}, 124621.12),
        (DYNAMIC, {"n": 10, "c": 1}, 51.969754),
        (DYNAMIC, {"n": 400, "c": 1}, 7064.956),
        (DYNAMIC, {"n": 100, "c": "1.4"}, 1682.3278),
        (DYNAMIC, {"n": 200, "c": 2}, 242319.66),
        (EA.on(Plateau(2)), {"n": 10, "c": 1}, 111.19614312307982),
        (EA.on(Plateau(2)), {"n": 20, "c": 1}, 435.0154296532359),
        (EA.on(Plateau(3)), {"n": 20, "c": 1}, 2247.8549460393883),
    ],
    ids=str,
)
def test_exact_values_are_those_of_independent_solutions(process, values, published):
    assert exact.expected_runtime(process, **values) == pytest.approx(published, rel=3e-8)


@pytest.mark.parametrize("problem", [Plateau(1), Plateau(2), Plateau(3), Trap()], ids=str)
@pytest.mark.parametrize("strict", [False, True])
def test_plateau_and_trap_match_the_oracle_from_every_number_of_zero_bits(problem, strict):
    size, p = 4, Fraction(1, 3)
    ea = OnePlusOneEA("1/3", strict=strict)
    times = oracle.rational_times(size, problem.value, lambda x: oracle.mutation(size, p), strict)
    points = list(oracle.points(size))
    for zeros in range(1, size + 1):
        mine = [t for x, t in zip(points, times) if size - sum(x) == zeros]
        assert exact.expected_runtime(ea.on(problem), n=size, start=zeros, rational=True) == sum(mine) / len(mine)


def test_plateau_and_trap_are_simulated_with_the_exact_mean():
    for problem, size in ((Plateau(2), 8), (Trap(), 4)):
        process = OnePlusOneEA("3/(2*n)").on(problem)
        mean, variance = exact.runtime_moments(process, n=size)
        runs = simulate(process, n=size, replicates=20_000, seed=5)
        assert abs(runs.evaluations.mean() - mean) < 4 * (variance / 20_000) ** 0.5  # error 6e-5


def test_balls_contain_the_fractions():
    for process in (PO, DYNAMIC):
        ball = exact.expected_runtime_interval(process, n=12, c=Fraction(3, 2))
        value = exact.expected_runtime(process, n=12, c=Fraction(3, 2), rational=True)
        with ctx.workprec(512):
            exactly = arb(fmpq(value.numerator, value.denominator))
            assert ball.overlaps(exactly) and not ball.overlaps(exactly * (1 + arb(10) ** -25))
        assert float(ball.rad()) < 1e-25 * float(value)


def test_moments_and_distributions_agree():
    law = exact.runtime_distribution(DYNAMIC, n=12, c=1)
    mean, variance = exact.runtime_moments(DYNAMIC, n=12, c=1)
    times = np.arange(len(law.pmf))
    assert (times * law.pmf).sum() == pytest.approx(mean, abs=1e-4)
    assert ((times - mean) ** 2 * law.pmf).sum() == pytest.approx(variance, rel=1e-4)


def test_drift_tables_know_these_processes():
    rows = potential_table("", DYNAMIC, None, {"n": 5, "c": 1})
    assert [float(drift) for _, drift, _ in rows] == pytest.approx(DYNAMIC.drift(n=5, c=1)[1:].tolist(), abs=1e-14)
    assert PO.drift(n=9, c=2)[1] < 0  # c > 1 drifts away from the optimum
    assert exact.transition_matrix_by_zeros(DYNAMIC, n=7, c=1).sum(axis=1) == pytest.approx(np.ones(8))


def test_a_planted_wrong_rule_is_caught():
    class Wrong(PartiallyOrderedEA):
        def acceptance(self, a, b):
            return Fraction(int(a >= b))

    right = exact.expected_runtime(PO, n=4, c=1, rational=True)
    assert exact.expected_runtime(EA.on(Wrong()), n=4, c=1, rational=True) != right


@pytest.mark.parametrize(
    "call",
    [
        lambda: PartiallyOrderedEA(2),
        lambda: Plateau(0),
        lambda: Metropolis("1/2"),
        lambda: exact.expected_runtime(Metropolis("1/n").on(OneMax()), n=3),
        lambda: exact.expected_runtime(Metropolis(2).on(BinVal()), n=3),
        lambda: exact.expected_runtime(EA.on(Plateau(5)), n=3, c=1),
        lambda: exact.expected_runtime(OnePlusOneEA("1/n", strict=True).on(DynamicBinVal()), n=3),
        lambda: exact.expected_runtime(OnePlusOneEA("1/(v+1)").on(DynamicBinVal()), n=3),
        lambda: exact.expected_runtime(PO, n=200_000, c=1),
        lambda: exact.expected_runtime_interval(PO, n=20_000, c=1),
        lambda: PO.drift(),
        lambda: PO.drift("v", n=4, c=1),
        lambda: Metropolis(2).on(OneMax()).transition(k, k - 1),
        lambda: DynamicBinVal().value([0, 1]),
    ],
)
def test_wrong_input_is_refused_in_one_line(call):
    with pytest.raises((InputError, NoExactMethod)) as error:
        call()
    assert "\n" not in str(error.value)
