"""Claims about all strictly monotone functions at once: the slowest on few bits, the drift of z, the pessimist who bounds them.

B. Doerr, T. Jansen, D. Sudholt, C. Winzen, C. Zarges, "Mutation rate matters even when optimizing monotonic functions",
Evolutionary Computation 21, 2013: c < 1. T. Jansen, "On the brittleness of evolutionary algorithms", FOGA 2007; S. Colin, B.
Doerr, G. Férey, "Monotonic functions in EC: anything but monotone!", GECCO 2014: the partially ordered EA and its n^(3/2). C.
Witt, "Tight bounds on the optimization time of a randomized search heuristic on linear functions", Combinatorics, Probability
and Computing 22(2), 2013: OneMax is the easiest. J. Lengler, A. Martinsson, A. Steger, arXiv 1808.01137 (ANALCO 2019): a little
above c = 1 every strictly monotone function is still easy, which the pessimist doesn't show.

The search itself is :mod:`proofs_check.monotone`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from proofs_check.bounded import Bounded, Picture, ball_of, bounded
from proofs_check.claim import Claim, Outcome, Setting
from proofs_check.claims.drift_revisited.common import same
from proofs_check.decide import Fact
from proofs_check.figure import Figure
from proofs_check.pictured import pictured
from proofs_check.region import Region, ratio_region, regions

HALF = Fraction(1, 2)
NAME = "(1+1) EA, rate c/n"


def _ea() -> Any:
    from theory import OnePlusOneEA

    return OnePlusOneEA("c/n")


def worst_on_few_bits(setting: Setting) -> Iterator[Bounded | Fact]:
    """The slowest and the fastest function for all rates below 1/2, against OneMax, BinVal and the pessimist.

    The mutant takes BinVal for the slowest, on four bits too.
    """
    from proofs_check.monotone.allrates import extreme_for_all_rates
    from proofs_check.monotone.counting import count
    from proofs_check.monotone.dominance import extreme
    from proofs_check.monotone.enumeration import enumerate_orders
    from proofs_check.monotone.search import name_of, runtime
    from theory import BinVal, OneMax, PartiallyOrderedEA

    known = {1: 1, 2: 2, 3: 48, 4: 1680384}
    wrong = [n for n, number in known.items() if count(n) != number]
    yield Fact("linear extensions of the cube, n = 1 to 4", f"miscounted at n = {wrong}" if wrong else "")
    for n in (2, 3, 4):
        slow, fast = (extreme_for_all_rates(n, slowest=slowest) for slowest in (True, False))
        for what, orders in (("slowest", slow), ("fastest", fast)):
            alone = "" if len(orders) == 1 else f"{len(orders)} functions were left"
            yield Fact(f"n = {n}: one function is {what} at every rate in (0, 1/2)", alone)
        yield Fact(f"n = {n}: the fastest", "" if name_of(fast[0]) == "OneMax" else f"is {fast[0]}")
        (above,) = extreme_for_all_rates(n, above_half=True)
        yield Fact(f"n = {n}: the slowest at every rate in (1/2, 1)", "" if name_of(above) == "OneMax" else f"is {above}")
        for c in (Fraction(1, 10), HALF, Fraction(1), Fraction(3, 2), Fraction(19, 10)):
            if c / n >= HALF:
                continue
            where, value = f"n = {n}, c = {float(c)}", runtime(slow[0].problem(), n, c)
            yield same(f"{where}: OneMax and the fastest", runtime(OneMax(), n, c), runtime(fast[0].problem(), n, c))
            if n < 4 or setting.mutant:
                yield same(f"{where}: BinVal and the slowest", runtime(BinVal(), n, c), value)
            else:
                yield Bounded(f"{where}: BinVal isn't the slowest", "lower", runtime(BinVal(), n, c), value)
            if n > 2:  # all functions of two bits are alike
                yield Bounded(f"{where}: the slowest", "upper", runtime(PartiallyOrderedEA(), n, c), value)
            listed = enumerate_orders(n, float(c / n), ties=setting.preset == "full").value
            near = abs(listed / float(value) - 1) < 1e-11
            yield Fact(f"{where}: an enumeration", "" if near else f"finds {listed:.12g}, not {float(value):.12g}")
        if n == 4:
            yield Fact("n = 4: the slowest is no linear function", "it is one" if slow[0].weights() else "")
    for c in setting.choose((), (HALF, Fraction(1), Fraction(3, 2), Fraction(2))):
        found = extreme(5, c / 5)
        value = runtime(found.order.problem(), 5, c)
        yield Bounded(f"n = 5, c = {float(c)}: the slowest", "upper", runtime(PartiallyOrderedEA(), 5, c), value)
        fastest = extreme(5, c / 5, slowest=False).order
        yield same(f"n = 5, c = {float(c)}: OneMax and the fastest", runtime(OneMax(), 5, c), runtime(fastest.problem(), 5, c))


def worst_figure(setting: Setting, outcome: Outcome) -> Figure:
    """All functions on four bits, over c up to where all are alike."""
    from proofs_check.monotone import extremes

    return extremes(4, [Fraction(i, 10) for i in range(2, 20, 3)]).figure


def _pessimist(n: int, c: Fraction, start: str = "uniform") -> Any:
    """The pessimist's E[T], a ball."""
    from theory import PartiallyOrderedEA
    from theory.exact import expected_runtime_interval

    return expected_runtime_interval(_ea().on(PartiallyOrderedEA()), start=start, n=n, c=c)


