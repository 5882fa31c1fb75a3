"""Claims about the schedules alpha ln t/t and alpha W(t)/t at finite n: runs against the exact law and against the prediction.

The prediction of :mod:`theory.hidden_subset.predictor` is heuristic (a fluid limit, then a Gumbel law): it is held up to a
margin, and can at most be consistent. E[T]/(n ln n) itself is far from its limit at every n that can be run (2.9 at 10^4, 3.09 at
10^6, beta = 3.55), so that no finite ratio is compared with a limit.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sympy import Min, Piecewise, log

from proofs_check.claim import Claim, Outcome, Setting
from proofs_check.claims.hidden_subset.common import (
    LONG,
    PAPER,
    SOURCE,
    WORDS,
    hidden,
    known_runs,
    lambert_runs,
    log_runs,
    mean_of,
    rule_runs,
    scale,
    slope_of,
)
from proofs_check.contrasts import Contrast, at_most, contrasts, near, slope
from proofs_check.decide import Law, Runs, laws
from proofs_check.figure import Figure, Series
from theory import BinVal, LambertSchedule, LogSchedule
from theory.schedules import HALF, optimal_constant
from theory.symbols import c, t

MARGIN = 0.01
"""Of the prediction, relative; it is right to about 0.3 % from n = 1000 on."""
SLOPE_MARGIN = 0.06
RATIOS = (0.5, 1.0, 2.0)
ALPHA = float(optimal_constant())
WITH_C = Piecewise((HALF, t <= 1), (Min(HALF, c * log(t) / t), True))
"""The schedule c ln t/t, one kernel for every c."""


# ---- the exact law


def exact_law(setting: Setting) -> list[Law]:
    """Runs against the law stepped forward; the mutant's law is that of 3/2 alpha."""
    cells = [(LogSchedule(), 8), (LambertSchedule(), 8)] + setting.choose([], [(LogSchedule(), 60), (LambertSchedule(), 60)])
    wrong = LogSchedule(optimal_constant() * 3 / 2)
    return [Law(Runs(hidden(rate), {"n": size}), law_of(rate, size), mutant=law_of(wrong, size)) for rate, size in cells]


def law_of(rate: Any, size: int) -> Callable[[], np.ndarray]:
    """The cdf of T on OneMax of n bits, when it is needed."""

    def cdf() -> np.ndarray:
        from theory.exact import runtime_distribution

        return runtime_distribution(hidden(rate), n=size, tail=1e-6).cdf

    return cdf


# ---- the prediction


def prediction(setting: Setting) -> list[Contrast]:
    """E[T]/(n ln n) of both schedules; the mutant's prediction is 5 % lower."""
    factor = 0.95 if setting.mutant else 1.0
    cells = []
    for name, rate, runs in (("alpha ln t/t", LogSchedule(), log_runs), ("alpha W(t)/t", LambertSchedule(), lambert_runs)):
        for size in setting.choose((1000,), (1000, 10_000)):
            value = factor * mean_of(rate, size) / scale(size)
            cells.append(near(f"{name}, n = {size}: E[T]/(n ln n)", 1 / scale(size), runs(size), value, MARGIN * value))
    return cells


def approach(setting: Setting, outcomes: list[Outcome]) -> Figure:
    """E[T]/(n ln n) over n: predictions, limits, and what was measured."""
    from theory.constants import hidden_subset_beta

    sizes = setting.choose((100, 1000), (100, 1000, 10_000, 100_000, 10**6))
    ends, beta = (float(sizes[0]), float(sizes[-1])), float(hidden_subset_beta())
    series = [
        Series(name, "prediction", tuple(map(float, sizes)), tuple(mean_of(rate, size) / scale(size) for size in sizes))
        for name, rate in (("alpha ln t/t", LogSchedule()), ("alpha W(t)/t", LambertSchedule()), ("known n, rate 1/n", "1/n"))
    ]
    series += [
        Series("beta", "other", ends, (beta, beta)),
        Series("e", "other", ends, (math.e, math.e)),
        *_measured(outcomes, "alpha ln t/t"),
        *_measured(outcomes, "alpha W(t)/t"),
    ]
    return Figure("n", "E[T]/(n ln n)", tuple(series), log_x=True, title="Schedules against their prediction")


def _measured(outcomes: list[Outcome], name: str) -> list[Series]:
    """The points of one schedule; their n stands in the cell's words."""
    found = [outcome for outcome in outcomes if outcome.reason.startswith(name)]
    sizes = [float(outcome.reason.split("n = ")[1].split(":")[0]) for outcome in found]
    return [points(f"{name}, runs", sizes, found)]


def points(label: str, x: Sequence[float], outcomes: list[Outcome], factor: float = 1.0) -> Series:
    """Measurements with their intervals."""
    limits = [outcome.interval or (math.nan, math.nan) for outcome in outcomes]
    y = tuple(factor * float(outcome.measured or 0.0) for outcome in outcomes)
    low, high = (tuple(factor * limit[side] for limit in limits) for side in (0, 1))
    return Series(label, "measured", tuple(x), y, low, high)


