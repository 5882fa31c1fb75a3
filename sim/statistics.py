"""Figures for samples of runtimes: skewed always, censored where runs hit their budget.

* The mean of skewed runs: the studentised mean after Hall's transformation (P. Hall, "On the removal of skewness by
  transformation", JRSS B 54, 1992). With W = (mean - mu)/s and g the sample's skewness, sqrt(R) (W + g W^2/3 + g^2 W^3/27 +
  g/(6R)) is nearly normal for R runs; the map is increasing in W, so it is inverted in closed form.
* Quantiles: order statistics; the number of runs below a quantile is binomial, so the limits hold for every law.
* Censored runs: the survival function by Kaplan and Meier (JASA 53, 1958) with scipy.stats.ecdf; the mean of
  min(T, budget); and ERT, the expected evaluations until a hit when a run is restarted at its budget (Auger and Hansen,
  CEC 2005): evaluations of all runs over the number of hits. Its limits are Fieller's (1954): all ratios r for which
  the mean of T - r hit may be 0, with the interval for skewed means.

T is in evaluations; ``evaluations`` holds T where ``hit`` and the budget where not.
"""

from __future__ import annotations

import math

import numpy as np

from theory.errors import InputError


def mean_interval(sample: np.ndarray, confidence: float = 0.95) -> tuple[float, float]:
    """Confidence limits of the mean of a skewed law.

    Parameters
    ----------
    sample : array, shape (R,), R >= 2
    confidence : float

    Returns
    -------
    (float, float)
        Half of the error on each side. One point where all values are the same.

    Examples
    --------
    >>> low, high = mean_interval(np.array([1, 2, 2, 3, 9]))
    >>> round(low, 2), round(high, 2)
    (0.45, 19.58)
    """
    from scipy.special import stdtrit

    sample = np.asarray(sample, dtype=np.float64)
    runs = sample.size
    if runs < 2:
        raise InputError(f"sample: has {runs} runs; limits need at least 2")
    mean, std = float(sample.mean()), float(sample.std(ddof=1))
    if std == 0.0:
        return mean, mean
    skewness = float(((sample - mean) ** 3).mean()) / std**3
    quantile = float(stdtrit(runs - 1, (1 + confidence) / 2)) / math.sqrt(runs)

    def studentised(q: float) -> float:
        """The W that the transformation maps to q."""
        if abs(skewness) < 1e-6:
            return q
        return 3.0 / skewness * (float(np.cbrt(1.0 + skewness * (q - skewness / (6 * runs)))) - 1.0)

    return mean - std * studentised(quantile), mean - std * studentised(-quantile)


def quantile_interval(sample: np.ndarray, q: float, confidence: float = 0.95) -> tuple[float, float]:
    """Limits of the q-quantile from order statistics: right for every law, at least as wide as said.

    Infinite (or minus infinite) where the sample is too small for a limit on that side.

    >>> quantile_interval(np.arange(1, 101), 0.5)
    (40.0, 61.0)
    """
    from scipy.special import bdtr

    ordered = np.sort(np.asarray(sample, dtype=np.float64))
    runs, error = ordered.size, (1 - confidence) / 2
    below = bdtr(np.arange(runs + 1), runs, q)  # P(at most j runs lie below the quantile)
    low = int(np.count_nonzero(below <= error))  # the largest j with P(fewer than j runs at or below it) <= error
    high = int(np.count_nonzero(below < 1 - error)) + 1
    return (float(ordered[low - 1]) if low > 0 else -math.inf, float(ordered[high - 1]) if high <= runs else math.inf)