def _exponents(sizes: tuple[int, ...], c: Fraction) -> list[Any]:
    """log_2 E[T](2n)/E[T](n), balls."""
    from flint import arb

    values = [_pessimist(n, c) for n in sizes]
    return [(after / before).log() / arb(2).log() for before, after in itertools.pairwise(values)]


def poea_exponent(setting: Setting) -> Iterator[Bounded | Fact]:
    """E[T] <= (12 pi/11) n^(3/2), and the local exponent between 1.49 and 1.54; the mutant runs at c = 9/10.

    The bound for all n: the potential that sums f(i - 1/2) = n ln(1 + n/(i - 1/2)^2) has a drift of 11/12 at least, f is convex,
    and its integral from 0 to infinity is pi n^(3/2).
    """
    from flint import arb

    from theory.monotone.poea import drift_is_at_least

    yield Fact("every n: the potential's drift is at least 11/12", "" if drift_is_at_least() else "could not be proved")
    run = Fraction(9, 10) if setting.mutant else Fraction(1)
    for n in setting.choose((10, 50, 200), (2, 5, 10, 20, 50, 100, 200, 400, 800)):
        yield Bounded(f"n = {n}", "upper", arb.pi() * 12 / 11 * arb(n) * arb(n).sqrt(), _pessimist(n, run))
    sizes = setting.choose((50, 100, 200), (50, 100, 200, 400, 800))
    for n, exponent in zip(sizes, _exponents(sizes, run)):
        yield Bounded(f"exponent, n = {n} to {2 * n}", "lower", Fraction(149, 100), exponent)
        yield Bounded(f"exponent, n = {n} to {2 * n}", "upper", Fraction(154, 100), exponent, at=float(n), line="1.54")


def poea_blowup(setting: Setting) -> Iterator[Bounded]:
    """At c = 1.1 each local exponent is larger than the one before by a tenth at least, from above 3/2 on; the mutant: c = 1."""
    sizes = setting.choose((50, 100, 200, 400), (50, 100, 200, 400, 800))
    found = _exponents(sizes, Fraction(1) if setting.mutant else Fraction(11, 10))
    for i, exponent in enumerate(found):
        limit = found[i - 1] + ball_of(Fraction(1, 10)) if i else Fraction(3, 2)
        where = f"exponent at c = 1.1, n = {sizes[i]} to {2 * sizes[i]}"
        yield Bounded(where, "lower", limit, exponent, at=float(sizes[i]), line="the one before plus 1/10")


def binval_growth(setting: Setting) -> list[Region]:
    """BinVal at c = 1.1: four times as many bits cost what n ln n says, within a tenth; the mutant expects n^(3/2)."""
    from sim import simulate
    from theory import BinVal

    sizes, runs = setting.choose((1000, 4000), (4000, 16_000)), setting.choose(1000, 3000)
    process, how = _ea().on(BinVal()), {"replicates": runs, "engine": "event", "progress": False}
    below, top = (simulate(process, n=n, c=1.1, seed=setting.seed + n, **how).evaluations for n in sizes)
    ratio = 8.0 if setting.mutant else 4 * math.log(sizes[1]) / math.log(sizes[0])
    where = f"BinVal, c = 1.1, n = {sizes[1]} against {sizes[0]}, {runs} runs each"
    return [ratio_region(where, top, below, 0.9 * ratio, 1.1 * ratio, ratio, setting.error)]


