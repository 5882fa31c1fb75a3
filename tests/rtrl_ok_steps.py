"""States of OK, steps and trajectories for its tests (no tests here)."""

from __future__ import annotations

import torch
from rtrl_steps import all_signs, repeated
from torch import Tensor

from nets.rtrl.cells.lstm import LSTM
from nets.rtrl.cells.rhn import RHN
from nets.rtrl.cells.rnn import RNN
from nets.rtrl.estimators.ok import OK
from nets.rtrl.protocol import StepJacobian

F64 = torch.float64
GOLDEN_W = [[0.5, -0.3], [0.2, 0.4], [-0.6, 0.1], [0.1, -0.2]]


def jacobian(seed: int, N: int = 3, m: int = 5, k: int = 2, dtype: torch.dtype = F64) -> StepJacobian:
    """A step of one lane with random entries."""
    g = torch.Generator().manual_seed(seed)
    return StepJacobian(torch.zeros(1, N, dtype=dtype), torch.randn(1, m, generator=g, dtype=F64).to(dtype),
                        torch.randn(1, 1, k, N, generator=g, dtype=F64).to(dtype),
                        torch.randn(1, N, N, generator=g, dtype=F64).to(dtype) / 2)  # fmt: skip


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
    ok.step(repeated(jac, len(signs)))
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
        found.append(repeated(jac, lanes))
    return found
