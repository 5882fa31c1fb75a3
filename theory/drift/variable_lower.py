"""Variable drift, lower bound.

B. Doerr, M. Fouz, C. Witt, *Sharp bounds by probability-generating functions and variable drift*, GECCO 2011; the form here
allows that the bound on the steps fails now and then, and its proof stands below.

Notation: X_t >= 0 never rises, T = min{t : X_t <= a}, a >= 0 ``aim``; xi(s) bounds the next state from below; h is non-decreasing
on the range of xi and from a to X_0; G(x) is the integral of 1/h from a to x (for integers that of h(floor x): 1/h(a) + ... +
1/h(x - 1)).

Theorem. If for every s > a, E[X_t - X_{t+1}; X_{t+1} >= xi(s) | X_t = s] <= h(xi(s)) and P(X_{t+1} < xi(s) | X_t = s) <= q(s),
then E[T | X_0 = s_0] >= G(s_0) / (1 + sup q G), the supremum over a < s <= s_0. With q = 0, where X_{t+1} >= xi(X_t) always,
this is E[T] >= G(s_0).
Proof. Let Y = max(G(X), 0). As 1/h is non-increasing, a step from s down to y >= xi(s) lowers Y by at most (s - y)/h(y) <=
(s - y)/h(xi(s)), in expectation by at most 1; a step below xi(s) lowers Y by at most G(s). So the drift of Y is at most
1 + q(s) G(s). Y is bounded, and Y_T = 0: additive drift bounds E[T] from below. For a random start E[G(X_0)] stands for G(s_0).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import comb
from typing import Any

import sympy
from sympy import Expr, Integer

from theory.bound import Bound, Source
from theory.derivation import Check, Derivation
from theory.drift.base import DriftTheorem, Motion, Precondition, _expression, _relations, _values, total
from theory.drift.laws import Law, again, read_law
from theory.drift.monotone import show_monotone, trend
from theory.drift.prover import Region, show
from theory.drift.starts import is_law, law_of
from theory.drift.variable import _integral
from theory.errors import InputError, PreconditionError
from theory.facts import Computation, Declared
from theory.lemmas import applied, of
from theory.process import Process
from theory.symbols import k, n, v
from theory.text import formula
from theory.values import exact, number

DOERR_FOUZ_WITT = Source(
    "variable drift, lower bound (Doerr, Fouz, Witt 2011)",
    "@inproceedings{DoerrFouzWitt2011,\n  author = {Doerr, Benjamin and Fouz, Mahmoud and Witt, Carsten},\n"
    "  title = {Sharp bounds by probability-generating functions and variable drift},\n"
    "  booktitle = {Genetic and Evolutionary Computation Conference (GECCO)},\n  year = {2011},\n}",
)
Weights = tuple[tuple[int, Fraction], ...]
_FAILURES = (Fraction(0), *(Fraction(1, 4**i) for i in range(1, 21)))  # probabilities tried for a step below xi


class VariableDriftLower(DriftTheorem):
    """If X never rises, X_{t+1} >= xi(X_t) and E[X_t - X_{t+1} | X_t = s] <= h(xi(s)), then E[T] >= integral of 1/h up to X_0.

    The integral starts at 0 (or at ``aim``). For integers it may be taken of the step function: E[T] >= 1/h(0) + ... +
    1/h(X_0 - 1). Nothing is asked of xi but that it bounds the steps.

    Examples
    --------
    >>> from theory import RLS, OneMax, n
    >>> print(VariableDriftLower.apply(k / n, start=n, xi=k - 1))      # exact for local search on OneMax
    E[T] >= n*harmonic(n)   lower, start with n zero-bits   variable drift, lower bound (Doerr, Fouz, Witt 2011)
    >>> VariableDriftLower.apply(RLS().on(OneMax()), n=4).expr
    25/3
    """

    name = "variable drift, lower bound"
    statement = "E[T] >= integral of 1/h from the aim to X_0, divided by 1 + sup q G where steps below xi have probability q"
    source = DOERR_FOUZ_WITT
    preconditions = (
        Precondition("X_{t+1} <= X_t", "necessary",
                     "from 1 to 0 or far up, from there back to 1: the drift at 1 is 0, and h(0) as small as you like"),
        Precondition("X_{t+1} >= xi(X_t), or P(X_{t+1} < xi(X_t)) <= q", "necessary",
                     "X_{t+1} = 0 with probability delta and else X_t: E[T] = 1/delta for every X_0"),
        Precondition("drift <= h(xi(s)) wherever X_t = s > 0", "necessary", "one step from X_0 to 0 has E[T] = 1"),
        Precondition("h is non-decreasing", "necessary", "one step to 0, h(0) large and h tiny elsewhere: E[T] = 1"),
        Precondition("h > 0", "technical", "the sum must have a value"),
    )  # fmt: skip

    @classmethod
    def apply(
        cls, drift: Any, start: Any = None, *, xi: Any = None, h: Any = None, aim: Any = 0, failure: Any = None,
        where: tuple = (), **values: Any,
    ) -> Bound:  # fmt: skip
        """Bound E[T] from below.

        Parameters
        ----------
        drift : expression in k or v, Process, or list of rows {next state: probability}
            An upper bound on E[X_t - X_{t+1} | X_t]; a chain is read exactly.
        start : expression, {value: probability} or "uniform"; of a chain in integers
            X_0, or its law, over which G is averaged; default for a chain: its largest state.
        xi : expression in k or v
            A lower bound on the next state, declared; of a chain none: it is taken from ``failure``.
        h : expression in k or v, optional
            Default where xi is k - j: the drift at k + j. Of a chain the smallest h there is.
        aim : number
            T = min{t : X_t <= aim}.
        failure : number, optional
            Of a chain: the probability of a step below xi that is allowed in each state; default: the best of 0 and 1/4^i.
        where, **values
            Assumed of n and c; their values.

        Returns
        -------
        Bound

        Raises
        ------
        PreconditionError
        """
        if isinstance(drift, Process) or (isinstance(drift, (list, tuple)) and not isinstance(drift, Expr)):
            if xi is not None or h is not None or where != ():
                raise InputError("xi: xi and h are read off a chain; leave out xi, h and where")
            return _of_chain(cls, read_law(drift, values), start, aim, failure)
        if failure is not None:
            raise InputError("failure: belongs to a chain, which is read exactly")
        if start is None or xi is None:
            raise InputError("start: give X_0, and xi=, a lower bound on the next state")
        return _of_expressions(cls, drift, start, xi, h, aim, where, values)


def _of_expressions(
    cls: type[VariableDriftLower], drift: Any, start: Any, xi: Any, h: Any, aim: Any, where: Any, values: dict[str, Any]
) -> Bound:
    f, low = _expression(drift, "drift"), _expression(xi, "xi")
    end, put = _expression(aim, "aim"), _values(values)
    random = is_law(start)
    if random and end != 0:
        raise InputError("aim: must be 0 for a random start")
    if random and not start:
        raise InputError("start: an empty law; give {value: probability}")
    top = start if not random else n if isinstance(start, str) else sympy.Max(*(_expression(x, "start") for x in start))
    x0 = _expression(top, "start")
    s = v if v in f.free_symbols | low.free_symbols else k
    if h is None:
        shift = s - low
        if s in shift.free_symbols:
            raise InputError(f"h: give h, non-decreasing with drift({s}) <= h(xi({s})); only for xi = {s} - j it is known")
        height = f.subs(s, s + shift)
    else:
        height = _expression(h, "h")
    integer = s == k
    if integer and not (x0.is_integer is not False and end.is_Integer):
        raise InputError("start: of an integer potential X_0 and aim must be integers; for a real one write the drift in v")
    if end.is_negative:
        raise InputError(f"aim: {aim!r} must be at least 0")
    conditions = _relations(where)
    first = end + 1 if integer else end
    states = Region(s, first, x0, integer, conditions, put)
    reached = low.subs(s, first) if trend(low, states) == 1 else Integer(0)  # h is needed on the range of xi and from aim to X_0
    heights = Region(s, sympy.Min(reached, end), x0, integer, conditions, put)
    zero = Integer(0)
    said = (f"X_t+1 <= X_t and X_t+1 >= {formula(low)} where X_t = {s}", f"E[X_t - X_t+1 | X_t = {s}] <= {formula(f)}")
    checks = (
        *(Check(text, "as declared", "necessary", Declared(text)) for text in said),
        show(cls.name, "xi(s) >= 0", "technical", low, zero, states, name="xi"),
        show(cls.name, "drift <= h(xi(s))", "necessary", height.subs(s, low), f, states, name="h(xi(s))"),
        show_monotone(cls.name, height, heights),
        show(cls.name, "h > 0", "technical", height, zero, heights, strict=True, name="h"),
    )
    at_values = {x: sympy.Rational(y.numerator, y.denominator) for x, y in put.items() if not isinstance(y, tuple)}
    stated, height, x0 = height, height.subs(at_values), x0.subs(at_values)

    def g(x: Expr) -> Expr:
        return total(lambda j: 1 / height.subs(s, j + end - 1), x - end) if integer else _integral(1 / height, s, end, x)

    counts = integer and k in f.free_symbols
    law = law_of(start, Motion(cls.name, s, states, f, counts_zeros=counts)) if random else None
    expr = g(x0) if law is None else law.average(g)
    limits: list = [w for w in conditions if w not in (True, sympy.true)]
    for symbol, x in put.items():
        if isinstance(x, tuple):
            limits += [sympy.Ge(symbol, x[0], evaluate=False), sympy.Le(symbol, x[1], evaluate=False)]
        else:
            limits.append(sympy.Eq(symbol, at_values[symbol], evaluate=False))
    last = None
    if law is None:
        lemma = "variable drift from below, " + ("sum" if integer else "integral")
        last = applied(lemma, tuple(limits), tuple(at_values.items()), start=x0, aim=end, h=of(s, stated))
    derivation = Derivation(
        f"{cls.name} (Doerr, Fouz, Witt 2011)", cls.statement, f"X_t = {s}", said[1], states.text, checks=checks, drift_expr=f,
        conclusion=last,
    )  # fmt: skip
    speaks: Any = law.speaks_of if law is not None else x0 if counts else f"X_0 = {formula(x0)}"
    return Bound("E[T]", "lower", expr, tuple(limits), "derived", speaks, source=cls.source, derivation=derivation)


def _of_chain(cls: type[VariableDriftLower], law: Law, start: Any, aim: Any, failure: Any) -> Bound:
    top = len(law.rows) - 1
    weights, speaks = _start(law, top if start is None else start)
    begin = max(state for state, _ in weights)
    if isinstance(aim, bool) or not isinstance(aim, int) or not 0 <= aim < begin:
        raise InputError(f"aim: {aim!r} must be an integer from 0 to the largest start - 1 = {begin - 1}")
    for state, row in enumerate(law.rows):
        if any(to > state for to in row):
            raise PreconditionError(cls.name, "X_t+1 <= X_t", f"X_t = {state} may rise to {max(row)}")
    given = None if failure is None else Fraction(exact(number(failure, "failure")))
    if given is not None and not 0 <= given < 1:
        raise InputError(f"failure: {failure!r} must be a probability below 1")
    found: tuple[Fraction, Fraction] | None = None
    for allowed in _FAILURES if given is None else (given,):
        value = _value(law, weights, aim, allowed)
        if value is not None and (found is None or value > found[0]):
            found = value, allowed
    if found is None:
        state = next((s for s in range(aim + 1, begin + 1) if min(law.rows[s]) > aim), aim + 1)
        raise PreconditionError(cls.name, "h > 0", f"no step that is allowed leads from above {aim} to it: X_t = {state}")
    value, allowed = found
    arguments = (("source", law.source), ("values", law.values), ("start", weights), ("aim", aim), ("failure", allowed))
    about = f"G(X_0)/(1 + sup q G), steps below xi with probability at most {float(allowed):.3g}"
    fact = Computation("theory.drift.variable_lower:bound_of_chain", arguments, value, about)
    derivation = Derivation(
        f"{cls.name} (Doerr, Fouz, Witt 2011)", cls.statement, "X_t, the state of the chain",
        "E[X_t - X_t+1; X_t+1 >= xi(s) | X_t = s] <= h(xi(s)), h the smallest non-decreasing one", f"{aim} < s <= {begin}",
        (f"Read from {law.name}.",),
        (
            Check("X_t+1 <= X_t", "exactly at all states", "necessary"),
            Check("xi, h and the probabilities q of steps below xi", "exactly at all states", "necessary", fact),
        ),
        conclusion=applied("a potential of drift at most 1", law.conditions, start=sympy.Rational(value)),
    )  # fmt: skip
    expr = sympy.Rational(value.numerator, value.denominator)
    return Bound("E[T]", "lower", expr, law.conditions, "derived", speaks, source=cls.source, derivation=derivation)


def _start(law: Law, start: Any) -> tuple[Weights, Any]:
    """The law of X_0 as pairs (state, probability), and what the bound speaks of."""
    top = len(law.rows) - 1
    if isinstance(start, str) and start == "uniform" and isinstance(law.source, Process):
        return tuple((z, Fraction(comb(top, z), 2**top)) for z in range(top + 1)), "uniform"
    given = dict(start) if isinstance(start, Mapping) else {start: 1}
    for state in given:
        if isinstance(state, bool) or not isinstance(state, int) or not 0 <= state <= top:
            raise InputError(f"start: {state!r} must be an integer from 0 to {top}")
    weights = tuple((state, Fraction(exact(number(p, "start")))) for state, p in sorted(given.items()))
    if sum(p for _, p in weights) != 1 or any(p < 0 for _, p in weights) or not any(state for state, _ in weights):
        raise InputError("start: must lie above 0, with probabilities that add up to 1")
    if isinstance(start, Mapping):
        return weights, "X_0 = " + ", ".join(f"{state} with probability {p}" for state, p in weights)
    return weights, law.start(start)


def _value(law: Law, weights: Weights, aim: int, allowed: Fraction) -> Fraction | None:
    """E[G(X_0)]/(1 + sup q G), xi the largest whose steps below it have probability at most ``allowed``; None if h(aim) = 0."""
    start = max(state for state, _ in weights)
    drift_to = [Fraction(0)] * (start + 1)  # by xi: the largest drift of the steps that keep to it
    failures = [Fraction(0)] * (start + 1)
    for s in range(aim + 1, start + 1):
        below = Fraction(0)
        for xi in sorted(law.rows[s]):
            if below + law.rows[s][xi] > allowed:
                break
            below += law.rows[s][xi]
        failures[s] = below
        drift = sum((p * (s - to) for to, p in law.rows[s].items() if to >= xi), Fraction(0))
        drift_to[xi] = max(drift_to[xi], drift)
    h = max(drift_to[: aim + 1])
    g, worst, average, chance_of = Fraction(0), Fraction(0), Fraction(0), dict(weights)
    for s in range(aim + 1, start + 1):
        if not h:
            return None
        g += 1 / h
        average += chance_of.get(s, 0) * g
        worst = max(worst, failures[s] * g)
        h = max(h, drift_to[s])
    return average / (1 + worst)


def bound_of_chain(source: Any, values: Any, start: Weights, aim: int, failure: Fraction) -> Fraction:
    """The bound again, from what a derivation holds; 0 if the chain rises."""
    law = again(source, values)
    if any(to > state for state, row in enumerate(law.rows) for to in row):
        return Fraction(0)
    return _value(law, start, aim, Fraction(failure)) or Fraction(0)


__all__ = ["DOERR_FOUZ_WITT", "VariableDriftLower", "bound_of_chain"]
