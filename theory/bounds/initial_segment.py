"""Initial segment uncertainty: LeadingOnes, exact for every static sequence of rates, and which runtimes are possible at all.

S. Cathabard, P. K. Lehre, X. Yao, FOGA 2011 (p_i = 1/(i+1)); B. Doerr, C. Doerr, T. Kötzing, Algorithmica 81 (2019); H. Einarsson
et al., TCS 785 (2019). OneMax is in :mod:`theory.bounds.initial_segment_onemax`.

Notation: bit i flips with probability p_i, q_i = p_i (1-p_1) ... (1-p_{i-1}) is the probability that bit i is the first one to
flip, E[T(n)] the expected runtime on the first n bits from a uniform start. As the events are disjoint, q_1 + ... + q_n =
1 - (1-p_1) ... (1-p_n) <= 1.

**Exact.** E[T(n)] = (1/2) (1/q_1 + ... + 1/q_n), as for a static rate (Böttcher, Doerr, Neumann, PPSN 2010).

**No rates are good for every n.** For positive a_1, a_2, ... the sum over n of n/(1/a_1 + ... + 1/a_n) is at most twice that of
the a_i (:func:`harmonic_lemma`). With a_i = q_i the sum over n of n/E[T(n)] is at most 4 for *every* static sequence, so that
E[T(n)] <= f(n) for all n is possible only if the sum of n/f(n) converges. And then it is, up to a constant: p_i proportional to
i/f(i).
"""

from __future__ import annotations

import functools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
from sympy import Expr, Gt, Integer, Lt, Product, Rational, Sum

from theory.balls import enclosure
from theory.bounds.common import Bound, Check, Source, all_levels_ok, argument, because, concluding, is_ea, j, rates_at
from theory.derivation import Derivation
from theory.drift.sources import WEGENER
from theory.errors import InputError
from theory.facts import Computation, DriftFact, Identity, Inequality, LimitFact, RuntimeFact
from theory.growth import Growth, growth
from theory.lemmas import lemma, of
from theory.problems import InitialSegment, LeadingOnes
from theory.process import Process
from theory.summability import converges
from theory.symbols import SYMBOLS, i, n, v
from theory.text import formula
from theory.values import Number

SIZES = (1, 2, 3, 4, 5, 6)
SOURCE = Source(
    "initial segment (cf. Cathabard, Lehre, Yao 2011)",
    "@inproceedings{CathabardLehreYao2011,\n  author = {Cathabard, Stephan and Lehre, Per Kristian and Yao, Xin},\n"
    "  title = {Non-uniform mutation rates for problems with unknown solution lengths},\n"
    "  booktitle = {Foundations of Genetic Algorithms (FOGA)},\n  year = {2011},\n}",
)
HARDY = Source("harmonic means of a convergent series")


def bounds(process: Process) -> list[Bound]:
    """Bounds for the (1+1) EA with a rate for each position; with one rate for all, those of the base."""
    if not isinstance(process.problem, InitialSegment) or not is_ea(process, static=False):
        return []
    if "i" not in process.rate_symbols:
        from theory.catalogue import _all

        why = "Neither acceptance nor the end of a run asks for the bits behind the first n."
        return [bound if bound.derivation is None else because(bound, why) for bound in _all(process.core)]
    if isinstance(process.problem.base, LeadingOnes):
        return [exact_on_leadingones(process), from_any_start(process), *order(process, n), share_on_leadingones(process)]
    from theory.bounds.initial_segment_onemax import bounds as on_onemax

    return on_onemax(process)


# ---- LeadingOnes


