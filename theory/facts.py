"""Facts: the premises of a derivation, as data that a checker can evaluate again.

A fact says one thing that is true or false by itself: an inequality on a region, a bound on the drift of a process, the result of
a computation. :meth:`Fact.replay` finds out again, from the data alone, and says at which level:

=============  ====================================================================================================
``symbolic``   by the signs of terms, for all values
``balls``      by ball arithmetic, on a region or at points: rigorous there
``exact``      in fractions, at the finitely many values that are named
``numeric``    by numbers that point the right way (limits); no proof
``declared``   the user says so; a simulation can refute it
``cited``      a theorem of the literature
=============  ====================================================================================================

``holds`` is None where a fact can't be replayed (declared, cited, or a process that a document couldn't hold).
"""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy
from sympy import Basic, Expr, Symbol

from theory import symbols
from theory.errors import InputError, PreconditionError
from theory.serial import Opaque
from theory.text import conditions_text, formula

s = Symbol("s", real=True)
"""The potential's value, in the bound of a :class:`DriftFact`."""

SIZES = (1, 2, 3, 4, 5)
CONSTANTS = tuple(Fraction(x) for x in ("1/10", "1/2", "1", "3/2", "2", "4"))
SLOWLY = (10, 40, 160, 640)
"""Powers of 10 at which a distance that falls like (ln n)^(-1/2) is seen to halve."""
_SENSES = {">=": "at least", "<=": "at most", "==": "equal to", ">": "more than"}


@dataclass(frozen=True)
class Outcome:
    """What replaying a fact gave: ``holds`` (None: not decided), the ``level`` of certainty, and how, in words."""

    holds: bool | None
    level: str
    how: str

    def __str__(self) -> str:
        return f"{ {True: 'holds', False: 'FAILS', None: 'not replayed'}[self.holds] } ({self.level}: {self.how})"


class Fact(ABC):
    """Something that can be found out again."""

    @property
    @abstractmethod
    def text(self) -> str:
        """The fact as a formula or a sentence."""

    @abstractmethod
    def replay(self) -> Outcome:
        """Evaluate it again, from the data alone."""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Inequality(Fact):
    """left >= right (``strict``: >) for every value of the variable in [low, high] and of the other symbols under ``where``.

    Attributes
    ----------
    left, right : sympy.Expr
    strict : bool
    variable : sympy.Symbol or None
    low, high : sympy.Expr; high None means unbounded
    integer : bool
        The variable takes integers only.
    where : tuple of relations
        Assumed of the other symbols.
    values : tuple of (symbol, Fraction or pair of Fractions)
        Values (or intervals) of other symbols at which it was shown.

    Examples
    --------
    >>> from theory.symbols import k, n
    >>> print(Inequality(n, k, variable=k, low=sympy.Integer(1), high=n, integer=True).replay())
    holds (symbolic: symbolically)
    """

    left: Expr
    right: Expr
    strict: bool = False
    variable: Symbol | None = None
    low: Expr = sympy.S.Zero
    high: Expr | None = None
    integer: bool = False
    where: tuple = ()
    values: tuple = ()

    @property
    def text(self) -> str:
        return f"{formula(self.left)} {'>' if self.strict else '>='} {formula(self.right)}" + self._range()

    def _range(self) -> str:
        parts = []
        if self.variable is not None and self.variable in self.left.free_symbols | self.right.free_symbols:
            high = "" if self.high is None else f" <= {formula(self.high)}"
            parts.append(f"{formula(self.low)} <= {self.variable}{high}")
        parts += [conditions_text([w for w in self.where if isinstance(w, sympy.core.relational.Relational)])]
        parts += [f"{x} in [{y[0]}, {y[1]}]" if isinstance(y, tuple) else f"{x} = {y}" for x, y in self.values]
        said = ", ".join(filter(None, parts))
        return f" for {said}" if said else ""

    def replay(self) -> Outcome:
        from theory.drift.prover import Region, show

        region = Region(self.variable, self.low, self.high, self.integer, self.where, dict(self.values))
        try:
            how = show("", self.text, "necessary", self.left, self.right, region, strict=self.strict, name="left side").how
        except PreconditionError as error:
            refuted = error.witness is not None
            return Outcome(False if refuted else None, "exact" if refuted else "open", str(error).lstrip(": "))
        level = "symbolic" if how.startswith("symbolically") else "balls" if "ball arithmetic" in how else "exact"
        return Outcome(True, level, how)


