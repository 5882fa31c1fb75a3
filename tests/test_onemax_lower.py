"""OneMax from below, and as the easiest function: against chains written from the definitions alone."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from fractions import Fraction
from math import comb, inf, log

import numpy as np
import oracle
import pytest
from sympy import Integer

from theory import BinVal, LeadingOnes, OneMax, OnePlusOneEA, c, k, n
from theory.balls import number_of
from theory.bounds import onemax_easiest, onemax_lower
from theory.catalogue import bounds_of
from theory.facts import Computation, Identity, Inequality, RuntimeFact

SIZES = range(1, 13)
PROCESS = OnePlusOneEA(c / n).on(OneMax())


def constants_of(size):
    """A grid of c up to n/2, as p <= 1/2 asks."""
    grid = {Fraction(1, 10), Fraction(1, 2), Fraction(1), Fraction(3, 2), Fraction(2), Fraction(size, 4), Fraction(size, 2)}
    return sorted(x for x in grid if 2 * x <= size)


def by_hand(size, p):
    """w_1, ..., w_n as the theorem has them, from the binomial laws alone."""
    law = lambda bits, i: comb(bits, i) * p**i * (1 - p) ** (bits - i)  # noqa: E731
    found = []
    for j in range(1, size + 1):
        no_loss = sum(law(j - 1, a) * law(size - j, b) for a in range(j) for b in range(min(a, size - j) + 1))
        found.append(max(Fraction(0), Fraction(1, j) - p / (2 * (1 - p))) / (p * no_loss))
    return found


@pytest.mark.parametrize("strict", [False, True])
def test_the_lower_bounds_on_onemax_stay_below_the_exact_chain(strict):
    from_k, uniform = onemax_lower.bounds_for(OnePlusOneEA(c / n, strict).on(OneMax()))
    assert (from_k.start, uniform.start) == (k, "uniform")
    for size in SIZES:
        for constant in constants_of(size):
            p = constant / size
            truth = oracle.symmetric_times(size, oracle.onemax, oracle.mutation(size, p), strict)
            sums = [Fraction(0), *itertools.accumulate(by_hand(size, p))]
            assert all(said <= value for said, value in zip(sums, truth))
            mean = sum(comb(size, z) * sums[z] for z in range(size + 1)) / Fraction(2**size)
            assert uniform.evaluate(n=size, c=constant) == pytest.approx(float(mean), rel=1e-12)
            for zeros in {1, size // 2 or 1, size}:
                assert from_k.evaluate(n=size, c=constant, k=zeros) == pytest.approx(float(sums[zeros]), rel=1e-12)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_the_printed_formula_is_the_sum_of_the_weights(size):
    from_k, uniform = onemax_lower.bounds_for(PROCESS)
    for constant in constants_of(size):
        weights = by_hand(size, constant / size)
        at_k = number_of(from_k.expr, {n: Fraction(size), c: constant, k: Fraction(size)})
        assert Fraction(str(at_k)) == sum(weights)
        mean = sum(w * sum(comb(size, i) for i in range(j, size + 1)) for j, w in enumerate(weights, 1)) / Fraction(2**size)
        assert Fraction(str(number_of(uniform.expr, {n: Fraction(size), c: constant}))) == mean


def test_the_bound_is_at_least_three_quarters_of_the_truth_at_n_100_and_tends_to_it():
    from theory.exact import expected_runtime

    (uniform,) = (b for b in onemax_lower.bounds_for(PROCESS) if b.start == "uniform")
    ratios = [uniform.evaluate(n=size, c=1) / expected_runtime(PROCESS, n=size, c=1) for size in (10, 100, 1000)]
    assert ratios == sorted(ratios) and ratios[1] > 0.75 and ratios[2] < 1


def test_the_bound_is_refused_above_one_half_where_its_proof_ends():
    for bound in onemax_lower.bounds_for(PROCESS):
        assert bound.holds_for(n=10, c=5, k=3) and not bound.holds_for(n=10, c="5.01", k=3)


@pytest.mark.parametrize(
    "problem, function", [(BinVal(), oracle.binval), (LeadingOnes(), oracle.leadingones)], ids=["BinVal", "LeadingOnes"]
)
def test_what_bounds_onemax_from_below_bounds_every_function_with_a_unique_optimum(problem, function):
    found = onemax_lower.bounds_for(OnePlusOneEA(c / n).on(problem))
    for size in range(1, 6):
        for constant in constants_of(size):
            law = oracle.mutation(size, constant / size)
            times = oracle.rational_times(size, function, lambda x, law=law: law)
            zeros = [size - sum(x) for x in oracle.points(size)]
            for bound in found:
                if bound.start == "uniform":
                    assert bound.evaluate(n=size, c=constant) <= float(sum(times)) / 2**size * (1 + 1e-12)
                    continue
                for time, z in zip(times, zeros):
                    if z:
                        assert bound.evaluate(n=size, c=constant, k=z) <= float(time) * (1 + 1e-12)


# ---- OneMax is the easiest


def weak_orders(count):
    """Every way in which count points can be ranked, ties allowed: as rows of ranks 0, 1, ..."""
    return [ranks for ranks in itertools.product(range(count), repeat=count) if set(ranks) == set(range(max(ranks) + 1))]


def times_of_all(orders, law, strict):
    """E[T] from every point of {0,1}^3 but the optimum, for each order of these points; batched linear systems."""
    count = orders.shape[1]
    index = np.arange(count)
    chance = law[np.bitwise_count(index[:, None] ^ index[None, :])]
    accepted = orders[:, None, :] > orders[:, :, None] if strict else orders[:, None, :] >= orders[:, :, None]
    moves = np.where(accepted, chance, 0.0)
    moves[:, index, index] = 0.0
    leave = moves.sum(axis=2) + law[np.bitwise_count(index ^ count)]
    matrix = -moves
    matrix[:, index, index] = leave
    return np.linalg.solve(matrix, np.ones((len(orders), count, 1)))[:, :, 0]


@pytest.mark.parametrize("strict", [False, True])
def test_no_function_on_three_bits_with_a_unique_optimum_is_easier_than_onemax(strict):
    """All of them: 47293 orders of the seven other points, from each of these."""
    orders = np.array(weak_orders(7), dtype=np.int8)
    assert len(orders) == 47293
    onemax = np.array([[x.bit_count() for x in range(7)]], dtype=np.int8)
    for p in (0.03, 1 / 6, 1 / 3, 0.45, 0.5):
        law = np.array([p**h * (1 - p) ** (3 - h) for h in range(4)])
        best = times_of_all(onemax, law, False)[0]
        assert best == pytest.approx([float(x) for x in onemax_easiest.times(3, lambda x: x.bit_count(), Fraction(p), False)[:7]])
        found = times_of_all(orders, law, strict)
        assert (found >= best * (1 - 1e-10)).all()
    law = np.array([0.9**h * 0.1 ** (3 - h) for h in range(4)])  # p = 0.9: here others are faster
    assert (times_of_all(orders, law, strict) < 0.5 * times_of_all(onemax, law, False)).any()


@pytest.mark.parametrize("size, functions", [(4, 12), (5, 5)])
def test_no_random_function_with_a_unique_optimum_is_easier_than_onemax(size, functions):
    drawn = random.Random(7)
    xs = oracle.points(size)
    for number in range(functions):
        levels = drawn.choice([2, 4, 2**size])
        values = {x: drawn.randrange(levels) for x in xs[:-1]} | {xs[-1]: levels}
        p = drawn.choice([Fraction(1, 20), Fraction(1, size), Fraction(1, 3), Fraction(1, 2)])
        law, strict = oracle.mutation(size, p), bool(number % 2)
        best = oracle.symmetric_times(size, oracle.onemax, law)
        found = oracle.rational_times(size, values.__getitem__, lambda x, law=law: law, strict)
        assert all(time >= best[size - sum(x)] for x, time in zip(xs, found))


def test_the_whole_law_on_onemax_is_dominated_not_only_its_mean():
    law = oracle.mutation(4, Fraction(2, 5))
    moments = [1, 2, 5, 10, 30, 100]
    easy = oracle.tails(4, oracle.onemax, law, moments)
    for function in (oracle.binval, oracle.leadingones, oracle.needle, oracle.jump(2)):
        assert (oracle.tails(4, function, law, moments) >= easy - 1e-12).all()


# ---- planted errors


def refuted(check):
    return check.fact.replay().holds is False


def premises(bound, kind):
    return [check for check in bound.derivation.premises() if isinstance(check.fact, kind)]


def test_planted_errors_in_the_premises_are_refuted_by_replaying_them():
    from_k, uniform = onemax_lower.bounds_for(PROCESS)
    for bound in (from_k, uniform):
        (runtime,) = premises(bound, RuntimeFact)
        assert refuted(replace(runtime, fact=replace(runtime.fact, expr=runtime.fact.expr * Fraction(21, 10))))  # a constant
        assert refuted(replace(runtime, fact=replace(runtime.fact, sense="<=")))  # the wrong direction
        (ratio,) = premises(bound, Identity)
        assert refuted(replace(ratio, fact=replace(ratio.fact, right=-ratio.fact.right)))  # a sign
        (half,) = premises(bound, Inequality)[:1]
        assert refuted(replace(half, fact=replace(half.fact, left=half.fact.left / 2, high=Integer(9))))
    too_large = Computation("theory.bounds.onemax_lower:drift_is_at_most_one", (("n", 6), ("factor", Fraction(11, 10))))
    assert too_large.replay().holds is False
    above_half = Computation("theory.bounds.onemax_easiest:offspring_rises", (("n", 2), ("constants", (Fraction(3, 2),))))
    assert above_half.replay().holds is False


def test_a_process_that_is_faster_than_onemax_is_refuted_as_its_own_lower_bound():
    """RLS flips a single bit each time and needs less: what bounds the (1+1) EA from below is false of it."""
    from theory import RLS

    _, uniform = onemax_lower.bounds_for(PROCESS)
    (runtime,) = premises(uniform, RuntimeFact)
    said = runtime.fact.expr.subs(c, 1)
    assert replace(runtime.fact, process=RLS().on(OneMax()), expr=said, sizes=(3,), where=()).replay().holds is False


def test_the_catalogue_has_the_bounds_and_replays_none_of_them_as_false():
    found = [b for b in bounds_of(PROCESS) if b.source == onemax_lower.SOURCE]
    assert len(found) == 2
    for bound in found:
        assert bound.derivation.replay().holds is True


def test_large_sizes_are_summed_in_floats_and_stay_finite():
    (uniform,) = (b for b in onemax_lower.bounds_for(PROCESS) if b.start == "uniform")
    value = uniform.evaluate(n=10**5, c=1)
    assert 0.8 * np.e * 10**5 * log(10**5) < value < inf
