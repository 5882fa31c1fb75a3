"""The experiment for differences, slopes, ratios and margins: a linear combination of expected runtimes against an interval.

The statement is low <= w_1 E[T_1] + ... + w_m E[T_m] <= high, from the same number of runs of each process. The combination of
the first runs of all processes, of the second ones, ... are independent copies Z of one variable: its mean has the limits
of any other (:mod:`proofs_check.statistics`), corrected for skewness.

    =========================  ==============================================================
    statement                  weights, and the interval
    =========================  ==============================================================
    E[T] is B up to m          1, and from (1 - m) B to (1 + m) B: a margin for heuristics
    E[T_1] <= r E[T_2]         1 and -r, and from -oo to 0
    the slope of E[T]/n is b   1/(n_2 ln(n_2/n_1)) and -1/(n_1 ln(n_2/n_1)), and b -+ m
    =========================  ==============================================================

*refuted*: the confidence interval lies outside of [low, high]. *consistent*: it doesn't, and a combination that is off by
more, the declared effect times the cell's ``unit``, would be refuted with probability 0.9 at least.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from proofs_check import statistics
from proofs_check.claim import Outcome, Setting
from proofs_check.decide import Runs, worst
from proofs_check.figure import Figure
from proofs_check.verdict import POWER


@dataclass(frozen=True)
class Contrast:
    """One combination and where it must lie.

    Attributes
    ----------
    where : str
        What is measured, in words.
    parts : tuple of (float, Runs)
        Weights and what to simulate.
    low, high : float
        The interval; one end may be infinite.
    unit : float
        What the effect is relative to.

    Examples
    --------
    >>> near("E[T]", 1.0, None, 20.0, 0.5)
    Contrast(where='E[T]', parts=((1.0, None),), low=19.5, high=20.5, unit=20.0)
    """

    where: str
    parts: tuple[tuple[float, Runs], ...]
    low: float
    high: float
    unit: float

    @property
    def expected(self) -> float:
        """The middle of the interval, or its finite end."""
        ends = [end for end in (self.low, self.high) if math.isfinite(end)]
        return sum(ends) / len(ends)


def near(where: str, weight: float, runs: Runs, value: float, margin: float) -> Contrast:
    """weight E[T] is the value up to a margin."""
    return Contrast(where, ((weight, runs),), value - margin, value + margin, abs(value))


def at_most(where: str, factor: float, one: Runs, other: Runs, unit: float) -> Contrast:
    """E[T_1] <= factor E[T_2]; the unit is about factor E[T_2]."""
    return Contrast(where, ((1.0, one), (-factor, other)), -math.inf, 0.0, unit)


def slope(runs: Callable[[int], Runs], first: int, last: int, sign: float = 1.0) -> tuple[tuple[float, Runs], ...]:
    """Parts for the slope of E[T]/n over ln n between two sizes."""
    step = math.log(last / first)
    return ((sign / (last * step), runs(last)), (-sign / (first * step), runs(first)))


def judge(cell: Contrast, sample: np.ndarray, error: float, effect: float) -> tuple[Outcome, float]:
    """The verdict on a sample of Z, and the room that was left, in units.

    >>> sample = np.random.default_rng(1).exponential(20.0, 10_000)
    >>> judge(near("E[T]", 1.0, None, 20.0, 0.2), sample, 1e-3, 0.05)[0].verdict
    'consistent'
    >>> judge(near("E[T]", 1.0, None, 24.0, 0.2), sample, 1e-3, 0.05)[0].verdict
    'refuted'
    """
    from scipy.special import ndtr, ndtri

    measured = statistics.measure(sample, np.ones(len(sample), dtype=bool), error)
    low, high = statistics.mean_interval(sample, 1 - error)  # unlike a runtime's mean, that of Z may be negative
    room = min(measured.mean - cell.low, cell.high - measured.mean) / cell.unit
    spread = measured.std / math.sqrt(measured.runs)
    power = float(ndtr(effect * cell.unit / spread - ndtri(1 - error / 2))) if spread > 0 else 0.0  # what is rarer wasn't seen
    if low > cell.high or high < cell.low:
        verdict, why = "refuted", f"it lies in [{low:.6g}, {high:.6g}] (error rate {error:.2g})"
    elif measured.runs < measured.enough:
        verdict, why = "inconclusive", f"{measured.runs} runs are too few for runs this skewed; {measured.enough} would do"
    else:
        verdict = "consistent" if power >= POWER else "inconclusive"
        why = f"power {power:.3g} to see what is off by {effect:.1%} more"
    return Outcome(verdict, f"{cell.where}: {why}", cell.expected, measured.mean, (low, high), power), room


def contrasts(
    cells: Callable[[Setting], Iterable[Contrast]],
    quick: int,
    full: int,
    figure: Callable[[Setting, list[Outcome]], Figure] | None = None,
) -> Callable[[Setting], Outcome]:
    """Decide combinations with ``quick`` or ``full`` runs of each process; a process in several cells is run once."""

    def decide(setting: Setting) -> Outcome:
        chosen, runs = list(cells(setting)), setting.choose(quick, full)
        found = []
        for cell in chosen:
            combined = sum((weight * _times(one, runs, setting.seed) for weight, one in cell.parts), np.zeros(runs))
            outcome, room = judge(cell, combined, setting.error / len(chosen), setting.effect)
            found.append((room, cell.where, outcome))
        decided = worst(found)
        return decided if figure is None else replace(decided, figure=figure(setting, [outcome for _, _, outcome in found]))

    return decide


_kept: dict[tuple[str, int, int], np.ndarray] = {}
_KEPT = 16


def _times(one: Runs, runs: int, seed: int) -> np.ndarray:
    """T of these runs; the last ones are kept, as several cells share a process, and a claim and its mutant share all of them."""
    key = f"{one} {one.engine}", runs, seed
    if key not in _kept:
        times, hit = one.simulate(runs, seed)
        if not hit.all():
            raise ValueError(f"{np.count_nonzero(~hit)} runs of {one} hit their budget")
        while len(_kept) >= _KEPT:
            del _kept[next(iter(_kept))]
        _kept[key] = times.astype(float)
    return _kept[key]
