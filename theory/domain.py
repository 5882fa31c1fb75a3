"""Where a static mutation rate is a probability strictly between 0 and 1, as conditions on n and c."""

from __future__ import annotations

import sympy
from sympy import Expr

from theory.symbols import c, n

NEVER = sympy.Lt(n, 1, evaluate=False)  # n is at least 1


def rate_conditions(p: Expr, below: Expr | int = 1) -> tuple:
    """Conditions for 0 < p < ``below``, as simple as they can be said.

    >>> rate_conditions(c / n)
    (c > 0, c < n)
    >>> rate_conditions(1 / n)
    (n >= 2,)
    >>> rate_conditions(sympy.Rational(1, 3))
    ()
    """
    constant = sympy.cancel(p * n) if p.is_rational_function(n, c) else p * n
    if n not in constant.free_symbols and n in p.free_symbols:  # p = constant/n
        return (*_simple(sympy.Gt(constant, 0, evaluate=False)), *_simple(sympy.Lt(constant, n * below, evaluate=False)))
    return (*_simple(sympy.Gt(p, 0, evaluate=False)), *_simple(sympy.Lt(p, below, evaluate=False)))


def constant_of(p: Expr) -> Expr | None:
    """The constant of a rate that is constant/n, else None.

    >>> constant_of(2 * c / n)
    2*c
    """
    constant = sympy.cancel(p * n) if p.is_rational_function(n, c) else p * n
    return None if n in constant.free_symbols else constant


def _simple(relation: sympy.Rel) -> tuple:
    """Drop what always holds; solve for n; keep c > 0 for the reader."""
    if relation.lhs == c and relation.rhs == 0:
        return (relation,)
    truth = relation.doit() if relation.lhs.is_number and relation.rhs.is_number else relation.func(relation.lhs, relation.rhs)
    if truth == True:  # noqa: E712 (sympy's truth)
        return ()
    if truth == False:  # noqa: E712
        return (NEVER,)
    if relation.lhs.is_number and relation.rhs == n and relation.rel_op == "<":
        return (sympy.Ge(n, sympy.floor(relation.lhs) + 1, evaluate=False),)
    return (relation,)
