"""Claims on trained networks: what was measured, taken from records; whether it may decide; the claim.

A comparison is tested by :mod:`proofs_check.advantage` on the numbers of all seeds, if margin and effect were fixed on other
seeds, the pilots, and if the methods were tuned equally (:mod:`proofs_check.tuning`). What is missing, stale or unfair makes a
claim inconclusive. Nothing is trained here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from proofs_check.advantage import Comparison, Equivalence, Unfit, Values, differences, seeds_needed, summary
from proofs_check.claim import Cell, Claim, Outcome, Setting
from proofs_check.figure import Figure, Series
from proofs_check.tuning import Tuning, mean_of_trials, unfair
from theory.errors import InputError


class NoRecord(Exception):
    """A record is missing or stale; the message says which, and how to make it."""


@dataclass(frozen=True)
class Evidence:
    """What was measured.

    Attributes
    ----------
    values, pilot : {method: {seed: value}}
        On the seeds that decide, and on those that fixed margin and effect.
    tuning : {method: Tuning}
    fixed : tuple of str
        Methods without anything to tune, e.g. a constant that stands under every seed.
    curves : {method: {seed: ((x, y), ...)}}
        How the values came about on the seeds that decide, for the picture; the same x for all seeds of a method.
    axes : (str, str)
        What x and y are.
    """

    values: Values
    pilot: Values = field(default_factory=dict)
    tuning: Mapping[str, Tuning] = field(default_factory=dict)
    fixed: tuple[str, ...] = ()
    curves: Mapping[str, Mapping[int, Sequence[tuple[float, float]]]] = field(default_factory=dict)
    axes: tuple[str, str] = ("", "")


def decide(comparison: Comparison, evidence: Evidence, error: float, effect: float, mutant: bool = False) -> Outcome:
    """The verdict on a training claim.

    Parameters
    ----------
    comparison : Superiority or Equivalence
    evidence : Evidence
    error : float
        The claim's error rate.
    effect : float
        The declared distance from the margin, in standard deviations of the difference between seeds.
    mutant : bool
        Decide the claim on the record with swapped labels.

    Returns
    -------
    Outcome
        With the mean of each method as a cell.
    """
    needed = seeds_needed(effect)
    if needed is None:
        return Outcome("inconclusive", f"reported as found: an effect of {effect:g} standard deviations is too small for a claim")
    try:
        _check(comparison, evidence, effect, needed)
        values = comparison.swapped(evidence.values) if mutant else evidence.values
        outcome = comparison.judge(values, error, effect)
    except Unfit as reason:
        return Outcome("inconclusive", str(reason))
    return replace(outcome, cells=tuple(_cells(comparison, values, evidence.tuning, outcome.verdict)))


def _cells(comparison: Comparison, values: Values, tuning: Mapping[str, Tuning], verdict: str) -> Iterator[Cell]:
    """What every seed came to, and the grid that every method was tuned on."""
    for name in comparison.methods:
        shown = ", ".join(f"{value:.4g}" for _, value in sorted(values[name].items()))
        yield Cell(f"{name}, mean of {shown}", verdict, None, math.fsum(values[name].values()) / len(values[name]))
    for name in comparison.methods:
        if name in tuning:
            for setting, runs in tuning[name].grid.items():
                mark = ", chosen" if setting == tuning[name].chosen else ""
                where = f"tuning {name} at {setting}{mark}, mean of {len(runs)} seeds"
                yield Cell(where, verdict, None, mean_of_trials(runs, comparison.higher))


def _check(comparison: Comparison, evidence: Evidence, effect: float, needed: int) -> None:
    values = evidence.values
    first, second = comparison.methods[:2]
    for method in comparison.methods:
        if not values.get(method):
            raise Unfit(f"no values of {method}")
    used = {seed for method in comparison.methods for seed in values[method]}
    reason = unfair(evidence.tuning, [m for m in comparison.methods if m not in evidence.fixed], comparison.higher, used)
    if reason:
        raise Unfit(reason)
    shared = used & {seed for runs in evidence.pilot.values() for seed in runs}
    if shared:
        raise Unfit(f"pilot seed {min(shared)} serves the verdict")
    mean, std, _ = summary(differences(evidence.pilot, first, second, comparison.higher), comparison.resolution)
    seen = comparison.effect_in(mean, std)
    if seen < effect:
        raise Unfit(f"the pilot runs show an effect of {seen:.2g} standard deviations, less than the declared {effect:g}")
    if len(values[first]) < needed:
        raise Unfit(f"{len(values[first])} seeds, {needed} are needed for an effect of {effect:g} standard deviations")


class _Recorded(Protocol):
    """A record: see :class:`nets.core.records.Record`."""

    def values(self, metric: str, seeds: Sequence[int]) -> list[float]: ...


def from_records(
    experiment: str, metric: str, grids: Mapping[str, Mapping[str, Any]], chosen: Mapping[str, str], *, verdict: Iterable[int],
    pilot: Iterable[int], tuning: Iterable[int], load: Callable[[str, Any], _Recorded | str] | None = None,
) -> Evidence:  # fmt: skip
    """The evidence in the records of an experiment.

    Parameters
    ----------
    experiment : str
        Its name, e.g. ``"ok-rtrl.copy"``.
    metric : str
        What is compared, e.g. ``"train/T"``: its last value.
    grids : {method: {setting: config}}
        The configs of each method that were tried.
    chosen : {method: setting}
    verdict, pilot, tuning : iterable of int
        Seeds: of the chosen settings that decide, of those that fixed the margin, of the trials of all settings.
    load : callable, optional
        ``load(experiment, config)`` gives a record, or the reason why none stands; default: from ``records/`` of the checkout.

    Raises
    ------
    NoRecord
        If a record or a seed of it is missing or stale.
    """
    if load is None:
        load = _stored

    def read(config: Any, seeds: Iterable[int]) -> dict[int, float]:
        found, asked = load(experiment, config), sorted(seeds)
        if isinstance(found, str):
            raise NoRecord(found)
        try:
            return dict(zip(asked, found.values(metric, asked), strict=True))
        except InputError as error:
            raise NoRecord(f"{error}; make it anew (driftproof train --record)") from None

    seeds = {"verdict": sorted(verdict), "pilot": sorted(pilot), "tuning": sorted(tuning)}
    best = {method: grid[chosen[method]] for method, grid in grids.items()}
    tried = {
        method: Tuning({setting: read(config, seeds["tuning"]) for setting, config in grid.items()}, chosen[method])
        for method, grid in grids.items()
    }
    values, first = ({m: read(config, seeds[part]) for m, config in best.items()} for part in ("verdict", "pilot"))
    return Evidence(values, first, tried)


def _stored(experiment: str, config: Any) -> _Recorded | str:
    from nets.core.records import load_record

    return load_record(experiment, config, Path(__file__).parents[1] / "records")


def picture(comparison: Comparison, evidence: Evidence) -> Figure | None:
    """The curves of the two methods: means over seeds, from the least to the largest; None without curves.

    >>> from proofs_check.advantage import Superiority
    >>> runs = {"OK": {0: ((10, 1.0), (20, 3.0)), 1: ((10, 2.0), (20, 5.0))}}
    >>> picture(Superiority("OK", "KF", 1.0), Evidence({}, curves=runs, axes=("characters", "T"))).series[0].y
    (1.5, 4.0)
    """
    series = []
    for method in comparison.methods[:2]:
        runs = list(evidence.curves.get(method, {}).values())
        if runs:
            rows = list(zip(*([y for _, y in run] for run in runs), strict=True))
            means = tuple(math.fsum(row) / len(row) for row in rows)
            at = tuple(x for x, _ in runs[0])
            series.append(Series(method, "measured", at, means, tuple(map(min, rows)), tuple(map(max, rows))))
    return Figure(*evidence.axes, tuple(series), title="mean, least and largest over seeds") if series else None


def training_claim(
    id: str, paper: str, statement: str, source: str, comparison: Comparison, load: Callable[[], Evidence], effect: float
) -> Claim:
    """A claim that is decided by records.

    Parameters
    ----------
    id, paper, statement, source : str
        As in :class:`proofs_check.claim.Claim`; the error rate of ``id`` stands in the registry's section for training claims.
    comparison : Superiority or Equivalence
    load : callable
        Reads the records; raises :class:`NoRecord` if one is missing or stale.
    effect : float
        As in :func:`decide`.
    """

    def decided(setting: Setting) -> Outcome:
        try:
            evidence = load()
        except NoRecord as reason:
            return Outcome("inconclusive", str(reason))
        outcome = decide(comparison, evidence, setting.error, setting.effect, setting.mutant)
        return replace(outcome, figure=picture(comparison, evidence))

    swapped = "the labels of the two methods are swapped"
    if isinstance(comparison, Equivalence):
        swapped = f"the labels of {comparison.other} and {comparison.contrast} are swapped"
    return Claim(id, paper, statement, source, swapped, effect, decided)
