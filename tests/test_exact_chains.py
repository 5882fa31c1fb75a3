"""Needle, Jump, BinVal and user functions: the chains over zero-bits and over all points."""

from __future__ import annotations

import math
import time
from fractions import Fraction

import numba
import numpy as np
import pytest

from theory import RLS, BinVal, Custom, InputError, Jump, LeadingOnes, Linear, Needle, OneMax, OnePlusOneEA
from theory.exact import (
    NoExactMethod,
    expected_runtime,
    expected_runtime_interval,
    expected_runtimes_by_zeros,
    full_transition_matrix,
    fullchain,
    runtime_moments,
    symmetric,
    transition_matrix_by_zeros,
    worst_start,
)
from theory.exact.elimination import PANEL, expected_costs, plateau


def printed(text):
    return 0.5000001 * 10.0 ** -len(text.partition(".")[2])


@numba.njit
def prefix(x):
    length = 0
    while length < x.size and x[length] == 1:
        length += 1
    return length


@numba.njit
def needle(x):
    return 1.0 if x.sum() == x.size else 0.0


def test_binval_has_the_published_values():
    process = OnePlusOneEA("c/n").on(BinVal())
    for n, value in ((2, "3"), (3, "65757/9880"), (4, "551928154111616/49147507670625")):
        assert expected_runtime(process, n=n, c=1, rational=True) == Fraction(value)
    table = [
        (1, 5, "16.5200863387"), (1, 6, "22.3885338965"), (1, 7, "28.7397691577"), (1, 8, "35.5045238226"),
        (1, 9, "42.6307328007"), (1, 10, "50.0779714302"), (1, 11, "57.8139745181"), ("1/2", 5, "22.4876986279"),
        ("1/2", 10, "66.0683397198"), (2, 5, "21.1119210988"), (2, 10, "61.6587697808"),
    ]  # fmt: skip
    for c, n, value in table:
        assert expected_runtime(process, n=n, c=c) == pytest.approx(float(value), abs=printed(value), rel=0)
    assert expected_runtime(process, n=4, c=2, rational=True) == 15


def test_binval_at_twelve_bits_takes_a_few_seconds_at_most():
    expected_runtime(OnePlusOneEA("1/n").on(BinVal()), n=3)
    start = time.process_time()  # not what other processes take
    value = expected_runtime(OnePlusOneEA("1/n").on(BinVal()), n=12)
    assert time.process_time() - start < 8
    assert value > expected_runtime(OnePlusOneEA("1/n").on(OneMax()), n=12)


def test_needle_and_jump_have_the_published_values():
    for n, p, value in ((5, "1/5", "47.7089037818"), (10, "1/10", "1654.60885157")):
        process = OnePlusOneEA(p).on(Needle())
        assert expected_runtime(process, n=n) == pytest.approx(float(value), abs=printed(value), rel=0)
    table = [
        (10, 2, 1, "244.8429396"), (10, 2, 2, "158.71306"), (10, 3, 1, "2093.942668"), (10, 3, 3, "453.5348571"),
        (20, 2, 1, "1061.356522"), (20, 2, 2, "715.282969"), (20, 3, 1, "19172.99197"), (20, 3, 3, "4730.74375"),
    ]  # fmt: skip
    for n, gap, c, value in table:
        process = OnePlusOneEA("c/n").on(Jump(gap))
        assert expected_runtime(process, n=n, c=c) == pytest.approx(float(value), abs=printed(value), rel=0)


def test_the_plateau_of_jump_is_left_with_the_known_probability():
    for n, gap in ((50, 2), (300, 3), (60, 20)):
        p = Fraction(1, n)
        expected = expected_runtimes_by_zeros(OnePlusOneEA(p).on(Jump(gap)), n=n)
        assert expected[gap] == pytest.approx(float(p**-gap * (1 - p) ** (gap - n)), rel=1e-12)


def test_closed_sums_of_needle_agree_with_the_chain():
    for algorithm in (OnePlusOneEA("c/n"), OnePlusOneEA("c/n", strict=True), RLS()):
        process = algorithm.on(Needle())
        for n in (1, 2, 3, 11, 40):
            for c in ("1/3", 1, n / 2) if algorithm.rate is not None else (1,):
                if not 0 < Fraction(c) <= n:
                    continue
                values = process.values(n=n, c=c)
                chain = float(np.dot([math.comb(n, z) / 2**n for z in range(n + 1)], symmetric.by_number(process, values)[0]))
                assert expected_runtime(process, n=n, c=c) == pytest.approx(chain, rel=1e-11)


