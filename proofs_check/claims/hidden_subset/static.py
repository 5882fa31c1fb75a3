"""Claims about static rates: hidden subsets, initial segments, and LeadingOnes with its own schedule.

Notation: m(n) the probability that one given relevant bit and no other one flips; q_i that bit i is the first one to flip.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from proofs_check.claim import Claim, Outcome, Setting
from proofs_check.claims.hidden_subset.common import LONG, PAPER, SOURCE, hidden
from proofs_check.contrasts import Contrast, contrasts, near
from proofs_check.decide import Fact, Mean, Runs, facts, means
from proofs_check.figure import Figure, Series
from theory import InitialSegment, LeadingOnes, OnePlusOneEA, Process, SqrtSchedule

LAST = 10**6
"""The smallest rate is 1/LAST."""


# ---- rates 1/i with probability 1/(Z i ln^2 i)


@functools.cache
def chances(size: int) -> np.ndarray:
    """E[p^h (1-p)^(n-h)], h = 0, ..., n: a given set of h of the n bits is what flips. All terms are positive.

    From h = 9 on rates below 1/(64 n) add less than 10^-13 of it.
    """
    i = np.arange(2, LAST + 1, dtype=float)
    weight = 1 / (i * np.log(i) ** 2)
    weight /= weight.sum()
    found = np.empty(size + 1)
    for h in range(size + 1):
        some = slice(None) if h <= 8 else slice(0, 64 * size)
        found[h] = np.sum(weight[some] * np.exp(-h * np.log(i[some]) + (size - h) * np.log1p(-1 / i[some])))
    return found


@functools.cache
def static_mean(size: int) -> float:
    """E[T] on OneMax of n hidden bits from a uniform start, over the chain of the number of zero-bits; all terms are positive."""
    from scipy.special import gammaln

    log_chance = np.log(chances(size))
    choose = [gammaln(m + 1) - gammaln(np.arange(m + 1) + 1) - gammaln(m - np.arange(m + 1) + 1) for m in range(size + 1)]
    times = np.zeros(size + 1)
    for z in range(1, size + 1):
        a, b = np.arange(1, z + 1)[:, None], np.arange(min(z, size - z + 1))[None, :]
        fall = np.where(a > b, a - b, 0)
        gain = np.exp(choose[z][a] + choose[size - z][b] + log_chance[np.minimum(a + b, size)]) * (fall > 0)
        law = np.bincount(fall.ravel(), gain.ravel(), minlength=z + 1)[1 : z + 1]  # of the number of zero-bits lost
        times[z] = (1 + law @ times[z - 1 :: -1][:z]) / law.sum()
    return float(np.exp(choose[size] - size * math.log(2)) @ times)


def static(setting: Setting) -> Iterator[Fact]:
    """E[T] m/ln n rises and lies below 1 by about a constant over ln n; the mutant's E[T] is twice as large."""
    ratios = _ratios(setting)
    for (size, ratio), (_, before) in zip(ratios[1:], ratios):
        yield Fact(f"n = {size}: E[T] m/ln n rises", "" if before < ratio else f"{ratio:.4f} after {before:.4f}")
    for size, ratio in ratios:
        gap = (1 - ratio) * math.log(size)
        yield Fact(f"n = {size}: 1 < ln n - E[T] m < 3/2", "" if 1 < gap < 1.5 else f"it is {gap:.4f}")


def _ratios(setting: Setting) -> list[tuple[int, float]]:
    sizes = setting.choose((30, 60, 100), (30, 60, 100, 200, 300, 500))
    factor = 2.0 if setting.mutant else 1.0
    return [(size, factor * static_mean(size) * float(chances(size)[1]) / math.log(size)) for size in sizes]


def static_outcome(setting: Setting) -> Outcome:
    """The same with its picture."""
    outcome = facts("consistent", static, "exact chains in floats, all terms positive")(setting)
    x, y = zip(*_ratios(setting))
    return replace(
        outcome,
        measured=y[-1],
        figure=Figure(
            "n", "E[T] m(n)/ln n",
            (Series("chain", "exact", tuple(map(float, x)), y), Series("limit", "other", (x[0], x[-1]), (1.0, 1.0))),
            log_x=True, title="Static rates 1/i, probability ~ 1/(i ln^2 i)",
        ),
    )  # fmt: skip


