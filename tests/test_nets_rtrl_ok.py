"""OK(r): unbiased with the least noise over all signs, exact where it must be, in both mixing forms and with both solvers."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor

from nets.rtrl.cells.lstm import LSTM
from nets.rtrl.cells.rhn import RHN
from nets.rtrl.cells.rnn import RNN
from nets.rtrl.estimators import ok as ok_module
from nets.rtrl.estimators.exact import ExactRTRL
from nets.rtrl.estimators.kf import KFRTRL
from nets.rtrl.estimators.mixing import mix_plan, shares
from nets.rtrl.estimators.ok import OK, least_step_noise
from nets.rtrl.influence import Influence
from nets.rtrl.protocol import StepJacobian
from theory.errors import InputError
from theory.learning.rtrl_noise import ok_noise

F64 = torch.float64
GOLDEN_W = [[0.5, -0.3], [0.2, 0.4], [-0.6, 0.1], [0.1, -0.2]]


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def all_signs(count: int) -> Tensor:
    return torch.tensor(list(itertools.product((1.0, -1.0), repeat=count)), dtype=F64)


def jacobian(seed: int, N: int = 3, m: int = 5, k: int = 2, dtype: torch.dtype = F64) -> StepJacobian:
    """A step of one lane with random entries."""
    g = torch.Generator().manual_seed(seed)
    return StepJacobian(torch.zeros(1, N, dtype=dtype), torch.randn(1, m, generator=g, dtype=F64).to(dtype),
                        torch.randn(1, 1, k, N, generator=g, dtype=F64).to(dtype),
                        torch.randn(1, N, N, generator=g, dtype=F64).to(dtype) / 2)  # fmt: skip


def expanded(jac: StepJacobian, lanes: int) -> StepJacobian:
    return StepJacobian(*(x[:1].expand(lanes, *x.shape[1:]) for x in (jac.state, jac.features, jac.d, jac.H)), jac.block)


def target(ok: OK, jac: StepJacobian) -> Tensor:
    """H G~ + F of the first lane, (N, m, p)."""
    immediate = torch.einsum("m,np->nmp", jac.features[0], jac.dense_D()[0])
    return torch.einsum("ab,bmp->amp", jac.H[0], ok.dense()[0]) + immediate


def filled(rank: int, lanes: int, jac: StepJacobian, seed: int = 101, **options) -> OK:
    """An estimator with the same random state in all lanes."""
    ok = OK(rank, **options)
    ok.reset(lanes)
    _, N, m, p = jac.shape
    g = torch.Generator().manual_seed(seed)
    dtype = jac.H.dtype
    ok.u = torch.randn(1, rank, m, generator=g, dtype=F64).repeat(lanes, 1, 1).to(dtype)
    ok.A = torch.randn(1, rank, N, p, generator=g, dtype=F64).repeat(lanes, 1, 1, 1).to(dtype)
    return ok


def over_all_signs(rank: int, jac: StepJacobian, **options) -> tuple[Tensor, Tensor, OK]:
    """Errors of a step for each sign vector (lanes, N, m, p), the target, and the estimator after the step."""
    signs = all_signs(min(rank + 1, jac.shape[2], jac.shape[1] * jac.shape[3]))
    ok = filled(rank, len(signs), jac, **options)
    ok.signs = lambda count: signs.to(ok.dtype)  # type: ignore[method-assign]
    wanted = target(ok, jac)
    ok.step(expanded(jac, len(signs)))
    return ok.dense() - wanted, wanted, ok


def golden() -> RNN:
    cell = RNN(1, 2).double()
    with torch.no_grad():
        cell.weights[0].copy_(torch.tensor(GOLDEN_W, dtype=F64))
    return cell


def networks() -> dict[str, torch.nn.Module]:
    g = torch.Generator().manual_seed(5)
    sizes = {"RNN": (RNN, 6), "RHN": (RHN, 5), "LSTM": (LSTM, 4)}
    cells = {name: kind(3, n, generator=g).double() for name, (kind, n) in sizes.items()}
    with torch.no_grad():
        for cell in cells.values():
            cell.weights[0].copy_(torch.randn(cell.weights[0].shape, generator=g, dtype=F64) * 0.5)
    return cells


def trajectory(cell, steps: int, lanes: int = 1, seed: int = 0, n_in: int = 3) -> list[StepJacobian]:
    g = torch.Generator().manual_seed(seed)
    s, found = cell.init_state(1), []
    for _ in range(steps):
        jac = cell.linearize(torch.randn(1, n_in, generator=g, dtype=s.dtype), s)[-1]
        s = jac.state
        found.append(expanded(jac, lanes))
    return found


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
    ok.step(expanded(jac, len(U)))
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
        ok.step(expanded(jac, len(signs)))
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


# ---- many steps


def test_over_all_signs_of_three_steps_the_mean_is_the_influence_matrix() -> None:
    jacs = trajectory(golden(), 3, lanes=64, n_in=1)
    table = all_signs(6)
    ok, exact = OK(1), ExactRTRL()
    for estimator in (ok, exact):
        estimator.reset(64)
    for t, jac in enumerate(jacs):
        ok.signs = lambda count, t=t: table[:, 2 * t : 2 * t + 2]  # type: ignore[method-assign, misc]
        ok.step(jac)
        exact.step(jac)
    assert (ok.dense() - exact.dense()).abs().max() > 0.1
    assert (ok.dense().mean(0) - exact.dense()[0]).abs().max() < 1e-12


@pytest.mark.parametrize("solver", ["cholesky", "qr"])
@pytest.mark.parametrize("mix", ["signs", "sampling"])
@pytest.mark.parametrize("name", ["RNN", "RHN", "LSTM"])
def test_a_sum_of_r_products_is_exact_for_r_steps_and_not_longer(name, mix, solver) -> None:
    ok, exact = OK(4, mix=mix, solver=solver, seed=1), ExactRTRL()
    for estimator in (ok, exact):
        estimator.reset(6)
    for t, jac in enumerate(trajectory(networks()[name], 5, lanes=6), start=1):
        ok.step(jac)
        exact.step(jac)
        gap = (ok.dense() - exact.dense()).abs().max()
        assert gap < 1e-7 if t <= 4 else gap > 1e-4


@pytest.mark.parametrize("solver", ["cholesky", "qr"])
@pytest.mark.parametrize(("rank", "N", "m", "k"), [(5, 3, 5, 2), (7, 3, 5, 2), (2, 1, 6, 2), (4, 2, 9, 1)])
def test_as_many_products_as_rows_or_columns_are_exact_for_ever(rank, N, m, k, solver) -> None:
    ok, exact = OK(rank, solver=solver), ExactRTRL()
    for estimator in (ok, exact):
        estimator.reset(1)
    for t in range(12):
        jac = jacobian(t, N, m, k)
        ok.step(jac)
        exact.step(jac)
        assert (ok.dense() - exact.dense()).abs().max() < 1e-7


@pytest.mark.parametrize("solver", ["cholesky", "qr"])
def test_features_that_span_few_dimensions_are_exact_for_ever(solver) -> None:
    basis = torch.randn(2, 7, generator=torch.Generator().manual_seed(0), dtype=F64)
    ok, exact = OK(2, solver=solver), ExactRTRL()
    for estimator in (ok, exact):
        estimator.reset(1)
    for t in range(12):
        drawn = jacobian(t, m=7)
        jac = StepJacobian(drawn.state, drawn.features[:, :2] @ basis, drawn.d, drawn.H)
        ok.step(jac)
        exact.step(jac)
        assert (ok.dense() - exact.dense()).abs().max() < 1e-9


def test_without_recurrence_every_step_is_exact() -> None:
    for solver in ("cholesky", "qr"):
        ok = OK(2, solver=solver)
        ok.reset(3)
        for t in range(6):
            drawn = jacobian(t)
            jac = expanded(StepJacobian(drawn.state, drawn.features, drawn.d, torch.zeros_like(drawn.H)), 3)
            ok.step(jac)
            immediate = torch.einsum("bm,bnp->bnmp", jac.features, jac.dense_D())
            assert (ok.dense() - immediate).abs().max() < 1e-12 and ok.step_noise().max() < 1e-12


def test_thousands_of_steps_in_float32_stay_finite_and_as_noisy_as_in_float64() -> None:
    """Mean squared errors over 24 lanes and the last 1600 of 2000 steps: their ratio spreads by less than 1%."""
    g = torch.Generator().manual_seed(2)
    cell = RNN(2, 5, generator=g).double()
    with torch.no_grad():
        W = torch.randn(cell.weights[0].shape, generator=g, dtype=F64)
        W[2:7] *= 0.9 / torch.linalg.matrix_norm(W[2:7], 2)
        cell.weights[0].copy_(W)
    lanes, exact, estimators = 24, ExactRTRL(), {F64: OK(2, seed=1), torch.float32: OK(2, seed=2)}
    exact.reset(1)
    errors: dict[torch.dtype, list[float]] = {dtype: [] for dtype in estimators}
    for ok in estimators.values():
        ok.reset(lanes)
    for t, jac in enumerate(trajectory(cell, 2000, n_in=2)):
        exact.step(jac)
        for dtype, ok in estimators.items():
            ok.step(expanded(StepJacobian(*(x.to(dtype) for x in (jac.state, jac.features, jac.d, jac.H))), lanes))
            if t >= 400 and t % 10 == 0:
                errors[dtype].append((ok.dense() - exact.dense()).square().flatten(1).sum(1).mean().item())
    double, single = (sum(errors[x]) / len(errors[x]) for x in (F64, torch.float32))
    assert torch.isfinite(estimators[torch.float32].A).all()
    assert 0.95 < single / double < 1.05


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
        part.step(expanded(jac, 2))
    assert torch.allclose(whole.dense()[4:], part.dense(), atol=1e-8)
    assert not torch.allclose(whole.dense()[:2], part.dense(), atol=1e-2)


def test_memory_is_r_times_m_and_the_entries_of_a_state_jacobian() -> None:
    assert filled(3, 2, jacobian(0)).memory_floats() == 3 * (5 + 3 * 6)


def test_metrics_say_what_was_kept_and_mixed() -> None:
    ok = filled(3, 2, jacobian(0))
    assert ok.metrics() == {}
    ok.step(expanded(jacobian(0), 2))
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
        clean.step(expanded(jac, 4))
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
