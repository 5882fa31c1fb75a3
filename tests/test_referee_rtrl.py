"""A referee of nets.rtrl in plain numpy: linearised steps and exact influence, from the definitions of the cells.

Nothing of nets is used for what is expected: the influence matrix is the complex-step derivative of a literal forward pass, no
Jacobian is written down. Axes: G[a, i, q] = ds_a / dW[i, q].
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nets.rtrl.cells import GRU, LSTM, RHN, RNN, LeakyRNN, Stacked
from nets.rtrl.estimators.exact import ExactRTRL
from nets.rtrl.estimators.rflo import RFLO
from nets.rtrl.estimators.snap import SnAp
from nets.rtrl.influence import Influence

torch.set_num_threads(1)

# -- forward passes, literally ---------------------------------------------------------------------------------------------


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def rnn(x, s, weights):
    return np.tanh(np.concatenate([x, s, [1]]) @ weights[0])


def leaky(x, s, weights, alpha=0.3):
    return (1 - alpha) * s + alpha * np.tanh(np.concatenate([x, s, [1]]) @ weights[0])


def rhn(x, s, weights):
    n = len(s)
    for layer, W in enumerate(weights):
        z = np.concatenate([x, s, [1]] if layer == 0 else [s, [1]]) @ W
        candidate, carry = 2 * sigmoid(z[:n]) - 1, sigmoid(z[n:])
        s = carry * s + (1 - carry) * candidate
    return s


def lstm(x, s, weights):
    n = len(s) // 2
    c, h = s[:n], s[n:]
    z = np.concatenate([x, h, [1]]) @ weights[0]
    i, f, g, o = sigmoid(z[:n]), sigmoid(z[n : 2 * n]), np.tanh(z[2 * n : 3 * n]), sigmoid(z[3 * n :])
    c = f * c + i * g
    return np.concatenate([c, o * np.tanh(c)])


def two_layers(x, s, weights):
    n = len(s) // 2
    low = rnn(x, s[:n], weights[:1])
    return np.concatenate([low, rhn(low, s[n:], weights[1:])])


def influence_of(forward, inputs, N, weights):
    """d s_T / d W for each W by complex steps: exact to rounding, without any formula for a derivative."""
    found = []
    for block, W in enumerate(weights):
        G = np.zeros((N, *W.shape))
        for index in np.ndindex(*W.shape):
            moved = [V.astype(complex) for V in weights]
            moved[block][index] += 1e-30j
            s = np.zeros(N, dtype=complex)
            for x in inputs:
                s = forward(x, s, moved)
            G[(slice(None), *index)] = s.imag / 1e-30
        found.append(G)
    return found


def generator(seed):
    return torch.Generator().manual_seed(seed)


def of(kind, seed=0, **options):
    return kind(2, 3, std=0.7, generator=generator(seed), dtype=torch.float64, **options)


CELLS = {
    "RNN": (of(RNN), rnn),
    "leaky RNN": (of(LeakyRNN, alpha=0.3), leaky),
    "RHN": (of(RHN), rhn),
    "RHN of depth 2": (of(RHN, depth=2), rhn),
    "RHN of depth 3": (of(RHN, depth=3), rhn),
    "LSTM": (of(LSTM), lstm),
    "RNN below RHN": (
        Stacked(of(RNN), RHN(3, 3, std=0.7, generator=generator(1), dtype=torch.float64)),
        two_layers,
    ),
}


@pytest.mark.parametrize("name", CELLS)
def test_exact_rtrl_of_every_cell_is_the_complex_step_derivative_of_a_literal_forward_pass(name):
    cell, forward = CELLS[name]
    inputs = np.random.default_rng(5).normal(size=(5, 2))
    influence = Influence(cell, lambda block: ExactRTRL(block=block))
    influence.reset(1)
    s = cell.init_state(1)
    for x in inputs:
        jacs = cell.linearize(torch.tensor(x)[None], s)
        influence.step(jacs)
        s = jacs[-1].state
    weights = [W.detach().numpy() for W in cell.weights]
    for estimator, wanted in zip(influence.estimators, influence_of(forward, inputs, cell.state_dim, weights), strict=True):
        np.testing.assert_allclose(estimator.dense()[0].numpy(), wanted, rtol=0, atol=1e-14)


def test_the_micro_steps_of_a_deep_highway_network_multiply_to_the_jacobian_of_the_whole_step():
    cell, forward = CELLS["RHN of depth 2"]
    random = np.random.default_rng(1)
    x, s = random.normal(size=2), random.normal(size=3)
    weights = [W.detach().numpy() for W in cell.weights]
    columns = [forward(x, s + 1e-30j * np.eye(3)[j], [W.astype(complex) for W in weights]).imag / 1e-30 for j in range(3)]
    first, second = cell.linearize(torch.tensor(x)[None], torch.tensor(s)[None])
    np.testing.assert_allclose((second.H @ first.H)[0].numpy(), np.stack(columns, axis=1), atol=1e-14)
    np.testing.assert_allclose(second.features[0].numpy(), [*first.state[0].numpy(), 1])  # no input above the first layer
    assert (first.block, second.block) == (0, 1)


def derivatives(forward, x, s, W):
    """ds'/ds (N, N) and ds'/dW (N, m, p) of one step, by complex steps."""
    H = np.stack([forward(x, s + 1e-30j * e, [W.astype(complex)]).imag / 1e-30 for e in np.eye(len(s))], axis=1)
    F = np.zeros((len(s), *W.shape))
    for index in np.ndindex(*W.shape):
        moved = W.astype(complex)
        moved[index] += 1e-30j
        F[(slice(None), *index)] = forward(x, s.astype(complex), [moved]).imag / 1e-30
    return H, F


def along(cell, estimator, inputs):
    """The dense estimate after each step."""
    estimator.reset(1)
    s = cell.init_state(1)
    for x in inputs:
        jacs = cell.linearize(torch.tensor(x)[None], s)
        estimator.step(*jacs)
        s = jacs[-1].state
        yield estimator.dense()[0].numpy()


@pytest.mark.parametrize("name", ["RNN", "RHN", "LSTM"])
def test_snap_1_keeps_what_a_weight_does_to_its_own_unit(name):
    cell, forward = CELLS[name]
    inputs, W, N, n = np.random.default_rng(6).normal(size=(5, 2)), cell.weights[0].detach().numpy(), cell.state_dim, cell.n
    own = np.arange(N)[:, None, None] % n == np.arange(W.shape[1])[None, None] % n
    s, G = np.zeros(N), np.zeros((N, *W.shape))
    for x, found in zip(inputs, along(cell, SnAp(1), inputs), strict=True):
        H, F = derivatives(forward, x, s, W)
        G = own * (np.einsum("ab,biq->aiq", H, G) + F)
        s = forward(x, s, [W])
        np.testing.assert_allclose(found, G, atol=1e-14)


def test_rflo_drops_what_passes_through_the_recurrent_weights():
    cell, forward = CELLS["leaky RNN"]
    inputs, W = np.random.default_rng(7).normal(size=(5, 2)), cell.weights[0].detach().numpy()
    s, G = np.zeros(3), np.zeros((3, *W.shape))
    for x, found in zip(inputs, along(cell, RFLO(0.3), inputs), strict=True):
        F = derivatives(forward, x, s, W)[1]
        G = 0.7 * G + F
        s = forward(x, s, [W])
        np.testing.assert_allclose(found, G, atol=1e-14)


def test_a_gru_with_the_reset_after_the_product_is_this_function():
    cell = of(GRU)
    random = np.random.default_rng(8)
    x, h = random.normal(size=2), random.normal(size=3)
    W = cell.weights[0].detach().numpy()
    r, u = (np.concatenate([x, h, [1]]) @ W[:, :6]).reshape(2, 3)
    of_x, of_h = x @ W[:2, 6:9] + W[5, 6:9], h @ W[2:5, 9:] + W[5, 9:]
    wanted = (1 - sigmoid(u)) * np.tanh(of_x + sigmoid(r) * of_h) + sigmoid(u) * h
    np.testing.assert_allclose(cell(torch.tensor(x)[None], torch.tensor(h)[None])[0].detach().numpy(), wanted, atol=1e-14)
