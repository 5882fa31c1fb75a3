"""N independent draws of an estimator along one sequence: bias, variance, error and cosine against the exact influence matrix.

The draws are the lanes of a batch: all see the same linearised steps (expanded, not copied) and have signs of their own. Weights
are frozen, so that an unbiased estimator is unbiased after any number of steps. Notation as in :mod:`nets.rtrl.protocol`;
matrices of several blocks are taken together as one long vector.

Unbiasedness is tested by beta = |mean - exact|^2 / (sum of variances / N). By the central limit theorem its law is that of a sum
of squares of normals with the weights l_i / sum l_i, l_i the eigenvalues of the covariance of a draw. The p-value takes the
chi-square with its first three moments (J. P. Imhof, *Computing the distribution of quadratic forms in normal variables*,
Biometrika 1961): with c_k = sum l_i^k and h = c_2^3 / c_3^2, P(beta > b) = P(chi^2_h > h + (b - 1) c_1 sqrt(h / c_2)).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from nets.core.shapes import checked
from nets.rtrl.estimators.exact import ExactRTRL
from nets.rtrl.protocol import KroneckerCell, OnlineGradient, StepJacobian
from theory.errors import InputError

_SPECTRUM = 1500  # a covariance matrix of more rows isn't made
_CHUNK = 4_000_000  # numbers of the dense influence matrices that are held at a time


@dataclass(frozen=True)
class Draws:
    """What N draws gave; the gradient is the sum over steps of delta_t^T G_t, a vector of K entries.

    Attributes
    ----------
    draws : int
        N.
    exact : Tensor
        The exact gradient, (K,).
    mean, variance : Tensor
        Of each entry of the estimated one, (K,); the variance is that of one draw.
    cosine : float
        Mean over draws of the cosine between estimated and exact gradient.
    times : tuple of int
        The steps (the first is 1) after which G was compared.
    error, error_sd : Tensor
        Mean over draws of |G~ - G|^2 after these steps, and the standard error of that mean, (len(times),).
    size : Tensor
        |G|^2 after these steps.
    entries : int
        Entries of G: error / entries is the mean variance of an entry.
    traces : tuple of float or None
        Of the first three powers of the covariance matrix of the gradient; None above 1500 entries.
    """

    draws: int
    exact: Float[Tensor, " K"]
    mean: Float[Tensor, " K"]
    variance: Float[Tensor, " K"]
    cosine: float
    times: tuple[int, ...]
    error: Float[Tensor, " times"]
    error_sd: Float[Tensor, " times"]
    size: Float[Tensor, " times"]
    entries: int
    traces: tuple[float, float, float] | None = None

    @property
    def beta(self) -> float:
        """|mean - exact|^2 / (sum of variances / N): its expectation is 1 if unbiased, and N |bias|^2 / variance more if not."""
        bias = float((self.mean - self.exact).square().sum())
        spread = float(self.variance.sum()) / self.draws
        return bias / spread if spread > 0 else (0.0 if bias == 0 else float("inf"))

    @property
    def p_value(self) -> float:
        """Probability of such a beta or a larger one if unbiased, see the head of the file; nan where ``traces`` is None."""
        if self.traces is None:
            return float("nan")
        c1, c2, c3 = self.traces
        if not c2 > 0:
            return float(self.beta == 0)
        h = c2**3 / c3**2
        x = h + (self.beta - 1) * c1 * (h / c2) ** 0.5
        return float(torch.special.gammaincc(*torch.tensor([h / 2, max(x, 0.0) / 2], dtype=torch.float64, device="cpu")))

    @property
    def worst_z(self) -> float:
        """The largest deviation of an entry's mean in its standard errors; entries that all draws agree on are left out."""
        sd = (self.variance / self.draws).sqrt()
        z = (self.mean - self.exact).abs() / sd
        z = z[sd > 1e-12 * self.exact.abs().max()]
        return float(z.max()) if len(z) else 0.0

    @property
    def relative_variance(self) -> float:
        """Sum of the variances over |exact gradient|^2."""
        return float(self.variance.sum() / self.exact.square().sum())


