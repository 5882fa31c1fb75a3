"""SnAp-n: real-time recurrent learning with only those entries of G that are non-zero within n steps.

J. Menick, E. Elsen, U. Evci, S. Osindero, K. Simonyan, A. Graves, *Practical real time recurrent learning with a sparse
approximation*, ICLR 2021. With M_n the pattern of D + H D + ... + H^{n-1} D,

    G <- (H G + F) * M_n.

SnAp-1 keeps, for each weight, its influence on the unit whose z it enters, and so needs the diagonals of H only: exact when W_h
is diagonal. With dense H, M_2 is full, so that SnAp-2 is exact. Both are biased in general. For cells with several micro-steps a
step is a micro-step here. Notation as in :mod:`nets.rtrl.protocol`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from nets.rtrl.cells.stacked import Stacked
from nets.rtrl.estimators.common import Deterministic, reading
from nets.rtrl.estimators.exact import ExactRTRL
from nets.rtrl.protocol import KroneckerCell, StepJacobian
from theory.errors import InputError


class SnAp1(Deterministic):
    """SnAp-1: for each weight W[i, (g, j)] its influence on unit j, in all parts of the state (LSTM: on c_j and h_j).

    Memory (N/n) m p numbers a lane, as many operations a step up to a factor 2 N/n.

    Parameters are those of :class:`nets.rtrl.estimators.common.Deterministic`.

    Examples
    --------
    >>> from nets.rtrl.cells.lstm import LSTM
    >>> cell = LSTM(3, 4, generator=torch.Generator().manual_seed(0))
    >>> snap = SnAp1()
    >>> snap.reset(2)
    >>> snap.step(*cell.linearize(torch.ones(2, 3), cell.init_state(2)))
    >>> snap.grad(torch.ones(2, 8)).shape, snap.memory_floats() == 2 * 8 * 16
    (torch.Size([2, 8, 16]), True)
    """

    fields = zeroed = ("J",)
    J: Tensor  # (B, N/n, m, k, n)

    def accept(self, cell: KroneckerCell) -> None:
        """Refuse layers: the influence of a lower layer on the readout is on other units than its own."""
        if isinstance(cell, Stacked) and len(cell.cells) > 1:
            raise NotImplementedError(
                "SnAp-1 of stacked layers: it keeps a weight's influence on its own unit only, so that no gradient reaches the "
                "layers below the last; take SnAp(n, pattern=...) with n of at least 2, or another estimator"
            )

    def begin(self, jac: StepJacobian) -> None:
        B, parts, k, n = jac.d.shape
        self.J = jac.d.new_zeros(B, parts, jac.features.shape[1], k, n)

    def push(self, H: Tensor) -> None:
        parts, n = self.J.shape[1], self.J.shape[4]
        H = H.unflatten(2, (parts, n)).unflatten(1, (parts, n)).diagonal(dim1=2, dim2=4)
        H = H.contiguous()[:, :, :, None, None]  # (B, N/n, N/n, 1, 1, n): it is read for each weight
        if parts == 1:
            self.J.mul_(H[:, :, 0])
            return
        pushed = self._memory(self.J)
        torch.mul(H[:, :, 0], self.J[:, :1], out=pushed)
        for part in range(1, parts):
            pushed.addcmul_(H[:, :, part], self.J[:, part : part + 1])
        self.J, self._spare = pushed, self.J

    def absorb(self, jac: StepJacobian) -> None:
        self.push(jac.H)
        self.J.addcmul_(jac.features[:, None, :, None, None], jac.d[:, :, None])

    @reading
    def grad(self, delta: Tensor) -> Tensor:
        """The estimate of delta^T G of each lane, (B, m, p)."""
        return self._weighted(delta).sum(1).flatten(2)

    @reading
    def grad_sum(self, delta: Tensor) -> Tensor:
        """Its sum over lanes, (m, p)."""
        return self._weighted(delta).sum((0, 1)).flatten(1)

    def dense(self) -> Tensor:
        """The estimate of G, (B, N, m, p)."""
        B, parts, m, k, n = self.J.shape
        return torch.diag_embed(self.J).permute(0, 1, 4, 2, 3, 5).reshape(B, parts * n, m, k * n)

    def _weighted(self, delta: Tensor) -> Tensor:
        return self.J * delta.unflatten(1, (self.J.shape[1], self.J.shape[4]))[:, :, None, None]


class MaskedRTRL(ExactRTRL):
    """SnAp-n for n of at least 2: exact RTRL under the mask M_n. It costs what exact RTRL costs: for small sizes.

    Parameters
    ----------
    order : int
        n.
    block : int
        Its weight matrix.
    pattern : Tensor, optional
        (N, N), bool: which entries of H can be non-zero; default: those that are at random states of the cell that :meth:`accept`
        is shown, and without that, in any lane at the first step.
    seed, lanes
        See :class:`SnAp1`.
    """

    kept = ("mask",)

    def __init__(
        self, order: int, block: int = 0, pattern: Tensor | None = None, *, seed: int = 0, lanes: Sequence[int] | None = None
    ) -> None:
        super().__init__(block, seed=seed, lanes=lanes)
        self.order, self._pattern = order, pattern
        self.mask: Tensor | None = None  # M_n, (N, 1, p)

    def accept(self, cell: KroneckerCell) -> None:
        """Refuse layers without a pattern: what one micro-step reaches isn't what a time step reaches. See else where H isn't 0.

        The first step of a sequence doesn't show that: where a unit is saturated, its row of H is 0 for once.
        """
        if self._pattern is not None:
            return
        if isinstance(cell, Stacked) and len(cell.cells) > 1:
            raise NotImplementedError("SnAp-n of stacked layers: give pattern, where a whole time step's H can be non-zero")
        draws, W = torch.Generator().manual_seed(0), cell.weights[0]
        x, s = (0.1 * torch.randn(4, size, generator=draws, device="cpu").to(W) for size in (cell.n_in, cell.state_dim))
        self._pattern = (cell.linearize(x, s)[self.block].H != 0).any(0)

    def begin(self, jac: StepJacobian) -> None:
        super().begin(jac)
        if self.mask is None:
            self.mask = self._reached(jac)

    def push(self, H: Tensor) -> None:
        super().push(H)
        assert self.mask is not None
        self.G.mul_(self.mask)

    def _reached(self, jac: StepJacobian) -> Tensor:
        H = ((jac.H != 0).any(0) if self._pattern is None else self._pattern.to(jac.H.device)).to(jac.d)
        parts, k, n = jac.d.shape[1:]
        seen = (jac.d != 0).any(3).any(2).any(0).to(jac.d)  # which parts of the state this matrix enters
        unit = torch.eye(n, device=H.device, dtype=H.dtype)
        reached = (seen[:, None, None, None] * unit[None, :, None, :]).expand(parts, n, k, n).reshape(parts * n, k * n)
        for _ in range(self.order - 1):
            reached = ((H @ reached + reached) > 0).to(H)
        return reached[:, None]


def SnAp(
    order: int = 1, block: int = 0, pattern: Tensor | None = None, *, seed: int = 0, lanes: Sequence[int] | None = None
) -> SnAp1 | MaskedRTRL:
    """SnAp of that order for a weight matrix.

    Parameters
    ----------
    order : int
        n: 1 is held per unit (:class:`SnAp1`), more is held as a masked G (:class:`MaskedRTRL`).
    block, pattern, seed, lanes : optional
        See there.

    Raises
    ------
    InputError
        If the order is below 1.

    Examples
    --------
    >>> type(SnAp(1)).__name__, type(SnAp(2)).__name__
    ('SnAp1', 'MaskedRTRL')
    """
    if isinstance(order, bool) or not isinstance(order, int) or order < 1:
        raise InputError(f"order={order!r}: SnAp-n has a whole n, at least 1")
    drawn: dict[str, Any] = {"seed": seed, "lanes": lanes}
    return SnAp1(block, **drawn) if order == 1 else MaskedRTRL(order, block, pattern, **drawn)
