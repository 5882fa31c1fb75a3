"""HotTopic measured: the drift field and the levels, against enumeration, fluid limits and each other."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

from proofs_check.claim import Setting
from proofs_check.decide import Fact
from proofs_check.monotone import hovering, measured_field
from proofs_check.monotone.field import exact_change
from proofs_check.region import Region, mean_region, ratio_region, regions, share_region
from theory.errors import InputError
from theory.monotone import guarded, meanfield
from theory.monotone.hottopic import phi

# ---- one step


def enumerated_change(n, p, hot, hot_zeros, rest_zeros):
    """Every set of flips, in fractions: lexicographic acceptance, positions 0, ..., hot - 1 being hot."""
    x = [0] * hot_zeros + [1] * (hot - hot_zeros) + [0] * rest_zeros + [1] * (n - hot - rest_zeros)
    changes = [Fraction(0), Fraction(0)]
    for flips in itertools.product((0, 1), repeat=n):
        y = [a ^ b for a, b in zip(x, flips)]
        before, after = ((sum(z[:hot]), sum(z[hot:])) for z in (x, y))
        if after >= before:
            chance = p ** sum(flips) * (1 - p) ** (n - sum(flips))
            for i in (0, 1):
                changes[i] += chance * (before[i] - after[i])
    return [float(x) for x in changes]


@pytest.mark.parametrize("state", [(6, 2, 1, 2), (6, 3, 3, 0), (7, 3, 0, 3), (7, 2, 2, 5)])
def test_the_change_in_one_step_is_that_of_all_sets_of_flips(state):
    n, hot, hot_zeros, rest_zeros = state
    for p in (Fraction(1, 6), Fraction(1, 2)):
        expected = enumerated_change(n, p, hot, hot_zeros, rest_zeros)
        assert exact_change(n, float(p), hot, hot_zeros, rest_zeros) == pytest.approx(expected, abs=1e-14)


def test_the_mean_field_is_the_limit_of_the_change_in_one_step():
    """The gap falls like 1/n: halved from n to 2n, and nothing is left of it after extrapolation."""
    limit = sum(meanfield.drift(0.2, 0.2, 3, "1/4"))
    gaps = [sum(exact_change(n, 3 / n, n // 4, n // 20, 3 * n // 20)) - limit for n in (400, 800, 1600)]
    assert gaps[0] == pytest.approx(2 * gaps[1], rel=1e-3) and gaps[1] == pytest.approx(2 * gaps[2], rel=1e-3)
    assert abs(2 * gaps[2] - gaps[1]) < 1e-3 * abs(gaps[2]) and abs(gaps[0]) < 2 / 400


def test_near_the_optimum_the_field_is_phi():
    for c, share in ((1.5, 0.25), (2.5, 0.25), (4, 0.4)):
        x = 1e-6
        total = sum(meanfield.drift(x, x, c, str(share)))
        assert total / (c * x * (1 - share) * math.exp(-c * share)) == pytest.approx(float(phi(c, share)), abs=1e-4)


def test_a_measured_field_is_a_table_and_a_picture():
    """That it holds the exact field, and not OneMax's, is the claim hottopic-drift-field."""
    field = measured_field(["1/20"], [4], n=400, replicates=500, seed=5)
    assert [series.kind for series in field.figure.series] == ["prediction", "measured"]
    assert list(field.table.columns) == ["c", "density", "hot", "rest", "total", "low", "high", "exact", "mean field"]


# ---- levels


