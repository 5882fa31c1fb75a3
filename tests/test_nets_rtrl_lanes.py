"""What the randomised estimators share: lanes that forget and have their own signs, storing, precision, long runs."""

from __future__ import annotations

import math

import pytest
import torch
from rtrl_steps import make_jac, steps_of

from nets.rtrl.cells import LSTM, RHN, RNN
from nets.rtrl.estimators.common import scales
from nets.rtrl.estimators.kf import KFRTRL
from nets.rtrl.estimators.reverse_kf import ReverseKF
from nets.rtrl.estimators.uoro import UORO, PreUORO
from nets.rtrl.protocol import StepJacobian
from theory.errors import InputError

torch.set_num_threads(1)

MAKERS = [KFRTRL, lambda **options: KFRTRL(copies=3, **options), UORO, PreUORO, ReverseKF]


def run(estimator, jacs, lanes=slice(None)):
    for jac in jacs:
        estimator.step(StepJacobian(jac.state[lanes], jac.features[lanes], jac.d[lanes], jac.H[lanes], jac.block))
    return estimator


def sequence(T, lanes):
    return [make_jac(200 + t, k=2, lanes=lanes, block=int(t % 3 == 1)) for t in range(T)]


@pytest.mark.parametrize("make", MAKERS)
def test_some_of_the_lanes_alone_do_what_they_do_among_all(make):
    jacs = sequence(8, 6)
    whole, part = make(seed=5, lanes=range(6)), make(seed=5, lanes=[2, 4])
    whole.reset(6)
    part.reset(2)
    assert torch.equal(run(whole, jacs).dense()[[2, 4]], run(part, jacs, [2, 4]).dense())
    assert not torch.equal(whole.dense()[0], whole.dense()[1])
    other = make(seed=6)
    other.reset(6)
    assert not torch.allclose(run(other, jacs).dense(), whole.dense())


@pytest.mark.parametrize("make", MAKERS)
def test_blocks_steps_and_lanes_have_their_own_signs(make):
    estimator, other = make(seed=5), make(seed=5, block=1)
    estimator.reset(4)
    other.reset(4)
    first = estimator.signs(40)
    assert not torch.equal(first, other.signs(40))
    assert len({tuple(row) for row in first.tolist()}) == 4
    estimator.steps += 1
    assert not torch.equal(first, estimator.signs(40))


@pytest.mark.parametrize("make", MAKERS)
def test_lanes_that_forget_start_from_zero_and_the_others_go_on(make):
    jacs = sequence(9, 4)
    mask = torch.tensor([True, False, True, False])
    kept, cut = make(seed=5), make(seed=5)
    kept.reset(4)
    cut.reset(4)
    cut.reset(4, mask)  # nothing to forget yet
    run(kept, jacs[:6])
    run(cut, jacs[:6])
    cut.reset(4, mask)
    assert (cut.dense()[mask] == 0).all() and (cut.grad(torch.ones(4, 3))[mask] == 0).all()
    fresh = make(seed=5)
    fresh.reset(4)
    fresh.steps = cut.steps
    for estimator in (kept, cut, fresh):
        run(estimator, jacs[6:])
    torch.testing.assert_close(cut.dense()[mask], fresh.dense()[mask], rtol=1e-14, atol=1e-14)
    torch.testing.assert_close(cut.noise[mask], fresh.noise[mask], rtol=1e-12, atol=0)
    assert torch.equal(cut.dense()[~mask], kept.dense()[~mask])


@pytest.mark.parametrize("make", MAKERS)
def test_a_stored_state_goes_on_bit_for_bit(make, tmp_path):
    jacs = sequence(10, 3)
    straight = make(seed=5)
    straight.reset(3)
    run(straight, jacs[:5])
    torch.save(straight.state_dict(), tmp_path / "state.pt")
    run(straight, jacs[5:])
    resumed = make(seed=5)
    resumed.load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True))
    assert torch.equal(run(resumed, jacs[5:]).dense(), straight.dense())
    assert torch.equal(resumed.noise, straight.noise)
    unused = make(seed=5)
    unused.load_state_dict(make(seed=5).state_dict())  # before the first step
    assert unused.memory_floats() == 0