@checked
def draws(
    cell: KroneckerCell,
    inputs: Float[Tensor, "T {cell.n_in}"],
    factory: Callable[..., OnlineGradient],
    draws: int = 1000,
    deltas: Float[Tensor, "T {cell.state_dim}"] | None = None,
    times: Sequence[int] | None = None,
    chunk: int | None = None,
) -> Draws:
    """Draw an estimator along one sequence and compare it with exact RTRL.

    Parameters
    ----------
    cell : KroneckerCell
        In float64, best.
    inputs : Tensor
        (T, n_in).
    factory : callable
        ``factory(lanes=..., block=...)`` makes the estimator of a weight matrix for lanes of these global numbers, e.g.
        ``functools.partial(KFRTRL, seed=1)``.
    draws : int
        N, at least 2.
    deltas : Tensor, optional
        dL_t/ds_t, (T, N), the same for all draws; default: 1 for all units after the last step, 0 before.
    times : sequence of int, optional
        The steps after which G itself is compared; default: the last. None at all: ``()``.
    chunk : int, optional
        Draws at a time; default: what fits about 30 MB. The result doesn't depend on it beyond rounding.

    Returns
    -------
    Draws

    Raises
    ------
    InputError
        If there are fewer than 2 draws, or a time is outside 1..T, or inputs or deltas don't fit.

    Examples
    --------
    >>> from nets.rtrl.cells.rnn import RNN
    >>> from nets.rtrl.estimators.kf import KFRTRL
    >>> cell = RNN(2, 3, std=0.5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    >>> drawn = draws(cell, torch.ones(4, 2, dtype=torch.float64), KFRTRL, draws=500, times=[1, 4])
    >>> drawn.exact.shape, drawn.beta < 4, bool(drawn.error[0] < 1e-20)
    (torch.Size([18]), True, True)
    """
    T = len(inputs)
    if draws < 2:
        raise InputError(f"draws={draws}: a variance needs at least 2")
    times = (T,) if times is None else tuple(times)
    if any(not 1 <= t <= T for t in times):
        raise InputError(f"times={times}: the sequence has the steps 1..{T}")
    if deltas is None:
        deltas = torch.zeros(T, cell.state_dim, dtype=inputs.dtype, device=inputs.device)
        deltas[-1] = 1
    steps = linearised(cell, inputs)
    exact = _Run(cell, [ExactRTRL(block=block) for block in range(len(cell.weights))], 1)
    exact_gradient, exact_G = exact.along(steps, deltas, times)
    entries = cell.state_dim * exact_gradient.shape[1]
    if chunk is None:
        chunk = max(1, _CHUNK // entries)

    shift, square, cosine = torch.zeros_like(exact_gradient[0]), torch.zeros_like(exact_gradient[0]), 0.0
    K = len(shift)
    second = shift.new_zeros(K, K) if K <= _SPECTRUM else None
    errors: list[list[Tensor]] = [[] for _ in times]
    for start in range(0, draws, chunk):
        lanes = range(start, min(start + chunk, draws))
        run = _Run(cell, [factory(lanes=lanes, block=block) for block in range(len(cell.weights))], len(lanes))
        gradient, G = run.along(steps, deltas, times, exact_G)
        off = gradient - exact_gradient
        shift += off.sum(0)
        square += off.square().sum(0)
        if second is not None:
            second += off.T @ off
        cosine += float(torch.cosine_similarity(gradient, exact_gradient, dim=1).sum())
        for kept, error in zip(errors, G):
            kept.append(error)
    mean = shift / draws
    error = [torch.cat(kept) for kept in errors]
    return Draws(
        draws,
        exact_gradient[0],
        exact_gradient[0] + mean,
        (square - draws * mean.square()).clamp(min=0) / (draws - 1),
        cosine / draws,
        times,
        torch.tensor([float(e.mean()) for e in error], dtype=torch.float64, device="cpu"),
        torch.tensor([float(e.std()) / draws**0.5 for e in error], dtype=torch.float64, device="cpu"),
        torch.tensor([float(sum(part.square().sum() for part in G)) for G in exact_G], dtype=torch.float64, device="cpu"),
        entries,
        None if second is None else _traces((second - draws * mean[:, None] * mean) / (draws - 1)),
    )


def _traces(covariance: Tensor) -> tuple[float, float, float]:
    squared = covariance @ covariance
    return float(covariance.trace()), float(squared.trace()), float((squared * covariance).sum())


@checked
def linearised(cell: KroneckerCell, inputs: Float[Tensor, "T {cell.n_in}"]) -> list[tuple[StepJacobian, ...]]:
    """The steps of one lane."""
    s, steps = cell.init_state(1), []
    for x in inputs:
        steps.append(cell.linearize(x[None], s))
        s = steps[-1][-1].state
    return steps


def expanded(jac: StepJacobian, lanes: int) -> StepJacobian:
    """The linearised step of one lane as that of many, which share its memory."""
    state, features, d, H = (t.expand(lanes, *t.shape[1:]) for t in (jac.state, jac.features, jac.d, jac.H))
    return StepJacobian(state, features, d, H, jac.block)


class _Run:
    """Estimators of all weight matrices, taken along a sequence."""

    def __init__(self, cell: KroneckerCell, estimators: list[OnlineGradient], lanes: int) -> None:
        mask = getattr(cell, "mask", lambda block: None)
        self.estimators, self.lanes = estimators, lanes
        self.masks = [mask(block) for block in range(len(estimators))]
        for estimator in estimators:
            estimator.reset(lanes)

    def along(self, steps: list, deltas: Tensor, times: Sequence[int], exact: list | None = None) -> tuple[Tensor, list]:
        """The gradients, (lanes, K), and at each of the times |G~ - G|^2, (lanes,), or G itself without an ``exact``."""
        gradient = deltas.new_zeros(self.lanes, 1)  # becomes (lanes, K)
        wanted = (deltas != 0).any(1).tolist()
        found = {}
        for t, jacs in enumerate(steps, start=1):
            for jac in jacs:
                wide = expanded(jac, self.lanes)
                for estimator in self.estimators:
                    estimator.step(wide)
            if wanted[t - 1]:
                delta = deltas[t - 1].expand(self.lanes, -1)
                parts = [self._masked(e.grad(delta), b).flatten(1) for b, e in enumerate(self.estimators)]
                gradient = gradient + torch.cat(parts, dim=1)
            if t in times:
                dense = [self._masked(e.dense(), b) for b, e in enumerate(self.estimators)]
                if exact is None:
                    found[t] = dense
                else:
                    true = exact[list(times).index(t)]
                    found[t] = sum((a - b).square().flatten(1).sum(1) for a, b in zip(dense, true))
        return gradient, [found[t] for t in times]

    def _masked(self, values: Tensor, block: int) -> Tensor:
        mask = self.masks[block]
        return values if mask is None else values * mask
