"""Ball arithmetic on expressions: a rigorous enclosure of a formula's value on a box, or at a point to full precision.

python-flint's ``arb`` is a midpoint with a radius; every operation widens the radius by its rounding error, so that the
true value is always inside. Comparisons of balls are true only where they are certain.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from fractions import Fraction

import sympy
from flint import arb, ctx, fmpq
from sympy import Expr

Box = Mapping[sympy.Symbol, arb]
_LONGEST_SUM = 2_000_000  # terms


def enclosure(expr: Expr, box: Mapping[sympy.Symbol, tuple[float, float]]) -> arb | None:
    """A ball that contains every value of an expression on a box, or None where ball arithmetic can't say.

    >>> from theory.symbols import k
    >>> ball = enclosure(1 / (k + 1), {k: (0.0, 3.0)})
    >>> bool(ball > 0), bool(ball < 1.5)
    (True, True)
    """
    try:
        result = ball(expr, {s: arb(a).union(arb(b)) for s, (a, b) in box.items()})
    except (ValueError, ZeroDivisionError, NotImplementedError):
        return None
    return result if result.is_finite() else None


def at(expr: Expr, values: Mapping[sympy.Symbol, int | Fraction], bits: int = 60) -> arb:
    """The value of an expression at a rational point, to at least ``bits`` bits.

    Raises
    ------
    ValueError
        If the expression isn't defined there or has a function that balls can't evaluate.

    Examples
    --------
    >>> from theory.symbols import n
    >>> at((1 - 1 / n) ** (1 - n), {n: 10})
    [2.58117479171320 +/- ...]
    """
    precision = max(2 * bits, 96)
    expr = _steps_taken(expr, values)
    while precision <= 64 * bits:
        with ctx.workprec(precision):
            try:
                box = {s: arb(fmpq(Fraction(x).numerator, Fraction(x).denominator)) for s, x in values.items()}
                result = ball(expr, box)
            except (ZeroDivisionError, NotImplementedError) as error:
                raise ValueError(f"{expr} has no value there: {error}") from None
            if result.is_finite() and (result.rel_accuracy_bits() >= bits or result == 0):
                return result
        precision *= 2
    if result.is_finite() and (result.rel_accuracy_bits() >= 20 or result.rad() < 2.0**-bits):
        return result
    raise ValueError(f"{expr} has no value at {dict(values)}")


def _steps_taken(expr: Expr, values: Mapping[sympy.Symbol, int | Fraction]) -> Expr:
    """floor and ceiling at a rational point, exactly: a ball around an integer would have two values there."""
    if not expr.has(sympy.floor, sympy.ceiling):
        return expr
    put = {s: sympy.Rational(Fraction(x).numerator, Fraction(x).denominator) for s, x in values.items()}
    return expr.replace(lambda part: isinstance(part, (sympy.floor, sympy.ceiling)), lambda part: part.subs(put))


def certain(condition: sympy.Basic, values: Mapping[sympy.Symbol, int | Fraction]) -> bool | None:
    """Whether a relation holds at a rational point; None where balls can't tell.

    >>> from theory.symbols import c, n
    >>> certain(c < n, {c: 2, n: 3}), certain(c < n, {c: 3, n: 3})
    (True, False)
    """
    condition = _steps_taken(condition, values)
    for precision in (64, 512, 4096):  # (1 - c/n)^n loses the bits of n
        with ctx.workprec(precision):
            box = {s: arb(fmpq(Fraction(x).numerator, Fraction(x).denominator)) for s, x in values.items()}
            try:
                truth = _truth(condition, box)
            except (ValueError, ZeroDivisionError, NotImplementedError):
                return None
        if truth is not None:
            return truth
    return None


def number_of(expr: Expr, values: Mapping[sympy.Symbol, Fraction]) -> Expr:
    """An expression at a rational point, its finite sums and products written out: a sympy rational wherever the value is one.

    sympy's own ``doit`` looks for closed forms of sums and may not come back.

    >>> from theory.symbols import n
    >>> number_of(sympy.Max(0, 1 - sympy.log(n)) + 1 / n, {n: Fraction(3)})
    1/3
    """
    for kind, held in _HELD.items():
        expr = expr.replace(kind, held)
    found = _without_sums(expr.subs({s: sympy.Rational(x.numerator, x.denominator) for s, x in values.items()}))
    for kind, held in _HELD.items():  # in sums that can't be written out
        found = found.replace(held, kind)
    return found


_HELD = {sympy.Max: sympy.Function("largest"), sympy.Min: sympy.Function("smallest")}
"""They stand for Max and Min until the arguments are numbers: sympy compares logarithms at each substitution, by simplifying."""


def _without_sums(expr: sympy.Basic) -> sympy.Basic:
    if isinstance(expr, sympy.Sum):
        *inner, (index, first, last) = expr.limits
        if not (first.is_Integer and last.is_Integer):
            return expr
        body = sympy.Sum(expr.function, *inner) if inner else expr.function
        return sympy.Add(*(_without_sums(body.subs(index, i)) for i in range(int(first), int(last) + 1)))
    if isinstance(expr, sympy.Product) and len(expr.limits) == 1 and all(x.is_Integer for x in expr.limits[0][1:]):
        index, first, last = expr.limits[0]
        return sympy.Mul(*(_without_sums(expr.function.subs(index, i)) for i in range(int(first), int(last) + 1)))
    for kind, held in _HELD.items():
        if isinstance(expr, held):
            return _extreme(kind, [_without_sums(part) for part in expr.args])
    return expr.func(*map(_without_sums, expr.args)) if expr.args else expr


def _extreme(kind: type, parts: list) -> sympy.Basic:
    """The largest or the smallest of some numbers, found in balls; it stays open where they can't tell."""
    if all(part.is_Rational for part in parts) or any(part.free_symbols for part in parts):
        return kind(*parts)
    try:
        with ctx.workprec(128):
            balls = [ball(part, {}) for part in parts]
    except (ValueError, ZeroDivisionError, NotImplementedError):
        balls = []
    for one, part in zip(balls, parts):
        if all(other is one or (one > other if kind is sympy.Max else one < other) for other in balls):
            return part
    return kind(*parts, evaluate=False)


