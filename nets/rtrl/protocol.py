"""The two protocols of online gradients: a cell that linearises its step, and an estimator of the influence matrix.

Sources: R. J. Williams, D. Zipser, *A learning algorithm for continually running fully recurrent neural networks*, Neural
Computation 1989; A. Mujika, F. Meier, A. Steger, *Approximating real-time recurrent learning with random Kronecker factors*,
NeurIPS 2018; F. Benzing, M. M. Gauy, A. Mujika, A. Martinsson, A. Steger, *Optimal Kronecker-sum approximation of real time
recurrent learning*, ICML 2019.

Notation. The batch index comes first: B lanes are independent sequences, and all that an estimator holds it holds for each lane.

    s       (B, N)        recurrent state; N = n, or 2 n for LSTM, whose state is [c; h]
    h^      (B, m)        extended input [x; h_{t-1}; 1]: m = n_in + n + 1, the bias is the last row of W
    W       (m, p)        recurrent weights, p = k n: k blocks (gates) of n columns side by side
    z       (B, p)        pre-activations h^ W
    f(z, s)               the new state, unit by unit: unit j of it depends on z^1_j, ..., z^k_j and on unit j of s
    H       (B, N, N)     ds_t/ds_{t-1}, through z and directly
    D       (B, N, p)     ds_t/dz_t, made of diagonals: kept as d (B, N/n, k, n), where d[b, i, g, j] = ds_{i n + j}/dz^g_j
    F       (B, N, m, p)  h^ (x) D, the immediate part ds_t/dW at fixed s_{t-1}
    G       (B, N, m, p)  ds_t/dW, the influence matrix:  G_t = H_t G_{t-1} + F_t,  G_0 = 0
    delta   (B, N)        dL_t/ds_t

(u (x) A)[a, i, q] = u_i A[a, q] with u in R^m and A in R^(N x p): the axes of a Kronecker product.

A cell with several weight matrices (recurrence depth above 1, stacked layers) makes a step of several *micro-steps*, each with
its own matrix: its block's estimator receives F, all others are only propagated by H.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn


@dataclass(frozen=True)
class StepJacobian:
    """One (micro-)step of a cell, linearised. No gradient flows through it.

    Attributes
    ----------
    state : Tensor
        s_t, (B, N).
    features : Tensor
        h^_t, (B, m).
    d : Tensor
        The diagonals of D_t, (B, N/n, k, n).
    H : Tensor
        (B, N, N).
    block : int
        Which of the cell's weight matrices the step uses.
    """

    state: Float[Tensor, "B N"]
    features: Float[Tensor, "B m"]
    d: Float[Tensor, "B N/n k n"]
    H: Float[Tensor, "B N N"]
    block: int = 0

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """B, N, m, p."""
        parts, k, n = self.d.shape[1:]
        return self.d.shape[0], parts * n, self.features.shape[1], k * n

    def dense_D(self) -> Float[Tensor, "B N p"]:
        """D as a matrix, (B, N, p): for tests and small cases."""
        B, parts, k, n = self.d.shape
        return torch.diag_embed(self.d).permute(0, 1, 3, 2, 4).reshape(B, parts * n, k * n)

    def add_D(self, A: Float[Tensor, "B N p"], scale: Float[Tensor, " B"]) -> None:
        """Add scale D to A in place: only the diagonals of the blocks are touched.

        Parameters
        ----------
        A : Tensor
            (B, N, p), contiguous.
        scale : Tensor
            (B,).
        """
        B, parts, k, n = self.d.shape
        diagonals = A.view(B, parts, n, k, n).diagonal(dim1=2, dim2=4)  # (B, parts, k, n)
        diagonals.add_(self.d * scale[:, None, None, None])

    def dot_D(self, A: Float[Tensor, "B N p"]) -> Float[Tensor, " B"]:
        """<A, D> for a contiguous A (B, N, p): (B,)."""
        B, parts, k, n = self.d.shape
        return (A.view(B, parts, n, k, n).diagonal(dim1=2, dim2=4) * self.d).flatten(1).sum(dim=1)

    def D_times(self, v: Float[Tensor, "B p"]) -> Float[Tensor, "B N"]:
        """D v for v (B, p): (B, N)."""
        _, _, k, n = self.d.shape
        return (self.d * v.view(-1, 1, k, n)).sum(dim=2).flatten(1)

    def times_D(self, v: Float[Tensor, "B N"]) -> Float[Tensor, "B p"]:
        """v^T D for v (B, N): (B, p)."""
        _, parts, _, n = self.d.shape
        return (self.d * v.view(-1, parts, 1, n)).sum(dim=1).flatten(1)

    def norm_D(self) -> Float[Tensor, " B"]:
        """Frobenius norm of D, (B,)."""
        return self.d.flatten(1).norm(dim=1)


@runtime_checkable
class KroneckerCell(Protocol):
    """A cell whose immediate Jacobian is h^ (x) D (Mujika, Meier, Steger 2018, the structure lemma).

    Attributes
    ----------
    n, n_in : int
        Units and inputs.
    state_dim : int
        N.
    weights : nn.ParameterList
        The matrices W, each (m, p); most cells have one.
    readout : slice
        The part of the state that a readout sees (LSTM: the half h).
    """

    n: int
    n_in: int
    state_dim: int
    weights: nn.ParameterList
    readout: slice

    def init_state(self, batch: int) -> Float[Tensor, "B N"]:
        """Zeros, (B, N), on the device and in the type of the weights."""

    def forward(self, x: Float[Tensor, "B n_in"], s: Float[Tensor, "B N"]) -> Float[Tensor, "B N"]:
        """The new state (B, N) from inputs (B, n_in) and the state; gradients flow."""

    def __call__(self, x: Float[Tensor, "B n_in"], s: Float[Tensor, "B N"]) -> Float[Tensor, "B N"]:
        """:meth:`forward`."""

    def linearize(self, x: Float[Tensor, "B n_in"], s: Float[Tensor, "B N"]) -> tuple[StepJacobian, ...]:
        """The same step linearised, without gradients: one entry a micro-step; the last one holds the new state."""


class OnlineGradient(Protocol):
    """An estimator of G for one weight matrix, lane by lane.

    It is made with ``seed``, ``lanes`` (the global numbers of its lanes, so that signs don't depend on how lanes are shared
    between processes) and ``block`` (its weight matrix). All random signs come from ``self.signs(count)``, a (B, count) tensor
    of +-1 keyed by (seed, micro-step, lane): a test replaces it to enumerate them. Weights must not change during a sequence
    for unbiasedness to hold: with online updates even exact RTRL is stale.
    """

    block: int

    def reset(self, batch: int, mask: Bool[Tensor, " B"] | None = None) -> None:
        """Forget: G = 0, for all lanes, or for those where ``mask`` (B,) is true, the others untouched."""

    def step(self, jac: StepJacobian) -> None:
        """G <- H G + F; where ``jac.block`` isn't this estimator's, only G <- H G."""

    def grad(self, delta: Float[Tensor, "B N"]) -> Float[Tensor, "B m p"]:
        """The estimate of delta^T G for each lane, (B, m, p)."""

    def grad_sum(self, delta: Float[Tensor, "B N"]) -> Float[Tensor, "m p"]:
        """The sum of :meth:`grad` over lanes, (m, p), without making it for each lane."""

    def dense(self) -> Float[Tensor, "B N m p"]:
        """The estimate of G itself, (B, N, m, p): for tests."""

    def step_noise(self) -> Float[Tensor, " B"]:
        """E|estimate - (H G~ + F)|^2 of the last step given the one before, (B,), in closed form; exact and biased ones: 0."""

    def memory_floats(self) -> int:
        """Numbers held for each lane between steps."""

    def state_dict(self) -> dict: ...

    def load_state_dict(self, state: dict) -> None: ...
