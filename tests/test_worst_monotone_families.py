"""Families of strictly monotone functions: their runtimes, how good the search is, and the pessimist, who bounds them."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest

from proofs_check.monotone import dominance, slowest_by_family
from proofs_check.monotone.families import FAMILIES, count_of_readings, reading_order
from proofs_check.monotone.orders import Order, binval, onemax
from proofs_check.monotone.recursion import expected_runtime, raised, value_of_list
from theory import OnePlusOneEA, PartiallyOrderedEA
from theory.errors import InputError
from theory.exact import expected_runtime as exactly
from theory.exact.runtime import expected_runtimes_by_zeros

EA = OnePlusOneEA("c/n")


def trees(bits):
    """Every way to read bit by bit, from the definition."""
    if not bits:
        return [None]
    return [
        (bit, upper, lower) for bit in bits for upper, lower in itertools.product(trees([i for i in bits if i != bit]), repeat=2)
    ]


@pytest.mark.parametrize("n", [3, 4, 5])
def test_one_functions_runtime_is_the_exact_engines(n):
    draw = np.random.default_rng(n)
    coarse = [int(x) for x in draw.integers(1, 3, n)]  # weights with ties
    for order in (onemax(n), binval(n), Order.of([sum(w for i, w in enumerate(coarse) if x >> i & 1) for x in range(2**n)])):
        found = expected_runtime(order, 1.5 / n)
        assert found == pytest.approx(exactly(EA.on(order.problem()), n=n, c=1.5), rel=1e-12)
        if not order.has_ties:
            assert value_of_list([x for (x,) in order.levels], n, 1.5 / n) == pytest.approx(found, rel=1e-12)


def test_functions_that_read_bit_by_bit_are_strictly_monotone_and_as_many_as_counted():
    orders = [reading_order(tree) for tree in trees([0, 1, 2])]
    assert len(orders) == count_of_readings(3) == 12
    assert len({Order.listed(order).ranks for order in orders}) == 12  # listed() checks monotonicity
    assert [x for (x,) in binval(3).levels] in orders


def test_up_to_four_bits_a_function_that_reads_bit_by_bit_is_the_slowest_of_all():
    for n, c in ((3, Fraction(1)), (4, HALF := Fraction(1, 2)), (4, 3 * HALF)):
        slowest = max(Order.listed(reading_order(tree)).canonical().levels for tree in [best_tree(n, float(c / n))])
        assert Order(n, slowest).expected_runtime(c / n) == dominance.extreme(n, c / n, exact=True).value


def best_tree(n, p):
    return max(trees(list(range(n))), key=lambda tree: value_of_list(reading_order(tree), n, p))


def test_on_five_bits_the_families_find_the_slowest_of_all_and_nothing_is_slower():
    best = dominance.extreme(5, Fraction(1, 5)).value
    found = slowest_by_family(5, 1, tries=300)
    assert tuple(found.found) == FAMILIES and list(found.table.family) == [*FAMILIES, "pessimist"]
    assert found.found["reading"][1] == pytest.approx(best, rel=1e-12)
    assert found.found["linear"][1] == pytest.approx(expected_runtime(binval(5), 0.2), rel=1e-12)
    assert max(value for _, value in found.found.values()) <= best * (1 + 1e-12)
    assert found.table["ratio"].min() == 1
    assert float(found.worst.expected_runtime(Fraction(1, 5))) == pytest.approx(best, rel=1e-12)


def test_on_more_bits_nothing_is_faster_than_onemax_or_slower_than_the_pessimist():
    for n, c in ((6, 1), (6, 2)):
        values = [value for _, value in slowest_by_family(n, c, tries=40).found.values()]
        assert values[0] == pytest.approx(exactly(EA.on(onemax(n).problem()), n=n, c=c), rel=1e-12)
        assert values[0] == min(values) and max(values) < exactly(EA.on(PartiallyOrderedEA()), n=n, c=c)


def test_the_pessimists_runtime_rises_with_the_zero_bits_up_to_rate_one_half_and_not_above():
    """What makes it a bound: for a potential that rises, no strictly monotone function drifts slower than the pessimist."""
    for n in range(2, 8):
        for rate in (0.05, 0.25, 0.5):
            costs = expected_runtimes_by_zeros(EA.on(PartiallyOrderedEA()), n=n, c=rate * n)
            assert (np.diff(costs) >= -1e-9 * costs.max()).all()
    costs = expected_runtimes_by_zeros(EA.on(PartiallyOrderedEA()), n=4, c=3)
    assert (np.diff(costs) < 0).any()
    assert costs @ [1, 4, 6, 4, 1] / 16 < expected_runtime(onemax(4), 0.75)


def test_swaps_of_neighbours_raise_the_runtime_until_none_does():
    draw = np.random.default_rng(3)
    for _ in range(5):
        values = np.zeros(32)
        for x in sorted(range(1, 32), key=int.bit_count):
            values[x] = max(values[x ^ 1 << i] for i in range(5) if x >> i & 1) + draw.exponential()
        order = Order.of(values.tolist())
        higher = raised(order, 0.2)
        assert expected_runtime(higher, 0.2) >= expected_runtime(order, 0.2)
        listed = [x for (x,) in higher.levels]
        for i in range(1, 31):
            x, y = listed[i], listed[i + 1]
            if x & y != y:
                swapped = [*listed[:i], y, x, *listed[i + 2 :]]
                assert value_of_list(swapped, 5, 0.2) <= expected_runtime(higher, 0.2) * (1 + 1e-12)


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda: slowest_by_family(8, 1), "n: 8 must be an integer from 2 to 7"),
        (lambda: slowest_by_family(4, 5), "c: 5 must lie strictly between 0 and n = 4"),
        (lambda: slowest_by_family(4, 1, tries=0), "tries: 0 must be a positive integer"),
    ],
)
def test_wrong_input_is_named(call, line):
    with pytest.raises(InputError) as caught:
        call()
    assert str(caught.value) == line
