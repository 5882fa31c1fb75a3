"""What all cells share: z = h^ W, a function of z and s that acts unit by unit, and the Jacobian factors that follow from it.

Source: A. Mujika, F. Meier, A. Steger, *Approximating real-time recurrent learning with random Kronecker factors*, NeurIPS
2018: if unit j of the new state depends on W only through the pre-activations z^1_j, ..., z^k_j, then ds_t/dW at fixed s_{t-1}
is h^ (x) D. Notation as in :mod:`nets.rtrl.protocol`.

A cell gives the function and its derivatives unit by unit:

    f(z, s)         z (B, k, n), s (B, N/n, n)  ->  new state (B, N/n, n)
    linear(z, s)    the same, with d[b, i, g, j] = df_i/dz^g  and  e[b, i, l, j] = df_i/ds_l  of unit j

and the rest is here: H = diag(e) + D W_h^T, the step, and whole windows. A cell of depth L makes L micro-steps, each with its own
matrix; only the first sees the input: h^ = [x; h; 1], then h^ = [h; 1].
"""

from __future__ import annotations

from numbers import Integral

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from nets.core.precision import autocasts, full_precision
from nets.rtrl.cells.window import Tape, Window, step_by_step
from nets.rtrl.protocol import StepJacobian
from theory.errors import InputError


