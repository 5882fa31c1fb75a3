"""Dynamic BinVal and its threshold, heavy-tailed mutation, and exact values of further problems and algorithms against runs.

Lengler, Schaller 2018: "The (1+1)-EA on noisy linear functions with random positive weights", SSCI; Lengler, Meier 2020: "Large
population sizes and crossover help in dynamic environments", PPSN XVI. For flip numbers of any law: Lengler 2020, "A general
dichotomy of evolutionary algorithms on monotone functions", IEEE TEVC 24. Antipov, Doerr 2021 (plateaus); Droste, Jansen, Wegener
2002 (trap); Jansen, Wegener 2007 (Metropolis).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction

from proofs_check.bounded import Bounded, Picture, ball_of, bounded
from proofs_check.claim import Claim, Outcome, Setting
from proofs_check.claims.drift_revisited.common import EA, NAME, PAPER, exact_mean, exact_value, same
from proofs_check.claims.drift_revisited.upper import Cases
from proofs_check.decide import Fact, Mean, facts, means
from proofs_check.figure import Figure, Series
from proofs_check.pictured import pictured, points
from theory import DynamicBinVal, Metropolis, OneMax, Plateau, Trap

DYNAMIC = EA.on(DynamicBinVal())


# ---- Dynamic BinVal


def threshold(setting: Setting) -> Iterator[Fact]:
    """The drift at k = 1 is p (2 (1 - (1-p)^n)/(p n) - 1), in the limit (c/n)(2 (1 - e^-c)/c - 1).

    2 (1 - e^-c) - c changes sign from + to - at c = 2 + W(-2 e^-2), the best rate of LeadingOnes, in balls; the formula at n bits
    is the sum over the one-bits that flip, in fractions. The mutant's constant is smaller by 10^-6.
    """
    from flint import ctx

    from theory.constants import dynamic_binval_threshold, leadingones_optimal_rate

    less = Fraction(1, 10**6) if setting.mutant else Fraction(0)
    constant = Fraction(str(dynamic_binval_threshold(20)))
    with ctx.workprec(200):
        low, high = (ball_of(constant - less + side * Fraction(1, 10**15)) for side in (-1, 1))
        first, last = (2 * (1 - (-x).exp()) - x for x in (low, high))
        yield Fact("2 (1 - e^-c) = c", "" if first > 0 and last < 0 else f"no change of sign at {float(constant - less):.12g}")
    same_root = dynamic_binval_threshold(30) == leadingones_optimal_rate(30)
    yield Fact("the best rate of LeadingOnes", "" if same_root else "another constant")
    for n in setting.choose((20, 40), (20, 40, 60)):
        for c, sign in ((Fraction(3, 2), 1), (Fraction(17, 10), -1)):
            drift, p = _drift_at_one(n, c), c / n
            formula = p * (2 * (1 - (1 - p) ** n) / (p * n) - 1)
            yield same(f"n = {n}, c = {float(c)}: drift at k = 1", drift, formula)
            yield Fact(f"n = {n}, c = {float(c)}: drift at k = 1", "" if drift * sign > 0 else f"{float(drift):.6g}")


def _drift_at_one(n: int, c: Fraction) -> Fraction:
    """E[k - k'] from one zero-bit: it flips with b of the n - 1 others, and the offspring is accepted with 1/(1 + b)."""
    p = c / n
    law = (math.comb(n - 1, b) * p**b * (1 - p) ** (n - 1 - b) for b in range(n))
    return p * sum((chance * Fraction(1 - b, 1 + b) for b, chance in enumerate(law)), Fraction(0))


def growth(setting: Setting) -> Cases:
    """log_2 E[T](2n)/E[T](n) on exact chains: at c = 1.4 below 3/2 and falling, at c = 2 above 2 and growing by a quarter.

    The mutant exchanges c = 1.4 and c = 2.
    """
    from flint import arb

    from theory.exact import expected_runtime_interval

    sizes = setting.choose((40, 80, 160), (50, 100, 200, 400, 800))
    for c in (Fraction(7, 5), Fraction(2)):
        run = {Fraction(7, 5): Fraction(2), Fraction(2): Fraction(7, 5)}.get(c, c) if setting.mutant else c
        values = [expected_runtime_interval(DYNAMIC, n=n, c=run) for n in sizes]
        exponents = [(after / before).log() / arb(2).log() for before, after in itertools.pairwise(values)]
        for i, exponent in enumerate(exponents):
            where, at = f"c = {float(c)}, n = {sizes[i]} to {sizes[i + 1]}", float(sizes[i])
            line = f"bound at c = {float(c)}"
            if c < Fraction(3, 2):
                limit = exponents[i - 1] if i else Fraction(3, 2)
                yield Bounded(where, "upper", limit, exponent, at=at, line=line)
            else:
                limit = exponents[i - 1] * ball_of(Fraction(5, 4)) if i else Fraction(2)
                yield Bounded(where, "lower", limit, exponent)


def dynamic_mean(setting: Setting) -> list[Mean]:
    """Below and just above the threshold."""
    cells = [(50, 1), (50, 1.4), (setting.choose(20, 50), 2), (setting.choose(20, 400), 1)]
    return [exact_mean(DynamicBinVal(), {"n": n, "c": c}, 0.9) for n, c in cells]


def dynamic_figure(setting: Setting, outcome: Outcome) -> Figure:
    """E[T] at n = 50 over c, exact, and the runs there."""
    wide = tuple(x / 10 for x in range(4, 25))
    exact = Series("exact", "exact", wide, tuple(exact_value(DYNAMIC, n=50, c=x) for x in wide))
    return Figure("c", "E[T]", (exact, points("runs", (1.0, 1.4), outcome.cells[:2])), log_y=True, title="Dynamic BinVal, n = 50")


# ---- flip numbers of a power law


def zeta_threshold(setting: Setting) -> Iterator[Fact]:
    """m_2/m_1 = (zeta(kappa-2) - zeta(kappa-1))/zeta(kappa-1) crosses 1 downwards at kappa = 3.47875..., in balls.

    m_2/m_1 is the mean of r - 1 under the law ~ r^(1-kappa), which falls in kappa (monotone likelihood ratio), so that the
    crossing is the only one; on (3.1, 5) its sign is enclosed, too. The mutant looks a thousandth further.
    """
    from flint import arb, ctx

    with ctx.workprec(128):

        def excess(kappa: arb) -> arb:  # (m_2 - m_1)/m_1 up to a positive factor
            return (kappa - 2).zeta() - 2 * (kappa - 1).zeta()

        low, high = arb("3.1"), arb(4)
        for _ in range(80):
            middle = (low + high) / 2
            middle = arb(middle.mid())
            low, high = (middle, high) if excess(middle) > 0 else (low, middle)
        kappa = low + (arb(1) / 1000 if setting.mutant else 0)
        step = arb(2) ** -60
        inside = excess(kappa - step) > 0 and excess(kappa + step) < 0
        yield Fact("the root", "" if inside else f"m_2/m_1 doesn't cross 1 at {float(kappa.mid()):.12g}")
        if setting.mutant:
            return
        root = Fraction(str(kappa.mid().str(25, radius=False)))
        pieces = setting.choose(400, 4000)
        for i in range(pieces):  # away from the root the sign is certain
            for start, end, sign in ((Fraction(31, 10), root - Fraction(1, 100), 1), (root + Fraction(1, 100), Fraction(5), -1)):
                one, other = (start + (end - start) * Fraction(j, pieces) for j in (i, i + 1))
                value = excess(ball_of(one).union(ball_of(other)))
                yield Fact(
                    f"kappa in [{float(one):.4f}, {float(other):.4f}]", "" if value * sign > 0 else "the sign isn't certain"
                )
        r = 10**4
        partial = sum((arb(j) ** (1 - kappa) * (j - 2) for j in range(1, r)), arb(0))  # sum of (r (r-1) - r) r^-kappa
        tail = 1 / ((kappa - 3) * arb(r) ** (kappa - 3))  # the integral of r^(2-kappa), the sum but for 1/r of it
        near = abs(partial + tail) < tail / 100
        yield Fact("the sums of r (r-1) r^-kappa and r r^-kappa themselves", "" if near else f"{partial} is left after {r} terms")


def power_laws_on_hottopic(setting: Setting) -> Cases:
    """Phi_p(alpha)/p_1 = alpha (Li_(kappa-2)(x) - 2 Li_(kappa-1)(x))/x - x, x = 1 - alpha, of flip numbers r ~ r^-kappa.

    For kappa >= 2 the first sum, over x, is at most that of the x^(r-1), 1/alpha, and the second at least 1: together at most
    -alpha, for every alpha, and in balls on a grid. For kappa < 2 the first one grows like alpha^(kappa-3), so that Phi_p > 0 for
    small alpha. The sums are held against theory's formula for laws on finitely many numbers. The mutant looks at kappa + 1/10
    below 2.
    """
    from flint import acb, arb, ctx

    from theory.monotone.hottopic import phi_of_law

    def phi(kappa: Fraction, alpha: Fraction) -> arb:
        x = ball_of(1 - alpha)
        sums = [acb(x).polylog(acb(ball_of(kappa - j))).real for j in (2, 1)]
        return ball_of(alpha) * (sums[0] - 2 * sums[1]) / x - x

    with ctx.workprec(128):
        shares = [Fraction(1, 10**j) for j in range(1, setting.choose(5, 7))] + [Fraction(j, 20) for j in range(1, 20)]
        for kappa in (Fraction(2), Fraction(21, 10), Fraction(3), Fraction(7, 2)):
            for alpha in shares:
                yield Bounded(f"kappa = {float(kappa)}, alpha = {float(alpha)}", "upper", -alpha, phi(kappa, alpha))
        for kappa, alpha in ((Fraction(19, 10), Fraction(1, 500)), (Fraction(199, 100), Fraction(1, 1000))):
            value = phi(kappa + (Fraction(1, 10) if setting.mutant else 0), alpha)
            yield Bounded(f"kappa = {float(kappa)}, alpha = {float(alpha)}", "lower", Fraction(0), value)
        kappa, alpha = Fraction(19, 10), Fraction(1, 20)
        law = {r: float(r) ** -float(kappa) for r in range(1, 2000)}
        near = abs(float(phi_of_law(law, float(alpha))) - float(phi(kappa, alpha).mid())) < 1e-10
        yield Fact("theory's Phi of the first 1999 numbers", "" if near else "is another one")


# ---- further problems and algorithms


def plateau_mean(setting: Setting) -> list[Mean]:
    """A plateau of radius 2 and 3 around the optimum."""
    return [exact_mean(Plateau(radius), {"n": n, "c": 1}, 0.9) for radius, n in ((2, 20), (3, setting.choose(10, 20)))]


def trap_mean(setting: Setting) -> list[Mean]:
    """Trap at few bits: (n/c)^n from the local optimum."""
    return [exact_mean(Trap(), {"n": n, "c": c}, 0.9) for n, c in ((4, 1), (setting.choose(5, 6), 1.5))]


def metropolis_mean(setting: Setting) -> list[Mean]:
    """The Metropolis algorithm on OneMax at two temperatures."""
    cells = ((Metropolis("n"), 20), (Metropolis(4), setting.choose(12, 20)))
    return [exact_mean(OneMax(), {"n": n}, 0.9, algorithm) for algorithm, n in cells]


_EQUAL = "E[T] is the exact engine's value"
_EXPONENT = Picture("n", "log_2 E[T](2n)/E[T](n)", log_x=True, title="Dynamic BinVal, c = 1.4")
CLAIMS = (
    Claim(
        "dynamic-binval-threshold", PAPER, f"{NAME}, Dynamic BinVal: near the optimum the drift vanishes at c = 2 + W(-2/e^2) = "
        "1.5936..., the best rate of LeadingOnes", "Lengler, Schaller 2018; Lengler, Meier 2020", "the constant less 10^-6", 0.0,
        facts("certified", threshold, "balls, and exact drifts at n = 20, 40 (full: 60)"),
        formula=r"c^* = 2 + W(-2 e^{-2}) = 1.5936\ldots",
    ),
    Claim(
        "dynamic-binval-growth", PAPER, f"{NAME}, Dynamic BinVal: the local exponent of E[T] falls below 3/2 at c = 1.4, and "
        "grows by a quarter with every doubling of n at c = 2", "exact chains", "c = 1.4 and c = 2 exchanged", 0.0,
        bounded(growth, "balls, n = 40 to 160 (full: 50 to 800)", _EXPONENT),
    ),
    Claim(
        "dynamic-binval-mean", PAPER, f"{NAME}, Dynamic BinVal, uniform start: {_EQUAL}", "the chain over zero-bits: a of a + b "
        "flipped bits are zero-bits, accepted with a/(a+b)", "the value times 0.9", 0.06,
        pictured(means("exact", dynamic_mean, 10_000, 20_000), dynamic_figure),
    ),
    Claim(
        "zeta-threshold", PAPER, "flip numbers r with probability ~ r^-kappa: the mean number of further flips m_2/m_1 is below "
        "1 iff kappa > 3.47875..., where zeta(kappa-2) = 2 zeta(kappa-1)", "derived here; cf. Lengler 2020",
        "kappa plus 1/1000", 0.0,
        facts("certified", zeta_threshold, "signs in balls on (3.1, 5)"),
        formula=r"\frac{m_2}{m_1} = \frac{\zeta(\kappa-2)}{\zeta(\kappa-1)} - 1 < 1 \iff \kappa > 3.47875\ldots",
        where="zeta is Riemann's function",
    ),
    Claim(
        "zeta-hottopic", PAPER, "HotTopic, flip numbers r with probability ~ r^-kappa: near the optimum the number of zero-bits "
        "can grow iff kappa < 2: Phi_p(alpha) > 0 for some alpha below, Phi_p(alpha) <= -alpha for every alpha from there on",
        "derived here; cf. Lengler 2020", "kappa larger by 1/10", 0.0,
        bounded(power_laws_on_hottopic, "polylogarithms in balls"),
        formula=r"\Phi_p(\alpha) = \frac{\alpha}{x} \left( \mathrm{Li}_{\kappa-2}(x) - 2\, \mathrm{Li}_{\kappa-1}(x) \right) - x",
        where="alpha is the share of bits that are hot, x = 1 - alpha; Li_s(x) is the sum of x^r/r^s",
    ),
    Claim(
        "plateau-mean", PAPER, f"(1+1) EA, rate 1/n, Plateau, uniform start: {_EQUAL}", "the chain over zero-bits; cf. "
        "Antipov, Doerr 2021", "the value times 0.9", 0.05, means("exact", plateau_mean, 20_000, 40_000),
    ),
    Claim(
        "trap-mean", PAPER, f"{NAME}, Trap, uniform start: {_EQUAL}", "the chain over zero-bits; cf. Droste, Jansen, "
        "Wegener 2002", "the value times 0.9", 0.06, means("exact", trap_mean, 20_000, 40_000),
    ),
    Claim(
        "metropolis-mean", PAPER, f"Metropolis algorithm, OneMax, uniform start: {_EQUAL}", "the chain over zero-bits; cf. "
        "Jansen, Wegener 2007", "the value times 0.9", 0.06, means("exact", metropolis_mean, 10_000, 40_000),
    ),
)  # fmt: skip
