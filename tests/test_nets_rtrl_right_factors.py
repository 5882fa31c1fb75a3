"""The right factors of OK: what waits changes nothing, however many lanes are taken at once."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from nets.rtrl import LSTM, OK  # noqa: E402
from nets.rtrl.estimators import right_factors  # noqa: E402
from nets.rtrl.estimators.right_factors import RightFactors, diagonals  # noqa: E402
from nets.rtrl.protocol import StepJacobian  # noqa: E402

B, R, N, P = 5, 3, 4, 8  # lanes, products, and an LSTM-like D of two parts and four gates with two units


def random(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def dense(d: torch.Tensor) -> torch.Tensor:
    return StepJacobian(d, d, d, d).dense_D()


@pytest.mark.parametrize("lanes", [1, 2, 5])
def test_factors_follow_their_definition_whether_the_recombination_waits_or_not(lanes, monkeypatch) -> None:
    monkeypatch.setattr(right_factors, "_TOGETHER", lanes * R * N * P)
    start, H, delta = random(B, R, N, P, seed=0), random(B, N, N, seed=1), random(B, N, seed=2)
    weights, d = random(2, B, R, R + 1, seed=3), random(2, B, 2, 4, 2, seed=4)

    def recombined(A: torch.Tensor, turn: int) -> torch.Tensor:
        return torch.einsum("bij,bjap->biap", weights[turn], torch.cat((A, dense(d[turn])[:, None]), dim=1))

    first = recombined(start, 0)
    twice = recombined(first, 1)
    for look in (False, True):
        right = RightFactors(start.clone())
        right.recombine(weights[0], d[0])
        if look:
            assert torch.allclose(right.value(), first)
        assert torch.allclose(right.back(delta), torch.einsum("ba,biap->bip", delta, first))
        right.recombine(weights[1], d[1])
        assert torch.allclose(right.back(delta), torch.einsum("ba,biap->bip", delta, twice))
        for times in (1, 2):
            wanted = torch.einsum("bac,bicp->biap", torch.linalg.matrix_power(H, times), twice)
            assert torch.allclose(right.times(H), wanted) and torch.allclose(right.value(), wanted)


def test_factors_that_lie_otherwise_in_memory_are_taken_too() -> None:
    A, H = random(B, R, P, N, seed=0).mT, random(B, N, N, seed=1)
    wanted = torch.einsum("bac,bicp->biap", H, A)
    assert torch.allclose(RightFactors(A).times(H), wanted)


def test_diagonals_are_where_D_is() -> None:
    d, A = random(B, 2, 4, 2, seed=0), torch.zeros(B, R, N, P, dtype=torch.float64)
    diagonals(A, d).add_(d[:, None])
    assert torch.equal(A, dense(d)[:, None].expand_as(A))


@pytest.mark.parametrize("lanes", [1, 2, 5])
def test_a_state_that_is_looked_at_goes_on_bit_for_bit(lanes, monkeypatch) -> None:
    cell = LSTM(3, 4, generator=torch.Generator().manual_seed(0))
    monkeypatch.setattr(right_factors, "_TOGETHER", lanes * 2 * 8 * 16)
    watched, left_alone = OK(2, seed=1), OK(2, seed=1)
    s, delta = cell.init_state(B), torch.ones(B, 8)
    for estimator in (watched, left_alone):
        estimator.reset(B)
    for t in range(12):
        (jac,) = cell.linearize(random(B, 3, seed=t).float(), s)
        s = jac.state
        for estimator in (watched, left_alone):
            estimator.step(jac)
        gradients = [estimator.grad(delta) for estimator in (watched, left_alone)]
        assert torch.equal(*gradients)
        read = torch.einsum("ba,bamp->bmp", delta, watched.dense())
        assert (read - gradients[1]).abs().max() <= 1e-5 * read.abs().max()
    assert torch.equal(watched.A, left_alone.A) and torch.equal(watched.u, left_alone.u)
