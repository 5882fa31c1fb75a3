"""The optimal unbiased reduction of singular values: plans, both forms against the exact laws of theory, wrong forms caught."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor

from nets.core.keyed import key_of, keyed_signs, keyed_uniforms
from nets.rtrl.estimators import mixing
from nets.rtrl.estimators.mixing import mix_by_sampling, mix_by_signs, mix_plan, shares
from theory.learning import optimal_reduction

F64 = torch.float64
TABLE = [
    ([3, 2, 1], 2, 0, 2, 6, 4), ([3, 1, 1], 2, 1, 1, 2, 2), ([10, 1, 1], 2, 1, 1, 2, 2), ([1, 1, 1, 1], 3, 0, 3, 4, 4 / 3),
    ([5, 4, 3, 2, 1], 4, 2, 2, 6, 4), ([2, 1], 1, 0, 1, 3, 4), ([4, 2, 1, 0.5], 2, 1, 1, 3.5, 7), ([1] * 6, 3, 0, 3, 6, 6),
    ([10, 1, 1, 1, 1], 3, 1, 2, 4, 4),
]  # fmt: skip
SIZES = [(6, 2), (8, 3), (10, 4)]


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def all_signs(count: int) -> Tensor:
    return torch.tensor(list(itertools.product((1.0, -1.0), repeat=count)), dtype=F64)


def matrices(size: int) -> dict[str, Tensor]:
    """Random, fast decaying, flat and rank-one square matrices."""
    generator = torch.Generator().manual_seed(size)
    gauss = torch.randn(4, size, size, generator=generator, dtype=F64)
    left, right = (torch.linalg.qr(x)[0] for x in gauss[:2])
    powers = 10.0 ** -torch.arange(size, dtype=F64)
    return {"random": gauss[2], "decaying": left * powers @ right.mT, "flat": left @ right.mT,
            "rank one": torch.outer(gauss[3][0], gauss[3][1])}  # fmt: skip


def estimates(C: Tensor, X: Tensor) -> Tensor:
    """C' = U X X^T V^T for each X."""
    U, _, Vh = torch.linalg.svd(C)
    return U @ X @ X.mT @ Vh


def dual_bound(C: Tensor, rank: int) -> float:
    """What no unbiased estimate of that rank is better than, from a certificate built here from the condition itself."""
    U, d, Vh = torch.linalg.svd(C)
    values = d.tolist()
    kept = next(i for i in range(rank) if (rank - i) * values[i] <= sum(values[i:]) + 1e-15)
    B = U * torch.tensor(values[:kept] + [sum(values[kept:]) / (rank - kept)] * (len(values) - kept), dtype=F64) @ Vh
    return float(2 * (C * B).sum() - torch.linalg.svdvals(B)[:rank].square().sum() - C.square().sum())


# ---- the plan


@pytest.mark.parametrize(("d", "rank", "kept", "mixed", "total", "noise"), TABLE)
def test_plans_of_small_cases(d, rank, kept, mixed, total, noise) -> None:
    plan = mix_plan(torch.tensor([d], dtype=F64), rank)
    assert (plan.kept.item(), plan.mixed.item(), plan.total.item()) == (kept, mixed, total)
    assert plan.noise.item() == pytest.approx(noise, rel=1e-14)


def test_lanes_with_different_plans_go_together_and_agree_with_the_exact_plan() -> None:
    generator = torch.Generator().manual_seed(0)
    d = (torch.randint(0, 40, (200, 7), generator=generator) ** 2).sort(dim=1, descending=True)[0].to(F64)
    for rank in (1, 2, 4, 6, 7, 9):
        plan = mix_plan(d, rank)
        exact = [optimal_reduction.mix_plan([int(x) for x in row], rank) for row in d.tolist()]
        assert plan.kept.tolist() == [p.kept for p in exact] and plan.mixed.tolist() == [p.mixed for p in exact]
        assert plan.total.tolist() == [float(p.total) for p in exact]
        assert plan.noise.tolist() == pytest.approx([float(p.noise) for p in exact], rel=1e-12, abs=1e-9)
        assert len(set(plan.kept.tolist())) > 1 or rank in (1, 7, 9)


def test_a_tie_may_be_decided_either_way_with_the_same_noise() -> None:
    for nudge in (-1e-12, 0.0, 1e-12):
        plan = mix_plan(torch.tensor([[3 + nudge, 2, 1]], dtype=F64), 2)
        assert plan.kept.item() == (1 if nudge > 0 else 0)
        assert plan.noise.item() == pytest.approx(4, rel=1e-11)


