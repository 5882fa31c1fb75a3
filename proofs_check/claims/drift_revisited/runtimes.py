"""Runtimes as simulated against exact expectations and laws, and against the bounds that hold at every n.

Witt 2013: C. Witt, "Tight bounds on the optimization time of a randomized search heuristic on linear functions",
Combinatorics, Probability and Computing 22(2), 2013.
Böttcher, Doerr, Neumann 2010: "Optimal fixed and adaptive mutation rates for the LeadingOnes problem", PPSN XI.
Doerr, Johannsen, Winzen 2012: "Multiplicative drift analysis", Algorithmica 64; its tail: Doerr, Goldberg 2013,
"Adaptive drift analysis", Algorithmica 65.
"""

from __future__ import annotations

import math
from typing import Any

from proofs_check.claim import Claim, Setting
from proofs_check.claims.drift_revisited.common import EA, NAME, PAPER, bound, exact_mean
from proofs_check.decide import Law, Mean, Runs, Tail, laws, means, tails
from theory import RLS, BinVal, Jump, LeadingOnes, Linear, Needle, OneMax


def onemax_mean(setting: Setting) -> list[Mean]:
    """One c at three sizes, three c at one size."""
    cells = [(100, 1), (1000, 0.5), (1000, 1), (1000, 2), (setting.choose(10**4, 10**5), 1)]
    return [exact_mean(OneMax(), {"n": size, "c": constant}, 0.95) for size, constant in cells]


def leadingones_mean(setting: Setting) -> list[Mean]:
    """The closed form, evaluated."""
    return [_leadingones_cell(size, constant) for size in (100, setting.choose(1000, 20_000)) for constant in (0.5, 1, 2)]


def _leadingones_cell(size: int, constant: float) -> Mean:
    process, values = EA.on(LeadingOnes()), {"n": size, "c": constant}
    value = bound(process, "exact").evaluate(**values)
    return Mean(Runs(process, values), lambda: value, lambda: 0.95 * value)


def rls_mean(setting: Setting) -> list[Mean]:
    """OneMax: the sum over the start of n H_Z; LeadingOnes: n^2/2."""
    return [exact_mean(problem, {"n": setting.choose(100, 2000)}, 0.95, RLS()) for problem in (OneMax(), LeadingOnes())]


def needle_mean(setting: Setting) -> list[Mean]:
    """Small n: the runtime is 2^n."""
    process, values = EA.on(Needle()), {"n": setting.choose(8, 12), "c": 1}
    value = bound(process, "exact").evaluate(**values)
    return [Mean(Runs(process, values), lambda: value, lambda: 0.9 * value)]


def jump_mean(setting: Setting) -> list[Mean]:
    """Two gaps."""
    return [exact_mean(Jump(gap), {"n": size, "c": 1}, 0.9) for gap, size in ((2, 20), (3, setting.choose(10, 20)))]


# ---- bounds


def linear_upper(setting: Setting) -> list[Mean]:
    """Witt's b(1), the best of its parameter, on the two extreme functions and one between; without its logarithm the mutant."""
    further = [(1000, 0.5), (1000, 2), (10_000, 1)]
    places: list[tuple[int, float]] = [(100, 1), (1000, 1), *setting.choose([], further)]
    cells = []
    for problem in (BinVal(), Linear(range(1, places[-1][0] + 1)), OneMax()):
        for size, constant in places:
            process, values = EA.on(problem), {"n": size, "c": constant}
            found = bound(process, "upper", "Witt")
            cells.append(Mean(Runs(process, values), lambda f=found, v=values: f.evaluate(**v), lambda s=size: math.e * s))  # type: ignore[misc]
    return cells


def multiplicative_upper(setting: Setting) -> list[Mean]:
    """The start 0^n is the worst one on OneMax, so that little is given away there."""
    cells = []
    for constant in (0.5, 1, 2):
        process, values = EA.on(OneMax()), {"n": setting.choose(100, 1000), "c": constant}
        value = bound(process, "upper", "multiplicative drift").evaluate(**values)
        cells.append(Mean(Runs(process, values, "zeros"), lambda b=value: b, lambda b=value: 0.6 * b))  # type: ignore[misc]
    return cells


def multiplicative_tail(setting: Setting) -> list[Tail]:
    """P[T > t] <= (X_0/s_min) (1 - delta)^t where that is about 1/e, 1/e^2 and 1/e^3, from X_0 = n.

    For RLS (coupon collector) the tail is 1 - exp(-n (1 - 1/n)^t) up to o(1), so the bound is sharp for large t.
    """
    size, cells = 100, []
    for algorithm, delta in ((RLS(), 1 / size), (EA, (1 - 1 / size) ** (size - 1) / size)):
        process, values = algorithm.on(OneMax()), {"n": size} | ({"c": 1} if algorithm is EA else {})
        found = bound(process, "upper", "multiplicative drift", "P[T > t]")
        for r in (1, 2, 3):
            after = math.ceil((r + math.log(size)) / delta)
            value = found.evaluate(t=after, **values)
            cells.append(Tail(Runs(process, values, "zeros"), after, value, value**1.5))
    return cells


