"""Fitness levels with viscosity, from below and from above.

D. Sudholt, *A new method for lower bounds on the running time of evolutionary algorithms*, IEEE Transactions on Evolutionary
Computation 17 (2013); the form here is self-contained, and its proof stands below.

Notation: level k has k - 1 levels above it that aren't optimal, the optimum is level 0; u_k bounds the probability of leaving
level k upwards in one step, from each of its points; chi bounds P(the step lands on level j | it lands on level j or above), from
each point below level j that can make such a step, for every j >= 1.

Theorem. If u_k and chi are an upper and a lower bound, then from level k, E[T] >= 1/u_k + chi (1/u_1 + ... + 1/u_{k-1}). If
they are a lower and an upper bound, and the fitness never falls, E[T] <= the same.
Proof. A run passes from below level j to level j or above, and at its first such step it lands on level j with probability at
least (at most) chi. Let N_j be the number of steps from level j and U_j that of those that lead upwards; E[U_j] <= u_j E[N_j]
(>=). A level that is visited is left upwards at least once, as T is finite, so E[N_j] >= P(level j is visited)/u_j >= chi/u_j. If
the fitness never falls, a level is left upwards once at most, and visited only if the first such step lands on it: E[N_j] <=
chi/u_j. For the level of the start P = 1. The sum of the N_j is T.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import sympy

from theory.bound import Bound, Source
from theory.derivation import Check, Derivation
from theory.drift.base import DriftTheorem, Precondition, _expression, _relations, total
from theory.drift.laws import Law, again, read_law
from theory.drift.prover import Region, show
from theory.errors import InputError, PreconditionError
from theory.facts import Computation, Declared
from theory.lemmas import applied, of
from theory.process import Process
from theory.symbols import k
from theory.text import formula
from theory.values import exact, number

SUDHOLT = Source(
    "fitness levels with viscosity (Sudholt 2013)",
    "@article{Sudholt2013,\n  author = {Sudholt, Dirk},\n"
    "  title = {A new method for lower bounds on the running time of evolutionary algorithms},\n"
    "  journal = {IEEE Transactions on Evolutionary Computation},\n  volume = {17},\n  number = {3},\n"
    "  pages = {418--435},\n  year = {2013},\n}",
)


class Viscosity(DriftTheorem):
    """From level k, E[T] >= 1/u_k + chi (1/u_1 + ... + 1/u_{k-1}) (``direction="lower"``), or <= (``"upper"``).

    In full: level k is left upwards in a step with probability at most u_k from each of its points, and a step that reaches level
    j or above from below lands on level j with probability at least chi, for every j >= 1. Upper: at least u_k, at most chi, and
    the fitness never falls. Source: Sudholt (2013), in a form that is proved at the head of this file.

    Notes
    -----
    Bounds P(k -> j) <= u_k gamma_kj with gamma_kj >= chi (gamma_k0 + ... + gamma_kj) alone are not enough from below: with
    gamma_21 = gamma_20 = 1/2 and u_2 = 1, a chain that goes from 2 to 0 with probability 1/2 and else stays fulfils them with
    chi = 1/2, and E[T] = 2 whatever u_1 is. So chi bounds the law of where a step lands, not a product of bounds.

    Examples
    --------
    On LeadingOnes a step that leaves a level lands on each of the next ones with probability 1/2, given that it gets so far, as
    the bits behind the first zero are uniform: chi = 1/2, exact from both sides.

    >>> from theory import c, n
    >>> p = c / n
    >>> bound = Viscosity.apply(p * (1 - p) ** (n - k), start=n, chi="1/2", where=(c < n,))
    >>> round(bound.evaluate(n=10, c=1), 4)
    89.0587
    """

    name = "fitness levels with viscosity"
    statement = "E[T] >= 1/u_k + chi (1/u_1 + ... + 1/u_{k-1}) from level k, as level j is visited with probability chi at least"
    source = SUDHOLT
    preconditions = (
        Precondition("level k is left upwards with probability <= u_k (upper: >=)", "necessary",
                     "a step to the optimum from everywhere has T = 1; a level that is never left has E[T] infinite"),
        Precondition("a step that reaches level j or above lands on j with probability >= chi (upper: <=)", "necessary",
                     "a run may jump over every level: E[T] = 1"),
        Precondition("the fitness never falls (upper)", "necessary", "a level may be left upwards arbitrarily often otherwise"),
        Precondition("u_k > 0 and 0 <= chi <= 1", "technical", "the sum must have a value; chi bounds a probability"),
    )  # fmt: skip

    @classmethod
    def apply(
        cls, drift: Any, start: Any = None, *, chi: Any = None, direction: str = "lower", where: tuple = (), **values: Any
    ) -> Bound:  # fmt: skip
        """Bound E[T].

        Parameters
        ----------
        drift : expression in k, Process, or list of rows {next level: probability}
            u_k; of a process, whose levels are its fitness values, or of a chain on the levels, u_k and chi are read exactly,
            over all points.
        start : level, or its law {level: probability}; of a process "uniform" or a number of zero-bits
            Default: "uniform" of a process, the lowest level of a chain.
        chi : number or expression in n and c
            Beside an expression.
        direction : {"lower", "upper"}
        where, **values
            Assumed of n and c; values of a process.

        Returns
        -------
        Bound

        Raises
        ------
        PreconditionError
        """
        if direction not in ("lower", "upper"):
            raise InputError(f"direction: {direction!r} must be 'lower' or 'upper'")
        if isinstance(drift, (Process, list)):
            if chi is not None or where != ():
                raise InputError("chi: is read off a process or a chain; leave out chi and where")
            return _exactly(cls, drift, start, direction, values)
        if values:
            raise InputError(f"{next(iter(values))}: values belong to a process; write the expression with them")
        if start is None or chi is None:
            raise InputError("start: give the level of the start, and chi=")
        return _of_expressions(cls, drift, start, chi, direction, where)


def _of_expressions(cls: type[Viscosity], drift: Any, start: Any, chi: Any, direction: str, where: Any) -> Bound:
    u, viscosity = _expression(drift, "drift"), _expression(chi, "chi")
    levels = start if isinstance(start, Mapping) else {start: 1}
    law = {_expression(x, "start"): _expression(p, "start") for x, p in levels.items()}
    if not law or sympy.Add(*law.values()) != 1 or any(not p.is_nonnegative for p in law.values()):
        raise InputError("start: the probabilities of the levels must add up to 1")
    if any(x.is_integer is False or x.is_negative for x in law):
        raise InputError("start: a level is an integer of at least 0")
    last = sympy.Max(*law)
    conditions = _relations(where)
    region, nothing = (
        Region(k, sympy.Integer(1), last, True, conditions, {}),
        Region(None, sympy.S.Zero, None, False, conditions, {}),
    )
    zero, above = sympy.Integer(0), ("<=", ">=") if direction == "lower" else (">=", "<=")
    said = (
        f"level k is left upwards with probability {above[0]} {formula(u)}",
        f"a step that reaches level j or above lands on j with probability {above[1]} {formula(viscosity)}",
    )
    checks = [
        show(cls.name, "u_k > 0", "technical", u, zero, region, strict=True, name="u"),
        show(cls.name, "chi >= 0", "technical", viscosity, zero, nothing, name="chi"),
        show(cls.name, "chi <= 1", "technical", sympy.Integer(1), viscosity, nothing, name="1"),
        *(Check(text, "as declared", "necessary", Declared(text)) for text in said),
    ]
    if direction == "upper":
        checks.append(Check("the fitness never falls", "as declared", "necessary", Declared("the fitness never falls")))

    def bound_from(level: sympy.Expr) -> sympy.Expr:
        return 1 / u.subs(k, level) + viscosity * total(lambda j: 1 / u.subs(k, j), level - 1)

    expr = sympy.Add(*(p * bound_from(x) for x, p in law.items() if x != 0))
    limits = tuple(w for w in conditions if w not in (True, sympy.true))
    end = None
    if len(law) == 1 and last != 0:
        lemma = "viscosity, from " + ("below" if direction == "lower" else "above")
        end = applied(lemma, limits, start=last, u=of(k, u), chi=viscosity)
    derivation = Derivation(
        f"{cls.name} (Sudholt 2013)", cls.statement, "the number of levels still to go", " and ".join(said),
        f"1 <= k <= {formula(last)}", checks=tuple(checks), conclusion=end,
    )  # fmt: skip
    speaks = ", ".join(f"level {formula(x)}" + (f" with probability {p}" if len(law) > 1 else "") for x, p in law.items())
    return Bound("E[T]", direction, expr, limits, "derived", f"start at {speaks}", source=cls.source, derivation=derivation)


def _exactly(cls: type[Viscosity], drift: Any, start: Any, direction: str, values: dict[str, Any]) -> Bound:
    if isinstance(drift, Process):
        checked = tuple((name, Fraction(exact(x))) for name, x in drift.values(**values).items())
        law = Law((), drift, checked)
        begin = "uniform" if start is None else start
        speaks: Any = begin
    else:
        law = read_law(drift, values)
        top = len(law.rows) - 1
        begin = top if start is None else start
        if isinstance(begin, Mapping):
            begin = tuple((x, Fraction(exact(number(p, "start")))) for x, p in begin.items())
            if sum(p for _, p in begin) != 1 or any(p < 0 for _, p in begin):
                raise InputError("start: the probabilities of the levels must add up to 1")
        for level in [begin] if not isinstance(begin, tuple) else [x for x, _ in begin]:
            if isinstance(level, bool) or not isinstance(level, int) or not 0 <= level <= top:
                raise InputError(f"start: {level!r} must be a level from 0 to {top}")
        speaks = f"start at level {begin}" if isinstance(begin, int) else "start at a random level"
    lower = direction == "lower"
    found = value(law.source, law.values, begin, lower)
    arguments = (("source", law.source), ("values", law.values), ("start", begin), ("lower", lower))
    fact = Computation("theory.drift.viscosity:value", arguments, found, f"1/u_k + chi (1/u_1 + ... + 1/u_k-1) of {law.name}")
    checks = [Check("u_k and chi", "exactly at all points", "necessary", fact)]
    if not lower:
        checks.append(Check("the fitness never falls", "exactly at all points", "necessary"))
    derivation = Derivation(
        f"{cls.name} (Sudholt 2013)", cls.statement, "the number of levels still to go", "u_k and chi are read off",
        "every level", (f"Read from {law.name}.",), tuple(checks),
        conclusion=applied("steps from each level, from " + ("below" if lower else "above"), law.conditions,
                           total=sympy.Rational(found)),
    )  # fmt: skip
    expr = sympy.Rational(found.numerator, found.denominator)
    return Bound("E[T]", direction, expr, law.conditions, "derived", speaks, source=cls.source, derivation=derivation)


def value(source: Any, values: Any, start: Any, lower: bool) -> Fraction:
    """The bound of a process or a chain on levels, in fractions: u_k and chi are the best that hold at all points.

    >>> from theory import RLS, OneMax
    >>> value(RLS().on(OneMax()), {"n": 2}, "uniform", True)      # it visits every level on its way: exact
    Fraction(7, 4)
    """
    levels, rows, weights = _levels(source, dict(values), start)
    depth = max(levels)
    worst = max if lower else min
    leave: list[Fraction | None] = [None] * (depth + 1)
    chi: Fraction | None = None
    for i, row in enumerate(rows):
        here, onto = levels[i], [Fraction(0)] * (depth + 1)
        for to, chance in row.items():
            onto[levels[to]] += chance
        if here and not lower and any(onto[here + 1 :]):
            raise PreconditionError(Viscosity.name, "the fitness never falls", f"from level {here} to level {_last(onto)}")
        up = sum(onto[:here], Fraction(0))
        if here:
            known = leave[here]
            leave[here] = up if known is None else worst(known, up)
        reach = Fraction(0)
        for j in range(here):
            reach += onto[j]
            if j and reach:
                share = onto[j] / reach
                chi = share if chi is None else (min if lower else max)(chi, share)
    below, total_time = Fraction(0), Fraction(0)
    for level in range(1, depth + 1):
        u = leave[level]
        if u is not None and not u and any(weights[level:]):
            raise PreconditionError(Viscosity.name, "u_k > 0", f"level {level} is never left upwards")
        if u:
            total_time += weights[level] * (1 / u + (0 if chi is None else chi) * below)
            below += 1 / u
    return total_time


def _last(onto: list[Fraction]) -> int:
    return max(j for j, chance in enumerate(onto) if chance)


def _levels(source: Any, values: dict[str, Any], start: Any) -> tuple[list[int], list[dict], list[Fraction]]:
    """(level of each state, rows without their diagonal, law of the start's level)."""
    if not isinstance(source, Process):
        rows = again(source, values).rows
        weights = [Fraction(0)] * len(rows)
        for level, chance in start if isinstance(start, tuple) else ((start, Fraction(1)),):
            weights[level] += chance
        return list(range(len(rows))), [{to: p for to, p in row.items() if to != i} for i, row in enumerate(rows)], weights
    from theory.drift.tables import _chain
    from theory.exact.starts import rational_weights_by_points, rational_weights_by_zeros
    from theory.starts import read_start

    if source.problem.random_acceptance or not source.algorithm.elitist:
        raise InputError(f"drift: {source} has no fitness levels that are kept; give the rows of a chain on levels")
    states, rows, zeros, checked = _chain(source, values, None)
    size = int(checked["n"])
    ranks = sorted({int(r) for r, end in zip(states.rank, states.end) if not end}, reverse=True)
    number_of = {rank: i for i, rank in enumerate(ranks, start=1)}
    levels = [0 if end else number_of[int(r)] for r, end in zip(states.rank, states.end)]
    where = read_start(start, source.problem, size)
    if where.kind == "worst":
        raise InputError("start: give 'uniform' or a number of zero-bits")
    by_zeros = int(zeros[0]) == 0  # the first of the points is 0^n
    chances = (rational_weights_by_zeros if by_zeros else rational_weights_by_points)(where, size)
    weights = [Fraction(0)] * (len(ranks) + 1)
    for level, chance in zip(levels, chances):
        weights[level] += chance
    return levels, rows, weights


__all__ = ["SUDHOLT", "Viscosity", "value"]
