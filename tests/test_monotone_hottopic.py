"""HotTopic: the function, when it is hard, and how the density of zero-bits moves from level to level."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy

from sim import simulate
from theory import HotTopic, InputError, OnePlusOneEA, c, n
from theory.bounds.hottopic import THRESHOLD, phi_changes_sign
from theory.exact import expected_runtime
from theory.monotone import hottopic as hot
from theory.monotone import meanfield

SMALL = HotTopic(alpha="1/2", beta="1/4", eps="1/2", levels=4, seed=3)


def by_definition(x, sets_a, sets_b, eps):
    """f(x), word for word from the paper's definition, as (level, ones in A, ones in R)."""
    size = len(x)
    reached = [i + 1 for i, b in enumerate(sets_b) if Fraction(sum(1 - x[j] for j in b), len(b)) <= eps]
    level = max(reached, default=0)
    inside = set(sets_a[level]) if level < len(sets_a) else set()
    return level, sum(x[j] for j in inside), sum(x[j] for j in range(size) if j not in inside)


def points(size):
    return [[i >> j & 1 for j in range(size)] for i in range(2**size)]


@pytest.mark.parametrize("problem", [SMALL, HotTopic("1/2", "3/8", 0, 2, 7), HotTopic("3/4", "1/8", "9/10", 3, 1)], ids=str)
def test_values_are_the_definition_and_order_points_lexicographically(problem):
    a, b = (x.tolist() for x in problem.sets(8))
    assert all(set(small) <= set(large) and len(set(large)) == len(large) for large, small in zip(a, b))
    keys = {tuple(x): by_definition(x, a, b, problem.eps) for x in points(8)}
    values = {x: problem.value(x) for x in keys}
    for x, (level, inside, outside) in keys.items():
        assert values[x] == level * 64 + 8 * inside + outside and problem.level(x) == level
    order = sorted(keys, key=values.__getitem__)
    assert all(keys[x] <= keys[y] for x, y in itertools.pairwise(order))


@pytest.mark.parametrize("seed", range(6))
def test_it_is_strictly_monotone(seed):
    for problem in (HotTopic("1/2", "1/4", "1/2", 5, seed), HotTopic("3/4", "1/2", "1/4", 3, seed)):
        for x in points(8):
            for j in range(8):
                if not x[j]:
                    assert problem.value([*x[:j], 1, *x[j + 1 :]]) > problem.value(x)


def test_kernels_compute_the_same_values_and_judgements():
    from theory.problems.hottopic import judge, value

    data, draw = SMALL.data(8), np.random.default_rng(1)
    for x in points(8):
        bits = np.array(x, dtype=np.uint8)
        assert value(bits, data) == SMALL.value(bits)
        flips = draw.permutation(8)[:3]
        y = bits.copy()
        y[flips] ^= 1
        sign, after = judge(bits, flips, 3, 0, 0, 0.0, data)
        assert after == SMALL.value(y) and sign == (SMALL.value(y) > SMALL.value(x)) - (SMALL.value(y) < SMALL.value(x))
        assert bits.tolist() == x


@pytest.mark.parametrize("engine", ["reference", "sparse", "event"])
def test_every_engine_has_the_exact_mean(engine):
    """Two-sided, error rate 0.001 each (3.29 standard errors); 4000 runs see a shift of 8 % of a standard deviation."""
    process = OnePlusOneEA(c / n).on(SMALL)
    exact = expected_runtime(process, n=8, c=1)
    times = simulate(process, n=8, c=1, replicates=4000, seed=20, engine=engine).to_pandas().evaluations
    assert abs(times.mean() - exact) < 3.29 * times.std() / math.sqrt(4000)


