"""Claims of "Drift Analysis and Evolutionary Algorithms Revisited" and of what it builds on.

J. Lengler, A. Steger, "Drift Analysis and Evolutionary Algorithms Revisited", arXiv 1608.03226; Combinatorics, Probability
and Computing 27(5), 2018: the (1+1) EA with rate c/n on linear and monotone functions.
Witt 2013: C. Witt, "Tight bounds on the optimization time of a randomized search heuristic on linear functions",
Combinatorics, Probability and Computing 22(2), 2013.
Böttcher, Doerr, Neumann 2010: "Optimal fixed and adaptive mutation rates for the LeadingOnes problem", PPSN XI.
Doerr, Johannsen, Winzen 2012: "Multiplicative drift analysis", Algorithmica 64; its tail: Doerr, Goldberg 2013,
"Adaptive drift analysis", Algorithmica 65.

T counts offspring; the evaluation of the start is not counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from proofs_check.claim import Claim, Setting
from proofs_check.decide import Fact, Law, Mean, Runs, Tail, facts, laws, means, tails
from proofs_check.sandwich import sandwiches
from theory import RLS, BinVal, Bound, Jump, LeadingOnes, Linear, Needle, OneMax, OnePlusOneEA, Process, c, n
from theory.balls import number_of

PAPER = "drift-revisited"
EA = OnePlusOneEA(c / n)
CONSTANTS = (Fraction(1, 2), 1, 2)
ONES = Linear([1] * 12)  # OneMax that the exact engine doesn't recognise: it takes the chain over all 2^n points


def bound(process: Process, direction: str, name: str = "", quantity: str = "E[T]") -> Bound:
    """The first derived bound of a process with this direction, and this word in its source."""
    for found in process.bounds(status="derived"):
        if (found.quantity, found.direction) == (quantity, direction) and name in str(found.source):
            return found
    raise LookupError(f"theory has no derived {direction} bound on {quantity} for {process} by '{name}'")


def exactly(process: Process, start: Any = "uniform", **values: Any) -> Fraction:
    """E[T] in rational arithmetic."""
    from theory.exact import expected_runtime

    return Fraction(expected_runtime(process, start=start, rational=True, **values))


def exact_mean(
    problem: Any, values: dict[str, Any], factor: float, algorithm: Any = EA, start: Any = "uniform", engine: str = "auto"
) -> Mean:
    """A cell whose prediction is the exact engine's value; the mutant's is that times ``factor``."""
    from theory.exact import expected_runtime

    process = algorithm.on(problem)

    def value() -> float:
        return float(expected_runtime(process, start=start, **values))

    return Mean(Runs(process, values, start, engine), value, lambda: factor * value())


def rational(found: Bound, **values: Any) -> Fraction:
    """A bound's value in rational arithmetic."""
    number = number_of(found.expr, {symbol: Fraction(values[str(symbol)]) for symbol in found.expr.free_symbols})
    return Fraction(int(number.p), int(number.q))


def same(where: str, one: Fraction, other: Fraction) -> Fact:
    """A fact: two rational numbers are equal."""
    return Fact(where, "" if one == other else f"{float(one):.12g} is not {float(other):.12g}")


def grid(largest: int) -> Iterator[tuple[int, Any]]:
    """n up to the largest, c in 1/2, 1, 2 with a rate below one."""
    return ((size, constant) for size in range(1, largest + 1) for constant in CONSTANTS if constant < size)


# ---- exact arithmetic


def onemax_chain(setting: Setting) -> Iterator[Fact]:
    """The chain over the number of zero-bits against the chain over all points."""
    wrong = OnePlusOneEA(c / (n + 1)) if setting.mutant else EA
    for size, constant in grid(setting.choose(5, 8)):
        values = {"n": size, "c": constant}
        yield same(f"n = {size}, c = {constant}", exactly(wrong.on(OneMax()), **values), exactly(EA.on(ONES), **values))


