"""All strictly monotone functions on few bits: how many there are, which is slowest, and that no search misses one."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

from proofs_check.monotone import Extremes, dominance, extremes
from proofs_check.monotone.allrates import extreme_for_all_rates
from proofs_check.monotone.counting import count, count_up_to_symmetry
from proofs_check.monotone.enumeration import enumerate_orders
from proofs_check.monotone.orders import Order, Table, binval, judge, onemax, value
from proofs_check.monotone.search import name_of, runtime
from theory.errors import InputError

HALF = Fraction(1, 2)


def weak_orders(n):
    """All strictly monotone tables on n bits up to what acceptance sees, from the definition: every table of ranks is tried."""
    size, found = 2**n, set()
    covers = [(x, x | 1 << i) for x in range(size) for i in range(n) if not x >> i & 1]

    def extend(levels, left):
        if not left:
            found.add(Order(n, tuple(levels)))
            return
        for r in range(1, len(left) + 1):
            for level in itertools.combinations(left, r):
                rest = [x for x in left if x not in level]
                if not any(low in level and high in left for low, high in covers):
                    extend([*levels, level], rest)

    extend([], list(range(size)))
    return found


ALL_ON_THREE = weak_orders(3)


def random_order(n, seed, ties):
    """A random monotone table; with ties its values are rounded up to a coarse grid."""
    draw, values = np.random.default_rng(seed), [0.0] * 2**n
    for x in sorted(range(1, 2**n), key=int.bit_count):
        below = max(values[x ^ 1 << i] for i in range(n) if x >> i & 1)
        values[x] = below + (int(draw.integers(1, 3)) if ties else draw.exponential())
    return Order.of(values)


# ---- counts


def test_the_numbers_of_orders_are_the_known_ones_of_linear_extensions_of_the_cube():
    assert [count(n) for n in range(1, 6)] == [1, 2, 48, 1680384, 14807804035657359360]
    assert [count_up_to_symmetry(n) for n in range(2, 5)] == [count(n) // math.factorial(n) for n in range(2, 5)]


def test_orders_with_ties_are_counted_as_a_listing_from_the_definition_has_them():
    assert [len(weak_orders(n)) for n in (1, 2)] == [1, 3]
    assert len(ALL_ON_THREE) == count(3, ties=True) == 223
    assert len({order.canonical() for order in ALL_ON_THREE}) == count_up_to_symmetry(3, ties=True) == 43
    strict = [order for order in ALL_ON_THREE if not order.has_ties]
    assert len(strict) == 48 and len({order.canonical() for order in strict}) == 8
    assert (count(4, ties=True), count_up_to_symmetry(4, ties=True)) == (104015259, 4342827)


# ---- one order


@pytest.mark.parametrize("ties", [False, True])
def test_an_order_has_the_runtime_of_the_exact_engine_and_keeps_it_when_bits_are_renamed(ties):
    for n, seed in ((2, 0), (3, 1), (4, 2)):
        order = random_order(n, seed, ties)
        for c in (HALF, Fraction(3, 2)):
            for start in ("uniform", "worst"):
                assert order.expected_runtime(c / n, start) == runtime(order.problem(), n, c, start)
        assert order.canonical().expected_runtime(Fraction(1, 3)) == order.expected_runtime(Fraction(1, 3))


def test_known_functions_are_found_by_their_tables():
    assert onemax(3).expected_runtime(Fraction(1, 3)) == Fraction(1161, 176)
    assert binval(3).expected_runtime(Fraction(1, 3)) == Fraction(65757, 9880)
    assert onemax(3).weights() == [1, 1, 1] and binval(3).weights() == [4, 2, 1]
    assert random_order(4, 3, False).weights() is None
    assert name_of(Order.listed([7, 3, 5, 6, 1, 2, 4, 0])) == "OneMax"


def test_the_table_is_a_problem_whose_hooks_agree_with_it():
    order = random_order(4, 5, True)
    problem, data, draw = Table(order), Table(order).data(4), np.random.default_rng(1)
    for point in range(16):
        x = np.array([point >> i & 1 for i in (3, 2, 1, 0)], np.uint8)
        assert value(x, data) == problem.value(x) == order.ranks[point]
        flips = draw.permutation(4)[:2]
        y = x.copy()
        y[flips] ^= 1
        difference = problem.value(y) - problem.value(x)
        assert judge(x, flips, 2, 0, 0, 0.0, data) == ((difference > 0) - (difference < 0), problem.value(y))


# ---- searches


def literal(n, p, start, slowest):
    """The extreme over every order with ties on n bits, in fractions."""
    values = [order.expected_runtime(p, start) for order in (ALL_ON_THREE if n == 3 else weak_orders(n))]
    return max(values) if slowest else min(values)


@pytest.mark.parametrize("start", ["uniform", "worst"])
@pytest.mark.parametrize("slowest", [True, False])
def test_every_search_finds_the_extreme_that_a_listing_has(start, slowest):
    for n, p in ((2, Fraction(1, 3)), (3, Fraction(1, 6)), (3, Fraction(2, 5)), (3, Fraction(3, 4))):
        true = literal(n, p, start, slowest)
        how = {"slowest": slowest, "start": start}
        assert dominance.extreme(n, p, exact=True, **how).value == true
        assert dominance.extreme(n, p, **how).value == pytest.approx(float(true), rel=1e-12)
        for ties in (False, True):
            assert enumerate_orders(n, float(p), ties=ties, **how).value == pytest.approx(float(true), rel=1e-12)


@pytest.mark.parametrize("c", ["1/5", "1", "19/10", "5/2"])
def test_on_four_bits_the_dynamic_programme_finds_what_the_enumeration_finds(c):
    p = Fraction(c) / 4
    for slowest, start in itertools.product((True, False), ("uniform", "worst")):
        listed = enumerate_orders(4, float(p), slowest=slowest, start=start)
        assert listed.orders_seen == count_up_to_symmetry(4)
        found = dominance.extreme(4, p, slowest=slowest, start=start, exact=True)
        assert float(found.value) == pytest.approx(listed.value, rel=1e-12)
        assert found.order.expected_runtime(p, start) == found.value
        assert dominance.extreme(4, p, slowest=slowest, start=start).value == pytest.approx(listed.value, rel=1e-12)


def test_ties_make_nothing_slower_or_faster_on_four_bits():
    """All nine million orders with ties, at least one of each of the 4 342 827 classes."""
    strict, ties = (enumerate_orders(4, 0.3, ties=ties) for ties in (False, True))
    assert ties.orders_seen == 9430432
    assert ties.value == pytest.approx(strict.value, rel=1e-13)
    values = {order.expected_runtime(Fraction(3, 10)) for order in ties.orders}
    assert values == {dominance.extreme(4, Fraction(3, 10), exact=True).value}


def test_giving_up_too_much_is_noticed(monkeypatch):
    """The planted bug: beginnings are compared by the sum of what the rest sees."""
    right = dominance.extreme(4, Fraction(1, 4)).value
    monkeypatch.setattr(dominance, "_front", lambda seen, ranked, slack: ranked[:1])
    assert dominance.extreme(4, Fraction(1, 4)).value < right * (1 - 1e-6)


def test_on_five_bits_the_slowest_is_slower_than_binval_and_the_pessimist_is_slower_still():
    found = extremes(5, [HALF, 1, 2])
    assert isinstance(found, Extremes)
    for row in found.rows:
        assert row.onemax == row.smallest < row.binval < row.largest < row.pessimist
    assert float(found.rows[1].largest) == pytest.approx(16.5283988817, rel=1e-11)
    assert len(found.worst) == 1 and found.table.ratio.max() > 1.03
    assert [series.kind for series in found.figure.series] == ["upper", "exact", "other", "lower"]


# ---- all rates at once


def test_one_function_is_slowest_and_onemax_is_fastest_at_every_rate_below_a_half():
    for n in (2, 3, 4):
        (slow,), (fast,) = extreme_for_all_rates(n), extreme_for_all_rates(n, slowest=False)
        assert name_of(fast) == "OneMax"
        for p in (Fraction(1, 100), Fraction(1, n), Fraction(49, 100)):
            assert slow.expected_runtime(p) == dominance.extreme(n, p, exact=True).value
    assert slow.weights() is None
    assert slow.expected_runtime(Fraction(1, 4)) > binval(4).expected_runtime(Fraction(1, 4))


def test_above_a_half_onemax_is_the_slowest():
    for n in (2, 3, 4):
        (slow,) = extreme_for_all_rates(n, above_half=True)
        assert name_of(slow) == "OneMax"
        assert slow.expected_runtime(Fraction(4, 5)) == dominance.extreme(n, Fraction(4, 5), exact=True).value


def test_the_slowest_function_changes_at_rate_one_half_and_nowhere_else():
    found = extremes(4, [Fraction(1, 5), 1, Fraction(9, 5), Fraction(11, 5), 3])
    (below, above) = found.worst
    assert float(below.high) == pytest.approx(2, abs=2e-6) and above.name == "OneMax" and below.name.startswith("1111 > ")


def test_at_rate_one_half_all_functions_are_alike():
    costs = {order.expected_runtime(HALF) for order in ALL_ON_THREE}
    assert costs == {Fraction(7)}


# ---- the border


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda: extremes(6), "n: 6 must be an integer from 1 to 5"),
        (lambda: extremes(5, method="enumeration"), "n: 5 must be an integer from 1 to 4; above that use dominance"),
        (lambda: extremes(3, [3]), "c: 3 must lie strictly between 0 and n = 3"),
        (lambda: extremes(3, []), "c: is empty; give at least one number"),
        (lambda: extremes(3, method="enum"), "method: unknown method 'enum'; known are dominance, enumeration"),
        (lambda: extremes(3, start="best"), "start: unknown start 'best'; known are uniform, worst"),
        (lambda: Order.of([0, 1, 1]), "values: 3 values are no table of a function of 1 to 7 bits; give 2^n of them"),
        (lambda: Order.of([0, 0, 1, 2]), "values: f(01) must be larger than f(00) in a strictly monotone function"),
        (lambda: count(6), "n: 6 must be an integer from 1 to 5"),
        (lambda: extreme_for_all_rates(0), "n: 0 must be an integer from 1 to 5"),
    ],
)
def test_wrong_input_is_named(call, line):
    with pytest.raises(InputError) as caught:
        call()
    assert str(caught.value) == line
