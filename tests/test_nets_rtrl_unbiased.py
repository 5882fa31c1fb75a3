"""The randomised estimators along whole sequences, N draws as N lanes: unbiased, and what a biased one would look like.

A test rejects by the p-value of the statistic beta (nets.rtrl.measure) at the rate below; planted errors must give a p-value a
hundred times smaller.
"""

from __future__ import annotations

import dataclasses
import math
from functools import partial

import pytest
import torch

from nets.rtrl.cells import LSTM, RHN, RNN
from nets.rtrl.estimators import kf as kf_module
from nets.rtrl.estimators.exact import ExactRTRL
from nets.rtrl.estimators.kf import KFRTRL
from nets.rtrl.estimators.reverse_kf import ReverseKF
from nets.rtrl.estimators.uoro import UORO, PreUORO
from nets.rtrl.measure import draws, expanded, linearised
from nets.rtrl.protocol import StepJacobian
from theory.errors import InputError

torch.set_num_threads(1)
RATE = 1e-4  # with which a test of unbiasedness rejects an unbiased estimator


def normal(*shape, seed):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def network(kind=RNN, n=8, n_in=3, std=8**-0.5, **options):
    return kind(n_in, n, std=std, generator=torch.Generator().manual_seed(0), dtype=torch.float64, **options)


def final(delta, T=12):
    deltas = torch.zeros(T, len(delta), dtype=torch.float64)
    deltas[-1] = delta
    return deltas


def experiment(factory, cell=None, N=4000, T=12, **options):
    cell = network() if cell is None else cell
    return draws(cell, normal(T, cell.n_in, seed=1), factory, draws=N, deltas=final(normal(cell.state_dim, seed=2), T), **options)


def by_autograd(cell, inputs, deltas):
    s, loss = cell.init_state(1), 0.0
    for x, delta in zip(inputs, deltas):
        s = cell(x[None], s)
        loss = loss + (s[0] * delta).sum()
    return torch.cat([g.flatten() for g in torch.autograd.grad(loss, list(cell.weights))])


METHODS = [
    pytest.param(partial(UORO, seed=1), id="UORO"),
    pytest.param(partial(PreUORO, seed=1), id="PreUORO"),
    pytest.param(partial(KFRTRL, seed=1), id="KF"),
    pytest.param(partial(KFRTRL, seed=1, copies=4), id="KF mean of 4"),
    pytest.param(partial(ReverseKF, seed=1), id="ReverseKF"),
]


@pytest.mark.parametrize("factory", METHODS)
def test_unbiased_after_twelve_steps_of_a_recurrent_network(factory):
    drawn = experiment(factory)
    assert drawn.p_value > RATE and drawn.worst_z < 5
    assert drawn.relative_variance > 0.1  # there is noise to be averaged out


@pytest.mark.parametrize("make", [KFRTRL, UORO])
def test_beta_is_one_on_average_and_its_p_value_is_uniform(make):
    runs = [experiment(partial(make, seed=seed), N=600, times=()) for seed in range(60)]
    betas, p = torch.tensor([run.beta for run in runs]), torch.tensor([run.p_value for run in runs])
    assert (betas.mean() - 1).abs() < 4 * betas.std() / 60**0.5 < 1
    largest = (p.sort().values - torch.arange(1, 61) / 60).abs().max()
    assert largest < 0.29  # Kolmogorov's test at 1e-4


@pytest.mark.parametrize("factory", METHODS)
def test_unbiased_with_two_weight_matrices(factory):
    cell = network(RHN, n=5, std=0.35, depth=2)
    drawn = experiment(factory, cell, N=3000, T=6)
    assert drawn.p_value > RATE and drawn.worst_z < 5
    first = cell.weights[0].numel()  # and each of them by itself
    for part in (slice(0, first), slice(first, None)):
        bias = (drawn.mean - drawn.exact)[part].square().sum()
        assert bias < 4 * drawn.variance[part].sum() / drawn.draws


@pytest.mark.parametrize("factory", METHODS)
def test_unbiased_on_an_lstm(factory):
    drawn = experiment(factory, network(LSTM, n=4, std=0.4), N=3000, T=6)
    assert drawn.p_value > RATE and drawn.worst_z < 5


# -- planted errors ---------------------------------------------------------------------------------------------------------


class OneSignForAll(KFRTRL):
    """All lanes draw the signs of the first."""

    def signs(self, count):
        return super().signs(count)[:1].expand(len(self.lanes), count)


class OneSignForUORO(UORO):
    """One sign a step where it should be one for each unit."""

    def signs(self, count):
        return super().signs(1).expand(-1, count)


