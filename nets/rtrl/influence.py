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
from theory.errors import InputError


class Influence:
    """Estimators of ds_t/dW for all weight matrices of a cell.

    Parameters
    ----------
    cell : KroneckerCell
    make : callable
        ``make(block) -> OnlineGradient`` for the weight matrix of that number, which it must be told: ``block=block``.

    Raises
    ------
    NotImplementedError
        If an estimator isn't meant for such a cell (its method ``accept(cell)`` says so).
    InputError
        If an estimator is for another weight matrix than the one it was made for.

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
        self._lanes: int | None = None  # of the last reset
        self._begun = False  # whether there was a step since
        # Which entries of a weight matrix exist; asked for each time, because the cell may move to another device.
        self._mask: Callable[[int], Tensor | None] = getattr(cell, "mask", lambda block: None)
        for block, estimator in enumerate(self.estimators):
            accept = getattr(estimator, "accept", None)
            if accept is not None:
                accept(cell)
            if estimator.block != block:  # it would wait for the wrong matrix's steps: a wrong gradient, not an error
                raise InputError(
                    f"make: the estimator of weight matrix {block} has block={estimator.block}; hand the number on, "
                    f"as in lambda block: {type(estimator).__name__}(..., block=block)"
                )

    def reset(self, batch: int, mask: Tensor | None = None) -> None:
        """Forget in all lanes, or in those where ``mask`` (B,) is true.

        A lane whose influence isn't finite is cleared by forgetting in all lanes only: with a mask one factor of each product is
        set to 0, and 0 times infinity isn't 0.
        """
        if mask is None:
            self._lanes, self._begun = batch, False
        for estimator in self.estimators:
            estimator.reset(batch, mask)

    @torch.no_grad()
    def step(self, jacs: Sequence[StepJacobian]) -> None:
        """Take one time step, given by its micro-steps; in the precision of the weights also under autocast.

        Raises
        ------
        InputError
            If there are other lanes than at the last :meth:`reset`.
        """
        lanes = len(jacs[0].state)
        if lanes != self._lanes:
            held = "none yet" if self._lanes is None else self._lanes
            raise InputError(f"jacs: a step of {lanes} lanes, the influence holds {held}; call reset({lanes}) before a sequence")
        self._begun = True
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

        Raises
        ------
        InputError
            If there was no step since the last :meth:`reset`.
        """
        if not self._begun:
            raise InputError("delta: there was no step since reset, and no influence yet; call step first")
        with full_precision(delta.device):
            sums = [estimator.grad_sum(delta) for estimator in self.estimators]
        masks = map(self._mask, range(len(sums)))
        return [total if mask is None else total * mask for total, mask in zip(sums, masks, strict=True)]

    def memory_floats(self) -> int:
        """Numbers held for each lane between steps."""
        return sum(estimator.memory_floats() for estimator in self.estimators)

    def state_dict(self) -> dict[str, Any]:
        """Of all estimators."""
        own = [estimator.state_dict() for estimator in self.estimators]
        return {"lanes": self._lanes, "begun": self._begun, "estimators": own}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from there."""
        self._lanes, self._begun = state["lanes"], state["begun"]
        for estimator, own in zip(self.estimators, state["estimators"], strict=True):
            estimator.load_state_dict(own)