def exact_on_leadingones(process: Process) -> Bound:
    """Half the sum of the 1/q_i; in closed form for p_i = 1/(i+a)."""
    assert process.rate is not None
    rate, where = process.rate, rates_in_range(process.rate)
    a = shift_of(rate)
    expr = Sum(1 / first_flip(rate), (i, 1, n)) / 2 if a is None else closed_form(a)
    checks = [
        Check("the level is left if bit v+1 flips and no bit before it", "on the whole chain", "premise",
              DriftFact(process, left_from(rate), "==", quantity="leave", sizes=SIZES[:4], where=where)),
        Check("half the sum of the 1/q_i", "on whole chains, in fractions", "conclusion",
              RuntimeFact(process, expr, "==", sizes=SIZES, where=where)),
    ]  # fmt: skip
    if a is not None:
        before = a / (i + a - 1)
        sums = Sum(1 / first_flip(rate), (i, 1, n)) / 2
        checks += [
            Check("half the sum, as it stands", "on whole chains, in fractions", "premise",
                  RuntimeFact(process, sums, "==", sizes=SIZES[:3], where=where)),
            Check("(1-p_1) ... (1-p_i) = a/(i+a)", "by induction", "premise", Identity(a / (i + a), before * (1 - 1 / (i + a)))),
            Check("the closed form grows by 1/(2 q_n)", "symbolically", "premise",
                  Identity(expr - expr.subs(n, n - 1), (1 / (2 * before * rate)).subs(i, n))),
            Check("the closed form starts at 0", "symbolically", "premise", Identity(expr.subs(n, 0), Integer(0))),
        ]  # fmt: skip
    bound = Bound(
        "E[T]", "exact", expr, (() if a is None else positive(a)), start="uniform", source=SOURCE,
        derivation=argument(
            "sum over the levels (Böttcher, Doerr, Neumann 2010)",
            "The bits behind the first zero-bit have no influence on acceptance, and each stays uniform whatever its rate is.",
            "So each level v < n is visited with probability 1/2, and left with probability q_(v+1) in every round spent there.",
            "E[T] is half the sum of the 1/q_i, i = 1, ..., n.",
            checks=checks,
        ),
        condition_function=None if a is not None else between_0_and_1(rate),
        exact_function=None if a is not None else lambda values: float(np.sum(waiting(rate, values))) / 2,
    )  # fmt: skip
    return concluding(bound, "levels that are visited", visited=of(v, Rational(1, 2)), s=of(v, left_from(rate)))


def from_any_start(process: Process) -> Bound:
    """Every level costs at most 1/q_i."""
    assert process.rate is not None
    rate, where = process.rate, rates_in_range(process.rate)
    a = shift_of(rate)
    expr = Sum(1 / first_flip(rate), (i, 1, n)) if a is None else 2 * closed_form(a)
    checks = (
        Check("the level is left if bit v+1 flips and no bit before it", "on the whole chain", "premise",
              DriftFact(process, left_from(rate), "==", quantity="leave", sizes=SIZES[:4], where=where)),
        Check("the sum of the 1/q_i", "on whole chains, in fractions", "conclusion",
              RuntimeFact(process, expr, "<=", "worst", SIZES[:5], where=where)),
    )  # fmt: skip
    bound = Bound(
        "E[T]", "upper", expr, (() if a is None else positive(a)), source=WEGENER,
        derivation=argument(
            "fitness levels (Wegener 2001)", "Level v is left with probability q_(v+1), and entered at most once.", checks=checks
        ),
        condition_function=None if a is not None else between_0_and_1(rate),
        exact_function=None if a is not None else lambda values: float(np.sum(waiting(rate, values))),
    )  # fmt: skip
    return concluding(bound, "fitness levels, from the worst", s=of(v, left_from(rate)))


