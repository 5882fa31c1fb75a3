"""Formulas for E[T] against whole chains, in rational arithmetic.

Böttcher, Doerr, Neumann 2010: "Optimal fixed and adaptive mutation rates for the LeadingOnes problem", PPSN XI.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import comb

from proofs_check.bounded import Bounded, bounded
from proofs_check.claim import Claim, Setting
from proofs_check.claims.drift_revisited.common import EA, NAME, ONES, PAPER, bound, exactly, grid, rational, same
from proofs_check.decide import Fact, facts
from proofs_check.sandwich import sandwiches
from theory import RLS, BinVal, Jump, LeadingOnes, Linear, Needle, OneMax, OnePlusOneEA, c, n


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


def rls_expansion(setting: Setting) -> Iterator[Bounded]:
    """n E[H_Z] as a fraction: n (ln(n/2) + gamma) + 1/2 - 1/(12 n) from below, and at most 1/(120 n^3) + 2^-n more.

    E[H_Z] = H_n - sum of 1/(j 2^j), and H_n by Euler and Maclaurin. The mutant has no 1/2.
    """
    from flint import arb, ctx

    with ctx.workprec(200):
        for size in setting.choose((2, 10, 40, 100), (2, 5, 10, 20, 40, 100, 300, 1000)):
            truth = _uniform_rls(size)
            low = (
                size * ((arb(size) / 2).log() + arb.const_euler()) + (0 if setting.mutant else arb(1) / 2) - arb(1) / (12 * size)
            )
            more = arb(1) / (120 * size**3) + arb(2) ** -size
            yield Bounded(f"n = {size}", "lower", low, truth)
            yield Bounded(f"n = {size}", "upper", low + more, truth)
    for size in (2, 3, setting.choose(5, 8)):
        found = _uniform_rls(size)
        yield Bounded(f"n = {size}, whole chain", "exact", found, exactly(RLS().on(ONES), n=size))


def _uniform_rls(size: int) -> Fraction:
    """n E[H_Z], Z ~ Bin(n, 1/2)."""
    total, harmonic = Fraction(0), Fraction(0)
    for zeros in range(1, size + 1):
        harmonic += Fraction(1, zeros)
        total += comb(size, zeros) * harmonic
    return size * total / 2**size


def jump_escape(setting: Setting) -> Iterator[Fact]:
    """From k zero-bits E[T] = p^-k (1-p)^(k-n): every offspring but the optimum has k zero-bits or is rejected. Least at p = k/n,
    where the derivative of its logarithm, -k/p + (n-k)/(1-p), vanishes.

    The mutant's step flips one bit more.
    """
    more = 1 if setting.mutant else 0
    for gap in (2, 3):
        for size in setting.choose((5, 12), (5, 12, 25, 40)):
            costs = {}
            for share in (Fraction(1, 2), Fraction(9, 10), Fraction(1), Fraction(11, 10)):
                rate = share * gap
                p = rate / size
                formula = p ** -(gap + more) * (1 - p) ** (gap - size)
                costs[rate] = exactly(EA.on(Jump(gap)), gap, n=size, c=rate)
                yield same(f"gap {gap}, n = {size}, c = {float(rate)}", formula, costs[rate])
            best = min(costs, key=costs.__getitem__)
            yield same(f"gap {gap}, n = {size}: the least of these c", best, Fraction(gap))


def bounds_at_small_n(setting: Setting) -> Iterator[Fact]:
    """Every derived bound on E[T] against the rational value; the mutant halves the upper bounds."""
    largest = setting.choose(3, 6)
    constants = sorted({Fraction(1, 2), *(Fraction(x) for x in range(1, largest + 1))})
    weights = Linear(range(1, largest + 1))
    processes = [EA.on(p) for p in (OneMax(), LeadingOnes(), BinVal(), weights, Needle(), Jump(2))]
    processes += [RLS().on(p) for p in (OneMax(), LeadingOnes(), BinVal(), weights, Needle())]
    for process in processes:
        for one in sandwiches(process, range(1, largest + 1), constants, Fraction(1, 2 if setting.mutant else 1)):
            yield Fact(f"{process}", "" if one.holds else f"{one} {'fails' if one.holds is False else 'could not be decided'}")


CLAIMS = (
    Claim(
        "onemax-chain", PAPER,
        f"{NAME}, OneMax: the chain over the number of zero-bits and the one over all points give one E[T]",
        "folklore", "rate c/(n+1) in one of the chains", 0.0,
        facts("proved", onemax_chain, "equal in rational arithmetic, n <= 5 (full: 8), c = 1/2, 1, 2"),
    ),
    Claim(
        "leadingones-formula", PAPER, f"{NAME}, LeadingOnes, uniform start: E[T] = ((1-p)^(1-n) - (1-p)) / (2 p^2)",
        "Böttcher, Doerr, Neumann 2010", "no factor 1/2 for the bits that are right already", 0.0,
        facts("proved", leadingones_formula, "equal to the full chain in rational arithmetic, n <= 5 (full: 8), c = 1/2, 1, 2"),
        formula=r"\mathrm{E}[T] = \frac{(1-p)^{1-n} - (1-p)}{2 p^2}",
    ),
    Claim(
        "rls-formulas", PAPER, "RLS: E[T] = n H_k on OneMax from k zero-bits, n^2/2 on LeadingOnes from a uniform start",
        "coupon collector; Droste, Jansen, Wegener 2002", "H_(k+1) in the place of H_k", 0.0,
        facts("proved", rls_formulas, "equal to the full chain in rational arithmetic, n <= 6 (full: 8)"),
        formula=r"\mathrm{E}[T] = n H_k, \qquad \mathrm{E}[T] = \frac{n^2}{2}",
    ),
    Claim(
        "needle-formula", PAPER, f"{NAME}, Needle, uniform start: E[T] = sum over k of binom(n, k) / (1 - (1-2p)^k)",
        "folklore (Fourier analysis of the walk on the cube)", "the sum less one", 0.0,
        facts("proved", needle_formula, "equal to the chain in rational arithmetic, n <= 5 (full: 8), c = 1/2, 1, 2"),
        formula=r"\mathrm{E}[T] = \sum_{k=1}^{n} \binom{n}{k} \frac{1}{1 - (1-2p)^k}",
    ),
    Claim(
        "rls-expansion", PAPER, "RLS, OneMax, uniform start: E[T] = n (ln(n/2) + gamma) + 1/2 - 1/(12 n) + r, 0 <= r <= 1/(120 "
        "n^3) + 2^-n", "coupon collector; Euler and Maclaurin", "without the 1/2", 0.0,
        bounded(rls_expansion, "fractions against balls, n <= 100 (full: 1000)"),
    ),
    Claim(
        "jump-escape", PAPER, f"{NAME}, Jump with gap k, from k zero-bits: E[T] = p^(-k) (1-p)^(k-n), least at p = k/n",
        "Droste, Jansen, Wegener 2002; cf. Doerr, Le, Makhmara, Nguyen 2017", "one flipped bit more", 0.0,
        facts("proved", jump_escape, "equal to the chain in rational arithmetic, gaps 2 and 3, n <= 12 (full: 40)"),
    ),
    Claim(
        "bounds-at-small-n", PAPER,
        "every derived bound on E[T] of the (1+1) EA and RLS holds at every small n that its conditions admit",
        "the source of each bound", "upper bounds times 1/2", 0.0,
        facts("certified", bounds_at_small_n, "rational value against the bound's ball, n <= 3 (full: 6), c up to n"),
    ),
)  # fmt: skip
