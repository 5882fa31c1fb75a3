"""An inequality for every n, in balls: u = 1/n on [0, 1/N] with a rigorous enclosure at u = 0, and every n below N by itself.

*Large n.* With n = 1/u the difference left - right is brought to a form that is analytic at u = 0: a power (1 + u b)^(e/u) is
exp(e b L(u b)) with L(x) = ln(1 + x)/x, whose Taylor coefficients are known everywhere; a harmonic number H_n is
ln n + gamma + u/2 - h u^2/8 with an unknown h in [0, 1]; powers of u in front are divided out. What is left, G(u), has
coefficients a_0, a_1, ... at u = 0 that sympy works out. If a_j is the first that isn't 0, then G(u) = u^j g with g in the
enclosure of the j-th Taylor coefficient of G over all of [0, 1/N] (Lagrange), and the sign of g decides for all n >= N at once.
Where ln n is left, A + B ln n > 0 for all n >= N follows from B >= 0 and A + B ln N > 0.

*Small n.* Each n < N is decided in balls on boxes of c, which are halved until they decide.

Where N would have to exceed ``LARGEST``, or the form is none of these, the result is that nothing was decided.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy
from flint import arb, arb_series, ctx, fmpq
from sympy import Basic, Expr, Symbol

from theory.arguments import plain_arguments
from theory.balls import ball
from theory.symbols import c, n

u, h, log_n = Symbol("u", positive=True), Symbol("h", positive=True), Symbol("ln_n", positive=True)
_L = sympy.Function("L")
LARGEST = 4096
ORDER = 4
"""The highest coefficient that is looked at."""
DEEPEST = 14


@dataclass(frozen=True)
class ForAll:
    """The result: ``holds`` for all n from ``first`` on (None: not decided), and how; a counter-example is (n, c)."""

    holds: bool | None
    how: str
    counterexample: tuple[int, Fraction | None] | None = None


@plain_arguments
def for_all_n(left: Expr, right: Expr, *, first: int = 1, constants: tuple[Any, Any] | None = None) -> ForAll:
    """Decide left > right for every integer n >= first and every c in an interval.

    Parameters
    ----------
    left, right : sympy.Expr
        In n and c.
    first : int
    constants : (low, high), optional
        The interval of c, ends included; none for formulas in n alone.

    Returns
    -------
    ForAll

    Examples
    --------
    >>> print(for_all_n(sympy.exp(c), (1 - c / n) ** (1 - n), first=2, constants=("1/10", 1)).how)
    in balls: n >= 16 at once by the coefficient of u^1, n = 2, ..., 15 one by one
    >>> for_all_n((1 - 1 / n) ** n, sympy.exp(-1), first=2).counterexample
    (2, None)
    """
    box = None if constants is None else tuple(Fraction(str(x)) for x in constants)
    with ctx.workprec(160):
        wrong = _counterexample(left - right, first, box)
        if wrong is not None:
            return ForAll(False, f"fails at n = {wrong[0]}" + ("" if wrong[1] is None else f", c = {wrong[1]}"), wrong)
        start = max(first, 16)
        prepared = _prepared(left - right)
        if isinstance(prepared, str):
            return ForAll(None, prepared)
        while not _from(prepared, start, box):
            start *= 4
            if start > LARGEST:
                return ForAll(None, f"no N up to {LARGEST} is large enough for the expansion")
        for size in range(first, start):
            if not _on_boxes(left - right, size, box):
                return ForAll(None, f"n = {size} could not be decided in balls")
    below = f", n = {first}, ..., {start - 1} one by one" if start > first else ""
    return ForAll(True, f"in balls: n >= {start} at once by the coefficient of u^{prepared[2]}{below}")


def _arb(x: Any) -> arb:
    value = Fraction(x)
    return arb(fmpq(value.numerator, value.denominator))


def _counterexample(gap: Expr, first: int, box: Any) -> tuple[int, Fraction | None] | None:
    for size in (first, first + 1, first + 3, 10 * first, 1000 * first):
        for x in (None,) if box is None else (box[0], (box[0] + box[1]) / 2, box[1]):
            try:
                if ball(gap, {n: arb(size), **({} if x is None else {c: _arb(x)})}) < 0:
                    return size, x
            except (ValueError, ZeroDivisionError, NotImplementedError):
                continue
    return None


def _on_boxes(gap: Expr, size: int, box: Any, depth: int = 0) -> bool:
    """gap > 0 at one n on an interval of c."""
    try:
        inside = {n: arb(size)} if box is None else {n: arb(size), c: _arb(box[0]).union(_arb(box[1]))}
        if ball(gap, inside) > 0:
            return True
    except (ValueError, ZeroDivisionError, NotImplementedError):
        pass
    if box is None or depth == DEEPEST:
        return False
    middle = (box[0] + box[1]) / 2
    return _on_boxes(gap, size, (box[0], middle), depth + 1) and _on_boxes(gap, size, (middle, box[1]), depth + 1)


# ---- large n: the analytic form


Parts = tuple[Expr, Expr, int]


def _prepared(gap: Expr) -> Parts | str:
    """(A, B, order): gap = u^-m (A + B ln n), A and B analytic at u = 0, with no coefficient below ``order`` but 0."""
    gap = gap.replace(sympy.harmonic, lambda m: log_n + sympy.EulerGamma + u / 2 - h * u**2 / 8 if m == n else sympy.nan)
    gap = sympy.expand_log(gap, force=True).subs(sympy.log(n), log_n).subs(n, 1 / u)
    gap = gap.replace(lambda e: e.is_Pow and e.exp.has(u), lambda e: _power(e.base, e.exp))
    gap = gap.replace(lambda e: isinstance(e, sympy.log) and e.has(u), lambda e: _logarithm(e.args[0]))
    heads = {type(part) for part in sympy.preorder_traversal(gap) if part.args and part.free_symbols}
    expanded = {sympy.Add, sympy.Mul, sympy.Pow, sympy.exp, _L}
    if gap.has(sympy.nan, sympy.zoo) or gap.free_symbols - {u, c, h, log_n} or not heads <= expanded:
        return "the formula has parts that aren't expanded here"
    terms = sympy.Add.make_args(sympy.expand(gap))
    lowest = min((term.as_powers_dict().get(u, 0) for term in terms), default=0)
    gap = sympy.expand(sympy.Add(*terms) * u ** max(0, -lowest))
    parts = [gap.coeff(log_n, power) for power in (0, 1)]
    if sympy.expand(gap - parts[0] - parts[1] * log_n) != 0 or parts[0].has(log_n) or parts[1].has(log_n):
        return "powers of ln n aren't expanded here"
    orders = [_first_order(part) for part in parts if part != 0]
    known = [order for order in orders if order is not None]
    return (parts[0], parts[1], min(known)) if known else f"the first {ORDER} coefficients vanish, or can't be worked out"


def _power(base: Expr, exponent: Expr) -> Expr:
    return sympy.exp(sympy.expand(exponent * u) * _quotient(base))


def _logarithm(base: Expr) -> Expr:
    return u * _quotient(base)


def _quotient(base: Expr) -> Expr:
    """ln(base)/u for a base that is 1 at u = 0."""
    rest = sympy.expand((base - 1) / u)
    return rest * _L(sympy.expand(u * rest)) if not sympy.expand(base - 1).subs(u, 0) else sympy.nan


def _first_order(expr: Expr) -> int | None:
    known = expr.replace(_L, lambda x: sum((-x) ** k / (k + 1) for k in range(ORDER + 2)))
    for order in range(ORDER + 1):
        coefficient = sympy.simplify(sympy.diff(known, u, order).subs(u, 0))
        if coefficient.has(sympy.nan, sympy.zoo):
            return None
        if coefficient != 0:
            return order
    return None


# ---- large n: Taylor coefficients over all of [0, 1/N]


def _from(parts: Parts, start: int, box: Any, depth: int = 0) -> bool:
    """Whether A + B ln n > 0 is certain for all n >= start and every c in the interval."""
    inside = None if box is None else _arb(box[0]).union(_arb(box[1]))
    rest, logarithmic, order = parts
    try:
        slope = arb(0) if logarithmic == 0 else _coefficient(logarithmic, order, start, inside)
        if slope >= 0 and _coefficient(rest, order, start, inside) + slope * arb(start).log() > 0:
            return True
    except (ValueError, ZeroDivisionError, NotImplementedError):
        pass
    if box is None or depth == DEEPEST // 2:
        return False
    middle = (box[0] + box[1]) / 2
    return all(_from(parts, start, half, depth + 1) for half in ((box[0], middle), (middle, box[1])))


def _coefficient(expr: Expr, order: int, start: int, constant: arb | None) -> arb:
    """The Taylor coefficient of that order at every point of [0, 1/start]."""
    where = arb(0).union(arb(1) / start)
    length = order + 1
    atoms = {u: arb_series([where, arb(1)], prec=length), h: arb_series([arb(0).union(arb(1))], prec=length)}
    if constant is not None:
        atoms[c] = arb_series([constant], prec=length)
    return _series(expr, atoms, length)[order]


def _series(expr: Basic, atoms: dict, length: int) -> arb_series:
    if expr in atoms:
        return atoms[expr]
    if not expr.free_symbols:
        return arb_series([ball(expr, {})], prec=length)
    parts = [_series(x, atoms, length) for x in expr.args]
    if expr.is_Add:
        return sum(parts[1:], parts[0])
    if expr.is_Mul:
        product = parts[0]
        for part in parts[1:]:
            product = product * part
        return product
    if expr.is_Pow and expr.exp.is_Integer:
        base, result = parts[0], arb_series([arb(1)], prec=length)
        for _ in range(abs(int(expr.exp))):
            result = result * base
        return result if expr.exp > 0 else arb_series([arb(1)], prec=length) / result
    if isinstance(expr, sympy.exp):
        return parts[0].exp()
    if isinstance(expr, _L):
        return _composed(parts[0], length)
    raise NotImplementedError(type(expr).__name__)


def _composed(x: arb_series, length: int) -> arb_series:
    """L(x) for a series x: Taylor coefficients of L at its constant term, by the power series of L with its tail enclosed."""
    at = x[0]
    if not abs(at) < 0.5:
        raise NotImplementedError("too far from 0")
    rest = x - arb_series([at], prec=length)
    result, power = arb_series([arb(0)], prec=length), arb_series([arb(1)], prec=length)
    for k in range(length):
        terms = 120
        value = arb(0)
        for m in range(k, terms):
            value += (-1) ** m * arb(m).bin(k) * at ** (m - k) / (m + 1)
        tail = arb(terms).bin(k) * abs(at) ** (terms - k) / (terms + 1) * 4  # ratio of terms below 3/4 there
        value += arb(0, tail.upper()) if not tail == 0 else 0
        result = result + power * arb_series([value], prec=length)
        power = power * rest
    return result
