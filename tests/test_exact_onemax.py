"""OneMax: published values, the bound on the error against balls, and every rate from 0 to 1."""

from __future__ import annotations

import math
import time
from fractions import Fraction

import numpy as np
import pytest
from flint import ctx, fmpq

from theory import RLS, BinVal, Linear, OneMax, OnePlusOneEA
from theory.exact import (
    NoExactMethod,
    expected_runtime,
    expected_runtime_interval,
    expected_runtimes_by_zeros,
    onemax,
    runtime_moments,
    worst_start,
)
from theory.exact.interval import expected as ball_of
from theory.starts import Start

EA = OnePlusOneEA("c/n").on(OneMax())

# n, c, E[T] from a uniform start, standard deviation, E[T] from 0^n
TABLE = [
    (10, "1/2", "65.18619267", "37.42152093", "80.45977026"),
    (10, 1, "47.98659391", "29.2044746", "56.1434353"),
    (10, 2, "55.68185543", "39.6321481", "60.01241963"),
    (100, "1/2", "1391.63154", "415.2600031", "1547.753915"),
    (100, 1, "1069.538497", "338.3291402", "1154.892268"),
    (100, 2, "1257.752795", "452.1707512", "1305.913476"),
    (1000, "1/2", "21489.78194", "4218.445685", "23054.3262"),
    (1000, 1, "16894.6893", "3470.551318", "17751.85883"),
    (1000, 2, "20761.84533", "4698.16323", "21247.82306"),
]


def printed(text):
    """Half a unit in the last printed digit."""
    return 0.5000001 * 10.0 ** -len(text.partition(".")[2])


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"n={row[0]},c={row[1]}")
def test_mean_and_deviation_are_the_published_ones(row):
    n, c, uniform, deviation, zeros = row
    mean, variance = runtime_moments(EA, n=n, c=c)
    assert mean == pytest.approx(float(uniform), abs=printed(uniform), rel=0)
    assert math.sqrt(variance) == pytest.approx(float(deviation), abs=printed(deviation), rel=0)
    assert expected_runtime(EA, n=n, c=c, start="zeros") == pytest.approx(float(zeros), abs=printed(zeros), rel=0)


def test_fractions_are_the_published_ones():
    uniform = ["1/2", "3", "1161/176", "144985168/13149675", "65853467165625/4088660832256"]
    uniform += ["2758765432246877607633/127052019417790534375"]
    for n, value in enumerate(uniform, start=1):
        assert expected_runtime(EA, n=n, c=1, rational=True) == Fraction(value)
    for n, value in ((2, "4"), (3, "189/22"), (4, "61143296/4383225")):
        assert expected_runtime(EA, n=n, c=1, start="zeros", rational=True) == Fraction(value)
    for n, value in ((7, 27.7607780554235), (8, 34.18491689341364), (9, 40.93901644985524), (10, 47.986593906663906)):
        assert expected_runtime(EA, n=n, c=1) == pytest.approx(value, rel=1e-14)


def test_the_distribution_of_long_runs_has_the_published_deviation():
    mean, variance = runtime_moments(EA, n=4000, c=1)
    assert mean == pytest.approx(82623.967, abs=5e-4, rel=0)
    assert math.sqrt(variance) == pytest.approx(13926.11536, abs=5e-6, rel=0)


