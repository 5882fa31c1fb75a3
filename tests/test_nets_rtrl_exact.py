"""Exact RTRL, SnAp and RFLO against backpropagation through time and against each other, in float64."""

from __future__ import annotations

import pytest
import rtrl_cells
import torch
from rtrl_cells import F64, draws, options

from nets.rtrl import RFLO, RHN, RNN, ExactRTRL, Influence, LeakyRNN, PointwiseCell, SnAp
from theory.errors import InputError

torch.set_num_threads(1)

CELLS = rtrl_cells.CELLS | {
    "RHN depth 3": lambda: RHN(3, 4, depth=3, **options()),
    "a user's function": lambda: PointwiseCell(
        lambda z, s: torch.sin(z[:, :1] * s) + torch.tanh(z[:, 1:]), 3, 4, gates=2, **options()
    ),
}
LANES, STEPS = 3, 9


def some_resets():
    fresh = torch.zeros(LANES, STEPS, dtype=torch.bool)
    fresh[0, 4] = fresh[1, 1] = fresh[1, 7] = fresh[:2, 8] = True  # lane 2 never
    return fresh


def run(cell, make, x, fresh=None):
    """The influence after the last step."""
    influence, s = Influence(cell, make), cell.init_state(len(x))
    influence.reset(len(x))
    for t in range(x.shape[1]):
        if fresh is not None:
            s = s.masked_fill(fresh[:, t, None], 0)
            influence.reset(len(x), fresh[:, t])
        jacs = cell.linearize(x[:, t], s)
        influence.step(jacs)
        s = jacs[-1].state
    return influence, s


def backpropagated(cell, x, delta, fresh=None):
    """delta^T ds_T/dW for each weight matrix, summed over lanes, by autograd through all steps."""
    s = cell.init_state(len(x))
    for t in range(x.shape[1]):
        s = cell(x[:, t], s if fresh is None else s.masked_fill(fresh[:, t, None], 0))
    return torch.autograd.grad(s, list(cell.weights), delta)


def agree(found, expected, atol=1e-12):
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=atol)


@pytest.mark.parametrize("resets", [False, True])
@pytest.mark.parametrize("name", CELLS)
def test_exact_rtrl_is_backpropagation_through_time(name, resets):
    cell = CELLS[name]()
    x, delta, fresh = draws(LANES, STEPS, 3), draws(LANES, cell.state_dim, seed=8), some_resets() if resets else None
    influence, _ = run(cell, lambda block: ExactRTRL(block=block), x, fresh)
    expected = backpropagated(cell, x, delta, fresh)
    agree(influence.grads(delta), expected)
    assert all(float(g.abs().max()) > 1e-3 for g in expected)


GOLDEN_W = [[0.5, -0.3], [0.2, 0.4], [-0.6, 0.1], [0.1, -0.2]]


def golden(cell, W):
    with torch.no_grad():
        cell.weights[0].copy_(W)
    influence, s = run(cell, lambda block: ExactRTRL(), torch.tensor([[[1.0], [-1.0], [0.5]]], dtype=F64))
    return s[0], influence.estimators[0].grad(torch.ones(1, 2, dtype=F64))[0], influence.estimators[0].dense()[0]


def test_three_steps_of_a_vanilla_network_give_the_known_values():
    h, grad, G = golden(RNN(1, 2, dtype=F64), torch.tensor(GOLDEN_W, dtype=F64))
    expected = [
        [-0.120866911921, 0.608306795628],
        [0.281829123963, -0.258355416892],
        [-0.00209920428352, 0.446193673434],
        [1.46618417429, 0.146743395164],
    ]
    torch.testing.assert_close(h, torch.tensor([0.18730118342240426, -0.31842599253803616], dtype=F64), rtol=0, atol=1e-15)
    torch.testing.assert_close(grad, torch.tensor(expected, dtype=F64), rtol=1e-11, atol=0)
    assert float((G**2).sum()) == pytest.approx(2.975498354546697, rel=1e-14)


