"""A window of time steps of a cell as one operation, for truncated backpropagation through time.

The usual graph of a recurrent step adds to dL/dW at each time step. Here the input's share of z is one matrix product, the
derivatives of the function that acts unit by unit are taken for the whole window at once, the loop over time does only what
depends on time (delta_{t-1} from delta_t), and

    dL/dW = [x, h, 1]^T dL/dz,   dL/dx = dL/dz W_x^T

are one matrix product each, over all time steps and lanes. Notation as in :mod:`nets.rtrl.protocol`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

if TYPE_CHECKING:
    from nets.rtrl.cells.base import Cell
    from nets.rtrl.protocol import KroneckerCell


def step_by_step(cell: KroneckerCell, x: Tensor, s: Tensor, fresh: Tensor | None = None) -> Tensor:
    """The states (B, T, N) of a window, by the usual graph; arguments as of :meth:`nets.rtrl.cells.base.Cell.unroll`."""
    states = []
    for t in range(x.shape[1]):
        if fresh is not None:
            s = s.masked_fill(fresh[:, t, None], 0)
        s = cell(x[:, t], s)
        states.append(s)
    return torch.stack(states, dim=1)


class Tape:
    """What a cell does with z and its states in a window, beside the matrix products. A cell may have a faster one of its own.

    Parameters
    ----------
    cell : Cell
    z : Tensor
        (T, B, k, n); at step t its entry t is complete, and may be overwritten.
    before, after : Tensor
        (T, B, N/n, n): the states before and after each step.
    """

    def __init__(self, cell: Cell, z: Tensor, before: Tensor, after: Tensor) -> None:
        self.cell, self.z, self.before = cell, z, before
        self._z, self._before, self._after = z.unbind(), before.unbind(), after.unbind()

    def advance(self, t: int) -> None:
        """Write the state after step t."""
        self._after[t].copy_(self.cell.f(self._z[t], self._before[t]))

    def prepare(self, grad_z: Tensor) -> None:
        """Take the derivatives for all steps; ``grad_z`` (T, B, k, n) is what :meth:`retreat` fills."""
        z, before = self.z, self.before
        _, d, e = self.cell.linear(z.flatten(0, 1), before.flatten(0, 1))
        self._d, self._e = d.unflatten(0, z.shape[:2]).unbind(), e.unflatten(0, z.shape[:2]).unbind()
        self._grad_z = grad_z.unbind()

    def retreat(self, t: int, delta: Tensor) -> Tensor:
        """Fill dL/dz_t and return dL/ds_{t-1} as far as it doesn't go through z; delta = dL/ds_t and both are (B, N/n, n)."""
        d, e = self._d[t], self._e[t]
        if d.shape[1] == 1:
            torch.mul(d[:, 0], delta, out=self._grad_z[t])
            return e[:, 0] * delta
        torch.sum(d * delta[:, :, None], dim=1, out=self._grad_z[t])
        return (e * delta[:, :, None]).sum(1)


class Window(torch.autograd.Function):
    """See :meth:`nets.rtrl.cells.base.Cell.unroll`, which calls it. Can be differentiated once."""

    @staticmethod
    def forward(ctx: Any, cell: Cell, x: Tensor, s: Tensor, W: Tensor, fresh: Tensor | None) -> Tensor:
        B, T, n_in = x.shape
        x = x.transpose(0, 1).reshape(T * B, n_in)
        hidden = W[n_in:-1]
        z = torch.addmm(W[-1], x, W[:n_in]).view(T, B, -1)
        states = s.new_empty(T + 1, B, cell.state_dim)
        states[0] = s
        keep = None if fresh is None else (~fresh).T.unsqueeze(2).to(s.dtype)
        before = states[:T] if keep is None else torch.empty_like(states[:T])
        tape = cell.tape(*(y.unflatten(2, (-1, cell.n)) for y in (z, before, states[1:])))
        z_t, h_t = z.unbind(), before[:, :, cell.readout].unbind()
        for t in range(T):
            if keep is not None:
                torch.mul(states[t], keep[t], out=before[t])
            z_t[t].addmm_(h_t[t], hidden)
            tape.advance(t)
        ctx.cell, ctx.keep, ctx.tape, ctx.before = cell, keep, tape, before
        ctx.save_for_backward(x, W)
        return states[1:].transpose(0, 1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        cell, keep, tape, before = ctx.cell, ctx.keep, ctx.tape, ctx.before
        x, W = ctx.saved_tensors
        T, B, N = before.shape
        n, n_in, p = cell.n, cell.n_in, W.shape[1]
        hidden = W[n_in:-1].T.contiguous()
        grad_z = before.new_empty(T, B, p)
        tape.prepare(grad_z.unflatten(2, (-1, n)))
        grad_t, grad_z_t = grad.unflatten(2, (-1, n)).unbind(1), grad_z.unbind()
        delta = grad_t[-1]
        for t in reversed(range(T)):
            delta = tape.retreat(t, delta)
            delta[:, -1].addmm_(grad_z_t[t], hidden)
            if keep is not None:
                delta *= keep[t, :, :, None]
            if t > 0:
                delta += grad_t[t - 1]
        flat = grad_z.view(T * B, p)
        grad_W = torch.empty_like(W)
        torch.mm(x.T, flat, out=grad_W[:n_in])
        torch.mm(before.view(T * B, N)[:, cell.readout].T, flat, out=grad_W[n_in:-1])
        torch.sum(flat, dim=0, out=grad_W[-1])
        grad_x = (flat @ W[:n_in].T).view(T, B, n_in).transpose(0, 1) if ctx.needs_input_grad[1] else None
        return None, grad_x, delta.flatten(1), grad_W, None
