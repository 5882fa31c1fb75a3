"""KF-RTRL: the influence matrix as one random Kronecker product, and the mean of r independent copies of it.

A. Mujika, F. Meier, A. Steger, *Approximating real-time recurrent learning with random Kronecker factors*, NeurIPS 2018. With
independent signs c_1, c_2 and G~ = u (x) A (notation: :mod:`nets.rtrl.protocol`),

    u <- c_1 p_1 u + c_2 p_2 h^          p_1 = sqrt(|H A| / |u|)
    A <- c_1 H A / p_1 + c_2 D / p_2     p_2 = sqrt(|D| / |h^|)

is an unbiased estimate of H G~ + h^ (x) D: cross terms have the sign c_1 c_2. Where u (x) H A or h^ (x) D is 0 its factors are
dropped, and the step is exact. These p make the noise of a step least,

    E|E|^2 = 2 (|u| |H A| |h^| |D| + <u, h^> <H A, D>),

and that of the mean of r copies is its mean over copies divided by r. Memory r (m + N p) numbers a lane, beside room for the next
A; time r N^2 p.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from nets.rtrl.estimators.common import Estimator, norm, reading, scales
from nets.rtrl.protocol import StepJacobian
from theory.errors import InputError


class KFRTRL(Estimator):
    """One random Kronecker product, or the mean of several.

    Parameters
    ----------
    seed, lanes, block
        See :class:`nets.rtrl.estimators.common.Estimator`.
    copies : int
        r: independent ones whose mean is the estimate.

    Attributes
    ----------
    u, A : Tensor
        (r, B, m) and (r, B, N, p): the lanes are the second axis, so that each copy is contiguous.

    Raises
    ------
    InputError
        If ``copies`` is below 1.

    Examples
    --------
    The first step from G = 0 is exact, whatever the signs:

    >>> jac = StepJacobian(torch.zeros(1, 2), torch.ones(1, 4), torch.ones(1, 1, 1, 2), torch.eye(2)[None])
    >>> kf = KFRTRL(seed=3)
    >>> kf.reset(1)
    >>> kf.step(jac)
    >>> kf.grad(torch.tensor([[1.0, -2.0]]))[0]
    tensor([[ 1., -2.],
            [ 1., -2.],
            [ 1., -2.],
            [ 1., -2.]])
    >>> kf.memory_floats()
    8
    """

    fields = ("u", "A")
    zeroed = ("u",)  # the zero rule then drops A too
    lane_axis = 1
    u: Tensor
    A: Tensor

    def __init__(self, seed: int = 0, lanes: Sequence[int] | None = None, block: int = 0, copies: int = 1) -> None:
        if isinstance(copies, bool) or not isinstance(copies, int) or copies < 1:
            raise InputError(f"copies={copies!r}: give a whole number, at least 1")
        self.copies = copies
        super().__init__(seed, lanes, block)

    def begin(self, jac: StepJacobian) -> None:
        B, N, m, p = jac.shape
        self.u = jac.H.new_zeros(self.copies, B, m)
        self.A = jac.H.new_zeros(self.copies, B, N, p)

    def push(self, H: Tensor) -> None:
        for i in range(self.copies):
            self.A[i] = torch.bmm(H, self.A[i])

    def absorb(self, jac: StepJacobian) -> None:
        signs = self.signs(2 * self.copies).T
        long_feature, long_D = norm(jac.features), jac.norm_D()
        p2, inverse2 = scales(long_feature, long_D)
        pushed = self._memory(self.A)
        noise = torch.zeros_like(long_D)
        for i in range(self.copies):
            c1, c2 = signs[2 * i], signs[2 * i + 1]
            u, HA = self.u[i], torch.bmm(jac.H, self.A[i], out=pushed[i])
            long_u, long_HA = norm(u), norm(HA)
            noise += long_u * long_HA * long_feature * long_D + (u * jac.features).sum(dim=1) * jac.dot_D(HA)
            p1, inverse1 = scales(long_u, long_HA)
            self.u[i] = (c1 * p1)[:, None] * u + (c2 * p2)[:, None] * jac.features
            HA *= (c1 * inverse1)[:, None, None]
            jac.add_D(HA, c2 * inverse2)
        self.A, self._spare = pushed, self.A
        self.noise = (2 / self.copies**2) * noise

    @reading
    def grad(self, delta: Tensor) -> Tensor:
        """(B, m, p)."""
        return torch.einsum("rbm,rbp->bmp", self.u, self._back(delta)) / self.copies

    @reading
    def grad_sum(self, delta: Tensor) -> Tensor:
        """(m, p)."""
        return (self.u / self.copies).flatten(0, 1).T @ self._back(delta).flatten(0, 1)

    def dense(self) -> Tensor:
        """(B, N, m, p)."""
        return torch.einsum("rbm,rbap->bamp", self.u, self.A) / self.copies

    def _back(self, delta: Tensor) -> Tensor:
        """delta^T A of each copy, (r, B, p)."""
        return torch.matmul(delta[:, None], self.A)[:, :, 0]
