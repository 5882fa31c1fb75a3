"""Static algorithms on hidden subsets: one distribution D of mutation rates for all n, and what it can't reach.

H. Einarsson et al., TCS 785 (2019); B. Doerr, C. Doerr, T. Kötzing, Algorithmica 81 (2019). The statements are derived here.

Notation: m_D(n) = E[p (1-p)^(n-1)], p ~ D (:mod:`theory.hidden_subset.mixtures`); Z_0 zero-bits of a uniform start.

*LeadingOnes*, exact: level v is left with probability E[p (1-p)^v] = m_D(v+1), the bits behind the first zero-bit stay uniform,
each level is visited with probability 1/2. E[T] = half the sum of 1/m_D(i), i = 1, ..., n.

*OneMax.* From above: k falls by at least k m_D(n) on average, so E[T] <= (ln n + 1)/m_D(n) from any start. From below, for rates
of at most 1/2: Theorem 2 of :mod:`theory.bounds.any_rates_lower` is linear in the law of the rate, so with M = m_K - 2K each step
adds E[p e^(-Mp)] to Lambda, and E[T] >= E[H_min(Z_0, K)]/E[p e^(-Mp)] by Wald's identity.

*What one D can do for all n.* The sum of m_D(n) over all n is P(p > 0) <= 1. So if E[T] <= f(n) for all n:

- OneMax: with K = max(1, floor(n/64)), M >= n/2 for n >= 6, and the sum over n of p e^(-pn/2) is p/(e^(p/2) - 1) <= 2. So the
  sum over n >= 6 of E[H_min(Z_0, K)]/f(n) is at most 2: the sum of (ln n)/f(n) converges.
- LeadingOnes, f non-decreasing: f(2m) >= m^2/(2 S), S the sum of m_D(i) over i in (m, 2m], as the harmonic mean is at most the
  arithmetic one. Over m = 2^k the S add up to at most 1: the sum of 4^k/f(2^(k+1)) is at most 2, so that of n/f(n) converges.

Whether such sums converge is decided in :mod:`theory.summability`, which also makes a better f of every f that is reached.

*The published distribution*, P_i = 1/(Z i (ln i)^(1+eps)) on the rates 1/i: m_D(n) = (1 + o(1))/(Z n (ln n)^(1+eps)), as the
sum of i^-2 (1-1/i)^(n-1) over all i is (1 + o(1))/n, carried by i of the order of n, where (ln i)^(1+eps) is (1 + o(1))
(ln n)^(1+eps). The same holds for E[p e^(-Mp)] at K = n/ln^2 n, so E[T] = (1 + o(1)) Z n (ln n)^(2+eps).
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
from sympy import Max, Rational, Sum, Symbol, exp, floor, log

from theory.bounds import any_rates_lower
from theory.bounds.common import Bound, Check, Source, argument
from theory.bounds.hidden_subset import EINARSSON
from theory.bounds.onemax_lower import at_least
from theory.drift.sources import DOERR_JOHANNSEN_WINZEN
from theory.errors import InputError
from theory.facts import Computation, Identity, Inequality
from theory.hidden_subset.mixtures import Divisors, RateMixture, divisors
from theory.lemmas import applied, of
from theory.symbols import n

HERE = "theory.bounds.hidden_subset_static:"
LEVELS = Source("sum over the levels, one distribution of rates", EINARSSON.bibtex)
BUDGET = Source("the budget of a static distribution", EINARSSON.bibtex)
_i, _j = (Symbol(name, integer=True, positive=True) for name in ("i", "j"))
_EXAMPLES = ({"1/2": "1/5", "1/10": "3/10", "1/100": "1/2"}, {"1/3": "1"}, {"0": "1/4", "1/4": "3/4"})


def leadingones(mixture: RateMixture) -> Bound:
    """E[T] on hidden LeadingOnes under a static distribution, exact for every n.

    >>> D = RateMixture({"1/2": "1/2", "1/10": "1/2"})
    >>> bound = leadingones(D)
    >>> round(bound.evaluate(n=5), 9) == round(float(D.expected_leadingones(5)), 9)
    True
    """
    expr = Sum(1 / mixture.flip_expr(_i), (_i, 1, n)) / 2
    check = Check("E[T] is half the sum of the 1/m_D(i)", "on all points, in fractions, n = 4", "premise",
                  Computation(HERE + "leadingones_is_exact", (("n", 4),), True,
                              "E[T] from all points is half the sum of the 1/m_D(i) (n = 4, several distributions)"))  # fmt: skip
    proof = argument(
        "sum over the levels (Böttcher, Doerr, Neumann 2010)",
        "The bits behind the first zero-bit have no influence on acceptance, and flipping uniform bits leaves them uniform.",
        "So each level v < n is visited with probability 1/2, and left with probability m_D(v+1) in every round spent there.",
        checks=(check, _flips(mixture)),
        conclusion=applied("levels that are visited", visited=of(_i, Rational(1, 2)), s=of(_i, mixture.flip_expr(_i + 1))),
    )
    return Bound("E[T]", "exact", expr, start="uniform", source=LEVELS, derivation=proof)


def onemax(mixture: RateMixture) -> list[Bound]:
    """E[T] on hidden OneMax under a static distribution: from above, and for rates of at most 1/2 from below.

    >>> D = RateMixture({"1/2": "1/2", "1/10": "1/2"})
    >>> [(bound.direction, bound.start, round(bound.evaluate(n=10), 1)) for bound in onemax(D)]
    [('upper', 'any', 166.3), ('lower', 'uniform', 30.9)]
    """
    single = mixture.flip_expr()
    step = Check("k falls by at least k m_D(n) on average", "on the chain, in fractions, n = 6", "premise",
                 Computation(HERE + "onemax_drifts", (("n", 6),), True,
                             "k falls by at least k m_D(n) on average, from every k (n = 6, several distributions)"))  # fmt: skip
    above = argument(
        "multiplicative drift (Doerr, Johannsen, Winzen 2012)",
        "A given zero-bit flips alone with probability m_D(n), so k falls by at least k m_D(n) on average.",
        checks=(step, _flips(mixture)),
        conclusion=applied("multiplicative drift", start=n, low=1, delta=single),
    )
    found = [Bound("E[T]", "upper", (log(n) + 1) / single, source=DOERR_JOHANNSEN_WINZEN, derivation=above)]
    if max(mixture.rates) <= Fraction(1, 2):
        most, where = Max(1, floor(n / (1 + log(n)) ** 2)), (sympy.Ge(n, 4, evaluate=False),)
        gap = any_rates_lower.lead(n, most) - 2 * most
        each = sympy.Add(*(Rational(str(w)) * Rational(str(p)) * exp(-Rational(str(p)) * gap) for p, w in mixture.rates.items()))
        expr = Sum(at_least(_j) / _j, (_j, 1, most)) / each
        below = argument(
            "Theorem 2 for a random rate, and Wald's identity",
            "Each step adds E[p exp(-M p)] to Lambda on average, whatever came before, and E[Lambda(T)] >= E[H_min(Z, K)].",
            lemmas=(any_rates_lower.second(),),
            conclusion=applied("harmonic number over the progress of a step", where, top=most, progress=each),
        )
        found.append(Bound("E[T]", "lower", expr, where, start="uniform", source=BUDGET, derivation=below))
    return found


def _flips(mixture: RateMixture) -> Check:
    """The formula of m_D."""
    rates = tuple((str(p), str(weight)) for p, weight in mixture.rates.items())
    return Check("m_D(i) = E[p (1-p)^(i-1)]", "in fractions, i <= 8", "premise",
                 Computation(HERE + "flips_are", (("rates", rates), ("chance", mixture.flip_expr(_i))), True,
                             f"m_D(i) is {mixture.flip_expr(_i)} (i <= 8)"))  # fmt: skip


def published(eps: object = 1) -> Bound:
    """(1 + o(1)) Z n (ln n)^(2+eps) for P_i = 1/(Z i (ln i)^(1+eps)) on the rates 1/i, i >= 2.

    >>> print(published().relation, published().expr)
    = (1 + o(1)) * 2.1097428012369*n*log(n)**3
    """
    power = sympy.nsimplify(eps)
    if not power.is_positive:
        raise InputError(f"eps: {eps!r} must be positive; the sum of 1/(i (ln i)^(1+eps)) diverges otherwise")
    D = divisors(1 / (n * log(n) ** (1 + power)))
    total = sympy.Float(f"{D.total:.13f}", 14)
    expr = total * n * log(n) ** (2 + power)
    proof = argument(
        "multiplicative drift, and Theorem 2 for a random rate",
        "The sum of i^-2 (1-1/i)^(n-1) is (1 + o(1))/n and carried by i of the order of n, where ln i is (1 + o(1)) ln n.",
        "So m_D(n) = (1 + o(1))/(Z n (ln n)^(1+eps)), and so is E[p exp(-M p)] at K = n/ln^2 n, where M = n (1 - o(1)).",
        "Upper side (ln n + 1)/m_D(n), lower side (1 - o(1)) ln n/E[p exp(-M p)].",
        checks=(
            Check("m_D(n) Z n (ln n)^(1+eps) comes closer to 1", "numerically, n = 10^3, 10^4, 10^5", "premise",
                  Computation(HERE + "factor_rises", (("eps", str(power)), ("total", total)), True,
                              "m_D(n) Z n (ln n)^(1+eps) rises towards 1 from n = 10^3 to 10^5", "numeric")),
        ),
        lemmas=tuple(bound.derivation for bound in onemax(RateMixture({"1/2": 1})) if bound.derivation is not None),
        conclusion=applied("progress of a static distribution", wait=total * n * log(n) ** (1 + power)),
    )  # fmt: skip
    return Bound("E[T]", "asymptotic", expr, start="uniform", source=EINARSSON, derivation=proof)


def onemax_budget() -> Bound:
    """For every static D with rates of at most 1/2, and every f with E[T] <= f(n) for all n: the sum of ln-like terms over f(n).

    >>> print(onemax_budget())
    sum of E[H(min(Z, K))]/f(n) over n from 6 on <= 2   upper, uniform start   the budget of a static distribution
    """
    p = Symbol("p", positive=True)
    checks = (
        Check("M >= n/2 for n = 6, ..., 5000, K = max(1, floor(n/64))", "by ball arithmetic", "premise",
              Computation(HERE + "half_is_left", (("n", 5000),), True, "M = m_K - 2K >= n/2 for n = 6, ..., 5000", "balls")),
        Check("2 (e^(p/2) - 1) >= p", "symbolically: its derivative is e^(p/2) - 1", "premise",
              Identity(sympy.diff(2 * (exp(p / 2) - 1) - p, p), exp(p / 2) - 1)),
        Check("the sum of p e^(-pn/2) is at most 2 for rates up to 1/2", "by ball arithmetic", "premise",
              Inequality(2 * (exp(p / 2) - 1), p, variable=p, low=Rational(1, 1000), high=Rational(1, 2))),
    )  # fmt: skip
    proof = argument(
        "Theorem 2 for a random rate, summed over n",
        "E[T] >= E[H_min(Z, K)]/E[p exp(-M p)], so the sum is at most that of E[p exp(-M p)] over n >= 6.",
        "M >= n/2: at n < 64, M = n - 3; from there on M >= n (1 - 2/8 - 2/64) - 1.",
        "So inside of the expectation stands a geometric series, p/(e^(p/2) - 1) <= 2.",
        "As E[H_min(Z, K)] is ln n + O(1), the sum of (ln n)/f(n) converges.",
        checks=checks,
        lemmas=(any_rates_lower.second(),),
        conclusion=applied("the budget of a static distribution, OneMax", most=2),
    )
    quantity = "sum of E[H(min(Z, K))]/f(n) over n from 6 on"
    return Bound(quantity, "upper", sympy.Integer(2), start="uniform", source=BUDGET, derivation=proof)


def leadingones_budget() -> Bound:
    """The same for LeadingOnes and non-decreasing f.

    >>> print(leadingones_budget())
    sum of n*n/f(2n) over the powers n of 2 <= 2   upper, uniform start   the budget of a static distribution
    """
    a, b = Symbol("a", positive=True), Symbol("b", positive=True)
    proof = argument(
        "harmonic and arithmetic means, summed over blocks",
        "f(2m) >= E[T] >= half the sum of 1/m_D(i) over m < i <= 2m, which is at least m^2/(2 S), S the sum of these m_D(i).",
        "With m = 2^k the blocks are disjoint, and all m_D(i) add up to P(p > 0) <= 1: the sum of 4^k/f(2^(k+1)) is at most 2.",
        "f is non-decreasing, so by Cauchy's condensation the sum of n/f(n) converges.",
        checks=(
            Check("the sum of m_D(i), i <= n, is E[1 - (1-p)^n]", "in fractions, n = 40", "premise",
                  Computation(HERE + "budget_is_spent", (("n", 40),), True, "the sum of m_D(i) is E[1 - (1-p)^n] (n = 40)")),
            Check("(1/a + 1/b) (a + b) - 4 = (a - b)^2/(a b), two terms' means", "symbolically", "premise",
                  Identity((1 / a + 1 / b) * (a + b) - 4, (a - b) ** 2 / (a * b))),
        ),
        lemmas=tuple(b.derivation for b in (leadingones(RateMixture({"1/2": 1})),) if b.derivation is not None),
        conclusion=applied("the budget of a static distribution, LeadingOnes", visited=Rational(1, 2), budget=1),
    )  # fmt: skip
    return Bound(
        "sum of n*n/f(2n) over the powers n of 2", "upper", sympy.Integer(2), start="uniform", source=BUDGET, derivation=proof
    )


def statements() -> list[tuple[str, str, Bound]]:
    """Rows of the coverage table: algorithm, problem, bound."""
    return [
        ("static rates 1/i, P_i ~ 1/(i (ln i)^2)", "HiddenSubset(OneMax())", published(1)),
        ("every static distribution of rates", "HiddenSubset(OneMax())", onemax_budget()),
        ("every static distribution of rates", "HiddenSubset(LeadingOnes())", leadingones_budget()),
    ]


# ---- the premises


def _times(n: int, mixture: RateMixture, f: Any) -> list[Fraction]:
    """E[T] from every point under the mixture, a fresh rate each step: the last point is the optimum."""
    from flint import fmpq, fmpq_mat

    size = 2**n
    law = [fmpq(x.numerator, x.denominator) for x in (mixture.exactly(h, n) for h in range(n + 1))]
    matrix, ones = fmpq_mat(size - 1, size - 1), fmpq_mat(size - 1, 1)
    for x in range(size - 1):
        ones[x, 0] = fmpq(1)
        for y in range(size):
            if y != x and f(y) >= f(x):
                matrix[x, x] += law[(x ^ y).bit_count()]
                if y < size - 1:
                    matrix[x, y] -= law[(x ^ y).bit_count()]
    solution = matrix.solve(ones)
    return [Fraction(int(solution[x, 0].p), int(solution[x, 0].q)) for x in range(size - 1)] + [Fraction(0)]


def leadingones_is_exact(n: int, factor: Fraction = Fraction(1)) -> bool:
    """Decide: on all points, E[T] from a uniform start is factor times half the sum of the 1/m_D(i), for several D.

    >>> leadingones_is_exact(3), leadingones_is_exact(3, Fraction(2))
    (True, False)
    """
    prefix = lambda x: n - ((1 << n) - 1 - x).bit_length()  # noqa: E731
    for example in _EXAMPLES:
        mixture = RateMixture(example)
        if sum(_times(n, mixture, prefix)) / 2**n != factor * mixture.expected_leadingones(n):
            return False
    return True


def flips_are(rates: tuple, chance: sympy.Expr) -> bool:
    """Decide: under a law of rates, given as pairs (rate, weight), bit i alone of i bits flips with this chance, i <= 8.

    >>> flips_are((("1/2", "1"),), Rational(1, 2) ** _i), flips_are((("1/2", "1"),), Rational(1, 3) ** _i)
    (True, False)
    """
    mixture = RateMixture(dict(rates))
    return all(Rational(mixture.single_flip(size)) == chance.subs(_i, size) for size in range(1, 9))


def onemax_drifts(n: int, factor: Fraction = Fraction(1)) -> bool:
    """Decide: k falls by at least factor k m_D(n) on average from every k, for several D.

    >>> onemax_drifts(4), onemax_drifts(4, Fraction(3))
    (True, False)
    """
    for example in _EXAMPLES:
        mixture = RateMixture(example)
        for k in range(1, n + 1):
            fall = Fraction(0)
            for a in range(1, k + 1):
                for b in range(min(a, n - k + 1)):
                    fall += (a - b) * math.comb(k, a) * math.comb(n - k, b) * mixture.exactly(a + b, n)
            if fall < factor * k * mixture.single_flip(n):
                return False
    return True


def budget_is_spent(n: int) -> bool:
    """Decide: m_D(1) + ... + m_D(n) = E[1 - (1-p)^n] <= 1, for several D.

    >>> budget_is_spent(10)
    True
    """
    mixtures = [RateMixture(example) for example in _EXAMPLES]
    return all(sum(D.single_flip(i) for i in range(1, n + 1)) == D.spent(n) <= D.budget for D in mixtures)


def half_is_left(n: int) -> bool:
    """Decide: m_K - 2K >= size/2 with K = max(1, floor(size/64)), for every size from 6 to n.

    >>> half_is_left(100)
    True
    """
    from flint import arb

    for size in range(6, n + 1):
        most = max(1, size // 64)
        if not size - 1 - 2 * arb((size - most) * (most - 1)).sqrt() - 2 * most >= arb(size) / 2:
            return False
    return True


def factor(mixture: Divisors, size: int, eps: float) -> float:
    """m_D(size) Z size (ln size)^(1+eps), which tends to 1.

    >>> round(factor(divisors(), 100, 1.0), 5)
    0.92429
    """
    return mixture.single_flip(size) * mixture.total * size * math.log(size) ** (1 + eps)


def factor_rises(eps: object, total: sympy.Expr | None = None) -> bool:
    """Decide, numerically: the factor lies below 1 and rises from 10^3 to 10^5; and Z is ``total``, where that is given.

    >>> factor_rises("1")
    True
    """
    power = sympy.nsimplify(eps)
    mixture = divisors(1 / (n * log(n) ** (1 + power)))
    found = [factor(mixture, size, float(power)) for size in (10**3, 10**4, 10**5)]
    right = total is None or abs(float(total) - mixture.total) < 1e-12
    return right and bool(np.all(np.diff(found) > 0)) and found[-1] < 1