@dataclass(frozen=True)
class Monotone(Fact):
    """An expression is non-decreasing in its variable on [low, high] (``high`` None: unbounded) under ``where``.

    Attributes
    ----------
    expr : sympy.Expr
    variable : sympy.Symbol
    low, high : sympy.Expr
    integer : bool
    where, values : tuples
        As in :class:`Inequality`.

    Examples
    --------
    >>> from theory.symbols import k, n
    >>> print(Monotone(sympy.sqrt(k) / n, k, sympy.Integer(1), n, True).replay())
    holds (symbolic: by its form: sums, products and powers of non-decreasing terms)
    """

    expr: Expr
    variable: Symbol
    low: Expr = sympy.S.Zero
    high: Expr | None = None
    integer: bool = False
    where: tuple = ()
    values: tuple = ()

    @property
    def text(self) -> str:
        high = "" if self.high is None else f" <= {formula(self.high)}"
        return f"{formula(self.expr)} is non-decreasing for {formula(self.low)} <= {self.variable}{high}"

    def replay(self) -> Outcome:
        from theory.drift.monotone import show_monotone
        from theory.drift.prover import Region

        region = Region(self.variable, self.low, self.high, self.integer, self.where, dict(self.values))
        try:
            how = show_monotone("", self.expr, region, self.text).how
        except PreconditionError as error:
            refuted = error.witness is not None
            return Outcome(False if refuted else None, "exact" if refuted else "open", str(error).lstrip(": "))
        return Outcome(True, "balls" if "ball arithmetic" in how else "exact" if "exactly" in how else "symbolic", how)


@dataclass(frozen=True)
class Identity(Fact):
    """left = right wherever ``where`` holds: symbolically, or at a grid of rational points.

    Examples
    --------
    >>> from theory.symbols import n
    >>> print(Identity((n + 1) ** 2, n**2 + 2 * n + 1).replay())
    holds (symbolic: the difference is zero)
    """

    left: Expr
    right: Expr
    where: tuple = ()

    @property
    def text(self) -> str:
        said = conditions_text(self.where)
        return f"{formula(self.left)} = {formula(self.right)}" + (f" for {said}" if said else "")

    def replay(self) -> Outcome:
        difference = self.left - self.right
        if (
            difference == 0
            or sympy.expand(difference) == 0
            or (not difference.has(sympy.Sum) and sympy.simplify(difference) == 0)
        ):
            return Outcome(True, "symbolic", "the difference is zero")
        points = 0
        free = set().union(*(x.free_symbols for x in (self.left, self.right, *self.where)))  # more than the difference may have
        for put in _grid(sorted(free, key=str)):
            if not all(_truth(w, put) for w in self.where):
                continue
            left, right = _value(self.left, put), _value(self.right, put)
            if left is None or right is None:
                continue
            if _compare(left, right) == 0:
                points += 1
                continue
            where = ", ".join(f"{x} = {y}" for x, y in put.items())
            return Outcome(False, "exact", f"at {where}: {left} against {right}")
        if not points:
            return Outcome(None, "open", "neither side has a value on the grid")
        return Outcome(True, "exact", f"at {points} rational points")


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
        for size, constant in _values_of(self.process, self.sizes, self.constants):
            put = {symbols.n: Fraction(size)} | ({} if constant is None else {symbols.c: constant})
            if not all(_truth(w, put) for w in self.where):
                continue
            try:
                states = list(self._states(size, constant))
            except InputError as error:  # a rate that isn't rational
                return Outcome(None, "open", str(error))
            for label, state, found in states:
                limit = _value(self.bound, {**put, **state})
                if limit is None:
                    return Outcome(None, "open", f"the bound has no value at {label}")
                sign = _compare(found, limit)
                if sign is None:
                    return Outcome(None, "open", f"balls can't decide at {label}")
                if not {">=": sign >= 0, "<=": sign <= 0, "==": sign == 0, ">": sign > 0}[self.sense]:
                    return Outcome(False, "exact", f"at {label}: {float(found):.6g} against {_float(limit):.6g}")
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
    >>> from theory import RLS, OneMax, k, n
    >>> print(RuntimeFact(RLS().on(OneMax()), n * sympy.harmonic(k), "==", "k").replay())
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
        for size, constant in _values_of(self.process, self.sizes, self.constants):
            values: dict[str, Any] = {"n": size} | ({} if constant is None else {"c": constant})
            put = {symbols.SYMBOLS[name]: Fraction(x) for name, x in values.items()}
            for zeros in range(1, size + 1) if self.start == "k" else (None,):
                here = put if zeros is None else {**put, symbols.k: Fraction(zeros)}
                if not all(_truth(w, here) for w in self.where):
                    continue
                start = self.start if zeros is None else zeros
                try:
                    found = expected_runtime(self.process, start=start, rational=True, **values)
                except InputError as error:  # a rate that isn't rational
                    return Outcome(None, "open", str(error))
                limit = _value(self.expr, here)
                sign = 1 if found == float("inf") else None if limit is None else _compare(Fraction(found), limit)
                if sign is None:
                    return Outcome(None, "open", f"not decided at {values}")
                if not {">=": sign >= 0, "<=": sign <= 0, "==": sign == 0}[self.sense]:
                    where = ", ".join(f"{x} = {y}" for x, y in here.items())
                    return Outcome(False, "exact", f"at {where}: E[T] = {float(found):.6g} against {_float(limit):.6g}")
                checked, sizes = checked + 1, sizes | {size}
        if not checked:
            return Outcome(None, "open", "no values fulfil the conditions")
        ends = f"n = {min(sizes)}, ..., {max(sizes)}" if len(sizes) > 1 else f"n = {min(sizes)}"
        return Outcome(True, "exact", f"at {checked} starts with {ends}")