# ---- laws


def onemax_law(setting: Setting) -> list[Law]:
    """The exact law of T; the mutant also counts the evaluation of the start."""
    return [_law_cell(size) for size in (8, setting.choose(50, 100))]


def _law_cell(size: int) -> Law:
    process, values = EA.on(OneMax()), {"n": size, "c": 1}

    def cdf() -> Any:
        from theory.exact import runtime_distribution

        return runtime_distribution(process, **values).cdf

    return Law(Runs(process, values), cdf, mutate=lambda times: times + 1)


CLAIMS = (
    Claim(
        "onemax-mean", PAPER, f"{NAME}, OneMax: E[T] is the exact engine's value",
        "first-step equations of the triangular chain", "the value times 0.95", 0.05, means("exact", onemax_mean, 2000, 4000),
    ),
    Claim(
        "onemax-law", PAPER, f"{NAME}, OneMax: T has the exact engine's law",
        "first-step equations of the triangular chain", "T counts the evaluation of the start", 0.025,
        laws(onemax_law, 20_000, 100_000),
    ),
    Claim(
        "leadingones-mean", PAPER, f"{NAME}, LeadingOnes, uniform start: E[T] = ((1-p)^(1-n) - (1-p)) / (2 p^2)",
        "Böttcher, Doerr, Neumann 2010", "the formula times 0.95", 0.03, means("exact", leadingones_mean, 2000, 4000),
        formula=r"\mathrm{E}[T] = \frac{(1-p)^{1-n} - (1-p)}{2 p^2}",
    ),
    Claim(
        "rls-mean", PAPER, "RLS, uniform start: E[T] is the sum over the start of n H_Z on OneMax, n^2/2 on LeadingOnes",
        "coupon collector; Droste, Jansen, Wegener 2002", "the formula times 0.95", 0.03, means("exact", rls_mean, 4000, 10_000),
        formula=r"\mathrm{E}[T] = n\, \mathrm{E}[H_Z], \qquad \mathrm{E}[T] = \frac{n^2}{2}",
    ),
    Claim(
        "needle-mean", PAPER, f"{NAME}, Needle, uniform start: E[T] = sum over k of binom(n, k) / (1 - (1-2p)^k)",
        "folklore (Fourier analysis of the walk on the cube)", "the sum times 0.9", 0.05,
        means("exact", needle_mean, 20_000, 40_000),
        formula=r"\mathrm{E}[T] = \sum_{k=1}^{n} \binom{n}{k} \frac{1}{1 - (1-2p)^k}",
    ),
    Claim(
        "jump-mean", PAPER, "(1+1) EA, rate 1/n, Jump: E[T] is the exact engine's value",
        "first-step equations of the chain over zero-bits", "the value times 0.9", 0.05,
        means("exact", jump_mean, 20_000, 40_000),
    ),
    Claim(
        "linear-upper", PAPER, f"{NAME}, every linear function with non-zero weights: E[T] <= b(1)",
        "Witt 2013", "e n in the place of b(1): the logarithm is forgotten", 0.05, means("upper", linear_upper, 2000, 4000),
        formula=(
            r"\mathrm{E}[T] \le b(1) = \frac{n \alpha p q^{1-n} + \ln\frac{1}{p} + (n-1) \ln q + 1}{\left(1 - "
            r"\frac{1}{\alpha}\right) p\, q^{n-1}}"
        ),
        where="q = 1 - p; at the alpha > 1 that makes it least",
    ),
    Claim(
        "multiplicative-upper", PAPER, f"{NAME}, OneMax, any start: E[T] <= n (1-c/n)^(1-n) (ln n + 1) / c",
        "Doerr, Johannsen, Winzen 2012", "the bound times 0.6", 0.05, means("upper", multiplicative_upper, 4000, 20_000),
        formula=r"\mathrm{E}[T] \le \frac{n}{c} \left(1 - \frac{c}{n}\right)^{1-n} (\ln n + 1)",
    ),
    Claim(
        "multiplicative-tail", PAPER, "RLS and (1+1) EA, OneMax, multiplicative drift d: P[T > t] <= (X_0 / s_min) (1 - d)^t",
        "Doerr, Goldberg 2013", "the bound to the power 1.5: a wrong exponent", 0.15, tails(multiplicative_tail, 40_000, 200_000),
        formula=r"\mathrm{P}[T > t] \le (1-d)^t\, \frac{X_0}{s_{\min}}",
        where="here X_t is the number of zero-bits, whose drift is at least d X_t",
    ),
)  # fmt: skip
