"""One step of attention: losses against enumeration of whole laws, quadrature and Monte Carlo."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest

from theory import InputError
from theory.learning import one_step_attention as one


def losses(x, w, noise, query, eta, carried=None):
    """The squared error of one step for each row; ``carried`` coordinates of the memory only."""
    y = np.einsum("rj,rsj->rs", w, x) + noise
    memory = np.einsum("rs,rsj->rj", y, x) * (1 if carried is None else carried)
    return (np.einsum("rj,rj->r", w, query) - eta * np.einsum("rj,rj->r", memory, query)) ** 2


def signs(count):
    return np.array(list(itertools.product((1.0, -1.0), repeat=count)))


@pytest.mark.parametrize("m, d, sigma", [(1, 1, 0.5), (2, 2, 1.5), (3, 2, 0.0), (4, 1, 1.0), (1, 3, 1.0)])
def test_the_loss_is_the_mean_over_all_signs(m, d, sigma):
    """kappa = 1: every variable is a fair sign (times sigma), all of them enumerated."""
    rows = signs(m * d + d + m + d)
    x, w, noise, query = np.split(rows, [m * d, m * d + d, m * d + d + m], axis=1)
    for eta in (0.0, 0.1, 0.5):
        mean = losses(x.reshape(-1, m, d), w, sigma * noise, query, eta).mean()
        assert one.loss().evaluate(d=d, m=m, kappa=1, sigma=sigma, eta=eta) == pytest.approx(mean, rel=1e-12)


@pytest.mark.parametrize("kappa", [1.5, 9 / 5, 3.0, 5.0])
def test_the_loss_is_the_mean_over_three_values(kappa):
    """Values -a, 0, a with a^2 = kappa and P(+-a) = 1/kappa in all: variance 1, fourth moment kappa; m = d = 2 by enumeration."""
    values, chances = np.array([-np.sqrt(kappa), 0, np.sqrt(kappa)]), np.array([0.5 / kappa, 1 - 1 / kappa, 0.5 / kappa])
    index = np.array(list(itertools.product(range(3), repeat=4)))
    weight, x = chances[index].prod(axis=1), values[index].reshape(-1, 2, 2)
    mean = 0.0
    for w, query, noise in itertools.product(signs(2), signs(2), signs(2)):
        row = losses(x, np.tile(w, (81, 1)), np.tile(0.7 * noise, (81, 1)), np.tile(query, (81, 1)), 0.2)
        mean += weight @ row / 64
    assert one.loss().evaluate(d=2, m=2, kappa=kappa, sigma=0.7, eta=0.2) == pytest.approx(mean, rel=1e-12)


@pytest.mark.parametrize("m, d, kappa, sigma, rate, best", [
    (12, 3, "3", 0, "1/16", "3/4"), (12, 3, "9/5", 0, "5/74", "21/37"), (12, 3, "9/5", "1/10", "100/1481", "843/1481"),
    (11, 3, "3", 0, "1/15", "4/5"), (8, 3, "3", 0, "1/12", "1"), (20, 3, "3", "1/2", "4/97", "51/97"),
    (20, 5, "9/5", 0, "5/124", "30/31"),
])  # fmt: skip
def test_best_rates_and_losses_have_the_known_values(m, d, kappa, sigma, rate, best):
    put = {"m": m, "d": d, "kappa": kappa, "sigma": sigma}
    assert one.best_rate().evaluate(**put) == float(Fraction(rate))
    assert one.best_loss().evaluate(**put) == float(Fraction(best))
    assert one.loss().evaluate(eta=rate, **put) == pytest.approx(float(Fraction(best)), rel=1e-14)


def test_no_other_rate_is_better():
    put = {"m": 7, "d": 4, "kappa": 2, "sigma": 1}
    least = one.best_loss().evaluate(**put)
    assert all(one.loss().evaluate(eta=Fraction(i, 500), **put) >= least for i in range(200))
    best = one.loss().with_(conditions=one.loss().conditions[:-1], minimise_over=(one.eta, 0, 1))
    assert best.evaluate(**put) == pytest.approx(least, rel=1e-9)
    assert best.best_parameter(**put) == pytest.approx(one.best_rate().evaluate(**put), rel=1e-4)


def test_gaussian_tasks_have_the_loss():
    """400 000 tasks, 4 standard errors (error rate 6e-5); a factor 1/2 or 3 % would be seen."""
    rng = np.random.default_rng(3)
    put = {"m": 12, "d": 3, "kappa": 3, "sigma": "1/2"}
    x, w, noise, query = (rng.standard_normal(s) for s in ((400_000, 12, 3), (400_000, 3), (400_000, 12), (400_000, 3)))
    row = losses(x, w, noise / 2, query, one.best_rate().evaluate(**put))
    error = row.std() / np.sqrt(len(row))
    assert abs(row.mean() - one.best_loss().evaluate(**put)) < 4 * error < 0.03 * row.mean()


@pytest.mark.parametrize("q, level", [(0, 3), (6, 1.3784), (7, 1.1081), (8, 0.8378), (9, 0.5676)])
def test_levels_of_the_loss_have_the_known_values(q, level):
    put = {"m": 12, "d": 3, "kappa": "9/5", "sigma": 0, "d_y": 3}
    assert one.partial_loss().evaluate(q=q, **put) == pytest.approx(level, abs=5e-5)


@pytest.mark.parametrize("carried", [(1, 0), (1, 1), (0, 0)])
def test_a_memory_with_some_components_has_its_level_over_all_signs(carried):
    rows = signs(2 * 2 + 2 + 2 + 2)
    x, w, noise, query = np.split(rows, [4, 6, 8], axis=1)
    put = {"m": 2, "d": 2, "kappa": 1, "sigma": 1}
    mean = losses(x.reshape(-1, 2, 2), w, noise, query, one.best_rate().evaluate(**put), np.array(carried)).mean()
    assert one.partial_loss().evaluate(q=sum(carried), d_y=1, **put) == pytest.approx(mean, rel=1e-12)


def test_the_preconditioned_loss_is_the_mean_by_gauss_hermite_quadrature_and_no_other_rates_are_better():
    """Degree 4 in each Gaussian variable: three nodes are exact. m = 1, d = 2."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(3)
    index = np.array(list(itertools.product(range(3), repeat=7)))
    z, weight = nodes[index], (weights[index] / weights.sum()).prod(axis=1)
    scale = np.array([1.0, 0.5])
    x, w, noise, query = (z[:, :2] * np.sqrt(scale))[:, None], z[:, 2:4], 0.4 * z[:, 4:5], z[:, 5:] * np.sqrt(scale)
    best = one.preconditioner((Fraction(1), Fraction(1, 2)), 1, Fraction(4, 25), Fraction(3))
    found = one.preconditioned_loss([1, "1/2"], 1, "4/25").evaluate()

    def mean(rates):
        return weight @ losses(x, w, noise, query, 1.0, np.array(rates, dtype=float))

    assert mean(best) == pytest.approx(found, rel=1e-12)
    for change in itertools.product((0.9, 1, 1.1), repeat=2):
        assert mean(np.array(best, dtype=float) * change) >= found - 1e-12


