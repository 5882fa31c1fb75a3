"""Slopes of E[T] over n: against least squares by hand, by their coverage, and by what they say of wrong models.

Coverage tests count misses; the counts are binomial, and 4.5 standard deviations are allowed (7e-6 a test).
"""

from __future__ import annotations

import math

import numpy as np
import pandas
import pytest

from sim import simulate
from sim.slopes import fit_slope
from theory import RLS, InputError, LeadingOnes, OneMax, OnePlusOneEA

NS = (10, 20, 40, 80, 160)


def table(ns, samples):
    return pandas.DataFrame({"n": np.repeat(ns, [len(s) for s in samples]), "evaluations": np.concatenate(samples)})


def test_the_slope_is_that_of_weighted_least_squares():
    """numpy.polyfit solves the same problem; the delta method's error by hand."""
    rng = np.random.default_rng(1)
    ns, sizes = (5, 8, 30, 100), (10, 40, 20, 30)
    samples = [rng.geometric(1 / n**1.5, size) for n, size in zip(ns, sizes, strict=True)]
    fit = fit_slope(table(ns, samples), confidence=0.9)
    error = np.array([s.std(ddof=1) / s.mean() / math.sqrt(s.size) for s in samples])
    y = np.log([s.mean() for s in samples]) + error**2 / 2
    slope, intercept = np.polyfit(np.log(ns), y, 1, w=np.sqrt(sizes))
    assert (fit.slope, fit.intercept) == (pytest.approx(slope), pytest.approx(intercept))
    derivative = [np.polyfit(np.log(ns), np.eye(4)[i], 1, w=np.sqrt(sizes))[0] for i in range(4)]
    variances = (np.array(derivative) * error) ** 2
    degrees = variances.sum() ** 2 / (variances**2 / (np.array(sizes) - 1)).sum()
    assert fit.degrees == pytest.approx(degrees)
    width = (fit.high - fit.low) / 2 / math.sqrt(variances.sum())
    assert upper_tail_of_student(width, degrees) == pytest.approx(0.05, abs=1e-6)
    assert fit.cells["mean"].tolist() == [s.mean() for s in samples]
    assert fit.predict([5, 7]) == pytest.approx(np.exp(intercept) * np.array([5, 7]) ** slope)


def upper_tail_of_student(t, degrees):
    """By integrating the density."""
    from scipy.integrate import quad

    constant = math.exp(math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)) / math.sqrt(degrees * math.pi)
    return quad(lambda x: constant * (1 + x * x / degrees) ** (-(degrees + 1) / 2), t, math.inf)[0]


def test_the_lack_of_fit_of_three_n_is_welchs_test_of_one_contrast():
    """One contrast with estimated variances: Johansen's F is then the square of Welch's t up to the order of 1/degrees^2."""
    rng = np.random.default_rng(2)
    ns, samples = (10, 20, 40), [rng.normal(n, 0.1 * n, 400) for n in (10.0, 20.2, 40.0)]
    fit = fit_slope(table(ns, samples))
    error = fit.cells["error"].to_numpy()
    y = np.log(fit.cells["mean"].to_numpy()) + error**2 / 2
    terms = np.array([1, 4, 1]) * error**2  # of y0 - 2 y1 + y2
    t = abs(y[0] - 2 * y[1] + y[2]) / math.sqrt(terms.sum())
    degrees = terms.sum() ** 2 / (terms**2 / 399).sum()
    assert fit.lack_of_fit == pytest.approx(2 * upper_tail_of_student(t, degrees), rel=1e-3)


LAWS = {
    "geometric": lambda rng, n, size: rng.geometric(1 / n**1.5, size),
    "sum of geometric": lambda rng, n, size: sum(rng.geometric(k / 8, size) for k in range(1, 9)) * n**1.5,
    "normal": lambda rng, n, size: n**1.5 * (1 + 0.2 * rng.normal(size=size)),
}


@pytest.mark.parametrize(
    ("law", "sizes"), [("geometric", (30,) * 5), ("sum of geometric", (100, 100, 50, 20, 20)), ("normal", (10,) * 5)]
)
def test_the_limits_cover_the_slope(law, sizes):
    rng = np.random.default_rng(3)
    samples, missed, refused = 300, 0, 0
    for _ in range(samples):
        fit = fit_slope(table(NS, [LAWS[law](rng, n, size) for n, size in zip(NS, sizes, strict=True)]))
        missed += not fit.low <= 1.5 <= fit.high
        refused += fit.lack_of_fit < 0.05
    allowed = 4.5 * math.sqrt(0.05 * 0.95 / samples)
    assert abs(missed / samples - 0.05) < allowed and refused / samples < 0.05 + allowed


def test_limits_that_forget_the_factor_of_the_error_would_be_noticed():
    """A planted bug: standard deviations of single runs' logarithms in place of the mean's; and limits of half the width."""
    rng = np.random.default_rng(4)
    missed = 0
    for _ in range(100):
        fit = fit_slope(table(NS, [LAWS["geometric"](rng, n, 30) for n in NS]))
        missed += abs(fit.slope - 1.5) > (fit.high - fit.low) / 4
    assert missed / 100 - 0.05 > 4.5 * math.sqrt(0.05 * 0.95 / 300)


