"""Multiplicative drift, lower bound.

C. Witt, *Tight bounds on the optimization time of a randomized search heuristic on linear functions*, Combinatorics, Probability
and Computing 22 (2013).

Notation: X_t in {0} or [1, oo), non-increasing; 0 < beta < 1; T = min{t : X_t <= s_aim}, s_aim >= 1.

Theorem. If for every s > s_aim (i) E[X_t - X_{t+1} | X_t = s] <= delta s and (ii) P(X_t - X_{t+1} >= beta s | X_t = s) <=
beta delta/ln s, then E[T | X_0 = s_0] >= (ln s_0 - ln s_aim)/delta * (1 - beta)/(1 + beta).
Proof. With Y = ln X (and Y = 0 at X = 0), a step that loses less than beta s changes Y by at most its loss over
(1 - beta) s, in sum delta/(1 - beta) by (i); a larger one by at most ln s, in sum beta delta by (ii). So the drift of Y is at
most delta (1/(1 - beta) + beta) <= delta (1 + beta)/(1 - beta). X is bounded, so additive drift bounds the time until Y <=
ln s_aim from below.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy

from theory.bound import Bound
from theory.derivation import Check, Derivation
from theory.drift.base import DriftTheorem, Precondition
from theory.drift.laws import again, read_law
from theory.drift.sources import WITT
from theory.errors import InputError, PreconditionError
from theory.facts import Computation
from theory.lemmas import applied
from theory.values import exact, number

_GRID = tuple(Fraction(i, 40) for i in range(1, 40))


class MultiplicativeDriftLower(DriftTheorem):
    """E[T | X_0 = s_0] >= (ln s_0 - ln s_aim)/delta * (1 - beta)/(1 + beta), if X never rises and seldom loses beta s at once.

    In full: let X_t be 0 or at least 1, X_{t+1} <= X_t, 0 < beta < 1 and s_aim >= 1. If for every s > s_aim (i) E[X_t -
    X_{t+1} | X_t = s] <= delta s, and (ii) P(X_t - X_{t+1} >= beta s | X_t = s) <= beta delta/ln s, then the bound holds for
    T = min{t : X_t <= s_aim}. Source: Witt (2013).

    Examples
    --------
    >>> from theory import RLS, OneMax
    >>> bound = MultiplicativeDriftLower.apply(RLS().on(OneMax()), n=50)
    >>> round(bound.evaluate(n=50), 1)
    80.8
    """

    name = "multiplicative drift, lower bound"
    statement = "E[T] >= (ln s_0 - ln s_aim)/delta (1 - beta)/(1 + beta)"
    source = WITT
    preconditions = (
        Precondition("X_{t+1} <= X_t", "technical", "the proof bounds ln X from above by its losses"),
        Precondition("drift <= delta s wherever X_t = s > s_aim", "necessary", "one step from s_0 to 0 has E[T] = 1"),
        Precondition("P(X_t - X_{t+1} >= beta s) <= beta delta/ln s", "necessary",
                     "X_{t+1} = 0 with probability delta and else X_t: drift delta s, E[T] = 1/delta for every s_0"),
        Precondition("0 < beta < 1", "technical", "the factor (1 - beta)/(1 + beta) must be positive"),
    )  # fmt: skip

    @classmethod
    def apply(
        cls, drift: Any, start: Any = None, *, beta: Any = None, aim: Any = None, delta: Any = None, **values: Any
    ) -> Bound:
        """Bound E[T] from below.

        Parameters
        ----------
        drift : Process, or list of rows {next state: probability}
            A chain that never rises; a process is read exactly at the given n and c.
        start : int, optional
            s_0; default: the largest state.
        beta : number, optional
            Default: the best of 1/40, ..., 39/40.
        aim : int, optional
            s_aim >= 1; default: the best.
        delta : number, optional
            Default: the largest drift over s above s_aim, or more if (ii) needs it.
        **values
            n and c of a process.

        Returns
        -------
        Bound

        Raises
        ------
        PreconditionError
        """
        law = read_law(drift, values)
        top = len(law.rows) - 1
        begin = top if start is None else start
        if isinstance(begin, bool) or not isinstance(begin, int) or not 1 <= begin <= top:
            raise InputError(f"start: {start!r} must be an integer from 1 to {top}")
        for state, row in enumerate(law.rows):
            if any(to > state for to in row):
                raise PreconditionError(cls.name, "X_t+1 <= X_t", f"X_t = {state} may rise to {max(row)}")
        fixed = None if beta is None else Fraction(exact(number(beta, "beta")))
        if fixed is not None and not 0 < fixed < 1:
            raise PreconditionError(cls.name, "0 < beta < 1", f"beta = {fixed}")
        if aim is not None and (isinstance(aim, bool) or not isinstance(aim, int) or not 1 <= aim <= begin):
            raise InputError(f"aim: {aim!r} must be an integer from 1 to start = {begin}")
        given = None if delta is None else Fraction(exact(number(delta, "delta")))
        best: tuple[float, Fraction, int, Fraction] | None = None
        for b in _GRID if fixed is None else (fixed,):
            needed = _needed(law.rows, b, begin)  # by state: the smallest delta that (i) and (ii) ask for there
            for s in range(1, begin) if aim is None else (aim,):
                least = max(needed[s + 1 : begin + 1], default=Fraction(0))
                if given is not None and given < least:
                    continue
                rate = given or least
                if rate > 0:
                    value = (sympy.log(begin) - sympy.log(s)).evalf(20) / float(rate) * float((1 - b) / (1 + b))
                    if best is None or value > best[0]:
                        best = (float(value), b, s, rate)
        if best is None:
            state = max(range(1, begin + 1), key=lambda x: float(_needed(law.rows, fixed or Fraction(1, 2), begin)[x]))
            raise PreconditionError(
                cls.name, "drift <= delta s and P(X_t - X_t+1 >= beta s) <= beta delta/ln s", f"X_t = {state}"
            )
        _, b, s, rate = best
        arguments = (("source", law.source), ("values", law.values), ("beta", b), ("aim", s), ("delta", rate), ("start", begin))
        about = f"(i) and (ii) hold for {s} < s <= {begin} with delta = {float(rate):.6g}, beta = {b}"
        fact = Computation("theory.drift.multiplicative_lower:conditions_hold", arguments, True, about)
        derivation = Derivation(
            f"{cls.name} (Witt 2013)", cls.statement, "X_t, the state of the chain",
            f"E[X_t - X_t+1 | X_t = s] <= {float(rate):.6g} s", f"{s} < s <= {begin}", (f"Read from {law.name}.",),
            (
                Check("X_t+1 <= X_t", "exactly at all states", "technical"),
                Check("(i) and (ii)", "exactly at all states", "necessary", fact),
            ),
            conclusion=applied("multiplicative drift from below", law.conditions, start=begin, aim=s, delta=sympy.Rational(rate),
                               beta=sympy.Rational(b)),
        )  # fmt: skip
        number_of = lambda x: sympy.Rational(x.numerator, x.denominator)  # noqa: E731
        expr = sympy.log(sympy.Rational(begin, s)) / number_of(rate) * number_of((1 - b) / (1 + b))
        return Bound("E[T]", "lower", expr, law.conditions, "derived", law.start(begin), source=WITT, derivation=derivation)


def _needed(rows: Any, beta: Fraction, top: int) -> list[Fraction]:
    """By state s: the smallest delta with (i) and (ii), ln s rounded up so that (ii) holds for sure."""
    result = [Fraction(0)] * (top + 1)
    for s in range(2, top + 1):
        row = rows[s]
        drift = sum((p * (s - to) for to, p in row.items()), Fraction(0))
        large = sum((p for to, p in row.items() if s - to >= beta * s), Fraction(0))
        result[s] = max(drift / s, large * _log_above(s) / beta)
    return result


def _log_above(s: int) -> Fraction:
    """A fraction just above ln s."""
    from flint import arb

    man, exponent = arb(s).log().upper().man_exp()
    return Fraction(int(man)) * Fraction(2) ** int(exponent)


def conditions_hold(source: Any, values: Any, beta: Fraction, aim: int, delta: Fraction, start: int) -> bool:
    """Whether (i) and (ii) hold for every aim < s <= start, and the chain never rises; exactly."""
    rows = again(source, values).rows
    falls = all(to <= state for state, row in enumerate(rows) for to in row)
    return falls and max(_needed(rows, beta, start)[aim + 1 :], default=Fraction(0)) <= delta
