"""Initial segment uncertainty: the first n bits matter, nobody knows n.

S. Cathabard, P. K. Lehre, X. Yao, *Non-uniform mutation rates for problems with unknown solution lengths*, FOGA 2011; B. Doerr,
C. Doerr, T. Kötzing, *Solving problems with unknown solution length at almost no extra cost*, Algorithmica 81 (2019).

Notation: the function is the ``base`` on the first n bits of a string of any length, and the algorithm flips bit i with
probability p_i (``i`` in the rate, 1 for the first bit), independently of the others. The bits behind the n-th have no influence,
so a point is n bits here. As n is not known, p_i may depend on i and on a constant c alone.

The series in which runtimes are decided are in :mod:`theory.summability`; :func:`rate_for` gives the rates of a runtime that is
possible, :func:`iterated_log_rate` those of Doerr, Doerr and Kötzing.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import sympy
from sympy import Expr

from theory.errors import InputError
from theory.parse import expression
from theory.problems.base import Problem, positive_integer
from theory.problems.leadingones import LeadingOnes
from theory.problems.onemax import OneMax
from theory.symbols import c, i, n

BASES: tuple[type[Problem], ...] = (OneMax, LeadingOnes)


class InitialSegment(Problem):
    """A function of the first n bits of a string, n unknown to the algorithm.

    Parameters
    ----------
    base : Problem or text
        OneMax (the default) or LeadingOnes.

    Raises
    ------
    InputError

    Examples
    --------
    >>> from theory import OnePlusOneEA
    >>> process = OnePlusOneEA("1/(i+1)").on(InitialSegment("leading-ones"))
    >>> process
    OnePlusOneEA(rate=1/(i + 1)) on InitialSegment(LeadingOnes())
    >>> from theory.exact import expected_runtime
    >>> expected_runtime(process, n=8, rational=True)
    Fraction(120, 1)
    """

    positional = True

    def __init__(self, base: object = "onemax") -> None:
        if isinstance(base, str):
            from theory.registry import problem

            base = problem(base)
        if not isinstance(base, BASES):
            raise InputError(f"base: {base!r} must be OneMax() or LeadingOnes()")
        self.base: Problem = base
        self.strictly_monotone, self.hooks = base.strictly_monotone, base.hooks

    @property
    def key(self) -> str:
        return f"InitialSegment({self.base.key})"

    @property
    def core(self) -> Problem:
        return self.base

    def check_algorithm(self, algorithm: Any) -> None:
        if algorithm.rate is None:
            raise InputError(
                f"algorithm: {algorithm} flips positions of the whole string, of unknown length; on InitialSegment use the "
                "(1+1) EA with a rate for each position, e.g. 1/(i+1)"
            )
        others = sorted({str(symbol) for symbol in algorithm.rate.free_symbols} - {"i", "c"})
        if others:
            why = "n is not known to the algorithm" if others == ["n"] else f"not on {', '.join(others)}"
            raise InputError(f"rate: {algorithm.rate} may depend on the position i and on c alone on InitialSegment; {why}")

    def value_range(self, n):
        return self.base.value_range(n)

    def value(self, x):
        """Exact fitness of the first n bits x."""
        return self.base.value(x)


def iterated_log_rate(depth: int, excess: object, factor: object = "1/2") -> Expr:
    """p_i = factor/(i log i loglog i ... (log^(s) i)^(1+eps)), logarithms to base 2 and at least 1 (Doerr, Doerr, Kötzing 2019).

    Parameters
    ----------
    depth : int
        s, at least 1.
    excess : number, text or sympy number
        eps > 0: the series converges.
    factor : number, text or sympy number
        The largest rate, that of the first four bits but for their position; below 1.

    Returns
    -------
    sympy.Expr
        In the position i.

    Raises
    ------
    InputError

    Examples
    --------
    >>> iterated_log_rate(1, "1/2")
    log(2)**(3/2)/(2*i*log(Max(2, i))**(3/2))
    >>> [round(float(iterated_log_rate(2, 1).subs(i, x)), 6) for x in (1, 2, 16, 256)]
    [0.5, 0.25, 0.001953, 2.7e-05]
    """
    depth, eps, scale = positive_integer(depth, "depth"), _number(excess, "excess"), _number(factor, "factor")
    if not eps.is_positive:
        raise InputError(f"excess: {excess!r} must be positive; otherwise the rates of all bits add up to infinity")
    if not (scale.is_positive and (1 - scale).is_positive):
        raise InputError(f"factor: {factor!r} must lie between 0 and 1")
    product: Expr = i
    level: Expr = i
    for j in range(1, depth + 1):
        level = sympy.log(sympy.Max(2, level)) / sympy.log(2)
        product *= level ** (1 + eps if j == depth else 1)
    return scale / product


def rate_for(base: object, runtime: object, factor: object = "1/2") -> Expr:
    """Rates with which E[T] = O(f(n)) for every n, where that is possible: factor * g(i)/f(i), g(i) = i or ln i.

    Parameters
    ----------
    base : Problem or text
        OneMax (g is ln) or LeadingOnes (g is the identity).
    runtime : expression or text
        f, in n, of the family that :func:`theory.growth.growth` reads.
    factor : number, text or sympy number
        So small that the rates are below 1.

    Returns
    -------
    sympy.Expr
        In the position i, shifted so that all logarithms are at least 1.

    Raises
    ------
    InputError
        If the sum of g(n)/f(n) diverges: then no static rates reach f.

    Examples
    --------
    >>> rate_for("leading-ones", "n**2*log(n)**2")
    1/(2*(i + 2)*log(i + 2)**2)
    >>> rate_for("leading-ones", "n**2*log(n)")
    Traceback (most recent call last):
    ...
    theory.errors.InputError: runtime: the sum of n/(n**2*log(n)) diverges, so that no static rates reach it for every n
    """
    from theory.growth import growth
    from theory.summability import converges

    gain = n if isinstance(InitialSegment(base).base, LeadingOnes) else sympy.log(n)
    f = growth(runtime, name="runtime").expr()
    if not converges(gain / f):
        raise InputError(f"runtime: the sum of {gain}/({f}) diverges, so that no static rates reach it for every n")
    scale = _number(factor, "factor")
    if not scale.is_positive:
        raise InputError(f"factor: {factor!r} must be positive")
    deepest = max(len(growth(part).powers) for part in (runtime, gain)) - 1
    first = math.ceil(functools.reduce(lambda x, _: math.exp(x), range(deepest), 1.0)) if deepest < 4 else None
    if first is None:
        raise InputError(f"runtime: {f} has logarithms that exceed 1 only for n beyond every string; take fewer")
    return scale * (gain / f).subs(n, i + first - 1)


def _number(value: object, argument: str) -> Expr:
    return expression(value, argument, {"c": c})