def ball(expr: Expr, box: Box) -> arb:
    """Evaluate an expression tree in ball arithmetic; sums must have limits that are exact integers on the box."""
    if expr in box:
        return box[expr]
    if expr.is_Rational:
        return arb(fmpq(int(expr.p), int(expr.q)))
    if expr.is_Float:
        return arb(float(expr))
    if expr is sympy.pi:
        return arb.pi()
    if expr is sympy.E:
        return arb(1).exp()
    if expr is sympy.EulerGamma:
        return arb.const_euler()
    if isinstance(expr, sympy.Sum):
        return _sum(expr.function, expr.limits, box)
    if isinstance(expr, sympy.Product) and len(expr.limits) == 1:
        return _product(expr.function, expr.limits[0], box)
    if isinstance(expr, sympy.Piecewise):
        return _piecewise(expr, box)
    if isinstance(expr, sympy.Integral):
        return _integral(expr, box)
    if isinstance(expr, (sympy.floor, sympy.ceiling)):
        whole = {s: _whole(box[s]) for s in expr.free_symbols if s in box}
        if None not in whole.values():  # an index of a sum: exactly
            expr = expr.subs(whole)
            if expr.is_Integer:
                return arb(int(expr))
    parts = [ball(a, box) for a in expr.args]
    if expr.is_Add:
        return functools.reduce(lambda a, b: a + b, parts)
    if expr.is_Mul:
        return functools.reduce(lambda a, b: a * b, parts)
    if expr.is_Pow:
        return _power(expr, parts)
    if isinstance(expr, sympy.Min):
        return functools.reduce(lambda a, b: a.min(b), parts)
    if isinstance(expr, sympy.Max):
        return functools.reduce(lambda a, b: a.max(b), parts)
    one = _FUNCTIONS.get(type(expr))
    if one is None:
        raise NotImplementedError(type(expr).__name__)
    return one(*parts)


def _power(expr: Expr, parts: list[arb]) -> arb:
    base, exponent = parts
    if expr.exp.is_Integer:
        return base ** int(expr.exp)
    if expr.exp == sympy.Rational(1, 2):
        return base.sqrt()
    whole = exponent.unique_fmpz() if exponent.is_exact() and exponent.is_integer() else None
    if whole is not None:  # also for a base that is negative or zero
        return base**whole
    return (exponent * base.log()).exp()