# ---- initial segments


def segment(rate: Any, base: str) -> Process:
    """The (1+1) EA with this rate for bit i."""
    return OnePlusOneEA(rate).on(InitialSegment(base))


def segment_leadingones(setting: Setting) -> list[Mean]:
    """Half the sum of the 1/q_i."""
    from theory.problems.initial_segment import iterated_log_rate

    cells = []
    for rate, large in (("1/(i+1)", 200), (iterated_log_rate(1, 1), 100)):
        process = segment(rate, "leading-ones")
        exact = next(bound for bound in process.bounds() if bound.direction == "exact")
        for size, engine in setting.choose([(24, "lumped")], [(24, "sparse"), (large, "lumped")]):
            value = exact.evaluate(n=size)
            runs = Runs(process, {"n": size}, engine=engine, budget=LONG)
            cells.append(Mean(runs, lambda v=value: v, lambda v=value: 0.9 * v))  # type: ignore[misc]
    return cells


def hand_off(setting: Setting) -> list[Contrast]:
    """The coupon collector with hand-off within 6 %, with single flips too slow by 1.3; the mutant has the two exchanged."""
    process = segment("c/(i*log(i+E-1)**2)", "onemax")
    cells = []
    for size, constant in setting.choose(
        ((64, Fraction(1, 2)),), ((64, Fraction(1, 2)), (256, Fraction(1, 2)), (64, Fraction(1, 5)))
    ):
        value, single = hand_off_value(process, size, constant), single_flip_value(process, size, constant)
        if setting.mutant:
            value, single = single, value
        runs = Runs(process, {"n": size, "c": constant}, budget=LONG)
        where = f"n = {size}, c = {constant}"
        cells.append(near(f"{where}: E[T], hand-off", 1.0, runs, value, 0.06 * value))
        cells.append(Contrast(f"{where}: E[T] by single flips, over 1.3", ((1.0, runs),), -math.inf, single / 1.3, single / 1.3))
    return cells


def hand_off_value(process: Process, size: int, constant: Fraction) -> float:
    """A rare zero-bit may flip together with a frequent one-bit, which is repaired soon."""
    return next(iter(process.bounds("heuristic"))).evaluate(n=size, c=constant)


def single_flip_value(process: Process, size: int, constant: Fraction) -> float:
    """What it would be if every zero-bit had to flip alone.

    >>> round(single_flip_value(segment("c/(i*log(i+E-1)**2)", "onemax"), 64, Fraction(1, 2)), -2)
    17100.0
    """
    from theory.bounds.initial_segment_onemax import position_rates, time_to_settle

    assert process.rate is not None
    p = position_rates(process.rate, {"n": size, "c": constant})
    return time_to_settle(-np.log1p(-p / (1 - p) * np.prod(1 - p)))


# ---- LeadingOnes under (sqrt(e)/2)/sqrt(t)

QUARTER = math.e / 4


@functools.cache
def sqrt_ratio(size: int) -> float:
    """E[T]/n^2 from the levels stepped forward in time."""
    from theory.exact import runtime_distribution

    return runtime_distribution(hidden(SqrtSchedule(), LeadingOnes()), n=size, tail=1e-9).mean / size**2


def sqrt_limit(setting: Setting) -> Iterator[Fact]:
    """2 r(2n) - r(n), r = E[T]/n^2, in which a term in 1/n cancels, is e/4 up to 6/(2n)^2; the mutant's e/4 is 1 % larger."""
    limit = QUARTER * (1.01 if setting.mutant else 1)
    for size in setting.choose((25, 50, 100), (25, 50, 100, 200)):
        value = 2 * sqrt_ratio(2 * size) - sqrt_ratio(size)
        wrong = f"{value:.6f} is not {limit:.6f}"
        yield Fact(f"n = {size} and {2 * size}", "" if abs(value - limit) < 6 / (2 * size) ** 2 else wrong)


