"""The right factors of a sum of Kronecker products, whose recombination waits for the next product with H.

A step of OK ends with A_i <- sum_j w_ij A_j + w_i,r+1 D, the next one begins with A_i <- H A_i. Either reads and writes r N p
numbers for each lane, which together are more than the caches hold. So the first waits, and both are made for a few lanes at a
time: what is between them stays in the cache, and needs room for those lanes only. Until then delta^T A_i is recombined after it
was read, which is the same but for rounding. Notation: :mod:`nets.rtrl.protocol`.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

# Numbers of A in the lanes that a processor takes at once: half a mebibyte in float32, two such blocks fit in its second cache.
_TOGETHER = 1 << 17


class RightFactors:
    """A_1, ..., A_r of each lane.

    Parameters
    ----------
    A : Tensor
        (B, r, N, p); may be overwritten.

    Examples
    --------
    >>> right = RightFactors(torch.ones(1, 1, 2, 2))
    >>> right.recombine(torch.tensor([[[3.0, 10.0]]]), torch.ones(1, 1, 1, 2))  # 3 A_1 + 10 D, D the identity
    >>> right.back(torch.tensor([[1.0, 0.0]]))
    tensor([[[13.,  3.]]])
    >>> right.times(torch.tensor([[[0.0, 1.0], [2.0, 0.0]]])).flatten()
    tensor([ 3., 13., 26.,  6.])
    """

    def __init__(self, A: Tensor) -> None:
        self._A = A.contiguous()
        self._room: Tensor | None = None
        self._waiting: tuple[Tensor, Tensor] | None = None

    def value(self) -> Tensor:
        """All of them, (B, r, N, p), with nothing waiting; valid until they change."""
        if self._waiting is not None:
            for lanes in self._blocks():
                self._A[lanes] = self._aside(lanes)
            self._waiting = None
        return self._A

    def recombine(self, weights: Tensor, d: Tensor) -> None:
        """A_i <- sum_j w_ij A_j + w_i,r+1 D for weights (B, r, r + 1) and the diagonals d of D; after what waits already."""
        self.value()
        self._waiting = weights, d

    def times(self, H: Tensor) -> Tensor:
        """A_i <- H A_i, returned as by :meth:`value`."""
        r = self._A.shape[1]
        for lanes in self._blocks():
            H_each = H[lanes, None].expand(-1, r, -1, -1).flatten(0, 1)  # of one lane a view
            torch.bmm(H_each, self._aside(lanes).flatten(0, 1), out=self._A[lanes].flatten(0, 1))
        self._waiting = None
        return self._A

    def back(self, delta: Tensor) -> Tensor:
        """delta^T A_i, (B, r, p)."""
        B, r, N, p = self._A.shape
        rows = delta[:, None].expand(B, r, N).reshape(B * r, 1, N)
        read = torch.bmm(rows, self._A.flatten(0, 1)).view(B, r, p)
        if self._waiting is None:
            return read
        weights, d = self._waiting
        delta_D = (d * delta.view(B, -1, 1, d.shape[3])).sum(dim=1).view(B, 1, p)
        return torch.bmm(weights, torch.cat((read, delta_D), dim=1))

    def _blocks(self) -> Iterator[slice]:
        B = len(self._A)
        step = max(1, _TOGETHER // self._A[0].numel()) if self._A.device.type == "cpu" else B
        return (slice(start, start + step) for start in range(0, B, step))

    def _aside(self, lanes: slice) -> Tensor:
        """A of some lanes in the room beside it, recombined if that waits."""
        A = self._A[lanes]
        if self._room is None:
            self._room = torch.empty_like(A)
        room = self._room[: len(A)]
        if self._waiting is None:
            return room.copy_(A)
        weights, d = (both[lanes] for both in self._waiting)
        torch.bmm(weights[:, :, :-1], A.flatten(2), out=room.flatten(2))
        diagonals(room, d).addcmul_(weights[:, :, -1, None, None, None], d[:, None])
        return room


def diagonals(A: Tensor, d: Tensor) -> Tensor:
    """Those of A (B, r, N, p) on which D lies, (B, r, N/n, k, n).

    >>> diagonals(torch.tensor([[[[1.0, 2, 5, 6], [3, 4, 7, 8]]]]), torch.ones(1, 1, 2, 2))
    tensor([[[[[1., 4.],
               [5., 8.]]]]])
    """
    _, parts, k, n = d.shape
    return A.view(*A.shape[:2], parts, n, k, n).diagonal(dim1=3, dim2=5)
