"""One step of OK(r): unbiased with the least noise over all signs, in both mixing forms and with both solvers; closed forms."""

from __future__ import annotations

import pytest
import torch
from rtrl_ok_steps import F64, filled, golden, jacobian, networks, over_all_signs, target, trajectory
from rtrl_steps import all_signs, repeated
from torch import Tensor

from nets.rtrl.estimators import ok as ok_module
from nets.rtrl.estimators.kf import KFRTRL
from nets.rtrl.estimators.mixing import mix_plan, shares
from nets.rtrl.estimators.ok import OK, least_step_noise
from theory.learning.rtrl_noise import ok_noise

torch.set_num_threads(1)


# ---- one step, over all signs


@pytest.mark.parametrize("solver", ["cholesky", "qr"])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_a_step_is_unbiased_and_has_the_least_noise_over_all_signs(rank, solver) -> None:
    for seed in range(3):
        jac = jacobian(seed)
        error, _, ok = over_all_signs(rank, jac, solver=solver)
        assert error.mean(0).abs().max() < 1e-12
        lengths = error.flatten(1).square().sum(1)
        start = filled(rank, 1, jac)
        least = least_step_noise(start.u, start.A, jac, rank).item()
        assert lengths.mean().item() == pytest.approx(least, rel=1e-9)
        assert ok.step_noise()[0].item() == pytest.approx(least, rel=1e-9)
        assert (lengths.max() - lengths.min()) < 1e-9 * least, "the error has one length"
        assert torch.linalg.matrix_rank(ok.dense().transpose(1, 2).flatten(2), rtol=1e-10).max() <= rank
        sizes = ok.u.norm(dim=2), ok.A.flatten(2).norm(dim=2)
        assert torch.allclose(*sizes, rtol=1e-10 if solver == "cholesky" else 1e-12), "factors are balanced"


def test_the_least_noise_is_that_of_the_dense_matrix() -> None:
    jac = jacobian(4)
    start = filled(2, 1, jac)
    d = torch.linalg.svdvals(target(start, jac).transpose(0, 1).flatten(1))
    assert least_step_noise(start.u, start.A, jac, 2).item() == pytest.approx(mix_plan(d[None], 2).noise.item(), rel=1e-10)


@pytest.mark.parametrize("solver", ["cholesky", "qr"])
def test_a_step_by_sampling_is_unbiased_and_has_the_least_noise_over_all_offsets(solver) -> None:
    jac = jacobian(2)
    probe = filled(3, 1, jac, mix="sampling", solver=solver)
    wanted = target(probe, jac)
    probe.step(jac)
    d = probe.singular_values
    assert d is not None
    ends = torch.cat((shares(d, 3, mix_plan(d, 3))[0].cumsum(1)[0].frac(), torch.tensor([0.0, 1.0], dtype=F64))).unique()
    U, weight = (ends[1:] + ends[:-1]) / 2, ends.diff()
    ok = filled(3, len(U), jac, mix="sampling", solver=solver)
    ok.uniforms = lambda: U  # type: ignore[method-assign]
    ok.step(repeated(jac, len(U)))
    error = ok.dense() - wanted
    assert torch.einsum("l,lamp->amp", weight, error).abs().max() < 1e-12
    assert (error.flatten(1).square().sum(1) @ weight).item() == pytest.approx(ok.step_noise()[0].item(), rel=1e-9)


def test_truncation_in_place_of_mixing_is_caught(monkeypatch) -> None:
    def truncate(d: Tensor, rank: int, signs: Tensor):
        return torch.diag_embed(d.sqrt())[:, :, :rank], mix_plan(d, rank)

    monkeypatch.setattr(ok_module, "mix_by_signs", truncate)
    error, wanted, _ = over_all_signs(2, jacobian(0))
    assert error.mean(0).norm() > 0.01 * wanted.norm()


def test_mixing_the_two_smallest_alone_is_caught_as_noisier(monkeypatch) -> None:
    def two(d: Tensor, rank: int, signs: Tensor):
        X = torch.diag_embed(d.sqrt())[:, :, :rank].clone()
        X[:, rank, rank - 1] = d[:, rank].sqrt() * signs[:, rank]
        return X, mix_plan(d, rank)

    caught = 0
    for seed in range(4):
        jac = jacobian(seed)
        start = filled(3, 1, jac)
        with monkeypatch.context() as patch:
            patch.setattr(ok_module, "mix_by_signs", two)
            error, _, _ = over_all_signs(3, jac)
        assert error.mean(0).abs().max() < 1e-12
        caught += error.flatten(1).square().sum(1).mean() > 1.001 * least_step_noise(start.u, start.A, jac, 3)
    assert caught >= 1