def sqrt_runs(setting: Setting) -> list[Contrast]:
    """Second order at n, and less than the best static rate by 7 % of n^2; the mutant has that of the static rate."""
    size, exact = setting.choose((400, 100), (1600, 200))
    value = QUARTER + exact * (sqrt_ratio(exact) - QUARTER) / size
    best = static_leadingones(size)
    runs = Runs(hidden(SqrtSchedule(), LeadingOnes()), {"n": size}, budget=LONG)
    middle = best if setting.mutant else value
    return [
        near(f"n = {size}: E[T]/n^2", 1 / size**2, runs, middle, 0.005 * middle),
        Contrast(
            f"n = {size}: E[T]/n^2 and that of the best static rate, less 0.07",
            ((1 / size**2, runs),),
            -math.inf,
            best - 0.07,
            best,
        ),
    ]


def static_leadingones(size: int) -> float:
    """E[T]/n^2 at the best static rate, known n.

    >>> round(static_leadingones(1600), 4)
    0.7721
    """
    from theory.constants import leadingones_optimal_rate

    p = float(leadingones_optimal_rate(n=size)) / size
    return ((1 - p) ** (1 - size) - (1 - p)) / (2 * p**2) / size**2


CLAIMS = (
    Claim(
        "hs-static", PAPER, "OneMax of n hidden bits, rate 1/i with probability ~ 1/(i ln^2 i): E[T] m(n)/ln n rises towards 1, "
        "so that E[T] is of the order of n ln^3 n", f"Doerr, Doerr, Kötzing 2019; {SOURCE}", "E[T] is twice as large", 0.0,
        static_outcome,
        formula=r"E[T] = (1 + o(1))\, \frac{\ln n}{m(n)} = (1 + o(1))\, Z\, n\, (\ln n)^{2+\varepsilon}",
        where="m(n) is the probability that one given relevant bit flips and no other one; here eps = 1",
    ),
    Claim(
        "hs-segment-leadingones", PAPER, "LeadingOnes of an initial segment, rate p_i for bit i: E[T] is half the sum of the "
        "1/q_i",
        "Cathabard, Lehre, Yao 2011; Doerr, Doerr, Kötzing 2019", "the sum times 0.9", 0.06,
        means("exact", segment_leadingones, 3000, 4000),
        formula=r"E[T] = \frac12 \sum_{i=1}^n \frac{1}{q_i}, \qquad q_i = p_i \prod_{j<i} (1-p_j)",
        where="q_i is the probability that bit i is the first one to flip",
    ),
    Claim(
        "hs-hand-off", PAPER, "OneMax of an initial segment: E[T] is that of a coupon collector with hand-off, up to 6 %; that "
        "of single flips is too large by 1.3", "heuristic, made here", "the two formulas exchanged", 0.05, contrasts(hand_off,
        2500, 4000),
        formula=r"r_j = \frac{p_j}{1-p_j} \prod_i (1-p_i) \left(1 + \sum_{i \ne j} \frac{p_i}{1-p_i}\right)",
        where="r_j is the rate at which zero-bit j is repaired in the last phase",
    ),
    Claim(
        "hs-sqrt-limit", PAPER, "LeadingOnes of n hidden bits, rate (sqrt(e)/2)/sqrt(t): E[T]/n^2 = e/4 + O(1/n)",
        "heuristic, made here", "e/4 times 1.01", 0.0, facts("consistent", sqrt_limit, "exact levels in floats"),
    ),
    Claim(
        "hs-sqrt", PAPER, "LeadingOnes of n hidden bits, rate (sqrt(e)/2)/sqrt(t): E[T] is (e/4) n^2 with its term in n, less "
        "than at any static rate by 0.07 n^2", "heuristic, made here", "the best static rate's E[T]", 0.05, contrasts(sqrt_runs,
        500,
        500),
    ),
)  # fmt: skip