def survival(evaluations: np.ndarray, hit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Kaplan and Meier's estimate of P(T > t).

    Returns
    -------
    times, probabilities : arrays
        At the distinct times of hits; the probability stays constant from each to the next, and is 1 before the first.

    Examples
    --------
    >>> survival(np.array([1, 2, 4, 4]), np.array([True, True, True, False]))
    (array([1., 2., 4.]), array([0.75, 0.5 , 0.25]))
    """
    from scipy.stats import CensoredData, ecdf

    hit = np.asarray(hit, dtype=bool)
    if not hit.any():
        return np.zeros(0), np.zeros(0)
    estimate = ecdf(CensoredData.right_censored(np.asarray(evaluations, dtype=np.float64), ~hit)).sf
    times = np.unique(np.asarray(evaluations, dtype=np.float64)[hit])
    return times, estimate.evaluate(times)


def median(evaluations: np.ndarray, hit: np.ndarray) -> float | None:
    """Kaplan and Meier's median: the first t with P(T > t) <= 1/2, or None if the budget came before.

    >>> median(np.array([1, 2, 4, 4]), np.array([True, True, False, False]))
    2.0
    """
    times, probabilities = survival(evaluations, hit)
    reached = np.flatnonzero(probabilities <= 0.5 + 1e-12)
    return float(times[reached[0]]) if reached.size else None


def restricted_mean(evaluations: np.ndarray, hit: np.ndarray, limit: float) -> float:
    """E[min(T, limit)]: the area under the survival function up to ``limit``, which no budget may lie below.

    >>> restricted_mean(np.array([1, 3, 4, 4]), np.array([True, True, False, False]), 4)
    3.0
    """
    evaluations, hit = np.asarray(evaluations, dtype=np.float64), np.asarray(hit, dtype=bool)
    if (~hit & (evaluations < limit)).any():
        smallest = evaluations[~hit].min()
        raise InputError(f"limit: {limit} must not be above the smallest budget of a censored run, {smallest:.15g}")
    return float(np.minimum(evaluations, limit).mean())


def ert(evaluations: np.ndarray, hit: np.ndarray) -> float:
    """Expected evaluations until a hit with restarts at the budget; infinite without any hit.

    >>> ert(np.array([2, 10, 3]), np.array([True, False, True]))
    7.5
    """
    hits = int(np.count_nonzero(hit))
    return float(np.sum(evaluations, dtype=np.float64)) / hits if hits else math.inf


def ert_interval(evaluations: np.ndarray, hit: np.ndarray, confidence: float = 0.95) -> tuple[float, float]:
    """Limits of ERT; the upper one is infinite where the hits are too few.

    Without censored runs they are those of the mean.

    >>> low, high = ert_interval(np.array([2, 10, 3, 5, 4, 10, 1]), np.array([1, 0, 1, 1, 1, 0, 1], bool))
    >>> low < 7 < high
    True
    """
    evaluations, hits = np.asarray(evaluations, dtype=np.float64), np.asarray(hit, dtype=np.float64)
    if not hits.any():  # P(hit) is at most q, where (1 - q)^R is the error; each hit costs (1-q)/q budgets before it
        q = -math.expm1(math.log((1 - confidence) / 2) / hits.size)
        return float(evaluations.mean()) * (1 - q) / q, math.inf
    centre = ert(evaluations, hit)
    if centre == 0:  # every run started at the optimum
        return 0.0, 0.0

    def refused(ratio: float, side: int) -> bool:
        """Whether E[T - ratio hit] = 0 is refused on that side (ratios that are too large have side 1)."""
        low, high = mean_interval(evaluations - ratio * hits, confidence)
        return high < 0 if side > 0 else low > 0

    low = 0.0 if not refused(0.0, -1) else _edge(lambda r: refused(r, -1), centre, 0.0)
    far = centre
    while not refused(far, 1):
        far *= 2
        if far > 1e6 * centre:
            return low, math.inf
    return low, _edge(lambda r: refused(r, 1), centre, far)


def _edge(refused, inside: float, outside: float) -> float:
    """Bisect between a ratio that isn't refused and one that is."""
    for _ in range(200):
        middle = (inside + outside) / 2
        if refused(middle):
            outside = middle
        else:
            inside = middle
        if abs(outside - inside) <= 1e-9 * abs(outside):
            break
    return inside