def _sum(function: Expr, limits: tuple, box: Box) -> arb:
    if not limits:
        return ball(function, box)
    index, first, last = limits[-1]  # sympy lists the innermost sum first
    low, high = _integer(ball(first, box)), _integer(ball(last, box))
    if high - low >= _LONGEST_SUM:
        raise NotImplementedError(f"a sum of {high - low + 1} terms")
    total = arb(0)
    for i in range(low, high + 1):
        total += _sum(function, limits[:-1], {**box, index: arb(i)})
    return total


def _integral(expr: sympy.Integral, box: Box) -> arb:
    from theory.integrals import enclosed_integral

    (variable, low, high) = expr.limits[0] if len(expr.limits) == 1 and len(expr.limits[0]) == 3 else (None, None, None)
    if variable is None:
        raise NotImplementedError("an integral without ends, or over several variables")
    return enclosed_integral(expr.function, variable, ball(low, box), ball(high, box), box)


def _product(function: Expr, limit: tuple, box: Box) -> arb:
    index, low, high = limit[0], _integer(ball(limit[1], box)), _integer(ball(limit[2], box))
    if high - low >= _LONGEST_SUM:
        raise NotImplementedError(f"a product of {high - low + 1} factors")
    return functools.reduce(lambda a, b: a * b, (ball(function, {**box, index: arb(i)}) for i in range(low, high + 1)), arb(1))


def _whole(value: arb) -> sympy.Integer | None:
    """The integer that a ball is exactly, or None."""
    return sympy.Integer(int(str(value.unique_fmpz()))) if value.is_exact() and value.is_integer() else None


def _integer(value: arb) -> int:
    if not (value.is_exact() and value.is_integer()):
        raise NotImplementedError("a sum whose limits are no integers")
    return int(str(value.unique_fmpz()))


def _piecewise(expr: sympy.Piecewise, box: Box) -> arb:
    pieces = []
    for value, condition in expr.args:
        truth = _truth(condition, box)
        if truth is False:
            continue
        pieces.append(ball(value, box))
        if truth is True:
            break
    return functools.reduce(lambda a, b: a.union(b), pieces)  # whichever condition holds, one of these is the value


def _truth(condition: sympy.Basic, box: Box) -> bool | None:
    """True or False where a condition is certain on the whole box."""
    if condition in (sympy.true, sympy.false):
        return condition is sympy.true
    if not isinstance(condition, sympy.core.relational.Relational):
        return None
    left, right = ball(condition.lhs, box), ball(condition.rhs, box)
    yes, no = {
        ">": (left > right, left <= right),
        ">=": (left >= right, left < right),
        "<": (left < right, left >= right),
        "<=": (left <= right, left > right),
        "==": (left == right, left != right),
        "!=": (left != right, left == right),
    }[condition.rel_op]
    return True if yes else False if no else None


def _binomial(m: arb, j: arb) -> arb:
    if j.is_exact() and j.is_integer():
        number = _integer(j)
        if number < 0:
            return arb(0)
        return m.bin(number)
    raise NotImplementedError("a binomial coefficient with a lower index that is no integer")


def _harmonic(m: arb, order: arb | None = None) -> arb:
    if order is not None and not order == 1:
        raise NotImplementedError("harmonic numbers of higher order")
    if m == 0:
        return arb(0)
    return (m + 1).digamma() + arb.const_euler()


def _polygamma(order: arb, x: arb) -> arb:
    if not order == 0:
        raise NotImplementedError("derivatives of the digamma function")
    return x.digamma()


_FUNCTIONS: dict[type, Callable[..., arb]] = {
    sympy.log: lambda x: x.log(),
    sympy.exp: lambda x: x.exp(),
    sympy.atan: lambda x: x.atan(),
    sympy.sin: lambda x: x.sin(),
    sympy.cos: lambda x: x.cos(),
    sympy.tan: lambda x: x.tan(),
    sympy.Abs: abs,
    sympy.floor: lambda x: x.floor(),
    sympy.ceiling: lambda x: x.ceil(),
    sympy.binomial: _binomial,
    sympy.harmonic: _harmonic,
    sympy.factorial: lambda x: (x + 1).gamma(),
    sympy.gamma: lambda x: x.gamma(),
    sympy.LambertW: lambda x: x.lambertw(),
    sympy.polygamma: _polygamma,
    sympy.besseli: lambda order, x: x.bessel_i(order),
}
