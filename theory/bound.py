"""Bound: a statement about a runtime, with its direction, its conditions, its source and its proof.

An upper, lower or exact bound holds for every n that its conditions admit; what holds only as n grows is "asymptotic".
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
from sympy import Expr, Symbol

from theory import symbols
from theory.derivation import Check, Derivation, plain_to_latex
from theory.errors import InputError, nearest
from theory.text import conditions_text, formula, latex
from theory.values import Number, exact, number

__all__ = ["Bound", "Check", "Derivation", "Source"]

DIRECTIONS = ("upper", "lower", "exact", "asymptotic", "theta", "threshold")
STATUSES = ("derived", "heuristic", "cited", "recalled")
_RELATION = {"upper": "<=", "lower": ">=", "exact": "=", "threshold": "="}
_QUANTITIES = {
    "E[T]": r"\mathrm{E}[T]", "P[T > t]": r"\mathrm{P}[T > t]", "E[T_d]": r"\mathrm{E}[T_d]",
    "E[f(x_t)]": r"\mathrm{E}[f(x_t)]", "best c": r"\mathrm{best}\;c", "best p": r"\mathrm{best}\;p",
}  # fmt: skip
_LATEX = {"upper": r"\le", "lower": r"\ge", "exact": "=", "threshold": "="}


@dataclass(frozen=True)
class Source:
    """Where a result comes from: a short text and a BibTeX entry (empty for what is derived here alone)."""

    text: str
    bibtex: str = ""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, repr=False)
class Bound:
    """What is known of one quantity of a process.

    Attributes
    ----------
    quantity : str
        ``"E[T]"`` or ``"P[T > t]"``.
    direction : {"upper", "lower", "exact", "asymptotic", "theta", "threshold"}
    expr : sympy.Expr
        In n, c, k (zero-bits of the start), t and, where there is one, a free parameter. Other symbols (a dimension, a weight)
        may occur: each is a value to give by its name, and its sympy assumptions are its domain.
    conditions : tuple of sympy relationals
        All must hold, with exact values put in.
    status : {"derived", "heuristic", "cited", "recalled"}
    start : "any", "uniform", "zeros", an int, or an expression in k
        The runs it speaks of: from any start; from a uniform one; from 0^n; from so many zero-bits.
    unit : {"evaluations", "generations"}
    source : Source
    derivation : Derivation or None
    minimise_over : (symbol, lower, upper) or None
        A free parameter: the bound holds for each of its values, and :meth:`evaluate` takes the best.
    exact_function : callable or None
        ``exact_function(values) -> float``, where that is better than evaluating ``expr``.
    side : {"both", "upper", "lower"}
        For an asymptotic or a Theta statement, the side that it claims (upper: O, lower: Omega).
    remainder : sympy.Expr, optional
        For an asymptotic statement: it holds up to o(remainder), instead of up to a factor 1 + o(1).
    condition_function : (str, callable) or None
        A condition that is no relation between expressions, e.g. on the rates of all levels: its text and its test.
    process : Process or None
        That a bound of the catalogue is of.

    Examples
    --------
    >>> from sympy import log
    >>> from theory import OnePlusOneEA, OneMax, n, c
    >>> bound = OnePlusOneEA(c / n).on(OneMax()).bounds()[0]
    >>> bound.expr == (1 - c / n) ** (1 - n) * n / c * (log(n) + 1)
    True
    >>> round(bound.evaluate(n=100, c=1), 5)
    1516.01863
    >>> bound.holds_for(n=100, c=100)
    False
    """

    quantity: str
    direction: str
    expr: Expr
    conditions: tuple = ()
    status: str = "derived"
    start: Any = "any"
    unit: str = "evaluations"
    source: Source = Source("")
    derivation: Derivation | None = None
    minimise_over: tuple[Symbol, Expr, Expr] | None = None
    exact_function: Callable[[dict[str, Number]], float] | None = field(default=None, compare=False)
    side: str = "both"
    remainder: Expr | None = None
    condition_function: tuple[str, Callable[[dict[Symbol, Fraction]], bool]] | None = field(default=None, compare=False)
    process: Any = field(default=None, compare=False)

    def __post_init__(self) -> None:
        assert self.direction in DIRECTIONS and self.status in STATUSES and self.side in ("both", "upper", "lower")

    @functools.cached_property
    def needed(self) -> set[str]:
        """The symbols that need a value before the bound is a number."""
        used = set(self.expr.free_symbols).union(*(x.free_symbols for x in self.conditions))
        if isinstance(self.start, Expr):
            used |= self.start.free_symbols
        return {str(s) for s in used - ({self.minimise_over[0]} if self.minimise_over else set())}

    @functools.cached_property
    def own_symbols(self) -> dict[str, Symbol]:
        """The symbols beyond n, c, t, k, v that may be given a value, by name.

        >>> from sympy import Symbol, log
        >>> Bound("KL", "upper", -log(Symbol("w", positive=True))).own_symbols
        {'w': w}
        """
        used = set(self.expr.free_symbols).union(*(x.free_symbols for x in self.conditions))
        return {str(s): s for s in used - set(symbols.SYMBOLS.values())}

    # ---- values

    def _values(self, values: Mapping[str, Any]) -> dict[Symbol, Fraction]:
        known = {**symbols.SYMBOLS, **self.own_symbols}
        result: dict[Symbol, Fraction] = {}
        for name, given in values.items():
            if name not in known:
                raise InputError(f"{name}: unknown value; {nearest(name, known)}")
            value = exact(number(given, name))
            symbol = known[name]
            if symbol.is_integer and value.denominator != 1:
                raise InputError(f"{name}: {given!r} must be an integer")
            if (symbol == symbols.n or name in self.own_symbols) and symbol.is_positive and value <= 0:
                raise InputError(f"{name}: {given!r} must be positive")
            if (symbol.is_nonnegative and symbol != symbols.c) and value < 0:
                raise InputError(f"{name}: {given!r} must be at least 0")
            result[symbol] = value
        if symbols.k in result and symbols.n in result and result[symbols.k] > result[symbols.n]:
            raise InputError(f"k: {result[symbols.k]} must be at most n = {result[symbols.n]}")
        missing = sorted(self.needed - {str(s) for s in result})
        if missing:
            raise InputError(
                f"{missing[0]}: no value given; this bound needs {', '.join(f'{m}=...' for m in sorted(self.needed))}"
            )
        return result

    def _holds(self, put: dict[Symbol, Fraction]) -> bool:
        from theory.balls import certain

        for condition in self.conditions:
            truth = certain(condition, put)
            if truth is None:  # equality, or an irrational number: sympy decides
                exactly = {s: sympy.Rational(x.numerator, x.denominator) for s, x in put.items()}
                try:
                    truth = condition.subs(exactly) == True  # noqa: E712 (sympy's truth)
                except TypeError:  # one side has no value there, e.g. c/log(n) at n = 1
                    return False
            if not truth:
                return False
        return self.condition_function is None or bool(self.condition_function[1](put))

    def holds_for(self, **values: Any) -> bool:
        """Whether the conditions hold at these values of n, c (and t, k where the bound has them)."""
        put = self._values({**values, **{x: 1 for x in self.needed & {"t"} if x not in values}})
        return self._holds(put)

    def evaluate(self, **values: Any) -> float:
        """The bound as a number.

        Raises
        ------
        InputError
            Outside the conditions, for missing values, and for Theta-statements, which have no value.
        """
        if self.direction == "theta":
            raise InputError("bound: a theta statement has no value; look at its expr")
        put = self._values(values)
        if not self._holds(put):
            where = ", ".join(f"{s} = {x}" for s, x in put.items())
            raise InputError(f"bound: it holds only for {self.conditions_text or 'other values'}, not at {where}")
        if self.exact_function is not None:
            given: dict[str, Number] = {
                str(s): int(x) if x.denominator == 1 else x for s, x in put.items() if str(s) in self.needed
            }
            return float(self.exact_function(given))
        if self.minimise_over is not None and self.minimise_over[0] not in put:
            return self._minimum(put)[1]
        return _number(self.expr, put)

    def best_parameter(self, **values: Any) -> float:
        """The value of the free parameter that :meth:`evaluate` takes."""
        if self.minimise_over is None:
            raise InputError("bound: it has no free parameter")
        return self._minimum(self._values(values))[0]

    def _minimum(self, put: dict[Symbol, Fraction]) -> tuple[float, float]:
        """(best parameter, value): a grid in the logarithm of the distance to the lower end, then a golden section."""
        from theory.balls import at

        assert self.minimise_over is not None
        symbol, lower, upper = self.minimise_over
        base = at(sympy.sympify(lower), put)
        low = Fraction(float(base.mid()))
        roof = float("inf") if upper is sympy.oo else float(at(sympy.sympify(upper), put).mid())

        def height(u: float) -> float:
            parameter = low + Fraction(math.exp(u))
            if parameter >= roof:
                return math.inf
            try:
                value = at(self.expr, {**put, symbol: parameter}, bits=40)
            except ValueError:  # beyond even the exponents of balls
                return math.inf
            return float(value.log().mid()) if value > 0 else -math.inf  # the log: bounds can exceed every float

        grid = [float(i) for i in range(-12, 13)]
        heights = [height(u) for u in grid]
        best = min(range(len(grid)), key=heights.__getitem__)
        if heights[best] == math.inf:
            return float(low + 1), math.inf
        a, b = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
        ratio = (math.sqrt(5) - 1) / 2
        left, right = b - ratio * (b - a), a + ratio * (b - a)
        at_left, at_right = height(left), height(right)
        while b - a > 1e-7:  # near a minimum the value is flat to second order
            if at_left <= at_right:
                b, right, at_right = right, left, at_left
                left = b - ratio * (b - a)
                at_left = height(left)
            else:
                a, left, at_left = left, right, at_right
                right = a + ratio * (b - a)
                at_right = height(right)
        parameter = low + Fraction(math.exp((a + b) / 2))
        return float(parameter), _number(self.expr, {**put, symbol: parameter})

    # ---- starts

    def covers(self, start: Any, n: int) -> bool:
        """Whether the bound speaks about runs from this start.

        Parameters
        ----------
        start : "uniform", "zeros", "worst", int or array of 0 and 1
            As in ``simulate``.
        n : int
        """
        if isinstance(self.start, str) and self.start == "any":
            return True
        if isinstance(start, str):
            return start == self.start or (start == "zeros" and self._speaks_of(n, n))
        if isinstance(start, (int, np.integer)) and not isinstance(start, bool):
            return self._speaks_of(int(start), n)
        bits = np.asarray(start)
        if isinstance(self.start, str):
            return self.start == "zeros" and not bits.any()
        return self._speaks_of(int(n - bits.sum()), n)

    def _speaks_of(self, zeros: int, n: int) -> bool:
        """Whether the start may have so many zero-bits: every number for a start at k, else the one that the expression is."""
        if isinstance(self.start, str):
            return False
        number_of = sympy.sympify(self.start)
        return number_of == symbols.k or number_of.subs(symbols.n, n) == zeros

    def start_values(self, start: Any, n: int) -> dict[str, int]:
        """The value of k that a start means for a bound in k: evaluate(n=..., **bound.start_values(start, n)).

        >>> from theory import RLS, OneMax
        >>> [b.start_values(3, 10) for b in RLS().on(OneMax()).bounds() if "k" in b.needed][0]
        {'k': 3}
        """
        if "k" not in self.needed:
            return {}
        if isinstance(start, str):
            if start != "zeros":
                raise InputError(f"start: {start} has no number of zero-bits")
            return {"k": n}
        if isinstance(start, (int, np.integer)):
            return {"k": int(start)}
        return {"k": int(n - np.asarray(start).sum())}

    # ---- text

    @property
    def start_text(self) -> str:
        """The start in words."""
        if isinstance(self.start, str):
            return {"any": "any start", "uniform": "uniform start", "zeros": "start 0^n"}.get(self.start, self.start)
        return f"start with {self.start} zero-bits"

    @property
    def other_conditions(self) -> list[str]:
        """What ``conditions`` doesn't hold, in words: a condition that is no relation, the range of a free parameter."""
        extra = [self.condition_function[0]] if self.condition_function else []
        if self.minimise_over is not None:
            symbol, lower, upper = self.minimise_over
            extra.append(f"every {symbol} > {lower}" if upper is sympy.oo else f"every {symbol} in ({lower}, {upper})")
        return extra

    @property
    def conditions_text(self) -> str:
        """All conditions as text, e.g. ``0 < c < n``."""
        return ", ".join(filter(None, [conditions_text(self.conditions), *self.other_conditions]))

    @property
    def relation(self) -> str:
        """The sign between quantity and expression."""
        if self.direction == "asymptotic":
            return {"both": "=", "upper": "<=", "lower": ">="}[self.side] + (" (1 + o(1)) *" if self.remainder is None else "")
        if self.direction == "theta":
            return {"both": "in Theta of", "upper": "in O of", "lower": "in Omega of"}[self.side]
        return _RELATION[self.direction]

    @property
    def statement(self) -> str:
        """The statement as text, without its conditions.

        >>> Bound("E[T]", "asymptotic", symbols.n**2 + symbols.n, remainder=symbols.n).statement
        'E[T] = n**2 + n + o(n)'
        """
        body = formula(self.expr)
        if self.direction == "asymptotic" and self.remainder is not None:
            body += f" + o({formula(self.remainder)})"
        elif self.direction == "asymptotic" and self.expr.is_Add:
            body = f"({body})"
        return f"{self.quantity} {self.relation} {body}"

    def __repr__(self) -> str:
        return f"Bound({self})"

    def __str__(self) -> str:
        parts = [self.direction, self.conditions_text, self.start_text]
        parts += [self.unit] if self.unit != "evaluations" else []
        parts += [self.status] if self.status != "derived" else []
        about = ", ".join(part for part in parts if part)
        return f"{self.statement}   {about}   {self.source}".rstrip()

    def latex(self) -> str:
        """The statement in LaTeX, without dollar signs.

        >>> from theory import RLS, OneMax
        >>> RLS().on(OneMax()).bounds()[0].latex()
        '\\\\mathrm{E}[T] = n H_{k}'
        """
        quantity = _QUANTITIES.get(self.quantity, rf"\text{{{self.quantity}}}")
        body = latex(self.expr)
        if self.direction == "theta":
            letter = {"both": r"\Theta", "upper": "O", "lower": r"\Omega"}[self.side]
            return rf"{quantity} \in {letter}\left({body}\right)"
        sign = _LATEX.get(self.direction, "")
        if self.direction == "asymptotic":
            sign = {"both": "=", "upper": r"\le", "lower": r"\ge"}[self.side]
            if self.remainder is not None:
                body += rf" + o\left({latex(self.remainder)}\right)"
            else:
                sign, body = sign + r" (1+o(1))\,", rf"\left({body}\right)" if self.expr.is_Add else body
        return f"{quantity} {sign} {body}"

    def proof(self, form: str = "markdown") -> str:
        """The derivation as a proof sketch.

        Parameters
        ----------
        form : {"markdown", "latex", "text"}

        Returns
        -------
        str

        Examples
        --------
        >>> from theory import k, n
        >>> from theory.drift import MultiplicativeDrift
        >>> print(MultiplicativeDrift.apply(k / n, start=n).proof().splitlines()[0])
        **Claim.** $\\mathrm{E}[T] \\le n \\left(\\log{\\left(n \\right)} + 1\\right)$ (any start)
        """
        if form not in ("markdown", "latex", "text"):
            raise InputError(f"form: {form!r} must be 'markdown', 'latex' or 'text'")
        if self.derivation is None:
            raise InputError(f"bound: it is {self.status}, not derived; its source is {self.source}")
        about = ", ".join(filter(None, [self.conditions_text, self.start_text]))
        if form == "text":
            return f"{self}\n{self.derivation}\n"
        claim = f"${self.latex()}$" + (f" ({about})" if about else "")
        if form == "markdown":
            return self.derivation.markdown(claim)
        return self.derivation.latex(f"${self.latex()}$" + (f" ({plain_to_latex(about)})" if about else ""))

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"

    # ---- new bounds from old

    def with_(self, **changes: Any) -> Bound:
        """A copy with some fields replaced."""
        return replace(self, **changes)


def _number(expr: Expr, put: Mapping[Symbol, Fraction]) -> float:
    from theory.balls import at

    try:
        return float(at(expr, put).mid())
    except ValueError:
        raise InputError(f"bound: {expr} can't be evaluated at {', '.join(f'{s} = {x}' for s, x in put.items())}") from None
