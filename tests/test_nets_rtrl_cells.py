"""Cells of nets/rtrl against autograd, ``torch.func`` and torch's own layers, in float64."""

from __future__ import annotations

import subprocess
import sys

import pytest
import rtrl_cells
import torch
from rtrl_cells import F64, draws, options
from torch import nn

from nets.rtrl import GRU, LSTM, RHN, RNN, LeakyRNN, PointwiseCell, Stacked, check_cell
from nets.rtrl.cells.base import Cell
from theory.errors import InputError

torch.set_num_threads(1)


def minimal_gated(z, s):
    g = torch.sigmoid(z[:, :1] - 0.5 * s)
    return g * s + (1 - g) * torch.tanh(z[:, 1:])


CELLS = rtrl_cells.CELLS | {
    "RNN depth 2": lambda: RNN(3, 4, depth=2, **options()),
    "RHN depth 3, c = tanh z": lambda: RHN(3, 4, depth=3, slope=2.0, **options()),
    "a user's function": lambda: PointwiseCell(minimal_gated, 3, 4, gates=2, **options()),
    "a user's function of two parts": lambda: PointwiseCell(LSTM(3, 4).f, 3, 4, gates=4, parts=2, **options()),
}
SINGLE = [name for name in CELLS if "depth" not in name and name != "stacked"]


@pytest.fixture(params=CELLS)
def cell(request):
    return CELLS[request.param]()


@pytest.mark.parametrize("name", SINGLE)
def test_d_and_H_of_a_step_are_the_jacobians_of_the_function_of_z_and_s(name):
    cell = CELLS[name]()
    x, s = draws(2, 3), draws(2, cell.state_dim, seed=6)
    (jac,) = cell.linearize(x, s)
    W = cell.matrix(0).detach()
    for lane in range(2):
        features = torch.cat((x[lane], s[lane, cell.readout], torch.ones(1, dtype=F64)))
        assert torch.equal(jac.features[lane], features)

        def f(z, state):
            return cell.f(z.view(1, cell.gates, -1), state.view(1, cell.parts, -1)).flatten()

        to_z, direct = torch.func.jacfwd(f, (0, 1))(features @ W, s[lane])
        through = torch.zeros(cell.state_dim, cell.state_dim, dtype=F64)
        through[:, cell.readout] = to_z @ W[3:-1].T
        torch.testing.assert_close(jac.dense_D()[lane], to_z, rtol=0, atol=1e-14)
        torch.testing.assert_close(jac.H[lane], direct + through, rtol=0, atol=1e-14)
        torch.testing.assert_close(jac.state[lane], f(features @ W, s[lane]), rtol=0, atol=1e-14)


def test_every_cell_is_in_the_class_by_differentiation(cell):
    check_cell(cell, tolerance=1e-13)


def test_the_last_micro_step_holds_the_new_state_and_no_graph(cell):
    x, s = draws(2, 3), draws(2, cell.state_dim)
    jacs = cell.linearize(x, s)
    assert [jac.block for jac in jacs] == list(range(len(cell.weights)))
    torch.testing.assert_close(jacs[-1].state, cell(x, s), rtol=0, atol=1e-14)
    assert not any(t.requires_grad for jac in jacs for t in (jac.state, jac.features, jac.d, jac.H))
    assert all(jac.shape[2:] == W.shape for jac, W in zip(jacs, cell.weights, strict=True))


def test_a_micro_step_of_layers_changes_its_own_layer_only():
    cell = CELLS["stacked"]()
    before = draws(2, cell.state_dim)
    for jac, (start, stop) in zip(cell.linearize(draws(2, 3), before), ((0, 4), (4, 12), (12, 16), (12, 16)), strict=True):
        changed = torch.zeros(2, 16, dtype=torch.bool)
        changed[:, start:stop] = True
        assert torch.equal(jac.state != before, changed)
        before = jac.state


