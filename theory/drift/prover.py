"""Does left >= right hold everywhere? Shown by signs, exactly on integers, or by ball arithmetic; or refuted by a witness.

Three ways, tried in this order:

1. *symbolically*: with the bounds on the symbols put in (c < n becomes c = n q/(1 + q) with q > 0), the difference, the
   ratio minus one or the logarithm of the ratio is a sum of terms whose signs sympy knows;
2. *exactly* at every integer of a finite range, where n and c have values: a ball of 128 bits decides, and where it
   contains zero the rational numbers themselves;
3. *by ball arithmetic*: on intervals of a real variable, cut until each piece is decided.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy
from flint import arb, fmpq
from sympy import Expr, Integer, Symbol

from theory.balls import at, ball
from theory.derivation import Check
from theory.errors import PreconditionError
from theory.facts import Inequality
from theory.symbols import SYMBOLS, n
from theory.text import formula

_PIECES = 4096  # of an interval
_LONGEST = 200_000  # integers of a range
_SPOTS = tuple(map(Fraction, ("0", "1", "1/2", "2", "7/2", "9", "60", "1000")))  # values of symbols that are at least 0
_GRID_N = (1, 2, 3, 5, 10, 100)
_GRID = tuple(Fraction(x) for x in ("1/10", "1/2", "1", "3/2", "2", "5"))


@dataclass(frozen=True)
class Region:
    """Where a condition must hold.

    Attributes
    ----------
    variable : Symbol or None
        The potential's value: k (integer) or v (real).
    smallest, largest : sympy.Expr
        Its range; ``largest`` None means unbounded.
    integer : bool
    where : tuple of relationals
        What is assumed of the other symbols, e.g. ``c < n``.
    values : mapping of Symbol to Fraction, or to a pair of Fractions (an interval)
    """

    variable: Symbol | None
    smallest: Expr
    largest: Expr | None
    integer: bool
    where: tuple = ()
    values: Mapping[Symbol, Any] | None = None

    @property
    def text(self) -> str:
        """The range in words."""
        if self.variable is None:
            return ""
        if self.largest is None:
            return f"{self.variable} >= {formula(self.smallest)}"
        return f"{formula(self.smallest)} <= {self.variable} <= {formula(self.largest)}"


def show(
    theorem: str, condition: str, kind: str, left: Expr, right: Expr, region: Region, *, strict: bool = False, name: str = "drift"
) -> Check:
    """Show left >= right (or >, ``strict``) on a region.

    Returns
    -------
    Check
        Which says how it was shown.

    Raises
    ------
    PreconditionError
        With a witness where it fails; saying that it can't be decided where neither was found.
    """
    left, right = sympy.sympify(left), sympy.sympify(right)
    points = {s: x for s, x in (region.values or {}).items() if not isinstance(x, tuple)}
    put = {s: _sympy(x) for s, x in points.items()}
    how = _symbolic(left, right, strict, region)
    if how is None and put:
        fixed = Region(region.variable, region.smallest.subs(put), None if region.largest is None else region.largest.subs(put),
                       region.integer, tuple(w.subs(put) for w in region.where), region.values)  # fmt: skip
        how = _symbolic(left.subs(put), right.subs(put), strict, fixed)
        if how is not None:
            how += f" at {_values_text(region.values)}"
    if how is None:
        free = _symbols(left, right, region) - {region.variable} - set(region.values or {})
        if free:
            witness = _search(left, right, strict, region, name)
            if witness is not None:
                raise PreconditionError(theorem, condition, witness)
            raise PreconditionError(theorem, condition, advice=_wanted(free))
        how = _by_values(theorem, condition, left, right, strict, region, name)
    return Check(condition, how, kind, _fact(left, right, strict, region))


def _wanted(free: set[Symbol]) -> str:
    """What the user can add where signs alone don't decide."""
    known = sorted(f"{s}=..." for s in map(str, free) if s in SYMBOLS)
    own = sorted(str(s) for s in free if str(s) not in SYMBOLS)
    parts = [f"give values: {', '.join(known)}"] if known else []
    parts += [f"assume more of {', '.join(own)} (where=, or e.g. Symbol(..., positive=True)), or put values in"] if own else []
    return "; ".join(parts)


def _fact(left: Expr, right: Expr, strict: bool, region: Region) -> Inequality:
    used = region.variable is not None and region.variable in left.free_symbols | right.free_symbols
    values = tuple(sorted(((x, y) for x, y in (region.values or {}).items()), key=str))
    where = tuple(w for w in region.where if w not in (True, sympy.true))
    if not used:
        return Inequality(left, right, strict, where=where, values=values)
    return Inequality(left, right, strict, region.variable, region.smallest, region.largest, region.integer, where, values)


