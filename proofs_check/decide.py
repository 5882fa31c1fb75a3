"""The four experiments that decide claims: a mean, a tail, a law, an identity.

The first three are statistics with the rules of :mod:`proofs_check.verdict` (of several cells each gets its share of the
error rate, and the claim is as good as its worst cell); the last one is exact arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from proofs_check import statistics
from proofs_check.claim import Cell, Outcome, Setting
from proofs_check.verdict import POWER, VERDICTS, judge
from theory.chain import Chain
from theory.process import Process


@dataclass(frozen=True)
class Runs:
    """What to simulate."""

    process: Process | Chain
    values: dict[str, Any]
    start: Any = "uniform"
    engine: str = "auto"
    budget: float | None = None  # where theory knows no upper bound on E[T]

    def simulate(self, replicates: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """(T, hit) of that many runs."""
        from sim import simulate

        how = dict(start=self.start, engine=self.engine, budget=self.budget, progress=False)
        runs = simulate(self.process, replicates=replicates, seed=seed, **how, **self.values)
        return runs.evaluations, runs.hit

    def __str__(self) -> str:
        at = ", ".join(f"{name} = {value}" for name, value in self.values.items())
        return f"{self.process} at {at}" + (f" from {self.start}" if self.start != "uniform" else "")


@dataclass(frozen=True)
class Mean:
    """E[T] of these runs against a predicted value."""

    runs: Runs
    prediction: Callable[[], float]
    mutant: Callable[[], float]
    exact: Callable[[], float] | None = None  # beside a bound


def means(direction: str, cells: Callable[[Setting], Iterable[Mean]], quick: int, full: int) -> Callable[[Setting], Outcome]:
    """Decide E[T] <= (upper), >= (lower) or = (exact) prediction, with ``quick`` or ``full`` runs a cell."""

    def decide(setting: Setting) -> Outcome:
        chosen = list(cells(setting))
        found = []
        for cell in chosen:
            times, hit = cell.runs.simulate(setting.choose(quick, full), setting.seed)
            measured = statistics.measure(times, hit, setting.error / len(chosen))
            value = (cell.mutant if setting.mutant else cell.prediction)()
            told = judge(direction, value, measured, setting.effect)
            room = {"upper": value - measured.mean, "lower": measured.mean - value, "exact": -abs(value - measured.mean)}[
                direction
            ]
            interval = (measured.low, measured.high)
            exact = None if cell.exact is None else cell.exact()
            outcome = Outcome(told.verdict, f"{cell.runs}: {told.reason}", value, measured.mean, interval, told.power, exact)
            found.append((room / max(abs(value), 1e-300), str(cell.runs), outcome))
        return worst(found)

    return decide


@dataclass(frozen=True)
class Tail:
    """P[T > after] of these runs against a predicted upper bound."""

    runs: Runs
    after: float
    prediction: float
    mutant: float


def tails(cells: Callable[[Setting], Iterable[Tail]], quick: int, full: int) -> Callable[[Setting], Outcome]:
    """Decide P[T > t] <= prediction: refuted if the exact lower confidence limit of the probability exceeds it.

    The power is that of the same test if the probability were (1 + effect) times the prediction. Censored runs count as
    longer than t, so their budget must not be below t.
    """

    def decide(setting: Setting) -> Outcome:
        from scipy.special import bdtrc

        chosen, runs = list(cells(setting)), setting.choose(quick, full)
        error = setting.error / len(chosen)
        samples: dict[str, np.ndarray] = {}  # several t of one process share its runs; the error rate is split all the same
        found = []
        for cell in chosen:
            if str(cell.runs) not in samples:
                samples[str(cell.runs)] = cell.runs.simulate(runs, setting.seed)[0]
            count = int(np.count_nonzero(samples[str(cell.runs)] > cell.after))
            low, bound = statistics.probability_low(count, runs, error), cell.mutant if setting.mutant else cell.prediction
            critical = next(k for k in range(int(bound * runs), runs + 2) if statistics.probability_low(k, runs, error) > bound)
            power = float(bdtrc(critical - 1, runs, min(1.0, (1 + setting.effect) * bound)))
            verdict = "refuted" if low > bound else "consistent" if power >= POWER else "inconclusive"
            reason = f"{cell.runs}: {count} of {runs} runs took more than {cell.after:g}; power {power:.3g}"
            where, room = f"{cell.runs}, t = {cell.after:g}", (bound - count / runs) / bound
            found.append((room, where, Outcome(verdict, reason, bound, count / runs, (low, 1.0), power)))
        return worst(found)

    return decide


@dataclass(frozen=True)
class Law:
    """The law of T of these runs against another sample's, or against an exact cdf on 0, 1, 2, ..."""

    runs: Runs
    other: Runs | Callable[[], np.ndarray]
    mutant: Runs | Callable[[], np.ndarray] | None = None
    mutate: Callable[[np.ndarray], np.ndarray] | None = field(default=None)


