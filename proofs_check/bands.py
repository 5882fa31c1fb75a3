"""The sixth experiment: a bound on the whole tail, P[T > t] <= b(t) for every t, against the band around the empirical law.

P. Massart, *The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality*, Annals of Probability 18 (1990): of R independent
runs the empirical law F_R exceeds the true one F anywhere by more than eps with probability at most exp(-2 R eps^2), if that is
at most 1/2. So F_R - eps lies below F at all t at once with the confidence that is wanted, and where it lies above b the bound is
refuted. At a t where F exceeds b by the declared effect e, F_R has a standard deviation of at most 1/(2 sqrt(R)): the power is
at least Phi(2 sqrt(R) (e - eps)).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from proofs_check.claim import Outcome, Setting
from proofs_check.decide import Runs, worst
from proofs_check.figure import Figure, Series
from proofs_check.verdict import POWER

Curve = Callable[[np.ndarray], np.ndarray]
_POINTS = 60


@dataclass(frozen=True)
class Band:
    """A bound on P[T > t] (``late``) or on P[T <= t] at every integer t.

    Attributes
    ----------
    runs : Runs
    bound, mutant : callable
        From an array of t to the bound there; falling in t where ``late``, else rising.
    late : bool
    budget : int, optional
        Runs are stopped there, and then only smaller t are looked at.
    exact : callable, optional
        The exact probability, for the picture.
    """

    runs: Runs
    bound: Curve
    mutant: Curve
    late: bool = True
    budget: int | None = None
    exact: Curve | None = None

    def simulate(self, replicates: int, seed: int) -> np.ndarray:
        """T of that many runs, or the budget + 1 for those that took longer."""
        if self.budget is None:
            times, hit = self.runs.simulate(replicates, seed)
            assert hit.all()
            return times
        from sim import simulate

        how: dict[str, Any] = dict(start=self.runs.start, engine=self.runs.engine, progress=False, budget=self.budget)
        found = simulate(self.runs.process, replicates=replicates, seed=seed, **how, **self.runs.values)
        return np.where(found.hit, found.evaluations, self.budget + 1)


def allowance(error: float, runs: int) -> float:
    """eps: what an empirical law exceeds the true one by with at most this probability.

    >>> round(allowance(1e-4, 40_000), 5)
    0.01073
    """
    assert 0 < error <= 0.5
    return math.sqrt(-math.log(error) / (2 * runs))


def excess(times: np.ndarray, bound: Curve, late: bool, last: int | None = None) -> tuple[float, int, float]:
    """The largest of F_R(t) - b(t) over integers t (up to ``last``), that t, and F_R there.

    Between two values of the sample F_R is constant and the bound monotone, so that only the last (``late``) or the first t of
    each stretch counts.

    >>> excess(np.array([3, 5]), lambda t: 0.5**t, late=True)
    (0.75, 2, 1.0)

    Where a bound is below 1 only later than all of the sample, it is looked at where it is below 1/2.

    >>> excess(np.array([3, 5]), lambda t: 100 * 0.5**t, late=True)
    (-0.390625, 8, 0.0)
    """
    values, numbers = np.unique(times, return_counts=True)
    below = np.cumsum(numbers) / len(times)
    if late:
        at, share = values - 1, 1 - np.concatenate([[0.0], below[:-1]])
        keep = at >= 0
    else:
        at, share, keep = values, below, np.ones(len(values), dtype=bool)
    if last is not None:
        keep &= at <= last
    at, share = at[keep], share[keep]
    limit = np.minimum(bound(at.astype(np.float64)), 1.0)
    if (limit < 1).any():  # elsewhere the bound says nothing
        at, share, limit = at[limit < 1], share[limit < 1], limit[limit < 1]
    elif late and last is None:  # all runs had ended before it says something
        beyond = float(values[-1])
        while bound(np.array([beyond]))[0] > 0.5:
            beyond = math.ceil(1.1 * beyond)
        at, share, limit = np.array([beyond]), np.zeros(1), bound(np.array([beyond]))
    over = share - limit
    worst_at = int(np.argmax(over))
    return float(over[worst_at]), int(at[worst_at]), float(share[worst_at])


def bands(cells: Callable[[Setting], Iterable[Band]], quick: int, full: int) -> Callable[[Setting], Outcome]:
    """Decide that a bound on a tail holds at every t; the effect is a probability by which it is exceeded at some t.

    Parameters
    ----------
    cells : callable
        The bands at a setting; each gets its share of the error rate.
    quick, full : int
        Runs a cell.

    Returns
    -------
    callable
        ``decide(setting) -> Outcome``, with a picture of the first cell.
    """

    def decide(setting: Setting) -> Outcome:
        from scipy.special import ndtr

        chosen, runs = list(cells(setting)), setting.choose(quick, full)
        eps = allowance(setting.error / len(chosen), runs)
        power = float(ndtr(2 * math.sqrt(runs) * (setting.effect - eps)))
        found, figure = [], None
        for cell in chosen:
            curve = cell.mutant if setting.mutant else cell.bound
            times = cell.simulate(runs, setting.seed)
            over, at, share = excess(times, curve, cell.late, cell.budget)
            verdict = "refuted" if over > eps else "consistent" if power >= POWER else "inconclusive"
            what = f"P[T {'>' if cell.late else '<='} {at}]"
            limit = min(1.0, float(curve(np.array([float(at)]))[0]))
            reason = f"{cell.runs}: {what} is {share:.4g} of {runs} runs, band {eps:.3g}; power {power:.3g}"
            low = max(0.0, share - eps)
            found.append((eps - over, str(cell.runs), Outcome(verdict, reason, limit, share, (low, 1.0), power)))
            figure = figure or _figure(cell, curve, times, eps)
        return replace(worst(found), figure=figure)

    return decide


def _figure(cell: Band, curve: Curve, times: np.ndarray, eps: float) -> Figure:
    last = int(times.max()) if cell.budget is None else cell.budget
    if cell.late and cell.budget is None:  # to where the bound is small, too
        last = next((x for x in (last, last * 3 // 2, 2 * last, 3 * last) if curve(np.array([float(x)]))[0] < 0.05), 4 * last)
    at = np.unique(np.linspace(0, last, _POINTS).astype(np.int64)).astype(np.float64)
    share = np.array([np.mean(times > t) if cell.late else np.mean(times <= t) for t in at])
    x = tuple(at.tolist())
    low, high = np.maximum(share - eps, 0), np.minimum(share + eps, 1)
    series = [
        Series("bound", "upper", x, tuple(np.minimum(curve(at), 1.0).tolist())),
        Series("runs", "measured", x, tuple(share.tolist()), tuple(low.tolist()), tuple(high.tolist())),
    ]
    if cell.exact is not None:
        series.append(Series("exact", "exact", x, tuple(cell.exact(at).tolist())))
    return Figure("t", f"P[T {'>' if cell.late else '<='} t]", tuple(series), title=str(cell.runs))
