"""Distributions of the runtime: against powers of the plainest matrix, and their moments against the exact ones."""

from __future__ import annotations

import numpy as np
import pytest

from theory import RLS, BinVal, InputError, Jump, LeadingOnes, Linear, Needle, OneMax, OnePlusOneEA
from theory.exact import (
    NoExactMethod,
    expected_runtime,
    full_transition_matrix,
    runtime_distribution,
    runtime_moments,
)
from theory.exact.starts import weights_by_points
from theory.starts import read_start

EA = OnePlusOneEA("c/n")


@pytest.mark.parametrize("problem", [OneMax(), LeadingOnes(), BinVal(), Linear([1, -3, 2, 2]), Needle(), Jump(2)], ids=str)
def test_probabilities_are_those_of_powers_of_the_full_matrix(problem):
    n = 4
    for algorithm in (EA, OnePlusOneEA("c/n", strict=True), OnePlusOneEA("1/(k+2)"), RLS()):
        process = algorithm.on(problem)
        for start in ("uniform", "zeros", 2, [1, 0, 0, 1]):
            if expected_runtime(process, n=n, c=1, start=start) == np.inf:
                with pytest.raises(NoExactMethod, match="missed with positive probability"):
                    runtime_distribution(process, n=n, c=1, start=start)
                continue
            law = runtime_distribution(process, n=n, c=1, start=start)
            matrix = full_transition_matrix(process, n=n, c=1)
            state = weights_by_points(read_start(start, process.problem, n), n)
            for t in range(min(60, len(law.pmf))):
                assert law.cdf[t] == pytest.approx(state[-1], abs=1e-14)
                state = state @ matrix


@pytest.mark.parametrize(
    ("process", "n", "start"),
    [
        (EA.on(OneMax()), 100, "uniform"),
        (EA.on(OneMax()), 60, "zeros"),
        (RLS().on(OneMax()), 80, 70),
        (RLS().on(BinVal()), 80, "uniform"),
        (EA.on(LeadingOnes()), 60, "uniform"),
        (OnePlusOneEA("1/(v+1)").on(LeadingOnes()), 40, "uniform"),
        (RLS().on(LeadingOnes()), 30, "uniform"),
        (EA.on(LeadingOnes()), 8, "worst"),
        (EA.on(BinVal()), 8, "zeros"),
        (OnePlusOneEA("1/(k+1)").on(OneMax()), 9, "uniform"),
        (EA.on(Jump(2)), 20, "uniform"),
    ],
    ids=str,
)
def test_moments_of_the_distribution_are_the_exact_ones(process, n, start):
    law = runtime_distribution(process, n=n, c=1, start=start, tail=1e-12)
    t = np.arange(len(law.pmf))
    assert 0 <= law.tail_mass <= 1e-12
    assert (law.pmf >= 0).all()
    assert law.pmf.sum() + law.tail_mass == pytest.approx(1, abs=1e-12)
    assert law.mean == pytest.approx(expected_runtime(process, n=n, c=1, start=start), rel=1e-12)
    assert float(t @ law.pmf) == pytest.approx(law.mean, rel=1e-9)
    assert float((t - law.mean) ** 2 @ law.pmf) == pytest.approx(law.variance, rel=1e-7)
    assert (law.mean, law.variance) == pytest.approx(runtime_moments(process, n=n, c=1, start=start), rel=1e-12)


def test_leadingones_from_a_uniform_start_is_the_full_chain():
    from theory.exact import distribution

    process = EA.on(LeadingOnes())
    values = process.values(n=7, c=2)
    start = read_start("uniform", process.problem, 7)
    sums, left = distribution._leadingones(process, values, 7, 1e-9)
    powers, _ = distribution._by_points(process, values, start, 7, 1e-9, 1e3)
    assert left <= 1e-9
    size = min(len(sums), len(powers))
    np.testing.assert_allclose(sums[:size], powers[:size], atol=1e-15)


def test_quantiles_invert_the_distribution_function():
    law = runtime_distribution(EA.on(OneMax()), n=50, c=1)
    for q in (0.01, 0.5, 0.999):
        t = law.quantile(q)
        assert law.cdf[t] >= q > law.cdf[t - 1]
    assert law.quantile(1e-30) == 0
    for q in (0, 1, 1 - 1e-12):
        with pytest.raises(InputError, match="^q: "):
            law.quantile(q)


def test_the_optimum_takes_no_time():
    law = runtime_distribution(EA.on(OneMax()), n=5, c=1, start=0)
    assert law.pmf.tolist() == [1.0]
    assert (law.mean, law.variance, law.tail_mass) == (0, 0, 0)


def test_distributions_that_are_too_long_or_unknown_are_refused():
    with pytest.raises(NoExactMethod, match="smaller n"):
        runtime_distribution(EA.on(Needle()), n=60, c=1)
    with pytest.raises(NoExactMethod, match="smaller n"):
        runtime_distribution(EA.on(LeadingOnes()), n=5000, c=1)
    with pytest.raises(NoExactMethod, match="n = 5000"):
        runtime_distribution(EA.on(OneMax()), n=5000, c=1)
    with pytest.raises(InputError, match="^tail: "):
        runtime_distribution(EA.on(OneMax()), n=5, c=1, tail=0)