@dataclass(frozen=True)
class LimitFact(Fact):
    """expr tends to value as the variable grows; shown by numbers, at ``powers`` of 10, so a pointer and no proof.

    Examples
    --------
    >>> from theory.symbols import c, n
    >>> print(LimitFact((1 - c / n) ** (1 - n), n, sympy.exp(c)).replay())
    holds (numeric: the distance falls from 1.4e-10 at n = 10^10 to 1.4e-160 at n = 10^160)
    """

    expr: Expr
    variable: Symbol
    value: Expr
    others: tuple = ((symbols.c, Fraction(1)),)
    powers: tuple = (10, 20, 40, 80, 160)

    @property
    def text(self) -> str:
        return f"{formula(self.expr)} -> {formula(self.value)} as {self.variable} -> oo"

    def replay(self) -> Outcome:
        from theory.balls import at

        put = {x: y for x, y in self.others if x in self.expr.free_symbols | self.value.free_symbols}
        distances: list[Any] = []
        for power in self.powers:
            try:
                distances.append(abs(at(self.expr - self.value, {**put, self.variable: Fraction(10**power)}, bits=64)))
            except ValueError as error:
                return Outcome(None, "open", str(error))
        first, last = (f"{float(x.mid()):.2g}" for x in (distances[0], distances[-1]))
        falling = all(later <= sooner for sooner, later in itertools.pairwise(distances))
        closer = distances[-1] == 0 or distances[-1] < distances[-2] * 0.7  # 1/ln n halves; towards a wrong limit it levels off
        x = self.variable
        low, high = self.powers[0], self.powers[-1]
        how = f"the distance {'falls' if falling else 'goes'} from {first} at {x} = 10^{low} to {last} at {x} = 10^{high}"
        return Outcome(bool(falling and closer), "numeric", how)


