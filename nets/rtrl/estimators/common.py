"""What the randomised estimators share: lanes and their keyed signs, when state is made, forgetting, storing.

An estimator of G (notation: :mod:`nets.rtrl.protocol`) is a subclass with

    fields       the names of its tensors, attributes that are None while G = 0 in all lanes
    zeroed       those of them that are set to 0 in a lane that forgets; enough to make G = 0 there
    lane_axis    where the lanes are in them
    begin(jac)   makes them, all 0, from the sizes of the first step
    push(H)      G <- H G
    absorb(jac)  G <- an unbiased estimate of H G + F; sets ``noise``, the closed form of its second moment

and the readings ``grad``, ``grad_sum`` and ``dense``. Steps run without gradients and without autocast, in the type of the
linearised step. Whatever is unbiased, is so for weights that don't change during the sequence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from nets.core.keyed import key_of, keyed_signs
from nets.rtrl.protocol import StepJacobian
from theory.errors import InputError


class Estimator:
    """Base of the randomised estimators: see the head of this file.

    Parameters
    ----------
    seed : int
        Of the signs.
    lanes : sequence of int, optional
        Global numbers of the lanes; default: 0, 1, ... The signs of a lane depend on its number, not on its neighbours.
    block : int
        Number of the weight matrix.
    """

    fields: tuple[str, ...] = ()
    zeroed: tuple[str, ...] = ()
    lane_axis = 0

    def __init__(self, seed: int = 0, lanes: Sequence[int] | None = None, block: int = 0) -> None:
        self.block = block
        self.key = key_of(seed, "rtrl signs", block)
        self.steps = 0  # micro-steps that drew signs: which draw is the next; goes on when lanes forget
        self.fixed = lanes is not None
        self.lanes = torch.tensor([] if lanes is None else list(lanes), dtype=torch.int64, device="cpu")
        self.noise: Tensor | None = None
        self.dtype = torch.float32
        self._clear()

    # -- what a subclass fills in ----------------------------------------------------------------------------------------

    def begin(self, jac: StepJacobian) -> None:
        """Make the tensors of G = 0."""
        raise NotImplementedError

    def push(self, H: Tensor) -> None:
        """G <- H G: no new term, no noise."""
        raise NotImplementedError

    def absorb(self, jac: StepJacobian) -> None:
        """G <- an unbiased estimate of H G + F."""
        raise NotImplementedError

    # -- what all share --------------------------------------------------------------------------------------------------

    def signs(self, count: int) -> Tensor:
        """Random signs (B, count) of this step; tests replace it to enumerate them."""
        return keyed_signs(self.key, self.steps, self.lanes, count, self.dtype)

    def reset(self, batch: int, mask: Tensor | None = None) -> None:
        """Forget: G = 0, in all lanes, or where ``mask`` (B,) is true.

        Raises
        ------
        InputError
            If the estimator was made for another number of lanes.
        """
        if mask is None:
            if self.fixed and len(self.lanes) != batch:
                raise InputError(f"batch={batch}: the estimator was made for {len(self.lanes)} lanes; give that number")
            if not self.fixed:
                self.lanes = torch.arange(batch, device=self.lanes.device)
            self._clear()
        elif self._begun:
            for name in self.zeroed:
                tensor = getattr(self, name)
                tensor.masked_fill_(mask.view([1] * self.lane_axis + [-1] + [1] * (tensor.dim() - self.lane_axis - 1)), 0)

    def step(self, jac: StepJacobian) -> None:
        """G <- H G + F in expectation; where ``jac.block`` isn't this estimator's, G <- H G exactly."""
        with torch.no_grad(), torch.autocast(jac.H.device.type, enabled=False):
            if self.lanes.device != jac.H.device:
                self._move(jac.H.device)
            if jac.block == self.block:
                if not self._begun:
                    self.dtype = jac.H.dtype
                    self.begin(jac)
                self.absorb(jac)
                self.steps += 1
            elif self._begun:
                self.push(jac.H)
                self.noise = None

    def step_noise(self) -> Tensor:
        """E|G' - (H G + F)|^2 of the last micro-step given G before it, (B,), in closed form; 0 where that was only H G."""
        return torch.zeros(len(self.lanes), device=self.lanes.device, dtype=self.dtype) if self.noise is None else self.noise

    def memory_floats(self) -> int:
        """Numbers held for each lane between steps; 0 before the first one."""
        return sum(getattr(self, name).numel() for name in self.fields) // len(self.lanes) if self._begun else 0

    def state_dict(self) -> dict[str, Any]:
        """A copy of the tensors, and how many draws of signs were made."""
        tensors = {name: getattr(self, name).clone() for name in self.fields} if self._begun else {}
        return {"steps": self.steps, "lanes": self.lanes.clone(), **tensors}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from there, bit for bit."""
        self.steps = state["steps"]
        self.lanes = state["lanes"].to(self.lanes.device)
        self._clear()
        if self.fields and self.fields[0] in state:
            for name in self.fields:
                setattr(self, name, state[name].to(self.lanes.device, copy=True))
            self.dtype = state[self.fields[0]].dtype

    @property
    def _begun(self) -> bool:
        return getattr(self, self.fields[0]) is not None

    def _clear(self) -> None:
        self.noise = None
        for name in self.fields:
            setattr(self, name, None)

    def _move(self, device: torch.device) -> None:
        self.lanes = self.lanes.to(device)
        for name in self.fields if self._begun else ():
            setattr(self, name, getattr(self, name).to(device))


def scales(left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
    """p = sqrt(right / left) and 1/p: p a and b/p are equally long for |a| = left, |b| = right; both 0 where a or b is 0.

    That is the zero rule: a (x) b = 0 then, and dropping both factors adds no noise where any other p would.

    >>> scales(torch.tensor([4.0, 0.0, 3.0]), torch.tensor([1.0, 2.0, 0.0]))
    (tensor([0.5000, 0.0000, 0.0000]), tensor([2., 0., 0.]))
    """
    both = (left > 0) & (right > 0)
    p = torch.where(both, right / left, 1.0).sqrt()
    return p * both, both / p


def norm(tensor: Tensor) -> Tensor:
    """Frobenius norm of each lane, (B,)."""
    return torch.linalg.vector_norm(tensor.flatten(1), dim=1)


def dot(a: Tensor, b: Tensor) -> Tensor:
    """Inner product of each lane, (B,)."""
    return (a * b).flatten(1).sum(dim=1)
