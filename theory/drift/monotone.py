"""Is h non-decreasing? Read off its form where that shows it, else by differences, or by the sign of the derivative.

The form: sums of non-decreasing terms, products of non-negative ones, powers, logarithms, minima. It asks for no derivative, so
that Min(v, 2) and sqrt(k) are decided as they stand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import sympy
from sympy import Expr, Symbol

from theory.derivation import Check
from theory.drift.prover import Region, _substitutions, _tidy, certain_sign, show
from theory.errors import PreconditionError
from theory.facts import Monotone

_RISING = (sympy.log, sympy.exp, sympy.floor, sympy.ceiling, sympy.harmonic)
_WITHOUT_DERIVATIVE = (sympy.Derivative, sympy.Subs, sympy.sign, sympy.Heaviside, sympy.DiracDelta, sympy.nan, sympy.zoo)


def show_monotone(theorem: str, h: Expr, region: Region, condition: str = "h(s) is non-decreasing") -> Check:
    """Show that h is non-decreasing in the variable of a region.

    Raises
    ------
    PreconditionError
        With a witness, or saying what keeps it from being decided.

    Examples
    --------
    >>> from theory.symbols import k, n
    >>> print(show_monotone("", sympy.sqrt(k) / n, Region(k, sympy.Integer(1), n, True)).how)
    by its form: sums, products and powers of non-decreasing terms
    """
    s = region.variable
    assert s is not None
    if s not in h.free_symbols:
        return Check(condition, "it is constant", "necessary")
    if trend(h, region) == 1:
        how = "by its form: sums, products and powers of non-decreasing terms"
        values = tuple(sorted((region.values or {}).items(), key=str))
        where = tuple(w for w in region.where if w not in (True, sympy.true))
        fact = Monotone(h, s, region.smallest, region.largest, region.integer, where, values)
        return Check(condition, how, "necessary", fact)
    if region.integer:
        shorter = replace(region, largest=None if region.largest is None else region.largest - 1)
        return show(theorem, condition, "necessary", h.subs(s, s + 1), h, shorter, name="h(s + 1)")
    if h.has(sympy.Piecewise, sympy.floor, sympy.ceiling, sympy.sign, sympy.Heaviside):  # the derivative doesn't see a jump
        raise PreconditionError(theorem, condition, advice="h has jumps; give a continuous lower bound on it")
    slope = sympy.diff(h, s)
    if slope.has(*_WITHOUT_DERIVATIVE):
        raise PreconditionError(theorem, condition, advice="h has no derivative everywhere; give a smooth lower bound on it")
    return show(theorem, condition, "necessary", slope, sympy.Integer(0), region, name="h'(s)")


def trend(expr: Expr, region: Region) -> int | None:
    """1 if an expression is non-decreasing in the region's variable by its form, -1 if non-increasing, 0 if constant.

    >>> from theory.symbols import c, k, n
    >>> trend(k * (1 - c / n) ** (n - k), Region(k, sympy.Integer(1), n, True, (c < n,)))
    1
    """
    assert region.variable is not None
    points = {x: sympy.Rational(y.numerator, y.denominator) for x, y in (region.values or {}).items() if not isinstance(y, tuple)}
    smaller = Region(
        region.variable, region.smallest.subs(points), None if region.largest is None else region.largest.subs(points),
        region.integer, tuple(w.subs(points) for w in region.where),
    )  # fmt: skip
    puts = [put for bounded in (False, True) if (put := _substitutions(smaller, bounded)) is not None]

    def at_least_zero(e: Expr) -> bool:
        e = e.subs(points)
        return certain_sign(e) or any(certain_sign(_tidy(e.subs(put))) for put in puts)

    return _trend(expr, region.variable, at_least_zero)


def _trend(expr: Expr, s: Symbol, nonnegative: Callable[[Expr], bool]) -> int | None:
    if s not in expr.free_symbols:
        return 0
    if expr == s:
        return 1
    if expr.is_Add or isinstance(expr, (sympy.Min, sympy.Max)):
        return _common([_trend(a, s, nonnegative) for a in expr.args])
    if isinstance(expr, _RISING) and len(expr.args) == 1:
        return _trend(expr.args[0], s, nonnegative)
    if expr.is_Mul:
        factor, rest = expr.as_independent(s, as_Add=False)
        parts = sympy.Mul.make_args(rest)
        if len(parts) > 1 and not all(map(nonnegative, parts)):
            return None
        return _signed(_common([_trend(a, s, nonnegative) for a in parts]), factor, nonnegative)
    if expr.is_Pow:
        base, power = expr.base, expr.exp
        if s not in power.free_symbols:
            return _signed(_trend(base, s, nonnegative), power, nonnegative) if nonnegative(base) else None
        if s not in base.free_symbols and nonnegative(base):
            return _signed(_trend(power, s, nonnegative), base - 1, nonnegative)
    return None


def _common(trends: list[int | None]) -> int | None:
    """The trend of a sum: the one that all parts have."""
    kinds = set(trends) - {0}
    return kinds.pop() if len(kinds) == 1 else None if kinds else 0


def _signed(found: int | None, factor: Expr, nonnegative: Callable[[Expr], bool]) -> int | None:
    """The trend times the sign of a constant factor."""
    if found is None or nonnegative(factor):
        return found
    return -found if nonnegative(-factor) else None
