"""A random number n of relevant bits: LeadingOnes at one rate p for all bits, n geometric.

S. Cathabard, P. K. Lehre, X. Yao, *Non-uniform mutation rates for problems with unknown solution lengths*, FOGA 2011, ask which
rates suit a random n; the closed form below is derived here.

Notation: P(n = m) = q (1-q)^(m-1), m = 1, 2, ...; E_m = ((1-p)^(1-m) - (1-p))/(2 p^2) is the expected runtime at m bits from a
uniform start (Böttcher, Doerr, Neumann, PPSN 2010). The mean of E_m is a geometric series of ratio x = (1-q)/(1-p):

    E[T] = (1-p)/(2 p (q-p)) for p < q, infinite for p >= q,

smallest at p* = 1 - sqrt(1-q), where it is 1/(2 p*^2): with s = sqrt(1-q), E[T] - 1/(2 p*^2) is a square over something positive.
"""

from __future__ import annotations

import functools

import sympy
from sympy import Expr, Gt, Lt, Sum, Symbol, sqrt

from theory.bounds.common import Bound, Check, Source, argument, j
from theory.facts import Computation, Identity, Inequality, RuntimeFact
from theory.lemmas import applied
from theory.problems import LeadingOnes
from theory.symbols import c, n

p, q = Symbol("p", positive=True), Symbol("q", positive=True)
SOURCE = Source("geometric number of bits (cf. Cathabard, Lehre, Yao 2011)")
MEAN: Expr = (1 - p) / (2 * p * (q - p))
"""E[T] at rate p < q."""
BEST_RATE: Expr = 1 - sqrt(1 - q)
"""p*, of order q/2."""
_WHERE = (Gt(q, p, evaluate=False), Lt(q, 1, evaluate=False))


@functools.cache
def bounds() -> tuple[Bound, ...]:
    """E[T] of the (1+1) EA with rate p on LeadingOnes of n ~ Geom(q) bits, and the best over p.

    Returns
    -------
    tuple of Bound
        Exact at every p < q; then the lower bound for all p, which the best rate attains.

    Examples
    --------
    >>> exact, best = bounds()
    >>> exact.evaluate(p=0.05, q=0.1), round(best.evaluate(q=0.1), 6)
    (190.0, 189.86833)
    """
    return _exact(), _best()


def _exact() -> Bound:
    from theory.algorithms import OnePlusOneEA

    at_m = ((1 - p) ** (1 - n) - (1 - p)) / (2 * p**2)
    first, grows, less = 1 / (2 * p**2), 1 / (1 - p), (1 - p) / (2 * p**2)
    ratio = (1 - q) / (1 - p)
    partial = q * ((1 - ratio**n) / (1 - ratio) - (1 - p) * (1 - (1 - q) ** n) / q) / (2 * p**2)
    finite = Sum(q * (1 - q) ** (j - 1) * at_m.subs(n, j), (j, 1, n))
    limit = q * (1 / (1 - ratio) - (1 - p) / q) / (2 * p**2)
    rate = c / n
    process, runtime = OnePlusOneEA(rate).on(LeadingOnes()), at_m.subs(p, rate)
    checks = (
        Check("E_m", "on whole chains, in fractions", "premise",
              RuntimeFact(process, runtime, "==", where=(rate < 1,))),
        Check("E_m in terms of a geometric series", "symbolically", "premise",
              Identity(at_m + less, first * grows ** (n - 1), (p < 1,))),
        Check("the sum over m <= n", "at rational points", "premise", Identity(finite, partial, _WHERE)),
        Check("x and 1-q are less than 1 for p < q, so that their powers vanish", "symbolically", "premise",
              Inequality((1 - p) - (1 - q), q - p)),
        Check("what is left as n grows", "symbolically", "premise", Identity(limit, MEAN, _WHERE)),
    )  # fmt: skip
    return Bound(
        "E[T]", "exact", MEAN, _WHERE, start="uniform", source=SOURCE,
        derivation=argument(
            "the law of total expectation",
            "E[T] is the sum of q (1-q)^(m-1) E_m, two geometric series of the ratios x = (1-q)/(1-p) and 1-q.",
            "For p >= q the first one diverges: E[T] is infinite.",
            checks=checks,
            conclusion=applied("a geometric number of bits", _WHERE, q=q, first=first, ratio=grows, less=less),
        ),
    )  # fmt: skip


def _best() -> Bound:
    s = Symbol("s", positive=True)
    mean, best = MEAN.subs(q, 1 - s**2), 1 - s
    square = (p - best) ** 2 / (2 * p * (1 - s**2 - p) * best**2)
    checks = (
        Check("E[T] - 1/(2 p*^2) is (p - p*)^2/(2 p (q-p) p*^2), s = sqrt(1-q)", "symbolically", "premise",
              Identity(mean - 1 / (2 * best**2), square, (Lt(s, 1, evaluate=False),))),
        Check("p* < q: q - p* = s (1-s)", "symbolically", "premise", Identity(1 - s**2 - best, s * (1 - s))),
        Check("E[T] at p* is 1/(2 p*^2)", "symbolically", "premise", Identity(mean.subs(p, best), 1 / (2 * best**2))),
        Check("the derivative vanishes at p* alone", "by its numerator", "premise",
              Computation("theory.bounds.random_length:best_is_the_only_one", (), True, "p* is the only p in (0, q)")),
    )  # fmt: skip
    where = (Lt(q, 1, evaluate=False),)
    return Bound(
        "E[T]", "lower", 1 / (2 * BEST_RATE**2), where, start="uniform", source=SOURCE,
        derivation=argument(
            "the best rate for a geometric number of bits",
            "The difference to 1/(2 p*^2) is a square over something positive for p < q, and E[T] is infinite for p >= q.",
            checks=checks,
            conclusion=applied("weakened from below", where, ((s, sqrt(1 - q)),), larger=mean, smaller=1 / (2 * best**2)),
        ),
    )  # fmt: skip


def best_is_the_only_one() -> bool:
    """Decide: the derivative of E[T] in p vanishes below 1 at p* alone.

    >>> best_is_the_only_one()
    True
    """
    return stationary_rates() == (BEST_RATE,)


def stationary_rates() -> tuple[Expr, ...]:
    """Where the derivative of E[T] in p vanishes, below 1.

    >>> stationary_rates()
    (1 - sqrt(1 - q),)
    """
    numerator = sympy.numer(sympy.together(sympy.diff(MEAN, p)))
    half = Symbol("h", positive=True)  # q = 1 - h^2
    roots = sympy.roots(sympy.Poly(sympy.expand(numerator.subs(q, 1 - half**2)), p))
    return tuple(root.subs(half, sqrt(1 - q)) for root in roots if (1 - root).is_positive)
