"""What the randomised estimators share: lanes and their keyed signs, when state is made, forgetting, storing.

An estimator of G (notation: :mod:`nets.rtrl.protocol`) is a subclass with

    fields       the names of its tensors, attributes that are None while G = 0 in all lanes
    zeroed       those of them that are set to 0 in a lane that forgets; enough to make G = 0 there
    lane_axis    where the lanes are in them
    kept         further attributes, tensors or None, that are stored with them and aren't forgotten
    begin(jac)   makes them, all 0, from the sizes of the first step
    push(H)      G <- H G
    absorb(jac)  G <- an unbiased estimate of H G + F; sets ``noise``, the closed form of its second moment, and ``closed``
                 to False where there is none

and the readings ``grad``, ``grad_sum`` and ``dense``. Steps run without gradients and without autocast, in the type of the
linearised step. Whatever is unbiased, is so for weights that don't change during the sequence.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from nets.core.keyed import SignStream, key_of, keyed_uniforms
from nets.core.precision import full_precision
from nets.rtrl.protocol import StepJacobian
from theory.errors import InputError


def reading(method: Callable[[Any, Tensor], Tensor]) -> Callable[[Any, Tensor], Tensor]:
    """A method of an estimator that reads G with delta: without gradients or autocast, in the type of the state.

    It is refused before the first step, as the sizes of G = 0 aren't known.
    """

    @functools.wraps(method)
    def read(self: Any, delta: Tensor) -> Tensor:
        if not self._begun:
            raise InputError(f"delta: {type(self).__name__} was given no step since reset; call step first")
        with torch.no_grad(), full_precision(delta.device):
            return method(self, delta.to(self.dtype))

    return read


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
    kept: tuple[str, ...] = ()
    noise: Tensor | None
    closed: bool

    def __init__(self, seed: int = 0, lanes: Sequence[int] | None = None, block: int = 0) -> None:
        self.block = block
        self.key = key_of(seed, "rtrl signs", block)
        self._stream = SignStream(self.key)
        self.steps = 0  # micro-steps that drew signs: which draw is the next; goes on when lanes forget
        self._spare: Tensor | None = None
        self.fixed = lanes is not None
        self.lanes = torch.tensor([] if lanes is None else list(lanes), dtype=torch.int64, device="cpu")
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
        return self._stream.at(self.steps, self.lanes, count, self.dtype)

    def uniforms(self) -> Tensor:
        """A random number in (0, 1) of this step, (B,), float64, for the estimators that sample; tests replace it."""
        return keyed_uniforms(key_of(self.key, "offsets"), self.steps, self.lanes, 1)[:, 0]

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
            if self.lanes.device != mask.device:  # what was loaded is on the CPU
                self._move(mask.device)
            for name in self.zeroed:
                tensor = getattr(self, name)
                tensor.masked_fill_(mask.view([1] * self.lane_axis + [-1] + [1] * (tensor.dim() - self.lane_axis - 1)), 0)

    def step(self, jac: StepJacobian) -> None:
        """G <- H G + F in expectation; where ``jac.block`` isn't this estimator's, G <- H G exactly."""
        with torch.no_grad(), full_precision(jac.H.device):
            if self.lanes.device != jac.H.device:
                self._move(jac.H.device)
            if jac.block == self.block:
                if not self._begun:
                    self.begin(jac)
                self.absorb(jac)
                self.steps += 1
            elif self._begun:
                self.push(jac.H)
                self.noise, self.closed = None, True

    def step_noise(self) -> Tensor:
        """E|G' - (H G + F)|^2 of the last micro-step given G before it, (B,), in closed form; 0 where that was only H G.

        Raises
        ------
        NotImplementedError
            Where no closed form is known.
        """
        if not self.closed:
            raise NotImplementedError(f"{type(self).__name__}: the noise of a step of this cell has no closed form")
        return torch.zeros(len(self.lanes), device=self.lanes.device, dtype=self.dtype) if self.noise is None else self.noise

    def memory_floats(self) -> int:
        """Numbers held for each lane between steps; 0 before the first one."""
        return sum(getattr(self, name).numel() for name in self.fields) // len(self.lanes) if self._begun else 0

    def state_dict(self) -> dict[str, Any]:
        """A copy of the tensors, and how many draws of signs were made."""
        tensors = {name: getattr(self, name).clone() for name in self.fields} if self._begun else {}
        kept = {name: getattr(self, name) for name in self.kept}
        return {"steps": self.steps, "lanes": self.lanes.clone(), **tensors, **kept}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from there, bit for bit."""
        self.steps = state["steps"]
        self.lanes = state["lanes"].to(self.lanes.device)
        self._clear()
        if self.fields and self.fields[0] in state:
            for name in self.fields:
                setattr(self, name, state[name].to(self.lanes.device, copy=True))
        for name in self.kept:
            setattr(self, name, None if state[name] is None else state[name].to(self.lanes.device))

    @property
    def dtype(self) -> torch.dtype:
        """Of the state."""
        return getattr(self, self.fields[0]).dtype if self._begun else torch.float32

    @property
    def _begun(self) -> bool:
        return getattr(self, self.fields[0]) is not None

    def _clear(self) -> None:
        self.noise, self.closed = None, True
        for name in self.fields:
            setattr(self, name, None)

    def _move(self, device: torch.device) -> None:
        self.lanes = self.lanes.to(device)
        for name in (*(self.fields if self._begun else ()), *self.kept):
            tensor = getattr(self, name)
            setattr(self, name, None if tensor is None else tensor.to(device))

    def _memory(self, tensor: Tensor) -> Tensor:
        """Memory for a tensor's next value; the old one is to become ``_spare``: new memory costs more than writing to it."""
        spare = self._spare
        if spare is None or (spare.shape, spare.dtype, spare.device) != (tensor.shape, tensor.dtype, tensor.device):
            spare = torch.empty_like(tensor)
        return spare