def test_the_sets_depend_on_the_seed_and_on_nothing_else():
    same, other = HotTopic("1/2", "1/4", "1/2", 4, 3), HotTopic("1/2", "1/4", "1/2", 4, 4)
    assert (same.data(20) == SMALL.data(20)).all() and (other.data(20) != SMALL.data(20)).any()
    SMALL.data(8)
    assert (same.data(20) == SMALL.data(20)).all()
    assert same.key == SMALL.key == "HotTopic(alpha=1/2, beta=1/4, eps=1/2, levels=4, seed=3)"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("1", "1/4", 0, 3), "alpha: '1' must lie between 0 and 1"),
        (("1/4", "1/4", 0, 3), "beta: '1/4' must lie between 0 and alpha = 1/4"),
        (("1/2", "1/4", 1, 3), "eps: 1 must be at least 0 and less than 1"),
        (("1/2", "1/4", 0, 0), "levels: 0 must be a positive integer"),
        (("1/2", "1/4", 0, 3, -1), "seed: -1 must be an integer from 0 on"),
    ],
)
def test_wrong_parameters_are_named(arguments, line):
    with pytest.raises(InputError) as caught:
        HotTopic(*arguments)
    assert str(caught.value) == line


def test_sizes_that_do_not_fit_are_named():
    with pytest.raises(InputError, match="beta: 1/20 of n = 10 bits is less than one bit"):
        HotTopic().check(10)
    with pytest.raises(InputError, match="levels: .* entries; give fewer"):
        HotTopic(levels=10**6).check(10**4)


# ---- when it is hard


def test_phi_is_the_growth_of_the_number_of_zero_bits():
    left = (hot.GAIN - hot.LOSS_HOT - hot.LOSS_REST) / (c * (1 - hot.alpha) * sympy.exp(-c * hot.alpha))
    assert sympy.simplify(left - hot.PHI) == 0


def test_the_threshold_solves_both_equations_to_any_number_of_digits():
    at, share = hot.threshold(60)
    with mpmath.workdps(60):
        slope = at - at * mpmath.exp(-at * (1 - share)) - (1 - share) ** -2
        value = at * share - mpmath.exp(-at * (1 - share)) - share / (1 - share)
        assert abs(value) < mpmath.mpf(10) ** -57 and abs(slope) < mpmath.mpf(10) ** -56
        assert abs(at - mpmath.mpf("2.13692884344059837908651709518")) < mpmath.mpf(10) ** -28
        assert abs(share - mpmath.mpf("0.237134594312075975087063546079")) < mpmath.mpf(10) ** -28


def test_the_threshold_is_bracketed_rigorously():
    low, high = hot.threshold_bracket(10)
    assert (low, high) == (Fraction("2.1369288434"), Fraction("2.1369288435"))
    assert hot.phi_is_negative_for_all_shares(low) and not hot.phi_is_negative_for_all_shares(high)
    assert not hot.phi_is_positive(low, Fraction("0.2371345943"))


def test_phi_is_certified_positive_at_the_published_pair():
    assert hot.phi_is_positive("2.2", "1/4") and not hot.phi_is_positive("2.138", "1/4")
    assert float(hot.phi(sympy.Rational(11, 5), sympy.Rational(1, 4))) == pytest.approx(0.02461676, abs=1e-8)


@pytest.mark.parametrize(
    ("rate", "low", "high"),
    [("2.5", 0.06823265530579, 0.48231356909), ("3", 0.02741369267737, 0.59971214779), ("4", 0.00627355909529, 0.71822476775)],
)
def test_the_interval_of_hard_shares(rate, low, high):
    found = hot.good_shares(rate)
    assert [float(x) for x in found] == pytest.approx([low, high], abs=1e-11)
    inside, outside = Fraction(round(low * 10**6) + 2, 10**6), Fraction(round(low * 10**6) - 2, 10**6)
    assert hot.phi_is_positive(rate, inside) and not hot.phi_is_positive(rate, outside)
    assert hot.good_shares("2.1369") is None and hot.good_shares("2.137") is not None


def test_the_rate_at_which_a_share_becomes_hard_is_in_closed_form():
    for share in (Fraction(1, 4), Fraction(1, 10), Fraction(2, 3)):
        assert phi_changes_sign(share)
    at, best = hot.threshold(20)
    value = THRESHOLD.subs(hot.alpha, sympy.Float(str(best), 20)).evalf(20)
    assert float(value) == pytest.approx(float(at), abs=1e-12)
    nearby = [float(THRESHOLD.subs(hot.alpha, sympy.Float(float(best) + d))) for d in (-0.02, 0.02)]
    assert min(nearby) > float(at)
    (bound,) = (b for b in OnePlusOneEA(c / n).on(HotTopic()).bounds() if b.direction == "threshold")
    assert float(bound.expr) == pytest.approx(2.13806, abs=1e-5) and bound.status == "heuristic"
    assert {check.fact.replay().holds for check in bound.derivation.checks} == {True, None}