def _symbols(left: Expr, right: Expr, region: Region) -> set[Symbol]:
    used = left.free_symbols | right.free_symbols
    if region.variable in used:
        used |= region.smallest.free_symbols | (region.largest.free_symbols if region.largest is not None else set())
    return used


# ---- 1. signs


def _symbolic(left: Expr, right: Expr, strict: bool, region: Region) -> str | None:
    used = (
        region
        if region.variable in left.free_symbols | right.free_symbols
        else Region(None, Integer(0), None, False, region.where)
    )
    plain = Region(used.variable, used.smallest, used.largest, used.integer, tuple(used.where))
    return "symbolically" if _shown(left, right, strict, plain) else None


@functools.lru_cache(maxsize=1024)
def _shown(left: Expr, right: Expr, strict: bool, region: Region) -> bool:
    for bounded in (False, True):
        put = _substitutions(region, bounded)
        if put is not None and _at_least(_tidy(left.subs(put)), _tidy(right.subs(put)), strict):
            return True
    return False


def _substitutions(region: Region, bounded: bool) -> dict[Symbol, Expr] | None:
    """Symbols in terms of new ones that may take every positive (or non-negative) value; ``bounded``: k <= n is used."""
    put: dict[Symbol, Expr] = {}
    if bounded:
        if region.largest is None or not region.largest.is_Symbol or not region.integer:
            return None
        put[region.largest] = region.variable + sympy.Dummy("m", integer=True, nonnegative=True)
    for condition in region.where:
        if condition == True:  # noqa: E712 (sympy's truth)
            continue
        if not condition.is_Relational:
            continue
        if condition.rel_op == "<" and condition.lhs.is_Symbol and condition.lhs.is_positive and condition.lhs not in put:
            q = sympy.Dummy("q", positive=True)
            put[condition.lhs] = condition.rhs * q / (1 + q)
        elif condition.rel_op in (">", ">=") and condition.lhs.is_Symbol and condition.rhs != 0 and condition.lhs not in put:
            end, strict = condition.rhs, condition.rel_op == ">"
            if condition.lhs.is_integer and end.is_number:  # the smallest integer that is admitted
                end, strict = (sympy.floor(end) + 1 if strict else sympy.ceiling(end)), False
            whole = condition.lhs.is_integer and end.is_integer
            shift = sympy.Dummy("j", integer=whole or None, nonnegative=True, **({"positive": True} if strict else {}))
            put[condition.lhs] = end + shift
    if region.variable is not None:
        shift = sympy.Dummy("j", nonnegative=True, integer=region.integer or None)
        put[region.variable] = region.smallest + shift
    for _ in put:  # bounds may refer to one another
        put = {s: e.subs({x: y for x, y in put.items() if x != s}) for s, e in put.items()}
    return None if any(s in e.free_symbols for s, e in put.items()) else put


def certain_sign(expr: Expr, strict: bool = False) -> bool:
    """Whether sympy knows an expression to be >= 0 (``strict``: > 0), and the values at some points don't say otherwise.

    The second look is needed: of 1/((j + 1) (m + 1)) - 1 with non-negative integers j and m, sympy says that it is non-negative.

    >>> j, m = sympy.symbols("j m", integer=True, nonnegative=True)
    >>> (1 / ((j + 1) * (m + 1)) - 1).is_nonnegative, certain_sign(1 / ((j + 1) * (m + 1)) - 1), certain_sign(j * m)
    (True, False, True)
    """
    if not (expr.is_positive if strict else expr.is_nonnegative):
        return False
    symbols = sorted(expr.free_symbols, key=str)
    for shift in range(len(_SPOTS) if symbols else 0):
        put = {}
        for i, symbol in enumerate(symbols):
            spots = [x for x in _SPOTS if (x > 0 or not symbol.is_positive) and (x.denominator == 1 or not symbol.is_integer)]
            put[symbol] = spots[(shift + i * shift) % len(spots)]
        sign = _sign(expr, put)
        if sign is not None and (sign < 0 or (strict and sign == 0)):
            return False
    return True


def _at_least(left: Expr, right: Expr, strict: bool) -> bool:
    def signed(e: Expr) -> bool:
        return certain_sign(e, strict)

    if signed(left - right) or signed(_tidy(left - right)):
        return True
    if right == 0 and left.is_Mul:
        return all(_at_least(factor, right, strict) for factor in left.args)
    if right == 0 and left.is_Add:  # what is added against what is subtracted
        right = sympy.Add(*(-term for term in left.args if term.could_extract_minus_sign()))
        left = left + right
    if right == 0 or not (certain_sign(left, True) and certain_sign(right, True)):
        return False
    ratio = _tidy(sympy.powsimp(left / right))
    if signed(ratio - 1):
        return True
    numerator, denominator = sympy.fraction(sympy.together(ratio - 1))
    if certain_sign(denominator, True) and signed(sympy.expand(numerator)):
        return True
    logarithm = sympy.expand(sympy.expand_log(sympy.log(left), force=True) - sympy.expand_log(sympy.log(right), force=True))
    return bool(signed(logarithm) or signed(sympy.factor_terms(logarithm)))


