"""Wrong bounds made from right ones: does verifying find the change?

A mutant differs from a derived bound in one place:

*constant*    a number in the formula, or in a condition, is one larger
*sign*        a term of a sum in the formula changes its sign
*exponent*    an exponent in the formula is one larger
*condition*   a condition is left out, turned round, or made strict where it isn't (and the other way round)

A change that changes nothing is no mutant: the same value wherever the bound can be evaluated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy
from sympy import Basic, Expr

from proofs_check.link import claimed, differ, link
from theory.bound import Bound

_OTHER_WAY = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "!=", "!=": "=="}
_STRICTER = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}


@dataclass(frozen=True)
class Mutant:
    """A bound with one change: its kind, what was changed, and the bound."""

    kind: str
    change: str
    bound: Bound


def mutants(bound: Bound) -> Iterator[Mutant]:
    """Every mutant of a derived bound.

    Examples
    --------
    >>> from theory import OneMax, RLS
    >>> for mutant in mutants(RLS().on(OneMax()).bounds()[2]):
    ...     print(mutant.kind, mutant.change)
    constant 1 -> 2 in n*harmonic(n)
    """
    where = claimed(bound)
    seen: set[Expr] = {bound.expr}
    for kind, change, expr in _formulas(bound.expr):
        if expr not in seen and differ(bound.expr, expr, where):
            seen.add(expr)
            yield Mutant(kind, change, bound.with_(expr=expr))
    for index, condition in enumerate(bound.conditions):
        for change, mutated in _conditions(condition):
            conditions = bound.conditions[:index] + mutated + bound.conditions[index + 1 :]
            yield Mutant("condition", change, bound.with_(conditions=conditions))


def found_out(mutant: Mutant) -> str:
    """Who finds the change: "last step", or "" if the last step doesn't."""
    return "" if link(mutant.bound).holds is True else "last step"


# ---- changes of a formula, one place at a time


def _formulas(expr: Expr) -> Iterator[tuple[str, str, Expr]]:
    for path, part in _places(expr, ()):
        if part.is_Rational:
            above = _at(expr, path[:-1])
            kind = "exponent" if above is not None and above.is_Pow and path[-1] == 1 else "constant"
            yield kind, f"{part} -> {part + 1} in {_short(above)}", _with(expr, path, part + 1)
        if part.is_Pow and not part.exp.is_Rational:
            yield "exponent", f"{part.exp} -> {part.exp + 1} in {_short(part)}", _with(expr, (*path, 1), part.exp + 1)
        if part.is_Add:
            for index, term in enumerate(part.args):
                yield "sign", f"of {_short(term)} in {_short(part)}", _with(expr, (*path, index), -term)
        elif not path or not isinstance(_at(expr, path[:-1]), (sympy.Add, sympy.Mul, sympy.Pow, sympy.Tuple)):
            if part.is_Mul or part.is_Function:  # a factor 1 stands before everything
                yield "constant", f"1 -> 2 in {_short(part)}", _with(expr, path, 2 * part)


def _places(expr: Basic, path: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Basic]]:
    """Every part of a formula and the way to it; what sums run over is left alone but for their ends."""
    yield path, expr
    for index, part in enumerate(expr.args):
        if not (isinstance(expr, sympy.Tuple) and index == 0):
            yield from _places(part, (*path, index))


def _at(expr: Basic, path: tuple[int, ...]) -> Basic | None:
    for index in path:
        expr = expr.args[index]
    return expr


def _with(expr: Basic, path: tuple[int, ...], part: Basic) -> Basic:
    if not path:
        return part
    arguments = list(expr.args)
    arguments[path[0]] = _with(arguments[path[0]], path[1:], part)
    return expr.func(*arguments)


def _conditions(condition: Basic) -> Iterator[tuple[str, tuple]]:
    yield f"without {condition}", ()
    if not isinstance(condition, sympy.core.relational.Relational):
        return
    left, sign, right = condition.lhs, condition.rel_op, condition.rhs
    turned = sympy.Rel(left, right, _OTHER_WAY[sign], evaluate=False)
    yield f"{condition} -> {turned}", (turned,)
    if sign in _STRICTER:
        other = sympy.Rel(left, right, _STRICTER[sign], evaluate=False)
        yield f"{condition} -> {other}", (other,)
    shifted = sympy.Rel(left, right + 1, sign, evaluate=False)
    yield f"{condition} -> {shifted}", (shifted,)


def _short(expr: Basic | None) -> str:
    text = str(expr)
    return text if len(text) <= 50 else text[:47] + "..."
