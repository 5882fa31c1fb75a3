"""KTP: unbiased over all its random choices, exact where nothing has to be reduced, refused where D has another form."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor

from nets.rtrl.cells.lstm import LSTM
from nets.rtrl.cells.rhn import RHN
from nets.rtrl.estimators.exact import ExactRTRL
from nets.rtrl.estimators.ktp import KTP
from nets.rtrl.estimators.mixing import mix_plan, shares
from nets.rtrl.influence import Influence
from nets.rtrl.protocol import StepJacobian
from theory.errors import InputError

F64 = torch.float64


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def jacobian(seed: int, lanes: int = 1, N: int = 3, m: int = 4, k: int = 2) -> StepJacobian:
    g = torch.Generator().manual_seed(seed)
    drawn = [torch.randn(1, *size, generator=g, dtype=F64) for size in ((N,), (m,), (1, k, N), (N, N))]
    return StepJacobian(*(x.expand(lanes, *x.shape[1:]) for x in drawn))


def filled(lanes: int, rank: int, N: int = 3, m: int = 4, k: int = 2, **options) -> KTP:
    g = torch.Generator().manual_seed(99)
    ktp = KTP(rank, **options)
    ktp.reset(lanes)
    ktp.u, ktp.a, ktp.b = (
        torch.randn(1, *size, generator=g, dtype=F64).repeat(lanes, *[1] * len(size)) for size in ((m,), (rank, N), (rank, k * N))
    )
    return ktp


def target(ktp: KTP, jac: StepJacobian) -> Tensor:
    pushed = torch.einsum("ab,bmp->amp", jac.H[0], ktp.dense()[0])
    return pushed + torch.einsum("m,np->nmp", jac.features[0], jac.dense_D()[0])


def offsets(jac: StepJacobian, rank: int) -> tuple[Tensor, Tensor]:
    """One offset in each interval where the sampled set is constant, and the interval's length."""
    d = jac.d[:1, 0].norm(dim=1).sort(dim=1, descending=True)[0]
    if rank >= d.shape[1]:
        return torch.tensor([0.5], dtype=F64), torch.ones(1, dtype=F64)
    ends = torch.cat((shares(d, rank, mix_plan(d, rank))[0].cumsum(1)[0].frac(), torch.tensor([0.0, 1.0], dtype=F64))).unique()
    return (ends[1:] + ends[:-1]) / 2, ends.diff()


@pytest.mark.parametrize("rank", [1, 2, 3, 4])
@pytest.mark.parametrize("mix", ["signs", "sampling"])
def test_a_step_is_unbiased_over_all_its_random_choices(rank, mix) -> None:
    for seed in range(2):
        count = 2 + rank + (3 if mix == "signs" else 0)
        signs = torch.tensor(list(itertools.product((1.0, -1.0), repeat=count)), dtype=F64)
        U, weight = offsets(jacobian(seed), rank) if mix == "sampling" else (torch.tensor([0.5]), torch.ones(1, dtype=F64))
        lanes = len(signs) * len(U)
        jac = jacobian(seed, lanes)
        ktp = filled(lanes, rank, mix=mix)
        wanted = target(ktp, jac)
        ktp.signs = lambda count, signs=signs, U=U: signs.repeat(len(U), 1)  # type: ignore[method-assign, misc]
        ktp.uniforms = lambda signs=signs, U=U: U.repeat_interleave(len(signs))  # type: ignore[method-assign, misc]
        ktp.step(jac)
        found = ktp.dense()
        mean = torch.einsum("l,lamp->amp", weight.repeat_interleave(len(signs)) / len(signs), found)
        assert (mean - wanted).abs().max() < 1e-12
        assert (found[0] - wanted).abs().max() > 0.1, "a single draw is off"


def test_one_sign_for_all_pairs_in_place_of_independent_ones_is_unbiased_too_but_shared_with_the_join_is_not() -> None:
    """The signs of the pairs must be independent of c_1 c_2: a planted dependence is caught."""
    jac = jacobian(0, 8)
    signs = torch.tensor(list(itertools.product((1.0, -1.0), repeat=3)), dtype=F64)
    bias = []
    for pair in (signs[:, 2], signs[:, 0] * signs[:, 1]):
        ktp = filled(8, 3)
        wanted = target(ktp, jac)
        given = torch.cat((signs[:, :2], pair[:, None].expand(-1, 3)), dim=1)
        ktp.signs = lambda count, given=given: given  # type: ignore[method-assign, misc]
        ktp.step(jac)
        bias.append((ktp.dense().mean(0) - wanted).abs().max().item())
    assert bias[0] < 1e-12 and bias[1] > 0.01


