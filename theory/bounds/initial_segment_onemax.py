"""Initial segment uncertainty: OneMax with a rate p_i for bit i.

B. Doerr, C. Doerr, T. Kötzing, Algorithmica 81 (2019): O((ln n)/p_n) for monotone rates whose series converges. H. Einarsson et
al., TCS 785 (2019): what no static rates can do. Constants and lower bounds are derived here.

Notation: E[T(n)] is the expected runtime on the first n bits from a uniform start, h_i = -ln(1-p_i), o_i = p_i/(1-p_i), P the
product of the 1 - p_i, H_n a harmonic number, B ~ Bin(n, 1/2) the number of zero-bits of a uniform point.

**Upper.** From k zero-bits one of them flips alone with probability at least P times the k smallest o_i.

**Lower, for all rates.** Every zero-bit of the start must flip at least once, and bits flip independently of each other at all
times. So T is at least the maximum over these bits of geometric times of means 1/p_i, each of which exceeds an exponential time
of rate h_i. Which of several independent exponential variables is the largest is independent of how large it is: the expected
maximum of the X_i/h_i is at least the mean of the 1/h_i times E[max X_i] = H_B.

**Not a lower bound**: that each bit has to flip while no other bit flips. OneMax accepts that a rare zero-bit and a frequent
one-bit flip together, and the latter is soon repaired. The formula with this hand-off, the coupon collector with r_i = o_i P (1 +
sum of the other o), describes the last phase; it is heuristic.

**Which runtimes are possible.** With the lemma of :mod:`theory.bounds.initial_segment` the lower bound gives: the sum over m <= n
of ln(m+1)/E[T(m)] is at most 4 ln 2 (h_1 + ... + h_n). Rates whose series converges reach f only if the sum of (ln n)/f(n)
converges. That rates whose series diverges can't do better is heuristic.
"""

from __future__ import annotations

import functools
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
from sympy import Expr, Integer, Product, Rational, Sum, binomial, harmonic, log, oo

from theory.bounds.common import UNIFORM_HARMONIC, Bound, Check, Source, argument, concluding, harmonic_of_uniform, j
from theory.bounds.initial_segment import (
    HARDY,
    SIZES,
    between_0_and_1,
    harmonic_lemma,
    order,
    position_rates,
    rates_in_range,
    regular,
    share_facts,
)
from theory.derivation import Derivation
from theory.drift.sources import WEGENER
from theory.facts import Computation, DriftFact, Identity, Inequality, RuntimeFact
from theory.lemmas import of
from theory.process import Process
from theory.symbols import SYMBOLS, i, k, n, t
from theory.values import Number

FLIPS_OF_ALL = Source("every zero-bit must flip")
HAND_OFF = Source("coupon collector with hand-off")
_EXACT_TERMS = 256


def bounds(process: Process) -> list[Bound]:
    """Bounds on OneMax."""
    return [
        levels(process), all_must_flip(process), mean_of_waiting(process), *hand_off(process), *order(process, log(n)),
        share_on_onemax(process),
    ]  # fmt: skip


def levels(process: Process) -> Bound:
    """Fitness levels, for rates that don't rise."""
    assert process.rate is not None
    rate = process.rate
    odds, stay = odds_of(rate), Product(1 - rate, (i, 1, n))
    leave = stay * Sum(odds, (i, n + 1 - k, n))
    expr = Sum(1 / Sum(odds, (i, n + 1 - j, n)), (j, 1, n)) / stay
    where = (*rates_in_range(rate), *not_rising(rate))

    def total(values: dict[str, Number]) -> float:
        p = position_rates(rate, values)
        return float(np.sum(1 / np.cumsum((p / (1 - p))[::-1])) * np.exp(-np.sum(np.log1p(-p))))

    in_range = between_0_and_1(rate)[1]

    def holds(put: dict) -> bool:
        if not in_range(put):
            return False
        p = position_rates(rate, {str(symbol): x for symbol, x in put.items()})
        return bool((p[1:] <= p[:-1] * (1 + 1e-13)).all())  # equal rates may differ in their last digit

    checks = (
        Check("from k zero-bits the fitness rises with this probability at least", "on the whole chain", "premise",
              DriftFact(process, leave, ">=", quantity="leave", sizes=SIZES[:4], where=where)),
        Check("the sum over the levels", "on whole chains, in fractions", "conclusion",
              RuntimeFact(process, expr, "<=", "worst", SIZES[:5], where=where)),
    )  # fmt: skip
    bound = Bound(
        "E[T]", "upper", expr, source=WEGENER,
        derivation=argument(
            "fitness levels (Wegener 2001)",
            "Zero-bit i flips and no other bit with probability P o_i. These events are disjoint, and the k zero-bits have at "
            "least the k smallest o_i, those of the last bits.",
            checks=checks,
        ),
        condition_function=("0 < p < 1 at every i, p_1 >= ... >= p_n", holds),
        exact_function=total,
    )  # fmt: skip
    return concluding(bound, "fitness levels", start=n, s=of(k, leave))


