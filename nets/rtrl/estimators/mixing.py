"""The unbiased reduction of q singular values to r ranks that has the least noise, for many lanes at once.

F. Benzing, M. M. Gauy, A. Mujika, A. Martinsson, A. Steger, *Optimal Kronecker-sum approximation of real time recurrent
learning*, ICML 2019 (their algorithm for q = r + 1; the complement basis by one reflection and the rotations for any q are
written for this project); the sampling form is that of R. Barnes, S. Cameron, B. Howard, *On unbiased low-rank approximation
with minimum distortion*, arXiv 2505.09647. That the noise is the least possible is derived in
``theory.learning.optimal_reduction``.

Notation, for each lane: a matrix has singular values d_1 >= ... >= d_q >= 0; X (q, r) is random with E X X^T = diag(d).

    i       d_1, ..., d_i are kept exactly: i is the smallest number with (r - i) d_{i+1} <= s_1
    k       r - i, the ranks into which the other q - i are mixed
    s_1     sum of the mixed d;  s_2 that of their squares;  the noise E|X X^T - diag(d)|^2 is s_1^2/k - s_2
    t       shares: 1 for kept, k d/s_1 for mixed; each is at most 1, their sum is r
    Z       (q, r), orthonormal columns, squared row norms t

Sign form: X = diag(lambda) Z with lambda = +-sqrt(d) for kept and +-sqrt(s_1/k) for mixed, so that (X X^T)_jj = d_j for every
sign, and what is off the diagonal has a random sign. Sampling form: r of the q are chosen, j with chance t_j, and get d_j/t_j.
Lanes differ in i; no step asks which: a kept value is one whose share is 1, for both forms.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from theory.errors import InputError, nearest

MIXES = ("signs", "sampling")


def check_mixing(rank: int, mix: str) -> None:
    """Refuse a rank that isn't a positive integer, and an unknown form.

    Raises
    ------
    InputError

    Examples
    --------
    >>> check_mixing(2, "sign")
    Traceback (most recent call last):
    theory.errors.InputError: mix='sign': did you mean signs?
    """
    if isinstance(rank, bool) or not isinstance(rank, int) or rank < 1:
        raise InputError(f"rank={rank!r}: give a whole number, at least 1")
    if mix not in MIXES:
        raise InputError(f"mix={mix!r}: {nearest(str(mix), MIXES)}")


class MixPlan(NamedTuple):
    """What the optimal reduction keeps and mixes; each entry is (B,).

    Attributes
    ----------
    kept, mixed : Tensor
        i and k, int64.
    total, squares : Tensor
        s_1 and s_2.
    noise : Tensor
        s_1^2/k - s_2, at least 0.
    """

    kept: Tensor
    mixed: Tensor
    total: Tensor
    squares: Tensor
    noise: Tensor


def mix_plan(d: Tensor, rank: int) -> MixPlan:
    """Which singular values are kept.

    Parameters
    ----------
    d : Tensor
        (B, q), in decreasing order, at least 0.
    rank : int
        r >= 1.

    Returns
    -------
    MixPlan

    Examples
    --------
    >>> plan = mix_plan(torch.tensor([[5.0, 4, 3, 2, 1], [10, 1, 1, 1, 1]]), 4)
    >>> plan.kept.tolist(), plan.mixed.tolist(), plan.total.tolist(), plan.noise.tolist()
    ([2, 1], [2, 3], [6.0, 4.0], [4.0, 1.3333...])
    """
    q = d.shape[1]
    tails = d.flip(1).cumsum(1).flip(1)  # d_j + ... + d_q
    if rank >= q:
        kept = torch.full(d.shape[:1], q, dtype=torch.int64, device=d.device)
        zero = torch.zeros_like(d[:, 0])
        return MixPlan(kept, rank - kept, zero, zero, zero)
    ranks = torch.arange(rank, 1, -1, device=d.device)
    # Where the condition holds it holds for all larger i, and always for i = r - 1: counting where it fails finds the smallest.
    kept = (ranks * d[:, : rank - 1] > tails[:, : rank - 1]).sum(1)
    mixed = rank - kept
    total = tails.gather(1, kept[:, None])[:, 0]
    is_mixed = torch.arange(q, device=d.device) >= kept[:, None]
    squares = (d * d * is_mixed).sum(1)
    return MixPlan(kept, mixed, total, squares, (total * total / mixed - squares).clamp_min(0))


def shares(d: Tensor, rank: int, plan: MixPlan) -> tuple[Tensor, Tensor]:
    """The shares t and the weights d/t, both (B, q), for r < q: t is 1 for kept, k d/s_1 for mixed, whose weight is s_1/k.

    >>> d = torch.tensor([[10.0, 1, 1, 1, 1]])
    >>> t, weights = shares(d, 3, mix_plan(d, 3))
    >>> t.tolist(), weights.tolist()
    ([[1.0, 0.5, 0.5, 0.5, 0.5]], [[10.0, 2.0, 2.0, 2.0, 2.0]])
    """
    numbers = torch.arange(d.shape[1], device=d.device)
    is_kept = numbers < plan.kept[:, None]
    level = (plan.total / plan.mixed)[:, None]
    nothing_mixed = level == 0  # then all that is mixed is 0, and any shares do
    t = torch.where(nothing_mixed, (numbers < rank).to(d.dtype), d / torch.where(nothing_mixed, 1, level))
    return torch.where(is_kept, 1, t.clamp_max(1)), torch.where(is_kept, d, level)


def mix_by_signs(d: Tensor, rank: int, signs: Tensor) -> tuple[Tensor, MixPlan]:
    """X by random signs.

    Parameters
    ----------
    d : Tensor
        (B, q), in decreasing order, at least 0.
    rank : int
        r.
    signs : Tensor
        (B, q), of +-1; those of kept values don't show in X X^T: their rows are orthogonal to all others.

    Returns
    -------
    Tensor, MixPlan
        X, (B, q, r).

    Examples
    --------
    >>> d = torch.tensor([[2.0, 1.0]], dtype=torch.float64)
    >>> for second in (1, -1):
    ...     X, plan = mix_by_signs(d, 1, torch.tensor([[1, second]]))
    ...     print([[round(x, 9) for x in row] for row in (X @ X.mT)[0].tolist()], plan.noise.tolist())
    [[2.0, -1.414213562], [-1.414213562, 1.0]] [4.0]
    [[2.0, 1.414213562], [1.414213562, 1.0]] [4.0]
    """
    plan = mix_plan(d, rank)
    if rank >= d.shape[1]:
        return _all_kept(d, rank), plan
    t, weights = shares(d, rank, plan)
    rows = _complement(t) if d.shape[1] == rank + 1 else _rotated(t, rank)
    return (weights.sqrt() * signs)[:, :, None] * rows, plan


def mix_by_sampling(d: Tensor, rank: int, uniforms: Tensor) -> tuple[Tensor, MixPlan]:
    """X by systematic sampling: j is chosen where the sum of shares passes an integer distance from one uniform number.

    Parameters
    ----------
    d : Tensor
        (B, q), in decreasing order, at least 0.
    rank : int
        r.
    uniforms : Tensor
        (B,), in (0, 1), float64.

    Returns
    -------
    Tensor, MixPlan
        X, (B, q, r): in each column one entry at most.

    Examples
    --------
    >>> d = torch.tensor([[2.0, 1.0]])
    >>> [(mix_by_sampling(d, 1, torch.tensor([u], dtype=torch.float64))[0][0, :, 0] > 0).tolist() for u in (0.6, 0.7)]
    [[True, False], [False, True]]
    """
    plan = mix_plan(d, rank)
    if rank >= d.shape[1]:
        return _all_kept(d, rank), plan
    t, weights = shares(d, rank, plan)
    # In float64, with the last sum set to r: r - U is then exact, and exactly r are chosen whatever the sums were rounded to.
    sums = t.to(torch.float64).cumsum(1).clamp_max(rank)
    sums[:, -1] = rank
    chosen_so_far = torch.floor(sums - uniforms[:, None]) + 1
    before = torch.nn.functional.pad(chosen_so_far[:, :-1], (1, 0))
    columns = torch.arange(rank, device=d.device)
    hit = (chosen_so_far[:, :, None] > columns) & (before[:, :, None] <= columns)
    return weights.sqrt()[:, :, None] * hit, plan


def _all_kept(d: Tensor, rank: int) -> Tensor:
    return torch.nn.functional.pad(torch.diag_embed(d.sqrt()), (0, rank - d.shape[1]))


def _complement(t: Tensor) -> Tensor:
    """Z for q = r + 1: what a reflection that takes the last axis to -z_0 makes of the others, where z_0^2 = 1 - t.

    z_0 is 0 where a value is kept, so its row is that of the identity. v = z_0 + e_q has |v|^2 = 2 v_q >= 2: never degenerate.
    """
    v = (1 - t).clamp_min(0).sqrt()
    v = v / torch.linalg.vector_norm(v, dim=1, keepdim=True)
    v[:, -1] += 1
    identity = torch.eye(t.shape[1], t.shape[1] - 1, dtype=t.dtype, device=t.device)
    return identity - v[:, :, None] * (v[:, :-1] / v[:, -1:])[:, None]


def _rotated(t: Tensor, rank: int) -> Tensor:
    """Z for any q > r (Schur, Horn: it exists as t is majorised by r ones), by at most q - 1 plane rotations.

    From the first r rows those of the identity and the others 0: each rotation takes a row that is too long and one that is too
    short and makes one of the two exact. The other one goes on; its next partner is a fresh row, orthogonal to it, so the
    rotation needs the two squared norms only. t decreases, hence the excess never makes a long row too short.
    """
    B, q = t.shape
    lanes = torch.arange(B, device=t.device)
    rows = torch.eye(q, rank, dtype=t.dtype, device=t.device).repeat(B, 1, 1)
    norms = (torch.arange(q, device=t.device) < rank).to(t.dtype).repeat(B, 1)
    long = torch.zeros(B, dtype=torch.int64, device=t.device)
    short = torch.full((B,), rank, dtype=torch.int64, device=t.device)
    for _ in range(q - 1):
        a, b = norms[lanes, long], norms[lanes, short]
        excess, want = (a - t[lanes, long]).clamp_min(0), (t[lanes, short] - b).clamp_min(0)
        moved = torch.minimum(excess, want)
        gap = a - b
        sine2 = torch.where(gap > 0, moved / torch.where(gap > 0, gap, 1), 0).clamp(0, 1)
        sine, cosine = sine2.sqrt()[:, None], (1 - sine2).sqrt()[:, None]
        x, y = rows[lanes, long], rows[lanes, short]
        rows[lanes, long], rows[lanes, short] = cosine * x + sine * y, cosine * y - sine * x
        norms[lanes, long], norms[lanes, short] = a - moved, b + moved
        long_is_exact = excess <= want
        long = torch.where(long_is_exact, long + 1, long).clamp_max(rank - 1)
        short = torch.where(long_is_exact, short, short + 1).clamp_max(q - 1)
    return rows
