"""Hidden subsets: bounds for rates in the time and for all rates, static mixtures, the predictor, adaptive rules."""

from __future__ import annotations

import math
from fractions import Fraction
from math import comb, e, log

import mpmath
import numpy as np
import oracle
import pytest
import sympy

from theory import (
    BinVal,
    HiddenSubset,
    InputError,
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
    summability,
)
from theory.bounds import any_rates_lower, hidden_subset_static
from theory.bounds import hidden_subset as catalogue_entry
from theory.derivation import Derivation
from theory.facts import Computation
from theory.hidden_subset import RateMixture, divisors, predict
from theory.hidden_subset.adaptive import RULES, adaptive_slow_down, slow_down_expansion, swapped_equilibrium
from theory.hidden_subset.predictor import drift
from theory.schedules import optimal_constant

SCHEDULES = [LogSchedule(), LambertSchedule(), LogSchedule(1), SqrtSchedule()]
MIXTURES = [RateMixture({"1/2": "1/5", "1/10": "3/10", "1/100": "1/2"}), RateMixture({0: "1/4", "1/4": "3/4"})]


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


# ---- from below, whatever the rates


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 16, 21, 40, 90, 200])
def test_no_rates_chosen_by_the_state_beat_the_bound_for_all_rates(size):
    # the best rates by state include rates above 1/2, which can only make them faster
    best = exact.optimal_rates(OnePlusOneEA("1/n").on(OneMax()), n=size).expected
    uniform = any_rates_lower.bounds()[1].evaluate(n=size)
    assert uniform <= best
    if size >= 90:
        assert 2.1 * uniform > best  # so twice the bound would be found out


@pytest.mark.parametrize("schedule", SCHEDULES, ids=str)
@pytest.mark.parametrize("base", [OneMax(), BinVal(), LeadingOnes()], ids=str)
def test_the_bound_for_all_rates_holds_under_schedules_from_every_number_of_zeros(schedule, base):
    process = OnePlusOneEA(schedule).on(HiddenSubset(base))
    from_k, uniform = any_rates_lower.bounds()
    assert from_k.expr in [bound.expr for bound in process.bounds()]
    for size in (1, 2, 5) if base == LeadingOnes() else (1, 2, 5, 8):
        assert uniform.evaluate(n=size) <= exact.runtime_distribution(process, n=size, tail=1e-6).mean
        for zeros in {1, size}:
            law = exact.runtime_distribution(process, n=size, start=zeros, tail=1e-6)
            assert from_k.evaluate(n=size, k=zeros) <= law.mean


def test_the_log_progress_at_the_end_is_at_least_the_harmonic_number():
    size, most = 40, 4
    gap = size - 1 - 2 * math.sqrt((size - most) * (most - 1)) - 2 * most
    assert gap > 0
    harmonic = sum(1 / j for j in range(1, most + 1))
    process = OnePlusOneEA(LogSchedule()).on(OneMax())
    for zeros in (most, 20):
        law = exact.runtime_distribution(process, n=size, start=zeros, tail=1e-7)
        alive = 1 - np.concatenate([[0.0], law.cdf[:-1]])  # P(T >= t)
        t = np.arange(1, len(alive))
        p = np.where(t == 1, 0.5, np.minimum(0.5, float(constants.hidden_subset_alpha()) * np.log(t) / t))
        lead = p * np.exp(-gap * p)
        assert float(np.sum(lead * alive[1:])) >= harmonic
        assert float(np.sum(lead * alive[1:])) < 6 * harmonic  # far from empty
        progress = np.cumsum(lead)
        below = progress < harmonic
        assert (law.cdf[1:][below] <= 2 * progress[below] / (harmonic - progress[below]) ** 2).all()


def test_premises_of_the_lower_bounds_are_refuted_where_they_are_exaggerated():
    assert not any_rates_lower.drift_is_at_most_one(9, Fraction(2))
    assert not any_rates_lower.progress_is_small(10, Fraction(1, 2))
    wrong = Computation(any_rates_lower.HERE + "drift_is_at_most_one", (("n", 9), ("factor", Fraction(2))), True, "", "balls")
    assert wrong.replay().holds is False
    moved = Computation("theory.hidden_subset.functional:maximiser_is_enclosed", (("digits", 20), ("offset", Fraction(1, 10**9))))
    assert moved.replay().holds is False