def all_must_flip(process: Process) -> Bound:
    """The time until every zero-bit of a uniform start has flipped, exactly."""
    assert process.rate is not None
    rate = process.rate
    expr = Sum(1 - Product(1 - (1 - rate) ** t / 2, (i, 1, n)), (t, 0, oo))
    values: tuple = (("c", Fraction(1, 2)),) if "c" in process.rate_symbols else ()
    put = {SYMBOLS[name]: Rational(x.numerator, x.denominator) for name, x in values}
    checks = []
    if all(rate.subs(i, x).subs(put).is_Rational and 0 < rate.subs(i, x).subs(put) < 1 for x in range(1, 5)):
        fact = Computation(
            "theory.bounds.initial_segment_onemax:runtime_exceeds_flips", (("process", process), ("size", 4), *values), True,
            f"{process}: E[T] is at least the time until all zero-bits have flipped, n <= 4",
        )  # fmt: skip
        checks.append(Check("the conclusion for few bits", "on whole chains, in fractions", "conclusion", fact))
    bound = Bound(
        "E[T]", "lower", expr, start="uniform", source=FLIPS_OF_ALL,
        derivation=argument(
            "every zero-bit must flip",
            "Bit i is a zero-bit at the start with probability 1/2, and has not flipped by time t with probability (1-p_i)^t, "
            "independently of the other bits. Unless all that were zero have flipped, the optimum has not been found.",
            "E[T] is the sum of P(T > t) over t >= 0.",
            checks=checks,
        ),
        condition_function=between_0_and_1(rate),
        exact_function=lambda values: time_to_settle(-np.log1p(-position_rates(rate, values))),
    )  # fmt: skip
    return concluding(bound, "flips of all zero-bits, one rate a bit", p=of(i, rate))


def mean_of_waiting(process: Process) -> Bound:
    """The mean of the 1/h_i times E[H_B]."""
    assert process.rate is not None
    rate = process.rate
    expr = Sum(-1 / log(1 - rate), (i, 1, n)) / n * UNIFORM_HARMONIC

    def total(values: dict[str, Number]) -> float:
        return float(np.mean(-1 / np.log1p(-position_rates(rate, values)))) * harmonic_of_uniform(values)

    checks = (
        *_order_of_exponentials(),
        Check("the mean of the 1/h_i times E[H_B]", "on whole chains, by ball arithmetic", "conclusion",
              RuntimeFact(process, expr, ">=", sizes=SIZES, where=rates_in_range(rate))),
    )  # fmt: skip
    bound = Bound(
        "E[T]", "lower", expr, start="uniform", source=FLIPS_OF_ALL, derivation=_by_exponentials(checks),
        condition_function=between_0_and_1(rate), exact_function=total,
    )  # fmt: skip
    return concluding(bound, "the largest of exponential times, one rate a bit", p=of(i, rate))


def _order_of_exponentials() -> tuple[Check, ...]:
    p, x, w = sympy.Symbol("p", positive=True), sympy.Symbol("x", positive=True), sympy.Symbol("w", integer=True, positive=True)
    average = Sum(binomial(n, j) * harmonic(j), (j, 1, n)) / 2**n
    return (
        Check("(1-p)^x = e^(-h x): a geometric time exceeds x with at least this probability", "symbolically", "premise",
              Identity((1 - p) ** x, sympy.exp(x * log(1 - p)), (p < 1,))),
        Check("the maximum of w exponential variables is 1/w longer than that of w - 1", "symbolically", "premise",
              Identity(harmonic(w) - harmonic(w - 1), 1 / w)),
        Check("E[H_B] = H_n - sum of 2^-j/j", "in fractions", "premise", Identity(average, UNIFORM_HARMONIC)),
    )  # fmt: skip


