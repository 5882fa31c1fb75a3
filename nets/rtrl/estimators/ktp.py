"""KTP, the Kronecker triple product: one vector times a sum of r outer products, in memory r n.

The idea is in the program that F. Benzing, M. M. Gauy, A. Mujika, A. Martinsson and A. Steger published with *Optimal
Kronecker-sum approximation of real time recurrent learning*, ICML 2019; no paper describes it. What stands here is a
reconstruction: it is unbiased, which is tested over all random choices, but need not be the same step in every detail.

Notation: :mod:`nets.rtrl.protocol`; G~ = u (x) sum_i a_i b_i^T with u in R^m and a_i in R^N, b_i in R^p for i <= r. D, here one
diagonal block a gate (RNN, RHN; the LSTM's D isn't of this form), has the singular value decomposition sum_j s_j e_j y_j^T with
s_j^2 = sum_g (d^g_j)^2 and y_j the unit vector along unit j's d. A step

    1. reduces D to sum_i x_i y_i^T with r terms, unbiased and with least noise (:mod:`nets.rtrl.estimators.mixing`)
    2. joins u (x) M and h^ (x) D by signs as KF-RTRL does, M = sum_i (H a_i) b_i^T:  u <- c_1 p_1 u + c_2 p_2 h^
    3. joins the i-th terms of c_1 M / p_1 and c_2 D / p_2 by a sign each:  a <- q a + sign q' x,  b <- b / q + sign y / q'

with all scales such that the two factors of a term are equally long. Time r N^2 a step; much noisier than KF-RTRL.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from nets.rtrl.estimators.common import Estimator, norm, reading, scales, times
from nets.rtrl.estimators.mixing import check_mixing, mix_by_sampling, mix_by_signs
from nets.rtrl.protocol import KroneckerCell, StepJacobian


class KTP(Estimator):
    """The Kronecker triple product (a reconstruction).

    Parameters
    ----------
    rank : int
        r, the number of outer products.
    mix : str
        ``"sampling"`` or ``"signs"``: how D is reduced. Signs take n small rotations one after another in each step.
    seed, lanes, block
        See :class:`nets.rtrl.estimators.common.Estimator`.

    Attributes
    ----------
    u, a, b : Tensor
        (B, m), (B, r, N) and (B, r, p).

    Raises
    ------
    InputError
        If ``rank`` or ``mix`` isn't one of these.

    Examples
    --------
    With as many products as units the first step is exact:

    >>> jac = StepJacobian(torch.zeros(1, 2), torch.tensor([[1.0, 2, 0, 1]]), torch.ones(1, 1, 1, 2), torch.eye(2)[None] / 2)
    >>> ktp = KTP(rank=2)
    >>> ktp.reset(1)
    >>> ktp.step(jac)
    >>> ktp.grad(torch.tensor([[1.0, -2.0]]))[0].T.round(decimals=4) + 0.0
    tensor([[ 1.,  2.,  0.,  1.],
            [-2., -4.,  0., -2.]])
    >>> ktp.memory_floats()
    12
    """

    fields = ("u", "a", "b")
    zeroed = ("u",)  # the zero rule then drops the others
    u: Tensor
    a: Tensor
    b: Tensor

    def __init__(
        self, rank: int = 1, mix: str = "sampling", seed: int = 0, lanes: Sequence[int] | None = None, block: int = 0
    ) -> None:
        check_mixing(rank, mix)
        self.rank, self.mix = rank, mix
        super().__init__(seed, lanes, block)

    def accept(self, cell: KroneckerCell) -> None:
        """Refuse cells whose state isn't one number a unit.

        Raises
        ------
        NotImplementedError
        """
        if cell.state_dim != cell.n:
            raise NotImplementedError(
                f"KTP of {type(cell).__name__}: it decomposes D as one diagonal a gate, but the state has {cell.state_dim} "
                f"numbers for {cell.n} units; take KFRTRL or OK"
            )

    def begin(self, jac: StepJacobian) -> None:
        if jac.d.shape[1] != 1:
            raise NotImplementedError(f"KTP: it decomposes D as one diagonal a gate, here D has {jac.d.shape[1]} rows of them")
        B, N, m, p = jac.shape
        self.u, self.a, self.b = (jac.H.new_zeros(B, *size) for size in ((m,), (self.rank, N), (self.rank, p)))

    def push(self, H: Tensor) -> None:
        self.a = torch.bmm(self.a, H.mT)

    def absorb(self, jac: StepJacobian) -> None:
        B, n = len(jac.d), jac.d.shape[3]
        signs = self.signs(2 + self.rank + (n if self.mix == "signs" else 0))
        c1, c2, pair, mixing = signs[:, 0], signs[:, 1], signs[:, 2 : 2 + self.rank], signs[:, 2 + self.rank :]
        x, y = self._reduced(jac.d[:, 0], mixing)
        Ha = torch.bmm(self.a, jac.H.mT)
        p1, inverse1 = scales(norm(self.u), _length(Ha, self.b))
        p2, inverse2 = scales(norm(jac.features), _length(x, y))
        self.u = (c1 * p1)[:, None] * self.u + (c2 * p2)[:, None] * jac.features
        Ha, x = Ha * (c1 * inverse1)[:, None, None], x * (c2 * inverse2)[:, None, None]
        scale_old, scale_new = (
            [q.view(B, -1, 1) for q in scales(left.norm(dim=2).flatten(), right.norm(dim=2).flatten())]
            for left, right in ((Ha, self.b), (x, y))
        )
        self.a = scale_old[0] * Ha + pair[:, :, None] * scale_new[0] * x
        self.b = scale_old[1] * self.b + pair[:, :, None] * scale_new[1] * y
        self.noise, self.closed = None, False

    def _reduced(self, d: Tensor, signs: Tensor) -> tuple[Tensor, Tensor]:
        """x (B, r, n) and y (B, r, p) with E sum_i x_i y_i^T = D; d is (B, k, n)."""
        lengths, order = d.norm(dim=1).sort(dim=1, descending=True)
        if self.mix == "signs":
            X, _ = mix_by_signs(lengths, self.rank, signs)
        else:
            X, _ = mix_by_sampling(lengths, self.rank, self.uniforms())
        x = torch.zeros_like(X).scatter_(1, order[:, :, None].expand_as(X), X).mT  # rows back in the order of the units
        whole = d.norm(dim=1, keepdim=True)
        directions = d / torch.where(whole > 0, whole, 1)
        return x, (x[:, :, None] * directions[:, None]).flatten(2)

    @reading
    def grad(self, delta: Tensor) -> Tensor:
        """(B, m, p)."""
        return self.u[:, :, None] * self._back(delta)[:, None]

    @reading
    def grad_sum(self, delta: Tensor) -> Tensor:
        """(m, p)."""
        return self.u.T @ self._back(delta)

    def dense(self) -> Tensor:
        """(B, N, m, p)."""
        return torch.einsum("bm,bra,brp->bamp", self.u, self.a, self.b)

    def _back(self, delta: Tensor) -> Tensor:
        """delta^T sum_i a_i b_i^T, (B, p)."""
        return torch.bmm(times(self.a, delta)[:, None], self.b)[:, 0]


def _length(a: Tensor, b: Tensor) -> Tensor:
    """Frobenius norm of sum_i a_i b_i^T from inner products alone, (B,)."""
    return (torch.bmm(a, a.mT) * torch.bmm(b, b.mT)).flatten(1).sum(dim=1).clamp_min(0).sqrt()
