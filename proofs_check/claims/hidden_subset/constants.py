"""Claims about constants, identities and exact formulas: decided without statistics.

The constants are those of the schedule alpha ln t/t; m_D(n) = E[p (1-p)^(n-1)] is the probability that one given relevant bit and
no other one flips under a static distribution D of rates.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from proofs_check.claim import Claim, Setting
from proofs_check.claims.hidden_subset.common import PAPER, SOURCE
from proofs_check.decide import Fact, facts
from theory import InitialSegment, LeadingOnes, OnePlusOneEA

if TYPE_CHECKING:
    from flint import arb

DIGITS = 30
RATIOS = ("1/2", "4/5", "9/10", "11/10", "5/4", "3/2", "2")
MIXTURES = (
    {Fraction(1, 2): Fraction(1, 5), Fraction(1, 10): Fraction(3, 10), Fraction(1, 100): Fraction(1, 2)},
    {Fraction(0): Fraction(1, 4), Fraction(1, 3): Fraction(3, 4)},
    {Fraction(1, i): Fraction(1, i * (i - 1)) if i < 9 else Fraction(1, 8) for i in range(2, 10)},
)


def holds(where: str, true: Any) -> Fact:
    """A fact from a truth value."""
    return Fact(where, "" if true else "it does not hold")


def ball(value: Any) -> arb:
    """A ball around an mpmath number or a fraction."""
    import mpmath
    from flint import arb

    return arb(value.numerator) / value.denominator if isinstance(value, Fraction) else arb(mpmath.nstr(value, 2 * DIGITS))


# ---- the constants of the schedule


def schedule_constants(setting: Setting) -> Iterator[Fact]:
    """x*, alpha, beta, the cost of another constant, kappa; the mutant's alpha is too large by a millionth."""
    from flint import arb, ctx

    from theory import constants
    from theory.hidden_subset import functional

    with ctx.workprec(512):
        x, beta, kappa = (
            ball(value(2 * DIGITS))
            for value in (constants.hidden_subset_x, constants.hidden_subset_beta, constants.hidden_subset_kappa)
        )
        alpha = ball(constants.hidden_subset_alpha(2 * DIGITS)) * (1 + arb(10) ** -6 if setting.mutant else 1)
        tiny = arb(10) ** -DIGITS
        yield holds("derivatives", functional.derivatives_are_as_claimed())
        yield holds("E_1(x) - e^-x changes its sign within 10^-30 of x*", functional.maximiser_is_enclosed(DIGITS))
        yield holds("x E_1(x) has one maximum", functional.has_one_maximum())
        yield holds("alpha E_1(alpha/beta) = 1", abs(alpha * functional.e1(alpha / beta) - 1) < tiny)
        yield holds("alpha = e^x*", abs(alpha - x.exp()) < tiny)
        yield holds("alpha = 1/E_1(x*)", abs(alpha * functional.e1(x) - 1) < tiny)
        yield holds("beta = alpha/x*", abs(beta - alpha / x) < 10 * tiny)
        yield holds("3.552 and 1.54468 are beta and alpha, rounded",
                    abs(beta - arb("3.552")) < arb("0.0005") and abs(alpha - arb("1.54468")) < arb("0.000005"))  # fmt: skip
        yield from _penalties(alpha, beta, x)
        yield holds("kappa is its integral", abs(_kappa(x, alpha) - kappa) < arb(10) ** -20)
        yield holds("the factor of lnln n/ln n vanishes", abs(alpha * (functional.e1(x) - (-x).exp())) < tiny)


def _penalties(alpha: arb, beta: arb, x: arb) -> Iterator[Fact]:
    """beta(a) with a E_1(a/beta(a)) = 1 exceeds beta, to second order by the square of a/alpha - 1 times (1-x*)/2."""
    from flint import arb

    from theory.constants import hidden_subset_penalty
    from theory.hidden_subset.functional import e1

    for text in (*RATIOS, "1001/1000"):
        found = ball(hidden_subset_penalty(text, 2 * DIGITS))
        a = alpha * ball(Fraction(text))
        below, above = (a * e1(a / (found + side * arb(10) ** -DIGITS)) - 1 for side in (-1, 1))
        yield holds(f"a = {text} alpha: a E_1(a/beta) - 1 changes its sign", below < 0 and above > 0)
        yield holds(f"a = {text} alpha costs more", found > beta)
    excess = (found / beta - 1) * 10**6  # of the last one, a = 1.001 alpha
    yield holds("beta(a)/beta - 1 is (1-x*)/2 (a/alpha - 1)^2 near alpha", abs(excess - (1 - x) / 2) < arb("0.001"))