def test_the_bound_for_all_rates_is_e_n_ln_n_minus_a_multiple_of_n():
    uniform = any_rates_lower.bounds()[1]
    gaps = [log(size) - uniform.evaluate(n=size) / (e * size) for size in (10**3, 10**4, 10**5, 10**6)]
    assert all(2 < gap < 3.6 for gap in gaps)
    assert uniform.evaluate(n=37) == pytest.approx(uniform.with_(exact_function=None).evaluate(n=37), rel=1e-12)


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


# ---- static mixtures


@pytest.mark.parametrize("mixture", MIXTURES, ids=str)
def test_the_budget_is_the_sum_of_the_single_flips(mixture):
    assert 0 < mixture.budget - mixture.spent(4999) < 1e-14
    assert sum(mixture.single_flip(size) for size in range(1, 30)) == mixture.spent(29)
    assert mixture.single_flip(3) == sum(w * p * (1 - p) ** 2 for p, w in mixture.rates.items())


@pytest.mark.parametrize("mixture", MIXTURES, ids=str)
def test_static_leadingones_is_exact_against_all_points(mixture):
    bound = hidden_subset_static.leadingones(mixture)
    assert replayed(bound)
    for size in (1, 2, 4):
        law = [mixture.exactly(h, size) for h in range(size + 1)]
        times = oracle.rational_times(size, oracle.leadingones, lambda x, law=law: law)
        assert sum(times) / 2**size == mixture.expected_leadingones(size)
        assert bound.evaluate(n=size) == pytest.approx(float(mixture.expected_leadingones(size)), rel=1e-14)


@pytest.mark.parametrize("mixture", MIXTURES, ids=str)
def test_static_onemax_lies_between_its_bounds(mixture):
    upper, lower = hidden_subset_static.onemax(mixture)
    assert replayed(upper) and replayed(lower)
    caught = False
    for size in (1, 2, 4, 5, 8, 12):
        law = [mixture.exactly(h, size) for h in range(size + 1)]
        times = [float(x) for x in oracle.symmetric_times(size, oracle.onemax, law)]
        mean = sum(comb(size, z) * x for z, x in enumerate(times)) / 2**size
        assert max(times) <= upper.evaluate(n=size)
        caught = caught or max(times) > 0.8 * upper.evaluate(n=size)
        if size >= 4:
            assert lower.evaluate(n=size) <= mean
        else:
            assert not lower.holds_for(n=size)
    assert caught or mixture is not MIXTURES[0]


@pytest.mark.parametrize("mixture", MIXTURES, ids=str)
def test_no_mixture_spends_more_than_its_budget_on_all_n_together(mixture):
    onemax = leading = 0.0
    for size in range(6, 26):
        law = [mixture.exactly(h, size) for h in range(size + 1)]
        times = oracle.symmetric_times(size, oracle.onemax, [Fraction(float(q)) for q in law])
        mean = sum(comb(size, z) * float(x) for z, x in enumerate(times)) / 2**size
        reached = 1 - 2.0**-size  # K = 1: E[H_min(Z, 1)] is the probability that some bit is wrong
        onemax += reached / mean
    for j in range(8):
        leading += 4**j / float(mixture.expected_leadingones(2 ** (j + 1)))
    assert 0 < onemax <= hidden_subset_static.onemax_budget().evaluate()
    assert 0 < leading <= hidden_subset_static.leadingones_budget().evaluate()
    assert replayed(hidden_subset_static.onemax_budget()) and replayed(hidden_subset_static.leadingones_budget())


