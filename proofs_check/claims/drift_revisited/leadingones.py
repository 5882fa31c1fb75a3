"""LeadingOnes: the best rate at every n and its limit, the adaptive rate, the law and the variance of T.

Böttcher, Doerr, Neumann 2010: "Optimal fixed and adaptive mutation rates for the LeadingOnes problem", PPSN XI.

From a uniform start T is the sum over the levels i = 0, ..., n-1 of independent B_i G_i, B_i ~ Ber(1/2), G_i geometric with
success probability q_i = p (1-p)^i; Var T is the sum of (2 - q_i)/(2 q_i^2) - 1/(4 q_i^2).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from proofs_check.bounded import Bounded, Picture, ball_of, bounded
from proofs_check.claim import Claim, Outcome, Setting
from proofs_check.claims.drift_revisited.chains import law_from_uniform, of_function
from proofs_check.claims.drift_revisited.common import EA, NAME, PAPER, bound, exact_value, exactly, rational, same
from proofs_check.claims.drift_revisited.upper import Cases
from proofs_check.decide import Fact, Law, Mean, Runs, facts, laws, means
from proofs_check.figure import Figure, Series
from proofs_check.pictured import pictured, points
from theory import LeadingOnes, OnePlusOneEA

LEADINGONES = EA.on(LeadingOnes())
ADAPTIVE = OnePlusOneEA("1/(v+1)").on(LeadingOnes())
GRID = (0.5, 0.75, 1.0, 1.25, 1.5936, 2.0, 2.5, 3.0)


def leading(n: int) -> Any:
    """The number of ones in front of a point whose most significant digit is the first bit."""
    return lambda x: n - ((2**n - 1) ^ x).bit_length()


# ---- the best rate


def best_rate(setting: Setting) -> Iterator[Fact]:
    """The derivative of (e^c - 1)/(2 c^2), and of E[T] at n bits, changes sign from - to + around the constant, in balls.

    The limit is 2 + W(-2 e^-2) = 1.59362426..., the cost there 0.77206932...; the mutant's constants are larger by 10^-6.
    """
    from flint import arb, ctx

    from theory.constants import leadingones_optimal_cost, leadingones_optimal_rate

    more = Fraction(1, 10**6) if setting.mutant else Fraction(0)
    with ctx.workprec(200):
        c = Fraction(str(leadingones_optimal_rate(20))) + more
        low, high = (ball_of(c + side * Fraction(1, 10**15)) for side in (-1, 1))

        def slope(x: arb) -> arb:  # of the sign of the derivative: 2 c^3 times it
            return (x - 2) * x.exp() + 2

        yield Fact("the limit", "" if slope(low) < 0 and slope(high) > 0 else f"the derivative has no root at {float(c):.12g}")
        root = 2 + (-2 * arb(-2).exp()).lambertw()
        yield Fact("2 + W(-2 e^-2)", "" if low < root < high else f"{root} isn't {float(c):.12g}")
        cost = ball_of(Fraction(str(leadingones_optimal_cost(20))) + more)
        value = (root.exp() - 1) / (2 * root**2)
        yield Fact("the cost there", "" if abs(value - cost) < ball_of(Fraction(1, 10**15)) else f"{value} isn't {cost}")
        for n in setting.choose((2, 10, 100, 1000), (2, 3, 10, 30, 100, 300, 1000, 10**4, 10**5)):
            best = Fraction(str(leadingones_optimal_rate(20, n=n))) + more
            at_n = [_slope_at(n, ball_of((best + side * Fraction(1, 10**12)) / n)) for side in (-1, 1)]
            yield Fact(f"n = {n}", "" if at_n[0] < 0 and at_n[1] > 0 else f"the derivative has no root at c = {float(best):.12g}")


def _slope_at(n: int, p: Any) -> Any:
    """dE[T]/dp for E[T] = ((1-p)^(1-n) - (1-p))/(2 p^2)."""
    power = (1 - p) ** (-n)
    return ((n - 1) * power + 1) / (2 * p**2) - ((1 - p) * power - (1 - p)) / p**3


def rate_curve(setting: Setting) -> list[Mean]:
    """E[T] at n = 100 over c; the value at c = 1 everywhere is the mutant."""
    found = bound(LEADINGONES, "exact")
    one = found.evaluate(n=100, c=1)
    return [
        Mean(Runs(LEADINGONES, {"n": 100, "c": x}), lambda x=x: found.evaluate(n=100, c=x), lambda: one)  # type: ignore[misc]
        for x in GRID
    ]


def rate_figure(setting: Setting, outcome: Outcome) -> Figure:
    """The exact curve, its limit, the runs, all over n^2."""
    wide = tuple(x / 20 for x in range(10, 61))
    found = bound(LEADINGONES, "exact")
    series = (
        Series("exact, n = 100", "exact", wide, tuple(found.evaluate(n=100, c=x) / 100**2 for x in wide)),
        Series("(e^c - 1)/(2 c^2)", "prediction", wide, tuple((math.exp(x) - 1) / (2 * x * x) for x in wide)),
        points("runs", GRID, outcome.cells, (1e4,) * len(GRID)),
    )
    return Figure("c", "E[T]/n^2", series, title="LeadingOnes, n = 100, rate c/n")


# ---- the adaptive rate


def adaptive(setting: Setting) -> Cases:
    """E[T] = (1/2) sum of (v+1)(1 + 1/v)^v on whole chains; below every static rate; e n^2/4 (1 + O(1/n)) in balls.

    The mutant leaves out the 1/2.
    """
    from flint import arb, ctx

    from theory.constants import leadingones_optimal_cost

    double = 2 if setting.mutant else 1
    for n in range(1, setting.choose(5, 8) + 1):
        total = double * sum((_adaptive_level(v) for v in range(n)), Fraction(0)) / 2
        yield Bounded(f"n = {n}, whole chain", "exact", total, exactly(ADAPTIVE, n=n))
    with ctx.workprec(128):
        quarter = arb(1).exp() / 4
        partial, after = arb(0), 0
        for n in setting.choose((10, 100, 1000), (10, 100, 1000, 10_000)):
            for v in range(after, n):
                partial += ball_of(_adaptive_level(v)) / 2 if v < 40 else (v + 1) * (1 + arb(1) / v) ** v / 2
            after = n
            ratio, at = double * partial / n**2, float(n)
            static = ball_of(Fraction(str(leadingones_optimal_cost(20, n=n)))) / n**2
            yield Bounded(f"n = {n}: below the best static rate", "upper", static, ratio, at=at, line="best static rate")
            yield Bounded(f"n = {n}: at most e/4", "upper", quarter, ratio, at=at, line="e/4")
            yield Bounded(
                f"n = {n}: at least e/4 (1 - 1/n)", "lower", quarter * (1 - arb(1) / n), ratio, at=at, line="e/4 (1-1/n)"
            )


def _adaptive_level(v: int) -> Fraction:
    return (v + 1) * (1 + Fraction(1, v)) ** v if v else Fraction(1)


def adaptive_mean(setting: Setting) -> list[Mean]:
    """The adaptive rate, simulated."""
    return [
        Mean(Runs(ADAPTIVE, {"n": n}), lambda n=n: exact_value(ADAPTIVE, n=n), lambda n=n: 0.95 * exact_value(ADAPTIVE, n=n))  # type: ignore[misc]
        for n in setting.choose((100,), (100, 1000))
    ]


# ---- the law


def law_formula(setting: Setting) -> Iterator[Fact]:
    """P(T = t) of the sum of B_i G_i and of the chain over all points, in fractions; the mutant's B_i are 1."""
    for n in setting.choose((2, 3), (2, 3, 4)):
        for p in (Fraction(1, n), Fraction(1, 3)):
            steps = setting.choose(15, 30)
            chain = law_from_uniform(of_function(n, leading(n), p), 2**n - 1, steps)
            found = _sum_of_levels(n, p, steps, Fraction(1) if setting.mutant else Fraction(1, 2))
            for t in range(steps + 1):
                yield same(f"n = {n}, p = {p}, P(T <= {t})", sum(found[: t + 1], Fraction(0)), chain[t])


