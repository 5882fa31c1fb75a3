"""Exact real-time recurrent learning: G <- H G + h^ (x) D.

R. J. Williams, D. Zipser, *A learning algorithm for continually running fully recurrent neural networks*, Neural Computation
1989. Memory N m p numbers a lane, time 2 N^2 m p operations a step: n^3 and n^4. Notation as in :mod:`nets.rtrl.protocol`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from nets.rtrl.estimators.common import Deterministic, reading
from nets.rtrl.protocol import StepJacobian


class ExactRTRL(Deterministic):
    """G itself, laid out as (B, N, m p), so that H G is one matrix product a lane; F is added on its diagonals only.

    Parameters are those of :class:`nets.rtrl.estimators.common.Deterministic`.

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

    def begin(self, jac: StepJacobian) -> None:
        self.G = jac.d.new_zeros(jac.shape)

    def push(self, H: Tensor) -> None:
        pushed = self._memory(self.G)
        torch.bmm(H, self.G.flatten(2), out=pushed.flatten(2))
        self.G, self._spare = pushed, self.G

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