def order(process: Process, gain: Expr) -> list[Bound]:
    """E[T] in Theta(gain/p_n) for regular rates whose series converges; gain is n, and ln n on OneMax."""
    assert process.rate is not None
    found = regular(process.rate)
    if found is None:
        return []
    rate, size = process.rate.subs(i, n), Growth(Integer(1), found.powers).expr()
    limit = LimitFact(rate / rate.subs(n, 2 * n), n, 2 ** -found.power(0))
    checks = (
        Check("the series of the rates converges", "from exponents", "premise", summable(process.rate)),
        Check("p_n/p_(2n) tends to 2^a, a >= 1", "the rates are regular", "premise", limit),
        Check(f"p_n is of the order {formula(size)}", "their ratio tends to a constant", "premise",
              LimitFact(rate / size, n, found.factor)),
    )  # fmt: skip
    steps = [
        "The product of the 1 - p_i has a positive limit P, so that P p_i <= q_i <= p_i, and p_i is between constants times "
        "p_n for n/2 <= i <= n, and at least a constant times p_n for i <= n.",
        "So the sum of the 1/q_i is at most of order n/p_n, and its last n/2 terms already have that order."
        if gain == n
        else "With k zero-bits left an improvement has at least probability of order k p_n, so that E[T] is at most of order "
        "H_n/p_n; and the mean of the 1/p_i times E[H_B], B uniform, is a lower bound of that order.",
    ]
    bound = Bound(
        "E[T]", "theta", gain / size, start="uniform", source=SOURCE,
        derivation=argument("regular rates whose series converges", *steps, checks=checks),
        condition_function=between_0_and_1(process.rate),
    )  # fmt: skip
    return [concluding(bound, "regular rates, LeadingOnes" if gain == n else "regular rates, OneMax", order=size)]


def share_on_leadingones(process: Process) -> Bound:
    """The sum over m <= n of m/E[T(m)]: what a static algorithm can spread over all lengths is bounded."""
    assert process.rate is not None
    expr = 4 * (1 - Product(1 - process.rate, (i, 1, n)))
    p, product = sympy.Symbol("p", positive=True), sympy.Symbol("P", positive=True)
    checks = [
        Check("q_i = (1-p_1)...(1-p_(i-1)) - (1-p_1)...(1-p_i), whose sum telescopes", "symbolically", "premise",
              Identity(p * product, product - product * (1 - p))),
        *share_facts(process, n, Integer(2)),
    ]  # fmt: skip
    bound = Bound(
        "sum over m <= n of m/E[T(m)]", "upper", expr, start="uniform", source=HARDY,
        derivation=argument(
            "harmonic means of a convergent series",
            "E[T(m)] is half the sum of the 1/q_i, i <= m. Use the lemma with a_i = q_i for i <= n.",
            "The right side is at most 4 whatever the rates: if E[T(n)] <= f(n) for all n, the sum of all n/f(n) is at most 4.",
            "Conversely let f(i)/i be non-decreasing and that sum converge: p_i = c i/f(i) <= 1/2 has E[T(n)] <= f(n)/(2 c P), P "
            "the product of all 1 - p_i, since the sum of the f(i)/i, i <= n, is at most f(n).",
            checks=checks,
            lemmas=(harmonic_lemma(),),
        ),
        exact_function=lambda values: float(-4 * np.expm1(np.sum(np.log1p(-position_rates(process.rate, values))))),
        condition_function=between_0_and_1(process.rate),
    )  # fmt: skip
    return concluding(bound, "harmonic means of the first flips", share=Integer(2), p=of(i, process.rate))