class ReusedSigns(KFRTRL):
    """The same signs at every step."""

    def signs(self, count):
        steps, self.steps = self.steps, 0
        try:
            return super().signs(count)
        finally:
            self.steps = steps


@pytest.mark.parametrize("planted", [OneSignForAll, OneSignForUORO, ReusedSigns])
def test_beta_finds_signs_that_are_not_independent(planted):
    assert experiment(partial(planted, seed=1), N=1000).p_value < RATE / 100


@pytest.mark.parametrize("bug", ["p in both factors", "p squared", "constant in one factor"])
def test_beta_finds_scales_that_do_not_cancel(bug, monkeypatch):
    original = kf_module.scales

    def wrong(left, right):
        p, inverse = original(left, right)
        return {"p in both factors": (p, p), "p squared": (p * p, inverse), "constant in one factor": (p + 0.3, inverse)}[bug]

    monkeypatch.setattr(kf_module, "scales", wrong)
    drawn = experiment(partial(KFRTRL, seed=1))
    assert drawn.beta > 10 and drawn.p_value < RATE / 100


def test_keeping_old_factors_whose_product_is_zero_is_unbiased_and_noisier(monkeypatch):
    cell = network()
    with torch.no_grad():
        cell.weights[0][3:11] = 0  # H = 0
    deltas = normal(12, 8, seed=2)
    right = draws(cell, normal(12, 3, seed=1), partial(KFRTRL, seed=1), draws=50, deltas=deltas)
    assert right.relative_variance < 1e-25 and right.error < 1e-25
    original = kf_module.scales

    def kept(left, right):
        p, inverse = original(left, right)
        return torch.where(p == 0, 1.0, p), torch.where(p == 0, 1.0, inverse)

    monkeypatch.setattr(kf_module, "scales", kept)
    noisy = draws(cell, normal(12, 3, seed=1), partial(KFRTRL, seed=1), draws=4000, deltas=deltas)
    assert noisy.p_value > RATE
    assert noisy.relative_variance > 0.1


# -- the martingale identity ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("factory, N", [(partial(KFRTRL, seed=1), 4000), (partial(UORO, seed=1), 4000)], ids=["KF", "UORO"])
def test_the_error_is_the_sum_of_the_errors_of_the_steps(factory, N):
    # E|G~_T - G_T|^2 = sum over t of E|H_T ... H_{t+1} E_t|^2: both sides from the same draws, so that their difference has mean
    # 0 and a standard error of its own (four of them: probability 6e-5), small enough to see 2 % of the error itself.
    cell, T = network(n=6, n_in=2, std=0.35), 15
    steps = [jacs[0] for jacs in linearised(cell, normal(T, 2, seed=1))]
    estimator, exact = factory(lanes=range(N)), ExactRTRL()
    estimator.reset(N)
    exact.reset(1)
    later = [torch.eye(6, dtype=torch.float64)]  # H_T ... H_{t+1}
    for jac in reversed(steps[1:]):
        later.insert(0, later[0] @ jac.H[0])
    before, total = torch.zeros(N, 6, 9, 6, dtype=torch.float64), torch.zeros(N, dtype=torch.float64)
    for jac, product in zip(steps, later):
        estimator.step(expanded(jac, N))
        exact.step(jac)
        after = estimator.dense()
        F = jac.features[:, None, :, None] * jac.dense_D()[:, :, None]
        noise = after - (torch.einsum("ac,bcmp->bamp", jac.H[0], before) + F)
        total += torch.einsum("ac,bcmp->bamp", product, noise).square().sum((1, 2, 3))
        before = after
    direct = (before - exact.dense()).square().sum((1, 2, 3))
    difference = direct - total
    error = difference.std() / N**0.5
    assert difference.mean().abs() < 4 * error < 0.025 * direct.mean()


# -- the measurement itself -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind, depth", [(RNN, 1), (RHN, 2), (LSTM, 1)])
def test_the_exact_gradient_is_that_of_backpropagation(kind, depth):
    cell = network(kind, n=4, depth=depth) if kind is not LSTM else network(kind, n=4)
    inputs, deltas = normal(7, 3, seed=1), normal(7, cell.state_dim, seed=2)
    drawn = draws(cell, inputs, KFRTRL, draws=2, deltas=deltas)
    torch.testing.assert_close(drawn.exact, by_autograd(cell, inputs, deltas), rtol=1e-12, atol=1e-13)
    assert drawn.entries == cell.state_dim * sum(w.numel() for w in cell.weights)


def test_exact_rtrl_has_no_error():
    drawn = experiment(lambda lanes, block: ExactRTRL(block=block), N=5)
    assert drawn.error < 1e-25 and drawn.variance.max() < 1e-25 and drawn.cosine == pytest.approx(1)


