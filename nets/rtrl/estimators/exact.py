"""Exact real-time recurrent learning: G <- H G + h^ (x) D.

R. J. Williams, D. Zipser, *A learning algorithm for continually running fully recurrent neural networks*, Neural Computation
1989. Memory N m p numbers a lane, time 2 N^2 m p operations a step: n^3 and n^4. Notation as in :mod:`nets.rtrl.protocol`.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from nets.rtrl.estimators.common import Estimator, reading
from nets.rtrl.protocol import StepJacobian


class ExactRTRL(Estimator):
    """G itself, laid out as (B, N, m p), so that H G is one matrix product a lane; F is added on its diagonals only.

    Parameters
    ----------
    block : int
        Its weight matrix.
    seed, lanes
        As of the estimators that draw, see :class:`nets.rtrl.estimators.common.Estimator`; nothing is drawn here.

    Examples
    --------
    >>> from nets.rtrl.cells.rnn import RNN
    >>> cell = RNN(3, 4, generator=torch.Generator().manual_seed(0))
    >>> exact = ExactRTRL()
    >>> exact.reset(2)
    >>> exact.step(*cell.linearize(torch.ones(2, 3), cell.init_state(2)))
    >>> exact.grad(torch.ones(2, 4)).shape, exact.memory_floats()
    (torch.Size([2, 8, 4]), 128)
    """

    fields = zeroed = ("G",)
    G: Tensor  # (B, N, m, p)

    def __init__(self, block: int = 0, *, seed: int = 0, lanes: Sequence[int] | None = None) -> None:
        super().__init__(seed, lanes, block)
        self._spare: Tensor | None = None  # room for the next G

    def begin(self, jac: StepJacobian) -> None:
        self.G = jac.d.new_zeros(jac.shape)

    def push(self, H: Tensor) -> None:
        if self._spare is None or self._spare.shape != self.G.shape or self._spare.device != self.G.device:
            self._spare = torch.empty_like(self.G)
        torch.bmm(H, self.G.flatten(2), out=self._spare.flatten(2))
        self.G, self._spare = self._spare, self.G

    def absorb(self, jac: StepJacobian) -> None:
        self.push(jac.H)
        parts, k, n = jac.d.shape[1:]
        diagonals = self.G.unflatten(3, (k, n)).unflatten(1, (parts, n)).diagonal(dim1=2, dim2=5)  # (B, parts, m, k, n)
        diagonals.addcmul_(jac.features[:, None, :, None, None], jac.d[:, :, None])

    @reading
    def grad(self, delta: Tensor) -> Tensor:
        """delta^T G of each lane, (B, m, p)."""
        return torch.bmm(delta[:, None], self.G.flatten(2)).view(len(delta), *self.G.shape[2:])

    @reading
    def grad_sum(self, delta: Tensor) -> Tensor:
        """Its sum over lanes, (m, p)."""
        return (delta.flatten() @ self.G.flatten(2).flatten(0, 1)).view(self.G.shape[2:])

    def dense(self) -> Tensor:
        """G, (B, N, m, p)."""
        return self.G.clone()