@pytest.mark.parametrize("rate", ["c/n", "1/2", "7/10", "99/100", "1/(k+1)", "2/(v+3)", "Min(1/2, k/n)", "(n-k+1)/(2*n)"])
def test_the_error_is_below_its_bound_and_that_below_the_promise(rate):
    process = OnePlusOneEA(rate).on(OneMax())
    for n in (1, 2, 7, 60):
        for c in ("1/10", 1, n / 4, n / 2, n * 0.9) if rate == "c/n" else (1,):
            if rate == "c/n" and n == c:
                continue  # balls are for rates below 1; the reference test has the rate 1
            values = process.values(n=n, c=c)
            (expected, error), (_, _) = onemax._solutions(process, values, n, 2)
            assert (error[1:] <= 1e-10 * expected[1:]).all()
            for z in range(0, n + 1, max(1, n // 12)):
                ball = ball_of(process, values, Start("count", z), 160)
                assert float(ball.rad()) <= 1e-30 * float(ball.mid())
                assert abs(float(ball - expected[z])) <= error[z]


def test_the_error_is_below_its_bound_at_medium_n():
    for n, c in ((600, "1/2"), (600, 3), (200, 40)):
        ball = expected_runtime_interval(EA, n=n, c=c)
        assert abs(float((ball - expected_runtime(EA, n=n, c=c)) / ball)) < 1e-12


def test_a_ball_contains_the_fraction():
    for c in ("1/3", 1, "5/2"):
        fraction = expected_runtime(EA, n=7, c=c, rational=True, start="zeros")
        ball = expected_runtime_interval(EA, n=7, c=c, start="zeros", bits=256)
        assert float(ball.rad()) < 1e-60
        with ctx.workprec(2000):
            assert ball.contains(fmpq(fraction.numerator, fraction.denominator))
            assert not ball.contains(fmpq(fraction.numerator * (10**50 + 1), fraction.denominator * 10**50))


def test_second_moments_agree_with_the_dense_chain():
    from theory.exact import symmetric

    for rate, n in (("c/n", 30), ("1/(k+1)", 20), ("2/(v+3)", 30)):
        process = OnePlusOneEA(rate).on(OneMax())
        values = process.values(n=n, c=2)
        for banded, dense in zip(onemax.by_number(process, values, n, 2), symmetric.by_number(process, values, 2)):
            np.testing.assert_allclose(banded, dense, rtol=1e-12)


def test_a_million_bits_take_less_than_a_second_and_follow_the_expansion():
    expected_runtime(EA, n=10, c=1)  # compiling is not what is timed
    start = time.process_time()
    value = expected_runtime(EA, n=10**6, c=1)
    seconds = time.process_time() - start
    n = 10**6
    expansion = math.e * n * math.log(n) - 1.892541788344686823 * n + math.e / 2 * math.log(n) + 0.59789876
    assert value == pytest.approx(expansion, rel=3e-12)
    assert seconds < 4  # 0.2 s on a quiet core; benchmarks/ measures


def test_the_worst_start_is_all_zeros_for_small_rates_but_not_for_large_ones():
    assert worst_start(EA, n=40, c=1)[0] == 40
    start, value = worst_start(EA, n=40, c=36)
    assert start < 40
    assert value == max(expected_runtimes_by_zeros(EA, n=40, c=36)) == expected_runtime(EA, n=40, c=36, start="worst")


def test_degenerate_rates_miss_the_optimum():
    assert expected_runtime(OnePlusOneEA(0).on(OneMax()), n=5) == math.inf
    assert expected_runtime(OnePlusOneEA(0).on(OneMax()), n=5, start=0) == 0
    assert expected_runtime(OnePlusOneEA(1).on(OneMax()), n=5) == math.inf
    assert expected_runtime(OnePlusOneEA(1).on(OneMax()), n=5, start="zeros") == 1
    assert expected_runtime(OnePlusOneEA(1).on(OneMax()), n=1) == 0.5
    assert expected_runtime(OnePlusOneEA("Piecewise((0, k == 3), (1/n, True))").on(OneMax()), n=50, start=2) < math.inf
    assert expected_runtime(OnePlusOneEA("Piecewise((0, k == 3), (1/n, True))").on(OneMax()), n=50) == math.inf


def test_a_rate_that_stalls_only_far_from_uniform_starts_still_makes_their_expectation_infinite():
    process = OnePlusOneEA("Piecewise((0, k == n), (1/n, True))").on(OneMax())
    assert expected_runtime(process, n=1000) == math.inf
    assert expected_runtime(process, n=1000, start=999) < math.inf


def test_expectations_beyond_floating_point_are_refused():
    with pytest.raises(NoExactMethod, match="too large"):
        expected_runtime(OnePlusOneEA("1/2").on(OneMax()), n=2000)
    assert expected_runtime(OnePlusOneEA("1/2").on(OneMax()), n=800) == pytest.approx(2.0**800, rel=1e-12)


def test_randomised_local_search_collects_coupons():
    for n, value in ((10, "22.359033978"), (100, "449.423033708"), (1000, "6792.323679990")):
        for problem in (OneMax(), BinVal(), Linear([(-1) ** i * (i + 1) for i in range(1000)])):
            assert expected_runtime(RLS().on(problem), n=n) == pytest.approx(float(value), abs=printed(value), rel=0)
    harmonic = sum(Fraction(1, i) for i in range(1, 31))
    assert expected_runtime(RLS().on(OneMax()), n=30, start="zeros") == pytest.approx(float(30 * harmonic), rel=1e-14)
    assert expected_runtime(RLS().on(OneMax()), n=30, start="worst", rational=True) == 30 * harmonic
    assert expected_runtime_interval(RLS().on(OneMax()), n=30, start=30).contains(
        expected_runtime_interval(RLS().on(OneMax()), n=30, start="worst", bits=512)
    )
    assert expected_runtime(RLS().on(OneMax()), n=10**9) == pytest.approx(
        10**9 * (math.log(10**9 / 2) + 0.5772156649015329), rel=1e-9
    )


def test_flipping_two_bits_leaves_the_last_zero_bit_for_ever():
    process = RLS(2).on(OneMax())
    assert expected_runtime(process, n=20) == math.inf
    right = sum(Fraction(20 * 19, z * (z - 1)) for z in range(2, 13, 2))
    assert expected_runtime(process, n=20, start=12) == pytest.approx(float(right), rel=1e-13)
    assert expected_runtime(process, n=20, start=11) == math.inf