class Deterministic(Estimator):
    """Base of the estimators that draw nothing: their weight matrix comes first.

    Parameters
    ----------
    block : int
        Number of the weight matrix.
    seed, lanes : optional
        As of the others, so that all are made alike.
    """

    def __init__(self, block: int = 0, *, seed: int = 0, lanes: Sequence[int] | None = None) -> None:
        super().__init__(seed, lanes, block)


def scales(left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
    """p = sqrt(right / left) and 1/p: p a and b/p are equally long for |a| = left, |b| = right; both 0 where a or b is 0.

    That is the zero rule: a (x) b = 0 then, and dropping both factors adds no noise where any other p would.

    >>> scales(torch.tensor([4.0, 0.0, 3.0]), torch.tensor([1.0, 2.0, 0.0]))
    (tensor([0.5000, 0.0000, 0.0000]), tensor([2., 0., 0.]))
    """
    both = (left > 0) & (right > 0)
    # the roots are divided, not the norms: a quotient of float32 norms can overflow
    left, right = torch.where(both, left, 1.0).sqrt(), torch.where(both, right, 1.0).sqrt()
    return right / left * both, left / right * both


def norm(tensor: Tensor) -> Tensor:
    """Frobenius norm of each lane, (B,)."""
    return torch.linalg.vector_norm(tensor.flatten(1), dim=1)


def dot(a: Tensor, b: Tensor) -> Tensor:
    """Inner product of each lane, (B,)."""
    return (a * b).flatten(1).sum(dim=1)


def times(matrix: Tensor, vector: Tensor) -> Tensor:
    """Matrix times vector in each lane: (B, i, j), (B, j) -> (B, i). With the vector as a row bmm takes a tenth of the time."""
    return torch.bmm(vector[:, None], matrix.mT)[:, 0]


def injected(
    vector: Tensor, matrix: Tensor, lengths: tuple[Tensor, Tensor], new: Tensor, left: Tensor, right: Tensor
) -> tuple[Tensor, Tensor]:
    """The factors of vector (x) matrix with new (x) left right^T added to it: a sum of two products as one, in expectation.

    p_0 vector + p_1 new and matrix / p_0 + left right^T / p_1, where each p makes equally long what it scales.

    Parameters
    ----------
    vector, new : Tensor
        (B, a).
    matrix : Tensor
        (B, b, c); it is overwritten.
    lengths : (Tensor, Tensor)
        Theirs, (B,).
    left, right : Tensor
        (B, b) and (B, c).
    """
    p0, inverse0 = scales(*lengths)
    p1, inverse1 = scales(norm(new), norm(left) * norm(right))
    matrix *= inverse0[:, None, None]
    matrix.addcmul_((inverse1[:, None] * left)[:, :, None], right[:, None])
    return p0[:, None] * vector + p1[:, None] * new, matrix


def injection_noise(count: int, old: Tensor, cross: Tensor, jac: StepJacobian) -> Tensor:
    """The noise of a step with ``count`` signs that stand for a factor of D: see :mod:`nets.rtrl.estimators.uoro`.

    ``old`` is the norm of H G~ and ``cross`` the inner product of H G~ and h^ (x) D across the two factors.
    """
    F = norm(jac.features) * jac.norm_D()
    return 2 * (count**0.5 * old * F + cross) + (count - 1) * F**2
