"""Bayesian mixtures: bounds against exact enumeration of histories, in classes of Markov universes and of players."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import numpy as np
import pytest

from theory import InputError
from theory.learning import bayesian_mixture as mixture

HALF = Fraction(1, 2)


def classes():
    rng = random.Random(4)
    for size in (2, 3, 4):
        universes = [tuple(Fraction(rng.randint(0, 8), 8) for _ in range(3)) for _ in range(size)]
        parts = [rng.randint(1, 9) for _ in range(size)]
        yield universes, [Fraction(x, sum(parts)) for x in parts]


CLASSES = list(classes())


@pytest.mark.parametrize("universes, weights", CLASSES)
def test_the_total_divergence_is_that_of_whole_histories_and_at_most_its_bound(universes, weights):
    """The oracle: KL of the laws of all histories of 7 rounds, in floating point."""
    for truth, universe in enumerate(universes):
        whole = 0.0
        for history in itertools.product((0, 1), repeat=7):
            share = float(mixture.chance(universe, history))
            if share:
                mixed = sum(float(w) * float(mixture.chance(u, history)) for w, u in zip(weights, universes))
                whole += share * math.log(share / mixed)
        found = float(mixture.expected_divergence(universes, weights, truth, 7).mid())
        assert found == pytest.approx(whole, abs=1e-10)
        assert found <= mixture.total_divergence().evaluate(w=weights[truth]) + 1e-12


def test_the_total_divergence_of_two_universes_that_disagree_at_once_is_its_bound():
    sure = [(1, 1, 1), (0, 0, 0)]
    found = float(mixture.expected_divergence(sure, [Fraction(1, 8), Fraction(7, 8)], 0, 6).mid())
    assert found == pytest.approx(mixture.total_divergence().evaluate(w="1/8"), rel=1e-14)
    assert 0.9 * mixture.total_divergence().evaluate(w="1/8") < found  # a bound a tenth lower is refuted


@pytest.mark.parametrize("universes, weights", CLASSES)
@pytest.mark.parametrize("distance", ["1/10", "1/4", "1/2"])
def test_expected_rounds_apart_stay_below_their_bound(universes, weights, distance):
    for truth, weight in enumerate(weights):
        found = mixture.expected_rounds_apart(universes, weights, truth, 7, Fraction(distance))
        assert float(found) <= mixture.rounds_apart().evaluate(w=weight, delta=distance)


@pytest.mark.parametrize("universes, weights", CLASSES)
def test_expected_rounds_of_divergence_stay_below_their_bound(universes, weights):
    for truth, weight in enumerate(weights):
        rows = [(float(x), float(mixture.divergence(a, b).mid()))
                for x, _, a, b in mixture.mixture_rounds(universes, weights, truth, 7)]  # fmt: skip
        for eps in (0.01, 0.1, 0.5):
            assert sum(x for x, kl in rows if kl >= eps) <= mixture.rounds_of_divergence().evaluate(w=weight, eps=eps)


def test_the_count_of_rounds_is_tight_where_one_round_tells_all():
    """KL of the first round is ln(1/w): with eps just below it, the one such round is the bound but for its margin."""
    rows = mixture.mixture_rounds([(1, 1, 1), (0, 0, 0)], [HALF, HALF], 0, 8)
    count = sum(float(x) for x, _, a, b in rows if float(mixture.divergence(a, b).mid()) >= 0.693)
    bound = mixture.rounds_of_divergence().evaluate(w="1/2", eps="0.693")
    assert count == 1 <= bound < 1.001 and 0.9 * bound < count


@pytest.mark.parametrize("universes, weights", CLASSES)
def test_total_variation_over_rounds_stays_below_its_bound(universes, weights):
    for truth, weight in enumerate(weights):
        for rounds in (1, 3, 7):
            rows = mixture.mixture_rounds(universes, weights, truth, rounds)
            found = sum(float(x * abs(a - b)) for x, _, a, b in rows)
            assert found <= mixture.total_variation().evaluate(w=weight, t=rounds)


def test_pinskers_inequality_holds_and_its_constant_is_best():
    for i, j in itertools.product(range(1, 20), repeat=2):
        a, b = Fraction(i, 20), Fraction(j, 20)
        assert float(mixture.divergence(a, b).mid()) >= 2 * float(a - b) ** 2 - 1e-15
    near = float(mixture.divergence(HALF + Fraction(1, 1000), HALF).mid())
    assert near < 2.001 * 1e-6


def test_counted_rounds_of_simulated_universes_stay_below_the_bound():
    """The expected count over 9 rounds by 4000 runs, within 4 standard errors of enumeration (error rate 6e-5)."""
    universes, weights = CLASSES[1]
    rng = np.random.default_rng(9)
    truth, delta = 0, 0.1
    counts = np.zeros(4000)
    for run in range(4000):
        weight, where = np.array(weights, dtype=float), 0
        for _ in range(9):
            ones = np.array([float(u[where]) for u in universes])
            counts[run] += abs(ones[truth] - weight @ ones) >= delta
            symbol = int(rng.random() < ones[truth])
            weight = weight * (ones if symbol else 1 - ones)
            weight, where = weight / weight.sum(), 1 + symbol
    exact = float(mixture.expected_rounds_apart(universes, weights, truth, 9, Fraction(1, 10)))
    error = counts.std() / math.sqrt(len(counts))
    assert 0 < error and abs(counts.mean() - exact) < 4 * error < 0.2 * exact
    assert exact <= mixture.rounds_apart().evaluate(w=weights[truth], delta="1/10")


@pytest.mark.parametrize("alpha, slack", [(0, 3.8584), (0.25, 2.4340), (0.5, 1.9939), (0.9, 1.5987)])
def test_the_bound_holds_for_universes_of_two_players_with_the_known_slack(alpha, slack):
    """32 memory-1 players that err with probability 1/10, universes of two copies or of two independent ones, 4 rounds."""
    policies = np.array(list(itertools.product((0.1, 0.9), repeat=5)))  # P(C) at first, then after (own, other)
    histories = list(itertools.product(range(4), repeat=4))  # rounds as 2 a + b
    own, other = np.ones((32, 256)), np.ones((32, 256))
    for index, history in enumerate(histories):
        state, mirror = 0, 0
        for pair in history:
            a, b = divmod(pair, 2)
            own[:, index] *= np.where(a, policies[:, state], 1 - policies[:, state])
            other[:, index] *= np.where(b, policies[:, mirror], 1 - policies[:, mirror])
            state, mirror = 1 + 2 * a + b, 1 + 2 * b + a
    joint = own[:, None] * other[None]
    weights = (1 - alpha) / 32**2 + alpha / 32 * np.eye(32)
    rho = np.einsum("ij,ijh->h", weights, joint)
    assert rho.sum() == pytest.approx(1, abs=1e-12)
    loss = np.einsum("ijh,ijh->ij", joint, np.log(joint / rho))
    room = min(mixture.total_divergence().evaluate(w=w) - x for w, x in zip(weights.ravel(), loss.ravel()))
    assert room == pytest.approx(slack, abs=5e-5)


def test_a_wrong_drift_and_a_mixture_without_grain_are_found_out(monkeypatch):
    assert mixture.posterior_drifts_by_the_divergence(rounds=3) and mixture.divergences_telescope(rounds=3)
    right = mixture.chance_of_mixture
    monkeypatch.setattr(mixture, "chance_of_mixture", lambda u, w, h: right(u[:1], w[:1], h))  # forgets the other universes
    assert not mixture.divergences_telescope(rounds=3)
    monkeypatch.setattr(mixture, "chance_of_mixture", right)
    kl = mixture.divergence
    monkeypatch.setattr(mixture, "divergence", lambda a, b: kl(b, a))
    assert not mixture.posterior_drifts_by_the_divergence(rounds=3)
    assert mixture.total_divergence().derivation.replay().holds is False


@pytest.mark.parametrize(
    "call, names",
    [
        (lambda: mixture.expected_rounds_apart([(1, 1, 1)], [HALF], 0, 3, HALF), "weights"),
        (lambda: mixture.expected_rounds_apart([(1, 1, 1)], [1], 0, 40, HALF), "rounds"),
        (lambda: mixture.total_divergence().evaluate(w=0), "w: 0 must be positive"),
        (lambda: mixture.total_divergence().evaluate(w=2), "w <= 1"),
        (lambda: mixture.total_divergence().evaluate(), "w: no value"),
        (lambda: mixture.rounds_apart().evaluate(w="1/2", delta=2), "delta <= 1"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(call, names):
    with pytest.raises(InputError, match=names):
        call()