def literal_visits(n, c, levels, seed):
    """The same run told by the fitness alone, one step after the other, in plain Python with another stream."""
    from theory import HotTopic

    problem, draw = HotTopic("1/4", "1/10", "1/10", levels, seed), np.random.default_rng(seed)
    x = draw.integers(0, 2, n)
    value, seen, steps = problem.value(x), set(), 0
    while not x.all():
        steps += 1
        flips = draw.random(n) < c / n
        if flips.any():
            y = x ^ flips
            after = problem.value(y)
            if after >= value:
                if after // n**2 > value // n**2:
                    seen.add(after // n**2)
                x, value = y, after
    return steps, len(seen)


def test_visits_and_times_are_those_of_a_literal_run():
    """Two samples of 60 runs: each mean within 4 standard errors of the other's (error rate 1e-4 both)."""
    told = hovering(60, 1.5, 12, beta="1/10", eps="1/10", replicates=60, seed=3, densities=False)
    other = np.array([literal_visits(60, 1.5, 12, 1000 + i) for i in range(60)])
    for one, two in ((told.evaluations, other[:, 0]), (told.visited, other[:, 1])):
        spread = math.sqrt(one.var() / 60 + two.var() / 60)
        assert abs(one.mean() - two.mean()) < 4 * spread


def test_a_hard_run_hovers_where_the_guarded_mean_field_says_and_an_easy_one_does_not():
    point = guarded.fixed_point(4, "1/4", "1/10", "1/50")
    hard = hovering(4000, 4, 14, start=round(point.density, 3), replicates=6, seed=2)
    assert (hard.visited == 14).all() and list(hard.table.columns) == ["T", "visited", "density"]
    assert hard.mean_densities(5).mean() == pytest.approx(point.density, rel=0.1)  # n is small; the claim has the test
    assert hard.level_times(3).mean() == pytest.approx(point.time, rel=0.25)
    assert all(one.size == 14 and (np.diff(one) > 0).all() for one in hard.changes)
    easy = hovering(4000, 1, 14, replicates=3, seed=2)
    assert (easy.visited < 14).all() and easy.last_changes.max() < easy.evaluations.min()


def test_without_guarded_bits_the_guarded_mean_field_is_the_mean_field():
    free = meanfield.fixed_point(3, "1/4", "1/50")
    small = guarded.fixed_point(3, "1/4", "1/2000", "1/50")
    assert small.density == pytest.approx(free.density, rel=3e-3) and small.time == pytest.approx(free.time, rel=3e-3)
    more = guarded.fixed_point(3, "1/4", "1/1000", "1/50")
    assert free.density - more.density == pytest.approx(2 * (free.density - small.density), rel=0.05)
    assert guarded.fixed_point(2, "1/4", "1/100", "1/50") is None


def test_the_guards_room_is_in_equilibrium():
    """Against the stationary law of a walk on 0, 1, 2, ... that steps up with 0.1 and down with 0.2: geometric with ratio 1/2."""
    room = guarded._room(np.array([[0.2], [0.7], [0.1]]), np.array([[-1], [0], [1]]))
    assert room[:10] == pytest.approx([0.5**i for i in range(10)], abs=1e-12)


def test_a_guarded_step_has_the_drift_of_a_simulated_one():
    """Poisson flips and the guard's walk in plain numpy: 4 standard errors of batch means, error rate 2e-4 in all."""
    rate, share, small, a, r, inside = 3.0, 0.25, 0.1, 0.06, 0.07, 0.02
    told = guarded._changes(rate, share, small, a, r, inside, inside)
    draw, steps = np.random.default_rng(4), 200_000
    weights = (share * (1 - small), (1 - share) * (1 - small), share * small, (1 - share) * small)
    x, y, x_in, y_in = (
        draw.poisson(rate * w * d, steps) - draw.poisson(rate * w * (1 - d), steps)
        for w, d in zip(weights, (a, r, inside, inside))
    )
    better = (x + x_in > 0) | ((x + x_in == 0) & (y + y_in >= 0))
    room, kept = 0, np.zeros(steps, bool)
    for i in np.flatnonzero(better):
        if room + x_in[i] + y_in[i] >= 0:
            room += x_in[i] + y_in[i]
            kept[i] = True
    for values, expected in zip((x, y, x_in), told):
        batches = (values * kept).reshape(100, -1).mean(axis=1)
        assert abs(batches.mean() - expected) < 4 * batches.std() / 10


# ---- regions


def test_equal_values_prove_no_more_than_their_number_allows():
    """A law on 0 and 90 with a mean of 85 shows 90 thirty times with probability (85/90)^30 = 0.18: that refutes nothing."""
    region = mean_region("levels", np.full(30, 90.0), 85.0, math.inf, 90.0, 1e-3)
    assert region.low < 85 and region.high == math.inf and (region.low / 90) ** 30 == pytest.approx(5e-4)
    share = share_region("runs", 30, 30, 0.9, 1.0, 1e-3)
    assert share.low**30 == pytest.approx(5e-4) and share.high == 1
    assert share_region("runs", 0, 30, 0.5, 1.0, 1e-3).high < 0.5


def test_a_region_is_left_only_by_the_whole_interval():
    draw = np.random.default_rng(1)
    sample = 10 + draw.normal(size=400)

    def verdict(cell):
        return regions(lambda setting: [cell])(Setting("quick", 0, 1e-3, 0.1))

    told = [verdict(mean_region("here", sample, floor, 12.0, 10.0, 1e-3)).verdict for floor in (9.0, 10.0, 11.0)]
    assert told == ["consistent", "inconclusive", "refuted"]
    ratio = ratio_region("here", 3 * sample, sample, 2.5, 3.5, 3.0, 1e-3)
    assert ratio.low < 3 < ratio.high and verdict(ratio).verdict == "consistent" and verdict(ratio).power > 0.99
    assert verdict(Region("here", 1.0, 1.0, 1.0, 0.5, math.inf, 1.0)).power == 1
    assert regions(lambda setting: [ratio, Fact("there", "no")])(Setting("quick", 0, 1e-3, 0.1)).verdict == "refuted"


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda: measured_field([], [1]), "densities: give at least one density and at least one constant"),
        (lambda: measured_field([0.1], [1], n=100), "n: 100 must be at least 200"),
        (lambda: measured_field([2], [1]), "densities: 2 must lie strictly between 0 and 1"),
        (
            lambda: measured_field(["1/20"], [1], n=200),
            "densities: 1/20 leaves fewer than 4 of the hot bits zero; give a larger one, or n",
        ),
        (lambda: measured_field([0.1], [1], confidence=1), "confidence: 1 must lie strictly between 0 and 1"),
        (lambda: hovering(100, 1, 5, start=2), "start: 2 must be 'uniform' or a density between 0 and 1"),
        (lambda: guarded.fixed_point(3, "1/4", "1/2", "1/50"), "beta: '1/2' must be less than alpha = 1/4"),
        (lambda: meanfield.drift(2, 0, 1, "1/4"), "a: 2.0 must lie between 0 and 1"),
    ],
)
def test_wrong_input_is_named(call, line):
    with pytest.raises(InputError) as caught:
        call()
    assert str(caught.value) == line
