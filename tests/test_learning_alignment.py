"""ES alignment: laws against exact cases, quadrature, enumeration and a simulation of the estimator itself."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from scipy import stats

from sim import simulate
from theory import InputError
from theory.facts import Computation
from theory.learning import es_alignment as es
from theory.learning import projections

SIZES = [(6, 1), (6, 2), (9, 4), (41, 2)]


def estimates(rng, u, directions, steps, runs, turn=None):
    """C_1, ..., C_steps of the estimator, one row a run, by QR of surrogate and normals."""
    d, found = len(u), np.empty((runs, steps))
    for run in range(runs):
        gradient, g = u / np.linalg.norm(u), None
        for t in range(steps):
            normals = rng.standard_normal((d, directions + (g is None)))
            basis = np.linalg.qr(normals if g is None else np.column_stack([g, normals]))[0]
            g = basis @ (basis.T @ gradient)
            found[run, t] = (g @ gradient) ** 2 / (g @ g)
            if turn is not None:
                w = rng.standard_normal(d)
                w -= gradient * (w @ gradient)
                gradient = turn * gradient + np.sqrt(1 - turn**2) * w / np.linalg.norm(w)
    return found


@pytest.mark.parametrize(
    "d, m, t, mean, second",
    [
        (1000, 10, 10, 0.09661365463455712, None),
        (1000, 10, 100, 0.6347032357169311, 0.1337118451552402),
        (1000, 10, 500, 0.9934691881240038, None),
        (50, 4, 20, 0.8215343037538426, 0.0341723794284024),
    ],
)
def test_moments_of_the_error_have_the_known_values(d, m, t, mean, second):
    assert 1 - es.error_moment(1).evaluate(d=d, m=m, t=t) == pytest.approx(mean, rel=1e-13)
    if second is not None:
        assert es.error_moment(2).evaluate(d=d, m=m, t=t) == pytest.approx(second, rel=1e-13)


@pytest.mark.parametrize("order", [1, 2, 3, 5])
@pytest.mark.parametrize("d, m", SIZES)
def test_moments_of_the_error_are_those_of_a_product_of_beta_variables(d, m, order):
    first = _beta_mean(lambda b: (1 - b) ** order, (m + 1) / 2, (d - m - 1) / 2)
    later = _beta_mean(lambda b: (1 - b) ** order, m / 2, (d - 1 - m) / 2)
    for t in (1, 2, 7):
        assert es.error_moment(order).evaluate(d=d, m=m, t=t) == pytest.approx(float(first * later ** (t - 1)), rel=1e-12)


def _beta_mean(function, a, b, ends=(0, mpmath.pi / 4, mpmath.pi / 2)):
    """E[function(B)] for B ~ Beta(a, b), by quadrature in the angle whose squared sine is B: no end is singular."""
    density = lambda y: 2 * mpmath.sin(y) ** (2 * a - 1) * mpmath.cos(y) ** (2 * b - 1) / mpmath.beta(a, b)  # noqa: E731
    return mpmath.quad(lambda y: function(mpmath.sin(y) ** 2) * density(y), ends)


@pytest.mark.parametrize("d, m, value", [(1000, 10, 0.09755939451060959), (1000, 1, 0.02523763383899971),
                                         (100, 10, 0.3092048096940855)])  # fmt: skip
def test_the_mean_cosine_has_the_known_values_and_is_below_the_root_of_the_mean_square(d, m, value):
    assert es.mean_cosine().evaluate(d=d, m=m) == pytest.approx(value, rel=1e-13)
    assert es.mean_cosine().evaluate(d=d, m=m) < (m / d) ** 0.5


@pytest.mark.parametrize("d, m, rate", [(1000, 10, 0.0100705751591035), (100, 5, 0.0523660696417999)])
def test_the_rate_of_the_error_has_the_known_value_and_that_of_quadrature(d, m, rate):
    from theory.balls import at

    found = float(at(es.GAMMA, {es.d: d, es.m: m}).mid())
    assert found == pytest.approx(rate, rel=1e-12)
    mean = _beta_mean(lambda b: -mpmath.log(1 - b), m / 2, (d - 1 - m) / 2, (0, 0.1, 0.3, 1, 1.4))  # no mass beyond
    assert found == pytest.approx(float(mean), rel=1e-10)


@pytest.mark.parametrize("d", [4, 8, 41])
@pytest.mark.parametrize("x, eps", [(1, "1/10"), ("1/2", "1/3"), ("9/10", "1/1000")])
def test_bounds_hold_where_two_directions_make_the_error_a_poisson_process(d, x, eps):
    """For m = 2, 1 - B is U^(2/(d-3)): T - 1 is Poisson with mean ln(x/eps) (d-3)/2, exactly."""
    upper, tail, lower, *_ = es.iterations()
    put = {"d": d, "m": 2, "x": x, "eps": eps}
    mean = (d - 3) / 2 * float(np.log(float(Fraction(x) / Fraction(eps))))
    assert lower.evaluate(**put) == pytest.approx(mean, rel=1e-12)  # one less than E[T]
    assert lower.evaluate(**put) <= 1 + mean <= upper.evaluate(**put)
    for t in range(1, 60):
        assert stats.poisson.sf(t - 1, mean) <= tail.evaluate(t=t, **put) * (1 + 1e-12)


@pytest.mark.parametrize("d, eps", [(5, 0.3), (12, 0.01), (60, 0.1)])
def test_bounds_of_whole_runs_hold_where_two_directions_follow_a_first_step_of_three(d, eps):
    *_, above, below = es.iterations()
    exact, overshoot = _whole(d, eps)
    assert below.evaluate(d=d, m=2, eps=eps) <= exact <= above.evaluate(d=d, m=2, eps=eps)
    assert exact - below.evaluate(d=d, m=2, eps=eps) == pytest.approx(overshoot, rel=1e-9)


def _whole(d, eps):
    """E[T] for m = 2, and E[-Y_T]/gamma: an exponential overshoot from Y_1 > 0, else -Y_1."""
    put = (d - 3) / 2, 1.5  # 1 - C_1 ~ Beta((d-3)/2, 3/2), gamma = 2/(d-3)
    hit = mpmath.asin(mpmath.sqrt(eps))
    steps = _beta_mean(lambda x: 1 + (d - 3) / 2 * mpmath.log(x / eps), *put, (hit, (hit + mpmath.pi / 2) / 2, mpmath.pi / 2))
    beyond = _beta_mean(lambda x: mpmath.mpf(1), *put, (hit, (hit + mpmath.pi / 2) / 2, mpmath.pi / 2))
    at_once = _beta_mean(lambda x: (d - 3) / 2 * mpmath.log(eps / x) if x else 0, *put, (0, hit / 8, hit / 2, hit))
    return float(1 + steps), float(beyond + at_once)


def test_a_larger_rate_would_break_the_lower_bound():
    """The exact case has power: gamma taken 10 % too small is refuted."""
    _, _, lower, *_ = es.iterations()
    put = {"d": 41, "m": 2, "x": 1, "eps": "1/1000"}
    exact = 1 + 19 * float(np.log(1000))
    assert lower.evaluate(**put) / 0.9 > exact


def test_known_hitting_times_lie_between_the_bounds():
    """Simulated elsewhere: 229.151 (s.e. 0.048) and 88.425 (s.e. 0.042)."""
    *_, above, below = es.iterations()
    for put, measured, drift in (({"d": 1000, "m": 10, "eps": "1/10"}, 229.151, 329.82), ({"d": 100, "m": 5, "eps": "1/100"},
                                                                                        88.425, 110.76)):  # fmt: skip
        assert measured - 1.5 < below.evaluate(**put) < measured < above.evaluate(**put)
        assert above.evaluate(**put) == pytest.approx(drift, abs=0.5)  # it was had from E[X_1] there, from X_0 = 1 here


def test_the_estimator_itself_follows_the_law():
    """Vectors, QR, no Beta law: each of 6 means within 4 standard errors (error rate 4e-4 in all)."""
    found = estimates(np.random.default_rng(1), np.arange(1.0, 13), 3, 6, 4000)
    for t in range(1, 7):
        mean, error = found[:, t - 1].mean(), found[:, t - 1].std() / np.sqrt(len(found))
        wanted = 1 - es.error_moment(1).evaluate(d=12, m=3, t=t)
        assert abs(mean - wanted) < 4 * error
        assert t == 1 or abs(mean - (1 - es.error_moment(1).evaluate(d=12, m=3, t=t - 1))) > 4 * error  # it has power


def test_the_estimator_follows_a_turning_gradient():
    """4 standard errors at 8 steps (error rate 5e-4 in all); a slope without its second term is refuted."""
    found = estimates(np.random.default_rng(2), np.ones(6), 1, 8, 4000, turn=0.6)
    wanted = [es.rotating_gradient().evaluate(d=6, m=1, alpha="3/5", t=t) for t in range(1, 9)]
    errors = found.std(axis=0) / np.sqrt(len(found))
    assert (np.abs(found.mean(axis=0) - wanted) < 4 * errors).all()
    p, slope, c = 1 / 5, 4 / 5 * 0.36, 2 / 6
    for _ in range(7):
        c = p + slope * c  # as if S were alpha^2 C
    assert abs(found.mean(axis=0)[-1] - c) > 8 * errors[-1]


@pytest.mark.parametrize(
    "d, m, alpha", [(5, 2, Fraction(1, 3)), (9, 8, Fraction(1, 2)), (7, 1, Fraction(1)), (3, 1, Fraction(0))]
)
def test_means_on_a_turning_gradient_follow_the_recursion_step_by_step(d, m, alpha):
    p, q, mean = Fraction(m, d - 1), Fraction(1, d - 1), Fraction(m + 1, d)
    for t in range(1, 12):
        found = es.rotating_gradient().evaluate(d=d, m=m, alpha=alpha, t=t)
        assert found == pytest.approx(float(mean), rel=1e-12)
        mean = p + (1 - p) * (alpha**2 * mean + (1 - alpha**2) * (1 - mean) * q)


@pytest.mark.parametrize("d, m, alpha, value", [(1000, 10, "99/100", 0.3373545672388284), (1000, 10, "9/10", 0.05142956038403234),
                                                (200, 5, "9/10", 0.1233249671327836), (100, 5, "0.999", 0.9637932379455755),
                                                (100, 5, 1, 1.0)])  # fmt: skip
def test_the_limit_alignment_has_the_known_values(d, m, alpha, value):
    assert es.limit_alignment().evaluate(d=d, m=m, alpha=alpha) == pytest.approx(value, rel=1e-13)


def test_the_chain_of_alignments_runs_like_the_exact_case():
    """2000 runs within 4 standard errors of E[T] (error rate 6e-5); it would see 3 %."""
    exact, _ = _whole(60, 0.1)
    runs = simulate(es.alignment_chain(60, 2, 0.1), replicates=2000, seed=5).to_pandas()["evaluations"]
    error = runs.std() / np.sqrt(len(runs))
    assert abs(runs.mean() - exact) < 4 * error < 0.03 * exact
    assert next(b for b in es.alignment_chain(60, 2, 0.1).bounds() if b.quantity == "E[T]").evaluate() > exact


def test_a_wrong_law_of_projections_is_found_out(monkeypatch):
    assert projections.projections_follow_the_beta_law(6, 3)
    right = projections.beta_moment
    monkeypatch.setattr(projections, "beta_moment", lambda a, b, order: right(2 * a, 2 * b, order))  # same mean, less spread
    assert not projections.projections_follow_the_beta_law(3, 2)
    fact = Computation("theory.learning.projections:projections_follow_the_beta_law", (("largest", 3), ("orders", 2)))
    assert fact.replay().holds is False


def test_an_estimate_that_is_no_projection_is_found_out(monkeypatch):
    assert projections.estimates_are_nested() and projections.estimates_split_at_the_surrogate()
    right = projections.project
    monkeypatch.setattr(projections, "project", lambda u, directions: [2 * y for y in right(u, directions)])
    assert not projections.estimates_are_nested() and not projections.estimates_split_at_the_surrogate()


def test_a_wrong_gamma_quotient_is_found_out_by_quadrature(monkeypatch):
    assert projections.moments_agree_with_quadrature()
    monkeypatch.setattr(projections, "MEAN_ROOT", projections.MEAN_ROOT * Fraction(1001, 1000))
    assert not projections.moments_agree_with_quadrature()


@pytest.mark.parametrize(
    "call, names",
    [
        (lambda: es.error_moment(0), "order"),
        (lambda: es.alignment_chain(10, 9), "directions"),
        (lambda: es.alignment_chain(2, 1), "dimension"),
        (lambda: es.alignment_chain(10, 2, 1), "accuracy"),
        (lambda: es.error_moment(1).evaluate(d=5, m=5, t=1), "d >= m"),
        (lambda: es.error_moment(1).evaluate(d=5.5, m=2, t=1), "d: 5.5 must be an integer"),
        (lambda: es.error_moment(1).evaluate(d=5, m=0, t=1), "m: 0 must be positive"),
        (lambda: es.error_moment(1).evaluate(d=5, m=2), "t: no value"),
        (lambda: es.error_moment(1).evaluate(d=5, m=2, t=1, w=1), "w: unknown"),
        (lambda: es.limit_alignment().evaluate(d=5, m=2, alpha=2), "alpha <= 1"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(call, names):
    with pytest.raises(InputError, match=names):
        call()