@functools.cache
def harmonic_lemma() -> Derivation:
    """The sum over m <= n of m/(1/a_1 + ... + 1/a_m) is at most 2 (a_1 + ... + a_n), for positive numbers."""
    a, x = sympy.Symbol("a", positive=True), sympy.Symbol("x", positive=True)
    one, two = sympy.Symbol("A", positive=True), sympy.Symbol("B", positive=True)
    mean = n * (n + 1) / 2
    return argument(
        "the inequality of Cauchy and Schwarz with weights",
        "Each 1/a_i is at least 2 x i - x^2 i^2 a_i. Summed over i <= m at the best x = A/B, with A = 1 + ... + m = m (m+1)/2 "
        "and B the sum of the i^2 a_i, i <= m: the sum of the 1/a_i is at least A^2/B.",
        "So m/(1/a_1 + ... + 1/a_m) is at most 4/(m (m+1)^2) times the sum of the i^2 a_i, i <= m.",
        "Summed over m first, a_i has the factor i^2 times the sum over m >= i of 4/(m (m+1)^2), which telescopes below 2/i^2.",
        statement="the sum over m <= n of m/(1/a_1 + ... + 1/a_m) is at most 2 (a_1 + ... + a_n)",
        checks=(
            Check("1/a - (2 x i - x^2 i^2 a) is a square over a", "symbolically", "premise",
                  Identity(1 / a - 2 * x * i + x**2 * i**2 * a, (1 - x * i * a) ** 2 / a)),
            Check("2 x A - x^2 B = A^2/B at x = A/B", "symbolically", "premise",
                  Identity(2 * (one / two) * one - (one / two) ** 2 * two, one**2 / two)),
            Check("A = m (m+1)/2", "symbolically", "premise", Identity(mean - mean.subs(n, n - 1), n)),
            Check("n/A^2 = 4/(n (n+1)^2)", "symbolically", "premise", Identity(n / mean**2, 4 / (n * (n + 1) ** 2))),
            Check("4/(n (n+1)^2) is at most 2/n^2 - 2/(n+1)^2", "symbolically", "premise",
                  Inequality(2 / n**2 - 2 / (n + 1) ** 2, 4 / (n * (n + 1) ** 2), variable=n, low=Integer(1), integer=True)),
        ),
    )  # fmt: skip


# ---- what both bases share


def first_flip(rate: Expr) -> Expr:
    """q_i: bit i flips and no bit before it."""
    return rate * Product(1 - rate.subs(i, j), (j, 1, i - 1))


def left_from(rate: Expr) -> Expr:
    """The probability q_(v+1) of leaving level v."""
    return rate.subs(i, v + 1) * Product(1 - rate.subs(i, j), (j, 1, v))


def shift_of(rate: Expr) -> Expr | None:
    """The a of a rate that is 1/(i+a), else None.

    >>> shift_of(1 / (2 + i)), shift_of(2 / i)
    (2, None)
    """
    if not rate.is_rational_function(i):
        return None
    a = sympy.cancel(1 / rate - i)
    return None if i in a.free_symbols or a.is_nonpositive else a


def closed_form(a: Expr) -> Expr:
    """Half the sum of the 1/q_i = (i+a)(i+a-1)/a, p_i = 1/(i+a).

    >>> closed_form(Integer(1))
    n*(n + 1)*(n + 2)/6
    """
    return ((n + a - 1) * (n + a) * (n + a + 1) - (a - 1) * a * (a + 1)) / (6 * a)


def positive(a: Expr) -> tuple:
    """The condition a > 0, unless that is plain."""
    return () if a.is_positive else (Gt(a, 0, evaluate=False),)


def regular(rate: Expr) -> Growth | None:
    """The rates as a product of powers of i, ln i, ..., if their series converges."""
    try:
        found = growth(rate, i, "rate")
        return found if converges(rate, i) else None
    except InputError:
        return None


def summable(rate: Expr) -> Computation:
    """The series of the rates converges, as a fact."""
    said = f"the sum over i of {rate} converges"
    return Computation("theory.summability:converges", (("terms", rate), ("variable", i)), True, said)


def position_rates(rate: Expr, values: dict[str, Number]) -> np.ndarray:
    """p_1, ..., p_n as floats."""
    size = int(values["n"])
    return rates_at(rate, i, np.arange(1.0, size + 1), {SYMBOLS[x]: Fraction(y) for x, y in values.items()})


def waiting(rate: Expr, values: dict[str, Number]) -> np.ndarray:
    """1/q_1, ..., 1/q_n."""
    p = position_rates(rate, values)
    with np.errstate(over="ignore"):
        return np.exp(-np.concatenate([[0.0], np.cumsum(np.log1p(-p[:-1]))])) / p


