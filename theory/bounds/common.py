"""What the catalogue's entries share: bounds derived once for a symbol p, then put to work for a process's own rate."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
from sympy import Expr, Symbol

from theory import symbols
from theory.algorithms import RLS, OnePlusOneEA
from theory.balls import at, number_of
from theory.bound import Bound, Check, Derivation, Source
from theory.domain import NEVER, rate_conditions
from theory.errors import InputError
from theory.lemmas import Applied, applied
from theory.problems import BinVal, Jump, Linear, Plateau
from theory.process import Process
from theory.symbols import n
from theory.text import formula

p = Symbol("p", positive=True)
"""The mutation rate, while a bound is derived."""
BELOW_ONE = (p < 1,)
j = Symbol("j", integer=True, positive=True)


def is_ea(process: Process, *, static: bool = True) -> bool:
    """Whether the algorithm is the (1+1) EA (with a rate in n and c alone)."""
    return isinstance(process.algorithm, OnePlusOneEA) and (process.is_static or not static)


def is_rls(process: Process) -> bool:
    """Whether the algorithm flips exactly one bit."""
    return isinstance(process.algorithm, RLS) and process.algorithm.flips == 1


def ones_are_best(process: Process) -> bool:
    """Whether the optimum is 1^n in the user's form, so that k counts zero-bits literally."""
    problem = process.problem
    return not isinstance(problem, Linear) or bool(problem.optimum(len(problem)).all())


def for_rate(bound: Bound, rate: Expr, **changes: Any) -> Bound:
    """A bound derived for the symbol p, for a rate in n and c."""
    rest = [w.subs(p, rate) for w in bound.conditions if w not in BELOW_ONE]
    changes.setdefault("derivation", with_rate(bound.derivation, rate))
    return bound.with_(expr=bound.expr.subs(p, rate), conditions=(*rate_conditions(rate), *rest), **changes)


def with_rate(derivation: Derivation | None, rate: Expr) -> Derivation | None:
    """Note in a derivation which rate p stands for."""
    if derivation is None or rate == p:
        return derivation
    expr = None if derivation.drift_expr is None else derivation.drift_expr.subs(p, rate)
    last = derivation.conclusion
    if last is not None:
        where = (*rate_conditions(rate), *(w.subs(p, rate) for w in last.where if w not in BELOW_ONE))
        last = replace(last, where=where, put=(*last.put, (p, rate)))
    steps = (*derivation.steps, f"The rate is p = {formula(rate)}.")
    return replace(derivation, steps=steps, drift_expr=expr, conclusion=last)


def on_few_bits(process: Process) -> Process:
    """The process, or, where its strictly monotone function needs more bits than a chain can have, the same on BinVal.

    Only for premises that are the same on every strictly monotone function.
    """
    try:
        process.problem.check(3)
    except InputError:
        return process.algorithm.on(BinVal())
    return process


def because(bound: Bound, *steps: str) -> Bound:
    """The bound with a derivation that says why the process has the drift that the theorem was applied to."""
    assert bound.derivation is not None
    return bound.with_(derivation=replace(bound.derivation, steps=(*steps, *bound.derivation.steps)))


def supported(bound: Bound, *checks: Check) -> Bound:
    """The bound with further premises, each of which should carry a fact."""
    assert bound.derivation is not None
    return bound.with_(derivation=replace(bound.derivation, checks=(*bound.derivation.checks, *checks)))


def concluding(bound: Bound, lemma: str, put: tuple = (), **given: Any) -> Bound:
    """The bound with the last step of its derivation: a lemma of the book, under the conditions of the bound.

    Examples
    --------
    >>> bound = Bound("E[T]", "upper", 1 / p, BELOW_ONE, derivation=argument("geometric waiting time"))
    >>> concluding(bound, "geometric waiting time, at most", hit=p).derivation.conclusion.expr
    1/p
    """
    assert bound.derivation is not None
    last = applied(lemma, bound.conditions, put, **given)
    return bound.with_(derivation=replace(bound.derivation, conclusion=last))


def for_constant(constant: Expr) -> tuple:
    """What a last step puts for c, where it is drawn for the rate c/n and the process has constant/n.

    >>> for_constant(symbols.c), for_constant(sympy.Integer(2))
    ((), ((c, 2),))
    """
    return () if constant == symbols.c else ((symbols.c, constant),)


def under(bound: Bound, conditions: Iterable) -> Bound:
    """The bound under other conditions, which its last step assumes, too."""
    conditions, derivation = tuple(conditions), bound.derivation
    if derivation is not None and derivation.conclusion is not None:
        derivation = replace(derivation, conclusion=replace(derivation.conclusion, where=conditions))
    return bound.with_(conditions=conditions, derivation=derivation)


def telescopes(about: str, term: Expr, index: Symbol, closed: Expr, past: Symbol) -> tuple[Check, Check]:
    """A closed sum, proved for every length: ``closed`` is the sum of ``term`` over index = 0, ..., past - 1.

    Two identities say so: it is 0 for no terms, and one more term adds that term.

    Examples
    --------
    >>> m, i = Symbol("m", integer=True, positive=True), Symbol("i", integer=True, nonnegative=True)
    >>> [str(check.fact.replay()) for check in telescopes("1 + 3 + 5 + ...", 2 * i + 1, i, m**2, m)]
    ['holds (symbolic: the difference is zero)', 'holds (symbolic: the difference is zero)']
    """
    from theory.facts import Identity

    more = closed.subs(past, past + 1) - closed
    return (
        Check(f"{about}, no terms: 0", "symbolically", "premise", Identity(closed.subs(past, 0), sympy.S.Zero)),
        Check(f"{about}, one more term", "symbolically", "premise", Identity(more, term.subs(index, past))),
    )


