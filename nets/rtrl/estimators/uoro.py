"""UORO and its variant with signs on the pre-activations: the influence matrix as a random vector times a random matrix.

C. Tallec, Y. Ollivier, *Unbiased online recurrent optimization*, ICLR 2018. With independent signs nu and G~ = s~ (x) w~,
s~ in R^N, w~ in R^(m x p) (notation: :mod:`nets.rtrl.protocol`),

    UORO       s~ <- rho_0 H s~ + rho_1 nu       w~ <- w~ / rho_0 + h^ (x) nu^T D / rho_1     nu in {+-1}^N
    PreUORO    s~ <- rho_0 H s~ + rho_1 D nu     w~ <- w~ / rho_0 + h^ (x) nu / rho_1         nu in {+-1}^p

and each rho makes the two vectors that it scales equally long. E nu nu^T = I makes both unbiased. The published algorithm adds
1e-7 to all norms; here a product that is 0 is dropped instead, which is exact. PreUORO's split of the noise is what T. Cooijmans
and J. Martens, *On the variance of unbiased online recurrent optimization*, 2019, are about; their method isn't rebuilt here.

Noise of a step, with q signs (q = N or p) and v = nu^T D or D nu:

    E|E|^2 = 2 sqrt(q) |H s~| |w~| |h^| E|v| + 2 <H s~, D w~^T h^> + (q - 1) |h^|^2 |D|^2.

(The last term is there from the first step on; KF-RTRL has none such.) E|v| is |D| where v has one entry of D in each coordinate,
up to signs: for UORO if N = n (RNN, RHN), for PreUORO if k = 1. Otherwise it has no closed form.

Memory N + m p numbers a lane, time N^2 + m p.
"""

from __future__ import annotations

from torch import Tensor

from nets.rtrl.estimators.common import Estimator, injected, injection_noise, norm, reading, times
from nets.rtrl.protocol import StepJacobian


class UORO(Estimator):
    """A sign for each coordinate of the state; parameters as of :class:`nets.rtrl.estimators.common.Estimator`.

    Attributes
    ----------
    s, w : Tensor
        (B, N) and (B, m, p).

    Examples
    --------
    With one unit nothing is injected at the first step:

    >>> import torch
    >>> jac = StepJacobian(torch.zeros(1, 1), torch.ones(1, 2), torch.full((1, 1, 1, 1), 0.5), torch.eye(1)[None])
    >>> uoro = UORO(seed=3)
    >>> uoro.reset(1)
    >>> uoro.step(jac)
    >>> uoro.dense().flatten(), uoro.step_noise()
    (tensor([0.5000, 0.5000]), tensor([0.]))
    """

    fields = ("s", "w")
    zeroed = ("s",)  # the zero rule then drops w too
    s: Tensor
    w: Tensor

    def begin(self, jac: StepJacobian) -> None:
        B, N, m, p = jac.shape
        self.s = jac.H.new_zeros(B, N)
        self.w = jac.H.new_zeros(B, m, p)

    def inject(self, jac: StepJacobian) -> tuple[Tensor, Tensor]:
        """Vectors a (B, N) and b (B, p) with E a b^T = D."""
        nu = self.signs(jac.shape[1])
        return nu, jac.times_D(nu)

    def note(self, jac: StepJacobian, old: Tensor, cross: Tensor) -> None:
        """Set ``noise`` and whether it is known."""
        self.closed = jac.d.shape[1] == 1
        self.noise = injection_noise(jac.shape[1], old, cross, jac)

    def push(self, H: Tensor) -> None:
        self.s = times(H, self.s)

    def absorb(self, jac: StepJacobian) -> None:
        state, row = self.inject(jac)
        Hs = times(jac.H, self.s)
        cross = (Hs * jac.D_times(times(self.w.transpose(1, 2), jac.features))).sum(dim=1)
        lengths = norm(Hs), norm(self.w)
        self.note(jac, lengths[0] * lengths[1], cross)
        self.s, self.w = injected(Hs, self.w, lengths, state, jac.features, row)

    @reading
    def grad(self, delta: Tensor) -> Tensor:
        """(B, m, p)."""
        return (delta * self.s).sum(dim=1)[:, None, None] * self.w

    @reading
    def grad_sum(self, delta: Tensor) -> Tensor:
        """(m, p)."""
        return ((delta * self.s).sum(dim=1) @ self.w.flatten(1)).view(self.w.shape[1:])

    def dense(self) -> Tensor:
        """(B, N, m, p)."""
        return self.s[:, :, None, None] * self.w[:, None]


class PreUORO(UORO):
    """A sign for each pre-activation; parameters and attributes as of :class:`UORO`."""

    def inject(self, jac: StepJacobian) -> tuple[Tensor, Tensor]:
        nu = self.signs(jac.shape[3])
        return jac.D_times(nu), nu

    def note(self, jac: StepJacobian, old: Tensor, cross: Tensor) -> None:
        self.closed = jac.d.shape[2] == 1
        self.noise = injection_noise(jac.shape[3], old, cross, jac)
