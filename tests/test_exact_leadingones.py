"""LeadingOnes: closed forms from every start against the chain over all points."""

from __future__ import annotations

import itertools
import math
import time
from fractions import Fraction

import numpy as np
import pytest
from flint import ctx, fmpq

from theory import RLS, LeadingOnes, OnePlusOneEA
from theory.exact import NoExactMethod, expected_runtime, expected_runtime_interval, fullchain, leadingones, runtime_moments
from theory.starts import Start, read_start

EA = OnePlusOneEA("c/n").on(LeadingOnes())


def printed(text):
    return 0.5000001 * 10.0 ** -len(text.partition(".")[2])


@pytest.mark.parametrize(
    ("n", "values"),
    [
        (10, ["127.3346883", "84.05873959", "83.13225746"]),
        (100, ["12950.72826", "8573.395181", "8011.94844"]),
        (1000, ["1297205.957", "858961.2871", "798882.6294"]),
    ],
)
def test_uniform_start_has_the_published_values(n, values):
    for c, value in zip(("1/2", 1, 2), values):
        assert expected_runtime(EA, n=n, c=c) == pytest.approx(float(value), abs=printed(value), rel=0)


def test_published_optima_and_adaptive_rates():
    for n, c, value in ((10, 1.47800079, "77.0431577"), (100, 1.58104922, "7720.52986"), (1000, 1.59235578, "772069.16279")):
        assert expected_runtime(EA, n=n, c=c) == pytest.approx(float(value), abs=printed(value), rel=0)
        assert expected_runtime(EA, n=n, c=c) < min(expected_runtime(EA, n=n, c=c + d) for d in (-1e-3, 1e-3))
    adaptive = OnePlusOneEA("1/(v+1)").on(LeadingOnes())
    for n, value in ((10, "67.64781173"), (100, "6795.264948"), (1000, "679569.8871")):
        assert expected_runtime(adaptive, n=n) == pytest.approx(float(value), abs=printed(value), rel=0)


def test_local_search_takes_half_of_n_squared():
    for n in (1, 2, 10, 10**6):
        assert expected_runtime(RLS().on(LeadingOnes()), n=n) == n * n / 2


ALGORITHMS = [
    OnePlusOneEA("c/n"), OnePlusOneEA("c/n", strict=True), RLS(), RLS(strict=True), OnePlusOneEA("1/(v+2)"),
    OnePlusOneEA("1/(v+1)", strict=True), OnePlusOneEA("(v+1)/(n+1)"),
]  # fmt: skip


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=str)
def test_every_start_agrees_with_the_chain_over_all_points(algorithm):
    process = algorithm.on(LeadingOnes())
    for n in range(1, 7):
        for c in (0.3, 1, n / 2, 0.9 * n, n) if "c" in process.rate_symbols else (1,):
            if c > n:
                continue
            values = process.values(n=n, c=c)
            chain = fullchain.by_point(process, values)[0]
            for i, x in enumerate(itertools.product((0, 1), repeat=n)):
                value = leadingones.moments(process, values, read_start(x, process.problem, n))[0]
                assert value == pytest.approx(chain[i], rel=1e-12)
            for start in ("uniform", *range(n + 1)):
                start = read_start(start, process.problem, n)
                value = leadingones.moments(process, values, start)[0]
                assert value == pytest.approx(fullchain.moments(process, values, start)[0], rel=1e-12)


def test_the_recursion_from_all_zeros():
    """E[T] = sum over i < n of (1 + f_i(1-2p)) / (2 p (1-p)^i), the recursion in l instead of powers of 1 - 2p."""
    for n, p in ((1, Fraction(1, 3)), (4, Fraction(1, 5)), (8, Fraction(1, 8)), (7, Fraction(2, 3))):

        def f(i, power, p=p):
            if i == 0:
                return Fraction(1)
            g = p * power / (1 - (1 - p) * power)
            return (1 + g) / 2 * f(i - 1, power) + (g - 1) / 2 * f(i - 1, (1 - 2 * p) * power)

        right = sum((1 + f(i, 1 - 2 * p)) / (2 * p * (1 - p) ** i) for i in range(n))
        process = OnePlusOneEA(p).on(LeadingOnes())
        assert expected_runtime(process, n=n, start="zeros", rational=True) == right
        assert expected_runtime(process, n=n, start="zeros") == pytest.approx(float(right), rel=1e-13)
        ball = expected_runtime_interval(process, n=n, start="zeros")
        with ctx.workprec(2000):
            assert ball.contains(fmpq(right.numerator, right.denominator))
            assert not ball.contains(fmpq(right.numerator * (10**30 + 1), right.denominator * 10**30))


