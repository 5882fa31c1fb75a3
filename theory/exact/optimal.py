"""The best mutation rate at a given n: one rate for the whole run, or one for each state, by minimising exact expectations.

*One rate.* :func:`optimal_rate` minimises E[T] over c for a process whose rate has c free. The minimum is found on exact values;
a bracket c_low < c* < c_high is then certified in balls where those are at hand: E[T] is larger at both ends than at c*, so
that a local minimum lies between them.

*One rate a state.* On OneMax E_k depends on p at k and on E_j, j < k, alone:
E_k = (1 + sum_{j<k} P_kj(p) E_j) / sum_{j<k} P_kj(p), so the best p is found state by state from the optimum upwards (N.
Buskulic, C. Doerr, *Maximizing drift is not optimal for solving OneMax*, Evolutionary Computation 29, 2021). On LeadingOnes
p = 1/(v+1), exactly (Böttcher, Doerr, Neumann 2010).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from theory.algorithms import OnePlusOneEA
from theory.arguments import plain_arguments
from theory.errors import InputError
from theory.exact.errors import NoExactMethod
from theory.exact.runtime import expected_runtime, expected_runtime_interval
from theory.exact.starts import average, weights_by_zeros
from theory.problems import LeadingOnes, OneMax
from theory.process import Process
from theory.starts import read_start

if TYPE_CHECKING:
    from flint import arb

LARGEST_BY_STATE = 500
_BALLS = 400  # bits up to which a bracket is certified


@dataclass(frozen=True)
class OptimalRate:
    """The constant c with the smallest E[T].

    Attributes
    ----------
    c : float
    expected : float
        E[T] there.
    bracket : (float, float) or None
        A local minimum certainly lies between these (balls); None where no balls are at hand. That it is the global one is
        what a grid of 60 values of c says, not a proof.
    """

    c: float
    expected: float
    bracket: tuple[float, float] | None


@dataclass(frozen=True)
class OptimalRates:
    """The mutation rate with the smallest E[T] at each state.

    Attributes
    ----------
    rates : float array, shape (n + 1,)
        By the number k of zero-bits (OneMax) or by the fitness v (LeadingOnes); NaN at the optimum.
    expected_by_state : float array, shape (n + 1,)
        E[T] from each k; on LeadingOnes the expected rest of the run once v is reached, bits behind it uniform.
    expected : float
        E[T] from the start.
    """

    rates: np.ndarray
    expected_by_state: np.ndarray
    expected: float


@plain_arguments
def optimal_rate(process: Process, *, start: Any = "uniform", **values: Any) -> OptimalRate:
    """The c that minimises E[T] at a given n.

    Parameters
    ----------
    process : Process
        The (1+1) EA with a rate in n and c (and k, v), e.g. ``c/n``.
    start : "uniform", "zeros", int or array of bits
    **values
        n; c is what is looked for.

    Returns
    -------
    OptimalRate

    Examples
    --------
    >>> from theory import LeadingOnes, OnePlusOneEA
    >>> best = optimal_rate(OnePlusOneEA("c/n").on(LeadingOnes()), n=100)
    >>> round(best.c, 5), round(best.expected, 5), best.bracket[0] < best.c < best.bracket[1]
    (1.58105, 7720.52986, True)
    """
    if "c" in values:
        raise InputError("c: is what is looked for; leave it out")
    if "c" not in process.rate_symbols:
        raise InputError(f"rate: {process.rate} has no c to be chosen; give a rate such as c/n")
    if start == "worst":
        raise InputError("start: 'worst' changes with c; give 'uniform', 'zeros', a number of zero-bits or a point")
    n = int(process.values(**values, c=Fraction(1, 10**6))["n"])

    def height(log_c: float) -> float:
        try:
            return float(expected_runtime(process, start=start, **values, c=float(np.exp(log_c))))
        except NoExactMethod:
            raise
        except InputError:  # no probability
            return np.inf

    grid = np.log(np.geomspace(1e-3, max(n, 2), 60))
    heights = [_quiet(height, x) for x in grid]
    if not np.isfinite(heights).any():
        raise NoExactMethod(f"c: E[T] of {process} is finite for none of 60 values of c from 0.001 to n")
    i = int(np.argmin(heights))
    found = _minimum(lambda x: _quiet(height, x), grid[max(i - 1, 0)], grid[min(i + 1, 59)], 1e-10)
    best = float(np.exp(found))
    return OptimalRate(best, height(found), _bracket(process, start, values, best, n))


def _quiet(height: Callable[[float], float], x: float) -> float:
    """Beyond floating point counts as infinite."""
    try:
        return height(x)
    except NoExactMethod as error:
        if "too large" in str(error):
            return np.inf
        raise


def _minimum(height: Callable[[float], float], low: float, high: float, width: float) -> float:
    from scipy.optimize import minimize_scalar

    return float(minimize_scalar(height, bounds=(low, high), method="bounded", options={"xatol": width}).x)


def _bracket(process: Process, start: Any, values: dict[str, Any], best: float, n: int) -> tuple[float, float] | None:
    if n > _BALLS:
        return None

    def ball(constant: float) -> arb:
        return expected_runtime_interval(process, start=start, **values, c=constant)

    try:
        middle = ball(best)
        for width in (1e-6, 1e-5, 1e-4, 1e-3, 1e-2):
            low, high = best * (1 - width), best * (1 + width)
            if ball(low) > middle and ball(high) > middle:
                return low, high
    except InputError:
        pass
    return None


def optimal_rates(process: Process, *, start: Any = "uniform", **values: Any) -> OptimalRates:
    """The mutation rate at each state that minimises E[T].

    Parameters
    ----------
    process : Process
        The (1+1) EA on OneMax (n <= 500) or on LeadingOnes; its own rate plays no part.
    start : "uniform", "zeros" or a number of zero-bits
        On LeadingOnes "uniform" only.
    **values
        n.

    Returns
    -------
    OptimalRates

    Examples
    --------
    >>> from theory import LeadingOnes, OneMax, OnePlusOneEA
    >>> best = optimal_rates(OnePlusOneEA("1/n").on(OneMax()), n=20)
    >>> round(best.expected, 3), best.rates[1:4].round(4).tolist()
    (117.148, [0.05, 0.0573, 0.0652])
    >>> round(optimal_rates(OnePlusOneEA("1/n").on(LeadingOnes()), n=100).expected, 6)
    6795.264948
    """
    if not isinstance(process.algorithm, OnePlusOneEA):
        raise InputError(f"process: {process.algorithm} has no mutation rate; give the (1+1) EA")
    n = int(process.values(**{**({"c": Fraction(1, 10**6)} if "c" in process.needed else {}), **values})["n"])
    process = process.core
    where = read_start(start, process.problem, n)
    if isinstance(process.problem, LeadingOnes):
        if where.kind != "uniform":
            raise NoExactMethod("start: on LeadingOnes the best rates are known for a uniform start")
        v = np.arange(n)
        rates = 1.0 / (v + 1)
        waiting = (v + 1) * (1 + 1 / np.maximum(v, 1)) ** v
        rest = np.zeros(n + 1)
        for level in range(n - 1, -1, -1):  # the next levels are visited with probability 1/2 each
            rest[level] = waiting[level] + waiting[level + 1 :].sum() / 2
        return OptimalRates(np.append(rates, np.nan), rest, float(waiting.sum() / 2))
    if not isinstance(process.problem, OneMax):
        raise NoExactMethod(f"problem: the best rates by state are computed on OneMax and LeadingOnes, not on {process.problem}")
    if n > LARGEST_BY_STATE:
        raise NoExactMethod(f"n: the best rates are computed up to n = {LARGEST_BY_STATE}, not at n = {n}")
    if where.kind == "worst":
        raise InputError("start: 'worst' changes with the rates; give 'uniform', 'zeros' or a number of zero-bits")
    rates, expected = _onemax(n)
    first, weights = weights_by_zeros(where, n)
    return OptimalRates(rates, expected, average(weights, expected[first : first + len(weights)]))


def _onemax(n: int) -> tuple[np.ndarray, np.ndarray]:
    rates, expected = np.full(n + 1, np.nan), np.zeros(n + 1)
    for k in range(1, n + 1):
        if k == n:
            rates[k], expected[k] = 1.0, 1.0  # flip them all
            continue
        height = _height(n, k, expected)
        around = rates[k - 1] if k > 1 else 1.0 / n
        grid = np.unique(
            np.clip(np.concatenate([np.geomspace(0.25 / n, 1.0, 24), around * np.linspace(0.7, 1.6, 10)]), 1e-12, 1.0)
        )
        heights = [height(p) for p in grid]
        i = int(np.argmin(heights))
        p = _minimum(height, grid[max(i - 1, 0)], grid[min(i + 1, len(grid) - 1)], 1e-12)
        rates[k] = p if height(p) <= heights[i] else grid[i]
        expected[k] = height(rates[k])
    return rates, expected


def _height(n: int, k: int, expected: np.ndarray) -> Callable[[float], float]:
    """E_k as a function of the rate at k."""
    from scipy.signal import oaconvolve
    from scipy.stats import binom

    def height(p: float) -> float:
        ups, downs = binom.pmf(np.arange(k + 1), k, p), binom.pmf(np.arange(n - k + 1), n - k, p)
        few = np.flatnonzero(ups > 1e-18)
        ups = ups[: few[-1] + 1] if few.size else ups
        some = np.flatnonzero(downs > 1e-18)
        downs = downs[: some[-1] + 1] if some.size else downs
        law = np.convolve(ups, downs[::-1]) if len(ups) * len(downs) < 250_000 else oaconvolve(ups, downs[::-1])
        gain = law[len(downs) :]  # entry j - 1: a - b = j
        total = gain.sum()
        if not total > 0:
            return np.inf
        return float((1.0 + np.dot(gain, expected[k - 1 :: -1][: len(gain)])) / total)

    return height