# ---- one more than there are ranks: all signs


@pytest.mark.parametrize("rank", [1, 2, 3, 5])
@pytest.mark.parametrize("kind", ["random", "decaying", "flat", "rank one"])
def test_over_all_signs_the_estimate_is_unbiased_and_its_noise_the_least_possible(rank, kind) -> None:
    C = matrices(rank + 1)[kind]
    signs = all_signs(rank + 1)
    X, plan = mix_by_signs(torch.linalg.svdvals(C).expand(len(signs), -1), rank, signs)
    found = estimates(C, X)
    assert (found.mean(0) - C).abs().max() < 1e-13
    errors = (found - C).flatten(1).square().sum(1)
    assert errors.max() - errors.min() < 1e-12, "the error has the same length for all signs"
    scale = C.square().sum().item()
    for other in (plan.noise[0].item(), dual_bound(C, rank)):
        assert errors.mean().item() == pytest.approx(other, rel=1e-9, abs=1e-13 * scale)
    assert torch.linalg.svdvals(found)[:, rank:].max() < 1e-13 * scale**0.5


def test_truncation_is_caught_as_biased() -> None:
    C = matrices(4)["random"]
    U, d, Vh = torch.linalg.svd(C)
    truncated = U[:, :3] * d[:3] @ Vh[:3]
    assert (truncated - C).abs().max() > 0.01


def test_mixing_only_the_two_smallest_is_unbiased_but_not_optimal() -> None:
    d, signs = torch.ones(1, 4, dtype=F64), all_signs(2)
    X = torch.zeros(4, 4, 3, dtype=F64)
    X[:, 0, 0] = X[:, 1, 1] = 1
    X[:, 2:, 2] = signs  # the optimum for the two alone
    found = X @ X.mT
    assert (found.mean(0) - torch.eye(4, dtype=F64)).abs().max() == 0
    noise = (found - torch.eye(4, dtype=F64)).flatten(1).square().sum(1).mean()
    assert noise == 2 and mix_plan(d, 3).noise.item() == pytest.approx(4 / 3)


# ---- any number of singular values


@pytest.mark.parametrize(("q", "rank"), [*SIZES, (4, 3)])
def test_rotations_make_orthonormal_columns_with_the_wanted_row_norms(q, rank) -> None:
    d = torch.rand(100, q, generator=torch.Generator().manual_seed(q), dtype=F64).pow(4).sort(dim=1, descending=True)[0]
    d[0], d[1, 1:], d[2, 0], d[3] = 1, 0, 1e9, 0
    t, _ = shares(d, rank, mix_plan(d, rank))
    Z = mixing._rotated(t, rank)
    assert (Z.mT @ Z - torch.eye(rank, dtype=F64)).abs().max() < 2e-15
    assert (Z.square().sum(2) - t).abs().max() < 2e-15


@pytest.mark.parametrize(("q", "rank"), SIZES)
def test_signs_reach_the_least_noise_for_any_number_of_singular_values(q, rank) -> None:
    generator = torch.Generator().manual_seed(q)
    signs = all_signs(q)
    for power in (0, 1, 3):
        d = torch.rand(1, q, generator=generator, dtype=F64).pow(power).sort(dim=1, descending=True)[0]
        X, plan = mix_by_signs(d.expand(len(signs), -1), rank, signs)
        found = X @ X.mT
        assert (found.mean(0) - torch.diag(d[0])).abs().max() < 1e-13
        errors = (found - torch.diag(d[0])).flatten(1).square().sum(1)
        assert errors.mean().item() == pytest.approx(plan.noise[0].item(), rel=1e-10)


@pytest.mark.parametrize(("q", "rank"), [*SIZES, (3, 2), (6, 5)])
def test_sampling_has_exactly_the_law_of_theory(q, rank) -> None:
    """U is drawn at the middle of each interval in which the choice is constant: the mean over them is exact, not statistical."""
    generator = torch.Generator().manual_seed(q)
    for power in (0, 1, 3):
        d = (torch.rand(1, q, generator=generator, dtype=F64).pow(power) * 1000).round().sort(dim=1, descending=True)[0]
        t, _ = shares(d, rank, mix_plan(d, rank))
        ends = torch.cat((t.cumsum(1)[0].frac(), torch.tensor([0.0, 1.0], dtype=F64))).unique()
        U, weight = (ends[1:] + ends[:-1]) / 2, ends.diff()
        X, plan = mix_by_sampling(d.expand(len(U), -1), rank, U)
        found = X @ X.mT
        assert ((found * weight[:, None, None]).sum(0) - torch.diag(d[0])).abs().max() < 1e-11 * d.max()
        noise = (((found - torch.diag(d[0])).flatten(1).square().sum(1)) * weight).sum().item()
        assert noise == pytest.approx(float(optimal_reduction.sampled_noise([int(x) for x in d[0].tolist()], rank)), rel=1e-9)
        assert noise == pytest.approx(plan.noise[0].item(), rel=1e-9)
        assert bool(((X != 0).sum(1) == 1).all()), "each rank holds one singular value"