def test_the_published_mixture_has_its_normaliser_and_factors():
    D = divisors("1/(n*log(n)**2)")
    with mpmath.workdps(25):
        f = lambda y: 1 / (y * mpmath.log(y) ** 2)  # noqa: E731
        last = 3000
        by_hand = mpmath.fsum(f(mpmath.mpf(i)) for i in range(2, last))
        by_hand += 1 / mpmath.log(last) + f(mpmath.mpf(last)) / 2 - mpmath.diff(f, last) / 12
    assert D.total == pytest.approx(float(by_hand), rel=1e-13)
    expected = {100: 0.92429, 1000: 0.91983, 10_000: 0.92693, 100_000: 0.93473}
    for size, value in expected.items():
        assert hidden_subset_static.factor(D, size, 1.0) == pytest.approx(value, abs=5.1e-6)
    assert sum(D.probability(i) for i in range(1, 20_000)) == pytest.approx(1 - 1 / log(20_000) / D.total, rel=1e-5)
    bound = hidden_subset_static.published()
    assert bound.evaluate(n=100) == pytest.approx(D.total * 100 * log(100) ** 3, rel=1e-12) and replayed(bound)


def test_what_a_static_mixture_reaches_is_decided_from_exponents():
    assert not summability.static_feasible("n*log(n)**2") and summability.static_feasible("n*log(n)**(2 + 1/100)")
    assert not summability.static_feasible("n*log(n)**2*log(log(n))")
    better = summability.improve("n*log(n)**3")
    D = divisors(better.weights)  # a distribution on the rates 1/i that reaches the better runtime
    ratios = [
        log(size) / D.single_flip(size) / float(better.runtime.subs(n, size)) for size in (10**3, 10**4, 10**5)
    ]  # (ln n)/m_D(n) over f'(n) stays bounded
    assert max(ratios) < 1.2 * min(ratios)
    with pytest.raises(InputError, match="diverges"):
        divisors("1/(n*log(n))")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: RateMixture({}), "with at least one"),
        (lambda: RateMixture({2: 1}), "must lie in"),
        (lambda: RateMixture({"1/2": "1/2"}), "sum up to 1/2"),
        (lambda: RateMixture({"1/2": "3/2", "1/3": "-1/2"}), "must be positive"),
        (lambda: RateMixture({1: 1}).expected_leadingones(3), "never left"),
        (lambda: divisors("1/(n*log(n)**2)", first=1), "take a larger one"),
        (lambda: predict("1/n", 1), "at least 2"),
        (lambda: predict("0*t", 10), "no more than|does not seem to end"),
        (lambda: predict("2/t", 10), "must lie in"),
        (lambda: adaptive_slow_down(1), "more than 1"),
        (lambda: adaptive_slow_down(1.5, "B"), "no step rule"),
        (lambda: hidden_subset_static.published(0), "must be positive"),
    ],
)
def test_bad_input_is_refused_in_one_line(make, said):
    with pytest.raises(InputError, match=said) as caught:
        make()
    assert "\n" not in str(caught.value)


# ---- the predictor


def test_the_fluid_drift_is_the_mean_of_a_difference_of_poisson_variables():
    from scipy.stats import poisson

    for x, rate in ((0.5, 0.3), (0.2, 2.0), (0.01, 5.0), (0.4, 30.0)):
        top = np.arange(0, 150)
        a, b = poisson.pmf(top, rate * x), poisson.pmf(top, rate * (1 - x))
        by_hand = sum(a[i] * np.sum((i - top[:i]) * b[:i]) for i in top)
        assert drift(x, rate) == pytest.approx(by_hand, rel=1e-10, abs=1e-15)


def test_the_predictor_finds_the_linear_term_of_the_known_rate():
    found = predict("1/n", 10**7)
    assert found.constant == pytest.approx(-1.273443, abs=2e-6)
    c1 = -1.8925417883
    assert e * (found.constant + float(mpmath.euler)) == pytest.approx(c1, abs=5e-6)
    size = 1000
    assert predict("1/n", size).mean == pytest.approx(exact.expected_runtime(OnePlusOneEA("1/n").on(OneMax()), n=size), rel=5e-4)