# ---- slopes


def slopes(setting: Setting) -> list[Contrast]:
    """(E[T]/n at n_2 less that at n_1)/ln(n_2/n_1); the mutant puts the limits beta and e in the place of finite slopes."""
    from theory.constants import hidden_subset_beta

    first, last = setting.choose((100, 1000), (1000, 100_000))
    beta = float(hidden_subset_beta())
    cells = []
    for name, rate, runs, limit in (
        ("alpha ln t/t", LogSchedule(), log_runs, beta), ("alpha W(t)/t", LambertSchedule(), lambert_runs, beta),
        ("known n", "1/n", known_runs, math.e),
    ):  # fmt: skip
        value = limit if setting.mutant else slope_of(rate, first, last)
        where = f"{name}: slope from n = {first} to {last}"
        cells.append(Contrast(where, slope(runs, first, last), value - SLOPE_MARGIN, value + SLOPE_MARGIN, value))
    for name, runs in (("alpha ln t/t", log_runs), ("alpha W(t)/t", lambert_runs)):
        parts = (*slope(runs, first, last), *slope(known_runs, first, last, -1.0))
        cells.append(Contrast(f"{name}: slope less that of known n", parts, 0.3, math.inf, beta))
    return cells


def slope_drift(setting: Setting, outcomes: list[Outcome]) -> Figure:
    """Predicted slopes over n: they rise towards beta very slowly, and that of the known n is e from the start."""
    from theory.constants import hidden_subset_beta

    sizes = setting.choose((100, 1000), (100, 1000, 10_000, 100_000, 10**6))
    x = tuple(math.sqrt(a * b) for a, b in itertools.pairwise(sizes))
    beta = float(hidden_subset_beta())
    rates = (("alpha ln t/t", LogSchedule()), ("alpha W(t)/t", LambertSchedule()), ("known n, rate 1/n", "1/n"))
    pairs = list(itertools.pairwise(sizes))
    series = [Series(name, "prediction", x, tuple(slope_of(rate, a, b) for a, b in pairs)) for name, rate in rates]
    series += [Series("beta", "other", (x[0], x[-1]), (beta, beta)), Series("e", "other", (x[0], x[-1]), (math.e, math.e))]
    first, last = setting.choose((100, 1000), (1000, 100_000))
    for outcome, (name, _) in zip(outcomes, rates):
        series.append(points(f"{name}, runs", [math.sqrt(first * last)], [outcome]))
    return Figure("n", "slope of E[T]/n over ln n", tuple(series), log_x=True, title="Slopes at finite n")


# ---- order


def ordering(setting: Setting) -> list[Contrast]:
    """Rule A, the Lambert schedule, the logarithmic one, static rates, in this order; the mutant has the first two exchanged."""
    size = setting.choose(1000, 10_000)
    adaptive, lambert, logarithmic = rule_runs(size), lambert_runs(size), log_runs(size)
    first, second = (lambert, adaptive) if setting.mutant else (adaptive, lambert)
    static = static_from_below(size)
    return [
        at_most(f"n = {size}: rule A, 0.97 of alpha W(t)/t", 0.97, first, second, 0.97 * mean_of(LambertSchedule(), size)),
        at_most(
            f"n = {size}: alpha W(t)/t, 0.98 of alpha ln t/t", 0.98, lambert, logarithmic, 0.98 * mean_of(LogSchedule(), size)
        ),
        Contrast(
            f"n = {size}: alpha ln t/t, a tenth of static rates", ((1.0, logarithmic),), -math.inf, static / 10, static / 10
        ),
    ]


@functools.cache
def static_from_below(size: int) -> float:
    """A lower bound on E[T] for rates 1/i with probability 1/(Z i ln^2 i), derived: E[H_min(Z, K)]/E[p exp(-M p)].

    The last expectation is a sum over i up to 10^6, and at most the sum of i^-2 (ln 10^6)^-2 beyond.

    >>> round(static_from_below(1000) / (1000 * math.log(1000)), 1)
    35.2
    """
    from theory.bounds.onemax_lower import sum_over_levels
    from theory.hidden_subset import divisors

    most = max(1, math.floor(size / (1 + math.log(size)) ** 2))
    gap = size - 1 - 2 * math.sqrt((size - most) * (most - 1)) - 2 * most
    i = np.arange(2, 10**6, dtype=float)
    each = float(np.sum(np.exp(-gap / i) / (i * np.log(i)) ** 2)) + 1 / ((10**6 - 1) * math.log(10**6) ** 2)
    return sum_over_levels(size, most, True, lambda j: 1 / j) / (each / divisors().total)


# ---- the wrong constant


def mistuned(setting: Setting) -> list[Contrast]:
    """alpha/2, alpha, 2 alpha, each against its own prediction; the mutant has those of alpha/2 and 2 alpha exchanged."""
    size = setting.choose(1000, 10_000)
    values = [_with_constant(ratio, size) for ratio in RATIOS]
    if setting.mutant:
        values.reverse()
    cells = []
    for ratio, value in zip(RATIOS, values):
        runs = Runs(hidden(WITH_C), {"n": size, "c": ratio * ALPHA}, budget=LONG)
        cells.append(near(f"a = {ratio:g} alpha, n = {size}: E[T]/(n ln n)", 1 / scale(size), runs, value, MARGIN * value))
    return cells