def test_sampling_fills_every_rank_in_float32_for_every_offset() -> None:
    d = torch.rand(20_000, 9, generator=torch.Generator().manual_seed(0)).sort(dim=1, descending=True)[0] + 0.01
    U = keyed_uniforms(1, 0, torch.arange(20_000), 1)[:, 0]
    U[:4] = torch.tensor([2.0**-33, 1 - 2.0**-33, 0.5, 0.25], dtype=F64)
    X, _ = mix_by_sampling(d, 8, U)
    assert X.dtype == torch.float32 and bool(((X != 0).sum(1) == 1).all())


@pytest.mark.parametrize("q", [3, 4, 6])
def test_as_many_ranks_as_singular_values_reproduce_them(q) -> None:
    d = torch.tensor([[3.0, 2.0, 0.5]], dtype=F64)
    for X, plan in (mix_by_signs(d, q, torch.ones(1, 3)), mix_by_sampling(d, q, torch.full((1,), 0.5, dtype=F64))):
        assert X.shape == (1, 3, q) and (X @ X.mT - torch.diag(d[0])).abs().max() < 1e-15 and plan.noise.item() == 0


def test_nothing_to_mix_is_no_noise_and_no_nan() -> None:
    d = torch.tensor([[2.0, 1.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, 0.0]], dtype=F64)
    for X, _ in (mix_by_signs(d, 2, -torch.ones(3, 3)), mix_by_sampling(d, 2, torch.full((3,), 0.3, dtype=F64))):
        assert (X @ X.mT - torch.diag_embed(d)).abs().max() < 1e-15


def test_a_lane_of_nan_ends_and_leaves_the_others_alone() -> None:
    d = torch.tensor([[3.0, 2.0, 1.0, 0.5], [float("nan")] * 4], dtype=F64)
    signs, U = torch.ones(2, 4, dtype=F64), torch.full((2,), 0.3, dtype=F64)
    for rank in (2, 3):
        for form, random in ((mix_by_signs, signs), (mix_by_sampling, U)):
            assert torch.equal(form(d, rank, random)[0][0], form(d[:1], rank, random[:1])[0][0])


# ---- uniform numbers


def test_uniform_numbers_depend_on_their_key_only() -> None:
    lanes = torch.arange(10)
    whole = keyed_uniforms(key_of(3, "offsets"), 5, lanes, 4)
    assert torch.equal(keyed_uniforms(key_of(3, "offsets"), 5, lanes[6:], 4), whole[6:])
    others = [keyed_uniforms(key_of(4, "offsets"), 5, lanes, 4), keyed_uniforms(key_of(3, "offsets"), 6, lanes, 4)]
    assert all(not (other == whole).any() for other in others)


def test_uniform_numbers_are_uniform_and_independent_across_lanes_and_steps() -> None:
    """Kolmogorov's distance and correlations of neighbours, 20 000 numbers: each test fails for a good generator in 1 of 1e4."""
    drawn = torch.stack([keyed_uniforms(11, step, torch.arange(100), 1)[:, 0] for step in range(200)])
    ordered = drawn.flatten().sort()[0]
    grid = torch.arange(1, 20_001, dtype=F64) / 20_000
    assert (ordered - grid).abs().max() * 20_000**0.5 < 2.23
    centred = (drawn - 0.5) * 12**0.5
    for a, b in ((centred[1:], centred[:-1]), (centred[:, 1:], centred[:, :-1])):
        assert abs((a * b).mean().item()) * a.numel() ** 0.5 < 3.9


def test_uniform_numbers_have_the_signs_bits() -> None:
    lanes = torch.arange(50)
    below = keyed_uniforms(9, 2, lanes, 3) < 0.5
    assert torch.equal(below, keyed_signs(9, 2, lanes, 3) < 0) or torch.equal(below, keyed_signs(9, 2, lanes, 3) > 0)