@dataclass(frozen=True)
class Computation(Fact):
    """A deterministic computation of ``theory`` whose result can be had again: an LP with its dual, an interval proof.

    Attributes
    ----------
    function : str
        ``"theory.module:function"``; see :mod:`theory.computations` for the functions that run.
    arguments : tuple of (name, value)
        JSON values, Fractions, expressions or processes; texts are words and numbers.
    result : Any
        What it must return.
    about : str
        What the result means, in a sentence.
    level : str
        The level of certainty of the function's result: "exact" or "balls".

    Examples
    --------
    >>> print(Computation("theory.values:exact", (("value", "1/3"),), Fraction(1, 3), "one third").replay())
    holds (exact: theory.values:exact gives 1/3 again)
    """

    function: str
    arguments: tuple = ()
    result: Any = True
    about: str = ""
    level: str = "exact"

    @property
    def text(self) -> str:
        given = ", ".join(f"{name} = {value}" for name, value in self.arguments)
        return self.about or f"{self.function}({given}) = {self.result}"

    def replay(self) -> Outcome:
        from theory.computations import run

        found = run(self.function, self.arguments)
        said = str(found) if len(str(found)) < 60 else "its result"
        if found == self.result:
            return Outcome(True, self.level, f"{self.function} gives {said} again")
        return Outcome(False, self.level, f"{self.function} gives {said}, not {str(self.result)[:60]}")


@dataclass(frozen=True)
class Declared(Fact):
    """What the user says of a process; nothing here can prove it, a simulation can refute it."""

    declaration: str

    @property
    def text(self) -> str:
        return self.declaration

    def replay(self) -> Outcome:
        return Outcome(None, "declared", "declared by the user")


@dataclass(frozen=True)
class Cited(Fact):
    """A theorem of the literature that is used as it stands."""

    theorem: str
    source: str

    @property
    def text(self) -> str:
        return f"{self.theorem} ({self.source})"

    def replay(self) -> Outcome:
        return Outcome(None, "cited", self.source)


FACTS: tuple[type[Fact], ...] = (Inequality, Monotone, Identity, DriftFact, RuntimeFact, LimitFact, Computation, Declared, Cited)


# ---- values


def _values_of(process: Any, sizes: tuple, constants: tuple) -> Iterator[tuple[int, Fraction | None]]:
    """The values of n and c at which a process exists."""
    for size in sizes:
        for constant in constants if "c" in process.needed else (None,):
            try:
                process.values(n=size, **({} if constant is None else {"c": constant}))
            except InputError:
                continue
            yield size, constant


def _grid(free: list[Symbol]) -> Iterator[dict[Symbol, Fraction]]:
    def choices(symbol: Symbol) -> tuple:
        if symbol.is_integer:
            return tuple(map(Fraction, (1, 2, 3, 4, 7) if symbol.is_positive else (0, 1, 2, 3, 5)))
        return tuple(Fraction(x) for x in ("1/7", "1/2", "6/5", "3"))

    for point in itertools.islice(itertools.product(*map(choices, free)), 2000):
        yield dict(zip(free, point))


def _value(expr: Expr, put: dict) -> Any:
    """A Fraction where the value is rational, else a ball; None where there is no value."""
    from theory.balls import at, number_of

    try:
        exact = number_of(expr, put)
        if exact.is_Rational:
            return Fraction(int(exact.p), int(exact.q))
    except (ValueError, TypeError):  # sympy can't compare: sums that aren't written out yet, or numbers that aren't real
        pass
    try:
        return at(expr, put, bits=96)
    except (ValueError, TypeError):
        return None


def _compare(left: Any, right: Any) -> int | None:
    """Sign of left - right; balls that overlap count as equal only if both are balls around one exact value."""
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return (left > right) - (left < right)
    from flint import arb, ctx, fmpq

    with ctx.workprec(256):
        a, b = (arb(fmpq(x.numerator, x.denominator)) if isinstance(x, Fraction) else x for x in (left, right))
        if a > b:
            return 1
        if a < b:
            return -1
        return 0 if (a - b).rad() < 1e-20 * max(1.0, float(abs(a).mid())) else None


def _float(value: Any) -> float:
    return float("nan") if value is None else float(value) if isinstance(value, Fraction) else float(value.mid())


def _truth(condition: Basic, put: dict) -> bool:
    from theory.balls import certain

    truth = certain(condition, put)
    if truth is None:
        truth = condition.subs({x: sympy.Rational(y.numerator, y.denominator) for x, y in put.items()}) == True  # noqa: E712
    return bool(truth)