def _tidy(expr: Expr) -> Expr:
    """Bring the sums inside an expression over one denominator, so that 1 - q/(1 + q) shows its sign."""
    if not expr.args or expr.is_Symbol:
        return expr
    expr = expr.func(*map(_tidy, expr.args))
    if expr.is_Add and not expr.has(sympy.log, sympy.exp, sympy.Sum, sympy.Min, sympy.Max):
        numerator, denominator = sympy.fraction(sympy.together(expr))
        expr = sympy.factor_terms(sympy.expand(numerator)) / denominator
    if expr.is_Pow and expr.base.is_Mul and expr.base.is_positive:
        expr = sympy.Mul(*(factor**expr.exp for factor in expr.base.args))
    if expr.is_Pow and expr.base.is_Pow and expr.base.base.is_positive:
        expr = expr.base.base ** (expr.base.exp * expr.exp)
    return expr


# ---- 2. and 3. with values


def _by_values(theorem: str, condition: str, left: Expr, right: Expr, strict: bool, region: Region, name: str) -> str:
    values = dict(region.values or {})
    intervals = {s: x for s, x in values.items() if isinstance(x, tuple)}
    points = {s: x for s, x in values.items() if not isinstance(x, tuple)}
    variable = region.variable if region.variable in left.free_symbols | right.free_symbols else None
    where = _values_text(values)
    if variable is not None and region.largest is None:
        raise PreconditionError(theorem, condition, advice="give the largest value of the potential: largest=...")
    if not intervals and (variable is None or region.integer):
        ends = [1, 1] if variable is None else [int(_rational(e, points)) for e in (region.smallest, region.largest)]
        if ends[1] - ends[0] >= _LONGEST:
            raise PreconditionError(theorem, condition, advice=f"more than {_LONGEST} values to check")
        for x in range(ends[0], ends[1] + 1):
            here = points if variable is None else {**points, variable: Fraction(x)}
            sign = _sign(left - right, here)
            if sign is None:
                raise PreconditionError(
                    theorem, condition, advice=f"neither the sign at {_values_text(here)} nor a witness was found"
                )
            if sign < 0 or (strict and sign == 0):
                raise PreconditionError(theorem, condition, _witness(left, right, strict, here, name))
        span = f"exactly for {variable} = {ends[0]}, ..., {ends[1]}" if variable is not None else "exactly"
        return f"{span}{f' at {where}' if where else ''}"
    box = {s: x for s, x in intervals.items()}
    if variable is not None:
        box[variable] = (_rational(region.smallest, points), _rational(region.largest, points))
    return _subdivide(theorem, condition, left, right, strict, box, points, name, where)


def _subdivide(
    theorem: str, condition: str, left: Expr, right: Expr, strict: bool, box: dict, points: dict, name: str, where: str
) -> str:
    fixed = {s: arb(fmpq(x.numerator, x.denominator)) for s, x in points.items()}
    difference, todo, pieces = left - right, [box], 0
    for ends in itertools.product(*box.values()):  # a condition that fails mostly fails at a corner
        corner = {**points, **dict(zip(box, ends))}
        sign = _sign(difference, corner)
        if sign is not None and (sign < 0 or (strict and sign == 0)):
            raise PreconditionError(theorem, condition, _witness(left, right, strict, corner, name))
    while todo:
        piece, pieces = todo.pop(), pieces + 1
        if pieces > _PIECES:
            raise PreconditionError(theorem, condition, advice=f"ball arithmetic left it open after {_PIECES} pieces")
        try:
            value = ball(difference, {**fixed, **{s: _interval(a, b) for s, (a, b) in piece.items()}})
        except (ValueError, ZeroDivisionError, NotImplementedError) as error:
            raise PreconditionError(theorem, condition, advice=f"ball arithmetic can't evaluate it ({error})") from None
        if value > 0 or (not strict and value >= 0) or _smallest_at_a_corner(difference, piece, points, fixed, strict):
            continue
        middle = {s: (a + b) / 2 for s, (a, b) in piece.items()}
        sign = _sign(difference, {**points, **middle})
        if sign is not None and (sign < 0 or (strict and sign == 0)):
            raise PreconditionError(theorem, condition, _witness(left, right, strict, {**middle, **points}, name))
        widest = max(piece, key=lambda s: piece[s][1] - piece[s][0])
        a, b = piece[widest]
        todo += [{**piece, widest: (a, (a + b) / 2)}, {**piece, widest: ((a + b) / 2, b)}]
    ranges = ", ".join(f"{s} in [{float(a):g}, {float(b):g}]" for s, (a, b) in box.items())
    return f"by ball arithmetic on {pieces} pieces of {ranges}{f' at {where}' if where and points else ''}"


