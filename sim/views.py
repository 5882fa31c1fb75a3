"""Fixed-target and fixed-budget views of runs, from the hitting times of observed targets.

T. Jansen, C. Zarges, *Performance analysis of randomised search heuristics operating with a fixed budget* (TCS 545, 2014);
N. Hansen et al., *COCO* (Optimization Methods and Software 36, 2021) for targets and ERT. T and budgets are in evaluations, the
initial one not counted: budget 0 is the start. A run that was cut off before a target has an unknown hitting time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import statistics
from theory.errors import InputError
from theory.values import number

if TYPE_CHECKING:
    import pandas

    from sim.runs import Runs


def ert(runs: Runs, target: float | None = None) -> float:
    """Expected evaluations until an observed target (None: the optimum), with restarts where runs were cut off.

    Infinite where no run hit.

    Examples
    --------
    >>> from sim import simulate
    >>> from theory import RLS, LeadingOnes
    >>> runs = simulate(RLS().on(LeadingOnes()), n=10, replicates=1000, seed=1, observe={"targets": [0, 5]})
    >>> runs.ert(0), 20 < runs.ert(5) < 30, 45 < runs.ert() < 55
    (0.0, True, True)
    """
    if target is None:
        return statistics.ert(runs.evaluations, runs.hit)
    targets, hits = _observed(runs)
    value = float(number(target, "target"))
    (place,) = np.nonzero(targets == value)
    if not place.size:
        nearest = targets[np.argmin(np.abs(targets - value))]
        raise InputError(f"target: {target!r} was not observed; the nearest that was is {nearest:.15g}")
    return statistics.ert(*_times(runs, hits[:, place[0]]))


def fixed_target(runs: Runs, confidence: float = 0.95) -> pandas.DataFrame:
    """How long each observed target takes, one row a target.

    Returns
    -------
    DataFrame
        ``target, runs, hits, success, success_low, success_high`` (Clopper and Pearson), ``ert, ert_low, ert_high, median,
        median_low, median_high`` (Kaplan and Meier; infinite where too few were hit), ``par10``.

    Examples
    --------
    >>> from sim import simulate
    >>> from theory import RLS, LeadingOnes
    >>> runs = simulate(RLS().on(LeadingOnes()), n=10, replicates=100, seed=1, observe={"targets": range(11)})
    >>> runs.fixed_target()[["target", "hits"]].tail(1).values.tolist()
    [[10.0, 100.0]]
    """
    import pandas

    targets, hits = _observed(runs)
    rows = []
    for target, column in zip(targets, hits.T):
        times, hit = _times(runs, column)
        reached = int(hit.sum())
        row: dict[str, Any] = {"target": target, "runs": len(runs), "hits": reached, "success": reached / len(runs)}
        row["success_low"], row["success_high"] = statistics.proportion_interval(reached, len(runs), confidence)
        row["ert"] = statistics.ert(times, hit)
        row["ert_low"], row["ert_high"] = statistics.ert_interval(times, hit, confidence) if len(runs) > 1 else (np.nan, np.nan)
        row["median"], row["median_low"], row["median_high"], _ = statistics.quantile(times, hit, 0.5, confidence)
        rows.append({**row, "par10": statistics.par(times, hit, 10)})
    return pandas.DataFrame(rows)


def fixed_budget(runs: Runs, budgets: Iterable[float] | None = None, confidence: float = 0.95) -> pandas.DataFrame:
    """How far runs come within each budget, one row a budget.

    Parameters
    ----------
    runs : Runs
    budgets : sequence of int, optional
        0 is the start. Default: 1, 2, 5, 10, 20, ... up to the longest run.
    confidence : float

    Returns
    -------
    DataFrame
        ``budget, runs, mean, mean_low, mean_high, quartile_1, median, quartile_3, least, largest`` of the largest observed
        target that a run had reached: of its best fitness, where every value is a target. Minus infinity stands for a run that
        had reached none, and there is no mean then.

    Raises
    ------
    InputError
        If runs were cut off before a budget.

    Examples
    --------
    >>> from sim import simulate
    >>> from theory import RLS, OneMax
    >>> runs = simulate(RLS().on(OneMax()), n=10, replicates=100, seed=1, start="zeros", observe={"targets": range(11)})
    >>> runs.fixed_budget([0, 1])["mean"].tolist()
    [0.0, 1.0]
    """
    import pandas

    targets, hits = _observed(runs)
    rows = []
    for budget in _budgets(runs, budgets):
        reached = ((hits >= 0) & (hits <= budget)).sum(axis=1)
        best = np.where(reached > 0, targets[np.maximum(reached, 1) - 1], -np.inf)
        row: dict[str, Any] = {"budget": budget, "runs": len(runs), "mean": np.nan, "mean_low": np.nan, "mean_high": np.nan}
        if np.isfinite(best).all():
            row["mean"] = best.mean()
            if len(runs) > 1:
                row["mean_low"], row["mean_high"] = statistics.mean_interval(best, confidence)
        for name, q in (("quartile_1", 0.25), ("median", 0.5), ("quartile_3", 0.75)):
            row[name] = np.quantile(best, q, method="inverted_cdf")
        rows.append({**row, "least": best.min(), "largest": best.max()})
    return pandas.DataFrame(rows)


def attainment(runs: Runs, budgets: Iterable[float] | None = None, confidence: float = 0.95) -> pandas.DataFrame:
    """The share of runs that reach each target within each budget, one row a pair.

    Returns
    -------
    DataFrame
        ``budget, target, runs, reached, probability, low, high`` (limits after Clopper and Pearson). The mean of
        ``probability`` over the targets is the empirical distribution function over pairs of targets and runs.

    Examples
    --------
    >>> from sim import simulate
    >>> from theory import RLS, OneMax
    >>> runs = simulate(RLS().on(OneMax()), n=10, replicates=100, seed=1, start="zeros", observe={"targets": [1, 2]})
    >>> runs.attainment([1])[["target", "probability"]].values.tolist()
    [[1.0, 1.0], [2.0, 0.0]]
    """
    import pandas

    targets, hits = _observed(runs)
    rows = []
    for budget in _budgets(runs, budgets):
        for target, reached in zip(targets, ((hits >= 0) & (hits <= budget)).sum(axis=0).tolist()):
            low, high = statistics.proportion_interval(reached, len(runs), confidence)
            share = reached / len(runs)
            rows.append({"budget": budget, "target": target, "runs": len(runs), "reached": reached, "probability": share,
                         "low": low, "high": high})  # fmt: skip
    return pandas.DataFrame(rows)


def _observed(runs: Runs) -> tuple[np.ndarray, np.ndarray]:
    targets = np.asarray(runs.observed.get("targets", ()), dtype=np.float64)
    if not targets.size:
        raise InputError('observe: the runs observed no targets; simulate with observe={"targets": [...]}')
    return targets, runs.observed["hits"]


def _times(runs: Runs, hits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The hitting times of a target, and whether it was hit; where not, the evaluations that the run had."""
    return np.where(hits >= 0, hits, runs.evaluations), hits >= 0


def _budgets(runs: Runs, budgets: Iterable[float] | None) -> list[int]:
    """Checked budgets: at none of them may a run have been cut off. By default 1, 2, 5, 10, 20, ... up to the longest run."""
    known = int(runs.evaluations[~runs.hit].min()) if runs.censored else None
    if budgets is None:
        last = int(runs.evaluations.max()) if known is None else known
        steps = [digit * 10**power for power in range(len(str(last)) + 1) for digit in (1, 2, 5)]
        return [step for step in steps if step < last] + [last]
    checked = []
    for value in budgets:
        budget = number(value, "budgets")
        if budget != int(budget) or budget < 0:
            raise InputError(f"budgets: {value!r} must be a whole number of evaluations, 0 for the start")
        if known is not None and budget > known:
            raise InputError(f"budgets: {value!r} is above {known}, where a run was cut off")
        checked.append(int(budget))
    return checked