def between_0_and_1(rate: Expr) -> tuple[str, Any]:
    """The condition that p_1, ..., p_n lie strictly between 0 and 1: by balls on stretches of positions, else one by one."""
    one_by_one = all_levels_ok(rate, i, 1, 1, lambda position, size: False)[1]

    def holds(put: dict) -> bool:
        here = rate.subs({symbol: Rational(x.numerator, x.denominator) for symbol, x in put.items()})
        return _between_on(here, 1, int(put[n])) or one_by_one(put)

    return "0 < p < 1 at every i", holds


def _between_on(rate: Expr, first: int, last: int) -> bool:
    """Whether balls prove 0 < p_i < 1 for first <= i <= last; a stretch on which they can't is cut in two."""
    stretches = [(first, last)]
    for _ in range(500):
        if not stretches:
            return True
        a, b = stretches.pop()
        ball = enclosure(rate, {i: (float(a), float(b))})
        if ball is not None and ball > 0 and ball < 1:
            continue
        if a == b:
            return False
        middle = math.isqrt(a * b)
        stretches += [(a, middle), (middle + 1, b)]
    return False


def rates_in_range(rate: Expr, last: int = SIZES[-1]) -> tuple:
    """0 < p_i < 1 for i = 1, ..., last, as relations in c; what always holds is left out."""
    found: list = []
    for position in range(1, last + 1):
        p = rate.subs(i, position)
        for relation, limit in ((Gt, Integer(0)), (Lt, Integer(1))):
            if relation(p, limit) != True:  # noqa: E712 (sympy's truth)
                found.append(relation(p, limit, evaluate=False))
    return tuple(found)


def share_facts(process: Process, gain: Expr, share: Expr, size: int = 4) -> list[Check]:
    """The bound on the sum of gain(m)/E[T(m)] on the chains of m <= size bits, where the rates are rational.

    ``share`` is what is put into the lemma.
    """
    assert process.rate is not None
    values: tuple = (("c", Fraction(1, 2)),) if "c" in process.rate_symbols else ()
    put = {SYMBOLS[name]: Rational(x.numerator, x.denominator) for name, x in values}
    rates = [process.rate.subs(i, position).subs(put) for position in range(1, size + 1)]
    if not all(p.is_Rational and 0 < p < 1 for p in rates):
        return []
    arguments = (("process", process), ("size", size), ("share", share), *values)
    said = f"{process}: the sum over m <= {size} of {gain.subs(n, sympy.Symbol('m'))}/E[T(m)] is within the bound"
    fact = Computation("theory.bounds.initial_segment:share_holds", arguments, True, said)
    return [Check("the conclusion for few bits", "on whole chains, in fractions", "conclusion", fact)]


def share_holds(process: Process, size: int, share: Expr, c: Fraction | None = None) -> bool:
    """Whether the sum over m <= size of gain(m)/E[T(m)] is within its bound; E[T] from the whole chain, in fractions.

    >>> from theory import OnePlusOneEA
    >>> process = OnePlusOneEA("1/(i+1)").on(InitialSegment(LeadingOnes()))
    >>> share_holds(process, 3, Integer(2)), share_holds(process, 3, Rational(1, 2))
    (True, False)
    """
    from flint import arb

    from theory.balls import at
    from theory.exact import expected_runtime

    (last,) = (b.derivation.conclusion for b in bounds(process) if b.quantity.startswith("sum") and b.derivation is not None)
    assert last is not None
    limit = lemma(last.lemma).conclude(**{**dict(last.given), "share": share})
    given = {} if c is None else {"c": c}
    gain = n if isinstance(process.problem.core, LeadingOnes) else sympy.log(n + 1)
    total = arb(0)
    for m in range(1, size + 1):
        expected = Fraction(expected_runtime(process, n=m, rational=True, **given))
        total += at(gain, {n: m}) * expected.denominator / expected.numerator
    return bool(total <= at(limit, {n: size, **{SYMBOLS[x]: y for x, y in given.items()}}))
