"""OneMax at finite n: the expansion of E[T] with its second-order term for every c, and the best rate.

Hwang, Panholzer, Rolin, Tsai, Chen 2018: "Probabilistic analysis of the (1+1)-evolutionary algorithm", Evolutionary Computation
26, for c = 1; the form for every c is derived in :mod:`theory.bounds.onemax_expansion`, but for the logarithm's coefficient
e^c (c - 1/2) and the constant c_2, which are heuristic. So claims that need those are held at finite n only.

    E[T] = (e^c/c) n ln n + C_1(c) n + e^c (c - 1/2) ln n + c_2(c) + O(ln n/n), from a uniform start.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from functools import cache

from proofs_check.bounded import Bounded, Picture, ball_of, bounded
from proofs_check.claim import Claim, Outcome, Setting
from proofs_check.claims.drift_revisited.common import EA, NAME, PAPER, exact_value
from proofs_check.claims.drift_revisited.upper import Cases
from proofs_check.decide import Fact, Mean, Runs, facts, means
from proofs_check.figure import Figure, Series
from proofs_check.pictured import pictured, points
from theory import OneMax

ONEMAX = EA.on(OneMax())
GRID = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)


@cache
def second_order(constant: float) -> float:
    """C_1(c)."""
    from theory.constants import onemax_second_order

    return float(onemax_second_order(constant))


def expansion(size: int, constant: float, without: bool = False) -> float:
    """The first three terms; ``without`` the second one."""
    log = math.log(size)
    lead = math.exp(constant) / constant * size * log + math.exp(constant) * (constant - 0.5) * log
    return lead + (0.0 if without else second_order(constant) * size)


# ---- certified


def remainder(setting: Setting) -> Cases:
    """A fit to exact values at n <= 240 has the three coefficients, c = 1/2, 1, 2; with its c_2 at c = 1 what is left of E[T] at
    larger n, times n/ln n, stays bounded.

    The mutant's C_1 is one per mille smaller in size.
    """
    from flint import arb, ctx

    from theory.constants.onemax import second_order_ball
    from theory.exact import expected_runtime_interval
    from theory.exact.fit import fit_onemax

    with ctx.workprec(200):
        for c in (Fraction(1, 2), Fraction(2), Fraction(1)):
            found, power = fit_onemax(c, largest=240, points=12), ball_of(c).exp()
            first = second_order_ball(c, 20)
            if setting.mutant:
                first = first * ball_of(Fraction(999, 1000))
            lead, log_factor = power / ball_of(c), power * ball_of(c - Fraction(1, 2))
            for name, value, wanted in (
                ("e^c/c", found.logarithmic[0], lead),
                ("C_1(c)", found.plain[0], first),
                ("e^c (c - 1/2)", found.logarithmic[1], log_factor),
            ):
                error = ball_of(Fraction(1, 10**4)) * abs(lead)
                yield Bounded(f"fit, c = {float(c)}: {name} from above", "upper", wanted + error, value)
                yield Bounded(f"fit, c = {float(c)}: {name} from below", "lower", wanted - error, value)
        euler = arb(1).exp()  # c = 1 is the last one
        constant = found.plain[1]
        for size in setting.choose((300, 500), (300, 1000, 4000, 10_000)):
            n, log = arb(size), arb(size).log()
            truth = expected_runtime_interval(ONEMAX, n=size, c=1)
            rest = (truth - euler * n * log - first * n - euler / 2 * log - constant) * n / log
            yield Bounded(f"n = {size}: the rest times n/ln n", "upper", Fraction(3), rest, at=float(size), line="3")
            yield Bounded(f"n = {size}: the rest times n/ln n", "lower", Fraction(5, 2), rest, at=float(size), line="5/2")


def best_rate(setting: Setting) -> Iterator[Fact]:
    """E[T] at c* (1 +- 10^-3) lies above E[T] at c*, in balls, so that a minimum lies between them (the least on a grid); c*
    falls towards 1, and is where the expansion has its minimum up to a hundredth from n = 100 on. The mutant: c = 1 for c*."""
    from theory.exact import expected_runtime_interval, optimal_rate

    before = math.inf
    for size in setting.choose((10, 100), (10, 100, 400, 1000, 4000)):
        found = 1.0 if setting.mutant else optimal_rate(ONEMAX, n=size).c
        middle = Fraction(round(found * 10**9), 10**9)
        here = expected_runtime_interval(ONEMAX, n=size, c=middle)
        for side in (-1, 1):
            there = expected_runtime_interval(ONEMAX, n=size, c=middle * (1 + Fraction(side, 1000)))
            yield Fact(f"n = {size}, c = {found:.6f}", "" if there > here else f"E[T] isn't larger at c (1 {side:+d}/1000)")
        yield Fact(f"n = {size}", "" if 1 < found < before else f"c* = {found} isn't between 1 and the last one")
        before = found
        if size >= 100:
            predicted = predicted_rate(size)
            wrong = abs(predicted - found) > 0.01
            yield Fact(f"n = {size}", f"predicted {predicted:.6f}, found {found:.6f}" if wrong else "")


def predicted_rate(size: int) -> float:
    """The c with the smallest e^c/c ln n + C_1(c) + e^c (c - 1/2) ln n/n, by ternary search.

    >>> round(predicted_rate(1000), 2)
    1.11
    """
    low, high = 0.8, 1.6
    while high - low > 1e-5:
        one, other = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, other) if expansion(size, one) < expansion(size, other) else (one, high)
    return (low + high) / 2


# ---- runs


def expansion_mean(setting: Setting) -> list[Mean]:
    """Three terms at n = 1000 (full: 4000, 16000), c = 1/2, 1, 2; without C_1(c) n the mutant."""
    cells = []
    for size in setting.choose((1000,), (1000, 4000, 16_000)):
        for constant in (0.5, 1.0, 2.0):
            runs = Runs(ONEMAX, {"n": size, "c": constant})
            predict = lambda without=False, n=size, c=constant: expansion(n, c, without)  # noqa: E731
            cells.append(Mean(runs, predict, lambda p=predict: p(True), lambda n=size, c=constant: exact_value(ONEMAX, n=n, c=c)))  # type: ignore[misc]
    return cells


def expansion_figure(setting: Setting, outcome: Outcome) -> Figure:
    """E[T] over its leading term against n, c = 1: leading term, expansion, exact values, runs."""
    sizes = setting.choose((1000,), (1000, 4000, 16_000))
    wide = tuple(float(10 ** (x / 4)) for x in range(8, 18))
    lead = lambda n: math.e * n * math.log(n)  # noqa: E731
    near = tuple(float(n) for n in (100, 300, 1000, 3000, 10_000))
    cells = outcome.cells[1::3]
    return Figure(
        "n", "E[T]/(e n ln n)",
        (
            Series("leading term", "other", (wide[0], wide[-1]), (1.0, 1.0)),
            Series("three terms", "prediction", wide, tuple(expansion(int(n), 1.0) / lead(int(n)) for n in wide)),
            Series("exact", "exact", near, tuple(exact_value(ONEMAX, n=int(n), c=1) / lead(n) for n in near)),
            points("runs", tuple(map(float, sizes)), cells, tuple(lead(n) for n in sizes)),
        ),
        log_x=True, title="OneMax, rate 1/n",
    )  # fmt: skip


def rate_curve(setting: Setting) -> list[Mean]:
    """E[T] at n = 100 over c; the value at c = 1 everywhere is the mutant."""
    one = exact_value(ONEMAX, n=100, c=1)
    return [
        Mean(Runs(ONEMAX, {"n": 100, "c": x}), lambda x=x: exact_value(ONEMAX, n=100, c=x), lambda: one)  # type: ignore[misc]
        for x in GRID
    ]


def rate_figure(setting: Setting, outcome: Outcome) -> Figure:
    """The exact curve and the runs."""
    wide = tuple(x / 20 for x in range(5, 61))
    exact = Series("exact", "exact", wide, tuple(exact_value(ONEMAX, n=100, c=x) for x in wide))
    return Figure("c", "E[T]", (exact, points("runs", GRID, outcome.cells)), title="OneMax, n = 100, rate c/n")


_EXPANSION = "E[T] = (e^c/c) n ln n + C_1(c) n + e^c (c-1/2) ln n + O(1)"
_REST = Picture("n", "rest times n/ln n", log_x=True, exact="rest", title="OneMax, rate 1/n")
CLAIMS = (
    Claim(
        "onemax-expansion", PAPER, "(1+1) EA, OneMax: a fit to exact values at n <= 240 has the coefficients e^c/c, C_1(c) and "
        "e^c (c-1/2), c = 1/2, 1, 2; at c = 1 E[T] = e n ln n + C_1 n + (e/2) ln n + c_2 + r ln n/n, r in (5/2, 3) at every n "
        "tried", "Hwang, Panholzer, Rolin, Tsai, Chen 2018", "C_1 times 999/1000", 0.0,
        bounded(remainder, "balls around exact values", _REST),
        formula=r"\mathrm{E}[T] = e\, n \ln n + C_1 n + \frac{e}{2} \ln n + c_2 + r\, \frac{\ln n}{n}",
    ),
    Claim(
        "onemax-expansion-mean", PAPER, f"{NAME}, OneMax, uniform start: {_EXPANSION}, from n = 1000 on within the error of runs",
        "Hwang, Panholzer, Rolin, Tsai, Chen 2018; derived here for every c", "without C_1(c) n", 0.04,
        pictured(means("exact", expansion_mean, 2000, 2000), expansion_figure),
        formula=r"\mathrm{E}[T] = \frac{e^c}{c} n \ln n + C_1(c)\, n + e^c \left(c - \frac{1}{2}\right) \ln n + O(1)",
    ),
    Claim(
        "onemax-best-rate", PAPER, f"{NAME}, OneMax: the best c falls towards 1 as n grows, and is where the three terms of the "
        "expansion are least, up to 1/100 from n = 100 on", "Witt 2013 (the limit); second-order term", "c = 1 at every n", 0.0,
        facts("certified", best_rate, "exact values in balls"),
        formula=(
            r"c^*(n) \approx \operatorname{argmin}_c \left( \frac{e^c}{c} \ln n + C_1(c) + e^c \left(c - \frac{1}{2}\right) "
            r"\frac{\ln n}{n} \right)"
        ),
    ),
    Claim(
        "onemax-rate-curve", PAPER, f"{NAME}, OneMax, n = 100: E[T] as a function of c is the exact engine's",
        "first-step equations of the triangular chain", "the value at c = 1 for every c", 0.05,
        pictured(means("exact", rate_curve, 3000, 10_000), rate_figure),
    ),
)  # fmt: skip