def _sum_of_levels(n: int, p: Fraction, steps: int, visited: Fraction) -> list[Fraction]:
    """P(T = t), t = 0, ..., steps: a level is skipped, or left after a geometric time."""
    law = [Fraction(1)] + [Fraction(0)] * steps
    for i in range(n):
        q = p * (1 - p) ** i
        after, waiting = [], Fraction(0)
        for t in range(steps + 1):  # waiting = sum over s >= 1 of q (1-q)^(s-1) law[t-s]
            after.append((1 - visited) * law[t] + visited * waiting)
            waiting = (1 - q) * waiting + q * law[t]
        law = after
    return law


def variance(setting: Setting) -> Iterator[Fact]:
    """Var T from the levels against the first two moments of the chain; the mutant forgets that levels are skipped."""
    for n in setting.choose((2, 3), (2, 3, 4, 5)):
        for p in (Fraction(1, n), Fraction(1, 3)):
            rows = of_function(n, leading(n), p)
            first, second = _moments(rows, 2**n - 1)
            levels = [p * (1 - p) ** i for i in range(n)]
            skip = 0 if setting.mutant else 1
            found = sum(((2 - q) / (2 * q**2) - Fraction(skip, 4) / q**2 for q in levels), Fraction(0))
            yield same(f"n = {n}, p = {p}", found, second - first**2)
    for n, c in ((3, 1), (5, 2)):
        formula = rational(bound(LEADINGONES, "exact"), n=n, c=c)
        levels = [Fraction(c, n) * (1 - Fraction(c, n)) ** i for i in range(n)]
        yield same(f"E[T], n = {n}, c = {c}", sum((1 / q for q in levels), Fraction(0)) / 2, formula)


