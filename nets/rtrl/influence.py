"""The influence of all weight matrices of a cell on its state: one estimator a matrix, taken through the micro-steps.

Each estimator is propagated by H of every micro-step, and gets h^ (x) D at its own only (Mujika, Meier, Steger 2018: independent
estimators, so that each is unbiased whatever the others draw). Notation as in :mod:`nets.rtrl.protocol`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from nets.core.precision import full_precision
from nets.rtrl.protocol import KroneckerCell, OnlineGradient, StepJacobian


class Influence:
    """Estimators of ds_t/dW for all weight matrices of a cell.

    Parameters
    ----------
    cell : KroneckerCell
    make : callable
        ``make(block) -> OnlineGradient`` for the weight matrix of that number.

    Raises
    ------
    NotImplementedError
        If an estimator isn't meant for such a cell (its method ``accept(cell)`` says so).

    Examples
    --------
    >>> from nets.rtrl import RHN, ExactRTRL
    >>> cell = RHN(3, 4, depth=2, generator=torch.Generator().manual_seed(0))
    >>> influence = Influence(cell, lambda block: ExactRTRL(block=block))
    >>> influence.reset(5)
    >>> s = cell.init_state(5)
    >>> for t in range(3):
    ...     jacs = cell.linearize(torch.ones(5, 3), s)
    ...     influence.step(jacs)
    ...     s = jacs[-1].state
    >>> [gradient.shape for gradient in influence.grads(torch.ones(5, 4))]
    [torch.Size([8, 8]), torch.Size([5, 8])]
    """

    def __init__(self, cell: KroneckerCell, make: Callable[[int], OnlineGradient]) -> None:
        self.estimators = [make(block) for block in range(len(cell.weights))]
        # Which entries of a weight matrix exist; asked for each time, because the cell may move to another device.
        self._mask: Callable[[int], Tensor | None] = getattr(cell, "mask", lambda block: None)
        for estimator in self.estimators:
            accept = getattr(estimator, "accept", None)
            if accept is not None:
                accept(cell)

    def reset(self, batch: int, mask: Tensor | None = None) -> None:
        """Forget in all lanes, or in those where ``mask`` (B,) is true."""
        for estimator in self.estimators:
            estimator.reset(batch, mask)

    @torch.no_grad()
    def step(self, jacs: Sequence[StepJacobian]) -> None:
        """Take one time step, given by its micro-steps; in the precision of the weights also under autocast."""
        with full_precision(jacs[0].H.device):
            for jac in jacs:
                for estimator in self.estimators:
                    estimator.step(jac)

    @torch.no_grad()
    def grads(self, delta: Tensor) -> list[Tensor]:
        """The estimates of the gradient, summed over lanes: (m, p) for each weight matrix.

        Parameters
        ----------
        delta : Tensor
            dL_t/ds_t, (B, N).
        """
        with full_precision(delta.device):
            sums = [estimator.grad_sum(delta) for estimator in self.estimators]
        masks = map(self._mask, range(len(sums)))
        return [total if mask is None else total * mask for total, mask in zip(sums, masks, strict=True)]

    def memory_floats(self) -> int:
        """Numbers held for each lane between steps."""
        return sum(estimator.memory_floats() for estimator in self.estimators)

    def state_dict(self) -> dict[str, Any]:
        """Of all estimators."""
        return {"estimators": [estimator.state_dict() for estimator in self.estimators]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from there."""
        for estimator, own in zip(self.estimators, state["estimators"], strict=True):
            estimator.load_state_dict(own)
