"""LSTM without peepholes, with state s = [c; h].

S. Hochreiter, J. Schmidhuber, *Long short-term memory*, Neural Computation 1997; F. A. Gers, J. Schmidhuber, F. Cummins,
*Learning to forget*, Neural Computation 2000 (the forget gate).

With blocks i, f, g, o of z:

    c_t = sigma(f) c_{t-1} + sigma(i) tanh(g),   h_t = sigma(o) tanh(c_t).

It is in the class of Kronecker cells because unit j of c and of h depends on unit j of the four blocks only. With
a = dh/dc = o (1 - tanh^2 c): dc/dz = (g i (1-i), c_{t-1} f (1-f), i (1-g^2), 0), dh/dz = a dc/dz + (0, 0, 0, tanh(c) o (1-o)),
dc/dc_{t-1} = f, dh/dc_{t-1} = a f.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from nets.rtrl.cells.base import Cell
from nets.rtrl.cells.window import Tape


class _Gates(Tape):
    """Keeps the gates in place of z and tanh(c), so that no function is evaluated twice."""

    def __init__(self, cell: LSTM, z: Tensor, before: Tensor, after: Tensor) -> None:
        super().__init__(cell, z, before, after)
        self._y = torch.empty_like(z[:, :, 0])
        two, four = z[:, :, :2].unbind(), (z[:, :, gate].unbind() for gate in range(4))
        c_before, c, h = before[:, :, 0].unbind(), after[:, :, 0].unbind(), after[:, :, 1].unbind()
        self._steps = list(zip(two, *four, c_before, c, h, self._y.unbind(), strict=True))

    def advance(self, t: int) -> None:
        two, i, f, g, o, c_before, c, h, y = self._steps[t]
        two.sigmoid_()
        g.tanh_()
        o.sigmoid_()
        torch.mul(i, g, out=c)
        c.addcmul_(f, c_before)
        torch.tanh(c, out=y)
        torch.mul(o, y, out=h)

    def prepare(self, grad_z: Tensor) -> None:
        i, f, g, o = self.z.unbind(2)
        y, d = self._y, torch.empty_like(self.z)
        for to, value, gate in ((0, i * g, i), (1, self.before[:, :, 0] * f, f), (3, o * y, o)):
            torch.addcmul(value, value, gate, value=-1, out=d[:, :, to])  # value (1 - gate)
        torch.addcmul(i, i * g, g, value=-1, out=d[:, :, 2])
        a = torch.addcmul(o, o * y, y, value=-1)
        self._back = list(
            zip(*(v.unbind() for v in (d[:, :, :3], d[:, :, 3], a, f, grad_z[:, :, :3], grad_z[:, :, 3])), strict=True)
        )

    def retreat(self, t: int, delta: Tensor) -> Tensor:
        of_c, of_h, a, f, grad_z, grad_o = self._back[t]
        through_h = delta[:, 1]
        through_c = torch.addcmul(delta[:, 0], a, through_h)
        torch.mul(of_c, through_c[:, None], out=grad_z)
        torch.mul(of_h, through_h, out=grad_o)
        before = torch.zeros_like(delta)
        torch.mul(f, through_c, out=before[:, 0])
        return before


class LSTM(Cell):
    """Long short-term memory; the blocks of W are in the order i, f, g, o.

    Parameters
    ----------
    n_in, n : int
        Inputs and units; the state has N = 2 n entries.
    **options
        ``std``, ``bias``, ``generator``, ``device``, ``dtype``: see :class:`nets.rtrl.cells.base.Cell`.

    Examples
    --------
    >>> cell = LSTM(3, 4, generator=torch.Generator().manual_seed(0))
    >>> (jac,) = cell.linearize(torch.ones(1, 3), cell.init_state(1))
    >>> jac.shape, cell.readout
    ((1, 8, 8, 16), slice(4, 8, None))
    """

    def __init__(self, n_in: int, n: int, **options: Any) -> None:
        super().__init__(n_in, n, gates=4, parts=2, **options)

    def f(self, z: Tensor, s: Tensor) -> Tensor:
        i, f, g, o = z[:, 0].sigmoid(), z[:, 1].sigmoid(), z[:, 2].tanh(), z[:, 3].sigmoid()
        c = torch.addcmul(i * g, f, s[:, 0])
        return torch.stack((c, o * torch.tanh(c)), dim=1)

    def tape(self, z: Tensor, before: Tensor, after: Tensor) -> Tape:
        return _Gates(self, z, before, after)

    def linear(self, z: Tensor, s: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        before = s[:, 0]
        i, f, g, o = z[:, 0].sigmoid(), z[:, 1].sigmoid(), z[:, 2].tanh(), z[:, 3].sigmoid()
        c = torch.addcmul(i * g, f, before)
        y = torch.tanh(c)
        a = o * (1 - y * y)
        d = z.new_empty(z.shape[0], 2, 4, self.n)
        cell, hidden = d[:, 0], d[:, 1]
        torch.mul(i * g, 1 - i, out=cell[:, 0])
        torch.mul(before * f, 1 - f, out=cell[:, 1])
        torch.mul(i, 1 - g * g, out=cell[:, 2])
        cell[:, 3].zero_()
        torch.mul(cell[:, :3], a[:, None], out=hidden[:, :3])
        torch.mul(y * o, 1 - o, out=hidden[:, 3])
        e = z.new_zeros(z.shape[0], 2, 2, self.n)
        e[:, 0, 0] = f
        torch.mul(a, f, out=e[:, 1, 0])
        return torch.stack((c, o * y), dim=1), d, e
