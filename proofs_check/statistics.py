"""Limits at small error rates, for the three kinds of measurement that claims rest on.

* the mean of skewed runs: :func:`sim.statistics.mean_interval`, corrected for skewness;
* a probability: Clopper and Pearson's limit (Biometrika 26, 1934), exact;
* a law: the Kolmogorov-Smirnov distance, with a critical value that is conservative for discrete laws.
"""

from __future__ import annotations

import math

import numpy as np

from proofs_check.verdict import Measurement
from sim.statistics import mean_interval


def measure(evaluations: np.ndarray, hit: np.ndarray, error: float) -> Measurement:
    """What a sample of runs says of E[T].

    Parameters
    ----------
    evaluations : array of int, shape (runs,)
        T where the run hit the optimum, its budget where it didn't.
    hit : array of bool, shape (runs,)
    error : float
        The probability that the limits may miss E[T], half on each side.

    Returns
    -------
    Measurement
        With censored runs the mean is that of min(T, budget) and ``high`` is infinite.

    Examples
    --------
    >>> m = measure(np.array([3, 5, 4, 4]), np.array([True] * 4), error=0.05)
    >>> m.mean, round(m.low, 3), round(m.high, 3)
    (4.0, 2.701, 5.299)
    """
    sample = np.asarray(evaluations, dtype=np.float64)
    runs, censored = sample.size, int(sample.size - np.count_nonzero(hit))
    mean, std = float(sample.mean()), float(sample.std(ddof=1))
    skewness = float(((sample - mean) ** 3).mean() / sample.std() ** 3) if std > 0 else 0.0
    low, high = mean_interval(sample, 1 - error)
    if std == 0:  # all runs took m: that has probability at most P(T >= m)^runs <= (E[T]/m)^runs, and says nothing from above
        low, high = mean * (error / 2) ** (1 / runs), math.inf
    return Measurement(mean, std, skewness, max(low, 0.0), math.inf if censored else high, error, runs, censored)


def probability_low(count: int, runs: int, error: float) -> float:
    """Lower confidence limit (one-sided) of a probability, from ``count`` events in ``runs`` trials.

    >>> round(probability_low(60, 100, error=0.025), 4)
    0.4972
    """
    from scipy.special import betaincinv

    return float(betaincinv(count, runs - count + 1, error)) if count else 0.0


def law_distance(one: np.ndarray, other: np.ndarray) -> float:
    """Kolmogorov-Smirnov distance of two samples of integers.

    >>> law_distance(np.array([1, 2, 3]), np.array([1, 2, 3]))
    0.0
    """
    points = np.union1d(one, other)
    return float(np.abs(_cdf(one, points) - _cdf(other, points)).max())


def law_distance_to(sample: np.ndarray, cdf: np.ndarray) -> float:
    """Kolmogorov-Smirnov distance of a sample to a law on 0, 1, 2, ... given by its cdf.

    Beyond the table the law is taken to be 1, which is wrong by the tail that was left out of it.

    >>> law_distance_to(np.array([0, 1]), np.array([0.5, 1.0]))
    0.0
    """
    points = np.arange(max(len(cdf), int(np.max(sample)) + 1))
    law = np.ones(len(points))
    law[: len(cdf)] = cdf
    return float(np.abs(_cdf(sample, points) - law).max())


def critical_distance(error: float, *sizes: int) -> float:
    """The distance that samples of one law exceed with probability ``error`` (asymptotically; with less if it is discrete)."""
    from scipy.special import kolmogi

    return float(kolmogi(error)) * math.sqrt(sum(1 / size for size in sizes))


def distance_power(distance: float, error: float, *sizes: int) -> float:
    """Probability, at least, that laws at this distance are told apart: at the point where they differ most the difference of
    the empirical laws has standard deviation at most sqrt(sum of 1/(4 size)).

    >>> distance_power(0.1, 0.001, 2000, 2000) > 0.9
    True
    """
    from scipy.special import ndtr

    spread = math.sqrt(sum(1 / (4 * size) for size in sizes))
    return float(ndtr((distance - critical_distance(error, *sizes)) / spread))


def _cdf(sample: np.ndarray, points: np.ndarray) -> np.ndarray:
    return np.searchsorted(np.sort(sample), points, side="right") / len(sample)
