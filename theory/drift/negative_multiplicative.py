"""Negative multiplicative drift.

B. Doerr, *Lower bounds for non-elitist evolutionary algorithms via negative multiplicative drift*, Evolutionary Computation 29
(2021).

Notation: X_t >= 0, T = min{t : X_t >= U}.

Theorem. If 0 < delta <= 1, D >= 0, X_0 <= D/delta, X_0 < U and E[X_{t+1} | X_t = x] <= (1 - delta) x + D for every x < U, then
P(T <= t) <= t D/(delta U) for every t, and so E[T] >= delta U/(2 D).
Proof. Stopped at T, E[X_t] <= D/delta by induction on the run's part that hasn't stopped; Markov's inequality bounds each step's
chance to reach U by D/(delta U), and t steps add up, as T > 0. E[T] is at least the sum of max(0, 1 - t D/(delta U)) over t >= 0,
which is at least delta U/(2 D).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy

from theory.bound import Bound, Source
from theory.derivation import Check, Derivation
from theory.drift.base import DriftTheorem, Precondition, _expression
from theory.drift.laws import again, read_law
from theory.errors import InputError, PreconditionError
from theory.facts import Computation
from theory.lemmas import applied
from theory.parse import expression
from theory.symbols import k, t
from theory.values import exact, number

DOERR = Source(
    "negative multiplicative drift (Doerr 2021)",
    "@article{Doerr2021,\n  author = {Doerr, Benjamin},\n  title = {Lower bounds for non-elitist evolutionary algorithms via "
    "negative multiplicative drift},\n  journal = {Evolutionary Computation},\n  volume = {29},\n  number = {2},\n"
    "  pages = {305--329},\n  year = {2021},\n}",
)


class NegativeMultiplicativeDrift(DriftTheorem):
    """If E[X_{t+1} | X_t = x] <= (1 - delta) x + D for x < U, X_0 <= D/delta and X_0 < U, then P(T <= t) <= t D/(delta U).

    For every t, with T = min{t : X_t >= U}, X_t >= 0, 0 < delta <= 1 and D >= 0; so E[T] >= delta U/(2 D) (``expected=True``).
    Source: Doerr (2021); the proof stands at the head of this file.

    Examples
    --------
    >>> rows = [{0: "3/4", 1: "1/4"}] + [{k - 1: "5/6", k + 1: "1/6"} for k in range(1, 12)] + [{12: 1}]
    >>> bound = NegativeMultiplicativeDrift.apply(rows, potential="2**k", delta="1/4", D="1/2", target=12)
    >>> print(bound.quantity, round(bound.evaluate(t=100), 4))
    P[T <= t] 0.0488
    """

    name = "negative multiplicative drift"
    statement = "P(T <= t) <= t D/(delta U) and E[T] >= delta U/(2 D)"
    source = DOERR
    preconditions = (
        Precondition("E[X_{t+1} | X_t = x] <= (1 - delta) x + D wherever x < U", "necessary", "X doubles in every step"),
        Precondition(
            "X_0 <= D/delta", "necessary", "from just below U a step can reach it with probability near 1 - delta, for any D"
        ),
        Precondition("X_0 < U", "necessary", "a start at U has T = 0"),
        Precondition("0 < delta <= 1", "technical", "the induction needs 1 - delta >= 0; the bound divides by delta"),
    )

    @classmethod
    def apply(
        cls, drift: Any, start: Any = 0, *, potential: Any = "k", delta: Any = None, D: Any = None, target: Any = None,
        expected: bool = False, **values: Any,
    ) -> Bound:  # fmt: skip
        """Bound P(T <= t) from above, or E[T] from below (``expected``).

        Parameters
        ----------
        drift : Process, or list of rows {next state: probability}
        start : int
            The state of the start.
        potential : expression in k
            X >= 0 as a function of the state k; rational values.
        delta, D : number
        target : int
            The state whose potential is U; states with X >= U are the goal.
        expected : bool
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
        if delta is None or D is None or target is None:
            raise InputError("delta: give delta, D and target")
        rate, plus = Fraction(exact(number(delta, "delta"))), Fraction(exact(number(D, "D")))
        if not 0 < rate <= 1:
            raise PreconditionError(cls.name, "0 < delta <= 1", f"delta = {rate}")
        if plus <= 0:
            raise InputError(f"D: {D!r} must be positive")
        for argument, state in (("target", target), ("start", start)):
            if isinstance(state, bool) or not isinstance(state, int) or not 0 <= state < len(law.rows):
                raise InputError(f"{argument}: {state!r} must be an integer from 0 to {len(law.rows) - 1}")
        x = tuple(_potential(potential, len(law.rows)))
        goal = x[target]
        failed = violation(law.source, law.values, x, rate, plus, goal)
        if failed is not None:
            raise PreconditionError(cls.name, "E[X_t+1 | X_t = x] <= (1 - delta) x + D wherever x < U", failed)
        if x[start] > plus / rate:
            raise PreconditionError(cls.name, "X_0 <= D/delta", f"X_0 = {x[start]} > {plus / rate}")
        if x[start] >= goal:
            raise PreconditionError(cls.name, "X_0 < U", f"X_0 = {x[start]} against U = {goal}: T = 0")
        arguments = (
            ("source", law.source),
            ("values", law.values),
            ("potential", x),
            ("delta", rate),
            ("D", plus),
            ("goal", goal),
        )
        about = f"E[X_t+1 | X_t = x] <= (1 - {rate}) x + {plus} wherever x < {goal}"
        fact = Computation("theory.drift.negative_multiplicative:violation", arguments, None, about)
        derivation = Derivation(
            f"{cls.name} (Doerr 2021)", cls.statement, f"X_t = {_expression(potential, 'potential')}", about, "every state",
            (f"Read from {law.name}.",),
            (
                Check("0 < delta <= 1", "exactly", "technical"),
                Check("X_0 <= D/delta and X_0 < U", "exactly", "necessary"),
                Check("E[X_t+1 | X_t = x] <= (1 - delta) x + D wherever x < U", "exactly at all states", "necessary", fact),
            ),
            conclusion=applied("negative multiplicative drift" + (", mean" if expected else ""), law.conditions,
                               delta=sympy.Rational(rate), D=sympy.Rational(plus), goal=sympy.Rational(goal)),
        )  # fmt: skip
        q = plus / (rate * goal)
        chance = sympy.Rational(q.numerator, q.denominator)
        speaks = f"X_0 = {x[start]}"
        if expected:
            return Bound(
                "E[T]", "lower", 1 / (2 * chance), law.conditions, "derived", speaks, source=DOERR, derivation=derivation
            )
        return Bound("P[T <= t]", "upper", t * chance, law.conditions, "derived", speaks, source=DOERR, derivation=derivation)


def _potential(given: Any, count: int) -> list[Fraction]:
    expr = expression(given, "potential", {"k": k})
    result = []
    for state in range(count):
        value = expr.subs(k, state)
        if not (value.is_Rational and value >= 0):
            raise InputError(f"potential: {expr} is {value} at k = {state}, but must be rational and at least 0")
        result.append(Fraction(int(value.p), int(value.q)))
    return result


def violation(source: Any, values: Any, potential: Any, delta: Fraction, D: Fraction, goal: Fraction) -> str | None:
    """The first state at which the condition fails, in words, or None."""
    for state, row in enumerate(again(source, values).rows):
        if potential[state] < goal:
            mean = sum((p * potential[to] for to, p in row.items()), Fraction(0))
            if mean > (1 - delta) * potential[state] + D:
                return f"state {state}: E[X_t+1] = {float(mean):.6g} > {float((1 - delta) * potential[state] + D):.6g}"
    return None
