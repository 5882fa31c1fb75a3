"""Hidden subsets: the constants, bounds for rates in the time, and their rows in the catalogue."""

from __future__ import annotations

from fractions import Fraction
from math import e, log

import mpmath
import numpy as np
import pytest
import sympy

from theory import (
    BinVal,
    HiddenSubset,
    LambertSchedule,
    LeadingOnes,
    Linear,
    LogSchedule,
    OneMax,
    OnePlusOneEA,
    SqrtSchedule,
    c,
    constants,
    exact,
    k,
    n,
)
from theory.bounds import hidden_subset as catalogue_entry
from theory.derivation import Derivation
from theory.facts import Computation
from theory.schedules import optimal_constant


def replayed(bound):
    assert Derivation.from_json(bound.derivation.to_json()) == bound.derivation
    return bound.derivation.replay().holds


# ---- the constants


def test_the_constants_solve_their_equations_with_an_exponential_integral_by_quadrature():
    with mpmath.workdps(32):
        e1 = lambda y: mpmath.quad(lambda u: mpmath.exp(-u) / u, [y, 1, 4, 16, 64, 200])  # noqa: E731
        x = mpmath.findroot(lambda y: e1(y) - mpmath.exp(-y), mpmath.mpf("0.43"))
        assert abs(x - constants.hidden_subset_x(30)) < mpmath.mpf(10) ** -28
        assert abs(1 / (x * e1(x)) - constants.hidden_subset_beta(30)) < mpmath.mpf(10) ** -27
        grid = [x * (1 + mpmath.mpf(d) / 100) for d in range(-90, 300, 7)]
        assert all(y * e1(y) <= x * e1(x) for y in grid)
        alpha = constants.hidden_subset_alpha(30)
        for ratio, value in ((0.5, "4.21413421378719"), (1.25, "3.59963226459833"), (2, "3.9745841068306")):
            found = constants.hidden_subset_penalty(ratio, 20)
            assert abs(ratio * alpha * e1(ratio * alpha / found) - 1) < mpmath.mpf(10) ** -18
            assert mpmath.nstr(found, 14) == mpmath.nstr(mpmath.mpf(value), 14)


def test_the_penalty_of_another_constant_is_of_second_order():
    beta, x = float(constants.hidden_subset_beta()), float(constants.hidden_subset_x())
    for a, expected in ((1, 3.7773335820872603), (2, 3.6151884679293763)):
        assert float(catalogue_entry.beta(a)) == pytest.approx(expected, rel=1e-15)
    for shift in (1e-3, -1e-3):
        loss = float(catalogue_entry.beta(optimal_constant() * (1 + shift)) / beta) - 1
        assert loss == pytest.approx((1 - x) / 2 * shift**2, rel=2e-3)


def test_kappa_is_a_derivative_of_incomplete_gamma_functions():
    with mpmath.workdps(40):
        x, alpha = constants.hidden_subset_x(38), constants.hidden_subset_alpha(38)
        slope = mpmath.diff(lambda s: mpmath.gammainc(s, x) - mpmath.gammainc(s + 1, x), 0)
        assert abs(constants.hidden_subset_kappa(28) + alpha * slope) < mpmath.mpf(10) ** -15
    assert mpmath.nstr(constants.hidden_subset_kappa(30), 25) == "0.3164524987700104816736829"


# ---- schedules