def leadingones_formula(setting: Setting) -> Iterator[Fact]:
    """The closed form against the chain over all points."""
    for size, constant in grid(setting.choose(5, 8)):
        values = {"n": size, "c": constant}
        formula = rational(bound(EA.on(LeadingOnes()), "exact"), **values)
        yield same(f"n = {size}, c = {constant}", formula * (2 if setting.mutant else 1), exactly(EA.on(LeadingOnes()), **values))


def rls_formulas(setting: Setting) -> Iterator[Fact]:
    """n H_k on OneMax from k zero-bits, n^2/2 on LeadingOnes from a uniform start, against the chains over all points."""
    more = 1 if setting.mutant else 0
    onemax, leadingones = RLS().on(OneMax()), RLS().on(LeadingOnes())
    for size in range(1, setting.choose(6, 8) + 1):
        for zeros in range(1, size + 1 - more):
            formula = rational(bound(onemax, "exact"), n=size, k=zeros + more)
            yield same(f"OneMax, n = {size}, k = {zeros}", formula, exactly(RLS().on(ONES), start=zeros, n=size))
        yield same(f"LeadingOnes, n = {size}", rational(bound(leadingones, "exact"), n=size), exactly(leadingones, n=size))


def needle_formula(setting: Setting) -> Iterator[Fact]:
    """The Fourier sum against the chain over the number of zero-bits."""
    for size, constant in grid(setting.choose(5, 8)):
        values = {"n": size, "c": constant}
        formula = rational(bound(EA.on(Needle()), "exact"), **values)
        yield same(f"n = {size}, c = {constant}", formula - (1 if setting.mutant else 0), exactly(EA.on(Needle()), **values))


def bounds_at_small_n(setting: Setting) -> Iterator[Fact]:
    """Every derived bound on E[T] against the rational value; the mutant halves the upper bounds."""
    largest = setting.choose(4, 8)
    constants = sorted({Fraction(1, 2), *(Fraction(x) for x in range(1, largest + 1))})
    weights = Linear(range(1, largest + 1))
    processes = [EA.on(p) for p in (OneMax(), LeadingOnes(), BinVal(), weights, Needle(), Jump(2))]
    processes += [RLS().on(p) for p in (OneMax(), LeadingOnes(), BinVal(), weights, Needle())]
    for process in processes:
        for one in sandwiches(process, range(1, largest + 1), constants, Fraction(1, 2 if setting.mutant else 1)):
            yield Fact(f"{process}", "" if one.holds else f"{one} {'fails' if one.holds is False else 'could not be decided'}")


# ---- means


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
    sizes = setting.choose((100, 1000), (100, 1000, 10_000))
    cells = []
    for problem in (BinVal(), Linear(range(1, max(sizes) + 1)), OneMax()):
        for size in sizes:
            process, values = EA.on(problem), {"n": size, "c": 1}
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