def test_three_steps_of_a_highway_network_give_the_known_values():
    W = torch.tensor(GOLDEN_W, dtype=F64)
    h, grad, _ = golden(RHN(1, 2, dtype=F64), torch.cat((W, 0.7 * W + 0.05), dim=1))
    expected = [
        [-0.0266717602302, 0.0599801336948, -0.099715551111, 0.0410129560522],
        [0.0148454184606, 0.00133447609759, 0.00668887520347, -0.00322291977957],
        [-0.0354025855089, -0.0233437791856, -0.00420327004121, 0.00123094503359],
        [0.468280817052, 0.373874548994, -0.0336860079029, 0.0198118046104],
    ]
    torch.testing.assert_close(h, torch.tensor([0.0573660721059684, -0.117735039116716], dtype=F64), rtol=0, atol=1e-15)
    torch.testing.assert_close(grad, torch.tensor(expected, dtype=F64), rtol=1e-11, atol=0)


ESTIMATORS = {
    "exact": (CELLS["RHN depth 2"], lambda block: ExactRTRL(block=block)),
    "SnAp-1": (CELLS["RHN depth 2"], lambda block: SnAp(1, block)),
    "SnAp-1 of LSTM": (CELLS["LSTM"], lambda block: SnAp(1, block)),
    "SnAp-2": (CELLS["LSTM"], lambda block: SnAp(2, block)),
    "RFLO": (CELLS["leaky"], lambda block: RFLO(0.3)),
}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_gradients_are_delta_times_the_dense_influence_and_sum_over_lanes(name):
    cell, make = ESTIMATORS[name][0](), ESTIMATORS[name][1]
    delta = draws(LANES, cell.state_dim, seed=8)
    influence, _ = run(cell, make, draws(LANES, STEPS, 3), some_resets())
    for estimator, total in zip(influence.estimators, influence.grads(delta), strict=True):
        each = torch.einsum("ba,baiq->biq", delta, estimator.dense())
        torch.testing.assert_close(estimator.grad(delta), each, rtol=0, atol=1e-13)
        torch.testing.assert_close(total, each.sum(0), rtol=0, atol=1e-13)
        assert torch.equal(estimator.step_noise(), torch.zeros(LANES, dtype=F64))
    assert influence.memory_floats() == sum(e.memory_floats() for e in influence.estimators) > 0