def _smallest_at_a_corner(difference: Expr, piece: dict, points: dict, fixed: dict, strict: bool) -> bool:
    """Whether the difference is monotone in each variable on a piece and has the right sign where it is smallest.

    This decides pieces that touch zero, which no cutting does.
    """
    corner = {}
    box = {**fixed, **{s: _interval(a, b) for s, (a, b) in piece.items()}}
    for symbol, (a, b) in piece.items():
        try:
            slope = ball(_derivative(difference, symbol), box)
        except (ValueError, ZeroDivisionError, NotImplementedError):
            return False
        if not (slope >= 0 or slope <= 0):
            return False
        corner[symbol] = a if slope >= 0 else b
    sign = _sign(difference, {**points, **corner})
    return sign is not None and (sign > 0 or (sign == 0 and not strict))


@functools.lru_cache(maxsize=256)
def _derivative(expr: Expr, symbol: Symbol) -> Expr:
    return sympy.diff(expr, symbol)


def _interval(a: Fraction, b: Fraction) -> arb:
    return arb(fmpq(a.numerator, a.denominator)).union(arb(fmpq(b.numerator, b.denominator)))


def _sign(expr: Expr, values: Mapping[Symbol, Fraction]) -> int | None:
    """Sign at a point; None where it can't be found."""
    try:
        value = at(expr, values, bits=32)
        if value > 0 or value < 0:
            return 1 if value > 0 else -1
    except ValueError:
        pass
    exact = expr.subs({s: _sympy(x) for s, x in values.items()}).doit()
    return int(sympy.sign(exact)) if exact.is_Rational else None


def _search(left: Expr, right: Expr, strict: bool, region: Region, name: str) -> str | None:
    """A counter-example on a small grid of n, c and the variable."""
    free = _symbols(left, right, region).union(*(w.free_symbols for w in region.where if w not in (True, sympy.true)))
    others = sorted(free - {region.variable}, key=str)
    given = {s: x for s, x in (region.values or {}).items() if not isinstance(x, tuple)}
    choices: list[Iterable[Fraction]] = [
        (given[s],) if s in given else tuple(map(Fraction, _GRID_N)) if s == n else _GRID for s in others
    ]
    for chosen in itertools.product(*choices):
        point = dict(zip(others, chosen))
        put = {s: _sympy(x) for s, x in point.items()}
        if any(w.subs(put) != True for w in region.where if w not in (True, sympy.true)):  # noqa: E712
            continue
        for x in _samples(region, put) if region.variable in (left.free_symbols | right.free_symbols) else [None]:
            here = point if x is None else {region.variable: x, **point}
            sign = _sign(left - right, here)
            if sign is not None and (sign < 0 or (strict and sign == 0)):
                return _witness(left, right, strict, here, name)
    return None


def _samples(region: Region, put: Mapping) -> list:
    if region.variable is None:
        return [None]
    low = region.smallest.subs(put)
    high = low + 10 if region.largest is None else region.largest.subs(put)
    if not (low.is_Rational and high.is_Rational):
        return []
    low, high = Fraction(int(low.p), int(low.q)), Fraction(int(high.p), int(high.q))
    found = {low + x for x in (0, 1, 2, 3, 4)} | {high, (low + high) / 2}
    return sorted(x for x in found if low <= x <= high and (not region.integer or x.denominator == 1))


def _witness(left: Expr, right: Expr, strict: bool, point: Mapping[Any, Fraction], name: str) -> str:
    a, b = (f"{float(at(e, point, bits=32).mid()):.6g}" for e in (left, right))
    return f"{_values_text(point)}: {name} {a} {'<=' if strict else '<'} {b}"


def _values_text(values: Mapping[Any, Any] | None) -> str:
    def text(x: Any) -> str:
        if isinstance(x, tuple):
            return f"[{text(x[0])}, {text(x[1])}]"
        return str(x.numerator) if x.denominator == 1 else f"{float(x):.6g}"

    return ", ".join(f"{s} = {text(x)}" for s, x in (values or {}).items())


def _rational(expr: Expr, points: Mapping[Symbol, Fraction]) -> Fraction:
    value = sympy.sympify(expr).subs({s: _sympy(x) for s, x in points.items()})
    if not value.is_Rational:
        value = sympy.Rational(str(value.evalf(30)))
    return Fraction(int(value.p), int(value.q))


@functools.lru_cache(maxsize=4096)
def _sympy(value: Fraction) -> Expr:
    return sympy.Rational(value.numerator, value.denominator)


__all__ = ["Region", "show"]
