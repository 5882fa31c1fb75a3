"""The gated recurrent unit with the reset gate applied after the matrix product.

K. Cho et al., *Learning phrase representations using RNN encoder-decoder for statistical machine translation*, EMNLP 2014; the
"reset after" form is that of cuDNN and of ``torch.nn.GRU``. With blocks r, u, x, y of z:

    candidate = tanh(z^x + sigma(z^r) z^y),   h_t = sigma(z^u) h_{t-1} + (1 - sigma(z^u)) candidate.

z^x sees the input and the bias, z^y sees h (and a bias of its own): W has zeros at the rows of h in block x and at the rows of
the input in block y. They are kept by a mask: an estimator estimates all of W, and what the mask excludes is dropped.

In the original form, tanh(z^x + (sigma(z^r) h_{t-1}) W_y), unit j of the new state depends on all entries of z^r through W_y: its
immediate Jacobian is no Kronecker product h^ (x) D, so that it is refused.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from nets.rtrl.cells.base import Cell


class GRU(Cell):
    """The gated recurrent unit, reset after the matrix product; the blocks of W are in the order r, u, x, y.

    Parameters
    ----------
    n_in, n : int
        Inputs and units.
    reset : str
        ``"after"``; ``"before"`` is the original form, which is not in the class.
    **options
        ``std``, ``bias``, ``generator``, ``device``, ``dtype``: see :class:`nets.rtrl.cells.base.Cell`.

    Raises
    ------
    NotImplementedError
        For the original form.

    Examples
    --------
    >>> cell = GRU(3, 4, generator=torch.Generator().manual_seed(0))
    >>> cell.linearize(torch.ones(1, 3), cell.init_state(1))[0].shape
    (1, 4, 8, 16)
    """

    def __init__(self, n_in: int, n: int, reset: str = "after", **options: Any) -> None:
        if reset != "after":
            raise NotImplementedError(
                f"reset={reset!r}: with the reset gate before the matrix product a unit depends on the reset gates of all units, "
                "so that ds/dW is no Kronecker product h^ (x) D and these estimators would be biased; give reset='after'"
            )
        super().__init__(n_in, n, gates=4, **options)
        mask = torch.ones(n_in + n + 1, 4, n, device="cpu", dtype=self.weights[0].dtype)
        mask[n_in : n_in + n, 2] = 0
        mask[:n_in, 3] = 0
        self.exists: Tensor
        self.register_buffer("exists", mask.flatten(1).to(self.weights[0].device), persistent=False)
        with torch.no_grad():
            self.weights[0].mul_(self.exists)

    def mask(self, block: int) -> Tensor | None:
        return self.exists

    def f(self, z: Tensor, s: Tensor) -> Tensor:
        r, u = z[:, :1].sigmoid(), z[:, 1:2].sigmoid()
        return torch.lerp(torch.tanh(torch.addcmul(z[:, 2:3], r, z[:, 3:])), s, u)

    def linear(self, z: Tensor, s: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        r, u, y = z[:, :1].sigmoid(), z[:, 1:2].sigmoid(), z[:, 3:]
        c = torch.tanh(torch.addcmul(z[:, 2:3], r, y))
        inside = (1 - u) * (1 - c * c)
        d = torch.cat((inside * y * r * (1 - r), (s - c) * u * (1 - u), inside, inside * r), dim=1)
        return torch.lerp(c, s, u), d[:, None], u[:, None]
