"""The best static rate c/n as n grows: where the leading term of E[T] is smallest, from its derivative.

C. Witt, Combinatorics, Probability and Computing 22 (2013), for linear functions; S. Böttcher, B. Doerr, F. Neumann, PPSN 2010,
for LeadingOnes; B. Doerr, H. P. Le, R. Makhmara, T. D. Nguyen, GECCO 2017, for Jump. Best rates at a given n:
:func:`theory.exact.optimal_rate`.

Let E[T] = (1 + o(1)) L(c) g(n) for every fixed c > 0. If L falls up to c* and rises after it, then for every other c the rate
c*/n is faster for all large n, by a factor that tends to L(c)/L(c*) > 1.

==============  ==================  ========================================================================================
linear          e^c/c               L' = (c - 1) e^c/c^2; e n ln n is what every choice of rates takes (:mod:`.any_rates_lower`)
Jump, gap m     e^c/c^m             L' = (c - m) e^c/c^(m+1)
Plateau         1/P_r(c)            P_r' = e^-c (1 - c^r/r!), P_r(c) = P(1 <= Poi(c) <= r): the best c is (r!)^(1/r)
LeadingOnes     (e^c - 1)/(2 c^2)   L' = ((c - 2) e^c + 2)/(2 c^3); (c - 2) e^c + 2 is 0 at c = 0, falls up to 1 and rises after
==============  ==================  ========================================================================================
"""

from __future__ import annotations

import functools
from dataclasses import replace

import sympy
from sympy import Expr, Integer, LambertW, Symbol, exp

from theory.algorithms import OnePlusOneEA
from theory.bounds import any_rates_lower, jump, leadingones, linear, onemax, plateau
from theory.bounds.common import Bound, Check, Source, argument, concluding, is_ea
from theory.derivation import Derivation
from theory.drift.sources import BOETTCHER_DOERR_NEUMANN, WITT
from theory.facts import Computation, Fact, Identity, Inequality
from theory.lemmas import of
from theory.problems import BinVal, Jump, LeadingOnes, Linear, OneMax, Plateau
from theory.process import Process
from theory.symbols import c, n, v

QUANTITY = "best c"
_x = Symbol("x", positive=True)


def bounds(process: Process) -> list[Bound]:
    """The best constant c for the (1+1) EA with the rate c/n itself, where the leading term of E[T] is known.

    >>> from theory import OnePlusOneEA
    >>> [str(bound.expr) for bound in bounds(OnePlusOneEA(c / n).on(Jump(3)))]
    ['3']
    """
    problem = process.problem
    if isinstance(problem, LeadingOnes) and is_ea(process, static=False) and process.rate == 1 / (v + 1):
        return [leadingones_optimal_rates()]
    if not is_ea(process) or process.rate != c / n:
        return []
    if isinstance(problem, (OneMax, BinVal, Linear)):
        return [linear_optimal_rate(isinstance(problem, OneMax))]
    if isinstance(problem, LeadingOnes):
        return [leadingones_optimal_rate()]
    if isinstance(problem, Jump) and problem.gap >= 2:
        return [jump_optimal_rate(problem.gap)]
    if isinstance(problem, Plateau) and problem.radius >= 2 and not process.algorithm.strict:
        return [plateau_optimal_rate(problem.radius)]
    return []


@functools.cache
def linear_optimal_rate(onemax_itself: bool = False) -> Bound:
    """The rate 1/n on every linear function: e^c/c is smallest at c = 1 and nowhere else, and no other choice of rates beats it.

    Parameters
    ----------
    onemax_itself : bool
        Rest on the leading term of OneMax instead of the one of all linear functions.

    Returns
    -------
    Bound
        Of direction "threshold"; ``expr`` is the best c.

    Examples
    --------
    >>> print(linear_optimal_rate())
    best c = 1   threshold, any start   least leading term (Witt 2013)
    >>> linear_optimal_rate().derivation.replay().holds
    True
    """
    lemma = _leading(onemax.leading_order(c) if onemax_itself else linear.leading_order(c))
    every = any_rates_lower.adaptive_lower().derivation
    assert every is not None
    derivation = _single_minimum(exp(c) / c, Integer(1), exp(c) / c**2, lemma, every)
    no_other = "No other choice of rates up to 1/2 does better, not even an adaptive one: E[T] >= (1 - o(1)) e n ln n for all."
    derivation = replace(derivation, steps=(*derivation.steps, no_other))
    found = Bound(QUANTITY, "threshold", Integer(1), source=_least("Witt 2013", WITT), derivation=derivation)
    return concluding(found, "stationary point", least=Integer(1), slope=of(c, sympy.diff(exp(c) / c, c)))


