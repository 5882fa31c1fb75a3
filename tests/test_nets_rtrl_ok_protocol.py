"""OK(r) as an estimator among others: lanes, storing, micro-steps, memory, metrics, what is not finite, precision, errors."""

from __future__ import annotations

import pytest
import torch
from rtrl_ok_steps import F64, filled, jacobian, networks, trajectory
from rtrl_steps import repeated

from nets.rtrl.cells.rhn import RHN
from nets.rtrl.estimators.exact import ExactRTRL
from nets.rtrl.estimators.mixing import mix_plan
from nets.rtrl.estimators.ok import OK
from nets.rtrl.influence import Influence
from nets.rtrl.protocol import StepJacobian
from theory.errors import InputError

torch.set_num_threads(1)


# ---- the protocol


def test_gradients_are_delta_times_the_estimate() -> None:
    ok = filled(3, 4, jacobian(0))
    delta = torch.randn(4, 3, generator=torch.Generator().manual_seed(0), dtype=F64)
    wanted = torch.einsum("bn,bnmp->bmp", delta, ok.dense())
    assert (ok.grad(delta) - wanted).abs().max() < 1e-13
    assert (ok.grad_sum(delta) - wanted.sum(0)).abs().max() < 1e-13


def test_a_micro_step_of_another_matrix_only_propagates() -> None:
    jac = jacobian(0)
    foreign = StepJacobian(jac.state, torch.ones(1, 9, dtype=F64), jac.d, jac.H, block=1)
    ok = filled(2, 1, jac)
    wanted = torch.einsum("ab,bmp->amp", jac.H[0], ok.dense()[0])
    ok.step(foreign)
    assert (ok.dense()[0] - wanted).abs().max() < 1e-14 and ok.step_noise().item() == 0
    ok.step(jac)
    assert ok.step_noise().item() > 0


def test_each_matrix_of_a_deep_cell_has_its_own_estimator_exact_for_r_steps() -> None:
    cell = RHN(3, 4, depth=2, generator=torch.Generator().manual_seed(0)).double()
    estimates, exact = (
        Influence(cell, make) for make in (lambda block: OK(3, block=block), lambda block: ExactRTRL(block=block))
    )
    for influence in (estimates, exact):
        influence.reset(2)
    g, s = torch.Generator().manual_seed(1), cell.init_state(2)
    for _ in range(3):
        jacs = cell.linearize(torch.randn(2, 3, generator=g, dtype=F64), s)
        s = jacs[-1].state
        estimates.step(jacs)
        exact.step(jacs)
        delta = torch.randn(2, 4, generator=g, dtype=F64)
        for found, wanted in zip(estimates.grads(delta), exact.grads(delta), strict=True):
            assert (found - wanted).abs().max() < 1e-7


def test_a_lane_that_forgets_goes_on_as_from_the_start_and_leaves_the_others_alone() -> None:
    jacs = trajectory(networks()["RNN"], 9, lanes=3)
    ok, undisturbed, fresh = OK(2), OK(2), ExactRTRL()
    for estimator in (ok, undisturbed, fresh):
        estimator.reset(3)
    for t, jac in enumerate(jacs):
        if t == 7:
            ok.reset(3, torch.tensor([False, True, False]))
            assert ok.dense()[1].abs().max() == 0
        for estimator in (ok, undisturbed, *((fresh,) if t >= 7 else ())):
            estimator.step(jac)
    assert (ok.dense()[1] - fresh.dense()[1]).abs().max() < 1e-7
    assert torch.equal(ok.dense()[[0, 2]], undisturbed.dense()[[0, 2]])


@pytest.mark.parametrize("mix", ["signs", "sampling"])
def test_a_stored_estimator_goes_on_bit_for_bit(mix) -> None:
    jacs = trajectory(networks()["RNN"], 8, lanes=2)
    ok, other = OK(2, mix=mix, seed=4), OK(2, mix=mix, seed=4)
    ok.reset(2)
    for jac in jacs[:5]:
        ok.step(jac)
    stored = ok.state_dict()
    other.reset(2)
    other.load_state_dict(stored)
    for jac in jacs[5:]:
        ok.step(jac)
        other.step(jac)
    assert torch.equal(ok.u, other.u) and torch.equal(ok.A, other.A)


