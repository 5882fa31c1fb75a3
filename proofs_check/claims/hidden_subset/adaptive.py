"""Claims about rates that follow the run: as if n were known, at a cost that the factor F sets.

The rules are reconstructions (:mod:`theory.hidden_subset.adaptive`): what the paper's own rule is could not be seen. What a rule
costs near the optimum, S(F), is measured where the state stands still: on the local optimum of Trap an offspring is equal if no
bit flips and worse otherwise, as near the optimum of OneMax, and the rate runs through its stationary law. Whole runs differ from
S(F) by what they gain or lose while d is of the order of n (1.00 in place of 1.02 at n = 4000): there only slopes are compared.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from proofs_check import statistics
from proofs_check.claim import Claim, Outcome, Setting
from proofs_check.claims.hidden_subset.common import PAPER, SOURCE, WORDS, epoch_runs, lambert_runs, rule_runs, slope_of
from proofs_check.contrasts import Contrast, contrasts, judge, slope
from proofs_check.decide import worst
from proofs_check.figure import Figure, Series
from proofs_check.verdict import POWER
from theory import LambertSchedule, SelfAdjustingEA, Trap

SIZE = 10_000
TIMES = tuple(range(2000, 12_000, 100))
"""After the descent from 1/2 to 1/n, at which the rates are looked at."""


@functools.lru_cache(maxsize=8)
def rates(rule: str, factor: str, runs: int, seed: int, times: tuple[int, ...]) -> np.ndarray:
    """The rate after so many offspring in runs that stay on a local optimum, shape (runs, times)."""
    from sim import Observe, simulate

    process, watch = SelfAdjustingEA(rule, F=factor).on(Trap()), Observe(at=times, potentials={"p": "p"})
    found = simulate(process, n=SIZE, start=SIZE, replicates=runs, seed=seed, budget=max(watch.at), observe=watch, progress=False)
    return np.asarray(found.observed["potentials"]["p"])


# ---- the cost near the optimum


def slow_down(setting: Setting) -> Outcome:
    """E[c e^-c] against 1/(e S(F)) under the stationary law; the mutant exchanges the exponents of rules A and C."""
    from theory.hidden_subset import adaptive_slow_down

    chosen = [("A", "1.05"), ("C", "1.05"), *setting.choose([], [("A", "1.2"), ("A", "1.5"), ("A", "2")])]
    found, runs = [], setting.choose(200, 2000)
    for rule, factor in chosen:
        value = 1 / (math.e * adaptive_slow_down(factor, "AC".replace(rule, "") if setting.mutant else rule))
        c = SIZE * rates(rule, factor, runs, setting.seed, TIMES)
        cell = Contrast(f"rule {rule}, F = {factor}: E[c e^-c]", (), value * 0.999, value * 1.001, value)
        outcome, room = judge(cell, (c * np.exp(-c)).mean(axis=1), setting.error / len(chosen), setting.effect)
        found.append((room, cell.where, outcome))
    decided = worst(found)
    return _with(decided, _costs([outcome for _, _, outcome in found], chosen))


def _costs(outcomes: list[Outcome], chosen: list[tuple[str, str]]) -> Figure:
    """S(F) over F, its expansion at 1, and what was measured."""
    from theory.hidden_subset import adaptive_slow_down, slow_down_expansion

    x = (1.05, 1.1, 1.2, 1.35, 1.5, 1.75, 2.0)
    series = [
        Series("S(F), rule A", "prediction", x, tuple(adaptive_slow_down(F) for F in x)),
        Series("1 + (e-1) ln(F)/4", "other", x, tuple(slow_down_expansion(F) for F in x)),
    ]
    for rule in ("A", "C"):
        own = [(float(factor), o) for (name, factor), o in zip(chosen, outcomes) if name == rule]
        cost = [1 / (math.e * (o.measured or math.nan)) for _, o in own]
        low = [1 / (math.e * (o.interval or (0, math.nan))[1]) for _, o in own]
        high = [1 / (math.e * (o.interval or (math.nan, 0))[0]) for _, o in own]
        series.append(Series(f"rule {rule}, runs", "measured", tuple(F for F, _ in own), tuple(cost), tuple(low), tuple(high)))
    return Figure("F", "time over that of the rate 1/n, near the optimum", tuple(series), title="What a rule costs")


def _with(outcome: Outcome, figure: Figure) -> Outcome:
    from dataclasses import replace

    return replace(outcome, figure=figure)


# ---- the stationary law


@functools.cache
def law_of_successes(rule: str, factor: str, steps: int) -> np.ndarray:
    """P(s neutral steps among the first ones), s = 0, ..., steps: the rate is 1/2 F^(up s - down (steps - s)).

    That the rate is cut off at 1/2 is left out: it needs a neutral step at a rate near 1/2, which has probability 2^-SIZE.

    >>> law = law_of_successes("A", "1.05", 400)
    >>> round(float(law.sum()), 12), bool(0.2 < law.argmax() / 400 < 0.3)  # 1/e of the steps after the descent
    (1.0, True)
    """
    from theory.hidden_subset import RULES

    found: Any = RULES[rule]
    law = np.zeros(steps + 1)
    law[0] = 1.0
    s, scale = np.arange(steps + 1), math.log(float(factor))
    for t in range(steps):
        p = 0.5 * np.exp(np.minimum(0.0, scale * (found.up * s[: t + 1] - found.down * (t - s[: t + 1]))))
        neutral = np.exp(SIZE * np.log1p(-p))
        moved = law[: t + 1] * neutral
        law[: t + 1] -= moved
        law[1 : t + 2] += moved
    return law


def stationary_law(setting: Setting) -> Outcome:
    """The rate at one time against the lattice law; the mutant's law is that of rule C."""
    from theory.hidden_subset import RULES

    steps, runs = 2000, setting.choose(4500, 30_000)
    chosen = ("1.05", "1.5")
    found = []
    for factor in chosen:
        rule: Any = RULES["A"]
        p = rates("A", factor, runs, setting.seed, (steps,))[:, 0]
        s = np.rint((np.log(2 * p) / math.log(float(factor)) + rule.down * steps) / (rule.up + rule.down)).astype(int)
        distance = statistics.law_distance_to(s, np.cumsum(law_of_successes("C" if setting.mutant else "A", factor, steps)))
        error = setting.error / len(chosen)
        allowed, power = statistics.critical_distance(error, runs), statistics.distance_power(setting.effect, error, runs)
        verdict = "refuted" if distance > allowed else "consistent" if power >= POWER else "inconclusive"
        where = f"rule A, F = {factor}, after {steps} steps"
        reason = f"{where}: {runs} runs against the exact law; power {power:.3g} to see a distance of {setting.effect:g}"
        found.append((allowed - distance, where, Outcome(verdict, reason, allowed, distance, None, power)))
    return worst(found)


