"""Claims about what no rates can do, and what it costs a schedule to be another one than the optimal.

Lower bounds that hold at every n (:mod:`theory.bounds.any_rates_lower`) against chains in balls and against runs; the average
over ln t of y E_1(y) below its maximum 1/beta for schedules that jump (:mod:`theory.hidden_subset.jumps`); runs of these.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from proofs_check.claim import Claim, Outcome, Setting
from proofs_check.claims.hidden_subset.common import (
    LONG,
    PAPER,
    SOURCE,
    hidden,
    known_runs,
    lambert_runs,
    log_runs,
    mean_of,
    predicted,
    rule_runs,
    scale,
)
from proofs_check.claims.hidden_subset.schedules import law_of, points
from proofs_check.contrasts import Contrast, at_most, contrasts, near
from proofs_check.decide import Fact, Law, Mean, Runs, facts, laws, means
from proofs_check.figure import Figure, Series
from theory import LambertSchedule, LogSchedule
from theory.hidden_subset import DoublingSchedule, MixedSchedule
from theory.symbols import k, n, t

if TYPE_CHECKING:
    from flint import arb

HORIZON = 120


# ---- whatever the rates, in balls


@functools.cache
def ball_rates(name: str) -> tuple[Any, ...]:
    """p_1, p_2, ... up to the horizon as balls."""
    from theory.balls import at
    from theory.parse import expression

    made = {"log": LogSchedule, "lambert": LambertSchedule, "doubling": DoublingSchedule, "mixed": lambda: MixedSchedule("1/2")}
    rate = made[name]() if name in made else expression(name, "rate", {"t": t})
    return tuple(at(rate, {t: s}) for s in range(1, HORIZON + 1))


@functools.cache
def ball_survival(size: int, name: str) -> tuple[Any, ...]:
    """P(T > t), t = 0, ..., horizon, on OneMax from 0^n, in balls."""
    from flint import arb

    law = [arb(0)] * size + [arb(1)]
    found = [arb(1)]
    for p in ball_rates(name):
        powers = [p**h * (1 - p) ** (size - h) for h in range(size + 1)]
        after = [arb(0)] * (size + 1)
        after[0] = law[0]
        for z in range(1, size + 1):
            stay = arb(1)
            for a in range(1, z + 1):
                for b in range(min(a, size - z + 1)):
                    chance = powers[a + b] * math.comb(z, a) * math.comb(size - z, b)
                    after[z - a + b] += law[z] * chance
                    stay -= chance
            after[z] += law[z] * stay
        law = after
        found.append(1 - law[0])
    return tuple(found)


def any_rates_exact(setting: Setting) -> Iterator[Fact]:
    """Both theorems under several schedules; the mutant's log-progress counts only a third.

    Theorem 1: the sum of P(T > t) over t up to the horizon is at least the bound already. Theorem 2: P(T <= t) is at most
    2 Lambda/(H_K - Lambda)^2, and E[Lambda(T)], the sum of p_s e^(-M p_s) P(T >= s), is at least H_K.
    """
    from flint import arb

    from theory.balls import at
    from theory.bounds import any_rates_lower

    part = arb(1) / 3 if setting.mutant else arb(1)
    for name in ("log", "lambert", "doubling", "mixed", "1/4", "1/(t+1)"):
        for size in setting.choose((4, 6), (4, 6, 8, 12, 16)):
            left = ball_survival(size, name)
            below = at(any_rates_lower.bounds()[0].expr, {n: size, k: size})
            total = sum(left, arb(0))
            yield Fact(f"rates {name}, n = {size}: Theorem 1", "" if total >= below else f"{total} is not at least {below}")
            for most in range(1, size // 4 + 1):
                gap = at(any_rates_lower.lead(n, most), {n: size}) - 2 * most
                if gap > 0:
                    yield from _theorem_two(name, size, most, left, gap, part)


def _theorem_two(name: str, size: int, most: int, left: Any, gap: arb, part: arb) -> Iterator[Fact]:
    from flint import arb

    harmonic = sum((arb(1) / j for j in range(1, most + 1)), arb(0))
    progress, mean, wrong = arb(0), arb(0), ""
    for s, p in enumerate(ball_rates(name), 1):
        step = part * p * (-gap * p).exp()
        progress += step
        mean += step * left[s - 1]
        if progress < harmonic and not 1 - left[s] <= 2 * progress / (harmonic - progress) ** 2:
            wrong = wrong or f"P(T <= {s}) is {1 - left[s]}"
    yield Fact(f"rates {name}, n = {size}, K = {most}: Theorem 2", wrong)
    if left[-1] < arb("0.01"):
        yield Fact(f"rates {name}, n = {size}, K = {most}: E[Lambda(T)] >= H_K", "" if mean >= harmonic else f"at least {mean}")


def any_rates_runs(setting: Setting) -> list[Mean]:
    """Theorem 1 from a uniform start; the mutant is its limit e n ln n."""
    from theory.bounds import any_rates_lower

    cells = []
    for size in setting.choose((1000,), (1000, 10_000)):
        value = any_rates_lower.bounds()[1].evaluate(n=size)
        for runs in (known_runs(size), rule_runs(size), lambert_runs(size), log_runs(size)):
            cells.append(Mean(runs, lambda v=value: v, lambda s=size: math.e * scale(s)))  # type: ignore[misc]
    return cells


# ---- averages over the logarithm of time


def averages(setting: Setting) -> Iterator[Fact]:
    """The average of a E_1(a/beta) over ln t is below 1 for schedules other than the optimal one; the mutant: at 1.05 beta too.

    That average is the log-progress of a runtime beta n ln n, averaged over ln n, over ln n. In a stage of the doubling schedule
    a runs from C to 2C evenly in the logarithm: the average is (beta/ln 2) times the integral of E_1 from C/beta to 2C/beta.
    """
    from flint import arb, ctx

    from theory.bounds.hidden_subset import every_schedule, uniqueness
    from theory.constants import hidden_subset_alpha, hidden_subset_beta
    from theory.hidden_subset.functional import e1

    with ctx.workprec(192):
        alpha, beta = (arb(f"{constant(40)}") for constant in (hidden_subset_alpha, hidden_subset_beta))
        if setting.mutant:
            beta *= arb("1.05")

        def progress(a: arb) -> arb:
            return a * e1(a / beta)

        for share in (Fraction(1, 10), Fraction(1, 2), Fraction(1)):
            for ratio in (Fraction(1, 4), Fraction(9, 10), Fraction(11, 10), Fraction(2), Fraction(8)):
                b = alpha * ratio.numerator / ratio.denominator
                phi = arb(share.numerator) / share.denominator
                average = (1 - phi) * progress(alpha) + phi * progress(b)
                yield Fact(f"{ratio} alpha for {share} of ln t", "" if average < 1 else f"the average is {average}")
        for tenth in range(3, 41):
            low, high = (tenth * arb(factor) / 10 / beta for factor in (1, 2))
            integral = (high * e1(high) - (-high).exp()) - (low * e1(low) - (-low).exp())
            average = beta / arb(2).log() * integral
            yield Fact(f"doubling, C = {tenth / 10}", "" if average < 1 else f"the average is {average}")
        for bound in (every_schedule(), uniqueness()):
            assert bound.derivation is not None
            replay = bound.derivation.replay()
            yield Fact(f"derivation of {bound.quantity}", "" if replay.holds else str(replay))


# ---- runs of schedules that jump


def jumps(setting: Setting) -> list[Contrast]:
    """The doubling and the mixed schedule against their predictions; in the mutant runs follow the optimal schedule."""
    cells = []
    for name, rate in (("doubling", DoublingSchedule()), ("2 alpha for half of ln t", MixedSchedule("1/2"))):
        for size in setting.choose((1000,), (1000, 1400, 10_000)):
            value = mean_of(rate, size) / scale(size)
            runs = Runs(hidden(LogSchedule() if setting.mutant else rate), {"n": size}, budget=LONG)
            cells.append(near(f"{name}, n = {size}: E[T]/(n ln n)", 1 / scale(size), runs, value, 0.015 * value))
    size = setting.choose(1000, 10_000)
    mixed = Runs(hidden(MixedSchedule("1/2")), {"n": size}, budget=LONG)
    cells.append(
        at_most(f"n = {size}: alpha ln t/t, 0.95 of the mixed one", 0.95, log_runs(size), mixed, mean_of(LogSchedule(), size))
    )
    return cells


def stairs(setting: Setting, outcomes: list[Outcome]) -> Figure:
    """E[T]/(n ln n) over n for the schedules that jump, and their limits."""
    from theory.constants import hidden_subset_beta
    from theory.hidden_subset import doubling_cost, mixed_cost

    sizes = setting.choose((1000,), (1000, 1200, 1400, 1700, 2000, 4000, 10_000, 20_000))
    x, ends = tuple(map(float, sizes)), (float(sizes[0]), float(sizes[-1]))
    rates = (
        ("alpha ln t/t", LogSchedule()),
        ("doubling", DoublingSchedule()),
        ("2 alpha for half of ln t", MixedSchedule("1/2")),
    )
    series = [Series(name, "prediction", x, tuple(predicted(rate, size).ratio for size in sizes)) for name, rate in rates]
    limits = (
        ("beta", float(hidden_subset_beta())), ("doubling, guarantee", doubling_cost("11/10")),
        ("mixed, limit", float(mixed_cost("1/2"))),
    )  # fmt: skip
    series += [Series(name, "other", ends, (value, value)) for name, value in limits]
    for name in ("doubling", "2 alpha for half of ln t"):
        own = [o for o in outcomes if o.reason.startswith(f"{name}, n = ")]
        series.append(points(f"{name}, runs", [float(o.reason.split("n = ")[1].split(":")[0]) for o in own], own))
    return Figure("n", "E[T]/(n ln n)", tuple(series), log_x=True, title="Schedules that jump")


# ---- bits without weight, in runs


@dataclass(frozen=True)
class Literal(Runs):
    """Runs of the (1+1) EA on OneMax of every third bit of a string, with each bit of the string flipped by itself."""

    length: int = 24
    relevant: int = 8

    def simulate(self, replicates: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """(T, hit), every bit of every string drawn."""
        from theory import OnePlusOneEA

        algorithm: Any = self.process.algorithm if not hasattr(self.process, "step") else None
        assert isinstance(algorithm, OnePlusOneEA) and algorithm.rate is not None
        draw = np.random.default_rng(seed)
        places = np.linspace(0, self.length - 1, self.relevant).astype(int)
        x = draw.random((replicates, self.length)) < 0.5
        times = np.zeros(replicates, dtype=np.int64)
        alive, step = np.flatnonzero(~x[:, places].all(axis=1)), 0
        while len(alive):
            step += 1
            y = x[alive] ^ (draw.random((len(alive), self.length)) < float(algorithm.rate.subs(t, step)))
            better = y[:, places].sum(axis=1) >= x[alive][:, places].sum(axis=1)
            x[alive[better]] = y[better]
            times[alive] = step
            alive = alive[~x[alive][:, places].all(axis=1)]
        return times, np.ones(replicates, dtype=bool)

    def __str__(self) -> str:
        return f"{self.relevant} of {self.length} bits"


def irrelevant(setting: Setting) -> list[Law]:
    """Runs over a string of 3n bits against the law on n bits; in the mutant half of the string counts."""
    relevant = 12 if setting.mutant else 8
    return [Law(Literal(hidden(LogSchedule()), {"n": 8}, length=24, relevant=relevant), law_of(LogSchedule(), 8))]


CLAIMS = (
    Claim(
        "hs-any-rates-exact", PAPER, "OneMax: at every n and for all rates of at most 1/2, E[T] >= e sum of m_j (1/j - rho/2), "
        "and for schedules P(T <= t) <= 2 L/(H_K - L)^2, L the log-progress up to t", f"derived here, after {SOURCE}",
        "a third of the log-progress", 0.0, facts("certified", any_rates_exact, "chains in balls from 0^n, six schedules"),
        formula=r"P(T \le t) \le \frac{2 \Lambda(t)}{(H_K - \Lambda(t))^2}, \qquad \Lambda(t) = \sum_{s \le t} p_s e^{-M p_s}",
        where="K <= n/4, M = (sqrt(n-K) - sqrt(K-1))^2 - 2K > 0, H_K is a harmonic number",
    ),
    Claim(
        "hs-any-rates", PAPER, "OneMax of n hidden bits: no rates of at most 1/2, adaptive ones included, beat the explicit "
        "bound e n ln n - O(n)", f"derived here, after {SOURCE}", "its limit e n ln n, which is no bound at finite n", 0.05,
        means("lower", any_rates_runs, 2000, 3000),
    ),
    Claim(
        "hs-averages", PAPER, "No schedule has a better guarantee than beta n ln n, and one with p_t t/ln t off alpha on a set "
        "of positive logarithmic density has a worse one", SOURCE, "beta times 1.05", 0.0,
        facts("certified", averages, "averages in balls, and the derivations replayed"),
        formula=r"\overline{a\, E_1(a/g)} \ge 1 \;\Rightarrow\; g \ge \beta, \qquad a = p_t\, t/\ln t",
        where="the bar is the average over ln t; g n ln n is a runtime for every n",
    ),
    Claim(
        "hs-jumps", PAPER, "OneMax of n hidden bits: restarts with a doubled guess of n, and 2 alpha in place of alpha for half "
        "of the logarithmic time, take what is predicted for them, up to 1.5 %", f"heuristic, made here, after {SOURCE}",
        "runs of the schedule without jumps", 0.025, contrasts(jumps, 4200, 7000, stairs),
    ),
    Claim(
        "hs-irrelevant", PAPER, "OneMax of 8 bits of a string of 24, each bit of the string flipped by itself: T has the law on "
        "8 bits",
        "the relevant bits are a chain by themselves", "12 of the 24 bits count", 0.03, laws(irrelevant, 20_000, 60_000),
    ),
)  # fmt: skip
