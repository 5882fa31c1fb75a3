"""Is a mutation rate a probability? Decided exactly where it is a number, by ball arithmetic where it depends on t, k, v.

:func:`theory.balls.enclosure` evaluates the expression on the whole box t in [1, 2^62], k in [0, n], v in its range with
python-flint balls, splitting the box where that helps. What it can't prove, the kernels check value by value.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping

import sympy
from sympy import Expr

from theory.balls import enclosure
from theory.errors import InputError
from theory.values import Number, exact

_LATEST = 2**62
_PIECES = 512


def check_rate(rate: Expr, values: Mapping[str, Number], n: int, value_range: tuple[float, float]) -> bool:
    """Refuse a rate that is certainly no probability.

    Returns
    -------
    bool
        True if the rate was proved to lie in [0, 1] wherever it can be used; False if kernels must check.

    Raises
    ------
    InputError
        If it lies outside [0, 1], naming where.
    """
    put = {}
    for symbol in rate.free_symbols:
        if str(symbol) in values:
            fraction = exact(values[str(symbol)])
            put[symbol] = sympy.Rational(fraction.numerator, fraction.denominator)
    expr = rate.subs(put)
    at = ", ".join(f"{name} = {value}" for name, value in values.items())
    if not expr.free_symbols:
        if not (expr.is_real and expr.is_finite):
            raise InputError(f"rate: {rate} is {expr} at {at}; a mutation rate must lie in [0, 1]")
        if not (sympy.Ge(expr, 0) == True and sympy.Le(expr, 1) == True):  # noqa: E712 (sympy's truth)
            raise InputError(f"rate: {rate} is {float(expr):.6g} at {at}; a mutation rate must lie in [0, 1]")
        return True
    return _proved(expr, n, value_range, str(rate), at)


@functools.lru_cache(maxsize=256)
def _proved(expr: Expr, n: int, value_range: tuple[float, float], rate: str, at: str) -> bool:
    ranges = {"t": (1.0, float(_LATEST)), "k": (1.0, float(n)), "v": value_range, "i": (1.0, float(n))}
    box = {symbol: ranges[str(symbol)] for symbol in expr.free_symbols}
    if any(math.isinf(end) for ends in box.values() for end in ends):
        return False
    open_boxes, pieces = [box], 0
    inside = outside = False
    while open_boxes and pieces < _PIECES:
        piece = open_boxes.pop()
        pieces += 1
        ball = enclosure(expr, piece)
        if ball is not None and ball >= 0 and ball <= 1:  # comparisons of balls are true only where they are certain
            inside = True
            continue
        if ball is not None and (ball < 0 or ball > 1):
            outside = True
            continue
        if inside and outside:  # wrong somewhere, but perhaps where no run ever comes: the kernels will see
            return False
        widest = max(piece, key=lambda s: math.log1p(piece[s][1]) - math.log1p(max(piece[s][0], 0)))
        a, b = piece[widest]
        middle = math.sqrt(a * b) if a > 0 and b / a > 4 else (a + b) / 2
        if not a < middle < b:
            return False
        open_boxes += [{**piece, widest: (a, middle)}, {**piece, widest: (middle, b)}]
    if outside and not inside and not open_boxes:
        where = ", ".join(f"{s} in [{a:g}, {b:g}]" for s, (a, b) in box.items())
        raise InputError(f"rate: {rate} lies outside [0, 1] for all {where} ({at}); a mutation rate must lie in [0, 1]")
    return inside and not outside and not open_boxes