def small_rates(setting: Setting) -> Iterator[Bounded | Fact]:
    """c < 1: one step on all functions, then E[T] of the pessimist from 0^n and of the slowest function; the mutant: 4/5 of it.

    E[T] <= sum over z of 1/((1 - (1-p)^z) (1 - p (n-z))) <= n (ln n + 1)/(c (1-c)), c = np.
    """
    from flint import arb

    from proofs_check.monotone.dominance import extreme
    from proofs_check.monotone.search import runtime
    from theory.monotone.acceptance import slow_drift_holds

    for n in setting.choose((1, 2, 3), (1, 2, 3, 4)):
        holds = slow_drift_holds(n)
        yield Fact(f"n = {n}: the drift of z is at least (1 - (1-p)^z) (1 - p (n-z))", "" if holds else "not on every function")
    less = Fraction(4, 5) if setting.mutant else Fraction(1)
    for c in (HALF, Fraction(9, 10)):
        for n in (2, 3, 4):
            slow = extreme(n, c / n, exact=n < 4, start="worst")
            value = runtime(slow.order.problem(), n, c, start="worst")
            yield Bounded(f"n = {n}, c = {float(c)}: the slowest function", "upper", _slow_sum(n, c), value)
        for n in setting.choose((10, 50, 100), (10, 20, 50, 100, 200, 400)):
            exact, bound = _pessimist(n, c, "zeros"), _slow_sum(n, c)
            at = float(n) if c == HALF else None
            where = f"the pessimist from 0^n, n = {n}, c = {float(c)}"
            yield Bounded(where, "upper", bound, exact, at=at, line="sum of 1/drift", factor=less)
            coarse = ball_of(n / (c * (1 - c))) * (arb(n).log() + 1)
            yield Bounded(f"{where}, n (ln n + 1)/(c (1-c))", "upper", coarse, exact, at=at, line="n (ln n + 1)/(c (1-c))")


def _slow_sum(n: int, c: Fraction) -> Fraction:
    """The sum of the reciprocals of what bounds the drift of z.

    >>> _slow_sum(1, Fraction(1, 2))
    Fraction(2, 1)
    """
    p = c / n
    return sum((1 / ((1 - (1 - p) ** z) * (1 - p * (n - z))) for z in range(1, n + 1)), Fraction(0))


def far_from_the_optimum(setting: Setting) -> Iterator[Bounded | Fact]:
    """Accepted steps flip p (n-z) one-bits at most and E[A | A >= 1] zero-bits at least, on average, so that z falls where it is
    large, for c > 1 too: on all functions on few bits, and what follows at n bits; the mutant: E[A | A >= 1] times 101/100."""
    from theory.monotone.acceptance import acceptances, gains, harris_holds, more_ups_holds
    from theory.monotone.far import drift_is_positive_from, positive_drift_density

    for n in setting.choose((2, 3), (2, 3, 4)):
        yield Fact(f"n = {n}: one-bits that flip", "" if harris_holds(n) else "more than p (n-z) on some function")
        yield Fact(f"n = {n}: zero-bits that flip", "" if more_ups_holds(n) else "fewer than E[A | A >= 1] on some function")
        for c in (Fraction(11, 10), Fraction(3, 2)):
            p, first, wrong = c / n, drift_is_positive_from(n, c), ""
            more = Fraction(101, 100) if setting.mutant else Fraction(1)
            for x, accepted in acceptances(n):
                z, law = n - x.bit_count(), gains(x, accepted, n, p)
                drift = sum((d * chance for d, chance in enumerate(law, start=-n)), Fraction(0))
                moved = sum(law, Fraction(0)) - (1 - p) ** n  # x itself is among what can be accepted
                least = moved * (more * z * p / (1 - (1 - p) ** z) - p * (n - z))
                if drift < least or (z >= first and drift <= 0):
                    wrong = wrong or f"it is {float(drift):.4g} at {x:0{n}b}"
            yield Fact(f"n = {n}, c = {float(c)}: the drift of z", wrong)
    for text in ("1.01", "1.1"):
        density, above = float(positive_drift_density(text)), float(text) - 1
        near = abs(density - 2 * above / (3 * float(text))) < above**2 / 20
        yield Fact(f"c = {text}: the density above which z falls is 2 (c-1)/(3 c) to first order", "" if near else f"{density}")
    n = setting.choose(400, 2000)
    for c in (Fraction(x, 100) for x in (101, 110, 125, 150, 175, 200)):
        share, middle = Fraction(drift_is_positive_from(n, c), n), Fraction(str(positive_drift_density(c)))
        for direction, line in (("upper", "limit + 2/n"), ("lower", "limit - 2/n")):
            bound = middle + (Fraction(2, n) if direction == "upper" else -Fraction(2, n))
            yield Bounded(f"c = {float(c)}, n = {n}: {line}", direction, bound, share, at=float(c), line=line)


