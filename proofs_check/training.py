"""The statistics of training claims: is one method better than another by more than a margin, or are they equal within one?

A measurement is one number a method and seed: plain data ``{method: {seed: value}}``, taken from records. All tests are Student's
t-tests on the differences of two methods, seed by seed. A seed gives both methods the same data and the same initial weights
where they have them in common; where nothing is common, pairing costs no more than the degrees of freedom, and no assumption of
equal variances is needed. Differences are taken to be normal, which the tests of this file's tests can't know of a network: that
is why few claims are made, with margins that are clear.

With d the mean of n differences, s their standard deviation, margin m and q the t-quantile at 1 - error, n - 1 degrees:

    =============  =======================  ============================  ==================================
    claim          null hypothesis          consistent                    refuted
    =============  =======================  ============================  ==================================
    superiority    advantage <= m           d - q s/sqrt(n) > m           d + q s/sqrt(n) < m
    equivalence    |difference| >= m        |d| + q s/sqrt(n) < m         |d| - q' s/sqrt(n) > m
    =============  =======================  ============================  ==================================

(q' at 1 - error/2: from two sides). Whatever the truth, one of the two verdicts would be wrong, and it comes with probability at
most the error rate; the second test is that of Schuirmann (Journal of Pharmacokinetics and Biopharmaceutics 15, 1987).

**Seeds.** The effect is the distance of the expected advantage from the margin (of 0 from it, for equivalence), in standard
deviations of the difference between seeds, both seen on pilot seeds. From 4.5 on 5 seeds are asked for, from 2.3 on 8, from 1.8
on 10; less is *reported as found*. The power, exact by the noncentral t law, must be 0.9 at the claim's error rate.

**Equal tuning.** Methods were tuned on one grid, with the same number of trials, on seeds that serve no verdict, and the best
setting was taken. What is missing, stale or unfair makes a claim inconclusive.

**Mutants.** The labels of the two methods are swapped. An equivalence would survive that: its mutant puts a third method, which
is known to be different, in the place of the second.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from proofs_check.claim import Cell, Claim, Outcome, Setting
from proofs_check.figure import Figure, Series
from proofs_check.verdict import POWER
from theory.errors import InputError

Values = Mapping[str, Mapping[int, float]]
"""One number for each method and seed."""

SEEDS = ((4.5, 5), (2.3, 8), (1.8, 10))
"""From which effect on how many seeds are enough."""


class NoRecord(Exception):
    """A record is missing or stale; the message says which, and how to make it."""


@dataclass(frozen=True)
class Tuning:
    """How a method was tuned.

    Attributes
    ----------
    grid : mapping of str to {seed: value}
        What was measured at each setting, e.g. ``{"rate=0.01": {100: 1.9}, "rate=0.003": {100: 2.1}}``; NaN if it diverged.
    chosen : str
        The setting that is used.
    """

    grid: Values
    chosen: str


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


def seeds_needed(effect: float) -> int | None:
    """The number of seeds that an effect, in standard deviations between seeds, needs; None: it is reported as found.

    >>> [seeds_needed(effect) for effect in (6, 4.5, 2.3, 1.8, 1.7)]
    [5, 5, 8, 10, None]
    """
    return next((seeds for least, seeds in SEEDS if effect >= least), None)


@cache
def _quantile(degrees: int, error: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 1 - error))


@cache
def power_of_superiority(effect: float, seeds: int, error: float) -> float:
    """Probability that an advantage so many standard deviations beyond the margin is found; exact for normal differences.

    >>> round(power_of_superiority(4.5, 5, 0.001), 3), round(power_of_superiority(0, 5, 0.001), 6)
    (0.889, 0.001)
    """
    from scipy.stats import nct

    return float(nct.sf(_quantile(seeds - 1, error), seeds - 1, effect * math.sqrt(seeds)))


@cache
def power_of_equivalence(effect: float, seeds: int, error: float) -> float:
    """Probability that equality is found where it is exact and the margin has so many standard deviations.

    Given s, the mean must lie within margin - q s/sqrt(n) of 0: the normal probability of that, averaged over s.

    >>> round(power_of_equivalence(4.5, 5, 0.001), 2)
    0.84
    """
    from scipy.integrate import quad
    from scipy.special import ndtr
    from scipy.stats import chi

    degrees, quantile, root = seeds - 1, _quantile(seeds - 1, error), math.sqrt(seeds)
    most = effect * root / quantile  # a larger s leaves no room

    def chance(s: float) -> float:
        return (2 * ndtr(effect * root - quantile * s) - 1) * chi.pdf(s * math.sqrt(degrees), degrees) * math.sqrt(degrees)

    return float(quad(chance, 0, most, epsabs=1e-10)[0])


@dataclass(frozen=True)
class Superiority:
    """``better`` beats ``worse`` by more than ``margin``.

    Attributes
    ----------
    better, worse : str
        Names of methods.
    margin : float
        In the unit of the values, at least 0.
    higher : bool
        Whether larger values are better.
    resolution : float
        The unit of values that are rounded, e.g. 1 for a length: the standard deviation is taken to be at least that of the
        rounding of two values.

    Examples
    --------
    >>> runs = {"OK": {s: 9 + s % 2 for s in range(5)}, "KF": {s: 4 + s % 3 for s in range(5)}}
    >>> Superiority("OK", "KF", margin=1).judge(runs, error=0.01, effect=4.5).verdict
    'consistent'
    """

    better: str
    worse: str
    margin: float
    higher: bool = True
    resolution: float = 0.0

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that it needs values of."""
        return (self.better, self.worse)

    def swapped(self, values: Values) -> Values:
        """The values of the mutant."""
        return {**values, self.better: values[self.worse], self.worse: values[self.better]}

    def effect_in(self, mean: float, std: float) -> float:
        """The distance from the margin, in standard deviations."""
        return (mean - self.margin) / std if std else math.copysign(math.inf, mean - self.margin)

    def judge(self, values: Values, error: float, effect: float) -> Outcome:
        """The verdict on per-seed values alone."""
        mean, std, n = _summary(_differences(values, self.better, self.worse, self.higher), self.resolution)
        half = _quantile(n - 1, error) * std / math.sqrt(n)
        power = power_of_superiority(effect, n, error)
        said = f"{self.better} is ahead of {self.worse} by {mean:.4g} +- {half:.2g} over {n} seeds, margin {self.margin:g}"
        return _outcome(
            self.margin, mean, (mean - half, mean + half), said, power, n, mean - half > self.margin, mean + half < self.margin
        )