@pytest.mark.parametrize("schedule", [LogSchedule(), LambertSchedule()], ids=str)
def test_the_predictor_comes_close_to_the_exact_law(schedule):
    errors, distances = [], []
    for size in (25, 50, 100):
        law = exact.runtime_distribution(OnePlusOneEA(schedule).on(HiddenSubset()), n=size, tail=1e-6)
        found = predict(schedule, size)
        errors.append(abs(found.mean / law.mean - 1))
        distances.append(np.abs(found.cdf(np.arange(len(law.pmf))) - law.cdf).max())
    assert errors[2] < errors[1] < errors[0] and errors[2] < 0.01
    assert distances[2] < distances[1] < distances[0] and distances[2] < 0.03


@pytest.mark.parametrize(
    ("schedule", "size", "constant", "ratio"),
    [
        (LogSchedule(), 10**4, -2.5111, 2.9326), (LambertSchedule(), 10**4, -2.4266, 2.8315),
        (LogSchedule(), 10**5, -2.5794, 3.0237), (LambertSchedule(), 10**5, -2.5066, 2.9403),
    ],
)  # fmt: skip
def test_the_predictor_agrees_with_an_integration_of_the_fluid_limit_made_elsewhere(schedule, size, constant, ratio):
    found = predict(schedule, size)
    assert found.constant == pytest.approx(constant, abs=4e-4) and found.ratio == pytest.approx(ratio, abs=2e-4)


# ---- adaptive rules


def test_the_slow_down_of_rule_a_is_that_of_a_simulated_stationary_chain():
    F, chains, steps = 1.5, 4000, 3000
    rng = np.random.default_rng(3)
    v = np.zeros(chains)
    means = np.zeros(chains)
    for step in range(steps):
        stay = np.exp(-np.exp(v))
        if step >= 200:
            means += np.exp(v) * stay
        v += np.where(rng.random(chains) < stay, (e - 1) * log(F), -log(F))
    means /= steps - 200
    error = means.std() / math.sqrt(chains) / means.mean()
    assert math.exp(-1) / means.mean() == pytest.approx(adaptive_slow_down(F), rel=4 * error)
    assert error < 2e-4


def test_the_slow_down_tends_to_its_expansion_and_to_one():
    for F, value in ((1.05, 1.02129), (1.1, 1.0423), (1.2, 1.0832), (2, 1.3625)):
        assert adaptive_slow_down(F) == pytest.approx(value, abs=7e-5)
    gaps = [(adaptive_slow_down(F) - slow_down_expansion(F)) / log(F) ** 2 for F in (1.05, 1.1, 1.2)]
    assert 0.1 < min(gaps) and max(gaps) < 0.2  # of second order


def test_the_rules_are_data_that_a_run_can_follow():
    rng = np.random.default_rng(8)
    size, F = 500, 1.05
    for name, target in (("A", 1.0), ("C", RULES["C"].equilibrium)):
        p, total = 0.5, 0.0
        for step in range(60_000):
            p = RULES[name].after(p, bool(rng.random() < (1 - p) ** size), F)
            total += (step >= 2000) * log(p * size)
        assert total / 58_000 == pytest.approx(log(target), abs=0.06)
    p, length = 0.5, RULES["B"].first
    for _ in range(16):
        share = rng.binomial(length, (1 - p) ** size) / length
        p, length = RULES["B"].after(p, share), RULES["B"].length(length, share)
    assert p * size == pytest.approx(1, abs=0.1)
    assert adaptive_slow_down(1.05, "C") == pytest.approx(1.285, abs=6e-4) and adaptive_slow_down(
        1.5, "A'"
    ) == adaptive_slow_down(1.5)


def test_swapped_exponents_settle_where_two_balanced_moves_say():
    found, cost = (float(x) for x in swapped_equilibrium())
    stay = math.exp(-found)
    assert stay * 1 == pytest.approx((1 - stay) * (e - 1), rel=1e-14)  # up by 1 or down by e - 1, in units of ln F
    assert cost == pytest.approx((1 / e) / (found * math.exp(-found)), rel=1e-14) and 1.26 < cost < 1.28


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
