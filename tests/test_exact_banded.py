"""Chains in a band: the elimination within it, and the random acceptance rules at sizes where a dense matrix would be slow."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from theory import DynamicBinVal, Metropolis, OneMax, OnePlusOneEA, PartiallyOrderedEA, c, exact, n
from theory.exact import counts
from theory.exact.banded import band_costs
from theory.exact.elimination import expected_costs
from theory.exact.errors import NoExactMethod

EA = OnePlusOneEA(c / n)


def dense(process, order, **values):
    """The same expectations from the whole matrix."""
    checked = process.values(**values)
    states, matrix = counts.states_of(int(checked["n"])), counts.counts_matrix(process, checked)
    first = expected_costs(matrix, states.rank, states.end, np.ones(len(matrix)), True)
    second = expected_costs(matrix, states.rank, states.end, 2.0 * first - 1.0, True)
    return [first, second][:order]


@pytest.mark.parametrize("width", [1, 3, 7])
def test_elimination_in_a_band_solves_the_whole_system(width):
    rng = np.random.default_rng(width)
    size = 20
    band, out, cost = rng.random((size, 2 * width + 1)) / 40, rng.random(size) / 10, 1 + rng.random(size)
    matrix = np.zeros((size, size))
    for x in range(size):
        for y in range(max(0, x - width), min(size, x + width + 1)):
            matrix[x, y] = band[x, width + y - x] if x != y else 0.0
    system = np.diag(out + matrix.sum(axis=1)) - matrix
    kept = band.copy()
    for x in range(size):  # what sticks out of the matrix is no transition
        for y in range(x - width, x + width + 1):
            if not 0 <= y < size:
                kept[x, width + y - x] = 0.0
    assert band_costs(kept, out, cost) == pytest.approx(np.linalg.solve(system, cost), rel=1e-12)


@pytest.mark.parametrize(
    ("process", "values"),
    [
        (EA.on(PartiallyOrderedEA()), {"n": 300, "c": 1}),
        (EA.on(PartiallyOrderedEA("1/2")), {"n": 400, "c": "1.3"}),
        (EA.on(DynamicBinVal()), {"n": 400, "c": 2}),
        (OnePlusOneEA("1/(n+k)").on(DynamicBinVal()), {"n": 300}),
        (Metropolis("c*n").on(OneMax()), {"n": 200, "c": 2}),
    ],
    ids=str,
)
def test_the_band_agrees_with_the_dense_matrix_in_both_moments(process, values):
    checked = process.values(**values)
    assert counts._band(process, checked, int(checked["n"]), 1e-30) is not None
    for mine, whole in zip(counts.by_number(process, checked, 2), dense(process, 2, **values)):
        assert mine[1:] == pytest.approx(whole[1:], rel=1e-11)


def test_astronomic_expectations_shrink_what_is_left_out():
    process = EA.on(DynamicBinVal())
    value = exact.expected_runtime(process, n=1500, c=2)
    ball = exact.expected_runtime_interval(process, n=1500, c=2, bits=64)
    assert value > 1e20 and value == pytest.approx(float(ball.mid()), rel=1e-11)


def test_the_pessimist_at_ten_thousand_bits_keeps_its_exponent():
    process = EA.on(PartiallyOrderedEA())
    half, whole = (exact.expected_runtime(process, n=size, c=1) for size in (5000, 10_000))
    assert math.log2(whole / half) == pytest.approx(1.5, abs=0.01)


def test_metropolis_has_its_closed_form():
    size, alpha = 30, Fraction(45)
    steps = [Fraction(0)] * (size + 2)
    for z in range(size, 0, -1):  # k D_k = n + (n - k)/alpha D_(k+1)
        steps[z] = (size + (size - z) / alpha * steps[z + 1]) / z
    for zeros in (1, 17, 30):
        assert exact.expected_runtime(Metropolis(45).on(OneMax()), n=size, start=zeros, rational=True) == sum(
            steps[1 : zeros + 1]
        )
    large = exact.expected_runtime(Metropolis("c*n").on(OneMax()), n=50_000, c=1)
    ball = exact.expected_runtime_interval(Metropolis("c*n").on(OneMax()), n=50_000, c=1)
    assert large == pytest.approx(float(ball.mid()), rel=1e-12)


def test_too_many_flips_at_once_are_refused():
    with pytest.raises(NoExactMethod, match="bits flip at once"):
        exact.expected_runtime(OnePlusOneEA("1/2").on(DynamicBinVal()), n=20_000)