@dataclass(frozen=True)
class Equivalence:
    """``one`` and ``other`` differ by less than ``margin``; ``contrast`` is a method that is known to be further away.

    Examples
    --------
    >>> runs = {"OK": {s: 2 + s % 2 / 50 for s in range(5)}, "RTRL": {s: 2 + s % 3 / 50 for s in range(5)}}
    >>> Equivalence("OK", "RTRL", 0.3, contrast="KF").judge(runs, error=0.01, effect=4.5).verdict
    'consistent'
    """

    one: str
    other: str
    margin: float
    contrast: str
    higher: bool = True
    resolution: float = 0.0

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that it needs values of."""
        return (self.one, self.other, self.contrast)

    def swapped(self, values: Values) -> Values:
        """The values of the mutant."""
        return {**values, self.other: values[self.contrast], self.contrast: values[self.other]}

    def effect_in(self, mean: float, std: float) -> float:
        """The distance of the difference from the margin, in standard deviations."""
        room = self.margin - abs(mean)
        return room / std if std else math.copysign(math.inf, room)

    def judge(self, values: Values, error: float, effect: float) -> Outcome:
        """The verdict on per-seed values alone."""
        mean, std, n = _summary(_differences(values, self.one, self.other, self.higher), self.resolution)
        scale = std / math.sqrt(n)
        half, wide = _quantile(n - 1, error) * scale, _quantile(n - 1, error / 2) * scale
        power = power_of_equivalence(effect, n, error)
        said = f"{self.one} and {self.other} differ by {mean:.4g} +- {half:.2g} over {n} seeds, margin {self.margin:g}"
        return _outcome(
            self.margin,
            mean,
            (mean - half, mean + half),
            said,
            power,
            n,
            abs(mean) + half < self.margin,
            abs(mean) - wide > self.margin,
        )


Comparison = Superiority | Equivalence


class _Unfit(Exception):
    """Why the evidence decides nothing."""


def _differences(values: Values, one: str, other: str, higher: bool) -> list[float]:
    for method in (one, other):
        if not values.get(method):
            raise _Unfit(f"no values of {method}")
        lost = [seed for seed, value in values[method].items() if not math.isfinite(value)]
        if lost:
            raise _Unfit(f"{method} has no finite value on seed {lost[0]}")
    if set(values[one]) != set(values[other]):
        raise _Unfit(f"{one} and {other} were not run on the same seeds")
    sign = 1 if higher else -1
    return [sign * (values[one][seed] - values[other][seed]) for seed in sorted(values[one])]


def _summary(differences: list[float], resolution: float) -> tuple[float, float, int]:
    """Mean, standard deviation and number."""
    n = len(differences)
    if n < 2:
        raise _Unfit(f"{n} seed is too few")
    mean = math.fsum(differences) / n
    std = math.sqrt(math.fsum((x - mean) ** 2 for x in differences) / (n - 1))
    std = max(std, resolution / math.sqrt(6))
    if std <= 1e-12 * max(map(abs, differences), default=0.0) or std == 0:
        raise _Unfit("the differences don't vary between seeds, and no resolution of the values is given")
    return mean, std, n


def _outcome(
    margin: float, mean: float, interval: tuple[float, float], said: str, power: float, n: int, holds: bool, fails: bool
) -> Outcome:
    if fails:
        return Outcome("refuted", said, margin, mean, interval, power)
    if power < POWER:
        return Outcome("inconclusive", f"{said}; power {power:.2f} for the declared effect", margin, mean, interval, power)
    return Outcome("consistent" if holds else "inconclusive", f"{said}; power {power:.3g}", margin, mean, interval, power)


def unfair(tuning: Mapping[str, Tuning], methods: Iterable[str], higher: bool, used: Iterable[int]) -> str:
    """What is wrong with the tuning of these methods, in words; empty if nothing is.

    Parameters
    ----------
    tuning : {method: Tuning}
    methods : iterable of str
        Those that are compared.
    higher : bool
        Whether larger values are better.
    used : iterable of int
        Seeds of the verdict.

    Examples
    --------
    >>> one = Tuning({"rate=0.1": {100: 3.0}, "rate=0.01": {100: 2.0}}, "rate=0.01")
    >>> unfair({"OK": one, "KF": one}, ["OK", "KF"], higher=False, used=range(5))
    ''
    >>> unfair({"OK": one}, ["OK", "KF"], higher=False, used=range(5))
    'KF was not tuned'
    """
    used, grids = set(used), {}
    for method in methods:
        if method not in tuning or not tuning[method].grid:
            return f"{method} was not tuned"
        found = tuning[method]
        grids[method] = {setting: len(runs) for setting, runs in found.grid.items()}
        shared = used & {seed for runs in found.grid.values() for seed in runs}
        if shared:
            return f"{method} was tuned on seed {min(shared)}, which serves the verdict"
        if found.chosen not in found.grid:
            return f"{method}: {found.chosen} is not on its grid"
        means = {setting: mean_of_trials(runs, higher) for setting, runs in found.grid.items()}
        best = (max if higher else min)(means.values())
        if means[found.chosen] != best:
            return f"{method}: {found.chosen} is not the best of its grid"
    names = list(grids)
    for method in names[1:]:
        if grids[method].keys() != grids[names[0]].keys():
            return f"{method} and {names[0]} were tuned on different grids"
        if grids[method] != grids[names[0]]:
            return f"{method} and {names[0]} had different numbers of trials"
    return ""


def mean_of_trials(runs: Mapping[int, float], higher: bool) -> float:
    """Of the trials of one setting; one that diverged is the worst that there is."""
    worst = -math.inf if higher else math.inf
    if not runs or not all(map(math.isfinite, runs.values())):
        return worst
    return math.fsum(runs.values()) / len(runs)


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
    except _Unfit as reason:
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
            raise _Unfit(f"no values of {method}")
    used = {seed for method in comparison.methods for seed in values[method]}
    reason = unfair(evidence.tuning, [m for m in comparison.methods if m not in evidence.fixed], comparison.higher, used)
    if reason:
        raise _Unfit(reason)
    shared = used & {seed for runs in evidence.pilot.values() for seed in runs}
    if shared:
        raise _Unfit(f"pilot seed {min(shared)} serves the verdict")
    pilot = _differences(evidence.pilot, first, second, comparison.higher)
    seen = comparison.effect_in(*_spread(pilot, comparison.resolution))
    if seen < effect:
        raise _Unfit(f"the pilot runs show an effect of {seen:.2g} standard deviations, less than the declared {effect:g}")
    if len(values[first]) < needed:
        raise _Unfit(f"{len(values[first])} seeds, {needed} are needed for an effect of {effect:g} standard deviations")


def _spread(differences: list[float], resolution: float) -> tuple[float, float]:
    mean, std, _ = _summary(differences, resolution)
    return mean, std


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
