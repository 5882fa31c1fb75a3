"""A cell from a user's own function f(z, s): the derivatives come from forward-mode differentiation.

If f acts unit by unit, its Jacobians are made of diagonals, and the product of such a Jacobian with a vector of ones is the
diagonal: one Jacobian-vector product for each block of z and each part of s gives d and e.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from nets.rtrl.cells.base import Cell
from theory.errors import InputError


class PointwiseCell(Cell):
    """The cell with new state f(h^ W, s).

    Parameters
    ----------
    f : callable
        ``f(z, s) -> new``, with z (B, gates, n), s and the new state (B, parts, n); unit by unit, lane by lane, differentiable by
        ``torch.func``, without parameters of its own.
    n_in, n : int
        Inputs and units.
    gates, parts : int
        Blocks of z, and parts of the state, the last of which is multiplied by W.
    **options
        ``std``, ``bias``, ``depth``, ``generator``, ``device``, ``dtype``: see :class:`nets.rtrl.cells.base.Cell`.

    Raises
    ------
    InputError
        If f gives another shape, a unit of the new state depends on another unit, or f on parameters of its own: no estimator
        would give their gradient.

    Examples
    --------
    A minimal gated unit:

    >>> def f(z, s):
    ...     g = torch.sigmoid(z[:, :1])
    ...     return g * s + (1 - g) * torch.tanh(z[:, 1:])
    >>> cell = PointwiseCell(f, 3, 4, gates=2, generator=torch.Generator().manual_seed(0))
    >>> cell.linearize(torch.ones(1, 3), cell.init_state(1))[0].shape
    (1, 4, 8, 8)
    >>> PointwiseCell(lambda z, s: torch.softmax(z, dim=-1), 3, 4, gates=1)
    Traceback (most recent call last):
        ...
    theory.errors.InputError: f: unit 1 of the new state depends on unit 0 of z; it must act unit by unit, lane by lane
    """

    def __init__(
        self, f: Callable[[Tensor, Tensor], Tensor], n_in: int, n: int, gates: int, parts: int = 1, **options: Any
    ) -> None:
        super().__init__(n_in, n, gates=gates, parts=parts, **options)
        self._f = f
        self._check()

    def f(self, z: Tensor, s: Tensor) -> Tensor:
        return self._f(z, s)

    def linear(self, z: Tensor, s: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        columns: list[Tensor] = []
        new = s
        for of, count in ((0, self.gates), (1, self.parts)):
            for block in range(count):
                tangents = [torch.zeros_like(z), torch.zeros_like(s)]
                tangents[of][:, block] = 1
                result = torch.func.jvp(self._f, (z, s), tuple(tangents))
                new = result[0]
                columns.append(result[1])
        both = torch.stack(columns, dim=2)  # (B, parts, gates + parts, n)
        return new, both[:, :, : self.gates], both[:, :, self.gates :]

    def _check(self) -> None:
        """Move one unit of z or s in one lane: nothing but that unit of that lane may follow."""
        W = self.weights[0]
        draws = torch.Generator().manual_seed(0)
        shapes = {"z": (2, self.gates, self.n), "s": (2, self.parts, self.n)}
        at = {name: torch.randn(shape, generator=draws, device="cpu").to(W) for name, shape in shapes.items()}
        with torch.enable_grad():
            new = self._f(at["z"], at["s"])
        if not isinstance(new, Tensor) or new.shape != at["s"].shape:
            given = f"of shape {tuple(new.shape)}" if isinstance(new, Tensor) else f"that is a {type(new).__name__}"
            raise InputError(f"f: a new state {given}; it must be a tensor of the shape of s, {tuple(at['s'].shape)}")
        if new.requires_grad:  # z and s don't
            raise InputError(
                "f: it has parameters of its own, which no estimator gives a gradient; put them in W, or freeze them"
            )
        for name, value in at.items():
            for unit in {0, self.n // 2, self.n - 1}:
                moved = {**at, name: value.clone()}
                moved[name][1, :, unit] += 1
                changed = self._f(moved["z"], moved["s"]) != new
                changed[1, :, unit] = False
                if changed.any():
                    other = int(changed.nonzero()[0, 2])
                    raise InputError(
                        f"f: unit {other} of the new state depends on unit {unit} of {name}; "
                        "it must act unit by unit, lane by lane"
                    )