def _moments(rows: Any, goal: int) -> tuple[Fraction, Fraction]:
    """E[T] and E[T^2] from a uniform start: E[T_x^2] = 1 + sum over y of p_xy (2 E[T_y] + E[T_y^2])."""
    from flint import fmpq, fmpq_mat

    inner = [x for x in range(len(rows)) if x != goal]
    index = {x: i for i, x in enumerate(inner)}
    size = len(inner)
    matrix, ones = fmpq_mat(size, size), fmpq_mat(size, 1)
    for x, i in index.items():
        ones[i, 0] = fmpq(1)
        matrix[i, i] += 1
        for y, p in rows[x].items():
            if y != goal:
                matrix[i, index[y]] -= fmpq(p.numerator, p.denominator)
    mean = matrix.solve(ones)
    square = matrix.solve(2 * mean - ones)  # E[T_x^2] = 2 E[T_x] - 1 + sum over y of p_xy E[T_y^2]
    total = [sum((column[i, 0] for i in range(size)), fmpq(0)) / (size + 1) for column in (mean, square)]
    return Fraction(int(total[0].p), int(total[0].q)), Fraction(int(total[1].p), int(total[1].q))


def law_of_runs(setting: Setting) -> list[Law]:
    """Runs bit by bit against the exact law of the sum; the mutant also counts the evaluation of the start."""
    cells = []
    for n, constant in ((8, 1), (setting.choose(20, 40), 2)):
        values = {"n": n, "c": constant}

        def cdf(values: dict[str, Any] = values) -> Any:
            from theory.exact import runtime_distribution

            return runtime_distribution(LEADINGONES, **values).cdf

        cells.append(Law(Runs(LEADINGONES, values, engine="sparse"), cdf, mutate=lambda times: times + 2))
    return cells