def test_balls_contain_the_floats_at_medium_n():
    point = (np.arange(300) % 3 == 0).astype(int)
    for process in (EA, RLS().on(LeadingOnes()), OnePlusOneEA("1/(v+2)", strict=True).on(LeadingOnes())):
        for start in ("uniform", "zeros", 1, 150, point):
            ball = expected_runtime_interval(process, n=300, c=1, start=start)
            value = expected_runtime(process, n=300, c=1, start=start)
            assert float(ball.rad() / ball) < 1e-30
            assert abs(float((ball - value) / ball)) < 1e-13


def test_mean_products_of_signs_are_those_of_the_points():
    for n, zeros in ((1, 0), (4, 2), (5, 1), (6, 4)):
        points = [x for x in itertools.product((0, 1), repeat=n) if n - sum(x) == zeros]
        for m, mean in enumerate(leadingones.mean_products(n, zeros), start=1):
            assert mean == pytest.approx(np.mean([math.prod(1 - 2 * bit for bit in x[:m]) for x in points]), abs=1e-15)


def test_a_start_with_half_the_bits_zero_is_nearly_uniform():
    assert expected_runtime(EA, n=2000, c=1, start=1000) == pytest.approx(expected_runtime(EA, n=2000, c=1), rel=1e-6)


def test_variance_is_the_sum_over_the_levels():
    p = 1 / 50
    levels = [p * (1 - p) ** i for i in range(50)]
    mean, variance = runtime_moments(EA, n=50, c=1)
    assert mean == pytest.approx(sum(0.5 / w for w in levels), rel=1e-13)
    assert variance == pytest.approx(sum((2 - w) / (2 * w**2) - 1 / (4 * w**2) for w in levels), rel=1e-10)


def test_degenerate_rates():
    assert expected_runtime(OnePlusOneEA(1).on(LeadingOnes()), n=1) == 0.5
    assert expected_runtime(OnePlusOneEA(1).on(LeadingOnes()), n=2) == math.inf
    assert expected_runtime(OnePlusOneEA(0).on(LeadingOnes()), n=100) == math.inf
    assert expected_runtime(OnePlusOneEA(0).on(LeadingOnes()), n=100, start=0) == 0
    assert expected_runtime(OnePlusOneEA("Piecewise((0, v == 40), (1/n, True))").on(LeadingOnes()), n=100) == math.inf
    with pytest.raises(NoExactMethod, match="too large"):
        expected_runtime(OnePlusOneEA("1/2").on(LeadingOnes()), n=2000)


def test_large_n_is_immediate_from_a_uniform_start():
    start = time.process_time()
    value = expected_runtime(EA, n=10**9, c=1)
    assert time.process_time() - start < 1
    assert value == pytest.approx((math.e - 1) / 2 * 1e18, rel=1e-8)


def test_what_is_not_known_is_refused_with_the_reason():
    with pytest.raises(NoExactMethod, match="the worst start .* up to n = 16"):
        expected_runtime(EA, n=17, c=1, start="worst")
    with pytest.raises(NoExactMethod, match="needs a rate in n, c, v"):
        expected_runtime(OnePlusOneEA("1/(k+1)").on(LeadingOnes()), n=17)
    with pytest.raises(NoExactMethod, match="up to n = 20000"):
        expected_runtime(EA, n=20001, c=1, start="zeros")
    with pytest.raises(NoExactMethod, match="independently only from a uniform start"):
        runtime_moments(EA, n=17, c=1, start="zeros")
    with pytest.raises(NoExactMethod, match="RLS with one flip"):
        expected_runtime(RLS(3).on(LeadingOnes()), n=17)
    assert leadingones.refusal(EA, EA.values(n=10, c=1), Start("uniform")) is None
