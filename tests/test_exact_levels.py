"""Any function on up to 16 bits, level by level: against the full chain, closed forms, lumped chains and its own error bounds."""

from __future__ import annotations

import numba
import numpy as np
import oracle
import pytest

from theory import (
    RLS,
    BinVal,
    Custom,
    Jump,
    LeadingOnes,
    Needle,
    OneMax,
    OnePlusOneEA,
    Plateau,
    Trap,
    c,
    exact,
    n,
)
from theory.exact import fullchain, levels
from theory.exact.distribution import _by_levels
from theory.exact.errors import NoExactMethod
from theory.exact.levels_kernel import mutate
from theory.exact.states import by_points
from theory.starts import read_start

EA, STRICT, ADAPTED = OnePlusOneEA(c / n), OnePlusOneEA(c / n, strict=True), OnePlusOneEA("1/(v+2)")


@numba.njit
def pairs(x):
    return (x[:-1] & x[1:]).sum()


@numba.njit
def fours(x):
    total = 0
    for i in range(0, x.size, 4):
        total += x[i] & x[i + 1] & x[i + 2] & x[i + 3]
    return total


@numba.njit
def two_peaks(x):
    ones = x.sum()
    return max(ones, x.size - ones) + (ones == x.size)


def solved(process, size, cost=None, **values):
    checked = process.values(n=size, **values)
    states = by_points(process, size, levels.LARGEST)
    return levels.solve(process, checked, states, np.ones(2**size) if cost is None else cost)


def test_the_tensor_product_is_mutation():
    size, p = 5, 0.3
    vector = np.random.default_rng(1).random(2**size)
    law = np.array([p**h * (1 - p) ** (size - h) for h in range(size + 1)])
    points = np.arange(2**size)
    matrix = law[np.bitwise_count(points[:, None] ^ points[None, :])]
    product = vector.copy()
    mutate(product, p)
    assert product == pytest.approx(matrix @ vector, rel=1e-14)


@pytest.mark.parametrize("algorithm", [EA, STRICT, ADAPTED], ids=str)
@pytest.mark.parametrize("problem", [BinVal(), LeadingOnes(), Needle(), Jump(3), Custom(pairs), Custom(fours)], ids=str)
@pytest.mark.parametrize("kind", ["as is", "tensors", "gradients"])
def test_every_kind_of_level_agrees_with_the_oracle(algorithm, problem, kind, monkeypatch):
    if kind != "as is":
        monkeypatch.setattr(levels, "_FEW", 0)
    if kind == "gradients":
        monkeypatch.setattr(levels, "_DENSE", 1)
    size = 8
    process = algorithm.on(problem)
    values = {"c": 1.5} if "c" in process.rate_symbols else {}
    found, bound = solved(process, size, **values)
    if algorithm is ADAPTED:
        right = fullchain.by_point(process, process.values(n=size))[0]
    else:
        right = oracle.float_times(size, problem.value, oracle.mutation(size, 1.5 / size), algorithm.strict)
    assert bound < 1e-10
    assert np.abs(found - right).max() <= 2e-12 * right.max()
    assert found[:-1] == pytest.approx(right[:-1], rel=1e-11)


@pytest.mark.parametrize(
    ("problem", "constant"),
    [(OneMax(), 1), (Jump(3), 1), (Plateau(3), 1), (Plateau(9), 2), (Needle(), 1), (Trap(), 1), (Needle(), 12)],
    ids=str,
)
def test_sixteen_bits_agree_with_the_chain_over_the_number_of_zero_bits(problem, constant):
    found, bound = solved(EA.on(problem), 16, c=constant)
    right = exact.expected_runtimes_by_zeros(EA.on(problem), n=16, c=constant)
    zeros = 16 - np.bitwise_count(np.arange(2**16))
    assert bound < 1e-9
    error = np.abs(found - right[zeros])[:-1] / right[zeros][:-1]
    assert error.max() < 1e-10 and error.max() <= bound + 1e-12