@pytest.mark.parametrize("schedule", [LogSchedule(), LambertSchedule(), LogSchedule(1)], ids=str)
def test_the_upper_bounds_for_a_schedule_hold_at_every_n_and_t(schedule):
    process = OnePlusOneEA(schedule).on(HiddenSubset())
    mean = next(b for b in process.bounds() if b.direction == "upper" and b.quantity == "E[T]")
    tail = next(b for b in process.bounds() if b.quantity == "P[T > t]")
    for size in (1, 2, 3, 5, 8, 30, 100):
        law = exact.runtime_distribution(process, n=size, tail=1e-6)
        assert law.mean <= mean.evaluate(n=size)
        if size == 100:
            assert mean.evaluate(n=size) < 1.6 * law.mean
        for when in (1, 2, 5, 20, 100, 500):
            if when < len(law.pmf):
                assert 1 - law.cdf[when] <= tail.evaluate(n=size, t=when) + 1e-12
    law = exact.runtime_distribution(process, n=100, tail=1e-6)
    late = int(law.quantile(0.99))
    assert 1 - law.cdf[late] > tail.evaluate(n=100, t=late) / 8  # an eighth of the bound would be wrong


def test_the_sum_of_the_tails_is_what_a_longer_plain_sum_gives():
    mean = next(b for b in OnePlusOneEA(LambertSchedule()).on(OneMax()).bounds() if b.direction == "upper")
    t = np.arange(1.0, 400_001)
    w = np.array([float(mpmath.lambertw(s)) for s in t[:2000]])
    from scipy.special import lambertw

    full = lambertw(t).real
    assert full[:2000] == pytest.approx(w, rel=1e-14)
    p = np.minimum(0.5, float(constants.hidden_subset_alpha()) * full / t)
    alive = 5.0 * np.cumprod(1 - p * (1 - p) ** 9)
    assert mean.evaluate(n=10) == pytest.approx(1 + np.minimum(1, alive).sum(), rel=1e-7)


def test_asymptotic_bounds_say_beta_and_what_is_derived_or_cited():
    (both,) = (b for b in OnePlusOneEA(LogSchedule()).on(HiddenSubset()).bounds() if b.direction == "asymptotic")
    assert (both.side, both.status) == ("both", "derived") and replayed(both)
    assert both.evaluate(n=10) == pytest.approx(3.5524782573341086 * 10 * log(10), rel=1e-15)


def test_linear_functions_have_the_same_leading_term_derived_on_both_sides():
    for base in (BinVal(), Linear([3, -1, 2])):
        found = [b for b in OnePlusOneEA(LogSchedule()).on(HiddenSubset(base)).bounds() if b.direction == "asymptotic"]
        assert {(b.side, b.status, b.start) for b in found} == {("both", "derived", "uniform"), ("upper", "derived", "any")}
        assert all(float(b.expr / (n * sympy.log(n))) == pytest.approx(3.5524782573341086, rel=1e-15) for b in found)
    assert all(replayed(b) for b in found)


@pytest.mark.parametrize("schedule", [LogSchedule(), LambertSchedule(), LogSchedule("1/2")], ids=str)
def test_the_upper_bound_for_linear_functions_holds_from_every_start(schedule):
    weights = [3, 1, 100, 7, 2]
    for base in (BinVal(), Linear(weights)):
        process = OnePlusOneEA(schedule).on(HiddenSubset(base))
        (bound,) = (b for b in process.bounds("derived") if b.direction == "upper" and b.quantity == "E[T]")
        assert bound.start == "any"
        for size in (1, 2, 3, 5):
            worst = max(exact.runtime_distribution(process, n=size, start=zeros, tail=1e-7).mean for zeros in range(1, size + 1))
            assert worst <= bound.evaluate(n=size)
    # its ln ln n terms vanish slowly
    ratios = [bound.evaluate(n=size) / (size * log(size)) for size in (100, 1000, 10_000)]
    assert ratios[0] > ratios[1] > ratios[2] > 3.5


def test_witts_potential_serves_smaller_rates():
    from theory.bounds.linear_schedules import drift_holds_at_smaller_rates

    assert drift_holds_at_smaller_rates(shares=(Fraction(9, 10), Fraction(1, 20)))
    assert not drift_holds_at_smaller_rates(claim=Fraction(10))


