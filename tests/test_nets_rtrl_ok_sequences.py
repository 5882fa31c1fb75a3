"""Many steps of OK(r): unbiased over all signs, exact where it must be, finite for thousands of steps."""

from __future__ import annotations

import pytest
import torch
from rtrl_ok_steps import F64, golden, jacobian, networks, trajectory
from rtrl_steps import all_signs, repeated

from nets.rtrl.cells.rnn import RNN
from nets.rtrl.estimators.exact import ExactRTRL
from nets.rtrl.estimators.ok import OK
from nets.rtrl.protocol import StepJacobian

torch.set_num_threads(1)


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
            jac = repeated(StepJacobian(drawn.state, drawn.features, drawn.d, torch.zeros_like(drawn.H)), 3)
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
            ok.step(repeated(StepJacobian(*(x.to(dtype) for x in (jac.state, jac.features, jac.d, jac.H))), lanes))
            if t >= 400 and t % 10 == 0:
                errors[dtype].append((ok.dense() - exact.dense()).square().flatten(1).sum(1).mean().item())
    double, single = (sum(errors[x]) / len(errors[x]) for x in (F64, torch.float32))
    assert torch.isfinite(estimators[torch.float32].A).all()
    assert 0.95 < single / double < 1.05
