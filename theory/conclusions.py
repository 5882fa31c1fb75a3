"""The statement of a bound as a premise of its own derivation: replayed on whole chains at small n.

The other premises of a derivation say why a formula holds for every n. This one ties them to the formula itself: with another
constant or exponent in it, replaying refutes it, wherever the formula is wrong at the sizes that are looked at.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import sympy
from sympy import Expr

from theory.bound import Bound
from theory.derivation import Check
from theory.errors import InputError
from theory.facts import RuntimeFact
from theory.problems import Custom
from theory.process import Process
from theory.symbols import k, n, t

SIZES = (1, 2, 3)
MORE_SIZES = (1, 2, 3, 4, 5)
"""Where the state is the number of zero-bits."""
_SENSES = {"upper": "<=", "lower": ">=", "exact": "=="}


def conclusion(process: Process, bound: Bound) -> RuntimeFact | None:
    """What a bound on E[T] says, as a fact; None where whole chains at small n can't decide it.

    Parameters
    ----------
    process : Process
        That the bound is of; a compiled function of the user's isn't looked at.
    bound : Bound

    Examples
    --------
    >>> from theory import RLS, OneMax
    >>> process = RLS().on(OneMax())
    >>> bound = process.bounds()[0]
    >>> print(conclusion(process, bound).replay())
    holds (exact: at 15 starts with n = 1, ..., 5)
    >>> print(conclusion(process, bound.with_(expr=bound.expr + 1)).replay())
    FAILS (exact: at n = 1, k = 1: E[T] = 1 against 2)
    """
    start = _start(bound)
    if bound.quantity != "E[T]" or bound.direction not in _SENSES or start is None or bound.unit != "evaluations":
        return None
    rate, where = process.rate, bound.conditions
    rational = rate is None or (t not in rate.free_symbols and rate.is_rational_function(*rate.free_symbols))
    sizes = tuple(size for size in (MORE_SIZES if process.problem.symmetric else SIZES) if _exists(process, bound, size))
    if isinstance(process.problem, Custom) or not rational or not sizes or not bound.needed <= {"n", "c", "k"}:
        return None
    expr = bound.expr
    if any(limit[-1] is sympy.oo for total in expr.atoms(sympy.Sum) for limit in total.limits):
        return None
    if bound.minimise_over is not None:  # the bound holds for each value of its parameter
        parameter, low, high = bound.minimise_over
        put = {parameter: low + 1 if high is sympy.oo else (low + high) / 2}
        expr, where = expr.subs(put), tuple(w.subs(put) for w in where)
    return RuntimeFact(process, expr, _SENSES[bound.direction], start, sizes, where=where)


def concluded(process: Process, bound: Bound) -> Bound:
    """A derived bound with its own statement among the premises, where it isn't yet and can be decided at small n."""
    derivation = bound.derivation
    if bound.status != "derived" or derivation is None:
        return bound
    fact = conclusion(process, bound)
    known = (check.fact for check in derivation.checks)
    if fact is None or any(isinstance(x, RuntimeFact) and x.expr == fact.expr and x.sense == fact.sense for x in known):
        return bound
    check = Check("the conclusion at small n", "on whole chains, in fractions", "conclusion", fact)
    return bound.with_(derivation=replace(derivation, checks=(*derivation.checks, check)))


def _start(bound: Bound) -> str | None:
    if isinstance(bound.start, Expr):
        return "k" if bound.start == k else None
    if bound.start == "any":
        return "worst" if bound.direction == "upper" else None
    return bound.start if bound.start in ("uniform", "zeros") else None


def _exists(process: Process, bound: Bound, size: int) -> bool:
    """Whether the problem exists on so many bits and, where that is to be seen without c, the bound speaks of it."""
    try:
        process.problem.check(size)
    except InputError:
        return False
    return bound.condition_function is None or ("c" not in process.needed and bound.condition_function[1]({n: Fraction(size)}))
