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


class Window(torch.autograd.Function):
    """See :meth:`nets.rtrl.cells.base.Cell.unroll`, which calls it. Can be differentiated once."""

    @staticmethod
    def forward(ctx: Any, cell: Cell, x: Tensor, s: Tensor, W: Tensor, fresh: Tensor | None) -> Tensor:
        B, T, n_in = x.shape
        n, N = cell.n, cell.state_dim
        x = x.transpose(0, 1).reshape(T * B, n_in)
        hidden, bias = W[n_in:-1], W[-1]
        z = torch.addmm(bias, x, W[:n_in]).view(T, B, -1)
        states = s.new_empty(T + 1, B, N)
        states[0] = s
        keep = None if fresh is None else (~fresh).T.unsqueeze(2).to(s.dtype)
        before = states if keep is None else s.new_empty(T, B, N)
        for t in range(T):
            if keep is not None:
                torch.mul(states[t], keep[t], out=before[t])
            z[t].addmm_(before[t, :, cell.readout], hidden)
            states[t + 1] = cell.f(z[t].view(B, cell.gates, n), before[t].view(B, cell.parts, n)).view(B, N)
        ctx.cell, ctx.keep = cell, keep
        ctx.save_for_backward(x, W, z, before[:T])
        return states[1:].transpose(0, 1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        cell, keep = ctx.cell, ctx.keep
        x, W, z, before = ctx.saved_tensors
        T, B, p = z.shape
        n, n_in, parts, k = cell.n, cell.n_in, cell.parts, cell.gates
        hidden = W[n_in:-1].T
        _, d, e = cell.linear(z.view(T * B, k, n), before.view(T * B, parts, n))
        d, e = d.view(T, B, parts, k, n), e.reshape(T, B, parts, parts, n)
        grad = grad.transpose(0, 1)
        grad_z = torch.empty_like(z)
        delta = torch.zeros_like(before[0])
        for t in reversed(range(T)):
            delta = (delta + grad[t]).view(B, parts, n)
            if parts == 1:
                torch.mul(d[t, :, 0], delta, out=grad_z[t].view(B, k, n))
                delta = (e[t, :, 0, 0] * delta[:, 0]).addmm_(grad_z[t], hidden)
            else:
                torch.sum(d[t] * delta[:, :, None], dim=1, out=grad_z[t].view(B, k, n))
                delta = (e[t] * delta[:, :, None]).sum(1).view(B, parts * n)
                delta[:, cell.readout].addmm_(grad_z[t], hidden)
            if keep is not None:
                delta *= keep[t]
        flat = grad_z.view(T * B, p)
        grad_W = torch.empty_like(W)
        torch.mm(x.T, flat, out=grad_W[:n_in])
        torch.mm(before.view(T * B, -1)[:, cell.readout].T, flat, out=grad_W[n_in:-1])
        torch.sum(flat, dim=0, out=grad_W[-1])
        grad_x = (flat @ W[:n_in].T).view(T, B, n_in).transpose(0, 1) if ctx.needs_input_grad[1] else None
        return None, grad_x, delta, grad_W, None