@pytest.mark.parametrize("resets", [False, True])
def test_a_window_is_the_steps_one_by_one_with_the_same_gradients(cell, resets):
    x, s = draws(3, 6, 3).requires_grad_(), draws(3, cell.state_dim, seed=6).requires_grad_()
    fresh = torch.zeros(3, 6, dtype=torch.bool)
    fresh[0, 3] = fresh[1, 0] = fresh[1, 5] = True
    state, states = s, []
    for t in range(6):
        state = cell(x[:, t], state.masked_fill(fresh[:, t, None], 0) if resets else state)
        states.append(state)
    expected = torch.stack(states, dim=1)
    found = cell.unroll(x, s, fresh if resets else None)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-13)
    delta, of = draws(*expected.shape, seed=7), (x, s, *cell.weights)
    for a, b in zip(torch.autograd.grad(found, of, delta), torch.autograd.grad(expected, of, delta), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-12)


def test_under_autocast_steps_and_windows_differ_by_the_rounding_of_the_product_only(cell):
    cell = cell.float()
    x, s = draws(2, 3, 3).float(), draws(2, cell.state_dim, seed=6).float()
    expected = cell.unroll(x, s)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found, jacs = cell.unroll(x, s), cell.linearize(x[:, 0], s)
    of = list(cell.weights)
    for a, b in zip(torch.autograd.grad(found.sum(), of), torch.autograd.grad(expected.sum(), of), strict=True):
        assert a.dtype == torch.float32 and 1e-6 < float((a - b).norm() / b.norm()) < 0.05
    assert found.dtype == torch.float32
    torch.testing.assert_close(jacs[-1].state, expected[:, 0], rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", ["LSTM", "RHN", "GRU", "RNN", "leaky"])
def test_the_derivatives_of_a_users_function_are_those_written_by_hand(name):
    cell = CELLS[name]()
    own = PointwiseCell(cell.f, 3, 4, gates=cell.gates, parts=cell.parts, **options())
    x, s = draws(2, 3), draws(2, cell.state_dim, seed=6)
    with torch.no_grad():
        own.weights[0].copy_(cell.weights[0])
    (a,), (b,) = cell.linearize(x, s), own.linearize(x, s)
    for x, y in ((a.state, b.state), (a.d, b.d), (a.H, b.H), (a.features, b.features)):
        torch.testing.assert_close(x, y, rtol=0, atol=1e-14)


def test_lstm_gru_and_rnn_are_torchs_own():
    x, h, c = draws(5, 3), draws(5, 4, seed=6), draws(5, 4, seed=7)
    with torch.no_grad():
        cell, own = LSTM(3, 4, **options()), nn.LSTMCell(3, 4, dtype=F64)
        W = cell.weights[0]
        own.weight_ih.copy_(W[:3].T), own.weight_hh.copy_(W[3:7].T), own.bias_ih.copy_(W[7]), own.bias_hh.zero_()
        expected = torch.cat(own(x, (h, c))[::-1], dim=1)
        torch.testing.assert_close(cell(x, torch.cat((c, h), dim=1)), expected, rtol=0, atol=1e-14)

        cell, own = RNN(3, 4, **options()), nn.RNNCell(3, 4, dtype=F64)
        W = cell.weights[0]
        own.weight_ih.copy_(W[:3].T), own.weight_hh.copy_(W[3:7].T), own.bias_ih.copy_(W[7]), own.bias_hh.zero_()
        torch.testing.assert_close(cell(x, h), own(x, h), rtol=0, atol=1e-14)

        cell, own = GRU(3, 4, **options()), nn.GRUCell(3, 4, dtype=F64)
        r, u, of_x, of_h = cell.matrix(0).chunk(4, dim=1)
        own.weight_ih.copy_(torch.cat((r[:3], u[:3], of_x[:3]), dim=1).T), own.bias_ih.copy_(torch.cat((r[7], u[7], of_x[7])))
        own.weight_hh.copy_(torch.cat((r[3:7], u[3:7], of_h[3:7]), dim=1).T)
        own.bias_hh.copy_(torch.cat((0 * r[7], 0 * u[7], of_h[7])))
        torch.testing.assert_close(cell(x, h), own(x, h), rtol=0, atol=1e-14)


def test_weights_are_normal_with_that_deviation_in_all_rows_and_follow_the_generator():
    cell = RHN(50, 100, std=0.01, generator=torch.Generator().manual_seed(3))
    W = cell.weights[0].detach()
    # 30200 and 200 normal draws: standard errors of a deviation are 0.0041 and 0.05 of it; four of them are allowed.
    assert abs(float(W.std()) / 0.01 - 1) < 0.017 and abs(float(W[-1].std()) / 0.01 - 1) < 0.2
    assert torch.equal(W, RHN(50, 100, std=0.01, generator=torch.Generator().manual_seed(3)).weights[0])
    assert bool((RHN(5, 6, bias=-1.0).weights[0][-1] == -1).all())


def test_the_original_gru_is_refused():
    with pytest.raises(NotImplementedError, match="reset gate before the matrix product"):
        GRU(3, 4, reset="before")


class OriginalGRU(Cell):
    """Says what a user would write who overlooks that z^r acts through a second matrix product."""

    def __init__(self, **options):
        super().__init__(3, 4, gates=3, **options)

    def forward(self, x, s):
        W = self.weights[0]
        gates = torch.sigmoid(torch.cat((x, s, torch.ones_like(x[:, :1])), dim=1) @ W[:, :8])
        r, u = gates.chunk(2, dim=1)
        return torch.lerp(torch.tanh(torch.cat((x, r * s, torch.ones_like(x[:, :1])), dim=1) @ W[:, 8:]), s, u)

    def linear(self, z, s):
        r, u = z[:, :1].sigmoid(), z[:, 1:2].sigmoid()
        c = torch.tanh(z[:, 2:])
        inside = (1 - u) * (1 - c * c)
        d = torch.cat((inside * r * (1 - r), (s - c) * u * (1 - u), inside), dim=1)
        return torch.lerp(c, s, u), d[:, None], u[:, None]

    def linearize(self, x, s):
        (jac,) = super().linearize(x, s)
        return (type(jac)(self(x, s).detach(), jac.features, jac.d, jac.H),)


def test_a_cell_outside_the_class_is_found_out_by_differentiation():
    with pytest.raises(NotImplementedError, match=r"ds/dW of weight matrix 0 of OriginalGRU isn't the Kronecker product"):
        check_cell(OriginalGRU(**options()))


def test_a_wrong_direct_derivative_is_found_out():
    class Wrong(LeakyRNN):
        def linear(self, z, s):
            new, d, e = super().linear(z, s)
            return new, d, 1.01 * e

    with pytest.raises(InputError, match="H of linearize isn't"):
        check_cell(Wrong(3, 4, alpha=0.3, **options()))


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: RNN(3, 0), "n=0"),
        (lambda: RNN(0, 3), "n_in=0"),
        (lambda: RNN(3, 3, std=-1.0), "std=-1"),
        (lambda: LeakyRNN(3, 4, alpha=0.0), "alpha=0"),
        (lambda: Stacked(), "layers: none"),
        (lambda: Stacked(RNN(3, 4), RNN(3, 4)), "number 1 has 3 inputs"),
        (lambda: PointwiseCell(lambda z, s: z.cumsum(dim=2), 3, 4, gates=1), "unit 1 .* depends on unit 0 of z"),
        (lambda: PointwiseCell(lambda z, s: z + s.mean(dim=2, keepdim=True), 3, 4, gates=1), "depends on unit 0 of s"),
        (lambda: PointwiseCell(lambda z, s: z + s.mean(dim=0), 3, 4, gates=1), "lane by lane"),
        (lambda: PointwiseCell(lambda z, s: z, 3, 4, gates=2), "a new state of shape"),
        (lambda: check_cell(nn.Linear(3, 4)), "has no 'n_in'"),
    ],
)
def test_wrong_arguments_are_named(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_the_package_loads_no_training_library_and_its_names_exist():
    code = (
        "import sys, nets.rtrl as r\n"
        "assert 'torch' not in sys.modules\n"
        "[getattr(r, name) for name in r.__all__]\n"
        "assert 'lightning' not in sys.modules and 'lightning_fabric' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