def argument(
    theorem: str,
    *steps: str,
    statement: str = "",
    checks: Iterable[Check] = (),
    lemmas: Iterable[Derivation] = (),
    conclusion: Applied | None = None,
) -> Derivation:
    """A derivation that needs no drift theorem; ``conclusion`` is its last step, a lemma of :mod:`theory.lemmas`."""
    return Derivation(
        theorem=theorem, statement=statement, steps=steps, checks=tuple(checks), lemmas=tuple(lemmas), conclusion=conclusion
    )


def domain(process: Process) -> tuple:
    """Where the problem itself exists."""
    if isinstance(process.problem, Linear):
        return (sympy.Le(n, len(process.problem), evaluate=False),)
    if isinstance(process.problem, Jump) and process.problem.gap > 1:
        return (sympy.Ge(n, process.problem.gap, evaluate=False),)
    if isinstance(process.problem, Plateau) and process.problem.radius > 1:
        return (sympy.Ge(n, process.problem.radius, evaluate=False),)
    return ()


def tidy(conditions: Iterable) -> tuple | None:
    """Without duplicates and what always holds; None if they can't all hold."""
    result: list = []
    for condition in conditions:
        if condition == True or condition in result:  # noqa: E712 (sympy's truth)
            continue
        if condition == False or condition == NEVER:  # noqa: E712
            return None
        result.append(condition)
    floors = [w for w in result if w.lhs == n and w.rel_op == ">=" and w.rhs.is_number]
    for weaker in floors:
        if any(other is not weaker and (other.rhs > weaker.rhs) == True for other in floors):  # noqa: E712
            result.remove(weaker)
    return tuple(result)


def float_rate(rate: Expr, values: dict[str, Any]) -> float:
    """The rate as a float at concrete values."""
    return float(at(rate, {symbols.SYMBOLS[x]: Fraction(y) for x, y in values.items() if x in symbols.SYMBOLS}).mid())


def log_of_staying(rate: Expr, values: dict[str, Any]) -> float:
    """ln(1 - p) at concrete values; also for rates so close to 1 that no float lies between."""
    put = {symbols.SYMBOLS[x]: Fraction(y) for x, y in values.items() if x in symbols.SYMBOLS}
    return float(at(sympy.log(1 - rate), put).mid())


def rates_at(rate: Expr, level: Symbol, levels: np.ndarray, put: dict[Symbol, Fraction]) -> np.ndarray:
    """The rate at each level, as floats; NaN where it has no value."""
    from sympy import Rational, lambdify

    here = rate.subs({s: Rational(x.numerator, x.denominator) for s, x in put.items()})
    with np.errstate(all="ignore"):
        return np.broadcast_to(np.asarray(lambdify(level, here, "numpy")(levels), dtype=float), levels.shape)


def all_levels_ok(rate: Expr, level: Symbol, first: int, past: int, certain: Callable[[int, int], bool]) -> tuple[str, Callable]:
    """The condition that a rate in one level symbol is in (0, 1) at every level; 1 where ``certain(level, n)``.

    Levels run over first, ..., n - 1 + past. What floats can't tell from 0 or 1, balls decide.
    """

    def holds(put: dict[Symbol, Fraction]) -> bool:
        size = int(put[n])
        levels = levels_up_to(size + past - 1, first)
        p = rates_at(rate, level, levels, put)
        for x in levels[~((p > 1e-9) & (p < 1 - 1e-9))].astype(int):
            here = {**put, level: Fraction(int(x))}
            exactly = number_of(rate, here)  # a ball around 50 (1/50) can't tell that it is 1
            try:
                value = exactly if exactly.is_Rational else at(rate, here, bits=40)
            except ValueError:
                return False
            if not (value > 0 and (value < 1 or (value == 1 and certain(x, size)))):
                return False
        return True

    return f"0 < p < 1 at every {level} (or 1 where that surely improves)", holds


LONGEST = 20_000_000
"""The longest sum over levels that is evaluated."""


def levels_up_to(last: int, first: int = 1) -> np.ndarray:
    """The levels first, ..., last as floats, for a sum over them.

    >>> levels_up_to(3)
    array([1., 2., 3.])
    """
    if last - first >= LONGEST:
        raise InputError(f"n: a sum over {last - first + 1} levels is too long; at most {LONGEST} are added up")
    return np.arange(float(first), last + 1)


def harmonic_of_uniform(values: dict[str, Any]) -> float:
    """E[H_Z] for Z ~ Bin(n, 1/2): H_n - sum of 2^-j / j."""
    size = int(values["n"])
    tail = np.arange(1, min(size, 1100) + 1)
    return float(at(sympy.harmonic(n), {n: Fraction(size)}).mid()) - float(np.sum(0.5**tail / tail))


UNIFORM_HARMONIC = sympy.harmonic(n) - sympy.Sum(1 / (2**j * j), (j, 1, n))

__all__ = [
    "BELOW_ONE", "LONGEST", "UNIFORM_HARMONIC", "Bound", "Check", "Source", "all_levels_ok", "argument", "because", "concluding",
    "domain", "float_rate", "for_constant", "for_rate", "harmonic_of_uniform", "is_ea", "is_rls", "j", "levels_up_to",
    "log_of_staying", "ones_are_best", "p", "rates_at", "supported", "telescopes", "tidy", "under", "with_rate",
]  # fmt: skip
