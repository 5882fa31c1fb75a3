"""Reverse KF-RTRL: a random vector over pre-activations times a random matrix over states and features.

O. Marschall, K. Cho, C. Savin, *A unified framework of online learning algorithms for training recurrent neural networks*, JMLR
21, 2020. With independent signs nu in {+-1}^p and G~[a, i, q] = beta[a, i] alpha[q] (notation: :mod:`nets.rtrl.protocol`),

    alpha <- p_0 alpha + p_1 nu       beta <- H beta / p_0 + (D nu) h^T / p_1

where p_0 and p_1 make the two tensors that they scale equally long; a product that is 0 is dropped. E nu nu^T = I makes it
unbiased. It is not the mean of r copies of KF-RTRL, which is :class:`nets.rtrl.estimators.kf.KFRTRL` with ``copies=r``.

Noise of a step (derived here as that of UORO), known if k = 1, where |D nu| = |D|:

    E|E|^2 = 2 sqrt(p) |H beta| |alpha| |h^| |D| + 2 <H beta h^, D alpha> + (p - 1) |h^|^2 |D|^2.

Memory p + N m numbers a lane, time N^2 m.
"""

from __future__ import annotations

import torch
from torch import Tensor

from nets.rtrl.estimators.common import Estimator, injected, injection_noise, norm, reading, times
from nets.rtrl.protocol import StepJacobian


class ReverseKF(Estimator):
    """See the head of this file; parameters as of :class:`nets.rtrl.estimators.common.Estimator`.

    Attributes
    ----------
    alpha, beta : Tensor
        (B, p) and (B, N, m).

    Examples
    --------
    >>> jac = StepJacobian(torch.zeros(1, 1), torch.ones(1, 2), torch.full((1, 1, 1, 1), 0.5), torch.eye(1)[None])
    >>> reverse = ReverseKF(seed=3)
    >>> reverse.reset(1)
    >>> reverse.step(jac)
    >>> reverse.dense().flatten()
    tensor([0.5000, 0.5000])
    """

    fields = ("alpha", "beta")
    zeroed = ("alpha",)  # the zero rule then drops beta too
    alpha: Tensor
    beta: Tensor

    def begin(self, jac: StepJacobian) -> None:
        B, N, m, p = jac.shape
        self.alpha = jac.H.new_zeros(B, p)
        self.beta = jac.H.new_zeros(B, N, m)

    def push(self, H: Tensor) -> None:
        self.beta = torch.bmm(H, self.beta)

    def absorb(self, jac: StepJacobian) -> None:
        p = jac.shape[3]
        nu = self.signs(p)
        column, beta = jac.D_times(nu), torch.bmm(jac.H, self.beta)
        lengths = norm(self.alpha), norm(beta)
        cross = (times(beta, jac.features) * jac.D_times(self.alpha)).sum(dim=1)
        self.closed = jac.d.shape[2] == 1
        self.noise = injection_noise(p, lengths[0] * lengths[1], cross, jac)
        self.alpha, self.beta = injected(self.alpha, beta, lengths, nu, column, jac.features)

    @reading
    def grad(self, delta: Tensor) -> Tensor:
        """(B, m, p)."""
        return self._back(delta)[:, :, None] * self.alpha[:, None]

    @reading
    def grad_sum(self, delta: Tensor) -> Tensor:
        """(m, p)."""
        return self._back(delta).T @ self.alpha

    def dense(self) -> Tensor:
        """(B, N, m, p)."""
        return self.beta[:, :, :, None] * self.alpha[:, None, None]

    def _back(self, delta: Tensor) -> Tensor:
        return torch.bmm(delta[:, None], self.beta)[:, 0]
