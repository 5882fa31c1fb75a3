"""Layers of cells, one above the other, as micro-steps of one cell.

The state is that of all layers side by side, the input of a layer is the new h of the one below. Each layer has its own weight
matrices; its micro-steps change its part of the state only, and their H, with identities at the other layers, hands the influence
of the layers below on through W_x. This is the reading under which estimators of Kronecker form apply to several weight
matrices (Mujika, Meier, Steger 2018: one for each matrix).
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from nets.rtrl.cells.base import Cell
from nets.rtrl.protocol import StepJacobian
from theory.errors import InputError


class Stacked(nn.Module):
    """Cells of equal n, each fed by the one before.

    Parameters
    ----------
    *layers : Cell
        From the bottom; all with n units, and from the second on with n inputs.

    Raises
    ------
    InputError
        If the sizes don't fit.

    Examples
    --------
    >>> from nets.rtrl.cells.lstm import LSTM
    >>> from nets.rtrl.cells.rnn import RNN
    >>> cell = Stacked(RNN(3, 4), LSTM(4, 4))
    >>> [jac.shape for jac in cell.linearize(torch.ones(1, 3), cell.init_state(1))], cell.readout
    ([(1, 12, 8, 4), (1, 12, 9, 16)], slice(8, 12, None))
    """

    def __init__(self, *layers: Cell) -> None:
        super().__init__()
        if not layers:
            raise InputError("layers: none; give at least one cell")
        for number, layer in enumerate(layers):
            if not isinstance(layer, Cell):
                raise InputError(
                    f"layers: number {number} is a {type(layer).__name__}; give cells one after another, as Stacked(a, b)"
                )
        if len({id(layer) for layer in layers}) < len(layers):
            raise InputError("layers: one cell twice; its matrix would have two gradients, give each layer a cell of its own")
        n = layers[0].n
        for number, layer in enumerate(layers):
            if layer.n != n or (number > 0 and layer.n_in != n):
                raise InputError(
                    f"layers: number {number} has {layer.n_in} inputs and {layer.n} units; all need {n} units, "
                    f"and from the second on {n} inputs"
                )
        self.n_in, self.n = layers[0].n_in, n
        self.state_dim = sum(layer.state_dim for layer in layers)
        self.readout = slice(self.state_dim - n, self.state_dim)
        self.layers = nn.ModuleList(layers)
        self.weights = nn.ParameterList([W for layer in layers for W in layer.weights])
        self._sizes = [layer.state_dim for layer in layers]

    @property
    def cells(self) -> list[Cell]:
        """The layers, from the bottom."""
        return cast(list[Cell], list(self.layers))

    def mask(self, block: int) -> Tensor | None:
        """Which entries of a weight matrix exist: see :meth:`nets.rtrl.cells.base.Cell.mask`."""
        for layer in self.cells:
            if block < layer.depth:
                return layer.mask(block)
            block -= layer.depth
        raise IndexError(block)

    def init_state(self, batch: int) -> Tensor:
        """Zeros, (B, N)."""
        return self.weights[0].new_zeros(batch, self.state_dim)

    def forward(self, x: Tensor, s: Tensor) -> Tensor:
        """The new state (B, N) from inputs (B, n_in) and the state (B, N); gradients flow."""
        states = []
        for layer, before in zip(self.cells, s.split(self._sizes, dim=1), strict=True):
            states.append(layer(x, before))
            x = states[-1][:, layer.readout]
        return torch.cat(states, dim=1)

    def unroll(self, x: Tensor, s: Tensor, fresh: Tensor | None = None) -> Tensor:
        """A window of time steps, layer by layer: see :meth:`nets.rtrl.cells.base.Cell.unroll`."""
        states = []
        for layer, before in zip(self.cells, s.split(self._sizes, dim=1), strict=True):
            states.append(layer.unroll(x, before, fresh))
            x = states[-1][:, :, layer.readout]
        return torch.cat(states, dim=2)

    @torch.no_grad()
    def linearize(self, x: Tensor, s: Tensor) -> tuple[StepJacobian, ...]:
        """The step linearised, one entry a micro-step."""
        jacs: list[StepJacobian] = []
        identity = torch.eye(self.state_dim, device=s.device, dtype=s.dtype)
        s = s.clone()
        start, below = 0, slice(0)
        for layer, size in zip(self.cells, self._sizes, strict=True):
            own = slice(start, start + size)
            for jac in layer.linearize(x, s[:, own]):
                H = identity.expand(len(s), -1, -1).clone()
                H[:, own, own] = jac.H
                if start > 0 and jac.block == 0:
                    H[:, own, below] = layer.input_jacobian(jac)
                d = jac.d.new_zeros(len(s), self.state_dim // self.n, *jac.d.shape[2:])
                d[:, start // self.n : (start + size) // self.n] = jac.d
                s = s.clone()
                s[:, own] = jac.state
                jacs.append(StepJacobian(s, jac.features, d, H, len(jacs)))
            start += size
            below = slice(start - self.n, start)
            x = s[:, below]
        return tuple(jacs)
