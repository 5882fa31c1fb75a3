"""The vanilla recurrent network: h_t = tanh(z_t) (J. L. Elman, *Finding structure in time*, Cognitive Science 1990).

d = 1 - h_t^2 and nothing of h_{t-1} enters directly: H = diag(1 - h_t^2) W_h^T.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from nets.rtrl.cells.base import Cell


class RNN(Cell):
    """h = tanh([x; h; 1] W).

    Parameters
    ----------
    n_in, n : int
        Inputs and units.
    **options
        ``std``, ``bias``, ``depth``, ``generator``, ``device``, ``dtype``: see :class:`nets.rtrl.cells.base.Cell`.

    Examples
    --------
    >>> cell = RNN(3, 4, generator=torch.Generator().manual_seed(0))
    >>> (jac,) = cell.linearize(torch.ones(2, 3), cell.init_state(2))
    >>> jac.shape, jac.H.shape
    ((2, 4, 8, 4), torch.Size([2, 4, 4]))
    """

    def __init__(self, n_in: int, n: int, **options: Any) -> None:
        super().__init__(n_in, n, gates=1, **options)

    def f(self, z: Tensor, s: Tensor) -> Tensor:
        return torch.tanh(z)

    def linear(self, z: Tensor, s: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        h = torch.tanh(z)
        return h, (1 - h * h)[:, None], torch.zeros_like(z)[:, None]