def _kappa(x: arb, alpha: arb) -> arb:
    """-(integral of alpha (1-u) e^-u ln(u)/u du from x*), in balls; beyond 100 it is less than the integral of alpha u e^-u."""
    from flint import acb, arb

    end = 100
    value = acb.integral(lambda u, a: (1 - u) * (-u).exp() * u.log(analytic=a) / u, acb(x), acb(end))
    rest = arb(0, (end + 1) * arb(-end).exp())
    return -alpha * (value.real + rest)


# ---- static distributions


def budget(setting: Setting) -> Iterator[Fact]:
    """The sum of m_D(n), n <= N, is P(p > 0) - E[(1-p)^N, p > 0]; the mutant asks for n silent bits, not n - 1."""
    for mixture in MIXTURES:
        total, positive = Fraction(0), sum(q for p, q in mixture.items() if p)
        for last in range(1, setting.choose(40, 200) + 1):
            silent = last if setting.mutant else last - 1
            total += sum(q * p * (1 - p) ** silent for p, q in mixture.items())
        left = sum(q * (1 - p) ** last for p, q in mixture.items() if p)
        rates = ", ".join(str(p) for p in mixture)
        yield holds(f"rates {rates}: the sum up to n = {last}", total == positive - left)
        rarest = min(p for p in mixture if p)
        yield holds(f"rates {rates}: what is left vanishes", left <= (1 - rarest) ** last and rarest > 0)


# ---- LeadingOnes, exact formulas


def leadingones(setting: Setting) -> Iterator[Fact]:
    """Hidden bits under a static D; initial segments with p_i = 1/(i+1); a geometric number of bits. Mutant: no factor 1/2."""
    from theory.bounds.hidden_subset_static import leadingones_is_exact
    from theory.exact import expected_runtime

    factor = Fraction(2 if setting.mutant else 1)
    for size in range(1, setting.choose(4, 6)):
        yield holds(f"hidden bits, n = {size}: half the sum of the 1/m_D(i)", leadingones_is_exact(size, factor))
    segment = OnePlusOneEA("1/(i+1)").on(InitialSegment(LeadingOnes()))
    for size in range(1, setting.choose(6, 8)):
        whole = Fraction(expected_runtime(segment, n=size, rational=True))
        yield holds(f"p_i = 1/(i+1), n = {size}: n(n+1)(n+2)/6", whole == factor * Fraction(size * (size + 1) * (size + 2), 6))
    yield from _geometric(factor)


def _geometric(factor: Fraction) -> Iterator[Fact]:
    """n with P(n = m) = q (1-q)^(m-1): the sum of q (1-q)^(m-1) E_m, its terms beyond M as two geometric series."""
    for s in (Fraction(9, 10), Fraction(99, 100)):
        q, best = 1 - s**2, 1 - s  # p* = 1 - sqrt(1-q)
        for p in (best, q / 2, q / 4):
            mean, last = factor * (1 - p) / (2 * p * (q - p)), 50
            total = sum(q * (1 - q) ** (m - 1) * ((1 - p) ** (1 - m) - (1 - p)) / (2 * p**2) for m in range(1, last + 1))
            ratio = (1 - q) / (1 - p)
            rest = q * (ratio**last / (1 - ratio) - (1 - p) * (1 - q) ** last / q) / (2 * p**2)
            yield holds(f"q = {q}, p = {p}: (1-p)/(2p(q-p))", total + rest == mean and ratio < 1)
            yield holds(
                f"q = {q}, p = {p}: at least 1/(2 p*^2)",
                mean >= factor / (2 * best**2) and (mean > factor / (2 * best**2)) == (p != best),
            )
        yield holds(f"q = {q}, p = q: the series does not fall", (1 - q) / (1 - q) >= 1)


# ---- bits without weight


