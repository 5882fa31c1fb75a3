"""Figures of runs of which some were cut off at their budget.

``evaluations`` holds T where ``hit`` and the budget where not: T is known to be larger there, and nothing else. A run must have
been cut off for a reason that knows nothing of its future, such as a budget.

* The survival function P(T > t): E. Kaplan, P. Meier (JASA 53, 1958), with scipy.stats.ecdf. Its band at each t: Greenwood's
  variance on the scale log(-log S) (D. Collett, *Modelling survival data in medical research*, 2015, section 2.2).
* Quantiles: with one budget for all runs the order statistics of :func:`sim.intervals.quantile_interval`, as far as they lie
  below it; they hold for every law. With different budgets all t at which the band holds 1 - q (R. Brookmeyer, J. Crowley,
  Biometrics 38, 1982).
* The mean of min(T, limit), known of every run whose budget isn't below the limit.
* PAR-k: the mean where a run that was cut off counts k budgets (F. Hutter et al., JAIR 36, 2009).
* ERT, the expected evaluations until a hit when a run is restarted at its budget (Auger and Hansen, CEC 2005): evaluations of
  all runs over the number of hits. Its limits are Fieller's (1954): all ratios r for which the mean of T - r hit may be 0, with
  the interval for skewed means.
"""

from __future__ import annotations

import math
import warnings
from typing import NamedTuple

import numpy as np

from sim.intervals import mean_interval, quantile_interval
from theory.errors import InputError


class Quantile(NamedTuple):
    """A quantile (infinite where too few runs hit), its limits (0 and infinity where there are none), how they were found."""

    value: float
    low: float
    high: float
    how: str


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


def survival_band(
    evaluations: np.ndarray, hit: np.ndarray, confidence: float = 0.95
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Confidence limits of P(T > t), for each t by itself.

    Returns
    -------
    times, low, high : arrays
        At the distinct times of hits. Where the estimate is 0 there is no variance: the lower limit is 0 and the upper one
        that of the time before, as P(T > t) can't grow (1 where there is none).

    Examples
    --------
    >>> times, low, high = survival_band(np.array([1, 2, 4, 4]), np.array([True, True, True, False]))
    >>> low.round(3), high.round(3)
    (array([0.128, 0.058, 0.009]), array([0.961, 0.845, 0.665]))
    """
    from scipy.stats import CensoredData, ecdf

    hit = np.asarray(hit, dtype=bool)
    times, estimate = survival(evaluations, hit)
    if not hit.any():
        return times, np.zeros(0), np.zeros(0)
    function = ecdf(CensoredData.right_censored(np.asarray(evaluations, dtype=np.float64), ~hit)).sf
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # scipy says that there are no limits where the estimate is 0
        limits = function.confidence_interval(confidence, method="log-log")
    low, high = limits.low.evaluate(times), limits.high.evaluate(times)
    if estimate[-1] <= 0:
        low[-1], high[-1] = 0.0, high[-2] if high.size > 1 else 1.0
    return times, low, high


def median(evaluations: np.ndarray, hit: np.ndarray) -> float | None:
    """Kaplan and Meier's median: the first t with P(T > t) <= 1/2, or None if the budget came before.

    >>> median(np.array([1, 2, 4, 4]), np.array([True, True, False, False]))
    2.0
    """
    value = _first_below(*survival(evaluations, hit), 0.5)
    return value if math.isfinite(value) else None


def quantile(evaluations: np.ndarray, hit: np.ndarray, q: float, confidence: float = 0.95) -> Quantile:
    """The q-quantile of T: the first t with P(T > t) <= 1 - q after Kaplan and Meier, and its limits.

    >>> quantile(np.array([1, 2, 3, 4, 5, 6, 6, 6, 6]), np.arange(9) < 5, 0.5)
    Quantile(value=5.0, low=2.0, high=inf, how='order statistics')
    """
    evaluations, hit = np.asarray(evaluations, dtype=np.float64), np.asarray(hit, dtype=bool)
    if not 0 < q < 1:
        raise InputError(f"q: {q!r} must lie between 0 and 1")
    value = _first_below(*survival(evaluations, hit), 1 - q)
    budget = float(evaluations[~hit].max()) if not hit.all() else math.inf
    if (evaluations[~hit] == budget).all() and (evaluations[hit] <= budget).all():  # one budget: all T below it are known
        low, high = quantile_interval(np.where(hit, evaluations, math.inf), q, confidence)
        return Quantile(value, max(min(low, budget), 0.0), high, "order statistics")
    times, lower, upper = survival_band(evaluations, hit, confidence)
    low, high = _first_below(times, lower, 1 - q), _first_below(times, upper, 1 - q)
    return Quantile(value, min(low, float(evaluations.max())), high, "log-log band")


def _first_below(times: np.ndarray, probabilities: np.ndarray, level: float) -> float:
    """The first time at which a falling step function is at most ``level``; infinite where it stays above."""
    reached = np.flatnonzero(probabilities <= level + 1e-12)
    return float(times[reached[0]]) if reached.size else math.inf


def restricted_mean(evaluations: np.ndarray, hit: np.ndarray, limit: float) -> float:
    """E[min(T, limit)]: the area under the survival function up to ``limit``, which no budget may lie below.

    >>> restricted_mean(np.array([1, 3, 4, 4]), np.array([True, True, False, False]), 4)
    3.0
    """
    return float(_restricted(evaluations, hit, limit).mean())


def restricted_mean_interval(
    evaluations: np.ndarray, hit: np.ndarray, limit: float, confidence: float = 0.95
) -> tuple[float, float]:
    """Limits of E[min(T, limit)], which lie from 0 to the limit.

    >>> low, high = restricted_mean_interval(np.array([1, 3, 4, 4]), np.array([True, True, False, False]), 4)
    >>> low < 3 < high <= 4
    True
    """
    low, high = mean_interval(_restricted(evaluations, hit, limit), confidence)
    return max(low, 0.0), min(high, float(limit))


def _restricted(evaluations: np.ndarray, hit: np.ndarray, limit: float) -> np.ndarray:
    """min(T, limit) of each run."""
    evaluations, hit = np.asarray(evaluations, dtype=np.float64), np.asarray(hit, dtype=bool)
    if (~hit & (evaluations < limit)).any():
        smallest = evaluations[~hit].min()
        raise InputError(f"limit: {limit} must not be above the smallest budget of a censored run, {smallest:.15g}")
    return np.minimum(evaluations, limit)


def par(evaluations: np.ndarray, hit: np.ndarray, k: float = 10) -> float:
    """PAR-k: the mean of T, where a run that was cut off counts k times its budget.

    >>> par(np.array([2, 10, 3]), np.array([True, False, True]), 2)
    8.333333333333334
    """
    return float(_penalised(evaluations, hit, k).mean())


def par_interval(evaluations: np.ndarray, hit: np.ndarray, k: float = 10, confidence: float = 0.95) -> tuple[float, float]:
    """Limits of the expectation that PAR-k estimates, at these budgets.

    >>> low, high = par_interval(np.array([2, 10, 3]), np.array([True, False, True]), 2)
    >>> low < 25 / 3 < high
    True
    """
    low, high = mean_interval(_penalised(evaluations, hit, k), confidence)
    return max(low, 0.0), high


def _penalised(evaluations: np.ndarray, hit: np.ndarray, k: float) -> np.ndarray:
    if not k >= 1:
        raise InputError(f"k: {k!r} must be at least 1: a run that was cut off took its budget")
    return np.asarray(evaluations, dtype=np.float64) * np.where(np.asarray(hit, dtype=bool), 1.0, float(k))


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
