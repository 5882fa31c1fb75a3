"""The recurrent highway network with coupled gate: the cell of the experiments on KF-RTRL and OK.

J. G. Zilly, R. K. Srivastava, J. Koutnik, J. Schmidhuber, *Recurrent highway networks*, ICML 2017. With blocks 1 (candidate) and
2 (gate) of z,

    c = 2 sigma(a z^1) - 1 = tanh(a z^1 / 2),   g = sigma(z^2),   h <- g h + (1 - g) c.

The code published with OK has slope a = 1, which is tanh(z/2); the usual tanh(z) is a = 2. Recurrence depth L is L micro-steps,
each with its own matrix, the first one with the input.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from nets.rtrl.cells.base import Cell


class RHN(Cell):
    """h <- g h + (1 - g) c, ``depth`` times a time step.

    Parameters
    ----------
    n_in, n : int
        Inputs and units.
    depth : int
        Recurrence depth L.
    slope : float
        a above: 1 as in the code published with OK, 2 for c = tanh(z).
    **options
        ``std``, ``bias``, ``generator``, ``device``, ``dtype``: see :class:`nets.rtrl.cells.base.Cell`.

    Examples
    --------
    >>> cell = RHN(3, 4, depth=2, generator=torch.Generator().manual_seed(0))
    >>> [jac.shape for jac in cell.linearize(torch.ones(1, 3), cell.init_state(1))]
    [(1, 4, 8, 8), (1, 4, 5, 8)]
    """

    def __init__(self, n_in: int, n: int, depth: int = 1, slope: float = 1.0, **options: Any) -> None:
        super().__init__(n_in, n, gates=2, depth=depth, **options)
        self.slope = slope

    def f(self, z: Tensor, s: Tensor) -> Tensor:
        c, g = torch.tanh(0.5 * self.slope * z[:, :1]), torch.sigmoid(z[:, 1:])
        return torch.lerp(c, s, g)

    def linear(self, z: Tensor, s: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        c, g = torch.tanh(0.5 * self.slope * z[:, :1]), torch.sigmoid(z[:, 1:])
        closed = 1 - g
        to_candidate = (0.5 * self.slope) * closed * (1 - c * c)
        d = torch.cat((to_candidate, (s - c) * g * closed), dim=1)
        return torch.lerp(c, s, g), d[:, None], g[:, None]