def test_sixteen_bits_agree_with_closed_forms():
    leadingones, bound = solved(EA.on(LeadingOnes()), 16, c=1)
    p = 1 / 16
    assert leadingones.mean() == pytest.approx(((1 - p) ** -15 - (1 - p)) / (2 * p * p), rel=1e-11) and bound < 1e-10
    anything = EA.on(Custom(fours))  # p = 1/2: each offspring is uniform, whatever the function
    assert exact.expected_runtime(anything, n=16, c=8) == pytest.approx(2**16 - 1, rel=1e-10)
    mean, variance = exact.runtime_moments(OnePlusOneEA("1/2").on(Needle()), n=14)
    hit = 2.0**-14  # B G with G geometric, B = 1 unless the start is the optimum
    assert (mean, variance) == pytest.approx(((1 - hit) / hit, (1 - hit) * (2 - hit) / hit**2 - ((1 - hit) / hit) ** 2), rel=1e-9)


def test_thirteen_bits_of_binval_need_no_matrix():
    process = EA.on(BinVal())
    start, worst = exact.worst_start(process, n=13, c=1)
    value = exact.expected_runtime(process, n=13, c=1)
    assert exact.expected_runtime(process, n=12, c=1) < value < worst
    assert value / (13 * np.log(13)) == pytest.approx(exact.expected_runtime(process, n=12, c=1) / (12 * np.log(12)), rel=0.02)
    assert exact.expected_runtime(process, n=13, c=1, start=start) == pytest.approx(worst, rel=1e-12)


def test_second_moments_agree_with_the_full_chain():
    for process in (EA.on(Custom(pairs)), STRICT.on(LeadingOnes()), ADAPTED.on(Jump(2))):
        checked = process.values(n=9, **({"c": 1} if "c" in process.rate_symbols else {}))
        mine, full = levels.by_point(process, checked, 2), fullchain.by_point(process, checked, 2)
        for one, other in zip(mine, full):
            assert one[:-1] == pytest.approx(other[:-1], rel=1e-10)


@pytest.mark.parametrize("algorithm", [EA, STRICT, ADAPTED], ids=str)
def test_distributions_agree_with_the_full_chain(algorithm):
    process = algorithm.on(Custom(pairs))
    values = {"c": 1} if "c" in process.rate_symbols else {}
    law = exact.runtime_distribution(process, n=8, tail=1e-3, **values)
    mine, left = _by_levels(process, process.values(n=8, **values), read_start("uniform", Custom(pairs), 8), 8, 1e-3, 500.0)
    size = len(mine)
    assert left <= 1e-3 and np.abs(mine - law.pmf[:size]).max() < 1e-15
    assert abs(left - law.tail_mass) < 1e-12 and len(law.pmf) == size


def test_distributions_of_thirteen_bits_agree_with_the_sum_of_geometric_times():
    process = EA.on(LeadingOnes())
    closed = exact.runtime_distribution(process, n=13, c=1).cdf
    mine, _ = _by_levels(process, process.values(n=13, c=1), read_start("uniform", LeadingOnes(), 13), 13, 0.6, 500.0)
    assert np.cumsum(mine) == pytest.approx(closed[: len(mine)], abs=1e-13)


def test_a_planted_error_shows_in_the_bound(monkeypatch):
    true = levels._descend
    monkeypatch.setattr(levels, "_DENSE", 1)
    monkeypatch.setattr(levels, "_ROUNDS", 2)
    exactly, _ = solved(EA.on(Needle()), 8, c=1)
    monkeypatch.setattr(levels, "_descend", lambda *given: true(*given) * (1 + 1e-4 * np.cos(np.arange(len(given[0])))))
    found, bound = solved(EA.on(Needle()), 8, c=1)
    error = (np.abs(found - exactly)[:-1] / exactly[:-1]).max()
    assert 1e-9 < error <= bound


def test_what_is_too_uncertain_or_not_meant_is_refused():
    with pytest.raises(NoExactMethod, match="rounding errors are too large"):
        exact.expected_runtime(EA.on(Custom(two_peaks)), n=16, c=1)
    with pytest.raises(NoExactMethod, match="standard bit mutation"):
        exact.expected_runtime(RLS(2).on(Custom(pairs)), n=14)
    with pytest.raises(NoExactMethod, match="rate in n, c, v"):
        exact.expected_runtime(OnePlusOneEA("1/(k+1)").on(Custom(pairs)), n=14)
    with pytest.raises(NoExactMethod, match="strictly in"):
        exact.expected_runtime(OnePlusOneEA("Min(1, 14/(v+1))").on(Custom(pairs)), n=14)