_EXPONENT = "the local exponent is the binary logarithm of E[T] at 2n bits over E[T] at n bits"
CLAIMS = (
    Claim(
        "monotone-worst-n4", "monotone-entropy", f"{NAME} < 1/2, every strictly monotone function on at most four bits, uniform "
        "start: OneMax is the fastest; one function is the slowest at every rate, BinVal up to n = 3, and at n = 4 one that is "
        "not linear and slower than BinVal; none is slower than the partially ordered EA",
        "found here by search; cf. Witt 2013 (OneMax), Jansen 2007 (partially ordered EA)", "BinVal is the slowest at n = 4 too",
        0.0, pictured(bounded(worst_on_few_bits, "all orders, in fractions and polynomials, n <= 4 (full: 5)"), worst_figure),
    ),
    Claim(
        "monotone-small-rates", "drift-revisited", "(1+1) EA, rate c/n with c < 1, every strictly monotone function, any start: "
        "E[T] <= sum over z of 1/((1 - (1-p)^z) (1 - p (n-z))) <= n (ln n + 1)/(c (1-c)), p = c/n, for the pessimist too",
        "Doerr, Jansen, Sudholt, Winzen, Zarges 2013; Lengler, Steger 2018; the constant is derived here",
        "4/5 of the sum", 0.0,
        bounded(
            small_rates, "all functions on few bits, and the pessimist's chain, n <= 100 (full: 400)",
            Picture("n", "E[T] from 0^n", log_y=True, exact="the pessimist", title="c = 1/2"),
        ),
        r"\mathrm{E}[T] \le \sum_{z=1}^{n} \frac{1}{(1 - (1-p)^z) (1 - p (n-z))} \le \frac{n (\ln n + 1)}{c (1-c)}",
        "z is the number of zero-bits; the pessimist is the partially ordered EA",
    ),
    Claim(
        "monotone-far", "monotone-entropy", "(1+1) EA, rate p = c/n, every strictly monotone function: an accepted change flips "
        "p (n-z) one-bits at most and z p/(1 - (1-p)^z) of the z zero-bits at least, on average; so z falls above a density, "
        "2 (c-1)/(3 c) to first order in c - 1", "Doerr, Jansen, Sudholt, Winzen, Zarges 2013 (one-bits, by Harris' "
        "inequality); zero-bits derived here", "z p/(1 - (1-p)^z) times 1.01", 0.0,
        bounded(
            far_from_the_optimum, "every step on all functions of up to 3 bits (full: 4)",
            Picture("c", "z/n above which z falls", exact="at n bits"),
        ),
        r"\mathrm{E}[z - z' \mid \mathrm{accepted}] \ge \frac{z p}{1 - (1-p)^z} - p (n - z)",
        "z' is the number of zero-bits after the step",
    ),
    Claim(
        "poea-exponent", "drift-revisited", "partially ordered EA, rate 1/n: E[T] <= (12 pi/11) n^(3/2), and E[T] grows like "
        "n^(3/2): the local exponent lies between 1.49 and 1.54 for n = 50, 100 (full: to 400)",
        "Jansen 2007; Colin, Doerr, Férey 2014; the constant is derived here", "c = 9/10", 0.0,
        bounded(poea_exponent, "balls, n up to 200 (full: 800)", Picture("n", "local exponent", log_x=True)),
        r"\mathrm{E}[T] \le \tfrac{12\pi}{11}\, n^{3/2}", _EXPONENT,
    ),
    Claim(
        "poea-blowup", "monotone-entropy", "partially ordered EA, c = 1.1: the local exponent of E[T] grows with every doubling "
        "of n from 50 to 400 (full: 800), by a tenth at least: a bound by the pessimist can't prove c > 1 easy",
        "exact chains; cf. Jansen 2007", "c = 1", 0.0,
        bounded(poea_blowup, "balls, n = 50 to 400 (full: 800)", Picture("n", "local exponent", log_x=True)), "", _EXPONENT,
    ),
    Claim(
        "binval-growth", "monotone-entropy", "(1+1) EA, rate 1.1/n, BinVal: from n to 4n bits E[T] grows by the factor of n ln n "
        "within a tenth: a static function doesn't blow up where the pessimist does",
        "Witt 2013; Lengler, Martinsson, Steger 2018", "the factor 8 of n^(3/2)", 0.1, regions(binval_growth),
    ),
)  # fmt: skip
