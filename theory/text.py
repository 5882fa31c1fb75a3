"""Formulas as people write them: 1 - c/n, not -c/n + 1."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy
from sympy import Expr
from sympy.printing.latex import LatexPrinter
from sympy.printing.str import StrPrinter


class _PlusFirst:
    """Print the positive terms of a sum first."""

    def _as_ordered_terms(self, expr: Expr, order: Any = None) -> list[Expr]:
        terms = super()._as_ordered_terms(expr, order=order)  # type: ignore[misc]
        return sorted(terms, key=lambda term: term.could_extract_minus_sign())


class _Text(_PlusFirst, StrPrinter):
    pass


class _Latex(_PlusFirst, LatexPrinter):
    def _print_harmonic(self, expr: Expr) -> str:
        return f"H_{{{self._print(expr.args[0])}}}"


def formula(expr: Any) -> str:
    """An expression as text.

    >>> from theory.symbols import c, n
    >>> formula((1 - c / n) ** (1 - n))
    '(1 - c/n)**(1 - n)'
    """
    return _Text().doprint(expr)


def latex(expr: Any) -> str:
    """An expression in LaTeX."""
    return _Latex().doprint(expr)


_SIGNS = {"==": "="}


def conditions_text(conditions: Iterable[sympy.Basic]) -> str:
    """Conditions as text; two that bound one symbol are chained.

    >>> from theory.symbols import c, n
    >>> conditions_text([sympy.Gt(c, 0, evaluate=False), c < n])
    '0 < c < n'
    """
    lower: dict[Expr, tuple[str, Expr]] = {}
    rest: list[Any] = []
    for condition in conditions:
        relation: Any = condition
        if relation.rel_op in (">", ">=") and relation.rhs.is_number and relation.lhs not in lower:
            lower[relation.lhs] = ("<" if relation.rel_op == ">" else "<=", relation.rhs)
        else:
            rest.append(relation)
    texts = []
    for relation in rest:
        text = f"{formula(relation.lhs)} {_SIGNS.get(relation.rel_op, relation.rel_op)} {formula(relation.rhs)}"
        if relation.rel_op in ("<", "<=") and relation.lhs in lower:
            sign, end = lower.pop(relation.lhs)
            text = f"{formula(end)} {sign} {text}"
        texts.append(text)
    texts += [f"{formula(term)} {'>' if sign == '<' else '>='} {formula(end)}" for term, (sign, end) in lower.items()]
    return ", ".join(texts)