def test_a_poisson_number_of_flips_gives_back_phi():
    for rate, share in ((2.5, 0.25), (3.0, 0.4), (1.0, 0.1)):
        law = {r: math.exp(-rate) * rate**r / math.factorial(r) for r in range(60)}
        expected = float(hot.phi(rate, share)) * rate * (1 - share) * math.exp(-rate * share)
        assert float(hot.phi_of_law(law, share)) == pytest.approx(expected, abs=1e-12)


# ---- from level to level


def skellam_level(density, rate, share, eps, step=0.004):
    """The same level by another law and another integrator: Skellam probabilities, Runge-Kutta of order 4."""
    from scipy.stats import skellam

    k = np.arange(1, 30)

    def motion(y):
        a, r = y
        ups, downs = rate * share * a, rate * share * (1 - a)
        rest_up, rest_down = rate * (1 - share) * r, rate * (1 - share) * (1 - r)
        above, equal = skellam.sf(0, ups, downs), skellam.pmf(0, ups, downs)
        gained = (k * skellam.pmf(k, rest_up, rest_down)).sum()
        freely = above * rate * (1 - share) * (1 - 2 * r)
        return np.array([-(k * skellam.pmf(k, ups, downs)).sum() / share, (freely - equal * gained) / (1 - share)])

    y, time = np.array([density, density]), 0.0
    while True:
        k1 = motion(y)
        k2 = motion(y + step / 2 * k1)
        k3 = motion(y + step / 2 * k2)
        new = y + step / 6 * (k1 + 2 * k2 + 2 * k3 + motion(y + step * k3))
        if new[0] <= eps:
            part = (y[0] - eps) / (y[0] - new[0])
            return share * eps + (1 - share) * (y + part * (new - y))[1], time + part * step
        y, time = new, time + step


@pytest.mark.parametrize(("rate", "eps"), [("2.5", "0.01"), ("3", "0.02"), ("4", "0.05")])
def test_the_fixed_point_is_one_also_by_another_integrator(rate, eps):
    point = meanfield.fixed_point(rate, "0.25", eps)
    density, time = skellam_level(point.density, float(rate), 0.25, float(eps))
    assert density == pytest.approx(point.density, rel=1e-4) and time == pytest.approx(point.time, rel=2e-3)
    assert skellam_level(point.density * 1.1, float(rate), 0.25, float(eps))[0] < point.density * 1.1  # stable
    assert point.density > float(eps)


def test_for_small_eps_the_fixed_point_is_that_of_the_linear_map():
    s = meanfield.linear_fixed_point(2.5, 0.25)
    assert s == pytest.approx(3.0135376806, abs=1e-9)
    assert meanfield.linear_fixed_point(3, 0.25) == pytest.approx(17.109802629, abs=1e-8)
    gaps = [s - meanfield.fixed_point("2.5", "0.25", eps).density / float(eps) for eps in ("0.001", "0.0002")]
    assert 0 < gaps[1] < 0.3 * gaps[0] < 0.1


@pytest.mark.parametrize("share", [0.1, 0.25, 0.4])
@pytest.mark.parametrize("rate", [1.5, 2.1, 2.2, 2.5, 3.0])
def test_the_slope_of_the_linear_map_exceeds_one_iff_phi_is_positive(rate, share):
    value = float(hot.phi(rate, share))
    slope = (meanfield.linear_map(1 + 1e-6, rate, share) - meanfield.linear_map(1 - 1e-6, rate, share)) / 2e-6
    assert slope == pytest.approx(meanfield.linear_slope(rate, share), abs=1e-8)
    assert meanfield.linear_slope(rate, share) - 1 == pytest.approx((1 - share) * value, abs=1e-12)
    assert (meanfield.linear_fixed_point(rate, share) is not None) == (value > 0)


def test_below_the_threshold_the_density_falls_to_eps():
    assert meanfield.fixed_point("2.1", "0.25", "0.0001") is None
    assert meanfield.fixed_point("2.2", "0.25", "0.0001") is not None
    with pytest.raises(InputError, match="density: 0.01 must lie between eps = 0.02 and 1"):
        meanfield.level(0.01, 3, "0.25", "0.02")