def test_no_schedule_is_better_than_beta_and_its_derivation_is_data():
    bound = catalogue_entry.every_schedule()
    assert bound.side == "lower" and bound.evaluate(n=10) == pytest.approx(3.5524782573341086 * 10 * log(10), rel=1e-15)
    assert replayed(bound) is True
    assert {type(check.fact).__name__ for check in bound.derivation.premises()} >= {"Identity", "Computation"}
    unique = catalogue_entry.uniqueness()
    assert replayed(unique) is True and float(unique.expr) == pytest.approx(1.5446822169704292, rel=1e-15)
    too_much = Computation("theory.hidden_subset.functional:falls_off", (("loss", Fraction(1, 300)),))
    assert too_much.replay().holds is False


def test_the_averaged_functional_of_the_log_schedule_is_beta():
    # y_t E_1(y_t) averaged over dt/t, y_t = p_t nu(t) for the nu with t = beta nu ln nu, tends to 1/beta from p_t = alpha ln t/t
    alpha, beta = float(constants.hidden_subset_alpha()), float(constants.hidden_subset_beta())
    far = 10.0**300
    nu = far / beta / float(mpmath.lambertw(far / beta))
    y = alpha * log(far) / far * nu
    assert y * float(mpmath.e1(y)) * beta == pytest.approx(1, abs=1e-3)
    for a in (0.7 * alpha, 1.4 * alpha):
        y = a * log(far) / far * nu
        assert y * float(mpmath.e1(y)) * beta < 0.98


def test_leadingones_under_the_square_root_schedule_tends_to_a_quarter_of_e():
    process = OnePlusOneEA(SqrtSchedule()).on(HiddenSubset(LeadingOnes()))
    (bound,) = (b for b in process.bounds("heuristic") if b.direction == "asymptotic")
    assert bound.evaluate(n=1) == pytest.approx(e / 4, rel=1e-14)
    found = [exact.runtime_distribution(process, n=size, tail=1e-8).mean / size**2 for size in (50, 100, 200)]
    steps = np.abs(np.array(found) - e / 4)
    assert (np.diff(steps) < 0).all() and steps[-1] < 0.01
    other = OnePlusOneEA(SqrtSchedule(2)).on(HiddenSubset(LeadingOnes()))
    (worse,) = (b for b in other.bounds("heuristic") if b.direction == "asymptotic")
    law = exact.runtime_distribution(other, n=200, tail=1e-8)
    assert law.mean / 200**2 == pytest.approx(worse.evaluate(n=1), rel=0.02) and worse.evaluate(n=1) > e / 4


def test_bounds_of_a_static_rate_are_those_of_the_base_and_respect_the_strings_length():
    hidden, plain = OnePlusOneEA(c / n).on(HiddenSubset(size=30)), OnePlusOneEA(c / n).on(OneMax())
    assert [b.expr for b in hidden.bounds()] == [b.expr for b in plain.bounds()]
    first = hidden.bounds()[0]
    assert first.holds_for(n=30, c=1, k=1) and not first.holds_for(n=31, c=1, k=1)
    assert "bits without weight" in str(first.derivation)


# ---- the catalogue


def test_the_coverage_table_has_the_rows():
    from theory.catalogue import coverage

    rows = [row for row in coverage() if "HiddenSubset" in row["problem"]]
    said = {(row["algorithm"], row["direction"], row["status"]) for row in rows}
    assert ("OnePlusOneEA(adaptive rates)", "asymptotic", "cited") in said
    assert ("OnePlusOneEA(every schedule of rates)", "asymptotic, lower side", "derived") in said
    assert ("OnePlusOneEA(every choice of rates, adaptive ones too)", "asymptotic, lower side", "derived") in said
    assert ("OnePlusOneEA(rate=LogSchedule())", "asymptotic", "derived") in said
    assert any(row["problem"] == "HiddenSubset(LeadingOnes())" and row["status"] == "heuristic" for row in rows)
    assert any(bound.start == k for bound in OnePlusOneEA(LogSchedule()).on(HiddenSubset()).bounds())