def test_a_wrong_model_is_refused_and_the_right_one_is_not():
    """n log n is no power of n: the power's residuals show it, and its slope is none of the exponents that theory knows."""
    rng = np.random.default_rng(5)
    samples = [rng.normal(n * math.log(n), 0.05 * n * math.log(n), 2000) for n in NS]
    right, wrong = fit_slope(table(NS, samples), "n log n"), fit_slope(table(NS, samples))
    assert right.lack_of_fit > 1e-3 and right.low < 1 < right.high
    assert wrong.lack_of_fit < 1e-9 and wrong.low > 1.1


def test_the_slopes_of_known_runtimes():
    """LeadingOnes n^2/2 by RLS; OneMax e n log n by the (1+1) EA at lower order: bounded away from n and from n^2."""
    ns = (40, 80, 160)
    leading = fit_slope(
        [simulate(RLS().on(LeadingOnes()), n=n, replicates=300, seed=1, threads=1) for n in ns], confidence=1 - 1e-5
    )
    assert leading.low < 2 < leading.high and leading.high - leading.low < 0.2 and leading.lack_of_fit > 1e-5
    process = OnePlusOneEA("c/n").on(OneMax())
    onemax = fit_slope([simulate(process, n=n, c=1, replicates=300, seed=1, threads=1) for n in ns], confidence=1 - 1e-5)
    assert 1 < onemax.low < onemax.high < 1.6


def test_other_growths_and_their_texts():
    samples = [np.array([0.9, 1.1]) * n**2 * math.log(n) for n in NS]
    for model in ("n**2*log(n)", "n^2*log(n)"):
        fit = fit_slope(table(NS, samples), model)
        assert fit.slope == pytest.approx(1) and str(fit.model) == "n**2*log(n)"
    assert fit.predict(50)[0] == pytest.approx(2500 * math.log(50), rel=0.02)
    assert "5 values of n" in repr(fit) and "lack of fit p = 1" in repr(fit)
    powers = [np.array([0.9, 1.1]) * n for n in NS]
    assert fit_slope(table(NS, powers), "2**n").slope > 0  # logarithms of huge values are no floats' logarithms


def test_runs_that_do_not_vary_have_a_slope_without_error():
    fit = fit_slope(table((10, 20), [np.full(3, 10), np.full(3, 40)]))
    assert fit.slope == pytest.approx(2) and fit.low == fit.high == fit.slope
    assert fit.degrees == math.inf and fit.lack_of_fit is None


def test_several_runs_at_one_n_are_put_together():
    rng = np.random.default_rng(6)
    one, two, three = rng.geometric(0.1, 10), rng.geometric(0.1, 20), rng.geometric(0.01, 30)
    parts = table((10, 100, 10), [one, three, two])
    whole = table((10, 100), [np.concatenate([one, two]), three])
    assert fit_slope(parts).cells.equals(fit_slope(whole).cells)


def test_bad_input_is_refused_in_one_line():
    process = OnePlusOneEA("c/n").on(OneMax())
    small, large = (simulate(process, n=n, c=1, replicates=5, seed=1, budget=10**6, threads=1) for n in (10, 20))
    cut = simulate(process, n=30, c=1, replicates=5, seed=1, budget=9, threads=1)
    other = simulate(process, n=20, c=2, replicates=5, seed=1, budget=10**6, threads=1)
    cases = [
        ([small], {}, "runs: a slope needs runs at two n or more, but there are 1"),
        ([small, cut], {}, "runs: 5 of 5 runs at n = 30 were cut off"),
        ([small, other], {}, r"runs: c must be the same in all runs, but 1.0, 2.0 are there"),
        ([], {}, "runs: must be a list of Runs"),
        (7, {}, "runs: must be a list of Runs"),
        ([small, "x"], {}, "runs: must be a list of Runs"),
        (pandas.DataFrame({"n": [1, 2]}), {}, "runs: the table has no column evaluations"),
        (table((1, 2), [np.ones(1), np.ones(3)]), {}, "runs: there is one run at n = 1"),
        (table((1, 2), [np.zeros(2), np.ones(3)]), {}, "runs: the mean at n = 1 is 0, which has no logarithm"),
        ([small, large], {"confidence": 1}, "confidence: 1 must lie between 0 and 1"),
        ([small, large], {"model": "3"}, "model: 3 must differ between the n"),
        ([small, large], {"model": "n - 10"}, "model: n - 10 is 0 at n = 10; it must be positive"),
        ([small, large], {"model": "c*n"}, "model: .*c"),
        ([small, large], {"model": "powr"}, "model: "),
    ]
    for runs, options, what in cases:
        with pytest.raises(InputError, match=what) as caught:
            fit_slope(runs, **options)
        assert "\n" not in str(caught.value)