@pytest.mark.parametrize("name", ESTIMATORS)
def test_an_estimator_goes_on_from_its_stored_state_bit_for_bit(name):
    cell, make = ESTIMATORS[name][0](), ESTIMATORS[name][1]
    delta, x = draws(LANES, cell.state_dim, seed=8), draws(LANES, STEPS, 3)
    influence, s = run(cell, make, x)
    stored = influence.state_dict()
    resumed = Influence(cell, make)
    resumed.reset(LANES)
    for t in range(3):
        jacs = cell.linearize(x[:, t], s)
        influence.step(jacs)
        if t == 0:  # only now: what is stored must not change with what goes on
            resumed.load_state_dict(stored)
        resumed.step(jacs)
        s = jacs[-1].state
    for a, b in zip(influence.grads(delta), resumed.grads(delta), strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_forgetting_all_lanes_is_starting_anew(name):
    cell, make = ESTIMATORS[name][0](), ESTIMATORS[name][1]
    delta, x = draws(LANES, cell.state_dim, seed=8), draws(LANES, STEPS, 3)
    fresh = torch.zeros(LANES, STEPS, dtype=torch.bool)
    fresh[:, 5] = True
    long, _ = run(cell, make, x, fresh)
    short, _ = run(cell, make, x[:, 5:])
    agree(long.grads(delta), short.grads(delta), atol=1e-15)


def with_diagonal_recurrence(cell):
    n, n_in = cell.n, cell.n_in
    for block, W in enumerate(cell.weights):
        start = n_in if block == 0 else 0
        blocks = W.data[start : start + n].view(n, cell.gates, n)
        blocks *= torch.eye(n, dtype=F64)[:, None]
    return cell


@pytest.mark.parametrize("name", ["RNN", "leaky", "RHN", "RHN depth 3", "LSTM", "GRU"])
def test_snap_1_is_exact_when_the_recurrent_weights_are_diagonal(name):
    cell = with_diagonal_recurrence(CELLS[name]())
    x, delta = draws(LANES, STEPS, 3), draws(LANES, cell.state_dim, seed=8)
    influence, _ = run(cell, lambda block: SnAp(1, block), x, some_resets())
    agree(influence.grads(delta), backpropagated(cell, x, delta, some_resets()))


@pytest.mark.parametrize("name", ["RNN", "RHN", "LSTM"])
def test_snap_1_of_dense_weights_is_the_recursion_masked_to_a_units_own_entries(name):
    cell = CELLS[name]()
    x = draws(LANES, STEPS, 3)
    influence, _ = run(cell, lambda block: SnAp(1, block), x)
    n, p = cell.n, cell.weights[0].shape[1]
    own = torch.arange(cell.state_dim)[:, None] % n == torch.arange(p) % n
    G, s = torch.zeros(LANES, cell.state_dim, *cell.weights[0].shape, dtype=F64), cell.init_state(LANES)
    for t in range(STEPS):
        (jac,) = cell.linearize(x[:, t], s)
        G = torch.einsum("bac,bciq->baiq", jac.H, G) + torch.einsum("bi,baq->baiq", jac.features, jac.dense_D())
        G, s = G * own[:, None], jac.state
    torch.testing.assert_close(influence.estimators[0].dense(), G, rtol=0, atol=1e-13)
    exact, _ = run(cell, lambda block: ExactRTRL(), x)
    assert float((exact.estimators[0].dense() - G).norm() / G.norm()) > 0.01  # the mask does leave something out


@pytest.mark.parametrize("name", ["RNN", "leaky", "RHN", "RHN depth 2", "LSTM"])
def test_snap_2_is_exact_for_dense_recurrent_weights(name):
    cell = CELLS[name]()
    x, delta = draws(LANES, STEPS, 3), draws(LANES, cell.state_dim, seed=8)
    influence, _ = run(cell, lambda block: SnAp(2, block), x, some_resets())
    agree(influence.grads(delta), backpropagated(cell, x, delta, some_resets()))


def test_snap_n_of_a_ring_keeps_what_n_steps_reach_and_is_exact_at_n_units():
    cell = RNN(3, 4, **options())
    cell.weights[0].data[3:7] *= torch.eye(4, dtype=F64) + torch.eye(4, dtype=F64).roll(1, dims=1)  # unit j hears j and j - 1
    x, delta = draws(LANES, STEPS, 3), draws(LANES, 4, seed=8)
    expected, errors = backpropagated(cell, x, delta), []
    for order in (1, 2, 3, 4):
        influence, _ = run(cell, lambda block: SnAp(order, block), x)
        reached = (influence.estimators[0].dense() != 0).any(0).any(1)  # (n, p)
        distance = (torch.arange(4)[:, None] - torch.arange(4)) % 4
        assert torch.equal(reached, distance < order)
        errors.append(float((influence.grads(delta)[0] - expected[0]).norm()))
    assert errors[3] < 1e-13 < 1e-3 < errors[2] and errors[2] < errors[0]


def test_snap_of_layers_is_refused_without_a_pattern_and_exact_with_a_full_one():
    cell = CELLS["stacked"]()
    with pytest.raises(NotImplementedError, match="no gradient reaches"):
        Influence(cell, lambda block: SnAp(1, block))
    with pytest.raises(NotImplementedError, match="give pattern"):
        Influence(cell, lambda block: SnAp(2, block))
    N = cell.state_dim
    x, delta = draws(LANES, STEPS, 3), draws(LANES, N, seed=8)
    influence, _ = run(cell, lambda block: SnAp(2, block, torch.ones(N, N, dtype=torch.bool)), x)
    agree(influence.grads(delta), backpropagated(cell, x, delta))


def test_rflo_is_exact_without_recurrent_weights():
    cell = LeakyRNN(3, 4, alpha=0.3, **options())
    cell.weights[0].data[3:7] = 0
    x, delta = draws(LANES, STEPS, 3), draws(LANES, 4, seed=8)
    influence, _ = run(cell, lambda block: RFLO(0.3), x, some_resets())
    agree(influence.grads(delta), backpropagated(cell, x, delta, some_resets()))


@pytest.mark.parametrize("make", [lambda: LeakyRNN(3, 4, alpha=1.0, **options()), lambda: RNN(3, 4, **options())])
def test_rflo_without_leak_is_backpropagation_through_one_step(make):
    cell = make()
    x, delta = draws(LANES, STEPS, 3), draws(LANES, 4, seed=8)
    influence, s = run(cell, lambda block: RFLO(1.0), x[:, :-1])
    jacs = cell.linearize(x[:, -1], s)
    influence.step(jacs)
    expected = torch.autograd.grad(cell(x[:, -1], s), list(cell.weights), delta)
    agree(influence.grads(delta), expected)


def test_rflo_carries_the_output_error_by_its_own_feedback_matrix():
    cell, feedback, error = LeakyRNN(3, 4, alpha=0.3, **options()), draws(5, 4, seed=9), draws(LANES, 5, seed=10)
    x = draws(LANES, STEPS, 3)
    plain, _ = run(cell, lambda block: RFLO(0.3), x)
    random, _ = run(cell, lambda block: RFLO(0.3, feedback), x)
    agree(random.grads(error), plain.grads(error @ feedback), atol=0)


@pytest.mark.parametrize("name", ["RHN", "LSTM", "GRU", "stacked", "a user's function"])
def test_rflo_is_refused_for_cells_that_are_not_leaky_networks(name):
    with pytest.raises(NotImplementedError, match="for leaky networks"):
        Influence(CELLS[name](), lambda block: RFLO(0.3))


def test_wrong_arguments_are_named():
    for call, message in (
        (lambda: SnAp(0), "order=0"),
        (lambda: RFLO(1.5), "alpha=1.5"),
        (lambda: Influence(LeakyRNN(3, 4, alpha=0.3), lambda block: RFLO(0.2)), "alpha=0.2: the cell's leak is 0.3"),
    ):
        with pytest.raises(InputError, match=message):
            call()


def test_an_estimator_keeps_the_precision_of_the_weights_under_autocast():
    cell = RHN(3, 4, std=0.6, generator=torch.Generator().manual_seed(0))
    x, delta = draws(LANES, STEPS, 3).float(), draws(LANES, 4, seed=8).float()
    plain, _ = run(cell, lambda block: ExactRTRL(), x)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed, _ = run(cell, lambda block: ExactRTRL(), x)
        grads = mixed.grads(delta)
    agree(grads, plain.grads(delta), atol=0)


def test_masked_entries_of_a_gru_get_no_gradient_though_their_estimate_is_not_zero():
    cell = CELLS["GRU"]()
    influence, _ = run(cell, lambda block: ExactRTRL(), draws(LANES, STEPS, 3))
    delta = draws(LANES, 4, seed=8)
    (grad,), whole = influence.grads(delta), influence.estimators[0].grad_sum(delta)
    absent = cell.mask(0) == 0
    assert bool((grad[absent] == 0).all()) and float(whole[absent].abs().max()) > 1e-3


@pytest.mark.parametrize(
    "make", [lambda: SnAp(2), lambda: RFLO(0.3, feedback=torch.ones(2, 4, dtype=F64))], ids=["mask", "feedback"]
)
def test_what_is_kept_goes_with_the_state_to_its_device_and_into_what_is_stored(make):
    estimator, cell = make(), CELLS["leaky"]()
    estimator.reset(LANES)
    estimator.step(*cell.linearize(draws(LANES, 3), draws(LANES, 4, seed=6)))
    (name,) = estimator.kept
    again = make()
    again.load_state_dict(estimator.state_dict())
    assert torch.equal(getattr(again, name), getattr(estimator, name))
    again.step(*cell.to("meta").linearize(draws(LANES, 3).to("meta"), draws(LANES, 4, seed=6).to("meta")))
    assert {getattr(again, field).device.type for field in (name, *again.fields)} == {"meta"}