def test_a_problem_in_the_number_of_zero_bits_has_the_same_values_over_all_points():
    for problem in (OneMax(), Jump(3), Needle()):
        for algorithm in (OnePlusOneEA("c/n"), OnePlusOneEA("1/(k+1)", strict=True), OnePlusOneEA("1/(v+2)"), RLS(), RLS(2)):
            process = algorithm.on(problem)
            values = process.values(n=6, c=2)
            zeros = 6 - np.array([i.bit_count() for i in range(64)])
            for by_zeros, by_point in zip(symmetric.by_number(process, values, 2), fullchain.by_point(process, values, 2)):
                np.testing.assert_allclose(by_point, by_zeros[zeros], rtol=1e-12)


def test_a_users_function_gives_what_the_problem_gives():
    for c in ("1/2", 3):
        for strict in (False, True):
            algorithm = OnePlusOneEA("c/n", strict=strict)
            own = expected_runtime(algorithm.on(Custom(prefix)), n=9, c=c, start="zeros")
            assert own == pytest.approx(expected_runtime(algorithm.on(LeadingOnes()), n=9, c=c, start="zeros"), rel=1e-12)
    process = OnePlusOneEA("1/n").on(Custom(needle))
    assert expected_runtime(process, n=9) == pytest.approx(expected_runtime(OnePlusOneEA("1/n").on(Needle()), n=9), rel=1e-12)
    assert expected_runtime(process, n=7, rational=True) == expected_runtime(OnePlusOneEA("1/n").on(Needle()), n=7, rational=True)


def test_decimal_weights_tie_as_on_paper():
    """With 0.1 + 0.2 against 0.3 a tie is accepted; in binary floats it would not be one."""
    exact = expected_runtime(OnePlusOneEA("1/n").on(Linear([0.1, 0.2, 0.3])), n=3, rational=True)
    assert exact == expected_runtime(OnePlusOneEA("1/n").on(Linear([1, 2, 3])), n=3, rational=True)
    assert exact != expected_runtime(OnePlusOneEA("1/n").on(Linear(["0.1", "0.2", "0.30000000000000004"])), n=3, rational=True)


def test_elimination_keeps_relative_accuracy_on_plateaus_that_are_hardly_left():
    """A plateau of m states that mixes fast and is left with probability 1e-18 from one of them, where it is every m-th round."""
    for m in (3, PANEL, PANEL + 1, 3 * PANEL + 7):
        out = np.zeros(m)
        out[0] = 1e-18
        within = np.full((m, m), 0.5 / m)
        expected = plateau(within.copy(), out, np.ones(m))
        assert expected[0] == pytest.approx(m * 1e18, rel=1e-12)


def test_elimination_solves_random_chains():
    rng = np.random.default_rng(1)
    for m in (1, 2, 40, 150):
        matrix = rng.random((m + 1, m + 1)) * (rng.random((m + 1, m + 1)) < 0.3)
        matrix[:, m] += 0.01
        matrix /= matrix.sum(axis=1, keepdims=True)
        rank = np.append(np.zeros(m, dtype=np.int64), 1)
        expected = expected_costs(matrix, rank, rank == 1, np.ones(m + 1), False)
        right = np.linalg.solve(np.eye(m) - matrix[:m, :m], np.ones(m))
        np.testing.assert_allclose(expected[:m], right, rtol=1e-11)


def test_the_worst_start_of_leadingones_is_found_by_the_chain():
    process = OnePlusOneEA("1/n").on(LeadingOnes())
    start, value = worst_start(process, n=8)
    every = fullchain.by_point(process, process.values(n=8))[0]
    assert value == every.max() == expected_runtime(process, n=8, start="worst")
    assert expected_runtime(process, n=8, start=start) == pytest.approx(value, rel=1e-12)


