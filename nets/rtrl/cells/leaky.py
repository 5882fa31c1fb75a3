"""The leaky recurrent network h_t = (1 - alpha) h_{t-1} + alpha tanh(z_t): the cell of random-feedback local online learning.

J. M. Murray, *Local online learning in recurrent networks with random feedback*, eLife 2019. alpha is the time step over the
units' time constant; alpha = 1 is the vanilla network. d = alpha (1 - tanh(z)^2), H = (1 - alpha) I + diag(d) W_h^T.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from nets.rtrl.cells.base import Cell
from theory.errors import InputError


class LeakyRNN(Cell):
    """h = (1 - alpha) h + alpha tanh([x; h; 1] W).

    Parameters
    ----------
    n_in, n : int
        Inputs and units.
    alpha : float
        In (0, 1].
    **options
        ``std``, ``bias``, ``depth``, ``generator``, ``device``, ``dtype``: see :class:`nets.rtrl.cells.base.Cell`.

    Examples
    --------
    >>> cell = LeakyRNN(3, 4, alpha=0.25, std=0.0)
    >>> cell(torch.ones(1, 3), torch.ones(1, 4))
    tensor([[0.7500, 0.7500, 0.7500, 0.7500]], grad_fn=...)
    """

    def __init__(self, n_in: int, n: int, alpha: float, **options: Any) -> None:
        super().__init__(n_in, n, gates=1, **options)
        if not 0 < alpha <= 1:
            raise InputError(f"alpha={alpha}: the leak is above 0 and at most 1")
        self.alpha = alpha

    def f(self, z: Tensor, s: Tensor) -> Tensor:
        return (1 - self.alpha) * s + self.alpha * torch.tanh(z)

    def linear(self, z: Tensor, s: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        y = torch.tanh(z)
        keep = torch.full_like(z, 1 - self.alpha)[:, None]
        return (1 - self.alpha) * s + self.alpha * y, (self.alpha * (1 - y * y))[:, None], keep