# ---- whole runs


def as_if_known(setting: Setting) -> list[Contrast]:
    """Slope S(F) times that of the known n, less than a schedule's; the mutant has the schedule's slope.

    The descent from 1/2 to 1/n, of O(ln n) steps, changes the slope by less than the margin.
    """
    from theory.hidden_subset import adaptive_slow_down

    first, last = setting.choose((250, 2000), (1000, 10_000))
    value, other = adaptive_slow_down("1.05") * slope_of("1/n", first, last), slope_of(LambertSchedule(), first, last)
    middle = other if setting.mutant else value
    less = (*slope(lambert_runs, first, last), *slope(rule_runs, first, last, -1.0))
    where = f"rule A, F = 1.05: slope of E[T]/n from n = {first} to {last}"
    return [
        Contrast(where, slope(rule_runs, first, last), middle - 0.1, middle + 0.1, value),
        Contrast("slope of alpha W(t)/t less that of rule A", less, 0.2, math.inf, other),
    ]


def epochs(setting: Setting) -> list[Contrast]:
    """Rule B's slope is that of the known n; the mutant has a schedule's slope.

    The margin leaves room for what rule B gains by large rates early on: 0.1 less from n = 100 to 1000.
    """
    first, last = setting.choose((100, 1000), (1000, 10_000))
    known, other = slope_of("1/n", first, last), slope_of(LambertSchedule(), first, last)
    middle = other if setting.mutant else known
    where = f"rule B: slope of E[T]/n from n = {first} to {last}"
    return [Contrast(where, slope(epoch_runs, first, last), middle - 0.2, middle + 0.2, known)]