@functools.cache
def jump_optimal_rate(gap: int) -> Bound:
    """The rate m/n on Jump with gap m: up to lower order the best, and exactly the best for the jump itself.

    >>> jump_optimal_rate(4).expr
    4
    """
    lemma = _leading(jump.leading_order(gap, c))
    least = Integer(gap)
    derivation = _single_minimum(exp(c) / c**gap, least, exp(c) / c ** (gap + 1), lemma, jump.best_rate_of_the_jump(gap))
    source = Source("least leading term (cf. Doerr, Le, Makhmara, Nguyen 2017)")
    found = Bound(QUANTITY, "threshold", least, source=source, derivation=derivation)
    return concluding(found, "stationary point", least=least, slope=of(c, sympy.diff(exp(c) / c**gap, c)))


@functools.cache
def plateau_optimal_rate(radius: int) -> Bound:
    """c = (r!)^(1/r) on Plateau with radius r, where most offspring of the optimum would lie on the plateau.

    >>> plateau_optimal_rate(2).expr, round(float(plateau_optimal_rate(4).expr), 6)
    (sqrt(2), 2.213364)
    """
    top, i = sympy.factorial(radius), Symbol("i", integer=True, positive=True)
    facts: tuple[tuple[str, Fact], ...] = (
        (
            "(c^i e^-c/i!)' = e^-c (c^(i-1)/(i-1)! - c^i/i!); summed over i = 1, ..., r that is e^-c (1 - c^r/r!)",
            Identity(
                sympy.diff(c**i * exp(-c), c) / sympy.factorial(i),
                exp(-c) * (i * c ** (i - 1) / sympy.factorial(i) - c**i / sympy.factorial(i)),
            ),
        ),
        ("with c^r = r! y: positive for y < 1", Inequality(1 - c, Integer(0), strict=True, where=(c < 1,))),
        ("and negative for y > 1", Inequality((1 + _x) - 1, Integer(0), strict=True)),
    )
    derivation = argument(
        "the sign of the derivative",
        "For every fixed c, E[T] is (1 + o(1)) n^r/(r! P_r(c)), P_r(c) = P(1 <= Poi(c) <= r).",
        "P_r rises up to c^r = r! and falls after it.",
        statement="P_r is largest at c = (r!)^(1/r) alone",
        checks=[Check(about, _level(fact), "premise", fact) for about, fact in facts],
        lemmas=(_leading(plateau.leading_order(radius, c)),),
    )
    source = Source("least leading term (cf. Antipov, Doerr 2021)")
    least = top ** sympy.Rational(1, radius)
    found = Bound(QUANTITY, "threshold", least, source=source, derivation=derivation)
    return concluding(found, "stationary point", least=least, slope=of(c, exp(-c) * (c**radius / top - 1)))


@functools.cache
def leadingones_optimal_rate() -> Bound:
    """c = 2 + W(-2 e^-2) = 1.5936... on LeadingOnes; its digits are in :mod:`theory.constants`.

    >>> round(float(leadingones_optimal_rate().expr), 9)
    1.59362426
    """
    cost, inner = (exp(c) - 1) / (2 * c**2), (c - 2) * exp(c) + 2
    root = 2 + LambertW(-2 * exp(-2))
    facts: tuple[tuple[str, Fact], ...] = (
        ("L' = ((c - 2) e^c + 2)/(2 c^3)", Identity(sympy.diff(cost, c), inner / (2 * c**3))),
        ("(c - 2) e^c + 2 is 0 at c = 0", Identity(inner.subs(c, 0), Integer(0))),
        ("its derivative is (c - 1) e^c", Identity(sympy.diff(inner, c), (c - 1) * exp(c))),
        ("which is negative before c = 1", Inequality(1 - c, Integer(0), strict=True, where=(c < 1,))),
        ("and positive after it", Inequality((_x + 1 - 1) * exp(_x + 1), Integer(0), strict=True)),
        ("so its only zero is where it changes its sign, c = 2 + W(-2 e^-2)",
         Computation("theory.bounds.dynamic_binval:threshold_is_a_zero", (), True,
                     "2 (1 - e^-c) - c changes its sign within 10^-30 of 2 + W(-2 e^-2)", "balls")),
        ("the equation is the same", Identity(inner, -exp(c) * (2 * (1 - exp(-c)) - c))),
    )  # fmt: skip
    derivation = argument(
        "the sign of the derivative",
        "(c - 2) e^c + 2 starts at 0, falls up to c = 1 and rises without bound after: it has one positive zero.",
        "Before it L falls, after it L rises.",
        statement="L(c) = (e^c - 1)/(2 c^2) is smallest at c = 2 + W(-2 e^-2) alone",
        checks=[Check(about, _level(fact), "premise", fact) for about, fact in facts],
        lemmas=(_leading(leadingones.leading_order(c)),),
    )
    source = _least("Böttcher, Doerr, Neumann 2010", BOETTCHER_DOERR_NEUMANN)
    found = Bound(QUANTITY, "threshold", root, source=source, derivation=derivation)
    return concluding(found, "stationary point", least=root, slope=of(c, inner / (2 * c**3)))