@pytest.mark.parametrize("ridge", [1e6, 1e11, 1e14])
def test_the_ridge_costs_variance_in_proportion_but_never_bias(ridge, monkeypatch) -> None:
    jac = jacobian(1)
    start = filled(2, 1, jac)
    least = least_step_noise(start.u, start.A, jac, 2).item()
    monkeypatch.setattr(ok_module, "_RIDGE", ridge)
    error, _, _ = over_all_signs(2, jac)
    share = ridge * torch.finfo(F64).eps * 3  # of a column of length 1
    assert error.mean(0).abs().max() < 1e-12
    excess = error.flatten(1).square().sum(1).mean().item() / least - 1
    assert -1e-9 < excess < 3 * share + 1e-9


def test_a_step_in_float32_is_unbiased_to_rounding_and_nearly_optimal() -> None:
    for seed in range(3):
        jac = jacobian(seed, N=8, m=12, dtype=torch.float32)
        error, wanted, ok = over_all_signs(4, jac)
        assert ok.u.dtype == ok.A.dtype == torch.float32
        start = filled(4, 1, jac)
        assert error.mean(0).abs().max() < 1e-5 * wanted.abs().max()
        least = least_step_noise(start.u, start.A, jac, 4).item()
        assert error.flatten(1).square().sum(1).mean().item() == pytest.approx(least, rel=1e-3)


def test_scaling_a_factor_up_and_the_other_down_changes_nothing() -> None:
    jac = jacobian(6)
    signs = all_signs(3)
    results = []
    for factors in ((1.0, 1.0), (7.0, 0.01)):
        ok = filled(2, len(signs), jac)
        c = torch.tensor(factors, dtype=F64)
        ok.u, ok.A = ok.u * c[:, None], ok.A / c[:, None, None]
        ok.signs = lambda count: signs  # type: ignore[method-assign]
        ok.step(repeated(jac, len(signs)))
        results.append(ok.dense())
    assert torch.allclose(*results, atol=1e-9)


# ---- values and closed forms


def test_the_golden_step_has_its_singular_values_and_noise() -> None:
    cell = golden()
    jacs = []
    s = cell.init_state(1)
    for x in (1.0, -1.0):
        jacs.append(cell.linearize(torch.tensor([[x]], dtype=F64), s)[-1])
        s = jacs[-1].state
    for solver in ("cholesky", "qr"):
        ok = OK(1, solver=solver)
        ok.reset(1)
        for jac in jacs:
            ok.step(jac)
        assert ok.singular_values is not None
        assert ok.singular_values[0].tolist() == pytest.approx([2.1735872736875512, 0.763288319044311], rel=1e-10)
        assert ok.step_noise().item() == pytest.approx(3.3181475528581537, rel=1e-10)
    formula = ok_noise().evaluate(P="1.7245664785588073", cos_u=0, cos_A="0.27296603155005184")
    assert ok.step_noise().item() == pytest.approx(formula, rel=1e-10)


def test_one_product_has_the_noise_of_the_closed_form_and_at_most_that_of_kf() -> None:
    for seed in range(5):
        jac = jacobian(seed)
        ok = filled(1, 1, jac)
        u, A = ok.u[0, 0], ok.A[0, 0]
        HA, h, D = jac.H[0] @ A, jac.features[0], jac.dense_D()[0]
        P = (u.norm() * HA.norm() * h.norm() * D.norm()).item()
        cos_u, cos_A = (u @ h / u.norm() / h.norm()).item(), ((HA * D).sum() / HA.norm() / D.norm()).item()
        ok.step(jac)
        assert ok.step_noise().item() == pytest.approx(ok_noise().evaluate(P=P, cos_u=cos_u, cos_A=cos_A), rel=1e-9)
        assert ok.step_noise().item() <= 2 * P * (1 + cos_u * cos_A)


@pytest.mark.parametrize("rank", [2, 4])
def test_along_a_trajectory_of_averaged_kf_each_step_of_ok_would_have_less_noise(rank) -> None:
    for cell in networks().values():
        kf = KFRTRL(copies=rank, seed=3)
        kf.reset(8)
        for t, jac in enumerate(trajectory(cell, 25, lanes=8)):
            before = None if t == 0 else (kf.u.transpose(0, 1) / rank, kf.A.transpose(0, 1).clone())
            kf.step(jac)
            if before is not None:
                least = least_step_noise(*before, jac, rank)
                assert bool((least <= kf.step_noise() * (1 + 1e-12)).all())
                assert t < 2 or bool((least < 0.9 * kf.step_noise()).all())