@pytest.mark.parametrize("mix", ["signs", "sampling"])
def test_a_lane_draws_by_its_number_whichever_process_holds_it(mix) -> None:
    jacs = trajectory(networks()["RNN"], 8, lanes=6)
    whole, part = OK(2, mix=mix), OK(2, mix=mix, lanes=[4, 5])
    whole.reset(6)
    part.reset(2)
    for jac in jacs:
        whole.step(jac)
        part.step(repeated(jac, 2))
    assert torch.allclose(whole.dense()[4:], part.dense(), atol=1e-8)
    assert not torch.allclose(whole.dense()[:2], part.dense(), atol=1e-2)


def test_memory_is_r_times_m_and_the_entries_of_a_state_jacobian() -> None:
    assert filled(3, 2, jacobian(0)).memory_floats() == 3 * (5 + 3 * 6)


def test_metrics_say_what_was_kept_and_mixed() -> None:
    ok = filled(3, 2, jacobian(0))
    assert ok.metrics() == {}
    ok.step(repeated(jacobian(0), 2))
    d, metrics = ok.singular_values, ok.metrics()
    assert d is not None
    plan = mix_plan(d, 3)
    assert torch.equal(metrics["kept"], plan.kept) and torch.equal(metrics["step_noise"], plan.noise)
    assert torch.allclose(metrics["mixed_share"], plan.total / d.sum(1))


@pytest.mark.parametrize("solver", ["cholesky", "qr"])
def test_zero_and_nan_neither_hang_nor_spread_to_other_lanes(solver) -> None:
    jac = jacobian(0)
    for mix in ("signs", "sampling"):
        ok, clean = (filled(2, 4, jac, mix=mix, solver=solver) for _ in range(2))
        d, H = (x.repeat(4, *[1] * (x.dim() - 1)) for x in (jac.d, jac.H))
        d[1] = 0
        d[2], H[2] = 0, 0
        H[3, 0, 0] = torch.nan
        ok.step(StepJacobian(jac.state.repeat(4, 1), jac.features.repeat(4, 1), d, H))
        clean.step(repeated(jac, 4))
        assert torch.allclose(ok.dense()[0], clean.dense()[0], atol=1e-12)
        propagated = torch.einsum("ab,bmp->amp", jac.H[0], filled(2, 1, jac).dense()[0])
        assert (ok.dense()[1] - propagated).abs().max() < 1e-7
        assert ok.dense()[2].abs().max() == 0
        assert ok.dense()[3].isnan().any()


@pytest.mark.parametrize("mix", ["signs", "sampling"])
@pytest.mark.parametrize("solver", ["cholesky", "qr"])
def test_steps_run_without_values_so_no_choice_is_made_by_them(mix, solver) -> None:
    jac = jacobian(0, N=6, m=9)
    ok = OK(3, mix=mix, solver=solver)
    ok.reset(1)
    blank = StepJacobian(*(x.to("meta") for x in (jac.state, jac.features, jac.d, jac.H)))
    for _ in range(2):
        ok.step(blank)
    assert ok.A.device.type == "meta" and ok.grad_sum(torch.empty(1, 6, device="meta")).shape == (9, 12)


def test_under_autocast_everything_stays_in_float32() -> None:
    jac = jacobian(0, N=8, m=12, dtype=torch.float32)
    plain, cast = filled(3, 1, jac), filled(3, 1, jac)
    delta = torch.ones(1, 8)
    plain.step(jac)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        cast.step(jac)
        gradient = cast.grad(delta)
    assert gradient.dtype == torch.float32 and torch.equal(gradient, plain.grad(delta))


@pytest.mark.parametrize("wrong", [{"rank": 0}, {"rank": 1.5}, {"mix": "sign"}, {"solver": "svd"}])
def test_wrong_arguments_are_named(wrong) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        OK(**{"rank": 2, **wrong})