def _by_exponentials(checks: tuple[Check, ...]) -> Derivation:
    return argument(
        "the largest of independent exponential times",
        "All zero-bits of the start, a set of B uniform positions, must flip. The time of bit i is geometric, P(G_i > x) = "
        "(1-p_i)^floor(x) >= e^(-h_i x): at least X_i/h_i with X_i exponential of mean 1, all independent.",
        "The maximum of the X_i/h_i is at least (max X)/h_I, I the place of the largest X, which is uniform among the zero-bits "
        "and independent of max X. Given B, E[max X] = H_B, and I is uniform among all positions.",
        checks=checks,
    )


def share_on_onemax(process: Process) -> Bound:
    """The sum over m <= n of ln(m+1)/E[T(m)]."""
    assert process.rate is not None
    rate = process.rate
    half, x = 1 / (2 * log(2)), sympy.Symbol("x", nonnegative=True)
    checks = (
        *_order_of_exponentials(),
        Check("E[H_B] >= ln(m+1)/(2 ln 2) at m = 1", "symbolically", "premise", Identity(Rational(1, 2), log(2) * half)),
        Check("E[H_B] grows by (1 - 2^-m)/m at m", "in fractions", "premise",
              Identity(UNIFORM_HARMONIC.subs(n, n + 1) - UNIFORM_HARMONIC, (1 - 2 ** (-n - 1)) / (n + 1))),
        Check("that is at least 1/(2 m ln 2) for m >= 2, x = 2^-m", "by ball arithmetic", "premise",
              Inequality(1 - x, half, variable=x, low=Integer(0), high=Rational(1, 4))),
        Check("ln(1 + x) <= x: the derivative of ln(1 + x) is at most 1", "symbolically", "premise",
              Inequality(Integer(1), sympy.diff(log(1 + x), x), variable=x, low=Integer(0))),
        *share_facts(process, log(n + 1), 1 / half),
    )  # fmt: skip
    bound = Bound(
        "sum over m <= n of ln(m+1)/E[T(m)]", "upper", 4 * log(2) * Sum(-log(1 - rate), (i, 1, n)), start="uniform", source=HARDY,
        derivation=argument(
            "harmonic means of a convergent series",
            "E[T(m)] is at least the mean of the 1/h_i, i <= m, times E[H_B] >= ln(m+1)/(2 ln 2). Use the lemma with a_i = h_i.",
            "So rates whose series converges reach E[T(n)] <= f(n) for all n only if the sum of (ln n)/f(n) converges; and then "
            "p_i proportional to (ln i)/f(i) has E[T] = O(f(n)), where f(i)/ln i is regular and does not fall.",
            checks=checks,
            lemmas=(_by_exponentials(()), harmonic_lemma()),
        ),
        condition_function=between_0_and_1(rate),
        exact_function=lambda values: 4 * float(np.log(2)) * float(-np.sum(np.log1p(-position_rates(rate, values)))),
    )  # fmt: skip
    return concluding(bound, "harmonic means of the exponential rates", share=1 / half, p=of(i, rate))


def hand_off(process: Process) -> list[Bound]:
    """The coupon collector with the rates of the last phase, hand-off included; for regular rates whose series converges."""
    assert process.rate is not None
    if regular(process.rate) is None or process.algorithm.strict:  # the hand-off is a tie
        return []
    rate = process.rate
    odds = odds_of(rate)
    here = odds.subs(i, j)
    alone = here * Product(1 - rate, (i, 1, n)) * (1 + Sum(odds, (i, 1, n)) - here)
    expr = Sum(1 - Product(1 - (1 - alone) ** t / 2, (j, 1, n)), (t, 0, oo))
    bound = Bound(
        "E[T]", "asymptotic", expr, status="heuristic", start="uniform", source=HAND_OFF,
        derivation=argument(
            "coupon collector of the last phase",
            "Zero-bit i is repaired by a step that flips it alone, or together with one of the other bits, a frequent one that "
            "is right and is repaired soon after: OneMax accepts both.",
            "The bits are treated as independent, and steps that flip more of them are neglected; each is wrong at the start "
            "with probability 1/2.",
        ),
        condition_function=between_0_and_1(rate),
        exact_function=lambda values: time_to_settle(-np.log1p(-repair_rates(position_rates(rate, values)))),
    )  # fmt: skip
    return [bound]


