"""Linear functions: between OneMax and Witt's bound, his potential, both rules of acceptance, potentials that are looked for.

Witt 2013: C. Witt, "Tight bounds on the optimization time of a randomized search heuristic on linear functions", Combinatorics,
Probability and Computing 22(2), 2013; Doerr, Johannsen, Winzen 2010: "Drift analysis and linear functions revisited", CEC 2010.

All linear functions share the leading term (e^c/c) n ln n. At finite n their E[T]/((e^c/c) n ln n) lies below 1 and differs by a
multiple of 1/ln n, so that no ratio here is compared with 1.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import Any

from proofs_check.bounded import Bounded, Picture, bounded, value_of
from proofs_check.claim import Claim, Outcome, Setting
from proofs_check.claims.drift_revisited.chains import drifts, from_uniform, law_from_uniform, of_function
from proofs_check.claims.drift_revisited.common import (
    EA,
    NAME,
    PAPER,
    STRICT,
    bound,
    exact_value,
    exactly,
    number,
    same,
)
from proofs_check.claims.drift_revisited.upper import Cases
from proofs_check.contrasts import Contrast, contrasts, slope
from proofs_check.decide import Fact, Mean, Runs, facts, means
from proofs_check.figure import Figure, Series
from proofs_check.pictured import pictured, points
from proofs_check.sandwich import sandwiches
from theory import BinVal, LeadingOnes, Linear, OneMax

HALF = Fraction(1, 2)
WEIGHTS = ((1, 2, 4, 8), (1, 1, 5, 6), (7, 2, 9, 3), (1, 100, 101, 102), (1, 1, 1, 1))


def weighing(weights: tuple[int, ...]) -> Any:
    """The linear function of a point whose binary digits are the bits."""
    return lambda x: sum(w for i, w in enumerate(weights) if x >> i & 1)


# ---- small n, in fractions


def easiest(setting: Setting) -> Cases:
    """E[T] on OneMax is at most that on every linear function tried, for p <= 1/2; near p = 1 another function is faster.

    The mutant takes BinVal for the easiest.
    """
    for size in (3, 4):
        for p in (Fraction(1, size), HALF):
            least = from_uniform(of_function(size, (lambda x: x) if setting.mutant else int.bit_count, p), 2**size - 1)
            for weights in _weights(size, setting.choose(5, 40)):
                for strict in (False, True):
                    truth = from_uniform(of_function(size, weighing(weights), p, strict), 2**size - 1)
                    yield Bounded(f"weights {weights}, p = {p}, strict {strict}", "lower", least, truth)
    p = Fraction(14, 15)  # the second best point is 0^n
    trap = of_function(3, lambda x: 4 if x == 7 else 3 - x.bit_count(), p)
    onemax = from_uniform(of_function(3, int.bit_count, p), 7)
    yield Bounded("p = 14/15, the second best point 0^n", "lower", onemax, from_uniform(trap, 7), fails=True)


def _weights(size: int, count: int) -> Iterator[tuple[int, ...]]:
    """Powers of 2, equal weights, and random ones with repetitions."""
    import random

    drawn = random.Random(size)
    yield tuple(2**i for i in range(size))
    yield (1,) * size
    for _ in range(count):
        yield tuple(drawn.randrange(1, 9) for _ in range(size))


def domination(setting: Setting) -> Iterator[Fact]:
    """P(T <= t) on OneMax is at least that on any linear function, at every t up to the last; the mutant: at most."""
    size, steps = 3, setting.choose(25, 60)
    p = Fraction(1, size)
    best = law_from_uniform(of_function(size, int.bit_count, p), 7, steps)
    for weights in itertools.islice(_weights(size, 40), setting.choose(6, 30)):
        other = law_from_uniform(of_function(size, weighing(weights), p), 7, steps)
        if setting.mutant:
            best, other = other, best
        wrong = next((t for t, (one, two) in enumerate(zip(best, other)) if one < two), None)
        yield Fact(f"weights {weights}", "" if wrong is None else f"P(T <= {wrong}) is {float(other[wrong]):.6g}")
        if setting.mutant:
            best, other = other, best


def binval_slower(setting: Setting) -> Cases:
    """E[T] on BinVal against OneMax, uniform start, p <= 1/2: equal for n <= 2 and p = 1/2, else larger; drawn over n."""
    for constant in (HALF, Fraction(1), Fraction(2)):
        for size in range(1, setting.choose(5, 8) + 1):
            if 2 * constant <= size:
                values = {"n": size, "c": constant}
                one, other = exactly(EA.on(BinVal()), **values), exactly(EA.on(OneMax()), **values)
                at, where = float(size) if constant == 1 else None, f"c = {constant}, n = {size}"
                if setting.mutant:
                    other = other * Fraction(101, 100)
                if size <= 2 or 2 * constant == size:
                    yield Bounded(where, "exact", other, one)
                else:
                    yield Bounded(where, "lower", other, one, at=at, line="OneMax")
                    yield same(f"{where}: not equal", Fraction(one > other), Fraction(1))


def two_bits(setting: Setting) -> Iterator[Fact]:
    """All 4 * 27 functions on two bits with a unique optimum, ties or not, p = 1/2 (the mutant's 1/3), both rules."""
    p = Fraction(1, 3) if setting.mutant else HALF
    for best in range(4):
        others = [x for x in range(4) if x != best]
        for heights in itertools.product(range(3), repeat=3):
            value = dict(zip(others, heights)) | {best: 3}
            for strict in (False, True):
                found = from_uniform(of_function(2, value.__getitem__, p, strict), best)
                yield same(f"f = {[value[x] for x in range(4)]}, strict {strict}", found, Fraction(3))


def witt_potential_drift(setting: Setting) -> Iterator[Fact]:
    """Over all points of four bits the least ratio of the true drift to the claimed one is 1/(1 - 1/alpha).

    A zero-bit of smallest weight alone attains it. The mutant's potential is the number of zero-bits.
    """
    from theory.drift import witt_potential

    size = 4
    for weights in WEIGHTS:
        for constant in setting.choose((1, 2), (HALF, 1, Fraction(3, 2), 2)):
            p = Fraction(constant) / size
            rows = of_function(size, weighing(weights), p)
            for alpha in (Fraction(3, 2), Fraction(2), Fraction(4)):
                g = [1] * size if setting.mutant else witt_potential(weights, p, alpha)

                def height(x: int, g: Any = g) -> Fraction:
                    return sum((Fraction(g[i]) for i in range(size) if not x >> i & 1), Fraction(0))

                delta = p * (1 - p) ** (size - 1) * (1 - 1 / alpha)
                least = min(drift / height(x) for x, drift in drifts(rows, height).items())
                yield same(f"weights {weights}, p = {p}, alpha = {alpha}", least / delta, 1 / (1 - 1 / alpha))


# ---- both rules of acceptance


def acceptance(setting: Setting) -> Iterator[Fact]:
    """Offspring that are better, or not worse: one E[T] on OneMax from every start and on LeadingOnes from a uniform one.

    Elsewhere the rules differ (LeadingOnes from 0^n, Needle), but every bound on linear functions holds for both. The mutant
    claims LeadingOnes from 0^n, too.
    """
    for size in range(2, setting.choose(5, 7)):
        for constant in (HALF, 1):
            values = {"n": size, "c": constant}
            where = f"n = {size}, c = {constant}"
            for start in range(1, size + 1):
                one, other = (exactly(algorithm.on(OneMax()), start, **values) for algorithm in (EA, STRICT))
                yield same(f"OneMax, {where}, {start} zero-bits", one, other)
            one, other = (exactly(algorithm.on(LeadingOnes()), **values) for algorithm in (EA, STRICT))
            yield same(f"LeadingOnes, {where}", one, other)
            if size >= 3:
                one, other = (exactly(algorithm.on(LeadingOnes()), "zeros", **values) for algorithm in (EA, STRICT))
                if setting.mutant:
                    yield same(f"LeadingOnes from 0^n, {where}", one, other)
                else:
                    yield Fact(f"LeadingOnes from 0^n, {where}", "" if one != other else "the rules agree")
    largest = setting.choose(2, 5)
    for problem in (BinVal(), Linear([1, 1, 2, 2, 3, 3]), OneMax()):
        for held in sandwiches(STRICT.on(problem), range(1, largest + 1), (HALF, Fraction(1), Fraction(2))):
            yield Fact(f"strict, {problem}", "" if held.holds else f"{held} {'fails' if held.holds is False else 'is open'}")


# ---- potentials that are looked for


def synthesised(setting: Setting) -> Cases:
    """The best weights of the bits that a linear programme finds: at least E[T], at most Witt's b(1); the mutant's is b(1)/9."""
    from theory import synthesise

    for size in setting.choose((3, 4), (3, 4, 5, 6)):
        values: dict[str, Any] = {"n": size, "c": 1}
        for problem in (BinVal(), Linear(range(1, size + 1))):
            process = EA.on(problem)
            found = value_of(synthesise(process, "bits", progress=False, **values), values)
            b = bound(process, "upper", "Witt")
            alpha = Fraction(b.best_parameter(**values)).limit_denominator(1000)  # type: ignore[arg-type]
            limit = value_of(b.with_(expr=b.expr.subs(b.minimise_over[0], number(alpha))), values)  # type: ignore[index]
            at = float(size) if isinstance(problem, BinVal) else None
            yield Bounded(
                f"{problem}, n = {size}: over E[T]",
                "upper",
                found,
                exactly(process, "worst", **values),
                at=at,
                line="synthesised",
            )
            factor = Fraction(1, 9) if setting.mutant else Fraction(1)
            yield Bounded(f"{problem}, n = {size}: under b(1)", "upper", limit, found, factor=factor)


# ---- runs


def _functions(largest: int) -> tuple[Any, ...]:
    return (OneMax(), BinVal(), Linear(range(1, largest + 1)))


@cache
def _onemax(size: int, constant: float) -> float:
    return exact_value(EA.on(OneMax()), n=size, c=constant)


def linear_lower(setting: Setting) -> list[Mean]:
    """E[T] on OneMax from below, at every n; a fifth more is the mutant."""
    sizes = setting.choose((100, 1000), (1000, 4000, 16_000))
    cells = []
    for problem in _functions(max(sizes)):
        for size in sizes:
            process, values = EA.on(problem), {"n": size, "c": 1}
            found = bound(process, "lower", "OneMax is the easiest") if problem.name != "OneMax" else None
            value = _onemax(size, 1.0) if found is None else found.evaluate(**values)
            cells.append(Mean(Runs(process, values), lambda b=value: b, lambda b=value: 1.2 * b))  # type: ignore[misc]
    return cells


def linear_sandwich(setting: Setting, outcome: Outcome) -> Figure:
    """T/(e n ln n) between the exact value on OneMax and Witt's b(1)."""
    sizes = setting.choose((100, 1000), (1000, 4000, 16_000))
    x, scale = tuple(map(float, sizes)), tuple(math.e * n * math.log(n) for n in sizes)
    witt = bound(EA.on(BinVal()), "upper", "Witt")
    series = [
        Series("E[T] on OneMax", "lower", x, tuple(_onemax(n, 1.0) / s for n, s in zip(sizes, scale))),
        Series("Witt's b(1)", "upper", x, tuple(witt.evaluate(n=n, c=1) / s for n, s in zip(sizes, scale))),
    ]
    for i, problem in enumerate(_functions(max(sizes))):
        name = "1, ..., n" if isinstance(problem, Linear) and problem.name == "Linear" else problem.name
        cells = outcome.cells[i * len(sizes) : (i + 1) * len(sizes)]
        series.append(points(name, x, cells, scale))
    return Figure("n", "E[T]/(e n ln n)", tuple(series), log_x=True, title="linear functions, rate 1/n")


def binval_margin(setting: Setting) -> list[Mean]:
    """E[T] on BinVal is at least 2% above that on OneMax; 20% is the mutant."""
    cells = []
    for size in setting.choose((100, 1000), (1000, 4000, 16_000)):
        value = _onemax(size, 1.0)
        cells.append(Mean(Runs(EA.on(BinVal()), {"n": size, "c": 1}), lambda b=value: 1.02 * b, lambda b=value: 1.2 * b))  # type: ignore[misc]
    return cells


def linear_slope(setting: Setting) -> list[Contrast]:
    """E[T]/n over ln n rises by OneMax's exact slope, which is e^c/c up to 2 %, give or take a tenth; the mutant's slope is c
    times as steep, e^c."""
    first, last = setting.choose((200, 2000), (1000, 10_000))
    cells = []
    for constant in (0.5, 1.0, 2.0):
        lead = math.exp(constant) / constant
        ends = [_onemax(size, constant) / size for size in (first, last)]
        middle = (ends[1] - ends[0]) / math.log(last / first) * (constant if setting.mutant else 1)
        for problem in setting.choose((BinVal(),), (BinVal(), Linear(range(1, last + 1)))):

            def runs(size: int, problem: Any = problem, constant: float = constant) -> Runs:
                return Runs(EA.on(problem), {"n": size, "c": constant})

            where = f"{problem.name}, c = {constant:g}: slope of E[T]/n from n = {first} to {last}"
            cells.append(Contrast(where, slope(runs, first, last), middle - 0.1 * lead, middle + 0.1 * lead, lead))
    return cells


_BINVAL = Picture("n", "E[T]", exact="BinVal", title="(1+1) EA, rate 1/n, uniform start")
CLAIMS = (
    Claim(
        "linear-easiest", PAPER, f"{NAME} with p <= 1/2: E[T] on every linear function is at least that on OneMax, ties accepted "
        "or not; p <= 1/2 is needed in general", "Doerr, Johannsen, Winzen 2010; Witt 2013", "BinVal in the place of OneMax", 0.0,
        bounded(easiest, "whole chains, in fractions"),
        formula=r"\mathrm{E}[T_f] \ge \mathrm{E}[T_{\mathrm{OneMax}}]",
        where="f is any linear function with weights that are not zero",
    ),
    Claim(
        "linear-domination", PAPER, "(1+1) EA, rate 1/n, linear functions: T is stochastically larger than on OneMax",
        "Witt 2013", "smaller", 0.0, facts("proved", domination, "laws of T in fractions, n = 3"),
        formula=r"\mathrm{P}[T_f > t] \ge \mathrm{P}[T_{\mathrm{OneMax}} > t]",
        where="for every t; f is any linear function with weights that are not zero",
    ),
    Claim(
        "binval-above-onemax", PAPER, f"{NAME}, uniform start: E[T] on BinVal is that on OneMax for n <= 2 or p = 1/2, larger "
        "for other p < 1/2, c = 1/2, 1, 2", "whole chains", "OneMax times 101/100", 0.0,
        bounded(binval_slower, "rational values, n <= 5 (full: 8)", _BINVAL),
    ),
    Claim(
        "two-bits", PAPER, "(1+1) EA, n = 2, rate 1/2, uniform start: E[T] = 3 on every function with a unique optimum",
        "enumeration", "rate 1/3", 0.0, facts("proved", two_bits, "all 108 functions, ties accepted or not"),
    ),
    Claim(
        "witt-potential", PAPER, f"{NAME}, linear functions: the drift of Witt's potential is at least (1-1/alpha) p (1-p)^(n-1) "
        "X, and the least ratio is 1/(1-1/alpha)", "Witt 2013, Theorem 4.1", "the number of zero-bits for the potential", 0.0,
        facts("proved", witt_potential_drift, "all points of four bits, in fractions"),
    ),
    Claim(
        "acceptance-rules", PAPER, f"{NAME}, accepting what is better or what is not worse: one E[T] on OneMax, and on "
        "LeadingOnes from a uniform start; all bounds on linear functions hold for both", "Lengler, Steger 2018, both versions",
        "one E[T] on LeadingOnes from 0^n, too", 0.0, facts("certified", acceptance, "whole chains, n <= 4 (full: 6)"),
    ),
    Claim(
        "synthesised-weights", PAPER, "(1+1) EA, rate 1/n, linear functions: a synthesised potential gives a bound between the "
        "largest E[T] and Witt's b(1)", "linear programmes; Witt 2013", "b(1)/9 in the place of b(1)", 0.0,
        bounded(synthesised, "n <= 4 (full: 6)", Picture("n", "E[T]", title="(1+1) EA on BinVal, rate 1/n, worst start")),
    ),
    Claim(
        "linear-lower", PAPER, "(1+1) EA, rate 1/n, linear functions, uniform start: E[T] is at least the exact value on OneMax",
        "Witt 2013", "the value times 1.2", 0.05, pictured(means("lower", linear_lower, 1500, 1000), linear_sandwich),
        formula=r"\mathrm{E}[T_f] \ge \mathrm{E}[T_{\mathrm{OneMax}}]",
        where="f is any linear function with weights that are not zero",
    ),
    Claim(
        "linear-slope", PAPER, f"{NAME}, linear functions, c = 1/2, 1, 2: E[T]/n grows in ln n with OneMax's slope, which tends "
        "to e^c/c, up to a tenth", "Witt 2013; Lengler, Steger 2018", "the slope e^c", 0.12, contrasts(linear_slope, 1500, 4000),
        formula=r"\mathrm{E}[T] = (1 + o(1))\, \frac{e^c}{c}\, n \ln n",
    ),
    Claim(
        "binval-margin", PAPER, "(1+1) EA, rate 1/n, uniform start: E[T] on BinVal is at least 1.02 of that on OneMax, n = 100 "
        "to 16000", "measured here", "1.2 in the place of 1.02", 0.06, means("lower", binval_margin, 2000, 1000),
    ),
)  # fmt: skip