def test_moments_are_those_of_the_draws():
    cell, inputs, deltas = network(n=3), normal(5, 3, seed=1), normal(5, 3, seed=2)
    drawn = draws(cell, inputs, partial(KFRTRL, seed=4), draws=30, deltas=deltas, times=[1, 3, 5], chunk=7)
    gradients, errors = [], []
    for lane in range(30):  # one estimator a draw, step by step
        kf, exact, gradient, error = KFRTRL(seed=4, lanes=[lane]), ExactRTRL(), 0.0, []
        kf.reset(1)
        exact.reset(1)
        for (jac,), delta in zip(linearised(cell, inputs), deltas):
            kf.step(jac)
            exact.step(jac)
            gradient = gradient + kf.grad(delta[None])[0].flatten()
            error.append((kf.dense() - exact.dense()).square().sum())
        gradients.append(gradient)
        errors.append(torch.stack(error))
    gradients, errors = torch.stack(gradients), torch.stack(errors)[:, [0, 2, 4]]
    torch.testing.assert_close(drawn.mean, gradients.mean(0), rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(drawn.variance, gradients.var(0), rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(drawn.error, errors.mean(0), rtol=1e-10, atol=1e-20)
    torch.testing.assert_close(drawn.error_sd, errors.std(0) / 30**0.5, rtol=1e-9, atol=1e-20)
    cosine = torch.cosine_similarity(gradients, drawn.exact[None], dim=1).mean()
    assert drawn.cosine == pytest.approx(float(cosine), rel=1e-12)
    assert drawn.size.shape == (3,) and drawn.times == (1, 3, 5)


def test_a_mean_of_copies_has_a_smaller_error():
    one, four = (experiment(partial(KFRTRL, seed=1, copies=r), N=3000) for r in (1, 4))
    # each mean is known to its standard error; four of the quotient's
    quotient = float(one.error / four.error)
    tolerance = 4 * quotient * float(((one.error_sd / one.error) ** 2 + (four.error_sd / four.error) ** 2).sqrt())
    assert abs(quotient - 4) < tolerance < 1


def test_the_p_value_is_the_tail_of_a_sum_of_weighted_squares():
    equal = experiment(KFRTRL, N=2, times=())

    def tail(weights, beta):
        exact = torch.zeros(1, dtype=torch.float64)
        traces = tuple(float((weights**power).sum()) for power in (1, 2, 3))
        # one entry whose squared bias is beta times its variance of the mean
        one = dataclasses.replace(equal, exact=exact, mean=exact + beta**0.5, variance=exact + equal.draws, traces=traces)
        assert one.beta == pytest.approx(beta)
        return one.p_value

    for count, beta in ((1, 4.0), (5, 2.5), (40, 1.3)):  # equal weights: chi-square itself
        expected = float(torch.special.gammaincc(*torch.tensor([count / 2, count * beta / 2], dtype=torch.float64)))
        assert tail(torch.ones(count, dtype=torch.float64), beta) == pytest.approx(expected, rel=1e-10)
    weights = torch.tensor([3.0, 1.0, 1.0, 0.2, 0.1], dtype=torch.float64)
    sums = (normal(400_000, 5, seed=3).square() * weights).sum(1) / weights.sum()
    for beta in (1.0, 2.0, 4.0):
        assert tail(weights, beta) == pytest.approx(float((sums > beta).double().mean()), rel=0.1, abs=2e-3)


def test_without_the_covariance_there_is_no_p_value():
    assert math.isnan(draws(network(n=38), normal(2, 3, seed=1), KFRTRL, draws=3).p_value)  # 42 x 38 entries
    assert not math.isnan(draws(network(n=8), normal(2, 3, seed=1), KFRTRL, draws=3).p_value)


def test_wrong_arguments_are_named():
    cell, inputs = network(n=3), normal(5, 3, seed=1)
    with pytest.raises(InputError, match=r"draws=1: a variance needs at least 2"):
        draws(cell, inputs, KFRTRL, draws=1)
    with pytest.raises(InputError, match=r"times=\(6,\): the sequence has the steps 1..5"):
        draws(cell, inputs, KFRTRL, times=[6])
    with pytest.raises(InputError, match=r"deltas: float32 of shape \(3,\); draws takes floats of shape \(T, 3\), T = 5"):
        draws(cell, inputs, KFRTRL, deltas=torch.ones(3))


def test_expanded_lanes_share_memory():
    (jac,) = network(n=3).linearize(torch.ones(1, 3, dtype=torch.float64), torch.zeros(1, 3, dtype=torch.float64))
    wide = expanded(jac, 1000)
    assert isinstance(wide, StepJacobian) and wide.H.data_ptr() == jac.H.data_ptr() and wide.shape[0] == 1000
