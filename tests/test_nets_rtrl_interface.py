"""Estimators and cells as a user puts them together: one way to make them all, and mistakes that would give a wrong gradient."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from torch import nn

from nets.rtrl import (
    KFRTRL,
    KTP,
    LSTM,
    OK,
    RFLO,
    RHN,
    RNN,
    UORO,
    ExactRTRL,
    Influence,
    LeakyRNN,
    PointwiseCell,
    PreUORO,
    ReverseKF,
    SnAp,
    Stacked,
    check_cell,
)
from nets.rtrl.measure import draws
from nets.rtrl.protocol import StepJacobian
from theory.errors import InputError

torch.set_num_threads(1)
F64 = torch.float64


def normal(*shape, seed=1):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=F64)


def made(kind, *size, **options):
    return kind(*size, std=0.5, generator=torch.Generator().manual_seed(0), dtype=F64, **options)


def gradient(cell, make, x, lanes=1):
    """Of the sum of the last state, summed over lanes."""
    influence, s = Influence(cell, make), cell.init_state(lanes)
    influence.reset(lanes)
    for row in x:
        jacs = cell.linearize(row.expand(lanes, -1), s)
        influence.step(jacs)
        s = jacs[-1].state
    return torch.cat([g.flatten() for g in influence.grads(torch.ones_like(s))])


@pytest.mark.parametrize(
    "factory",
    [ExactRTRL, SnAp, partial(SnAp, 2), partial(RFLO, 0.4), partial(OK, 2), KFRTRL, ReverseKF, UORO, PreUORO, partial(KTP, 2)],
    ids=["exact", "SnAp-1", "SnAp-2", "RFLO", "OK", "KF", "ReverseKF", "UORO", "PreUORO", "KTP"],
)
def test_every_estimator_is_made_with_seed_lanes_and_block(factory):
    cell, x = made(LeakyRNN, 2, 3, alpha=0.4), normal(5, 2)
    drawn = draws(cell, x, partial(factory, seed=3), draws=4)
    direct = gradient(cell, lambda block: factory(seed=3, lanes=range(4), block=block), x, lanes=4)
    torch.testing.assert_close(drawn.mean, direct / 4, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("make", [UORO, lambda block: OK(2), lambda block: ExactRTRL()], ids=["class", "OK", "exact"])
def test_an_estimator_that_isnt_told_its_weight_matrix_is_refused(make):
    cell = Stacked(made(RNN, 3, 3), made(RNN, 3, 3))  # equal shapes: nothing else would notice
    with pytest.raises(InputError, match=r"make: the estimator of weight matrix 1 has block=0; .*block=block"):
        Influence(cell, make)


def test_a_sequence_needs_a_reset_and_a_gradient_needs_a_step():
    cell = made(RNN, 2, 3)
    influence = Influence(cell, lambda block: OK(2, block=block))
    jacs, five = (cell.linearize(normal(lanes, 2), cell.init_state(lanes)) for lanes in (2, 5))
    with pytest.raises(InputError, match=r"jacs: a step of 2 lanes, the influence holds none yet; call reset\(2\)"):
        influence.step(jacs)
    influence.reset(2)
    with pytest.raises(InputError, match=r"no step since reset"):
        influence.grads(torch.ones(2, 3, dtype=F64))
    influence.step(jacs)
    influence.reset(2, torch.tensor([True, False]))  # some lanes only: the influence is still there
    influence.grads(torch.ones(2, 3, dtype=F64))
    with pytest.raises(InputError, match=r"a step of 5 lanes, the influence holds 2; call reset\(5\)"):
        influence.step(five)
    other = Influence(cell, lambda block: OK(2, block=block))
    other.load_state_dict(influence.state_dict())
    torch.testing.assert_close(other.grads(torch.ones(2, 3, dtype=F64)), influence.grads(torch.ones(2, 3, dtype=F64)))
    influence.reset(2)
    with pytest.raises(InputError, match=r"no step since reset"):
        influence.grads(torch.ones(2, 3, dtype=F64))


def test_snap_2_is_exact_though_units_are_saturated_at_the_first_step():
    cell, x = made(RNN, 2, 4), normal(5, 2)
    with torch.no_grad():
        cell.weights[0][:2] *= torch.tensor([1.0, 300, 300, 1], dtype=F64)
    x[1:] *= 1e-3
    assert (cell.linearize(x[:1], cell.init_state(1))[0].d == 0).sum() == 2
    exact, snap = (gradient(cell, make, x) for make in (lambda block: ExactRTRL(block), lambda block: SnAp(2, block)))
    torch.testing.assert_close(snap, exact, rtol=1e-12, atol=1e-14)


class Gain(nn.Module):
    def __init__(self, trained):
        super().__init__()
        self.gain = nn.Parameter(torch.full((3,), 1.5, dtype=F64), requires_grad=trained)

    def forward(self, z, s):
        return torch.tanh(self.gain * z)


class OwnCell(nn.Module):
    """A cell by the protocol alone."""

    def __init__(self, gain=None):
        super().__init__()
        self.n, self.n_in, self.state_dim, self.readout = 3, 2, 3, slice(0, 3)
        self.weights = nn.ParameterList([nn.Parameter(normal(6, 3))])
        self.gain = gain
        self.head = nn.Linear(3, 1, dtype=F64)  # not of the step

    def init_state(self, batch):
        return torch.zeros(batch, 3, dtype=F64)

    def forward(self, x, s):
        z = torch.cat((x, s, s.new_ones(len(s), 1)), dim=1) @ self.weights[0]
        return torch.tanh(z if self.gain is None else self.gain * z)

    @torch.no_grad()
    def linearize(self, x, s):
        new, features = self(x, s), torch.cat((x, s, s.new_ones(len(s), 1)), dim=1)
        d = (1 - new**2) * (1 if self.gain is None else self.gain)
        return (StepJacobian(new, features, d[:, None, None], d[:, :, None] * self.weights[0][2:5].T),)


def test_a_cell_by_the_protocol_alone_has_the_gradient_of_autograd():
    cell, x = OwnCell(), normal(6, 2)
    check_cell(cell)
    s = cell.init_state(1)
    for row in x:
        s = cell(row[None], s)
    (true,) = torch.autograd.grad(s.sum(), list(cell.weights))
    torch.testing.assert_close(gradient(cell, lambda block: ExactRTRL(block), x), true.flatten(), rtol=1e-12, atol=1e-14)


def test_parameters_beside_the_weight_matrices_are_refused_unless_frozen():
    with pytest.raises(InputError, match=r"f: it has parameters of its own"):
        PointwiseCell(Gain(True), 2, 3, gates=1)
    outside = nn.Parameter(torch.ones(3))
    with pytest.raises(InputError, match=r"f: it has parameters of its own"):  # also those that a closure holds
        PointwiseCell(lambda z, s: torch.tanh(outside * z), 2, 3, gates=1)
    check_cell(made(PointwiseCell, Gain(False), 2, 3, gates=1))
    with pytest.raises(InputError, match=r"cell: its step depends on gain, which isn't one of its weights"):
        check_cell(OwnCell(nn.Parameter(torch.full((3,), 1.5, dtype=F64))))


class NoTuple(OwnCell):
    def linearize(self, x, s):
        return super().linearize(x, s)[0]


CELL = made(RNN, 3, 3)
WRONG = [
    (lambda: check_cell(NoTuple()), r"linearize gives a StepJacobian; give a tuple"),
    (lambda: PointwiseCell(lambda z, s: (z, s), 2, 3, gates=1), r"f: a new state that is a tuple; it must be a tensor"),
    (lambda: RNN(2, 4.5), r"n=4.5: give a whole number"),
    (lambda: RHN(2, 3, depth=True + 0.5), r"depth=1.5: give a whole number"),
    (lambda: KFRTRL(copies=2.5), r"copies=2.5: give a whole number"),
    (lambda: SnAp(1.5), r"order=1.5: SnAp-n has a whole n"),
    (lambda: OK(2).grad(torch.ones(1, 3)), r"delta: OK was given no step since reset"),
    (lambda: UORO().grad_sum(torch.ones(1, 3)), r"delta: UORO was given no step since reset"),
    (lambda: Stacked([CELL, CELL]), r"layers: number 0 is a list; give cells one after another"),
    (lambda: Stacked(CELL, CELL), r"layers: one cell twice"),
    (lambda: Influence(LSTM(2, 3), lambda block: OK("2", block=block)), r"rank='2'"),
]


@pytest.mark.parametrize(("wrong", "message"), WRONG)
def test_what_is_wrong_is_said(wrong, message):
    with pytest.raises(InputError, match=message):
        wrong()