def exchanged(setting: Setting) -> list[Contrast]:
    """Rule C takes 1.2 to 1.35 times as long as rule A; the mutant: no longer than 1.1 times."""
    size = setting.choose(1000, 10_000)
    a, c = rule_runs(size), rule_runs(size, "C")
    unit = slope_of("1/n", size, 10 * size) * size * math.log(size)
    above = 1.1 if setting.mutant else 1.35
    return [
        Contrast(f"n = {size}: rule C less 1.2 of rule A", ((1.0, c), (-1.2, a)), 0.0, math.inf, unit),
        Contrast(f"n = {size}: rule C less {above} of rule A", ((1.0, c), (-above, a)), -math.inf, 0.0, unit),
    ]


_RULES = f"reconstruction, after {SOURCE}"
CLAIMS = (
    Claim(
        "hs-slow-down", PAPER, "Rules A and C near an optimum take S(F) times as long as the rate 1/n: E[c e^-c] is 1/(e S(F)) "
        "under the stationary law of c = np, up to 0.1 %", _RULES, "the exponents of the two rules exchanged", 0.01, slow_down,
        formula=r"S(F) = \frac{e^{-1}}{E_\pi[c\, e^{-c}]} = 1 + \tfrac{e-1}{4} \ln F + O(\ln^2 F)",
        where=f"pi is the stationary law of c = n p under the rule; the expansion is rule A's; {WORDS}",
    ),
    Claim(
        "hs-stationary", PAPER, "Rule A near an optimum: the rate after t steps has the law of the chain over the number of "
        "neutral steps, each of probability (1-p)^n", _RULES, "the law of rule C", 0.05, stationary_law, where=WORDS,
    ),
    Claim(
        "hs-adaptive", PAPER, "OneMax of n hidden bits, rule A: E[T]/n grows in ln n by S(F) times the slope of the known n, up "
        "to 0.1; the schedule alpha W(t)/t has a slope that is larger by 0.2", _RULES, "the slope of the schedule alpha W(t)/t",
        0.12, contrasts(as_if_known, 3000, 5000),
        formula=r"E[T] = (1 + o(1))\, S(F)\, e\, n \ln n, \qquad S(F) \to 1 \text{ as } F \to 1", where=WORDS,
    ),
    Claim(
        "hs-epochs", PAPER, "OneMax of n hidden bits, rule B: E[T]/n grows in ln n by the slope of the known n, up to 0.2: in "
        "the leading term it costs nothing not to know n", _RULES, "the slope of the schedule alpha W(t)/t",
        0.12, contrasts(epochs, 1500, 2500),
        formula=r"E[T] = (1 + o(1))\, e\, n \ln n",
        where="rule B runs epochs of L steps at one rate p, reads n off the share of neutral steps, (1-p)^n, and doubles L",
    ),
    Claim(
        "hs-exchanged", PAPER, "OneMax of n hidden bits: with the exponents of rule A exchanged (rule C, F = 1.05), E[T] is 1.2 "
        "to 1.35 times that of rule A", _RULES, "at most 1.1 times", 0.05, contrasts(exchanged, 1800, 3000), where=WORDS,
    ),
)  # fmt: skip
