"""Fitness levels, upper bound.

I. Wegener, *Theoretical aspects of evolutionary algorithms*, ICALP 2001.

Notation: level j has j levels above it (the optimum is level 0); s_j, the ``drift`` argument in the symbol k = j, is a lower
bound on the probability of leaving level j upwards from each of its points.
"""

from __future__ import annotations

from typing import Any

import sympy

from theory.bound import Bound
from theory.chain import Chain
from theory.derivation import Check
from theory.drift.base import DriftTheorem, Precondition, _rational, read, total
from theory.drift.sources import WEGENER
from theory.errors import InputError
from theory.lemmas import applied, of
from theory.process import Process
from theory.text import formula


class FitnessLevels(DriftTheorem):
    """If an elitist algorithm leaves level j upwards with probability at least s_j > 0, then E[T] <= 1/s_1 + ... + 1/s_start.

    Levels are counted from the optimum; the start is at level ``start`` at the worst. Nothing is asked of the s_j but s_j > 0.

    Examples
    --------
    >>> from theory import c, k, n, OnePlusOneEA, OneMax
    >>> print(FitnessLevels.apply(k / n, start=n))
    E[T] <= n*harmonic(n)   upper, any start   fitness levels (Wegener 2001)
    >>> bound = FitnessLevels.apply(OnePlusOneEA(c / n).on(OneMax()), n=3, c=1)
    >>> print(bound.expr, round(bound.evaluate(n=3, c=1), 3))
    8883/836 10.626
    """

    name = "fitness levels"
    statement = "E[T] <= sum of 1/s_j over the levels, each of which is left upwards at most once"
    source = WEGENER
    preconditions = (
        Precondition("s_j > 0", "necessary", "a level that is never left has E[T] infinite"),
        Precondition("the fitness never falls", "necessary", "a level may be left upwards arbitrarily often otherwise"),
    )

    @classmethod
    def apply(cls, drift: Any, start: Any = None, *, largest: Any = None, where: tuple = (), **values: Any) -> Bound:
        """Bound E[T] from above.

        Parameters
        ----------
        drift : expression in k, list of numbers, or Process
            s_k, the probability of leaving the k-th level below the optimum; a list gives s_1, s_2, ...; of a Process the
            levels are its fitness values, read exactly at the given n and c.
        start : expression, optional
            The lowest level at which a run can start; default: the lowest there is.
        where, **values
            As in :meth:`AdditiveDriftUpper.apply`.

        Returns
        -------
        Bound

        Raises
        ------
        PreconditionError
        """
        if isinstance(drift, (list, tuple)):
            return _from_list(cls, list(drift))
        if isinstance(drift, Chain):
            raise InputError("drift: a chain declares its drift, not the probabilities s_k; give those as an expression in k")
        motion = read(cls.name, drift, start, largest=largest, where=where, levels=True, values=values)
        if motion.start is None and not motion.table:
            raise InputError("start: no value given; give the number of levels below the optimum")
        checks = [motion.at_least("s_k > 0", "necessary", sympy.Integer(0), strict=True)]
        how = "the algorithm is elitist" if isinstance(drift, Process) else "as declared"
        checks.append(Check("the fitness never falls", how, "necessary"))
        last = None
        if motion.table:
            rows = {x: s for x, s, _ in motion.table}
            lowest = motion.begin()
            expr = sympy.Add(*(1 / _rational(s) for x, s in rows.items() if x <= lowest))
            used = "s_k = the smallest probability among the points of the k-th level"
        else:
            s = motion.put(motion.drift)
            expr = total(lambda j: 1 / s.subs(motion.variable, j), motion.begin())
            last = applied("fitness levels", motion.conditions, start=motion.begin(), s=of(motion.variable, s))
            used = f"level {motion.variable} is left with probability at least {formula(s)}"
        derivation = cls._derivation(motion, used, checks, conclusion=last)
        return Bound(
            "E[T]", "upper", expr, motion.conditions, "derived", motion.speaks_of, source=cls.source, derivation=derivation
        )


def _from_list(cls: type[FitnessLevels], chances: list) -> Bound:
    from theory.drift.base import _expression
    from theory.errors import PreconditionError

    exprs = [_expression(s, "drift") for s in chances]
    for i, s in enumerate(exprs, start=1):
        if not (s.is_number and 0 < s <= 1):
            raise PreconditionError(cls.name, "0 < s_k <= 1", f"k = {i}: s = {s}")
    from theory.derivation import Derivation

    checks = (Check("0 < s_k <= 1", "exactly", "necessary"), Check("the fitness never falls", "as declared", "necessary"))
    derivation = Derivation(f"{cls.name} (Wegener 2001)", cls.statement, "the number of levels still to go", checks=checks)
    return Bound("E[T]", "upper", sympy.Add(*(1 / s for s in exprs)), source=cls.source, derivation=derivation)