@pytest.mark.parametrize("make", MAKERS)
def test_a_stored_state_is_a_copy(make):
    jacs = sequence(6, 3)
    estimator = make(seed=5)
    estimator.reset(3)
    state = run(estimator, jacs[:3]).state_dict()
    before = estimator.dense()
    run(estimator, jacs[3:])
    estimator.load_state_dict(state)
    assert torch.equal(estimator.dense(), before)
    run(estimator, jacs[3:])
    estimator.load_state_dict(state)
    assert torch.equal(estimator.dense(), before)


@pytest.mark.parametrize("make", MAKERS)
def test_autocast_changes_nothing(make):
    cell = RHN(2, 4, std=0.5, generator=torch.Generator().manual_seed(0))
    plain, cast = make(seed=5), make(seed=5)
    for estimator in (plain, cast):
        estimator.reset(3)
        s = cell.init_state(3)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=estimator is cast):
            for _ in range(4):
                (jac,) = cell.linearize(torch.ones(3, 2), s)
                s = jac.state
                estimator.step(jac)
            estimator.gradient = estimator.grad_sum(torch.ones(3, 4))
    assert cast.gradient.dtype == torch.float32 and torch.equal(cast.gradient, plain.gradient)


def test_factors_of_very_different_length_neither_overflow_nor_lose_the_mean():
    for left, right in ((1e-38, 1e3), (1e30, 1e-30), (2.0, 8.0)):
        p, inverse = scales(torch.tensor([left]), torch.tensor([right]))
        assert p.item() == pytest.approx(math.sqrt(right / left), rel=1e-5) and (p * inverse).item() == pytest.approx(1, rel=1e-6)


@pytest.mark.parametrize("make", MAKERS)
def test_hundreds_of_steps_in_single_precision_stay_balanced(make):
    cell = RNN(1, 6, std=0.3, generator=torch.Generator().manual_seed(0))
    estimator = make(seed=1)
    estimator.reset(2)
    s = cell.init_state(2)
    for t in range(400):
        (jac,) = cell.linearize(torch.full((2, 1), (-1.0) ** t), s)
        s = jac.state
        estimator.step(jac)
    left, right = (getattr(estimator, name).norm() for name in estimator.fields)
    assert 0.1 < left / right < 10 and 1e-3 < left < 1e3


@pytest.mark.parametrize("make", MAKERS)
def test_a_step_is_traced_without_memory_for_it(make):
    cell = RHN(2, 4, std=0.5, device="meta")
    estimator = make(seed=5)
    estimator.reset(3)
    for _ in range(2):
        (jac,) = cell.linearize(torch.ones(3, 2, device="meta"), cell.init_state(3))
        estimator.step(jac)
    assert estimator.grad_sum(torch.ones(3, 4, device="meta")).shape == (7, 8)


def test_the_lanes_are_those_that_the_estimator_was_made_for():
    with pytest.raises(InputError, match=r"batch=4: the estimator was made for 3 lanes"):
        KFRTRL(lanes=range(3)).reset(4)
    with pytest.raises(InputError, match=r"copies=0: give a whole number, at least 1"):
        KFRTRL(copies=0)


def test_an_lstm_steps_through_all_estimators():
    cell = LSTM(2, 3, std=0.5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for make in MAKERS:
        estimator = make(seed=1)
        estimator.reset(5)
        for (jac,) in steps_of(cell, 3, lanes=5):
            estimator.step(jac)
        assert estimator.dense().shape == (5, 6, 6, 12) and estimator.dense().isfinite().all()


def test_an_estimator_can_be_used_again_with_other_sizes_and_types():
    kf = KFRTRL(seed=1)
    for lanes, n, dtype in ((3, 2, torch.float64), (3, 2, torch.float32), (2, 4, torch.float64)):
        kf.reset(lanes)
        for t in range(3):
            jac = make_jac(t, n=n, lanes=lanes)
            kf.step(StepJacobian(jac.state.to(dtype), jac.features.to(dtype), jac.d.to(dtype), jac.H.to(dtype)))
        assert kf.dense().shape == (lanes, n, 4, n) and kf.dense().dtype == dtype