def test_the_two_factors_of_each_term_are_equally_long_where_they_meet() -> None:
    jac = jacobian(3, 2)
    ktp = KTP(3, seed=1)
    ktp.reset(2)
    ktp.step(jac)
    assert torch.allclose(ktp.a.norm(dim=2), ktp.b.norm(dim=2), rtol=1e-12)
    assert (ktp.dense() - torch.einsum("bm,bnp->bnmp", jac.features, jac.dense_D())).abs().max() < 1e-12, "exact for r = n"


def test_gradients_propagation_and_forgetting() -> None:
    jac = jacobian(1, 2)
    ktp = filled(2, 2)
    delta = torch.randn(2, 3, generator=torch.Generator().manual_seed(0), dtype=F64)
    wanted = torch.einsum("bn,bnmp->bmp", delta, ktp.dense())
    assert (ktp.grad(delta) - wanted).abs().max() < 1e-13 and (ktp.grad_sum(delta) - wanted.sum(0)).abs().max() < 1e-13
    pushed = torch.einsum("bac,bcmp->bamp", jac.H, ktp.dense())
    ktp.step(StepJacobian(jac.state, torch.ones(2, 9, dtype=F64), jac.d, jac.H, block=1))
    assert (ktp.dense() - pushed).abs().max() < 1e-13
    before = ktp.dense()[1].clone()
    ktp.reset(2, torch.tensor([True, False]))
    assert ktp.dense()[0].abs().max() == 0 and torch.equal(ktp.dense()[1], before)
    fresh = KTP(2)
    for estimator in (ktp, fresh):
        estimator.steps = 5
        if estimator is fresh:
            estimator.reset(2)
        estimator.step(jac)
    assert torch.equal(ktp.dense()[0], fresh.dense()[0]) and not torch.equal(ktp.dense()[1], fresh.dense()[1])


def test_the_mean_of_many_lanes_approaches_the_influence_matrix_of_a_network() -> None:
    """The squared error of the mean over its variance is a weighted mean of chi-squares: above 11 at most once in 1000."""
    g = torch.Generator().manual_seed(0)
    cell = RHN(2, 4, generator=g).double()
    with torch.no_grad():
        cell.weights[0].copy_(torch.randn(cell.weights[0].shape, generator=g, dtype=F64) * 0.4)
    lanes, delta = 4000, torch.randn(1, 4, generator=g, dtype=F64)
    ktp, exact, s = KTP(2, seed=1), ExactRTRL(), cell.init_state(1)
    ktp.reset(lanes)
    exact.reset(1)
    for _ in range(6):
        jac = cell.linearize(torch.randn(1, 2, generator=g, dtype=F64), s)[-1]
        s = jac.state
        exact.step(jac)
        ktp.step(StepJacobian(*(x.expand(lanes, *x.shape[1:]) for x in (jac.state, jac.features, jac.d, jac.H))))
    draws = ktp.grad(delta.expand(lanes, -1)).flatten(1)
    beta = (draws.mean(0) - exact.grad(delta)[0].flatten()).square().sum() / (draws.var(0).sum() / lanes)
    assert beta < 11 and draws.var(0).sum() > exact.grad(delta).square().sum()


def test_zero_and_nan_stay_in_their_lanes() -> None:
    jac = jacobian(0, 3)
    d, H = jac.d.clone(), jac.H.clone()
    d[1], H[1], H[2] = 0, 0, torch.nan
    ktp, clean = filled(3, 2), filled(3, 2)
    ktp.step(StepJacobian(jac.state, jac.features, d, H))
    clean.step(jac)
    assert torch.allclose(ktp.dense()[0], clean.dense()[0]) and ktp.dense()[1].abs().max() == 0 and ktp.dense()[2].isnan().any()


def test_memory_grows_with_r_n() -> None:
    assert filled(2, 5).memory_floats() == 4 + 5 * (3 + 6)


def test_cells_whose_state_is_not_one_number_a_unit_are_refused() -> None:
    with pytest.raises(NotImplementedError, match="LSTM"):
        Influence(LSTM(2, 3), lambda block: KTP(2, block=block))
    ktp = KTP(2)
    ktp.reset(1)
    with pytest.raises(NotImplementedError, match="2 rows"):
        ktp.step(LSTM(2, 3).linearize(torch.ones(1, 2), torch.zeros(1, 6))[-1])
    with pytest.raises(NotImplementedError, match="closed form"):
        ready = filled(1, 2)
        ready.step(jacobian(0))
        ready.step_noise()


@pytest.mark.parametrize("wrong", [{"rank": 0}, {"mix": "sums"}])
def test_wrong_arguments_are_named(wrong) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        KTP(**wrong)
