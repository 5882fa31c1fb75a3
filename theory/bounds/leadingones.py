"""LeadingOnes: exact from a uniform start, for every rate, and from 0^n; fitness levels from any start.

S. Böttcher, B. Doerr, F. Neumann, PPSN 2010, Theorem 3 and its proof for state-dependent rates.

Level v: v ones in front of the first zero-bit. It is left with probability p (1-p)^v in every round (RLS: 1/n), and entered at
most once, so E[T] is the sum over the levels of the probability that it is visited, divided by that (Doerr, Kötzing 2021).

*Uniform start.* The bits behind the first zero-bit are uniform at every time, whatever the rule for ties, so each level is
visited with probability 1/2. *Start 0^n.* The probabilities follow from the recursion in :mod:`.leadingones_premises`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
from sympy import Expr, Integer, Rational, Sum

from theory.algorithms import OnePlusOneEA
from theory.bounds.common import (
    BELOW_ONE,
    Bound,
    Check,
    all_levels_ok,
    argument,
    for_rate,
    is_ea,
    is_rls,
    levels_up_to,
    p,
    rates_at,
    telescopes,
)
from theory.bounds.leadingones_premises import V_LO
from theory.bounds.onemax_lower import with_fractions
from theory.domain import constant_of, rate_conditions
from theory.drift.sources import BOETTCHER_DOERR_NEUMANN, WEGENER
from theory.facts import Computation, DriftFact, Identity, Inequality, LimitFact, RuntimeFact
from theory.lemmas import applied, of
from theory.problems import LeadingOnes
from theory.process import Process
from theory.symbols import SYMBOLS, c, n, v
from theory.text import formula

_STEPS = (
    "The bits behind the first zero-bit have no influence on acceptance, and flipping uniform bits leaves them uniform.",
    "So each level v < n is visited with probability 1/2, and left with probability {leave} in every round spent there.",
    "E[T] is half the sum of the {each} over v = 0, ..., n - 1.",
)
_THEOREM = "sum over the levels (Böttcher, Doerr, Neumann 2010)"
_STATEMENT = "E[T] is the sum over the levels of P(visited)/P(left in a round), as none is entered twice"
_HERE = "theory.bounds.leadingones_premises:"
_v = sympy.Symbol("v", integer=True, nonnegative=True)
_q = sympy.Symbol("q", positive=True)
HALF = Rational(1, 2)
_m, _l = sympy.Symbol("m", integer=True, positive=True), sympy.Symbol("l", positive=True)
SUM = ((1 - p) ** (1 - n) - (1 - p)) / p**2
"""The sum of 1/(p (1-p)^v), v = 0, ..., n - 1."""


def bounds(process: Process) -> list[Bound]:
    """Bounds on LeadingOnes."""
    if not isinstance(process.problem, LeadingOnes):
        return []
    if is_rls(process):
        return _rls(process)
    if not is_ea(process, static=False) or process.rate_symbols & {"t", "k"}:
        return []
    rate = process.rate
    assert rate is not None
    if not process.is_static:
        return _any_rate(process, rate)
    result = _static(process, rate)
    constant = constant_of(rate)
    if constant is not None:
        result += leading_order(constant, process.algorithm.strict)
    return result


def level_sum(process: Process) -> tuple[Check, ...]:
    """With which probability each level is left, and the sum of the reciprocals in closed form; for a static rate."""
    closed = telescopes(
        "the sum of the 1/(p q^v), q = 1 - p", 1 / ((1 - _q) * _q**_v), _v, (_q ** (1 - n) - _q) / (1 - _q) ** 2, n
    )
    return (_leaves(process), *closed)


def _static(process: Process, rate: Expr) -> list[Bound]:
    """A static rate: exact from a uniform start and from 0^n, and at most twice that from any."""
    leaves, *closed = level_sum(process)
    steps, leave = _said("p (1-p)^v", "1/(p (1-p)^v)"), of(v, p * (1 - p) ** v)
    exact = _exact(SUM / 2, "uniform", steps, (leaves, *_fair(process), *closed), leave)
    levels = Bound("E[T]", "upper", SUM, BELOW_ONE, source=WEGENER, derivation=argument(
        "fitness levels (Wegener 2001)",
        "Each level is entered at most once and left with probability p (1-p)^v in every round spent there.",
        statement="E[T] <= the sum of the 1/P(left in a round)",
        checks=(leaves, *closed),
        conclusion=applied("fitness levels, from the worst", BELOW_ONE, s=leave),
    ))  # fmt: skip
    return [
        for_rate(exact, rate),
        for_rate(_from_zeros(process), rate, exact_function=_by_the_chain(process)),
        for_rate(levels, rate),
    ]


def _exact(
    expr: Expr, start: Any, steps: tuple[str, ...], checks: tuple[Check, ...], leave: Expr, visited: Expr = HALF,
    **more: Any,
) -> Bound:  # fmt: skip
    more.setdefault("conditions", BELOW_ONE)
    last = applied("levels that are visited", more["conditions"], visited=of(v, visited), s=leave)
    proof = argument(_THEOREM, *steps, statement=_STATEMENT, checks=checks, conclusion=last)
    return Bound("E[T]", "exact", expr, start=start, source=BOETTCHER_DOERR_NEUMANN, derivation=proof, **more)


def _said(leave: str, each: str) -> tuple[str, ...]:
    return tuple(step.format(leave=leave, each=each) for step in _STEPS)


def _leaves(process: Process) -> Check:
    """With which probability a level is left, at every point of it."""
    here = process if process.rate is None else with_fractions(process)
    chance = 1 / n if here.rate is None else here.rate * (1 - here.rate) ** v
    where = rate_conditions(here.rate) if here.rate is not None and here.is_static else ()
    about = "level v is left with probability " + ("1/n" if here.rate is None else "p (1-p)^v")
    fact = DriftFact(here, chance, "==", quantity="leave", sizes=(1, 2, 3, 4), where=where)
    return Check(about, "exactly on the chain, at every point of the level", "premise", fact)


def _fair(process: Process) -> tuple[Check, ...]:
    """A uniform bit stays uniform; every level is visited with probability 1/2."""
    here = process if process.rate is None else with_fractions(process)
    half = Rational(1, 2)
    about = "every level is visited with probability 1/2 from a uniform start"
    return (
        Check("a uniform bit that flips with probability p is uniform", "symbolically", "premise",
              Identity(half * (1 - p) + half * p, half)),
        Check(about, "exactly on the chain over all points, n = 4", "premise",
              Computation(_HERE + "visited_with_one_half", (("process", here), ("n", 4)), True, f"{here}: {about} (n = 4)")),
    )  # fmt: skip


def _from_zeros(process: Process) -> Bound:
    """E[T] from 0^n, by the recursion for the visits."""
    strict, fast = process.algorithm.strict, process.rate is not None
    here = with_fractions(process) if fast else process
    rate, chance = (p, p * (1 - p) ** v) if fast else (Integer(0), 1 / n)
    visited = V_LO(v, rate, 1) if strict else V_LO(v, rate)
    shown = visited if here.rate is None else visited.subs(p, here.rate)
    about = "from 0^n level v is visited with probability V_LO(v, p)"
    g = sympy.Symbol("s", integer=True, positive=True)
    checks = [_leaves(process)]
    if not strict and fast:
        total = p * _l * ((1 - p) * _l) ** (g - 1)  # P(G = s) l^s
        closed = p * _l * (1 - ((1 - p) * _l) ** g) / (1 - (1 - p) * _l)
        first, step = telescopes("the sum of p (1-p)^(s-1) l^s up to s", total.subs(g, g + 1), g, closed, g)
        checks += [first, step]
    a, b = (sympy.Symbol(name, real=True) for name in ("a", "b"))
    u = sympy.Symbol("g", real=True)
    checks += [
        Check("half the sum over both signs of bit i + 1, whose visits multiply by g", "symbolically", "premise",
              Identity((u * (a + b) / 2 + (a - b) / 2), (1 + u) / 2 * a - (1 - u) / 2 * b)),
        Check(about, "exactly on the chain over all points, n = 4", "premise",
              Computation(_HERE + "visited_as_the_recursion_says", (("process", here), ("n", 4), ("visited", shown)), True,
                          f"{here}: {about} (n = 4)")),
    ]  # fmt: skip
    steps = (
        "Bits behind the first zero-bit have no influence on acceptance; each accepted step flips each with probability p.",
        "So a visit multiplies the expected product of the signs of m of them by g_m, and the recursion for f_i[m] follows.",
        "Level v is visited iff bit v + 1 is a zero-bit when the run first has v ones in front: V_LO(v, p) = (1 + f_v[1])/2.",
    )
    total = Sum((visited / chance).subs(v, _v), (_v, 0, n - 1))
    return _exact(total, "zeros", steps, tuple(checks), of(v, chance), visited, conditions=BELOW_ONE if fast else ())


def _by_the_chain(process: Process, start: str = "zeros") -> Callable[[dict], float]:
    def value(values: dict) -> float:
        from theory.exact import expected_runtime

        return float(expected_runtime(process, start=start, **{name: x for name, x in values.items() if name in process.needed}))

    return value


def leading_order(constant: Expr, strict: bool = False) -> list[Bound]:
    """(e^c - 1)/(2 c^2) n^2, both sides, from a uniform start; the rate is constant/n."""
    process = OnePlusOneEA(c / n, strict).on(LeadingOnes())
    share, ratio = (sympy.exp(c) - 1) / (2 * c**2), SUM.subs(p, c / n) / 2 / n**2
    where = rate_conditions(constant / n)
    put = () if constant == c else ((c, constant),)
    derivation = argument(
        _THEOREM,
        "(1 - c/n)^(1-n) tends to e^c for fixed c, and 1 - c/n to 1; E[T] is half the difference, times n^2/c^2.",
        checks=[
            *(Check(f"E[T]/n^2 tends to (e^c - 1)/(2 c^2), at c = {x}", "numerically, at n up to 10^160", "premise",
                    LimitFact(ratio, n, share, ((c, Fraction(x)),))) for x in (1, 3)),
            Check("(1 - c/n)^(1-n) tends to e^c", "numerically, at n up to 10^160", "premise",
                  LimitFact((1 - c / n) ** (1 - n), n, sympy.exp(c))),
        ],
        lemmas=[_exact_at(process)],
        conclusion=applied("leading term", where, put, ratio=ratio, limit=share, order=n**2),
    )  # fmt: skip
    leading = (sympy.exp(constant) - 1) / (2 * constant**2) * n**2
    return [Bound("E[T]", "asymptotic", leading, where, start="uniform", source=BOETTCHER_DOERR_NEUMANN, derivation=derivation)]


def _exact_at(process: Process) -> Any:
    assert process.rate is not None
    return _static(process, process.rate)[0].derivation


def _any_rate(process: Process, rate: Expr) -> list[Bound]:
    """The rate may depend on the level v."""
    i = sympy.Symbol("i", integer=True, nonnegative=True)
    here = rate.subs(v, i)
    sum_over_levels = Sum(1 / (here * (1 - here) ** i), (i, 0, n - 1))
    condition = all_levels_ok(rate, v, 0, 0, lambda level, size: level == 0)

    def total(values: dict) -> float:
        level = levels_up_to(int(values["n"]) - 1, 0)
        chance = rates_at(rate, v, level, {SYMBOLS[x]: Fraction(y) for x, y in values.items()})
        with np.errstate(all="ignore"):  # a rate of 1 is allowed at v = 0
            return float(np.sum(np.exp(np.where(level == 0, 0.0, -level * np.log1p(-chance))) / chance))

    leaves = (_leaves(process),) if rate.is_rational_function(v, n, c) else ()
    visits = _fair(process) if leaves else _fair(process)[:1]
    levels = argument(
        "fitness levels (Wegener 2001)", "Level v is left with probability p (1-p)^v, and entered at most once.", checks=leaves,
        conclusion=applied("fitness levels, from the worst", s=of(v, rate * (1 - rate) ** v)),
    )  # fmt: skip
    exact = _exact(
        Rational(1, 2) * sum_over_levels, "uniform", _said("p (1-p)^v", "1/(p (1-p)^v)"), (*leaves, *visits),
        of(v, rate * (1 - rate) ** v), conditions=(), condition_function=condition,
        exact_function=lambda values: total(values) / 2,
    )  # fmt: skip
    upper = Bound("E[T]", "upper", sum_over_levels, source=WEGENER, derivation=levels, condition_function=condition,
                  exact_function=total)  # fmt: skip
    return [exact, upper, *([_quarter(exact)] if rate == 1 / (v + 1) else [])]


def _quarter(exact: Bound) -> Bound:
    """The best rate at each level, 1/(v+1): E[T] is half the sum of (v+1) (1 + 1/v)^v, and so (1 + o(1)) e/4 n^2."""
    assert exact.derivation is not None
    x, m = sympy.Symbol("x", positive=True), sympy.Symbol("m", integer=True, positive=True)
    log, how = sympy.log(1 + x), "symbolically"
    low, high, share = sympy.E / 4 * n * (n - 1), sympy.E / 4 * n * (n + 1), sympy.E / 4
    process = OnePlusOneEA(1 / (v + 1)).on(LeadingOnes())
    checks = (
        Check("x - ln(1 + x) has the derivative x/(1 + x)", how, "premise", Identity(sympy.diff(x - log, x), x / (1 + x))),
        Check("ln(1 + x) - x + x^2/2 has the derivative x^2/(1 + x)", how, "premise",
              Identity(sympy.diff(log - x + x**2 / 2, x), x**2 / (1 + x))),
        Check("both are positive", how, "premise", Inequality(x**2 / (1 + x), Integer(0), strict=True)),
        *telescopes("1 + 2 + ... + m", _v + 1, _v, m * (m + 1) / 2, m),
        Check("(v+1) (1 - 1/(2v)) >= v for v >= 1", how, "premise",
              Inequality((m + 1) * (1 - 1 / (2 * m)), m, variable=m, low=Integer(1), integer=True)),
        *(Check(f"E[T] {sense} {formula(side)}", "on whole chains", "conclusion", RuntimeFact(process, side, sense))
          for side, sense in ((low, ">="), (high, "<="))),
        *(Check(f"{formula(side)} over n^2 tends to e/4", "numerically, at n up to 10^160", "premise",
                LimitFact(side / n**2, n, share)) for side in (low, high)),
    )  # fmt: skip
    derivation = argument(
        "sum over the levels, enclosed",
        "x - x^2/2 <= ln(1 + x) <= x at x = 1/v: e (1 - 1/(2v)) <= e^(1 - 1/(2v)) <= (1 + 1/v)^v <= e.",
        "So the sum of the (v+1) (1 + 1/v)^v is e n (n + 1)/2 up to O(n).",
        checks=checks,
        lemmas=(exact.derivation,),
        conclusion=applied("leading term, enclosed", low=low, high=high, limit=share, order=n**2),
    )
    return Bound("E[T]", "asymptotic", sympy.E / 4 * n**2, start="uniform", source=BOETTCHER_DOERR_NEUMANN, derivation=derivation)


def _rls(process: Process) -> list[Bound]:
    """RLS: every level takes n rounds."""
    leaves = _leaves(process)
    twice = telescopes("the sum of n over the levels below m", n, _v, n * _m, _m)
    leave = of(v, 1 / n)
    exact = _exact(n**2 / 2, "uniform", _said("1/n", "n"), (leaves, *_fair(process), *twice), leave, conditions=())
    levels = argument(
        "fitness levels (Wegener 2001)", "Each level is left when the first zero-bit is the one that flips.",
        statement="E[T] <= the sum of the 1/P(left in a round)", checks=(leaves, *twice),
        conclusion=applied("fitness levels, from the worst", s=leave),
    )  # fmt: skip
    upper = Bound("E[T]", "upper", n**2, source=WEGENER, derivation=levels)
    zeros = _from_zeros(process)
    if process.algorithm.strict:  # the bits behind the first zero-bit never change
        zeros = zeros.with_(expr=n**2)
    else:
        zeros = zeros.with_(exact_function=_by_the_chain(process))
    return [exact, zeros, upper]


__all__ = ["SUM", "bounds", "leading_order"]
