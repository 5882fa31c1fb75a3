"""Facts about formulas: inequalities, monotone expressions, identities, limits."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr, Symbol

from theory import symbols
from theory.errors import PreconditionError
from theory.facts.base import Fact, Outcome
from theory.facts.evaluation import compare, grid, holds_at, value_at
from theory.text import conditions_text, formula

SLOWLY = (10, 40, 160, 640)
"""Powers of 10 at which a distance that falls like (ln n)^(-1/2) is seen to halve."""


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
        for put in grid(sorted(free, key=str)):
            if not all(holds_at(w, put) for w in self.where):
                continue
            left, right = value_at(self.left, put), value_at(self.right, put)
            if left is None or right is None:
                continue
            if compare(left, right) == 0:
                points += 1
                continue
            where = ", ".join(f"{x} = {y}" for x, y in put.items())
            return Outcome(False, "exact", f"at {where}: {left} against {right}")
        if not points:
            return Outcome(None, "open", "neither side has a value on the grid")
        return Outcome(True, "exact", f"at {points} rational points")


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
