"""OK: the influence matrix as a sum of r Kronecker products, reduced in each step with the least noise there can be.

F. Benzing, M. M. Gauy, A. Mujika, A. Martinsson, A. Steger, *Optimal Kronecker-sum approximation of real time recurrent
learning*, ICML 2019. Notation: :mod:`nets.rtrl.protocol`; G~ = sum_i u_i (x) A_i is the matrix sum_i u_i vec(A_i)^T. In a step

    L = [u_1 .. u_r, h^]  (m, r + 1)      R = [vec(H A_1) .. vec(H A_r), vec(D)]  (N p, r + 1)      L R^T = H G~ + F
    L = Q_L R_L,  R = Q_R R_R             C = R_L R_R^T = U diag(d) V^T
    [u] <- Q_L U X                        [vec A] <- Q_R V X

with X random, E X X^T = diag(d) (:mod:`nets.rtrl.estimators.mixing`). The Q keep Frobenius norms, so the noise s_1^2/k - s_2 of
the reduction is that of the step, the least among all unbiased sums of r Kronecker products, per step and given G~: not a
statement on whole trajectories. |u_i| = |A_i| = |X_i|: the factors come out balanced. Memory r (m + N p) a lane, time r N^2 p.

R is tall (N p rows). The solver ``cholesky`` takes its Gram matrix instead, with columns scaled to length 1 and a small ridge e:
R^T R + e S^2 = R_R^T R_R, and [vec A] <- R R_R^{-1} V X. In expectation L R^T comes out for *any* invertible R_R, as
R_R^{-1} R_R = 1: the ridge costs variance, of order e where R has full rank, never bias. L is short, it is decomposed by QR; so a
sum whose features span at most r dimensions stays exact with either solver. D is never made dense.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from nets.rtrl.estimators.common import Estimator, reading
from nets.rtrl.estimators.mixing import MixPlan, check_mixing, mix_by_sampling, mix_by_signs, mix_plan
from nets.rtrl.estimators.right_factors import RightFactors, diagonals
from nets.rtrl.protocol import StepJacobian
from theory.errors import InputError, nearest

SOLVERS = ("cholesky", "qr")
# Ridge in roundings, for each column of length 1. A Gram matrix in float32 over 131 072 rows has eigenvalues off by up to 64
# roundings in all (measured for 5 to 17 columns, all nearly parallel), and the ridge must exceed that.
_RIDGE = 32
# Singular values below so many roundings of the largest one are taken for 0. Mixed they would do harm: d_r with x d_r gives noise
# of length d_r sqrt(2 x), which is the next step's x; so an estimate that could be exact would lose half its digits every step.
_ROUNDING = 10


class OK(Estimator):
    """A random sum of r Kronecker products, each step of least variance.

    Parameters
    ----------
    rank : int
        r, the number of Kronecker products.
    mix : str
        ``"signs"`` or ``"sampling"``: how singular values are mixed; the noise is the same.
    solver : str
        ``"cholesky"`` or ``"qr"``: how the tall factor is orthogonalised; see the head of this file. Where N p <= r it is ``qr``.
    seed, lanes, block
        See :class:`nets.rtrl.estimators.common.Estimator`.

    Attributes
    ----------
    u, A : Tensor
        (B, r, m) and (B, r, N, p). The last step's recombination is carried out when A is looked at, or by the next step.
    singular_values : Tensor or None
        d of the last step, (B, q), float64, in decreasing order; q = r + 1, less where m or N p are.
    plan : MixPlan or None
        What the last step kept and mixed.

    Raises
    ------
    InputError
        If an argument isn't one of these.

    Examples
    --------
    While there are no more steps than products the estimate is exact:

    >>> jac = StepJacobian(torch.zeros(1, 2), torch.tensor([[1.0, 2, 0, 1]]), torch.ones(1, 1, 1, 2), torch.eye(2)[None] / 2)
    >>> ok = OK(rank=2, seed=3)
    >>> ok.reset(1)
    >>> ok.step(jac)
    >>> ok.grad(torch.tensor([[1.0, -2.0]]))[0].T.round(decimals=4) + 0.0
    tensor([[ 1.,  2.,  0.,  1.],
            [-2., -4.,  0., -2.]])
    >>> ok.memory_floats()
    16
    """

    fields = ("u", "A")
    zeroed = ("u",)  # then L's columns are 0, whatever A is
    u: Tensor
    _right: RightFactors
    plan: MixPlan | None
    singular_values: Tensor | None

    def __init__(
        self, rank: int = 1, mix: str = "signs", solver: str = "cholesky",
        seed: int = 0, lanes: Sequence[int] | None = None, block: int = 0,
    ) -> None:  # fmt: skip
        check_mixing(rank, mix)
        if solver not in SOLVERS:
            raise InputError(f"solver={solver!r}: {nearest(str(solver), SOLVERS)}")
        self.rank, self.mix, self.solver = rank, mix, solver
        super().__init__(seed, lanes, block)

    @property
    def A(self) -> Tensor:
        return self._right.value()

    @A.setter
    def A(self, value: Tensor | None) -> None:
        self._right = value if value is None else RightFactors(value)  # type: ignore[assignment]

    def begin(self, jac: StepJacobian) -> None:
        B, N, m, p = jac.shape
        self.u = jac.H.new_zeros(B, self.rank, m)
        self.A = jac.H.new_zeros(B, self.rank, N, p)

    def push(self, H: Tensor) -> None:
        self._right.times(H)

    def absorb(self, jac: StepJacobian) -> None:
        _, N, _, p = jac.shape
        HA = self._right.times(jac.H)
        left = torch.cat((self.u, jac.features[:, None]), dim=1)
        Q_L, R_L = torch.linalg.qr(left.mT.double())
        dense = self.solver == "qr" or N * p <= self.rank
        if dense:
            Q_R, R_R = torch.linalg.qr(torch.cat((HA.flatten(2), jac.dense_D().flatten(1)[:, None]), dim=1).mT)
        else:
            R_R = _cholesky(_gram(HA, jac), torch.finfo(HA.dtype).eps)
        U, d, Vh = _svd(torch.bmm(R_L, R_R.double().mT))
        d = d * (d > _ROUNDING * torch.finfo(HA.dtype).eps * d[:, :1])
        if self.mix == "signs":
            X, plan = mix_by_signs(d, self.rank, self.signs(d.shape[1]).double())
        else:
            X, plan = mix_by_sampling(d, self.rank, self.uniforms())
        self.singular_values, self.plan, self.noise = d, plan, plan.noise.to(self.dtype)
        VX = torch.bmm(Vh.mT, X)
        self.u = torch.bmm(Q_L, torch.bmm(U, X)).mT.to(self.dtype).contiguous()
        if dense:
            self.A = (Q_R @ VX.to(self.dtype)).mT.reshape(HA.shape)
        else:
            weights = torch.linalg.solve_triangular(R_R, VX, upper=True)  # (B, r + 1, r)
            self._right.recombine(weights.mT.to(self.dtype).contiguous(), jac.d)

    def metrics(self) -> dict[str, Tensor]:
        """Of the last step, each (B,): how many products were kept exactly, the share of sum d that is mixed, the noise.

        Empty before the first step.
        """
        if self.plan is None or self.singular_values is None:
            return {}
        whole = self.singular_values.sum(dim=1)
        share = self.plan.total / torch.where(whole > 0, whole, 1)
        return {"kept": self.plan.kept, "mixed_share": share, "step_noise": self.plan.noise}

    @reading
    def grad(self, delta: Tensor) -> Tensor:
        """(B, m, p)."""
        return torch.bmm(self.u.mT, self._right.back(delta))

    @reading
    def grad_sum(self, delta: Tensor) -> Tensor:
        """(m, p)."""
        return self.u.flatten(0, 1).T @ self._right.back(delta).flatten(0, 1)

    def dense(self) -> Tensor:
        """(B, N, m, p)."""
        return torch.einsum("brm,brap->bamp", self.u, self.A)

    def _clear(self) -> None:
        super()._clear()
        self.plan = None
        self.singular_values = None


def least_step_noise(u: Tensor, A: Tensor, jac: StepJacobian, rank: int) -> Tensor:
    """What no unbiased step to a sum of ``rank`` Kronecker products can be better than, from G~ = sum_i u_i (x) A_i.

    Parameters
    ----------
    u, A : Tensor
        (B, c, m) and (B, c, N, p), for any number c of products.
    jac : StepJacobian
        The step.
    rank : int

    Returns
    -------
    Tensor
        s_1^2/k - s_2 of H G~ + F, (B,), float64.

    Examples
    --------
    >>> jac = StepJacobian(torch.zeros(1, 1), torch.tensor([[0.0, 1]]), torch.full((1, 1, 1, 2), 2.0), torch.eye(2)[None])
    >>> least_step_noise(torch.tensor([[[3.0, 0]]]), torch.tensor([[[[0.0, 1], [0, 0]]]]), jac, 1)  # 2 d_1 d_2
    tensor([16.9706], dtype=torch.float64)
    """
    HA = torch.matmul(jac.H[:, None], A)
    left = torch.cat((u, jac.features[:, None]), dim=1).mT.double()
    right = torch.cat((HA.flatten(2), jac.dense_D().flatten(1)[:, None]), dim=1).mT.double()
    d = torch.linalg.svdvals(torch.linalg.qr(left)[1] @ torch.linalg.qr(right)[1].mT)
    return mix_plan(d, rank).noise


def _gram(HA: Tensor, jac: StepJacobian) -> Tensor:
    """R^T R, (B, r + 1, r + 1), float64 from sums in the type of the state."""
    flat = HA.flatten(2)
    cross = (diagonals(HA, jac.d) * jac.d[:, None]).flatten(2).sum(dim=2)
    square = jac.d.flatten(1).square().sum(dim=1)
    upper = torch.cat((torch.bmm(flat, flat.mT), cross[:, :, None]), dim=2)
    return torch.cat((upper, torch.cat((cross, square[:, None]), dim=1)[:, None]), dim=1).double()


def _cholesky(M: Tensor, eps: float) -> Tensor:
    """Upper R with R^T R = M + ridge, where M was summed with relative rounding ``eps``; NaN where there is none.

    Columns are scaled to length 1 first: then a short one isn't lost in the ridge of a long one. A column of zeros gets a scale
    so small that it does not show among the singular values.
    """
    lengths = M.diagonal(dim1=1, dim2=2).clamp_min(0).sqrt()
    longest = lengths.amax(dim=1, keepdim=True)
    scale = torch.maximum(lengths, eps * torch.where(longest > 0, longest, 1))
    scaled = M / (scale[:, :, None] * scale[:, None])
    scaled.diagonal(dim1=1, dim2=2).add_(_RIDGE * eps * M.shape[1])
    lower, failed = torch.linalg.cholesky_ex(scaled)
    return torch.where(failed[:, None, None] > 0, torch.nan, lower.mT) * scale[:, None]


def _svd(C: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Of finite numbers: what isn't finite is in the other factor, too, and comes back from there."""
    return torch.linalg.svd(C.nan_to_num(0, 0, 0), full_matrices=False)