# ---- numbers


def odds_of(rate: Expr) -> Expr:
    """p/(1-p).

    >>> odds_of(1 / (i + 1))
    1/i
    """
    above, below = sympy.fraction(sympy.together(rate))
    return above / (below - above)


def repair_rates(p: np.ndarray) -> np.ndarray:
    """r_i = o_i P (1 + sum of the other o).

    >>> repair_rates(np.array([0.5, 0.5])).tolist()
    [0.5, 0.5]
    """
    odds = p / (1 - p)
    return odds * np.exp(np.sum(np.log1p(-p))) * (1 + np.sum(odds) - odds)


def time_to_settle(h: np.ndarray) -> float:
    """The sum over t >= 0 of 1 - product of (1 - e^(-h_i t)/2).

    The first terms as they are; the others by the midpoint rule's integral with its first correction, on a grid in ln t.

    >>> round(time_to_settle(np.array([0.5])), 12), round(float(0.5 / (1 - np.exp(-0.5))), 12)
    (1.270747041268, 1.270747041268)
    """

    def left(times: np.ndarray) -> np.ndarray:
        some = max(1, 2_000_000 // len(h))
        parts = [times[at : at + some] for at in range(0, len(times), some)]
        return np.concatenate([-np.expm1(np.log1p(-np.exp(-np.outer(part, h)) / 2).sum(axis=1)) for part in parts])

    head = left(np.arange(_EXACT_TERMS + 1.0))
    total, end = float(np.sum(head[:-1])), 60 / float(h.min())
    if end <= _EXACT_TERMS:
        return total
    x, weight = np.polynomial.legendre.leggauss(8)
    edges = np.geomspace(_EXACT_TERMS - 0.5, end, 2 + 8 * int(np.log(end / _EXACT_TERMS)))
    half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
    nodes = (middle[:, None] + half[:, None] * x).ravel()
    return total + float(np.sum(left(nodes).reshape(-1, 8) * weight * half[:, None])) + float(head[-1] - head[-2]) / 24


def runtime_exceeds_flips(process: Process, size: int, c: Fraction | None = None) -> bool:
    """Whether E[T] is at least the time until all zero-bits have flipped, for n <= size, all in fractions.

    >>> from theory import InitialSegment, OneMax, OnePlusOneEA
    >>> runtime_exceeds_flips(OnePlusOneEA("1/(i+1)**2").on(InitialSegment(OneMax())), 3)
    True
    """
    from theory.exact import expected_runtime
    from theory.exact.positions import rational_position_rates

    given: dict[str, Any] = {} if c is None else {"c": c}
    for m in range(1, size + 1):
        values = process.values(n=m, **given)
        flips = time_to_flip(rational_position_rates(process, values))
        if expected_runtime(process, n=m, rational=True, **given) < flips:
            return False
    return True


def time_to_flip(rates: list[Fraction]) -> Fraction:
    """The expected time until all zero-bits of a uniform start have flipped, by inclusion and exclusion.

    >>> time_to_flip([Fraction(1, 3)])
    Fraction(3, 2)
    """
    total = Fraction(0)
    stays = functools.reduce(lambda sets, p: sets + [(sign * Fraction(-1, 2), q * (1 - p)) for sign, q in sets], rates,
                             [(Fraction(-1), Fraction(1))])  # fmt: skip
    for sign, q in stays[1:]:
        total += sign / (1 - q)
    return total


def not_rising(rate: Expr, last: int = SIZES[-1]) -> tuple:
    """p_1 >= p_2 >= ..., as relations in c; what always holds is left out."""
    pairs = [(rate.subs(i, x), rate.subs(i, x + 1)) for x in range(1, last)]
    return tuple(sympy.Ge(a, b, evaluate=False) for a, b in pairs if sympy.Ge(a, b) != True)  # noqa: E712 (sympy's truth)
