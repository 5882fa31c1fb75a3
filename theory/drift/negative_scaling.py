"""Negative drift with scaling, with explicit numbers.

P. S. Oliveto, C. Witt, *Improved time complexity analysis of the simple genetic algorithm*, Theoretical Computer Science 605
(2015). The statement there has an asymptotic form and a condition that ties r, eps and l; the one here is derived from Hajek's
form (:mod:`theory.drift.negative_hajek`) and needs no such condition.

Notation: a < b, l = b - a, eps the drift away from a, r the scale of the steps, both of any size; T = min{t : X_t <= a}.

Theorem. If for a < x < b (1) E[X_{t+1} - X_t | X_t = x] >= eps > 0 and (2) P(|X_{t+1} - X_t| >= j r | X_t = x) <= e^-j for j =
1, 2, ..., and for x >= b (2') P(X_t - X_{t+1} >= j r | X_t = x) <= e^-j, and some x lies inside, then from X_0 >= b, P(T <= t)
<= (1 + e^(1/2)) t exp(-eps l/(4 r^2)) for every t, and E[T] >= exp(eps l/(4 r^2))/(2 (1 + e^(1/2))).
Proof. Let S = |X_{t+1} - X_t|/r and N its integer part, so P(N >= j) <= e^-j. With f(y) = e^(y/2) - 1 - y/2, increasing,
E[f(S)] <= E[f(N + 1)] <= f(1) + sum of (f(j + 1) - f(j)) e^-j = e^(1/2) - 1/2 - 1/(2 (e - 1)) < 1. For lambda r <= 1/2,
e^(-lambda d) <= 1 - lambda d + (2 lambda r)^2 f(|d|/r), term by term, so E[exp(-lambda (X_{t+1} - X_t))] <= 1 - lambda eps + 4
lambda^2 r^2, which is 1 for lambda = eps/(4 r^2); and lambda r <= 1/2, as eps <= r E[N + 1] <= r (1 + 1/(e - 1)) < 2 r. From x
>= b the steps down give D <= E[e^((N + 1)/2)] <= e^(1/2) + 1 in the same way. Hajek's form.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy

from theory.bound import Bound, Source
from theory.derivation import Check, Derivation
from theory.drift.base import DriftTheorem, Precondition, _expression, _rational
from theory.drift.laws import Law, again, read_law
from theory.drift.simplified_negative import (
    declared,
    drift_away,
    finish,
    least_width,
    read_interval,
    smallest_drift,
    tails,
)
from theory.errors import InputError, PreconditionError
from theory.facts import Computation
from theory.process import Process
from theory.text import formula
from theory.values import exact, number

SCALING = Source(
    "negative drift with scaling (Oliveto, Witt 2015)",
    "@article{OlivetoWitt2015,\n  author = {Oliveto, Pietro S. and Witt, Carsten},\n"
    "  title = {Improved time complexity analysis of the simple genetic algorithm},\n"
    "  journal = {Theoretical Computer Science},\n  volume = {605},\n  pages = {21--41},\n  year = {2015},\n}",
)
_D = 1 + sympy.exp(sympy.Rational(1, 2))


class NegativeDriftScaling(DriftTheorem):
    """From X_0 >= b, P(T <= t) <= (1 + e^(1/2)) t exp(-eps l/(4 r^2)), T = min{t : X_t <= a}, steps of scale r.

    In full: l = b - a. If for a < x < b (1) E[X_{t+1} - X_t | X_t = x] >= eps > 0 and (2) P(|X_{t+1} - X_t| >= j r | X_t = x) <=
    e^-j for j >= 1, and (2') for x >= b P(X_t - X_{t+1} >= j r | X_t = x) <= e^-j, it holds for every t. Source: Oliveto, Witt
    (2015), with numbers that are derived at the head of this file.

    Examples
    --------
    >>> from theory import n
    >>> print(NegativeDriftScaling.apply(1 / n, length=n**2, r=2).expr)
    t*(1 + exp(1/2))*exp(-n/16)
    """

    name = "negative drift with scaling"
    statement = "P(T <= t) <= (1 + e^(1/2)) t exp(-eps l/(4 r^2)) and E[T] >= exp(eps l/(4 r^2))/(2 (1 + e^(1/2)))"
    source = SCALING
    preconditions = (
        Precondition("drift away from a >= eps > 0 for a < x < b", "necessary",
                     "a walk that falls for sure reaches a in l steps"),
        Precondition("P(|X_{t+1} - X_t| >= j r) <= e^-j for a < x < b", "necessary",
                     "mostly one step down, seldom far up: the drift is up, and a is reached in l steps"),
        Precondition("P(X_t - X_{t+1} >= j r) <= e^-j for x >= b", "necessary",
                     "a jump from b to a with probability 1/2 has E[T] = 2"),
        Precondition("r > 0, and some x lies inside", "technical", "the bound divides by r; eps < 2 r comes from inside"),
    )  # fmt: skip

    @classmethod
    def apply(
        cls, drift: Any, start: Any = None, *, a: int = 0, b: Any = None, length: Any = None, r: Any = None,
        expected: bool = False, where: tuple = (), **values: Any,
    ) -> Bound:  # fmt: skip
        """Bound P(T <= t) from above, or E[T] from below (``expected``).

        Parameters
        ----------
        drift, start, a, b, length, expected, where, **values
            As in :meth:`SimplifiedNegativeDrift.apply`; an expression is eps, and may depend on n like r and the length.
        r : number or expression
            Of a chain by default the smallest.

        Returns
        -------
        Bound

        Raises
        ------
        PreconditionError
        """
        if start is not None:
            raise InputError("start: the bound holds for every X_0 >= b; give b")
        if isinstance(drift, (Process, list)):
            if length is not None or where != ():
                raise InputError("length: belongs to a declared drift; of a chain give a and b")
            return _of_chain(cls, read_law(drift, values), a, b, r, expected)
        if values:
            raise InputError(f"{next(iter(values))}: values belong to a process; write the expression with them")
        if length is None or r is None:
            raise InputError("length: give length and r beside a drift that is declared")
        scale = _expression(r, "r")
        said = (
            "drift away from a >= eps for a < x < b, and some x lies inside",
            f"P(|X_t+1 - X_t| >= j ({formula(scale)}) | X_t = x) <= e^-j for a < x < b",
            f"P(X_t - X_t+1 >= j ({formula(scale)}) | X_t = x) <= e^-j for x >= b",
        )
        return declared(cls, drift, length, {"r": scale}, said, 1 / (4 * scale**2), _D, expected, where)


def _of_chain(cls: type[NegativeDriftScaling], law: Law, a: Any, b: Any, r: Any, expected: bool) -> Bound:
    given = None if r is None else Fraction(exact(number(r, "r")))
    if given is not None and given <= 0:
        raise PreconditionError(cls.name, "r > 0", f"r = {r}")
    best: tuple[Fraction, int, Fraction, Fraction] | None = None
    refused: PreconditionError | None = None
    for end in read_interval(law, a, b):
        try:
            eps = smallest_drift(cls, law, a, end)
        except PreconditionError as error:
            refused = refused or error
            break
        least, x = least_width(law.rows, a, end, _scale)
        scale = given or least * (1 + Fraction(1, 10**9))
        failing = _failing(law, a, end, scale)
        if failing is not None:
            x, j = failing
            where = "P(X_t - X_t+1 >= j r) <= e^-j for x >= b" if x >= end else "P(|X_t+1 - X_t| >= j r) <= e^-j for a < x < b"
            refused = PreconditionError(cls.name, where, f"X_t = {x}, j = {j}")
            continue
        exponent = eps * (end - a) / (4 * scale**2)
        if best is None or exponent > best[0]:
            best = (exponent, end, eps, scale)
    if best is None:
        assert refused is not None
        raise refused
    exponent, end, eps, scale = best
    arguments = (("source", law.source), ("values", law.values), ("a", a), ("b", end), ("eps", eps), ("r", scale))
    about = f"(1) with eps = {eps}, (2) and (2') with r = {float(scale):.6g} on ({a}, {end})"
    fact = Computation("theory.drift.negative_scaling:conditions_hold", arguments, True, about)
    derivation = Derivation(
        f"{cls.name} (Oliveto, Witt 2015)", cls.statement, "X_t, the state of the chain",
        f"E[X_t+1 - X_t | X_t] >= {eps}", f"{a} < X_t < {end}", (f"Read from {law.name}.",),
        (Check("(1), (2) and (2')", "exactly at all states", "necessary", fact), Check("r > 0", "exactly", "technical")),
    )  # fmt: skip
    numbers = {"eps": _rational(eps), "r": _rational(scale), "length": sympy.Integer(end - a)}
    return finish(cls, _D, sympy.exp(-_rational(exponent)), law.conditions, f"X_0 >= {end}", expected, derivation, numbers)


def _scale(j: int, chance: Fraction) -> Fraction:
    """r must be above this for a step of length j: m r <= j only for m with chance <= e^-m."""
    return Fraction(j, _largest_power(chance) + 1)


def _largest_power(chance: Fraction) -> int:
    """The largest m with chance <= e^-m, certainly."""
    from flint import arb, fmpq

    m = 0
    while arb(-(m + 1)).exp() >= arb(fmpq(chance.numerator, chance.denominator)):
        m += 1
    return m


def _failing(law: Law, a: int, b: int, r: Fraction) -> tuple[int, int] | None:
    """A state and a j at which (2) or (2') isn't certain."""
    for x in range(a + 1, len(law.rows)):
        for size, chance in tails(law.rows[x], x, x >= b):
            j = size // r
            if j > _largest_power(chance):
                return x, int(j)
    return None


def conditions_hold(source: Any, values: Any, a: int, b: int, eps: Fraction, r: Fraction) -> bool:
    """Whether (1), (2) and (2') hold at every state; e^-j in balls."""
    law = again(source, values)
    away = all(drift_away(law.rows[x], x) >= eps > 0 for x in range(a + 1, b))
    return b - a >= 2 and r > 0 and away and _failing(law, a, b, r) is None


__all__ = ["SCALING", "NegativeDriftScaling", "conditions_hold"]