def invariance(setting: Setting) -> Iterator[Fact]:
    """The law of T on n bits somewhere in a string of N, seen through a mask, is that on n bits; mutant: one more weight."""
    bases = {"OneMax": sum, "LeadingOnes": lambda x: [*x, 0].index(0), "BinVal": lambda x: sum(b << i for i, b in enumerate(x))}
    length, size, steps = setting.choose(5, 7), 3, 6
    for name, base in bases.items():
        plain = law(size, lambda x, f=base: f(x), lambda x: all(x), steps)  # type: ignore[misc]
        for places, mask in (((0, 1, 2), 0), ((1, 3, 4), 0), ((4, 0, 2), 0b10110)):

            def relevant(x: tuple, places: tuple = places, mask: int = mask) -> list[int]:
                return [x[place] ^ (mask >> place & 1) for place in places]

            other = next(place for place in range(length) if place not in places)

            def value(x: tuple, base: Any = base, relevant: Any = relevant, other: int = other) -> Any:
                return base(relevant(x)) + (Fraction(3 * x[other], 2) if setting.mutant else 0)

            whole = law(length, value, lambda x, relevant=relevant: all(relevant(x)), steps)  # type: ignore[misc]
            yield holds(f"{name} on bits {places} of {length}, mask {mask:b}", whole == plain)


def law(length: int, fitness: Any, optimal: Any, steps: int) -> list[Fraction]:
    """P(T <= t), t = 0, ..., steps, over all points, at the rates p_t = 1/(t+1).

    >>> law(1, sum, all, 2)
    [Fraction(1, 2), Fraction(3, 4), Fraction(5, 6)]
    """
    import itertools

    points = list(itertools.product((0, 1), repeat=length))
    values, done = [fitness(x) for x in points], [optimal(x) for x in points]
    flips = [sum(bit << i for i, bit in enumerate(x)) for x in points]
    state = [Fraction(1, 2**length)] * len(points)
    found = [sum((q for q, end in zip(state, done) if end), Fraction(0))]
    for t in range(1, steps + 1):
        p = Fraction(1, t + 1)
        chance = [p**h * (1 - p) ** (length - h) for h in range(length + 1)]
        after = [Fraction(0)] * len(points)
        for a, q in enumerate(state):
            if not q:
                continue
            if done[a]:
                after[a] += q
                continue
            for b in range(len(points)):
                after[b if values[b] >= values[a] else a] += q * chance[(flips[a] ^ flips[b]).bit_count()]
        state = after
        found.append(sum((q for q, end in zip(state, done) if end), Fraction(0)))
    return found


CLAIMS = (
    Claim(
        "hs-constants", PAPER, "alpha E_1(alpha/beta) = 1, alpha = e^x*, beta = e^x*/x*, with x* the maximiser of x E_1(x); any "
        "other constant a costs more, beta(a) with a E_1(a/beta(a)) = 1", SOURCE, "alpha times 1.000001", 0.0,
        facts("certified", schedule_constants, "in balls"),
        formula=r"\alpha\, E_1(\alpha/\beta) = 1, \quad E_1(x^*) = e^{-x^*}, \quad \alpha = e^{x^*}, \quad \beta = e^{x^*}/x^*",
        where="E_1(x) is the integral of e^(-u)/u from x on",
    ),
    Claim(
        "hs-budget", PAPER, "Every static distribution of rates has the same budget: the m_D(n) add up to P(p > 0) over all n",
        "geometric series; the budget behind the lower bounds of Doerr, Doerr, Kötzing 2019", "n silent bits in place of n - 1",
        0.0, facts("proved", budget, "equal in rational arithmetic for every partial sum"),
        formula=r"\sum_{n \ge 1} E\left[p (1-p)^{n-1}\right] = P(p > 0)",
        where="p is drawn from the distribution D in each step",
    ),
    Claim(
        "hs-leadingones", PAPER, "LeadingOnes of hidden bits under static rates: E[T] is half the sum of the 1/m_D(i); with "
        "p_i = 1/(i+1) on an initial segment n(n+1)(n+2)/6; with a geometric n (1-p)/(2p(q-p)), least at p = 1 - sqrt(1-q)",
        "Böttcher, Doerr, Neumann 2010; Cathabard, Lehre, Yao 2011", "no factor 1/2 for the bits that are right already", 0.0,
        facts("proved", leadingones, "equal to whole chains in rational arithmetic"),
        formula=r"E[T] = \frac12 \sum_{i=1}^n \frac{1}{m_D(i)}",
        where="m_D(i) is the probability that bit i is the only one of the first i that flips",
    ),
    Claim(
        "hs-invariance", PAPER, "Where the relevant bits are, which of their values are right, and how many others there are: "
        "nothing of that changes the law of T", "the relevant bits are a chain by themselves",
        "one other bit has a weight of 3/2", 0.0,
        facts("proved", invariance, "the same law in rational arithmetic, n = 3, N = 5 (full: 7), rates 1/(t+1)"),
    ),
)  # fmt: skip
