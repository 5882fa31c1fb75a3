"""Exact real-time recurrent learning: G <- H G + h^ (x) D.

R. J. Williams, D. Zipser, *A learning algorithm for continually running fully recurrent neural networks*, Neural Computation
1989. Memory N m p numbers a lane, time 2 N^2 m p operations a step: n^3 and n^4. Notation as in :mod:`nets.rtrl.protocol`.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from nets.rtrl.protocol import StepJacobian


class ExactRTRL:
    """G itself, laid out as (B, N, m p), so that H G is one matrix product a lane; F is added on its diagonals only.

    Parameters
    ----------
    block : int
        Its weight matrix.

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

    def __init__(self, block: int = 0) -> None:
        self.block = block
        self._G: Tensor | None = None  # (B, N, m, p); None: nothing has happened since all lanes were reset
        self._spare: Tensor | None = None  # room for the next one

    def reset(self, batch: int, mask: Tensor | None = None) -> None:
        """Forget: in all lanes, or in those where ``mask`` (B,) is true."""
        if mask is None:
            self._G = None
        elif self._G is not None:
            self._G.masked_fill_(mask[:, None, None, None], 0)

    @torch.no_grad()
    def step(self, jac: StepJacobian) -> None:
        """G <- H G + F; without F where the micro-step isn't this matrix's."""
        own = jac.block == self.block
        if self._G is None:
            if not own:
                return
            self._G = jac.d.new_zeros(jac.shape)
        else:
            if self._spare is None or self._spare.shape != self._G.shape:
                self._spare = torch.empty_like(self._G)
            torch.bmm(jac.H, self._G.flatten(2), out=self._spare.flatten(2))
            self._G, self._spare = self._spare, self._G
        if own:
            B, parts, k, n = jac.d.shape
            diagonals = self._G.view(B, parts, n, -1, k, n).diagonal(dim1=2, dim2=5)  # (B, parts, m, k, n)
            diagonals.addcmul_(jac.features[:, None, :, None, None], jac.d[:, :, None])

    def grad(self, delta: Tensor) -> Tensor:
        """delta^T G of each lane, (B, m, p)."""
        G = self._influence()
        return torch.bmm(delta[:, None], G.flatten(2)).view(len(G), *G.shape[2:])

    def grad_sum(self, delta: Tensor) -> Tensor:
        """Its sum over lanes, (m, p)."""
        G = self._influence()
        return (delta.flatten() @ G.view(G.shape[0] * G.shape[1], -1)).view(G.shape[2:])

    def dense(self) -> Tensor:
        """G, (B, N, m, p)."""
        return self._influence().clone()

    def step_noise(self) -> Tensor:
        """Zeros, (B,)."""
        G = self._influence()
        return G.new_zeros(len(G))

    def memory_floats(self) -> int:
        """N m p, once a step has been taken; room for the next G, as much again, isn't counted."""
        return 0 if self._G is None else self._G[0].numel()

    def state_dict(self) -> dict[str, Any]:
        """G."""
        return {"G": None if self._G is None else self._G.clone()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self._G = None if state["G"] is None else state["G"].clone()

    def _influence(self) -> Tensor:
        if self._G is None:
            raise RuntimeError("no step has been taken since the reset")
        return self._G