class Cell(nn.Module):
    """A cell from a function that acts unit by unit.

    Parameters
    ----------
    n_in, n : int
        Inputs and units.
    gates : int
        k, the number of blocks of each weight matrix.
    parts : int
        N/n; the last part is h, which is multiplied by W and which the readout sees.
    depth : int
        Micro-steps a time step, each with its own matrix.
    std : float
        All weights are drawn from N(0, std^2), the bias rows too.
    bias : float, optional
        The bias rows are this constant instead.
    generator : torch.Generator, optional
        On the CPU; default: torch's global one.
    device, dtype : optional
        Of the weights.

    Raises
    ------
    InputError
        If a size is below 1 or the deviation below 0.
    """

    n: int
    n_in: int
    state_dim: int
    weights: nn.ParameterList
    readout: slice

    def __init__(
        self,
        n_in: int,
        n: int,
        gates: int,
        parts: int = 1,
        depth: int = 1,
        std: float = 0.1,
        bias: float | None = None,
        generator: torch.Generator | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        for name, value in (("n_in", n_in), ("n", n), ("gates", gates), ("parts", parts), ("depth", depth)):
            if not isinstance(value, Integral) or value < 1:
                raise InputError(f"{name}={value!r}: give a whole number, at least 1")
        if not std >= 0:
            raise InputError(f"std={std}: a standard deviation is at least 0")
        self.n_in, self.n, self.gates, self.parts, self.depth = n_in, n, gates, parts, depth
        self.state_dim = parts * n
        self.readout = slice((parts - 1) * n, parts * n)
        self.weights = nn.ParameterList()
        for block in range(depth):
            m = n + 1 + (n_in if block == 0 else 0)
            W = std * torch.randn(m, gates * n, generator=generator, device="cpu", dtype=dtype)
            if bias is not None:
                W[-1] = bias
            self.weights.append(nn.Parameter(W.to(device)))

    def f(self, z: Float[Tensor, "B k n"], s: Float[Tensor, "B N/n n"]) -> Float[Tensor, "B N/n n"]:
        """The new state (B, N/n, n) from z (B, k, n) and the state (B, N/n, n), unit by unit."""
        raise NotImplementedError

    def linear(
        self, z: Float[Tensor, "B k n"], s: Float[Tensor, "B N/n n"]
    ) -> tuple[Float[Tensor, "B N/n n"], Float[Tensor, "B N/n k n"], Float[Tensor, "B N/n N/n n"]]:
        """The new state with its derivatives d (B, N/n, k, n) and e (B, N/n, N/n, n): see the head of this file."""
        raise NotImplementedError

    def tape(self, z: Tensor, before: Tensor, after: Tensor) -> Tape:
        """What :meth:`unroll` does beside the matrix products: see :class:`nets.rtrl.cells.window.Tape`."""
        return Tape(self, z, before, after)

    def mask(self, block: int) -> Float[Tensor, "m p"] | None:
        """Which entries of a weight matrix exist, (m, p); None: all. The others are taken as 0 and have no gradient."""
        return None

    def matrix(self, block: int) -> Float[Tensor, "m p"]:
        """The weight matrix of a micro-step, (m, p)."""
        mask = self.mask(block)
        return self.weights[block] if mask is None else self.weights[block] * mask

    def init_state(self, batch: int) -> Float[Tensor, "B N"]:
        """Zeros, (B, N)."""
        return self.weights[0].new_zeros(batch, self.state_dim)

    def forward(self, x: Float[Tensor, "B n_in"], s: Float[Tensor, "B N"]) -> Float[Tensor, "B N"]:
        """The new state (B, N) from inputs (B, n_in) and the state (B, N); gradients flow."""
        for block in range(self.depth):
            z = (self._features(x, s, block) @ self.matrix(block)).to(s.dtype)  # under autocast only the product is coarse
            s = self.f(z.unflatten(1, (self.gates, self.n)), s.unflatten(1, (self.parts, self.n))).flatten(1)
        return s

    def unroll(
        self, x: Float[Tensor, "B T n_in"], s: Float[Tensor, "B N"], fresh: Bool[Tensor, "B T"] | None = None
    ) -> Float[Tensor, "B T N"]:
        """A window of time steps, with gradients: the same as :meth:`forward` step by step, but faster.

        Under autocast and for a depth above 1 it is the steps one by one.

        Parameters
        ----------
        x : Tensor
            (B, T, n_in).
        s : Tensor
            (B, N), the state before the window.
        fresh : Tensor, optional
            (B, T), bool: the lane forgets its state before that step.

        Returns
        -------
        Tensor
            The states after each step, (B, T, N).
        """
        if self.depth == 1 and not autocasts(s.device):
            return Window.apply(self, x, s, self.matrix(0), fresh)
        return step_by_step(self, x, s, fresh)

    @torch.no_grad()
    def linearize(self, x: Float[Tensor, "B n_in"], s: Float[Tensor, "B N"]) -> tuple[StepJacobian, ...]:
        """The step linearised, one entry a micro-step; in the precision of the weights also under autocast."""
        jacs = []
        with full_precision(s.device):
            for block in range(self.depth):
                features, W = self._features(x, s, block), self.matrix(block)
                z = features @ W
                new, d, e = self.linear(z.unflatten(1, (self.gates, self.n)), s.unflatten(1, (self.parts, self.n)))
                s = new.flatten(1)
                jacs.append(StepJacobian(s, features, d, self._state_jacobian(d, e, W), block))
        return tuple(jacs)

    def input_jacobian(self, jac: StepJacobian) -> Float[Tensor, "B N n_in"]:
        """ds/dx of a linearised micro-step that sees the input, (B, N, n_in)."""
        transposed = jac.d.new_empty(jac.d.shape[0], self.n_in, self.parts, self.n)
        self._through(jac.d, self.matrix(jac.block)[: self.n_in], transposed)
        return transposed.flatten(2).transpose(1, 2)

    def _features(self, x: Tensor, s: Tensor, block: int) -> Tensor:
        one = s.new_ones(s.shape[0], 1)
        return torch.cat((x, s[:, self.readout], one) if block == 0 else (s[:, self.readout], one), dim=1)

    def _state_jacobian(self, d: Tensor, e: Tensor, W: Tensor) -> Tensor:
        # H^T is what is built: its rows are sums of rows of W_h times d, so that nothing is transposed.
        B, parts, n = d.shape[0], self.parts, self.n
        transposed = d.new_empty(B, parts, n, parts, n)
        transposed[:, :-1].zero_()
        self._through(d, W[-n - 1 : -1], transposed[:, -1])
        transposed.diagonal(dim1=2, dim2=4).add_(e.transpose(1, 2))
        return transposed.view(B, parts * n, parts * n).transpose(1, 2)

    def _through(self, d: Tensor, rows: Tensor, out: Tensor) -> None:
        """out[b, r, i, j] = sum over g of d[b, i, g, j] rows[r, (g, j)]: the transpose of D rows^T."""
        blocks = rows.unflatten(1, (self.gates, self.n))
        for i in range(self.parts):
            torch.mul(blocks[:, 0], d[:, i, 0, None], out=out[:, :, i])
            for g in range(1, self.gates):
                out[:, :, i].addcmul_(blocks[:, g], d[:, i, g, None])