def test_the_preconditioned_loss_has_the_known_value_and_the_isotropic_case():
    assert one.preconditioned_loss([1, "1/2"], 10, "1/10").evaluate() == pytest.approx(0.354236, abs=1e-6)
    isotropic = one.preconditioned_loss([1] * 4, 9, "1/4", "9/5").evaluate()
    assert isotropic == pytest.approx(one.best_loss().evaluate(d=4, m=9, kappa="9/5", sigma="1/2"), rel=1e-14)
    long = one.preconditioned_loss([Fraction(1, i) for i in range(1, 41)], 100)
    assert long.derivation.replay().holds


@pytest.mark.parametrize("planted", [lambda f: f - 2 * one.eta * one.m, lambda f: f.subs(one.kappa, 3), lambda f: f / 2])
def test_a_wrong_loss_is_found_out(monkeypatch, planted):
    assert one.loss_is_the_formula((1, 2), (1, 2))
    monkeypatch.setattr(one, "LOSS", planted(one.LOSS))
    assert not one.loss_is_the_formula((1, 2), (1, 2))


@pytest.mark.parametrize(
    "call, names",
    [
        (lambda: one.preconditioned_loss([], 1), "variances"),
        (lambda: one.preconditioned_loss([1, 0], 1), "variances"),
        (lambda: one.preconditioned_loss([1], 0), "context"),
        (lambda: one.preconditioned_loss([1], 1, -1), "noise"),
        (lambda: one.preconditioned_loss([1], 1, 0, "1/2"), "fourth"),
        (lambda: one.best_loss().evaluate(d=2, m=2, kappa="1/2", sigma=0), "kappa >= 1"),
        (lambda: one.partial_loss().evaluate(d=2, m=2, kappa=1, sigma=0, d_y=1, q=3), "q <= d"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(call, names):
    with pytest.raises(InputError, match=names):
        call()
