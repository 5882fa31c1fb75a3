"""Facts about a process: its drift at every state, its expected runtime; replayed on whole chains at small n."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sympy import Basic, Expr, Symbol

from theory import symbols
from theory.errors import InputError
from theory.facts.base import Fact, Outcome
from theory.facts.evaluation import as_float, compare, holds_at, value_at, values_of
from theory.serial import Opaque
from theory.text import conditions_text, formula

s = Symbol("s", real=True)
"""The potential's value, in the bound of a :class:`DriftFact`."""

SIZES = (1, 2, 3, 4, 5)
CONSTANTS = tuple(Fraction(x) for x in ("1/10", "1/2", "1", "3/2", "2", "4"))
_SENSES = {">=": "at least", "<=": "at most", "==": "equal to", ">": "more than"}


@dataclass(frozen=True)
class DriftFact(Fact):
    """At every state of a process the drift (or the probability of leaving the level) is >=, <= or == a bound.

    Attributes
    ----------
    process : Process
    bound : sympy.Expr
        In n, c, k and v of the state, and ``theory.facts.s``, the potential's value there.
    sense : {">=", "<=", "==", ">"}
    potential : sympy.Expr, tuple of Fractions, or None
        By state; default k, the number of zero-bits.
    quantity : {"drift", "leave"}
        E[X_t - X_{t+1} | state], or the probability that the fitness rises.
    sizes, constants : tuples
        Values of n and c at which it is replayed, exactly, on the whole chain.
    where : tuple of relations in n and c
        Under which it is claimed.

    Examples
    --------
    >>> from theory import OneMax, OnePlusOneEA, c, k, n
    >>> p = c / n
    >>> fact = DriftFact(OnePlusOneEA(p).on(OneMax()), k * p * (1 - p) ** (n - 1), ">=", where=(c < n,))
    >>> print(fact.replay())
    holds (exact: at all 75 states with n = 1, ..., 5 and 6 values of c)
    """

    process: Any
    bound: Expr
    sense: str
    potential: Any = None
    quantity: str = "drift"
    sizes: tuple = SIZES
    constants: tuple = CONSTANTS
    where: tuple = ()

    def __post_init__(self) -> None:
        if self.sense not in _SENSES or self.quantity not in ("drift", "leave"):
            raise InputError(f"sense: {self.sense!r} must be one of {', '.join(_SENSES)}; quantity 'drift' or 'leave'")

    @property
    def text(self) -> str:
        x = "k" if self.potential is None else formula(self.potential) if isinstance(self.potential, Basic) else "X"
        what = f"the drift of {x}" if self.quantity == "drift" else "the probability of leaving the level"
        said = conditions_text(self.where)
        return f"{self.process}: {what} is {_SENSES[self.sense]} {formula(self.bound)}" + (f" for {said}" if said else "")

    def replay(self) -> Outcome:
        if isinstance(self.process, Opaque):
            return Outcome(None, "open", f"{self.process} could not be written to the document")
        checked = 0
        sizes: set[int] = set()
        constants: set[Fraction | None] = set()
        for size, constant in values_of(self.process, self.sizes, self.constants):
            put = {symbols.n: Fraction(size)} | ({} if constant is None else {symbols.c: constant})
            if not all(holds_at(w, put) for w in self.where):
                continue
            try:
                states = list(self._states(size, constant))
            except InputError as error:  # a rate that isn't rational
                return Outcome(None, "open", str(error))
            for label, state, found in states:
                limit = value_at(self.bound, {**put, **state})
                if limit is None:
                    return Outcome(None, "open", f"the bound has no value at {label}")
                sign = compare(found, limit)
                if sign is None:
                    return Outcome(None, "open", f"balls can't decide at {label}")
                if not {">=": sign >= 0, "<=": sign <= 0, "==": sign == 0, ">": sign > 0}[self.sense]:
                    return Outcome(False, "exact", f"at {label}: {float(found):.6g} against {as_float(limit):.6g}")
                checked, sizes, constants = checked + 1, sizes | {size}, constants | {constant}
        if not checked:
            return Outcome(None, "open", "no values fulfil the conditions")
        ends = f"n = {min(sizes)}, ..., {max(sizes)}" if len(sizes) > 1 else f"n = {min(sizes)}"
        grid = "" if constants == {None} else f" and {len(constants)} values of c"
        return Outcome(True, "exact", f"at all {checked} states with {ends}{grid}")

    def _states(self, size: int, constant: Fraction | None) -> Iterator[tuple[str, dict, Fraction]]:
        from theory.drift import tables

        values = {"n": size} | ({} if constant is None else {"c": constant})
        potential = list(self.potential) if isinstance(self.potential, tuple) else self.potential
        states, rows, zeros, checked = tables._chain(self.process, values, potential)
        name = tables._names(self.process, len(zeros), checked)
        g = tables._potential(self.process, potential, states, checked, len(zeros))
        for i, row in enumerate(rows):
            if states.end[i]:
                continue
            state = {symbols.k: Fraction(int(zeros[i])), s: g[i]}
            if symbols.v in self.bound.free_symbols:
                state[symbols.v] = Fraction(states.fitness[i])
            if self.quantity == "drift":
                found = sum((chance * (g[i] - g[j]) for j, chance in row.items()), Fraction(0))
            else:
                found = sum((x for j, x in row.items() if states.end[j] or states.rank[j] > states.rank[i]), Fraction(0))
            yield name(i), state, found


