"""Is one method better than another by more than a margin, or are the two equal within one? The tests, on plain numbers.

A measurement is one number a method and seed, ``{method: {seed: value}}``. All tests are Student's t-tests on the differences of
two methods, seed by seed. A seed gives both methods the same data and the same initial weights where they have them in common;
where nothing is common, pairing costs no more than the degrees of freedom, and no assumption of equal variances is needed.
Differences are taken to be normal, which the tests of this file's tests can't know of a network: that is why few claims are made,
with margins that are clear.

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
deviations of the difference between seeds. From 4.5 on 5 seeds are asked for, from 2.3 on 8, from 1.8 on 10; less is *reported as
found*. The power, exact by the noncentral t law, must be 0.9 at the claim's error rate.

**Mutants.** The labels of the two methods are swapped. An equivalence would survive that: its mutant puts a third method, which
is known to be different, in the place of the second.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from proofs_check.claim import Outcome
from proofs_check.verdict import POWER

Values = Mapping[str, Mapping[int, float]]
"""One number for each method and seed."""

SEEDS = ((4.5, 5), (2.3, 8), (1.8, 10))
"""From which effect on how many seeds are enough."""


class Unfit(Exception):
    """Why the evidence decides nothing."""


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
        mean, std, n = summary(differences(values, self.better, self.worse, self.higher), self.resolution)
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
        mean, std, n = summary(differences(values, self.one, self.other, self.higher), self.resolution)
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


def differences(values: Values, one: str, other: str, higher: bool) -> list[float]:
    """By how much one method is ahead of another, seed by seed.

    Raises
    ------
    Unfit
        If a value is missing or isn't finite, or the seeds aren't the same.
    """
    for method in (one, other):
        if not values.get(method):
            raise Unfit(f"no values of {method}")
        lost = [seed for seed, value in values[method].items() if not math.isfinite(value)]
        if lost:
            raise Unfit(f"{method} has no finite value on seed {lost[0]}")
    if set(values[one]) != set(values[other]):
        raise Unfit(f"{one} and {other} were not run on the same seeds")
    sign = 1 if higher else -1
    return [sign * (values[one][seed] - values[other][seed]) for seed in sorted(values[one])]


def summary(values: list[float], resolution: float) -> tuple[float, float, int]:
    """Mean, standard deviation (at least that of the rounding of two values) and number of differences.

    Raises
    ------
    Unfit
        If there are too few of them, or they don't vary.
    """
    n = len(values)
    if n < 2:
        raise Unfit(f"{n} seed is too few")
    mean = math.fsum(values) / n
    std = math.sqrt(math.fsum((x - mean) ** 2 for x in values) / (n - 1))
    std = max(std, resolution / math.sqrt(6))
    if std <= 1e-12 * max(map(abs, values), default=0.0) or std == 0:
        raise Unfit("the differences don't vary between seeds, and no resolution of the values is given")
    return mean, std, n


def _outcome(
    margin: float, mean: float, interval: tuple[float, float], said: str, power: float, n: int, holds: bool, fails: bool
) -> Outcome:
    if fails:
        return Outcome("refuted", said, margin, mean, interval, power)
    if power < POWER:
        return Outcome("inconclusive", f"{said}; power {power:.2f} for the declared effect", margin, mean, interval, power)
    return Outcome("consistent" if holds else "inconclusive", f"{said}; power {power:.3g}", margin, mean, interval, power)