def laws(cells: Callable[[Setting], Iterable[Law]], quick: int, full: int) -> Callable[[Setting], Outcome]:
    """Decide that two laws are equal by their Kolmogorov-Smirnov distance; the effect is a distance.

    ``prediction`` is the largest distance that chance allows.
    """

    def decide(setting: Setting) -> Outcome:
        chosen, runs = list(cells(setting)), setting.choose(quick, full)
        error = setting.error / len(chosen)
        found = []
        for cell in chosen:
            times, hit = cell.runs.simulate(runs, setting.seed)
            assert hit.all()
            if setting.mutant and cell.mutate is not None:
                times = cell.mutate(times)
            other = cell.mutant if setting.mutant and cell.mutant is not None else cell.other
            sizes: tuple[int, ...]
            if isinstance(other, Runs):
                distance, sizes = statistics.law_distance(times, other.simulate(runs, setting.seed)[0]), (runs, runs)
            else:
                distance, sizes = statistics.law_distance_to(times, other()), (runs,)
            allowed = statistics.critical_distance(error, *sizes)
            power = statistics.distance_power(setting.effect, error, *sizes)
            verdict = "refuted" if distance > allowed else "consistent" if power >= POWER else "inconclusive"
            against = f"{other.engine} engine" if isinstance(other, Runs) else "exact law"
            reason = f"{cell.runs}: {runs} runs against the {against}; power {power:.3g} to see a distance of {setting.effect:g}"
            found.append((allowed - distance, str(cell.runs), Outcome(verdict, reason, allowed, distance, None, power)))
        return worst(found)

    return decide


@dataclass(frozen=True)
class Fact:
    """One thing that holds or doesn't, decided without statistics; ``wrong`` is what doesn't fit, if something doesn't."""

    where: str
    wrong: str = ""


def facts(verdict: str, check: Callable[[Setting], Iterable[Fact]], about: str) -> Callable[[Setting], Outcome]:
    """Decide a list of facts exactly: ``verdict`` (proved or certified) if all of them hold, refuted if one doesn't."""

    def decide(setting: Setting) -> Outcome:
        number = 0
        for fact in check(setting):
            number += 1
            if fact.wrong:
                return Outcome("refuted", f"{fact.where}: {fact.wrong}")
        assert number
        return Outcome(verdict, f"{about}: {number} cases")

    return decide


def worst(found: list[tuple[float, str, Outcome]]) -> Outcome:
    """Of (room, where, outcome) the one with the worst verdict, among those the least room; with all of them as its cells."""
    assert found and not any(math.isnan(room) for room, _, _ in found)
    decided = min(found, key=lambda one: (-VERDICTS.index(one[2].verdict), one[0]))[2]
    cells = tuple(Cell(where, o.verdict, o.prediction, o.measured, o.interval, o.exact) for _, where, o in found)
    return replace(decided, cells=cells)
