"""When does a measurement refute a statement on E[T], when does it support it? The rules, all in this file.

**One band, every judgement.** A comparison has C cells (one per n and c) and an error rate a. In each cell an interval [L, U]
with confidence 1 - a/C is made for E[T] (Bonferroni over the cells; half of a/C on each side). With probability 1 - a all of
them contain their E[T], and then none of the rules below refutes a true statement, however many bounds are listed:

    ===========  =================  ==========================
    statement    refuted if         smallest violation to see
    ===========  =================  ==========================
    E[T] <= B    L > B              E[T] = (1 + e) B
    E[T] >= B    U < B              E[T] = (1 - e) B
    E[T]  = B    L > B or U < B     E[T] = (1 + e) B or (1 - e) B
    ===========  =================  ==========================

**Power.** Not refuted is not yet support: with few runs nothing is ever refuted. So the declared effect e > 0 is the smallest
violation that must be seen with probability 0.9. If the expectation were (1 + e) B, the runs of a process with the same
coefficient of variation s (standard deviation over mean; runtimes of hillclimbers keep theirs when they get slower by a
factor) would have a mean with standard error s (1 + e) B / sqrt(R), and the test would refute with probability about

    power = Phi( e sqrt(R) / (s (1 + e)) - z ),   z = the normal quantile at 1 - a/(2C),

and for lower bounds with 1 - e. *consistent* means: not refuted, and the power is at least 0.9; otherwise *inconclusive*,
with the number of runs that would be enough.

**Censored runs.** With runs that stopped at a budget b, only E[min(T, b)] <= E[T] is measured. Its lower limit is one for
E[T], so upper bounds and exact values can be refuted; from above nothing limits E[T] (a tail beyond the budget can carry any
mean), so nothing is consistent. If no run was censored, the sample is taken as one of T.

**Skewed runs.** The limits must hold at error rates like 1e-3, where the normal approximation of a skewed mean is wrong by
factors; they are corrected for skewness to second order, which is good from 50 g^2 runs on (g the sample's skewness; a
geometric waiting time has g = 2, hence 200 runs). With fewer runs than that, or than 30, the verdict is inconclusive. What
no run has shown can't be corrected for: if rare runs carry much of E[T] and the sample has none, a is only nominal.

**Runs without variation.** If all R runs took m, which happens with probability at most P(T >= m)^R <= (E[T]/m)^R (Markov), then
L = m (a/(2C))^(1/R), and U is infinite. Upper bounds are consistent where (1 + e) L >= m; exact values and lower bounds, whose
violation from below could not be seen, are inconclusive.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

POWER = 0.9
FEWEST = 30
PER_SQUARED_SKEWNESS = 50

VERDICTS = ("proved", "certified", "consistent", "inconclusive", "failed", "refuted")  # from best to worst


@dataclass(frozen=True)
class Measurement:
    """What a sample of runtimes says of E[T].

    Attributes
    ----------
    mean, std, skewness : float
        Of the runs; of min(T, budget) where some were censored.
    low, high : float
        Confidence limits for E[T]; ``high`` is infinite where runs were censored.
    error : float
        The probability that [low, high] misses E[T].
    runs, censored : int
    """

    mean: float
    std: float
    skewness: float
    low: float
    high: float
    error: float
    runs: int
    censored: int = 0

    @property
    def variation(self) -> float:
        """The coefficient of variation, std / mean (0 for a sample without variation)."""
        return self.std / self.mean if self.std > 0 else 0.0

    @property
    def enough(self) -> int:
        """The number of runs from which the confidence limits can be relied on."""
        return max(FEWEST, math.ceil(PER_SQUARED_SKEWNESS * self.skewness**2))


@dataclass(frozen=True)
class Judgement:
    """A verdict and why: ``power`` is the probability of refuting the declared violation (NaN where none was computed)."""

    verdict: str
    reason: str
    power: float = math.nan


def power(direction: str, effect: float, variation: float, runs: int, error: float) -> float:
    """Probability that a violation by the factor 1 + effect (lower bounds: 1 - effect) is refuted.

    Examples
    --------
    >>> round(power("upper", effect=0.1, variation=1.0, runs=1000, error=0.01), 3)
    0.618
    >>> round(power("upper", effect=0.1, variation=1.0, runs=2000, error=0.01), 3)
    0.932
    """
    if variation == 0:
        return 1.0
    from scipy.special import ndtr, ndtri

    factor = 1 - effect if direction == "lower" else 1 + effect
    return float(ndtr(effect * math.sqrt(runs) / (variation * factor) - ndtri(1 - error / 2)))


def runs_for_power(direction: str, effect: float, variation: float, error: float) -> int:
    """The number of runs from which :func:`power` is at least 0.9.

    >>> runs_for_power("upper", effect=0.1, variation=1.0, error=0.01)
    1801
    """
    from scipy.special import ndtri

    factor = 1 - effect if direction == "lower" else 1 + effect
    return max(FEWEST, math.ceil(((ndtri(1 - error / 2) + ndtri(POWER)) * variation * factor / effect) ** 2))


def judge(direction: str, bound: float, measured: Measurement, effect: float) -> Judgement:
    """Hold a statement "E[T] <= bound" (upper), ">=" (lower) or "=" (exact) against a measurement.

    Parameters
    ----------
    direction : {"upper", "lower", "exact"}
    bound : float
    measured : Measurement
    effect : float
        The smallest relative violation that the test must be able to see.

    Returns
    -------
    Judgement

    Examples
    --------
    >>> runs = Measurement(mean=100, std=50, skewness=1, low=95, high=105, error=0.01, runs=1000)
    >>> judge("upper", 90, runs, effect=0.1).verdict, judge("upper", 110, runs, effect=0.1).verdict
    ('refuted', 'consistent')
    """
    assert direction in ("upper", "lower", "exact")
    if measured.runs < measured.enough:
        return Judgement("inconclusive", f"{measured.runs} runs are too few for runs this skewed; {measured.enough} would do")
    tiny = 1e-9 * abs(bound)  # rounding
    if direction != "lower" and measured.low > bound + tiny:
        return Judgement("refuted", f"E[T] is at least {measured.low:.6g} (error rate {measured.error:.2g})")
    if direction != "upper" and measured.high < bound - tiny:
        return Judgement("refuted", f"E[T] is at most {measured.high:.6g} (error rate {measured.error:.2g})")
    if measured.censored:
        return Judgement(
            "inconclusive",
            f"{measured.censored} of {measured.runs} runs hit their budget, so that only E[min(T, budget)] <= E[T] is measured",
        )
    if measured.std == 0:  # limits by Markov's inequality: they see what lies above the bound, and only with enough runs
        if direction == "upper" and measured.mean <= bound + tiny and measured.low * (1 + effect) >= measured.mean:
            return Judgement("consistent", f"all {measured.runs} runs took {measured.mean:.6g}", 1.0)
        return Judgement("inconclusive", f"all {measured.runs} runs took {measured.mean:.6g}; what is rarer was not seen")
    have = power(direction, effect, measured.variation, measured.runs, measured.error)
    if have < POWER:
        need = max(measured.enough, runs_for_power(direction, effect, measured.variation, measured.error))
        return Judgement("inconclusive", f"power {have:.2f} to see a violation of {effect:.0%}; {need} runs would do", have)
    return Judgement("consistent", f"power {have:.3g} to see a violation of {effect:.0%}", have)


def overall(verdicts: list[str]) -> str:
    """The verdict on all together: the worst one; consistent where statistics had a part in it, inconclusive of nothing.

    >>> overall(["proved", "consistent"]), overall(["proved", "refuted", "inconclusive"]), overall([])
    ('consistent', 'refuted', 'inconclusive')
    """
    return max(verdicts, key=VERDICTS.index, default="inconclusive")