_EA = "(1+1) EA, rate c/n"
CLAIMS = (
    Claim(
        "onemax-chain", PAPER, f"{_EA}, OneMax: the chain over the number of zero-bits and the one over all points give one E[T]",
        "folklore", "rate c/(n+1) in one of the chains", 0.0,
        facts("proved", onemax_chain, "equal in rational arithmetic, n <= 5 (full: 8), c = 1/2, 1, 2"),
    ),
    Claim(
        "leadingones-formula", PAPER, f"{_EA}, LeadingOnes, uniform start: E[T] = ((1-p)^(1-n) - (1-p)) / (2 p^2)",
        "Böttcher, Doerr, Neumann 2010", "no factor 1/2 for the bits that are right already", 0.0,
        facts("proved", leadingones_formula, "equal to the full chain in rational arithmetic, n <= 5 (full: 8), c = 1/2, 1, 2"),
    ),
    Claim(
        "rls-formulas", PAPER, "RLS: E[T] = n H_k on OneMax from k zero-bits, n^2/2 on LeadingOnes from a uniform start",
        "coupon collector; Droste, Jansen, Wegener 2002", "H_(k+1) in the place of H_k", 0.0,
        facts("proved", rls_formulas, "equal to the full chain in rational arithmetic, n <= 6 (full: 8)"),
    ),
    Claim(
        "needle-formula", PAPER, f"{_EA}, Needle, uniform start: E[T] = sum over k of binom(n, k) / (1 - (1-2p)^k)",
        "folklore (Fourier analysis of the walk on the cube)", "the sum less one", 0.0,
        facts("proved", needle_formula, "equal to the chain in rational arithmetic, n <= 5 (full: 8), c = 1/2, 1, 2"),
    ),
    Claim(
        "bounds-at-small-n", PAPER,
        "every derived bound on E[T] of the (1+1) EA and RLS holds at every small n that its conditions admit",
        "the source of each bound", "upper bounds times 1/2", 0.0,
        facts("certified", bounds_at_small_n, "rational value against the bound's ball, n <= 4 (full: 8), c up to n"),
    ),
    Claim(
        "onemax-mean", PAPER, f"{_EA}, OneMax: E[T] is the exact engine's value",
        "first-step equations of the triangular chain", "the value times 0.95", 0.05, means("exact", onemax_mean, 2000, 4000),
    ),
    Claim(
        "onemax-law", PAPER, f"{_EA}, OneMax: T has the exact engine's law",
        "first-step equations of the triangular chain", "T counts the evaluation of the start", 0.025,
        laws(onemax_law, 20_000, 100_000),
    ),
    Claim(
        "leadingones-mean", PAPER, f"{_EA}, LeadingOnes, uniform start: E[T] = ((1-p)^(1-n) - (1-p)) / (2 p^2)",
        "Böttcher, Doerr, Neumann 2010", "the formula times 0.95", 0.03, means("exact", leadingones_mean, 2000, 4000),
    ),
    Claim(
        "rls-mean", PAPER, "RLS, uniform start: E[T] is the sum over the start of n H_Z on OneMax, n^2/2 on LeadingOnes",
        "coupon collector; Droste, Jansen, Wegener 2002", "the formula times 0.95", 0.03, means("exact", rls_mean, 4000, 10_000),
    ),
    Claim(
        "needle-mean", PAPER, f"{_EA}, Needle, uniform start: E[T] = sum over k of binom(n, k) / (1 - (1-2p)^k)",
        "folklore (Fourier analysis of the walk on the cube)", "the sum times 0.9", 0.05,
        means("exact", needle_mean, 20_000, 40_000),
    ),
    Claim(
        "jump-mean", PAPER, "(1+1) EA, rate 1/n, Jump: E[T] is the exact engine's value",
        "first-step equations of the chain over zero-bits", "the value times 0.9", 0.05,
        means("exact", jump_mean, 20_000, 40_000),
    ),
    Claim(
        "linear-upper", PAPER, "(1+1) EA, rate 1/n, every linear function with non-zero weights: E[T] <= b(1)",
        "Witt 2013", "e n in the place of b(1): the logarithm is forgotten", 0.05, means("upper", linear_upper, 2000, 4000),
    ),
    Claim(
        "multiplicative-upper", PAPER, f"{_EA}, OneMax, any start: E[T] <= n (1-c/n)^(1-n) (ln n + 1) / c",
        "Doerr, Johannsen, Winzen 2012", "the bound times 0.6", 0.05, means("upper", multiplicative_upper, 4000, 20_000),
    ),
    Claim(
        "multiplicative-tail", PAPER, "RLS and (1+1) EA, OneMax, multiplicative drift d: P[T > t] <= (X_0 / s_min) (1 - d)^t",
        "Doerr, Goldberg 2013", "the bound to the power 1.5: a wrong exponent", 0.15, tails(multiplicative_tail, 40_000, 200_000),
    ),
)  # fmt: skip