def test_starts_are_read_in_the_users_form():
    process = OnePlusOneEA("1/n").on(Linear([4, -2, 1]))
    assert expected_runtime(process, n=3, start=[1, 0, 1]) == 0
    assert expected_runtime(process, n=3, start=np.array([1.0, 0.0, 1.0])) == 0
    assert expected_runtime(process, n=3, start="zeros") == expected_runtime(process, n=3, start=[0, 0, 0])
    assert expected_runtime(process, n=3, start=0) == 0
    assert worst_start(process, n=3)[0].tolist() == [0, 1, 0]


def test_matrices_have_rows_that_sum_to_one():
    for rate in ("c/n", "1/(k+1)", 1, 0, "1/2"):
        for n in (1, 2, 700):
            matrix = transition_matrix_by_zeros(OnePlusOneEA(rate).on(Jump(1)), n=n, c=1)
            np.testing.assert_allclose(matrix.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(full_transition_matrix(RLS(3).on(BinVal()), n=7).sum(axis=1), 1, rtol=1e-14)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: expected_runtime(OnePlusOneEA("1/n").on(BinVal()), n=17), "up to n = 16"),
        (lambda: expected_runtime(OnePlusOneEA("1/t").on(OneMax()), n=5), "depends on t"),
        (lambda: expected_runtime(OnePlusOneEA("1/n").on(Jump(2)), n=10_001), "up to n = 10000"),
        (lambda: expected_runtime(OnePlusOneEA("1/n").on(OneMax()), n=3 * 10**7), "up to n = 20000000"),
        (lambda: expected_runtime(OnePlusOneEA("1/n").on(Needle()), n=1100), "too large"),
        (lambda: expected_runtime(OnePlusOneEA("1/n").on(BinVal()), n=9, rational=True), "n = 8"),
        (lambda: expected_runtime(OnePlusOneEA("log(n)/n").on(OneMax()), n=5, rational=True), "not a rational number"),
        (lambda: expected_runtimes_by_zeros(OnePlusOneEA("1/n").on(BinVal()), n=5), "number of zero-bits alone"),
        (lambda: transition_matrix_by_zeros(OnePlusOneEA("1/n").on(LeadingOnes()), n=5), "number of zero-bits alone"),
        (lambda: full_transition_matrix(OnePlusOneEA("1/n").on(BinVal()), n=13), "up to n = 12"),
        (lambda: worst_start(OnePlusOneEA("1/n").on(BinVal()), n=17), "worst start"),
        (lambda: expected_runtime_interval(OnePlusOneEA("1/n").on(BinVal()), n=11), "up to n = 10"),
        (lambda: expected_runtime_interval(OnePlusOneEA(1).on(OneMax()), n=5), "strictly between 0 and 1"),
        (lambda: expected_runtime(3, n=5), "give an algorithm on a problem"),
    ],
)
def test_what_has_no_exact_method_says_why(call, words):
    with pytest.raises(NoExactMethod, match=words) as error:
        call()
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("start", ["Uniform", "ones", True, -1, 6, 2.5, [0, 1], [0, 1, 2, 0, 0], None, [[0, 1, 0, 0, 0]]])
def test_a_start_that_is_none_is_refused(start):
    with pytest.raises(InputError, match="^start: "):
        expected_runtime(OnePlusOneEA("1/n").on(OneMax()), n=5, start=start)


def test_rates_outside_the_unit_interval_name_the_state():
    with pytest.raises(InputError, match="rate: .* at k = 4, v = 1"):
        expected_runtime(OnePlusOneEA("Piecewise((2, k == 4), (1/n, True))").on(OneMax()), n=5)
    with pytest.raises(InputError, match="no value at k = 5, v = 0"):
        expected_runtime(OnePlusOneEA("Min(1, 1/v)").on(OneMax()), n=5)
    with pytest.raises(InputError, match="bits"):
        expected_runtime_interval(OnePlusOneEA("1/n").on(OneMax()), n=5, bits=10)


def test_variance_of_the_coupon_collector():
    mean, variance = runtime_moments(RLS().on(Linear([3, 2, 7, 1])), n=4, start=4)
    assert mean == pytest.approx(4 * (1 + 1 / 2 + 1 / 3 + 1 / 4), rel=1e-14)
    assert variance == pytest.approx(sum(16 / i**2 - 4 / i for i in range(1, 5)), rel=1e-12)
