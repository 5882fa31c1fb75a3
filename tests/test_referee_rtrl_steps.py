"""A referee of the random estimators of nets.rtrl in plain numpy: one step over all of its signs, and the least possible noise.

The estimators' steps are literal sums over dense arrays, and the least noise of an unbiased estimate of rank r is the minimum of
sum d_i^2 / theta_i over 0 <= theta_i <= 1 with sum theta_i = r, found by bisection instead of a plan of what to mix. Axes:
G[a, i, q] = ds_a / dW[i, q], and (u (x) A)[a, i, q] = u_i A[a, q].
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from nets.rtrl.estimators.kf import KFRTRL
from nets.rtrl.estimators.ok import OK
from nets.rtrl.estimators.reverse_kf import ReverseKF
from nets.rtrl.estimators.uoro import UORO, PreUORO
from nets.rtrl.protocol import StepJacobian

torch.set_num_threads(1)


N, M = 3, 4


class Step:
    """A random linearised step with D made of diagonals, in numpy and as the estimators take it."""

    def __init__(self, random, gates):
        self.H, self.h, self.d = random.normal(size=(N, N)), random.normal(size=M), random.normal(size=(gates, N))
        self.D = np.zeros((N, gates * N))
        for gate, unit in itertools.product(range(gates), range(N)):
            self.D[unit, gate * N + unit] = self.d[gate, unit]
        self.F = product(self.h, self.D)

    def lanes(self, count):
        given = torch.zeros(N), torch.tensor(self.h), torch.tensor(self.d)[None], torch.tensor(self.H)
        return StepJacobian(*(tensor.expand(count, *tensor.shape) for tensor in given))

    def push(self, G):
        return np.einsum("ab,biq->aiq", self.H, G)


def product(u, A):
    return np.einsum("i,aq->aiq", u, A)


def uoro_step(state, step, nu):
    s, w = state
    v = np.outer(step.h, nu @ step.D)
    if s is None:
        rho = np.sqrt(np.linalg.norm(v) / np.sqrt(N))
        return rho * nu, v / rho
    old, new = np.sqrt(np.linalg.norm(w) / np.linalg.norm(step.H @ s)), np.sqrt(np.linalg.norm(v) / np.sqrt(N))
    return old * step.H @ s + new * nu, w / old + v / new


def pre_uoro_step(state, step, nu):
    s, w = state
    column, row = step.D @ nu, np.outer(step.h, nu)
    new = np.sqrt(np.linalg.norm(row) / np.linalg.norm(column))
    if s is None:
        return new * column, row / new
    old = np.sqrt(np.linalg.norm(w) / np.linalg.norm(step.H @ s))
    return old * step.H @ s + new * column, w / old + row / new


def kf_step(state, step, signs):
    u, A = state
    p2 = np.sqrt(np.linalg.norm(step.D) / np.linalg.norm(step.h))
    if u is None:
        return p2 * step.h, step.D / p2
    HA = step.H @ A
    p1 = np.sqrt(np.linalg.norm(HA) / np.linalg.norm(u))
    c1, c2 = signs
    return c1 * p1 * u + c2 * p2 * step.h, c1 * HA / p1 + c2 * step.D / p2


def reverse_step(state, step, nu):
    alpha, beta = state
    new = np.outer(step.D @ nu, step.h)
    p1 = np.sqrt(np.linalg.norm(new) / np.linalg.norm(nu))
    if alpha is None:
        return p1 * nu, new / p1
    p0 = np.sqrt(np.linalg.norm(step.H @ beta) / np.linalg.norm(alpha))
    return p0 * alpha + p1 * nu, step.H @ beta / p0 + new / p1


RANK_ONE = {  # estimator, its step, dense G from its two factors, number of signs with k gates, whether k > 1 has a closed form
    "UORO": (UORO, uoro_step, lambda s, w: np.einsum("a,iq->aiq", s, w), lambda k: N, True),
    "PreUORO": (PreUORO, pre_uoro_step, lambda s, w: np.einsum("a,iq->aiq", s, w), lambda k: k * N, False),
    "KF": (KFRTRL, kf_step, product, lambda k: 2, True),
    "ReverseKF": (ReverseKF, reverse_step, lambda alpha, beta: np.einsum("q,ai->aiq", alpha, beta), lambda k: k * N, False),
}


def enumerated(make, steps, table):
    """Dense estimates after the last of ``steps``: the signs before it are fixed, in it one lane has one row of ``table``."""
    estimator = make(seed=0)
    estimator.reset(len(table))
    for t, step in enumerate(steps):
        last = t == len(steps) - 1
        estimator.signs = lambda count, last=last, t=t: torch.tensor(
            np.resize(table, (len(table), count)) if last else np.tile(FIXED[t][:count], (len(table), 1))
        )
        estimator.step(step.lanes(len(table)))
    return estimator.dense().numpy(), estimator.step_noise


FIXED = np.random.default_rng(9).choice([-1.0, 1.0], size=(3, 16))


@pytest.mark.parametrize("gates", [1, 2])
@pytest.mark.parametrize("name", RANK_ONE)
def test_every_outcome_of_a_rank_one_step_is_that_of_the_literal_step(name, gates):
    make, literal, dense, signs_of, always_closed = RANK_ONE[name]
    count = signs_of(gates)
    random = np.random.default_rng(3)
    steps = [Step(random, gates) for _ in range(3)]
    table = np.array(list(itertools.product([-1.0, 1.0], repeat=count)))
    ours, noise = enumerated(make, steps, table)
    state = (None, None)
    for t, step in enumerate(steps[:-1]):
        state = literal(state, step, FIXED[t][:count])
    outcomes = np.array([dense(*literal(state, steps[-1], signs)) for signs in table])
    np.testing.assert_allclose(ours, outcomes, atol=1e-12)
    target = steps[-1].push(dense(*state)) + steps[-1].F
    np.testing.assert_allclose(outcomes.mean(axis=0), target, atol=1e-12)
    np.testing.assert_allclose(ours.mean(axis=0), target, atol=1e-12)
    moment = ((outcomes - target) ** 2).sum(axis=(1, 2, 3)).mean()
    if always_closed or gates == 1:
        np.testing.assert_allclose(noise().numpy(), moment, rtol=1e-12)
    else:  # |D nu| depends on the signs
        with pytest.raises(NotImplementedError, match="no closed form"):
            noise()
    if name == "UORO":  # what is injected can't be avoided
        injected = (N - 1) * np.sum(steps[-1].F ** 2)
        assert moment > injected


def least_noise(d, rank):
    """The least E|C' - C|^2 over unbiased C' of that rank: theta = min(1, d/mu), with mu by bisection."""
    d = np.asarray(d, dtype=float)
    if np.count_nonzero(d) <= rank:
        return 0.0
    low, high = 0.0, d.sum()
    for _ in range(200):
        mu = (low + high) / 2
        low, high = (mu, high) if np.minimum(1, d / mu).sum() > rank else (low, mu)
    theta = np.minimum(1, d[d > 0] / high)
    return float((d[d > 0] ** 2 / theta).sum() - (d**2).sum())


def test_the_least_noise_by_bisection_has_the_known_values():
    known = [([3, 2, 1], 2, 4), ([3, 1, 1], 2, 2), ([10, 1, 1], 2, 2), ([1] * 4, 3, 4 / 3), ([5, 4, 3, 2, 1], 4, 4)]
    known += [([2, 1], 1, 4), ([4, 2, 1, 0.5], 2, 7), ([1] * 6, 3, 6), ([10, 1, 1, 1, 1], 3, 4)]
    for d, rank, wanted in known:
        assert least_noise(d, rank) == pytest.approx(wanted, rel=1e-10)


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("solver", ["qr", "cholesky"])
def test_over_all_signs_of_a_step_ok_has_the_target_as_mean_and_the_least_noise_of_its_dense_matrix(rank, solver):
    random = np.random.default_rng(4)
    steps = [
        Step(random, gates=2) for _ in range(rank + 2)
    ]  # one more than it holds exactly, so that the last but one mixes, too
    table = np.array(list(itertools.product([-1.0, 1.0], repeat=rank + 1)))

    estimator = OK(rank, seed=0, solver=solver)
    estimator.reset(len(table))
    estimator.signs = lambda count: torch.tensor(np.tile(FIXED[0][:count], (len(table), 1)))
    for step in steps[:-1]:
        estimator.step(step.lanes(len(table)))
    before = estimator.dense()[0].numpy()
    estimator.signs = lambda count: torch.tensor(table[:, :count])
    estimator.step(steps[-1].lanes(len(table)))
    ours, target = estimator.dense().numpy(), steps[-1].push(before) + steps[-1].F

    np.testing.assert_allclose(ours.mean(axis=0), target, atol=1e-11)
    as_matrix = target.transpose(1, 0, 2).reshape(M, -1)  # a Kronecker sum of r terms is this matrix with rank r
    least = least_noise(np.linalg.svd(as_matrix, compute_uv=False)[: rank + 1], rank)
    lengths = ((ours - target) ** 2).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(lengths, least, rtol=1e-7 if solver == "qr" else 1e-4)  # of every draw, not on average only
    np.testing.assert_allclose(estimator.step_noise().numpy(), least, rtol=1e-7 if solver == "qr" else 1e-4)
    for outcome in ours:
        assert np.linalg.matrix_rank(outcome.transpose(1, 0, 2).reshape(M, -1), tol=1e-8) <= rank
    np.testing.assert_allclose(lengths.mean(), least, rtol=1e-7 if solver == "qr" else 1e-4)
