"""Random-feedback local online learning (RFLO) on leaky networks.

J. M. Murray, *Local online learning in recurrent networks with random feedback*, eLife 2019. For h_t = (1 - alpha) h_{t-1} +
alpha tanh(z_t), what passes through W_h is left out of H: an eligibility trace remains for each weight,

    P_t = (1 - alpha) P_{t-1} + h^_t d_t,   d_t = alpha (1 - tanh^2 z_t),   gradient P_t[i, j] delta_t[j],

and a fixed random matrix carries the output error back in place of the readout's weights. Exact when W_h = 0; at alpha = 1 it is
TBPTT with a window of one step. Notation as in :mod:`nets.rtrl.protocol`.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from nets.rtrl.cells.leaky import LeakyRNN
from nets.rtrl.cells.rnn import RNN
from nets.rtrl.estimators.common import Estimator, reading
from nets.rtrl.protocol import KroneckerCell, StepJacobian
from theory.errors import InputError


class RFLO(Estimator):
    """The eligibility traces of a leaky network; memory m n numbers a lane.

    Parameters
    ----------
    alpha : float
        The cell's leak, in (0, 1].
    feedback : Tensor, optional
        (outputs, n): the gradient methods then take the output error (B, outputs) in place of delta, and carry it back by this.
    block, seed, lanes
        As of the other estimators, see :class:`nets.rtrl.estimators.common.Estimator`; nothing is drawn here.

    Examples
    --------
    >>> cell = LeakyRNN(3, 4, alpha=0.5, generator=torch.Generator().manual_seed(0))
    >>> rflo = RFLO(0.5)
    >>> rflo.reset(2)
    >>> rflo.step(*cell.linearize(torch.ones(2, 3), cell.init_state(2)))
    >>> rflo.grad(torch.ones(2, 4)).shape, rflo.memory_floats()
    (torch.Size([2, 8, 4]), 32)
    """

    fields = zeroed = ("P",)
    kept = ("feedback",)
    P: Tensor  # (B, m, n)

    def __init__(
        self, alpha: float, feedback: Tensor | None = None, *,
        seed: int = 0, lanes: Sequence[int] | None = None, block: int = 0,
    ) -> None:  # fmt: skip
        if not 0 < alpha <= 1:
            raise InputError(f"alpha={alpha}: the leak is above 0 and at most 1")
        super().__init__(seed, lanes, block)
        self.alpha, self.feedback = alpha, feedback

    def accept(self, cell: KroneckerCell) -> None:
        """Refuse all but leaky networks with this leak (a vanilla network has leak 1)."""
        leak = cell.alpha if isinstance(cell, LeakyRNN) else 1.0 if isinstance(cell, RNN) else None
        if leak is None or len(cell.weights) != 1:
            raise NotImplementedError(
                f"RFLO of {type(cell).__name__} with {len(cell.weights)} weight matrices: it is for leaky networks with one"
            )
        if leak != self.alpha:
            raise InputError(f"alpha={self.alpha}: the cell's leak is {leak}, give the same")

    def begin(self, jac: StepJacobian) -> None:
        self.P = jac.d.new_zeros(*jac.features.shape, jac.d.shape[3])

    def absorb(self, jac: StepJacobian) -> None:
        self.P.mul_(1 - self.alpha).addcmul_(jac.features[:, :, None], jac.d[:, 0, 0, None])

    @reading
    def grad(self, delta: Tensor) -> Tensor:
        """The estimate of delta^T G of each lane, (B, m, n)."""
        return self.P * self._carried(delta)[:, None]

    @reading
    def grad_sum(self, delta: Tensor) -> Tensor:
        """Its sum over lanes, (m, n)."""
        return (self.P * self._carried(delta)[:, None]).sum(0)

    def dense(self) -> Tensor:
        """The estimate of G, (B, n, m, n)."""
        return torch.diag_embed(self.P).transpose(1, 2)

    def _carried(self, delta: Tensor) -> Tensor:
        return delta if self.feedback is None else delta @ self.feedback