_ADAPTIVE = Picture("n", "E[T]/n^2", log_x=True, title="LeadingOnes, rate 1/(v+1)")
CLAIMS = (
    Claim(
        "leadingones-best-rate", PAPER, f"{NAME}, LeadingOnes: the best c is 2 + W(-2/e^2) = 1.5936... in the limit, at a cost "
        "of 0.77207 n^2, and at every n where dE[T]/dc changes sign",
        "Böttcher, Doerr, Neumann 2010", "constants plus 10^-6", 0.0,
        facts("certified", best_rate, "signs of derivatives in balls"),
        formula=r"c^* = 2 + W(-2 e^{-2}) = 1.5936\ldots, \qquad \mathrm{E}[T] \approx 0.77207\, n^2",
    ),
    Claim(
        "leadingones-rate-curve", PAPER, f"{NAME}, LeadingOnes, n = 100: E[T] = ((1-p)^(1-n) - (1-p))/(2 p^2) at every c",
        "Böttcher, Doerr, Neumann 2010", "the value at c = 1 for every c", 0.04,
        pictured(means("exact", rate_curve, 2000, 10_000), rate_figure),
        formula=r"\mathrm{E}[T] = \frac{(1-p)^{1-n} - (1-p)}{2 p^2}",
    ),
    Claim(
        "leadingones-adaptive", PAPER, "(1+1) EA, rate 1/(v+1) at v leading ones: E[T] = (1/2) sum of (v+1)(1+1/v)^v, between "
        "(1-1/n) e n^2/4 and e n^2/4, less than with any static rate", "Böttcher, Doerr, Neumann 2010", "without the 1/2", 0.0,
        bounded(adaptive, "whole chains, and balls to n = 1000 (full: 10000)", _ADAPTIVE),
        formula=r"\mathrm{E}[T] = \frac{1}{2} \sum_{v=0}^{n-1} (v+1) \left(1 + \frac{1}{v}\right)^{v}",
        where="for v = 0 the summand is 1",
    ),
    Claim(
        "leadingones-adaptive-mean", PAPER, "(1+1) EA, rate 1/(v+1), LeadingOnes: E[T] = (1/2) sum of (v+1)(1+1/v)^v",
        "Böttcher, Doerr, Neumann 2010", "the sum times 0.95", 0.03, means("exact", adaptive_mean, 2000, 4000),
        formula=r"\mathrm{E}[T] = \frac{1}{2} \sum_{v=0}^{n-1} (v+1) \left(1 + \frac{1}{v}\right)^{v}",
        where="for v = 0 the summand is 1",
    ),
    Claim(
        "leadingones-law", PAPER, f"{NAME}, LeadingOnes, uniform start: T is a sum of independent B_i G_i, B_i ~ Ber(1/2), G_i ~ "
        "Geo(p (1-p)^i)", "Böttcher, Doerr, Neumann 2010", "B_i = 1", 0.0,
        facts("proved", law_formula, "the law of the chain over all points, in fractions, n <= 3 (full: 4)"),
        formula=(
            r"T = \sum_{i=0}^{n-1} B_i G_i, \qquad B_i \sim \mathrm{Ber}(1/2), \quad G_i \sim \mathrm{Geo}\left(p "
            r"(1-p)^i\right)"
        ),
    ),
    Claim(
        "leadingones-variance", PAPER, f"{NAME}, LeadingOnes, uniform start: Var T = sum of (2-q_i)/(2 q_i^2) - 1/(4 q_i^2)",
        "Böttcher, Doerr, Neumann 2010; derived here", "without the term for skipped levels", 0.0,
        facts("proved", variance, "moments of the chain over all points, in fractions, n <= 3 (full: 5)"),
        formula=r"\mathrm{Var}\, T = \sum_{i=0}^{n-1} \left( \frac{2 - q_i}{2 q_i^2} - \frac{1}{4 q_i^2} \right)",
        where="q_i = p (1-p)^i",
    ),
    Claim(
        "leadingones-law-runs", PAPER, f"{NAME}, LeadingOnes, uniform start: runs bit by bit have the law of the sum of B_i G_i",
        "Böttcher, Doerr, Neumann 2010", "T counts two evaluations more", 0.03, laws(law_of_runs, 20_000, 50_000),
        formula=r"T = \sum_{i=0}^{n-1} B_i G_i",
        where="B_i is 0 or 1 with probability 1/2, G_i geometric with success probability p (1-p)^i, all independent",
    ),
)  # fmt: skip
