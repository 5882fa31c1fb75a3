"""Wrong bounds made from right ones: does verifying find the change?

A mutant differs from a derived bound in one place:

*constant*    a number in the formula, or in a condition, is one larger
*sign*        a term of a sum in the formula changes its sign
*exponent*    an exponent in the formula is one larger
*condition*   a condition is left out, turned round, or made strict where it isn't (and the other way round)

A change that changes nothing is no mutant: the same value wherever the bound can be evaluated.

A *double* mutant changes what is put into the lemma of the last step, and the formula alike: the formula still is what the lemma
concludes, so another check must find it. One that isn't found may be true all the same: a weaker bound than the right one, or
the same as n grows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import sympy
from sympy import Basic, Expr

from proofs_check.link import claimed, differ, link, signs_along
from theory.bound import Bound
from theory.symbols import c, n

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


def double_mutants(bound: Bound) -> Iterator[Mutant]:
    """Every double mutant of a derived bound: an ingredient doubled, halved, and, if it is a number, one more and one less.

    Examples
    --------
    >>> from theory import OneMax, RLS
    >>> for mutant in double_mutants(RLS().on(OneMax()).bounds()[0]):
    ...     print(mutant.change, "->", mutant.bound.expr)
    start doubled -> Sum(n/j, (j, 1, 2*k))
    start halved -> Sum(n/j, (j, 1, k/2))
    start + 1 -> Sum(n/j, (j, 1, k + 1))
    start - 1 -> Sum(n/j, (j, 1, k - 1))
    s doubled -> Sum(n/(2*j), (j, 1, k))
    s halved -> Sum(2*n/j, (j, 1, k))
    """
    assert bound.derivation is not None and bound.derivation.conclusion is not None
    last, where = bound.derivation.conclusion, claimed(bound)
    for index, (name, value) in enumerate(last.given):
        for change, other in _ingredients(value):
            step = replace(last, given=(*last.given[:index], (name, other), *last.given[index + 1 :]))
            expr = step.expr
            if differ(bound.expr, expr, where):
                derivation = replace(bound.derivation, conclusion=step)
                yield Mutant("double", f"{name} {change}", bound.with_(expr=expr, exact_function=None, derivation=derivation))


def fate(mutant: Mutant, right: Bound) -> str:
    """What becomes of a double mutant: who finds it out ("last step", "small cases"), or why it may live, or "".

    Small cases are whole chains with n <= 3. A survivor is weaker if it is nowhere below the right bound (if it is a lower one:
    nowhere above it) where both are evaluated, and the same if they agree as n grows: it is true.
    """
    from proofs_check import levels
    from proofs_check.certificate import SMALLEST

    if link(mutant.bound).holds is not True:
        return "last step"
    if levels.exact(mutant.bound, largest=SMALLEST).holds is False:
        return "small cases"
    if _weaker(mutant.bound, right):
        return "weaker"
    growing = right.direction in ("asymptotic", "theta")
    return "the same" if growing and _same_as_n_grows(mutant.bound, right) else ""


def _same_as_n_grows(bound: Bound, right: Bound) -> bool:
    """Whether two formulas differ by less than a thousandth of what a statement for growing n leaves open, at two large n."""
    from theory.facts.evaluation import compare, value_at

    if right.direction == "theta":
        return not sympy.simplify(bound.expr / right.expr).free_symbols
    left_open = right.expr if right.remainder is None else right.remainder
    powers = any(e.exp.has(n) for e in left_open.atoms(sympy.Pow))
    for size in (1000, 2000) if powers else (10**6, 10**12):
        more, part = (value_at(x, {n: Fraction(size), c: Fraction(1)}) for x in (bound.expr - right.expr, left_open))
        if more is None or part is None or compare(1000 * abs(more), abs(part)) != -1:
            return False
    return True


def _weaker(bound: Bound, right: Bound) -> bool:
    side = right.side if right.direction == "asymptotic" else right.direction
    signs = [sign for sign in signs_along(bound.expr, right.expr, claimed(right)) if sign is not None]
    if not signs:  # a bound with values at n = 1 only
        signs = [sign for sign in signs_along(bound.expr.subs(n, 1), right.expr.subs(n, 1)) if sign is not None]
    return bool(signs) and {"upper": min(signs) >= 0, "lower": max(signs) <= 0}.get(side, False)


def _ingredients(value: Basic) -> Iterator[tuple[str, Basic]]:
    if isinstance(value, sympy.Lambda):
        yield "doubled", sympy.Lambda(value.variables, 2 * value.expr)
        yield "halved", sympy.Lambda(value.variables, value.expr / 2)
        return
    assert isinstance(value, Expr)
    yield from (("doubled", 2 * value), ("halved", value / 2), ("+ 1", value + 1), ("- 1", value - 1))


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