@functools.cache
def _with_constant(ratio: float, size: int) -> float:
    """The predicted E[T]/(n ln n) at a = ratio alpha."""
    return mean_of(WITH_C.subs(c, ratio * ALPHA), size) / scale(size)


def constants_curve(setting: Setting, outcomes: list[Outcome]) -> Figure:
    """E[T]/(n ln n) over a/alpha at this n, its limit beta(a), and the least a of both."""
    from theory.constants import hidden_subset_penalty

    size = setting.choose(1000, 10_000)
    x = setting.choose(RATIOS, (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0, 2.5))
    y = tuple(_with_constant(ratio, size) for ratio in x)
    limit = tuple(float(hidden_subset_penalty(ratio)) for ratio in x)
    series = (
        Series(f"n = {size}", "prediction", x, y),
        Series("limit beta(a)", "other", x, limit),
        points("runs", RATIOS, outcomes),
    )
    best = x[int(np.argmin(y))]
    return Figure(
        "a/alpha", "E[T]/(n ln n)", series, title=f"Another constant; the best of these at n = {size} is {best:g} alpha"
    )


# ---- linear functions


def binval_slower(setting: Setting) -> list[Contrast]:
    """BinVal takes longer than OneMax, but grows with the same slope; the mutant gives it a slope that is larger by e/2."""
    first, last = setting.choose((100, 1000), (1000, 10_000))
    extra = math.e / 2 if setting.mutant else 0.0

    def binval(size: int) -> Runs:
        return Runs(hidden(LogSchedule(), BinVal()), {"n": size})

    unit = slope_of(LogSchedule(), first, last)
    difference = (*slope(binval, first, last), *slope(log_runs, first, last, -1.0))
    cells = [
        at_most(f"n = {size}: OneMax, 0.98 of BinVal", 0.98, log_runs(size), binval(size), mean_of(LogSchedule(), size))
        for size in (first, last)
    ]
    return [Contrast(f"slope of BinVal less OneMax, n = {first} to {last}", difference, extra - 0.3, extra + 0.3, unit), *cells]


_RUNTIME = "OneMax of n hidden bits"
CLAIMS = (
    Claim(
        "hs-exact-law", PAPER, f"{_RUNTIME}, alpha ln t/t and alpha W(t)/t: T has the law of the chain stepped forward in time",
        SOURCE, "the law under 3/2 alpha ln t/t", 0.03, laws(exact_law, 20_000, 100_000),
    ),
    Claim(
        "hs-prediction", PAPER, f"{_RUNTIME}, alpha ln t/t and alpha W(t)/t: E[T] is the prediction of a fluid limit with a "
        "Gumbel law at the end, up to 1 %", f"heuristic, made here, after {SOURCE}", "the prediction times 0.95", 0.015,
        contrasts(prediction, 8000, 12_000, approach),
        formula=r"E[T] \approx \sum_{t \ge 0} \left(1 - \exp\left(-n e^{c_s - L_n(t)}\right)\right)",
        where="L_n(t) is the sum of p_s (1-p_s)^(n-1) over s <= t; c_s is what the fluid limit adds to it",
    ),
    Claim(
        "hs-slope", PAPER, f"{_RUNTIME}: E[T]/n grows by the predicted slopes in ln n, those of schedules at least 0.3 more than "
        "that of a known n", f"heuristic, made here, after {SOURCE}", "the limits beta and e in place of the slopes at finite n",
        0.055, contrasts(slopes, 10_000, 2400, slope_drift),
    ),
    Claim(
        "hs-ordering", PAPER, f"{_RUNTIME}: rule A takes at most 0.97 times as long as alpha W(t)/t, that 0.98 times as long as "
        "alpha ln t/t, and that a tenth of what static rates 1/i take", SOURCE, "rule A and the schedule exchanged", 0.05,
        contrasts(ordering, 1500, 4000), where=WORDS,
    ),
    Claim(
        "hs-mistuned", PAPER, f"{_RUNTIME}, a ln t/t with a = alpha/2, alpha, 2 alpha: E[T] is its own prediction, up to 1 %",
        f"heuristic, made here, after {SOURCE}", "the predictions of alpha/2 and 2 alpha exchanged", 0.025,
        contrasts(mistuned, 4400, 8000, constants_curve),
        formula=r"a E_1(a/\beta(a)) = 1, \quad E[T] = (1 + o(1))\, \beta(a)\, n \ln n",
        where="a is the constant of the schedule a ln t/t",
    ),
    Claim(
        "hs-linear", PAPER, "alpha ln t/t, hidden bits: BinVal takes longer than OneMax by about a multiple of n: "
        "the slopes of E[T]/n over ln n are the same, up to 0.3", SOURCE, "a slope that is larger by e/2", 0.1,
        contrasts(binval_slower, 3000, 4000),
    ),
)  # fmt: skip
