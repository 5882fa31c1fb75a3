"""Confidence limits of means, quantiles and probabilities, for laws that are skewed.

* The mean of skewed runs: the studentised mean after Hall's transformation (P. Hall, "On the removal of skewness by
  transformation", JRSS B 54, 1992). With W = (mean - mu)/s and g the sample's skewness, sqrt(R) (W + g W^2/3 + g^2 W^3/27 +
  g/(6R)) is nearly normal for R runs; the map is increasing in W, so it is inverted in closed form.
* Quantiles: order statistics; the number of runs below a quantile is binomial, so the limits hold for every law.
* Probabilities: C. Clopper, E. Pearson (Biometrika 26, 1934), which hold for every probability; or E. Wilson (JASA 22, 1927),
  which are shorter and hold on average.
"""

from __future__ import annotations

import math

import numpy as np

from theory.errors import InputError, nearest

_METHODS = {"clopper-pearson": "exact", "wilson": "wilson"}


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


def proportion_interval(
    successes: int, runs: int, confidence: float = 0.95, method: str = "clopper-pearson"
) -> tuple[float, float]:
    """Limits of a probability of which ``successes`` of ``runs`` were seen.

    >>> low, high = proportion_interval(0, 10)
    >>> low, round(high, 4)  # (1 - high)^10 = 0.025
    (0.0, 0.3085)
    """
    from scipy.stats import binomtest

    if method not in _METHODS:
        raise InputError(f"method: unknown name {method!r}; {nearest(str(method), _METHODS)}")
    if runs < 1 or not 0 <= successes <= runs:
        raise InputError(f"successes: {successes} of {runs} runs is not possible")
    limits = binomtest(int(successes), int(runs)).proportion_ci(confidence, _METHODS[method])
    return float(limits.low), float(limits.high)
