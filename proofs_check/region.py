"""The sixth experiment: a measured number must lie in a stated region.

For statements like "within 6 % of the fluid limit" or "more than half as much again", where theory has no exact value: the
verdict is *consistent* only if the whole confidence interval lies in the region (a true value outside of it has at most the
error rate's chance of that), *refuted* only if the whole interval lies outside, and *inconclusive* between. The power that is
shown is the probability of refuting if the true value were outside by the declared effect, as a part of the nearest limit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from proofs_check.claim import Outcome, Setting
from proofs_check.decide import Fact, worst


@dataclass(frozen=True)
class Region:
    """A measured value, its confidence limits (at the cell's share of the error rate), and where it must lie.

    ``prediction`` is what theory says, shown beside it; ``floor`` and ``ceiling`` may be infinite.
    """

    where: str
    measured: float
    low: float
    high: float
    floor: float
    ceiling: float
    prediction: float

    def __post_init__(self) -> None:
        assert self.low <= self.measured <= self.high and self.floor < self.ceiling


def regions(cells: Callable[[Setting], Iterable[Region | Fact]]) -> Callable[[Setting], Outcome]:
    """Decide that every value lies in its region, and that the facts among the cells hold.

    Examples
    --------
    >>> from proofs_check.claim import Setting
    >>> cell = Region("n = 10", 1.0, 0.9, 1.1, 0.8, 1.2, 1.0)
    >>> told = regions(lambda setting: [cell])(Setting("quick", 0, 1e-3, 0.5))
    >>> told.verdict, told.reason
    ('consistent', 'n = 10: 1 [0.9, 1.1] lies in [0.8, 1.2]')
    """

    def decide(setting: Setting) -> Outcome:
        found = []
        chosen = list(cells(setting))
        count = sum(isinstance(cell, Region) for cell in chosen)
        for cell in chosen:
            if isinstance(cell, Fact):
                verdict = "refuted" if cell.wrong else "proved"
                found.append((math.inf, cell.where, Outcome(verdict, f"{cell.where}: {cell.wrong or 'holds'}")))
                continue
            inside = cell.floor <= cell.low and cell.high <= cell.ceiling
            outside = cell.high < cell.floor or cell.low > cell.ceiling
            verdict = "consistent" if inside else "refuted" if outside else "inconclusive"
            says = "lies in" if inside else "lies outside" if outside else "reaches beyond"
            interval, power = (cell.low, cell.high), _power(cell, setting.effect, setting.error / count)
            measured = f"{cell.measured:.4g} [{cell.low:.4g}, {cell.high:.4g}]"
            reason = f"{cell.where}: {measured} {says} [{cell.floor:.4g}, {cell.ceiling:.4g}]"
            room = min(cell.low - cell.floor, cell.ceiling - cell.high) / max(abs(cell.measured), 1e-300)
            found.append((room, cell.where, Outcome(verdict, reason, cell.prediction, cell.measured, interval, power)))
        return worst(found)

    return decide


def _power(cell: Region, effect: float, error: float) -> float:
    """Probability that the interval lies outside if the true value is outside by the effect; from the interval's own width."""
    from scipy.special import ndtr, ndtri

    quantile = float(ndtri(1 - error / 2))
    deviation = (cell.high - cell.low) / (2 * quantile)
    if deviation == 0:
        return 1.0
    edge = min((abs(limit) for limit in (cell.floor, cell.ceiling) if math.isfinite(limit)), key=lambda x: abs(x - cell.measured))
    return float(ndtr(effect * edge / deviation - quantile))


def mean_region(where: str, sample: np.ndarray, floor: float, ceiling: float, prediction: float, error: float) -> Region:
    """The region of the mean of a variable that isn't negative, with limits that are corrected for skewness; at least 30 values.

    If all R values are m, that has probability at most P(X >= m)^R <= (E[X]/m)^R (Markov), and nothing limits E[X] from above.

    >>> import numpy as np
    >>> same = mean_region("levels", np.full(30, 90.0), 85.0, math.inf, 90.0, 1e-3)
    >>> round(same.low, 1), same.high
    (69.9, inf)
    """
    from proofs_check.statistics import measure
    from proofs_check.verdict import FEWEST

    assert len(sample) >= FEWEST and sample.min() >= 0
    found = measure(sample, np.ones(len(sample), dtype=bool), error)
    return Region(where, found.mean, found.low, found.high, floor, ceiling, prediction)


def share_region(where: str, hits: int, runs: int, floor: float, prediction: float, error: float) -> Region:
    """The region from ``floor`` to 1 of a probability, with Clopper and Pearson's limits.

    >>> region = share_region("runs that visit all levels", 30, 30, 0.5, 1.0, 1e-3)
    >>> round(region.low, 3), region.high
    (0.776, 1.0)
    """
    from sim.intervals import proportion_interval

    low, high = proportion_interval(hits, runs, 1 - error)
    return Region(where, hits / runs, float(low), float(high), floor, 1.0, prediction)


def ratio_region(
    where: str, top: np.ndarray, below: np.ndarray, floor: float, ceiling: float, prediction: float, error: float
) -> Region:
    """The region of the ratio of two means of independent samples: the ratios of their limits, each at half the error rate."""
    above, under = (mean_region(where, sample, 0.0, math.inf, 0.0, error / 2) for sample in (top, below))
    measured = above.measured / under.measured
    return Region(where, measured, above.low / under.high, above.high / under.low, floor, ceiling, prediction)
