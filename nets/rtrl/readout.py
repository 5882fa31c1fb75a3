"""The readout softmax([h, 1] W_out): its loss, the loss's gradient at the state, and its own gradient, written by hand.

An online method needs delta_t = dL_t/ds_t at each time step and nothing further back, so that no graph has to be built.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

LOG2 = math.log(2.0)


class Backward(NamedTuple):
    """The loss of one time step and its gradients.

    Attributes
    ----------
    loss : Tensor
        (B,), in nats.
    delta : Tensor
        (B, n), of each lane's loss at its h.
    weight : Tensor
        (n + 1, symbols), of the sum of the losses.
    error : Tensor
        (B, symbols), of each lane's loss at its logits.
    """

    loss: Tensor
    delta: Tensor
    weight: Tensor
    error: Tensor


class Readout(nn.Module):
    """softmax([h, 1] W_out) with the cross entropy.

    Parameters
    ----------
    n, symbols : int
    std : float
        Of the initial weights, bias row included.
    generator : torch.Generator
        On the CPU.
    device : optional
        Of the weights.

    Examples
    --------
    >>> readout = Readout(3, 5, 0.1, torch.Generator().manual_seed(0))
    >>> h, target = torch.ones(2, 3), torch.tensor([0, 4])
    >>> back = readout.backward(h, target)
    >>> back.delta.shape, bool(torch.allclose(back.loss, functional.cross_entropy(readout(h), target, reduction="none")))
    (torch.Size([2, 3]), True)
    """

    def __init__(
        self, n: int, symbols: int, std: float, generator: torch.Generator, device: torch.device | str | None = None
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter((std * torch.randn(n + 1, symbols, generator=generator, device="cpu")).to(device))

    def forward(self, h: Tensor) -> Tensor:
        """Logits, (..., symbols)."""
        return h @ self.weight[:-1] + self.weight[-1]

    @torch.no_grad()
    def backward(self, h: Tensor, target: Tensor) -> Backward:
        """Loss and gradients for states (B, n) and targets (B,)."""
        log_p = functional.log_softmax(self(h), dim=-1)
        loss = -log_p.gather(1, target[:, None])[:, 0]
        error = log_p.exp()
        error.scatter_add_(1, target[:, None], torch.full_like(target[:, None], -1, dtype=error.dtype))
        return Backward(loss, error @ self.weight[:-1].T, torch.cat((h.T @ error, error.sum(0, keepdim=True))), error)