@dataclass(frozen=True)
class RuntimeFact(Fact):
    """E[T] of a process is >=, <= or == an expression, replayed on the whole chain at small n.

    Attributes
    ----------
    process : Process
    expr : sympy.Expr
    sense : {">=", "<=", "=="}
    start : "uniform", "zeros", "worst", or "k": from every number k >= 1 of zero-bits
    sizes, constants, where
        As in :class:`DriftFact`.

    Examples
    --------
    >>> from sympy import harmonic
    >>> from theory import RLS, OneMax, k, n
    >>> print(RuntimeFact(RLS().on(OneMax()), n * harmonic(k), "==", "k").replay())
    holds (exact: at 15 starts with n = 1, ..., 5)
    """

    process: Any
    expr: Expr
    sense: str
    start: str = "uniform"
    sizes: tuple = SIZES
    constants: tuple = CONSTANTS
    where: tuple = ()

    @property
    def text(self) -> str:
        sign = {">=": ">=", "<=": "<=", "==": "="}[self.sense]
        where = "k zero-bits" if self.start == "k" else f"{self.start} start"
        said = conditions_text(self.where)
        return f"{self.process}: E[T] {sign} {formula(self.expr)} from a {where}" + (f" for {said}" if said else "")

    def replay(self) -> Outcome:
        from theory.exact import expected_runtime

        if isinstance(self.process, Opaque):
            return Outcome(None, "open", f"{self.process} could not be written to the document")
        checked = 0
        sizes: set[int] = set()
        for size, constant in values_of(self.process, self.sizes, self.constants):
            values: dict[str, Any] = {"n": size} | ({} if constant is None else {"c": constant})
            put = {symbols.SYMBOLS[name]: Fraction(x) for name, x in values.items()}
            for zeros in range(1, size + 1) if self.start == "k" else (None,):
                here = put if zeros is None else {**put, symbols.k: Fraction(zeros)}
                if not all(holds_at(w, here) for w in self.where):
                    continue
                start = self.start if zeros is None else zeros
                try:
                    found = expected_runtime(self.process, start=start, rational=True, **values)
                except InputError as error:  # a rate that isn't rational
                    return Outcome(None, "open", str(error))
                limit = value_at(self.expr, here)
                sign = 1 if found == float("inf") else None if limit is None else compare(Fraction(found), limit)
                if sign is None:
                    return Outcome(None, "open", f"not decided at {values}")
                if not {">=": sign >= 0, "<=": sign <= 0, "==": sign == 0}[self.sense]:
                    where = ", ".join(f"{x} = {y}" for x, y in here.items())
                    return Outcome(False, "exact", f"at {where}: E[T] = {float(found):.6g} against {as_float(limit):.6g}")
                checked, sizes = checked + 1, sizes | {size}
        if not checked:
            return Outcome(None, "open", "no values fulfil the conditions")
        ends = f"n = {min(sizes)}, ..., {max(sizes)}" if len(sizes) > 1 else f"n = {min(sizes)}"
        return Outcome(True, "exact", f"at {checked} starts with {ends}")