@functools.cache
def leadingones_optimal_rates() -> Bound:
    """1/(v+1) at the fitness v of LeadingOnes: the best among all rates in n and v, at every n.

    >>> print(leadingones_optimal_rates())
    best p = 1/(v + 1)   threshold, any start   least time on each level (Böttcher, Doerr, Neumann 2010)
    """
    level, small, y = Symbol("m", integer=True, nonnegative=True), Symbol("p", positive=True), Symbol("y", positive=True)
    slope = 1 / small - level / (1 - small)
    facts: tuple[tuple[str, Fact], ...] = (
        ("the logarithm of p (1-p)^v has the derivative 1/p - v/(1-p)",
         Identity(sympy.diff(sympy.log(small) + level * sympy.log(1 - small), small), slope, (small < 1,))),
        ("that is (1 - (v+1) p)/(p (1-p))",
         Identity(slope.subs(level, v), (1 - (v + 1) * small) / (small * (1 - small)), (small < 1,))),
        ("negative above p = 1/(v+1)", Inequality((level + 1) * (1 / (level + 1) + y) - 1, Integer(0), strict=True)),
        ("positive below", Inequality(1 - (level + 1) * (1 / (level + 1) - y), Integer(0), strict=True)),
    )  # fmt: skip
    exact = next(b for b in leadingones.bounds(OnePlusOneEA(1 / (v + 1)).on(LeadingOnes())) if b.direction == "exact")
    assert exact.derivation is not None
    derivation = argument(
        "the sign of the derivative",
        "From a uniform start E[T] is half the sum of 1/(p (1-p)^v), for all rates in n and v; each term is least by itself.",
        statement="p (1-p)^v is largest at p = 1/(v+1) alone",
        checks=[Check(about, _level(fact), "premise", fact) for about, fact in facts],
        lemmas=(exact.derivation,),
    )
    source = Source("least time on each level (Böttcher, Doerr, Neumann 2010)", BOETTCHER_DOERR_NEUMANN.bibtex)
    found = Bound("best p", "threshold", 1 / (v + 1), source=source, derivation=derivation)
    return concluding(found, "stationary point, each level", least=1 / (v + 1), slope=of(small, 1 - (v + 1) * small))


def _single_minimum(cost: Expr, least: Expr, factor: Expr, *lemmas: Derivation) -> Derivation:
    """L' = (c - c*) times a positive factor: L falls up to c* and rises after it."""
    facts: tuple[tuple[str, Fact], ...] = (
        (f"L' is (c - {least}) times a positive factor", Identity(sympy.diff(cost, c), (c - least) * factor)),
        ("the factor is positive", Inequality(factor, Integer(0), strict=True)),
        (f"L falls up to c = {least}", Inequality((least - c) * factor, Integer(0), strict=True, where=(c < least,))),
        (f"L rises after c = {least}", Inequality(_x * factor.subs(c, least + _x), Integer(0), strict=True)),
    )
    return argument(
        "the sign of the derivative",
        f"For every fixed c, E[T] is (1 + o(1)) L(c) times a function of n alone, with L = {cost}.",
        f"For c other than {least} the rate {least}/n is faster for all large n: the ratio tends to L(c)/L({least}) > 1.",
        statement=f"L falls up to c = {least} and rises after it, so that this is its only minimum",
        checks=[Check(about, _level(fact), "premise", fact) for about, fact in facts],
        lemmas=lemmas,
    )


def _level(fact: Fact) -> str:
    return "by ball arithmetic" if isinstance(fact, Computation) else "symbolically"


def _leading(found: list[Bound]) -> Derivation:
    """The derivation of the leading term from a uniform start, both sides."""
    (both,) = (bound for bound in found if bound.start == "uniform" and bound.side == "both")
    assert both.derivation is not None
    return both.derivation


def _least(paper: str, source: Source) -> Source:
    return Source(f"least leading term ({paper})", source.bibtex)
